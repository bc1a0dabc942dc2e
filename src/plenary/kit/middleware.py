from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from . import error_pages
from .errors import Refused


class RefusalMiddleware:
    """A refusal that no view turned into a message beside its form becomes a page that says why."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Refused):
            return error_pages.page(request, 409, str(exception.message))
        return None


