"""What watches over a server asks here: is the process alive, and can it do its work?

Both answer before anything else looks at the request, so that a probe that speaks plain HTTP to an address without a
name is neither redirected nor refused. They tell states, and nothing of versions, addresses or reasons.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db import Error
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import resolve
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from plenary.kit import access

from . import database

PATHS = ("/health", "/ready")
RETRY_AFTER = "10"  # seconds
BEAT = 5.0  # seconds between signs of life
# A long analysis gives none while it runs, so that silence means something only after a while.
LATE = 900.0


class ProbeMiddleware:
    """Answers probes ahead of redirects to TLS and of the check of the host's name."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info not in PATHS:
            return self.get_response(request)
        request.resolver_match = resolve(request.path_info)
        answer: HttpResponse = request.resolver_match.func(request)
        return answer


@access.everyone
@require_safe
@never_cache
def health(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is touched."""
    return JsonResponse({"status": "ok"})


@access.everyone
@require_safe
@never_cache
def ready(request: HttpRequest) -> HttpResponse:
    """200 where requests can be served, else 503. The worker is reported, and takes no server out of service."""
    states = {"database": "ok", "migrations": "unknown", "worker": worker_state()}
    try:
        states["migrations"] = "ok" if database.is_current() else "pending"
    except Error:
        states["database"] = "unreachable"
    if states["database"] == states["migrations"] == "ok":
        return JsonResponse({"status": "ok"} | states)
    return JsonResponse({"status": "not ready"} | states, status=503, headers={"Retry-After": RETRY_AFTER})


def _sign() -> Path:
    path: Path = settings.PLENARY_HOME / "worker-alive"
    return path


def beat() -> None:
    """The worker's sign of life."""
    sign = _sign()
    if not sign.exists() or time.time() - sign.stat().st_mtime > BEAT:
        sign.touch()


def worker_state() -> str:
    """``ok``, ``late``, or ``unknown`` where no worker has worked in this PLENARY_HOME yet."""
    try:
        silence = time.time() - _sign().stat().st_mtime
    except OSError:
        return "unknown"
    return "ok" if silence < LATE else "late"
