"""A meeting or a pile of letters in one file."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from plenary.kit import access, tables, uploads
from plenary.kit.answers import status_of, submit
from plenary.kit.errors import Refused
from plenary.kit.languages import content_language
from plenary.participation import actions, batches, queries, rules
from plenary.participation.actions import Said
from plenary.participation.models import Consultation, Submission
from plenary.participation.paper_forms import BatchForm, read_codes

from .shared import get_consultation

SHOWN = 50  # problems on the page; the file that comes back has all of them


@access.ruled("participation.rules.may_enter")
@require_http_methods(["GET", "HEAD", "POST"])
def import_batch(request: HttpRequest, reference: str) -> HttpResponse:
    """Every row is checked before one is written; what is wrong comes back in the same file."""
    language = content_language(request)
    found = get_consultation(request, reference, language)
    form = BatchForm(request.POST or None, request.FILES or None, reading=language)
    wrong = _check(request, found, form) if form.is_bound and form.is_valid() else {}
    answer = None
    if not form.errors:
        answer = submit(
            request,
            form,
            lambda now: actions.enter_batch(
                consultation=found,
                facts=form.facts,
                batch=wrong["reading"].batch,
                sha256=wrong["sha256"],
                scan=form.cleaned_data["scan"],
                by=request.user,  # type: ignore[arg-type]
                now=now,
            ),
            to=lambda made: reverse("submission", args=[found.reference, made[0].pk]),
            done=_done,
            field="file",
        )
    context = {
        "consultation": queries.with_words(found, language),
        "form": form,
        "takes": rules.takes_paper(found, timezone.now()),
        **wrong,
    }
    too_large = form.is_bound and (form.has_error("file", "too-large") or form.has_error("scan", "too-large"))
    status = 413 if too_large else status_of(form)
    return answer or render(request, "participation/import_batch.html", context, status=status)


@access.ruled("participation.rules.may_enter")
@require_safe
def batch_template(request: HttpRequest, reference: str, name: str) -> HttpResponse:
    """The workbook, or one of its sheets as CSV, with fresh codes for ballots that have none."""
    language = content_language(request)
    found = get_consultation(request, reference, language)
    statements = queries.list_statements_for_paper(found, language)[: tables.MOST_COLUMNS - 2]
    made = batches.template(found.pk, statements, language=language, codes=read_codes(request.GET))
    if name == "template.xlsx":
        content, media_type = tables.write_xlsx(made), tables.XLSX
    else:
        sheet = next((each for each in made if f"{each.name}.csv" == name), None)
        if sheet is None:
            raise Http404
        content, media_type = tables.write_csv(sheet.rows), tables.CSV
    return HttpResponse(
        content,
        content_type=media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{found.reference}-{name}"',
            "Cache-Control": "no-store",
        },
    )


@access.ruled("participation.rules.may_enter")
@require_safe
def returned_batch(request: HttpRequest, reference: str, key: str) -> HttpResponseBase:
    """A file that was given back with what is wrong in it; for a day."""
    found = get_consultation(request, reference)
    match = re.fullmatch(r"[0-9a-f]{32}\.(xlsx|csv)", key)
    media_type = tables.XLSX if key.endswith("xlsx") else tables.CSV
    answer = (
        uploads.returned(key, media_type, f"{found.reference}-problems.{key[-4:].lstrip('.')}")
        if match
        else None
    )
    if answer is None:
        raise Http404
    return answer


def _check(request: HttpRequest, found: Consultation, form: BatchForm) -> dict[str, Any]:
    """Read the file of a form that is otherwise in order; adds what is wrong to the form."""
    content = form.cleaned_data["file"].read()
    sha256 = hashlib.sha256(content).hexdigest()
    if queries.is_file_entered(found, sha256):
        form.add_error("file", _("This file has been entered already. Nothing was entered again."))
        return {}
    try:
        workbook = tables.read(content)
    except Refused as refusal:
        form.add_error("file", str(refusal.message))
        return {}
    reading = batches.read(
        workbook,
        consultation_id=found.pk,
        statements=queries.map_accepted_references(found),
        entered=queries.entered_codes(found),
        language=form.cleaned_data["language"],
    )
    if not reading.problems:
        return {"reading": reading, "sha256": sha256}
    count = len(reading.problems.found)
    words = ngettext(
        "%(count)s cell is wrong, so nothing was entered. Mend it and send the file again.",
        "%(count)s cells are wrong, so nothing was entered. Mend them and send the file again.",
        count,
    )
    form.add_error("file", words % {"count": number_format(count, force_grouping=True)})
    returned = tables.with_problems(workbook, reading.problems)
    return {
        "problems": list(reading.problems.listed(workbook, SHOWN)),
        "more": max(0, count - SHOWN),
        "returned": uploads.give_back(returned, workbook.suffix, timezone.now()),
    }


def _done(made: tuple[Submission, Said]) -> str:
    submission, said = made
    ballots = len(queries.list_ballots(submission))
    words = _("Entered. Ballots: %(ballots)s. Statements: %(statements)s.") % {
        "ballots": number_format(ballots, force_grouping=True),
        "statements": number_format(len(said.added), force_grouping=True),
    }
    if not said.again:
        return words
    again = _("%(count)s had been said already and are noted as said here too: %(names)s.") % {
        "count": number_format(len(said.again), force_grouping=True),
        "names": ", ".join(each.reference for each in said.again[:20]),
    }
    return f"{words} {again}"
