"""Error pages: what happened, what was kept, what to do."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader
from django.utils.translation import gettext

from .problems import is_for_programs, problem


def page(request: HttpRequest, status: int, message: str = "") -> HttpResponse:
    """One error page; programs that ask for JSON get problem details (RFC 9457)."""
    if is_for_programs(request):
        return problem(status, message)
    context = {"status": status, "message": message}
    if (
        "HX-Request" in request.headers
    ):  # a piece of a page asked: the page stays, and says above what went wrong
        answer = render(request, "kit/_error_notice.html", context, status=status)
        answer["HX-Retarget"], answer["HX-Reswap"] = "#notices", "innerHTML show:top"
        return answer
    return render(request, "kit/error.html", context, status=status)


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return page(request, 413 if isinstance(exception, RequestDataTooBig | TooManyFieldsSent) else 400)


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return page(request, 403, str(exception) if exception else "")


def token_missing(request: HttpRequest, reason: str = "") -> HttpResponse:
    """For ``CSRF_FAILURE_VIEW``: a form without its token, mostly from a page that was open for too long."""
    return page(
        request, 403, gettext("The form could not be confirmed as yours. Allow cookies for this site.")
    )


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return page(request, 404)


def broken(request: HttpRequest) -> HttpResponse:
    """Rendered without the context processors: whatever broke may be one of them."""
    request_id = getattr(request, "request_id", "")
    if is_for_programs(request):
        return problem(500, request_id=request_id)
    return HttpResponse(loader.render_to_string("kit/broken.html", {"request_id": request_id}), status=500)
