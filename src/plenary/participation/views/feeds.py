"""Calendars and feeds, for programs that look again and again: small, with an ETag, the same for everybody."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from plenary.kit import access
from plenary.kit.languages import content_language
from plenary.participation import feeds, queries
from plenary.participation.models import Consultation

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)  # of a feed without news
EVERYBODY = AnonymousUser()  # a feed is what everybody may read, whoever asks for it


def _answer(request: HttpRequest, body: bytes, kind: str, name: str = "") -> HttpResponse:
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    response = HttpResponse(body, content_type=f"{kind}; charset=utf-8")
    response["ETag"] = tag
    response["Cache-Control"] = "public, max-age=300"
    if name:
        response["Content-Disposition"] = f'inline; filename="{name}"'
    patch_vary_headers(response, ["Accept-Language", "Cookie"])
    found: HttpResponse = get_conditional_response(request, etag=tag, response=response) or response
    return found


def _public(reference: str, language: str) -> Consultation:
    found = queries.get_consultation_for(EVERYBODY, reference, language)
    if found is None:
        raise Http404
    return found


def _calendar(request: HttpRequest, found: list[Consultation], name: str, file: str) -> HttpResponse:
    body = feeds.calendar(
        found, name=name, language=content_language(request), host=request.get_host().partition(":")[0],
        page=lambda item: request.build_absolute_uri(reverse("consultation", args=[item.reference])),
    )  # fmt: skip
    return _answer(request, body, "text/calendar", file)


@access.everyone
@require_safe
def consultations_calendar(request: HttpRequest) -> HttpResponse:
    """The phases of all consultations that are for everybody."""
    with translation.override(_interface(request)):
        found = queries.list_consultations_for(EVERYBODY, content_language(request))
        return _calendar(request, found, _("Consultations"), "consultations.ics")


@access.everyone
@require_safe
def consultation_calendar(request: HttpRequest, reference: str) -> HttpResponse:
    with translation.override(_interface(request)):
        found = _public(reference, content_language(request))
        return _calendar(request, [found], str(found.said["title"]), f"{found.reference}.ics")


@access.everyone
@require_safe
def consultations_feed(request: HttpRequest) -> HttpResponse:
    """Consultations announced, opened, closed and answered, the newest first."""
    language = content_language(request)
    with translation.override(_interface(request)):
        events: list[Any] = queries.list_news(EVERYBODY, language)
        entries = [
            {
                "title": feeds.turn_in_words(event, event.said["title"]),
                "description": str(event.said["question"]),
                "link": request.build_absolute_uri(reverse("consultation", args=[event.record.reference])),
                "id": request.build_absolute_uri(f"{event.record.get_absolute_url()}#event-{event.pk}"),
                "at": event.at,
            }
            for event in events
        ]
        body = feeds.feed(
            title=_("Consultations: opened, closed, answered"), language=language, entries=entries,
            link=request.build_absolute_uri(reverse("consultations")), address=request.build_absolute_uri(),
            updated=events[0].at if events else EPOCH,
        )  # fmt: skip
    return _answer(request, body.encode(), "application/atom+xml")


@access.everyone
@require_safe
def statements_feed(request: HttpRequest, reference: str) -> HttpResponse:
    """A consultation's accepted statements, the last accepted first."""
    language = content_language(request)
    with translation.override(_interface(request)):
        found = _public(reference, language)
        entries = [
            feeds.statement_entry(each, request.build_absolute_uri)
            for each in queries.list_newly_accepted(found, language)
        ]
        body = feeds.feed(
            title=_("%(title)s: statements") % {"title": str(found.said["title"])}, language=language, entries=entries,
            link=request.build_absolute_uri(reverse("consultation-statements", args=[reference])),
            address=request.build_absolute_uri(),
            updated=entries[0]["at"] if entries else found.record.created_at,
        )  # fmt: skip
    return _answer(request, body.encode(), "application/atom+xml")


def _interface(request: HttpRequest) -> str:
    """The interface's words in the language that the address asks for, where there are any."""
    asked = content_language(request).lower()
    known = {"zh": "zh-hans"}
    try:
        return translation.get_supported_language_variant(known.get(asked, asked))
    except LookupError:
        return translation.get_language() or "en"
