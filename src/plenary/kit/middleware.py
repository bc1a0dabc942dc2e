from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from . import error_pages
from .errors import Refused


class RefusalMiddleware:
    """A refusal that no view turned into a message beside its form becomes a page that says why.

    So does a wrong method, to which Django answers with a blank page, and a database that does not answer. What
    breaks before the views are reached, such as a session that cannot be read, comes to ``error_pages.broken``.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return error_pages.page(request, 400)  # no text holds it, and PostgreSQL would not take it
        response = self.get_response(request)
        if response.status_code == 405 and not response.content:
            page = error_pages.page(request, 405)
            page["Allow"] = response["Allow"]
            return page
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Refused):
            return error_pages.page(request, 409, str(exception.message))
        if error_pages.is_database_gone(exception):
            return error_pages.unavailable(request, exception)
        return None
