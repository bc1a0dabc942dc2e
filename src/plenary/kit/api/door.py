"""What holds for every answer of the API: language, who may keep it and for how long, other origins, other methods."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import parse_http_date_safe
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import get_supported_language_variant, parse_accept_lang_header

from ..access import everyone
from ..languages import is_language_tag
from ..problems import problem

PUBLIC_SECONDS = 60
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Last-Modified, Link, Retry-After",
}


def behind_the_door(view: Callable[..., HttpResponseBase], methods: set[str]) -> Callable[..., HttpResponse]:
    """A view of the API, entered in the language asked for, as nobody until a token says otherwise."""

    def enter(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        request.user = AnonymousUser()  # whatever the session says; it is not even looked at
        with translation.override(_interface_language(request)):
            request.LANGUAGE_CODE = translation.get_language()
            response = _preflight(request, methods) or _refuse(request, methods)
            if response is None:
                response = view(request, *args, **kwargs)  # type: ignore[assignment]
            assert isinstance(response, HttpResponse)
            return _finish(request, response)

    enter.csrf_exempt = True  # type: ignore[attr-defined]  # no cookie opens anything here
    return everyone(enter)


def _interface_language(request: HttpRequest) -> str:
    """``?lang=``, else ``Accept-Language``; never a cookie, which another site's page could not send."""
    accepted = [
        tag for tag, _ in parse_accept_lang_header(request.headers.get("Accept-Language", "").lower())
    ]
    for tag in [request.GET.get("lang", ""), *accepted]:
        try:
            return get_supported_language_variant(tag)
        except LookupError:
            continue
    return settings.LANGUAGE_CODE


def _preflight(request: HttpRequest, methods: set[str]) -> HttpResponse | None:
    """What may be sent here, and from where. Other origins may read as nobody: they may send no token."""
    if request.method != "OPTIONS":
        return None
    response = HttpResponse(status=204, headers={"Allow": ", ".join(sorted(methods))})
    if "GET" in methods:
        response["Access-Control-Allow-Methods"] = "GET, HEAD"
        response["Access-Control-Allow-Headers"] = "Accept, Accept-Language, If-None-Match, If-Modified-Since"
        response["Access-Control-Max-Age"] = "86400"
    return response


def _refuse(request: HttpRequest, methods: set[str]) -> HttpResponse | None:
    if request.method not in methods:
        response: HttpResponse = problem(405)
        response["Allow"] = ", ".join(sorted(methods))
        return response
    if not request.accepts("application/json"):
        return problem(406, _("The API answers with application/json."))
    lang = request.GET.get("lang")
    if lang is not None and not is_language_tag(lang):
        place = {"parameter": "lang", "detail": _("Write a language as in pt-BR.")}
        return problem(422, _("Some of what you asked for could not be read."), errors=[place])
    if int(request.META.get("CONTENT_LENGTH") or 0) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        return problem(413, _("This is more than can be taken at once."))
    return None


def _finish(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    is_anonymous = "Authorization" not in request.headers
    patch_vary_headers(response, ["Accept", "Accept-Language", "Authorization"])
    if is_anonymous and request.method in ("GET", "HEAD", "OPTIONS"):
        for name, value in CORS.items():
            response[name] = value
    if request.method not in ("GET", "HEAD"):
        response["Cache-Control"] = "no-store"
        return response
    if response.status_code != 200:
        return response
    response["Cache-Control"] = f"public, max-age={PUBLIC_SECONDS}" if is_anonymous else "private, no-cache"
    response["Content-Language"] = translation.get_language()
    if address := getattr(request, "next_page", None):
        response["Link"] = f'<{address}>; rel="next"'
    etag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    response["ETag"] = etag
    modified = parse_http_date_safe(response.get("Last-Modified", ""))
    found: HttpResponse = get_conditional_response(request, etag, modified, response)  # type: ignore[assignment]
    return found
