"""The question with its card; votes are posted there as well."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from plenary.kit import access
from plenary.kit.errors import Refused
from plenary.kit.languages import content_language
from plenary.participation import actions, queries, rules, voters, ways_in
from plenary.participation.forms import StatementForm, VoteForm
from plenary.participation.models import Consultation, Vote
from plenary.participation.phases import Act

from . import first_pages
from .shared import address, asked_again, came_by, get_consultation, see, seen_so_far, then_next

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    class Request(HttpRequest):
        htmx: HtmxDetails


@access.everyone
@csrf_exempt  # voters.of_form looks where a form comes from: a cached page can carry no token of Django's
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@ways_in.remembered
def consultation(request: Request, reference: str) -> HttpResponse:
    """The question, its card, and what comes of it. A vote is posted here as well, so that the address stays."""
    answer = first_pages.answer(
        request, reference, lambda asker: _show_card(request, get_consultation(request, reference), asker)
    )
    if answer is not None:
        return answer
    found = get_consultation(request, reference)
    if request.method == "POST":
        return _take_vote(request, found)
    asker = voters.of_page(request, found)
    return _show_card(
        request,
        found,
        asker,
        again=asked_again(request.GET),
        seen=seen_so_far(request.GET),
        then=then_next(request.GET),
    )


def show_consultation(request: Request, found: Consultation, asker: voters.Asker) -> HttpResponse:
    """The page for somebody who came in another way than by its address."""
    return _show_card(request, found, asker)


def _take_vote(request: Request, found: Consultation) -> HttpResponse:
    asker = voters.of_form(request, found)
    if asker is None:
        notice = _(
            "This card was too old or incomplete, so nothing was counted. Here is a new one: please vote again."
        )
        return _show_card(request, found, voters.newcomer(found), notice=notice, status=422)
    seen, then = seen_so_far(request.POST), then_next(request.POST)
    if "again" in request.POST:  # looks at a card again; it comes as a form, for those without a cookie
        again = asked_again(request.POST)
        if asker.is_remembered and not request.htmx:
            return see(request, found, again=again, seen=" ".join(seen), then=then)
        return _show_card(request, found, asker, again=again, seen=seen, then=then)
    if "skip" in request.POST:  # writes nothing: what she goes past is stored with her next vote
        seen = seen_so_far(request.POST, request.POST.get("statement", ""))
        if asker.is_remembered and not request.htmx:
            return see(request, found, seen=" ".join(seen))
        return _show_card(request, found, asker, seen=seen, skipped=True)
    form = VoteForm(request.POST)
    if not form.is_valid():
        notice = _("This answer could not be read, so nothing was counted. Please vote again.")
        return _show_card(request, found, asker, notice=notice, status=422)
    try:
        taken = actions.take_vote(
            consultation=found, voter=asker.voter, now=timezone.now(), seen=seen, **form.cleaned_data
        )
    except Refused as refusal:
        return _show_card(request, found, asker, seen=seen, notice=str(refusal.message), status=409)
    if taken.is_written and (code := came_by(request)):
        actions.count_first_vote(consultation=found, voter=asker.voter, code=code, now=timezone.now())
    if taken.is_conflict:
        notice = _("You had already answered “%(answer)s” here, and that counts. Answer again to change it.")
        answer = {"answer": Vote.Value(taken.value).label}
        again = form.cleaned_data["statement"]
        response = _show_card(
            request, found, asker, again=again, then=then, notice=notice % answer, status=409
        )
    elif asker.is_remembered and not request.htmx:
        return see(request, found, then=then)
    else:
        response = _show_card(request, found, asker, then=then, counted=True)
    voters.remember(response, asker, found)
    return response


def _show_card(
    request: Request,
    found: Consultation,
    asker: voters.Asker,
    *,
    again: str = "",
    seen: Sequence[str] = (),
    then: str = "",
    notice: str = "",
    counted: bool = False,
    skipped: bool = False,
    status: int = 200,
) -> HttpResponse:
    """The page, or for htmx its card alone. Without cookies, the token in the form carries on what was begun."""
    language = queries.reading_language(found, content_language(request))
    now = timezone.now()
    card = queries.get_card(found, asker.voter, language, again, seen, then)
    context = card_context(
        request, found, asker, card, language, now, notice=notice, counted=counted, skipped=skipped
    )
    if request.htmx:
        return render(request, "participation/_card.html", context | {"is_fragment": True}, status=status)
    queries.with_numbers([found])
    context |= {
        "via": came_by(request),
        "sees_about": queries.may_see_about(request.user, found),
        "may_moderate": rules.may_moderate(request.user),
        "may_write": rules.may_write(found, now),
        "reply": queries.get_reply(found, language, request.user) if found.allows(Act.REPLY, now) else None,
        "turns": queries.list_turns(found),
        "form": StatementForm(reading=language, offered=found.languages),
        "may_appeal": rules.may_appeal(found, now),
    }
    return render(request, "participation/consultation.html", context, status=status)


def card_context(
    request: HttpRequest,
    found: Consultation,
    asker: voters.Asker,
    card: queries.Card,
    language: str,
    now: datetime,
    *,
    notice: str = "",
    counted: bool = False,
    skipped: bool = False,
) -> dict[str, Any]:
    """What the card's template needs. `quick` renders it with marks instead of numbers, once for many people."""
    return {
        "consultation": found,
        "card": card,
        "phase": found.phase_at(now),
        "is_open": found.is_open(now),
        "must_sign_in": rules.must_sign_in(found, Act.VOTE, has_account=asker.voter.user is not None),
        "token": asker.token,
        "asker": asker,
        "page_url": address(request, found),
        "card_language": language,
        "notice": notice,
        "counted": counted,
        "skipped": skipped,
    }
