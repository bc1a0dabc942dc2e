"""What one person did in a consultation and what became of it: for her alone, without an account.

A page that she reaches with her cookie or her account is read with GET. Who has no cookie comes with the token in a
form, so every way on from here is a form as well.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from plenary.kit import access
from plenary.kit.languages import content_language
from plenary.participation import queries, rules, voters
from plenary.participation.models import Consultation

from .shared import address, get_consultation


@access.everyone
@csrf_exempt  # voters.of_form looks where a form comes from
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest, reference: str) -> HttpResponse:
    """What I wrote and voted, and what became of it. A form brings the token of who has no cookie."""
    found = get_consultation(request, reference, content_language(request))
    if request.method != "POST":
        return show_part(request, found, voters.of_page(request, found))
    asker = voters.of_form(request, found)
    if asker is None:
        return unknown_token(request, found)
    return show_part(request, found, asker)


def unknown_token(request: HttpRequest, found: Consultation) -> HttpResponse:
    """The answer to a token that is none of ours, or of another consultation."""
    notice = _(
        "This page was too old or incomplete, so we do not know whose it is, and nothing was changed. "
        "Open it again from the question, in the browser in which you took part."
    )
    return show_part(request, found, voters.newcomer(found), notice=notice, status=422)


def show_part(
    request: HttpRequest,
    found: Consultation,
    asker: voters.Asker,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    from .contacts import AddressForm

    now = timezone.now()
    part = queries.get_part(found, asker.voter, content_language(request))
    context = {
        "consultation": found,
        "part": part,
        "contact": queries.get_contact_of(part.participant),
        "contact_form": AddressForm(),
        "asker": asker,
        "token": asker.token,
        "page_url": address(request, found),
        "is_open": rules.may_vote(found, now),
    }
    return render(request, "participation/mine.html", context | more, status=status)
