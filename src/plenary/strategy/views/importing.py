"""A strategy from a file, for the desk: upload, look at what was read, import."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from plenary.kit import access

from .. import actions, forms, queries
from ..doubts import doubt_in_words, error_in_words
from ..parsing import ParsedStrategy, StrategyFormatError, parse_strategy
from .reading import signed_in

_SALT = "strategy-import"
_AN_HOUR = 3600


@access.ruled("strategy.rules.may_import", why=gettext_lazy("The desk imports strategies."))
@require_http_methods(["GET", "HEAD", "POST"])
def import_strategy(request: HttpRequest) -> HttpResponse:
    if "upload" in request.POST:
        return _import(request)
    today = timezone.localdate(timezone.now())
    initial = {"language": (get_language() or "en").split("-")[0], "adopted_on": today}
    if request.method != "POST":
        return render(request, "strategy/import.html", {"form": forms.ImportForm(initial=initial)})
    form = forms.ImportForm(request.POST, request.FILES)
    if form.is_valid():
        return _preview(request, form)
    status = 413 if form.is_too_large() else 422
    return render(request, "strategy/import.html", {"form": form}, status=status)


def _preview(request: HttpRequest, form: forms.ImportForm) -> HttpResponse:
    """What was read, and what was doubtful. The bytes are kept, so that what is imported is what was looked at."""
    entered = form.cleaned_data
    content = entered["file"].read()
    try:
        parsed = parse_strategy(content, language=entered["language"], name=entered["file"].name)
    except StrategyFormatError as error:
        form.add_error("file", error_in_words(error))
        return render(request, "strategy/import.html", {"form": form}, status=422)
    known = queries.find_imported(hashlib.sha256(content).hexdigest())
    kept = actions.keep_upload(content=content, now=timezone.now())
    upload = {
        "snapshot": kept.pk,
        "name": entered["file"].name,
        "language": entered["language"],
        "adopted_on": entered["adopted_on"].isoformat(),
        "review_by": entered["review_by"].isoformat() if entered["review_by"] else None,
    }
    context: dict[str, Any] = {
        "parsed": parsed,
        "outline": _outline(parsed),
        "doubts": [doubt_in_words(doubt) for doubt in parsed.doubts],
        "known": known,
        "name": upload["name"],
        "upload": signing.dumps(upload, salt=_SALT),
        "adopted_on": entered["adopted_on"],
    }
    return render(request, "strategy/import_preview.html", context)


def _outline(parsed: ParsedStrategy) -> list[tuple[int, Any]]:
    """All clauses with their depth, in reading order."""
    depths = {clause.ref: 0 for clause in parsed.clauses}
    rows = []
    for clause in parsed.walk():
        rows.append((depths[clause.ref], clause))
        depths |= {child.ref: depths[clause.ref] + 1 for child in clause.children}
    return rows


def _import(request: HttpRequest) -> HttpResponse:
    try:
        upload = signing.loads(request.POST["upload"], salt=_SALT, max_age=_AN_HOUR)
    except signing.BadSignature:
        messages.error(request, _("The preview has expired. Please choose the file again."))
        return HttpResponseRedirect(reverse("strategy-import"))
    content = queries.get_upload(upload["snapshot"])
    parsed = parse_strategy(content, language=upload["language"], name=upload["name"])
    now = timezone.now()
    try:
        version = actions.import_strategy(
            parsed=parsed,
            sha256=hashlib.sha256(content).hexdigest(),
            file_name=upload["name"],
            by=signed_in(request),
            now=now,
            adopted_on=date.fromisoformat(upload["adopted_on"]),
            review_by=date.fromisoformat(upload["review_by"]) if upload["review_by"] else None,
        )
    except actions.AlreadyImported as known:
        messages.info(request, str(known.message))
        return HttpResponseRedirect(reverse("strategy", args=[known.strategy.reference]))
    messages.success(request, _("Imported as %(strategy)s.") % {"strategy": version.strategy.reference})
    return HttpResponseRedirect(reverse("strategy", args=[version.strategy.reference]))
