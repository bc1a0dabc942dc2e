"""One line in the log for each request, and a number by which people can ask about theirs."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from .logs import current_request, route_of

logger = logging.getLogger("plenary.requests")

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
# Hexadecimal, as proxies make them: nothing that could be a name or an address.
_WELL_FORMED = re.compile(r"[0-9a-fA-F-]{16,64}")


class RequestLogMiddleware:
    """Outermost: whatever answers, a page, a file or an error page, is timed and numbered.

    The line holds method, route, status and time. No address, no query, no account, no browser: none of them is
    needed to see that something is slow or broken, and each of them is somebody's.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        start = time.monotonic()
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _WELL_FORMED.fullmatch(given) else uuid.uuid4().hex
        request.request_id = request_id  # type: ignore[attr-defined]
        token = current_request.set(request)
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = request_id
            fields = {
                "method": request.method if request.method in METHODS else "(other)",
                "route": self._route(request),
                "status": response.status_code,
                "milliseconds": round((time.monotonic() - start) * 1000),
            }
            logger.info("%(method)s %(route)s %(status)s in %(milliseconds)s ms", fields, extra=fields)
            return response
        finally:
            current_request.reset(token)

    @staticmethod
    def _route(request: HttpRequest) -> str:
        is_file = request.resolver_match is None and request.path_info.startswith(settings.STATIC_URL)
        return "(static file)" if is_file else route_of(request)
