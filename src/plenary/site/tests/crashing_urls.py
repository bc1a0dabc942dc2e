"""Addresses that fail in the ways that the log must be discreet about."""

from __future__ import annotations

import json
import logging

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from plenary.kit import access


@access.everyone
def crash(request: HttpRequest, token: str) -> HttpResponse:
    secret_local = "the contents of a local variable"  # noqa: F841
    words = request.POST.get("words", "")
    try:
        int(words)
    except ValueError as error:
        raise RuntimeError(
            f"could not file {words!r} of {request.POST.get('email')} under {token}"
        ) from error
    return HttpResponse("no")


@access.everyone
def crash_in_json(request: HttpRequest) -> HttpResponse:
    raise RuntimeError(f"no place for {json.loads(request.body)['name']}")


@access.everyone
def crash_in_the_database(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nothing_of_the_kind FROM people_user")
    return HttpResponse("no")


@access.everyone
def warn(request: HttpRequest) -> HttpResponse:
    logging.getLogger("plenary.sample").warning("mail to %s from 2001:db8::7 failed", "ada@example.org")
    return HttpResponse("yes")


urlpatterns = [
    path("crash/<str:token>", crash, name="crash"),
    path("crash-in-json", crash_in_json, name="crash-in-json"),
    path("crash-in-the-database", crash_in_the_database, name="crash-in-the-database"),
    path("warn", warn, name="warn"),
    path("", include("plenary.site.urls")),
]
handler500 = "plenary.kit.error_pages.broken"
