"""Going on on another device: a link that carries the token, and the page that asks before it is used.

Looking at the link does nothing, so that a program that follows the links of a mail votes for nobody. Neither page is
kept by caches or told to other sites, and the log names routes, not addresses.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from plenary.kit import access, qr
from plenary.kit.languages import content_language
from plenary.participation import queries, tokens, voters, ways_in
from plenary.participation.models import Consultation
from plenary.participation.tokens import Voter

from .mine import unknown_token
from .shared import get_consultation, see


@access.everyone
@csrf_exempt  # voters.of_form looks where a form comes from
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def another_device(request: HttpRequest, reference: str) -> HttpResponse:
    """The link by which she goes on elsewhere, in words and as a code for a camera. Writes nothing."""
    found = get_consultation(request, reference, content_language(request))
    asker = voters.of_form(request, found) if request.method == "POST" else voters.of_page(request, found)
    if asker is None:
        return unknown_token(request, found)
    context = {"consultation": found, "link": "", "page_url": reverse("consultation", args=[found.reference])}
    if asker.token and queries.get_participant(found, asker.voter) is not None:
        query = {"key": found.link_key} if found.access == Consultation.Access.LINK else None
        link = request.build_absolute_uri(reverse("resume", args=[found.reference, asker.token], query=query))
        picture = b64encode(qr.svg(link).encode()).decode()
        context |= {"link": link, "picture": f"data:image/svg+xml;base64,{picture}"}
    return _untold(render(request, "participation/another_device.html", context))


@access.everyone
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def resume(request: HttpRequest, reference: str, token: str) -> HttpResponse:
    """What the link leads to: a page that asks, and a button that sets the cookie and shows the next card."""
    keys = queries.keys_of(request)
    keys = replace(keys, tokens=(*keys.tokens, token))
    found = queries.get_consultation_for(request.user, reference, content_language(request), keys)
    if found is None:
        raise ways_in.nothing_there(request)
    token_hash = tokens.read(token, found.pk)
    is_hers = (
        token_hash is not None and queries.get_participant(found, Voter(token_hash=token_hash)) is not None
    )
    if request.method == "POST" and is_hers:
        voters.refuse_foreign_forms(request, lets_in=True)
        response = see(request, found)
        voters.remember(response, voters.Asker(Voter(token_hash=token_hash), token, False), found)
        if found.access != Consultation.Access.OPEN:
            ways_in.keep_pass(response, found)
        return _untold(response)
    kept = request.COOKIES.get(voters.COOKIE, "")
    context = {
        "consultation": found,
        "is_hers": is_hers,
        "replaces": bool(kept) and kept != token and tokens.read(kept, found.pk) is not None,
        "is_signed_in": request.user.is_authenticated,
        "page_url": reverse("consultation", args=[found.reference]),
    }
    status = 200 if is_hers else 422
    return _untold(render(request, "participation/resume.html", context, status=status))


def _untold(response: HttpResponse) -> HttpResponse:
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response
