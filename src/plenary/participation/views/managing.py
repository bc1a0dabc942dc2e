"""The desk's page of a consultation: where it stands, what comes next, and every kind of work in it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from plenary.kit import access
from plenary.kit.languages import content_language
from plenary.participation import queries
from plenary.participation.models import Consultation
from plenary.participation.phases import Act
from plenary.participation.works import list_works

from .lifecycle import STEPS, steps_of
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
        "steps": [(name, STEPS[name]) for name in steps_of(found, now)],
        "link": request.build_absolute_uri(
            reverse("consultation", args=[reference], query={"key": found.link_key})
        )
        if found.access == Consultation.Access.LINK and found.link_key
        else "",
        "turns": queries.list_turns(found),
        "unanswered": found.allows(Act.REPLY, now)
        and not found.is_draft
        and queries.get_reply(found, "", request.user) is None,
    }
    return render(request, "participation/manage.html", context)
