"""Who is asking: from the account, the resume cookie, or the token in the form. See docs/architecture.md.

The cookie holds the same signed token as the form and is set with the answer to a first act, never with a page. It
wins over the form's token, so that two cards opened side by side before the first vote are still one participant.
Who signs in after she began goes on with what she began: see docs/decisions/0006-who-votes.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from . import queries, tokens
from .models import Consultation
from .tokens import Voter

COOKIE = queries.TAKING_PART
COOKIE_AGE = timedelta(days=180)


@dataclass(frozen=True)
class Asker:
    voter: Voter
    token: str
    """Goes into every form of the page; empty for who is signed in."""
    is_remembered: bool
    """The next request will know her without a token: she is signed in, or her browser sent the cookie back."""
    goes_on_without_account: bool = False
    """She is signed in, but began in this browser without her account, and stays that participant."""
    began_twice: bool = False
    """Her account and this browser's cookie each have votes here; those of her account are at hand."""


def of_page(request: HttpRequest, consultation: Consultation) -> Asker:
    """Who looks at a page; a newcomer gets a token that nobody has seen. Writes nothing."""
    return known(request, consultation) or newcomer(consultation)


def of_form(request: HttpRequest, consultation: Consultation) -> Asker | None:
    """Who sends a form, or None where it carries nothing that we signed for this consultation.

    Raises PermissionDenied where another site may have made the browser send it.
    """
    refuse_foreign_forms(request)
    asker = known(request, consultation)
    if asker is not None:
        return asker
    return of_token(request.POST.get("token", ""), consultation)


def of_token(token: str, consultation: Consultation) -> Asker | None:
    """Whoever holds a token, by that alone, or None where we did not sign it for this consultation."""
    token_hash = tokens.read(token, consultation.pk)
    return Asker(Voter(token_hash=token_hash), token, False) if token_hash else None


def of_sender(request: HttpRequest, consultation_id: int) -> Asker | None:
    """Who sends a form without being signed in, by the cookie or by the form; None as for ``of_form``."""
    refuse_foreign_forms(request)
    kept = request.COOKIES.get(COOKIE, "")
    for token, is_remembered in ((kept, True), (request.POST.get("token", ""), False)):
        token_hash = tokens.read(token, consultation_id) if token else None
        if token_hash:
            return Asker(Voter(token_hash=token_hash), token, is_remembered)
    return None


def newcomer(consultation: Consultation) -> Asker:
    token = tokens.mint(consultation.pk)
    return Asker(Voter(token_hash=tokens.read(token, consultation.pk)), token, False)


def remember(response: HttpResponse, asker: Asker, consultation: Consultation) -> None:
    """Let the browser resume: one cookie per consultation, sent to its pages alone, out of reach of scripts."""
    if asker.is_remembered:
        return
    response.set_cookie(
        COOKIE,
        asker.token,
        max_age=COOKIE_AGE,
        path=reverse("consultation", args=[consultation.reference]),
        secure=settings.PLENARY_HTTPS,
        httponly=True,
        samesite="Lax",
    )


def forget(response: HttpResponse, consultation: Consultation) -> None:
    """Let the browser hold nothing of her any more."""
    response.delete_cookie(
        COOKIE, path=reverse("consultation", args=[consultation.reference]), samesite="Lax"
    )


def known(request: HttpRequest, consultation: Consultation) -> Asker | None:
    """Who is known by her account or by what her browser keeps; None for a newcomer."""
    token = request.COOKIES.get(COOKIE, "")
    token_hash = tokens.read(token, consultation.pk)
    of_cookie = Voter(token_hash=token_hash) if token_hash else None
    if not request.user.is_authenticated:
        return Asker(of_cookie, token, True) if of_cookie else None
    of_account = Voter(user=request.user)
    if Consultation.TakingPart.ACCOUNT in (consultation.voting_by, consultation.writing_by):
        return Asker(of_account, "", True)  # what she began without it would be refused from now on
    if of_cookie is None or queries.get_participant(consultation, of_cookie) is None:
        return Asker(of_account, "", True)
    if queries.get_participant(consultation, of_account) is None:
        return Asker(of_cookie, token, True, goes_on_without_account=True)
    return Asker(of_account, "", True, began_twice=True)


def refuse_foreign_forms(request: HttpRequest, cookie: str = COOKIE, *, lets_in: bool = False) -> None:
    """A form that travels with a cookie must come from a page of ours; without one, it has only what it says itself.

    ``lets_in`` is for answers that make this browser somebody's: another site could otherwise make it vote as whom it
    likes, and read what was voted. Browsers that tell nothing of where a form comes from are believed there.
    """
    has_cookie = cookie in request.COOKIES or settings.SESSION_COOKIE_NAME in request.COOKIES
    site = request.headers.get("Sec-Fetch-Site")
    tells = site is not None or request.headers.get("Origin", "null") != "null"
    if not has_cookie and not (lets_in and tells):
        return
    if site is not None:
        is_ours = site in ("same-origin", "none")
    else:
        sender = urlsplit(request.headers.get("Origin") or request.headers.get("Referer") or "")
        origin = f"{sender.scheme}://{sender.netloc}"
        is_ours = origin in (f"{request.scheme}://{request.get_host()}", *settings.CSRF_TRUSTED_ORIGINS)
    if not is_ours:
        raise PermissionDenied(
            _(
                "This answer did not come from a page of this site, so nothing was counted. "
                "Open the page and answer there."
            )
        )
