"""The list of consultations, opening one, and the terms of taking part."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from plenary.kit import access
from plenary.kit.answers import status_of, submit
from plenary.kit.filters import Choice, Filters, Search
from plenary.kit.languages import content_language, language_name
from plenary.participation import actions, queries, rules
from plenary.participation.forms import ConsultationForm
from plenary.participation.phases import Phase
from plenary.records.queries import get_record_for
from plenary.records.texts import with_texts

from .shared import PAGE, with_phase

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    class Request(HttpRequest):
        htmx: HtmxDetails


@access.everyone
@require_safe
def consultations(request: HttpRequest) -> HttpResponse:
    """What is open first, what opens next, what is being answered, what is over."""
    now, language = timezone.now(), content_language(request)
    found = with_phase(queries.list_consultations_for(request.user, language), now)
    topics = queries.list_topics(request.user, found, language)
    offered = sorted({tag for item in found for tag in item.languages})
    filters = Filters(
        request.GET,
        Search(_("Words of the title or the question")),
        Choice("phase", _("Phase"), [("", _("any")), *Phase.choices]),
        Choice("language", _("Language"), [("", _("any")), *((tag, language_name(tag)) for tag in offered)]),
        Choice("about", _("About"), [("", _("anything")), *topics]),
    )
    shown = [item for item in found if _is_asked_for(item, filters)]
    shown.sort(key=lambda item: _place(item, now))
    page = Paginator(shown, PAGE).get_page(request.GET.get("page"))
    items: list[Any] = queries.with_numbers(list(page.object_list))
    for item in items:
        item.heading = HEADINGS[_place(item, now)[0]]
    return render(
        request,
        "participation/consultations.html",
        {
            "page": page,
            "filters": filters,
            "consultations": items,
            "may_open": rules.may_open_consultation(request.user),
        },
    )


HEADINGS = (
    pgettext_lazy("consultations", "Open now"),
    pgettext_lazy("consultations", "Coming"),
    pgettext_lazy("consultations", "Drafts"),
    pgettext_lazy("consultations", "Being analysed or answered"),
    pgettext_lazy("consultations", "Closed"),
)
_PLACES = {
    Phase.OPEN: 0, Phase.FINAL: 0, Phase.ANNOUNCED: 1, Phase.ANALYSIS: 3, Phase.ANSWER: 3, Phase.CLOSED: 4
}  # fmt: skip


def _place(item: Any, now: datetime) -> tuple[int, bool, float]:
    """Under which heading it stands, and where: what closes or opens first, then what ended last."""
    place = 2 if item.is_draft else _PLACES[item.phase]
    if place == 0:
        ends = item.final_closes_at if item.phase == Phase.FINAL else item.closes_at
        return place, item.phase == Phase.FINAL, ends.timestamp() if ends else float("inf")
    if place in (1, 2):
        return place, False, item.opens_at.timestamp()
    return place, False, -item.closes_at.timestamp()


def _is_asked_for(item: Any, filters: Filters) -> bool:
    words, tag = filters["q"].casefold(), filters["language"]
    said = (item.said["title"].body, item.said["question"].body)
    return (
        (not words or any(words in text.casefold() for text in said))
        and (not filters["phase"] or item.phase == filters["phase"])
        and (not tag or not item.languages or tag in item.languages)
        and (not filters["about"] or (item.about is not None and item.about.reference == filters["about"]))
    )


@access.ruled("participation.rules.may_open_consultation")
@require_http_methods(["GET", "HEAD", "POST"])
def new_consultation(request: HttpRequest) -> HttpResponse:
    assert request.user.is_authenticated  # what its access says, for the type checker
    language = content_language(request)
    asked = request.GET.get("about", "")
    about = get_record_for(request.user, asked) if asked else None
    if asked and about is None:
        raise Http404
    person = request.user
    form = ConsultationForm(request.POST or None, reading=language, initial={"opens_at": timezone.now()})
    answer = submit(
        request,
        form,
        lambda now: actions.open_consultation(
            about=about, by=person, now=now, is_draft="draft" in request.POST, **form.cleaned_data
        ),
        to=lambda made: reverse(
            "manage-consultation" if made.is_draft else "consultation", args=[made.reference]
        ),
    )
    if about is not None:
        with_texts([about], language, title="title_id")
    context = {"form": form, "about": about}
    return answer or render(request, "participation/new_consultation.html", context, status=status_of(form))


@access.everyone
@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    """What taking part means: what is stored, what is published, what can be undone."""
    return render(request, "participation/terms.html")
