"""Error pages: what happened, what was kept, what to do."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template import loader


def page(request: HttpRequest, status: int, message: str = "") -> HttpResponse:
    """One error page; programs that ask for JSON get problem details (RFC 9457)."""
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        problem = {"status": status, "title": message or str(status)}
        return JsonResponse(problem, status=status, content_type="application/problem+json")
    return render(request, "kit/error.html", {"status": status, "message": message}, status=status)


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return page(request, 400)


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return page(request, 403, str(exception) if exception else "")


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return page(request, 404)


def broken(request: HttpRequest) -> HttpResponse:
    """Rendered without the context processors: whatever broke may be one of them."""
    return HttpResponse(loader.render_to_string("kit/broken.html"), status=500)
