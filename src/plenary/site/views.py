"""Home, the desk, and what watches over the server."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe
from django.views.i18n import set_language

from plenary.kit.languages import content_language
from plenary.records import queries


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "site/home.html")


@require_safe
@login_required
def desk(request: HttpRequest) -> HttpResponse:
    assert request.user.is_authenticated  # noqa: S101 — what login_required said, for the type checker
    notices = queries.list_notices_of(request.user, content_language(request))
    return render(request, "site/desk.html", {"notices": notices})


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """Answers 200 while the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok\n", content_type="text/plain")


@require_POST
def switch_language(request: HttpRequest) -> HttpResponse:
    """Remember the interface's language in a cookie and go back to the page."""
    return set_language(request)
