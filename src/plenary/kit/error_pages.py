"""Error pages: what happened, what was kept, what to do."""

from __future__ import annotations

import logging
import sys
from typing import Any

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader
from django.utils import translation
from django.utils.translation import gettext

from .problems import is_for_programs, problem

RETRY_AFTER = 30  # seconds, after which a database that restarts mostly answers again

log = logging.getLogger(__name__)


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


class NotThere(Http404):
    """Nothing is there for this person; the message says what she can do about it."""


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return page(request, 404, str(exception) if isinstance(exception, NotThere) else "")


def too_many(request: HttpRequest) -> HttpResponse:
    """Past a limit on attempts."""
    return page(request, 429)


def broken(request: HttpRequest) -> HttpResponse:
    """What nobody foresaw. Where it is the database that is gone, the page says that instead."""
    error = sys.exc_info()[1]
    return unavailable(request, error) if is_database_gone(error) else _standalone(request, 500)


def unavailable(request: HttpRequest, error: BaseException | None = None) -> HttpResponse:
    """The database does not answer: the page needs neither it nor a session, and asks to come back."""
    log.error("The database does not answer", exc_info=error)
    if not connection.in_atomic_block:
        connection.close()  # the next request knocks anew, and finds the database once it is back
    answer = _standalone(request, 503)
    answer["Retry-After"], answer["Cache-Control"] = str(RETRY_AFTER), "no-store"
    return answer


def is_database_gone(error: BaseException | None) -> bool:
    """Whether an error, or what led to it, is a database that cannot be reached, read or waited for.

    SQLite calls a mistake in a query by the same name; and where its file was moved away it makes an empty one, in
    which the mistake is that every table is missing.
    """
    while error is not None:
        if isinstance(error, OperationalError | InterfaceError):
            mistake = connection.vendor == "sqlite" and str(error).startswith(("no such", "near "))
            return not mistake or _is_empty()
        error = error.__cause__
    return False


def _is_empty() -> bool:
    try:
        return "django_migrations" not in connection.introspection.table_names()
    except DatabaseError:  # within a transaction that failed nothing can be asked
        return False


def _standalone(request: HttpRequest, status: int) -> HttpResponse:
    """Rendered without the context processors: whatever broke may be one of them, or the middleware before them."""
    with translation.override(translation.get_language_from_request(request)):
        if is_for_programs(request):
            return problem(status, request_id=getattr(request, "request_id", ""))
        context = {"status": status, "request": request}  # the request for its number alone
        if "HX-Request" in request.headers:
            notice = loader.render_to_string("kit/_error_notice.html", context)
            answer = HttpResponse(notice, status=status)
            answer["HX-Retarget"], answer["HX-Reswap"] = "#notices", "innerHTML show:top"
            return answer
        return HttpResponse(loader.render_to_string("kit/broken.html", context), status=status)
