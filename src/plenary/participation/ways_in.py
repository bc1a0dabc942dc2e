"""How a browser gets into a consultation that is not for everybody, and stays let in. See docs/architecture.md.

A link carries a key, an invitation a code that works once. Both leave a pass in a cookie, which says that whoever
brings it may look and nothing about who she is.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from plenary.kit.error_pages import NotThere

from . import queries, tokens
from .models import Consultation
from .queries.ways_in import COOKIE

LASTS = timedelta(days=180)


def nothing_there(request: HttpRequest) -> NotThere:
    """The same words whether there is no such consultation or only none for her: what is closed is not given away."""
    if request.GET.get("key"):
        return NotThere(
            _(
                "The key in this link opens nothing here. The link may be cut off, or a new one has taken its place: "
                "copy it whole, or ask whoever sent it to you for the present one."
            )
        )
    return NotThere(
        _(
            "Some consultations are only for those who have a link, an invitation or a role in an organization. "
            "If you have one, open the link that you got, enter your code under “Take part”, or sign in."
        )
    )


def keep_pass(response: HttpResponse, consultation: Consultation) -> None:
    """Let the browser in from now on. It must reach the pages of single statements too, so it is sent to all."""
    by_link = consultation.access == Consultation.Access.LINK
    response.set_cookie(
        COOKIE.format(consultation.pk),
        tokens.mint_pass(consultation.pk, consultation.link_key if by_link else consultation.access),
        max_age=LASTS,
        secure=settings.PLENARY_HTTPS,
        httponly=True,
        samesite="Lax",
    )


def remembered(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Where somebody came by the key of a link, her browser finds the page without it the next time."""

    @wraps(view)
    def remembering(request: HttpRequest, reference: str, **given: Any) -> HttpResponse:
        response = view(request, reference, **given)
        if request.GET.get("key") and response.status_code < 400:
            found = queries.get_consultation_for(None, reference)
            if found is not None and found.access == Consultation.Access.LINK:
                keep_pass(response, found)
        return response

    return remembering
