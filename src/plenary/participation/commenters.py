"""Who comments on the clauses of a strategy: as ``voters`` does it for consultations, with a token of its own.

The token is signed for the strategy, whose record's id no consultation shares, so neither opens the other's door, and
the cookie goes to the pages of its comments alone.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from plenary.strategy.models import Strategy

from . import tokens
from .tokens import Voter
from .voters import COOKIE_AGE, Asker, refuse_foreign_forms

COOKIE = "commenting"


def of_page(request: HttpRequest, strategy: Strategy) -> Asker:
    """Who looks at the comments; a newcomer gets a token that nobody has seen. Writes nothing."""
    return _known(request, strategy) or newcomer(strategy)


def of_form(request: HttpRequest, strategy: Strategy) -> Asker | None:
    """Who sends a form, or None where it carries nothing that we signed for this strategy."""
    refuse_foreign_forms(request, COOKIE)
    known = _known(request, strategy)
    if known is not None:
        return known
    token = request.POST.get("token", "")
    token_hash = tokens.read(token, strategy.pk)
    return Asker(Voter(token_hash=token_hash), token, False) if token_hash else None


def newcomer(strategy: Strategy) -> Asker:
    token = tokens.mint(strategy.pk)
    return Asker(Voter(token_hash=tokens.read(token, strategy.pk)), token, False)


def remember(response: HttpResponse, asker: Asker, strategy: Strategy) -> None:
    """Let the browser be known again on the pages of these comments."""
    if asker.is_remembered:
        return
    response.set_cookie(
        COOKIE,
        asker.token,
        max_age=COOKIE_AGE,
        path=reverse("comments-of", args=[strategy.reference]),
        secure=settings.PLENARY_HTTPS,
        httponly=True,
        samesite="Lax",
    )


def _known(request: HttpRequest, strategy: Strategy) -> Asker | None:
    if request.user.is_authenticated:
        return Asker(Voter(user=request.user), "", True)
    token = request.COOKIES.get(COOKIE, "")
    token_hash = tokens.read(token, strategy.pk)
    return Asker(Voter(token_hash=token_hash), token, True) if token_hash else None
