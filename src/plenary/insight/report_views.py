"""The report of a result: a page to read and to print, a tagged PDF, and the notes of the desk in it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from plenary.kit import access
from plenary.kit.answers import status_of, submit
from plenary.kit.errors import Refused
from plenary.participation.queries import count_waiting_flags

from . import report_pdf as pdf
from . import rules
from .drawing import draw_map
from .report_actions import write_note
from .report_forms import NoteForm
from .report_making import Made, make_report
from .report_sentences import Mismatch
from .shell import Result, open_result


@access.read_by(access.everyone, written_by=access.ruled("insight.rules.may_note"))
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, reference: str) -> HttpResponse:
    """The report in the reader's language; for the desk, a form for a note under every section."""
    found = open_result(request, reference)
    context = found.context(_("Report"), "results-report")
    try:
        made = make_report(found.analysis, found.reader, found.language)
    except Mismatch:
        return render(request, "insight/report_refused.html", context, status=503)
    may_note = rules.may_note(request.user)
    sent = request.POST.get("section", "") if request.method == "POST" else ""
    forms = {part.name: _form(request, part, sent) for part in made.parts} if may_note else {}
    if request.method == "POST":
        if sent not in forms:
            raise Http404
        answer = submit(
            request,
            forms[sent],
            lambda now: _write(request, found, forms[sent], now),
            to=f"{request.get_full_path()}#{sent}",
            done=_("Your note was saved."),
        )
        if answer:
            return answer
    context |= {
        "made": made,
        "sections": [(part, forms.get(part.name)) for part in made.parts],
        "map": draw_map(found.analysis, found.overview),
        "languages": settings.LANGUAGES,
        "question": found.consultation.said["question"],
        "waiting_flags": count_waiting_flags(found.consultation),
    }
    return render(request, "insight/report.html", context, status=status_of(forms.get(sent)))


def _form(request: HttpRequest, part: Any, sent: str) -> NoteForm:
    note = part.note
    given = request.POST if sent == part.name else None
    initial = {"section": part.name, "seen": note.text_id if note else 0}
    if note:
        initial |= {"body": note.text.body, "language": note.text.source_language}
    return NoteForm(given, auto_id=f"id_{part.name}_%s", initial=initial)


def _write(request: HttpRequest, found: Result, form: NoteForm, now: datetime) -> None:
    assert request.user.is_authenticated  # what its access says, for the type checker
    given = form.cleaned_data
    write_note(
        analysis=found.analysis,
        section=given["section"],
        body=given["body"],
        language=given["language"].split("-")[0],
        seen=given["seen"] or 0,
        by=request.user,
        now=now,
    )


@access.everyone
@require_safe
def report_pdf(request: HttpRequest, reference: str) -> HttpResponse | FileResponse:
    """The report as tagged PDF, in one of the interface's languages."""
    language = _interface_language(request.GET.get("lang", "") or translation.get_language() or "en")
    with translation.override(language):
        found = open_result(request, reference)
        title = found.context(_("Report"), "results-report")
        try:
            made: Made = make_report(found.analysis, found.reader, found.language, anew=True)
            content = pdf.report_pdf(
                found.analysis,
                made,
                language=language,
                question=found.consultation.said["question"],
                picture=draw_map(found.analysis, found.overview),
                address=request.build_absolute_uri(reverse("results-report", args=[reference])),
            )
        except Mismatch:
            return render(request, "insight/report_refused.html", title, status=503)
        except Refused as refusal:
            return render(
                request, "insight/report_refused.html", title | {"reason": refusal.message}, status=503
            )
    response = HttpResponse(content, content_type="application/pdf")
    name = f"{found.analysis.reference}-{language.split('-')[0]}.pdf"
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return response


def _interface_language(tag: str) -> str:
    """The interface's language for a tag: «zh» is «zh-hans»; English where it has none."""
    known = [code for code, _name in settings.LANGUAGES]
    wanted = tag.lower()
    if wanted in known:
        return wanted
    return next((code for code in known if code.split("-")[0] == wanted.split("-")[0]), "en")
