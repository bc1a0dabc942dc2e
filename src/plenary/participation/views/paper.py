"""Consultations on paper: what is printed, and what comes back."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from plenary.kit import access
from plenary.kit.answers import status_of, submit
from plenary.kit.errors import Refused
from plenary.kit.languages import content_language
from plenary.participation import paper_codes, printing, queries
from plenary.participation.models import Consultation
from plenary.participation.paper_forms import PrintForm

from .shared import get_consultation


@access.ruled("participation.rules.may_enter")
@require_http_methods(["GET", "HEAD", "POST"])
def paper(request: HttpRequest, reference: str) -> HttpResponse:
    """What to print, and what came back so far. The PDF is the answer to the form."""
    language = content_language(request)
    found = get_consultation(request, reference, language)
    form = PrintForm(request.POST or None, initial={"language": language})
    answer = submit(request, form, lambda now: _print(request, found, form), to=lambda made: made)
    if answer:
        return answer
    context: dict[str, Any] = {
        "consultation": queries.with_words(found, language),
        "form": form,
        "submissions": queries.list_submissions(found),
    }
    return render(request, "participation/paper.html", context, status=status_of(form))


def _print(request: HttpRequest, found: Consultation, form: PrintForm) -> HttpResponse:
    asked = form.cleaned_data
    language: str = asked["language"]
    statements = queries.list_statements_for_paper(
        found,
        language,
        references=asked["chosen"] if asked["which"] == "chosen" else (),
        fewest=asked["count"] if asked["which"] == "fewest" else 0,
    )
    problem = form.problem_with(len(statements))
    if problem:
        raise Refused(problem)
    queries.with_words(found, language)
    address = request.build_absolute_uri(
        reverse("consultation", args=[found.reference], query={"lang": language})
    )
    given: Any = {"language": language, "address": address, "paper": asked["paper"], "large": asked["large"]}
    if asked["what"] == "sheet":
        made = printing.sheet(found, statements, **given)
    else:
        codes = paper_codes.mint_many(found.pk, asked["copies"])
        made = printing.ballots(found, statements, codes=codes, **given)
    name = f"{found.reference}-{asked['what']}-{language}.pdf"
    return HttpResponse(
        made,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )
