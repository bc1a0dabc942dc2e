"""The desk's page of a consultation: where it stands, what comes next, and every kind of work in it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from plenary.kit import access
from plenary.kit.languages import content_language
from plenary.participation import queries
from plenary.participation.works import list_works

from .shared import get_consultation


@access.ruled("participation.rules.may_manage")
@require_safe
def manage_consultation(request: HttpRequest, reference: str) -> HttpResponse:
    found = get_consultation(request, reference, content_language(request))
    now = timezone.now()
    spans = [(span, span.stands_to(now)) for span in found.spans()]
    context = {
        "consultation": queries.with_numbers([found])[0],
        "phase": found.phase_at(now),
        "spans": spans,
        "next": next((span for span, stands in spans if stands == "ahead"), None),
        "works": list_works(found, now),
    }
    return render(request, "participation/manage.html", context)
