"""Texts to professional translators and back, as files."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from plenary.kit import access
from plenary.kit.errors import Refused
from plenary.kit.languages import language_name
from plenary.kit.templatetags.kit import grouped
from plenary.translations import actions, formats, queries
from plenary.translations.forms import ImportForm

from .shared import Asked, into, language_or_404, reading, signed_in, trail
from .work import WHY

_SALT = "translations-import"
_AN_HOUR = 3600
SHOWN = 200  # rows of a preview; the rest is counted


@access.ruled("translations.rules.may_translate", why=WHY)
@require_safe
def export(request: HttpRequest, language: str) -> HttpResponse:
    """The texts of a list as a file for translators: XLIFF of one original language, or PO of any."""
    user, language = signed_in(request), language_or_404(language)
    kind, source = request.GET.get("format", "xlf"), request.GET.get("from", "")
    if kind not in formats.FORMATS or (kind == "xlf" and not source):
        raise Http404
    asked = Asked.in_query(request.GET)
    work = queries.load_work(user, timezone.now())
    whole = asked.whole_in(work.wholes(reading(request)))
    ids = asked.find(work, language, asked.texts(work, whole, user), user)
    if source:
        ids = [pk for pk in ids if work.sources[pk][0] == source]
    name = whole.key if whole else "all"
    notes = [
        _("Translate into %(language)s. Keep the ids. What you leave empty stays as it is.")
        % {"language": language_name(language)}
    ]
    content = formats.write(
        kind,
        queries.list_units(work, ids, language),
        name=name,
        language=language,
        source_language=source,
        notes=notes,
    )
    file = f"{name}-{source + '-' if source else ''}{language}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{file}"'}
    return HttpResponse(content, content_type=f"{formats.FORMATS[kind]}; charset=utf-8", headers=headers)


@access.ruled("translations.rules.may_translate", why=WHY)
@require_http_methods(["GET", "HEAD", "POST"])
def import_file(request: HttpRequest, language: str) -> HttpResponse:
    """Choose a file, look at what would become of every text in it, then take what is right, or nothing."""
    language = language_or_404(language)
    if "upload" in request.POST:
        return _import(request, language)
    if request.method != "POST":
        return _page(request, language, ImportForm())
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, language, form, status=413 if form.is_too_large() else 422)
    content = form.cleaned_data["file"].read()
    try:
        check = _check(request, content, language)
    except formats.FileError as error:
        form.add_error("file", _in_words(error))
        return _page(request, language, form, status=422)
    kept = actions.keep_file(content=content, now=timezone.now())
    upload = {"snapshot": kept.pk, "language": language, "by": signed_in(request).pk}
    context: dict[str, Any] = {
        "target": language,
        "name": form.cleaned_data["file"].name,
        "check": check,
        "wrong": check.wrong[:SHOWN],
        "taken": check.taken[:SHOWN],
        "upload": signing.dumps(upload, salt=_SALT),
        "trail": _trail(language),
    }
    return render(request, "translations/import_preview.html", context)


def _check(request: HttpRequest, content: bytes, language: str) -> queries.Check:
    file = formats.read(content)
    queries.check_language(file, language)
    if not file.units:
        raise formats.FileError(_("The file holds no texts."))
    return queries.check_units(queries.load_work(signed_in(request), timezone.now()), file, language)


def _in_words(error: formats.FileError) -> str:
    if error.line is None:
        return str(error.message)
    return _("Line %(number)s: %(problem)s") % {"number": grouped(error.line), "problem": error.message}


def _import(request: HttpRequest, language: str) -> HttpResponse:
    here = reverse("translations-import", args=[language])
    user = signed_in(request)
    try:
        upload = signing.loads(request.POST["upload"], salt=_SALT, max_age=_AN_HOUR)
    except signing.BadSignature:
        upload = {}
    content = queries.get_upload(upload["snapshot"]) if "snapshot" in upload else None
    if content is None or upload.get("by") != user.pk or upload.get("language") != language:
        messages.error(
            request, _("The preview has expired. Please choose the file again. Nothing was written.")
        )
        return HttpResponseRedirect(here)
    try:
        done = actions.import_units(content=content, language=language, by=user, now=timezone.now())
    except (Refused, formats.FileError) as refusal:
        messages.error(request, str(refusal.message))
        return HttpResponseRedirect(here)
    words = ngettext(
        "%(count)s translation was written.", "%(count)s translations were written.", done.written
    ) % {"count": grouped(done.written)}
    messages.success(request, words)
    return HttpResponseRedirect(reverse("translate", args=[language]))


def _page(request: HttpRequest, language: str, form: ImportForm, status: int = 200) -> HttpResponse:
    context = {"target": language, "form": form, "trail": _trail(language)}
    return render(request, "translations/import.html", context, status=status)


def _trail(language: str) -> list[tuple[Any, str]]:
    return trail((into(language), reverse("translate", args=[language])), (_("Bring a file back"), ""))
