"""Problem details for programs (RFC 9457): the one shape in which they are told what went wrong."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, JsonResponse

MEDIA_TYPE = "application/problem+json"
API_ROOT = "/api/"


def problem(
    status: int,
    detail: str = "",
    *,
    code: str = "",
    errors: Sequence[dict[str, Any]] = (),
    request_id: str = "",
) -> JsonResponse:
    """``title`` names the status, ``detail`` is for people, ``code`` and ``errors`` are for programs.

    ``request_id`` is how the log names the request.
    """
    found: dict[str, Any] = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    if detail:
        found["detail"] = detail
    if code:
        found["code"] = code
    if request_id:
        found["request_id"] = request_id
    if errors:
        found["errors"] = list(errors)
    response = JsonResponse(
        found, status=status, content_type=MEDIA_TYPE, json_dumps_params={"ensure_ascii": False}
    )
    response["Cache-Control"] = "no-store"
    return response


def is_for_programs(request: HttpRequest) -> bool:
    """Whether an error is told as a problem: in the API always, elsewhere to who prefers JSON to HTML."""
    return (
        request.path.startswith(API_ROOT)
        or request.get_preferred_type(["text/html", "application/json"]) == "application/json"
    )
