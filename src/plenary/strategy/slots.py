"""What the text shows on the home page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from plenary.kit.languages import content_language

from . import queries


def home_title(request: HttpRequest, subject: Any) -> dict[str, Any] | None:
    """Opens the page: what the strategy is called. Its goal follows what is asked right now."""
    overview = _overview(request)
    return {"overview": overview} if overview else None


def home_goal(request: HttpRequest, subject: Any) -> dict[str, Any] | None:
    """What the strategy is for, and what it holds to."""
    return home_title(request, subject)


def _overview(request: HttpRequest) -> queries.Overview | None:
    """Read once for both places on the page."""
    target: Any = request
    if not hasattr(request, "strategy_overview"):
        today = timezone.localdate(timezone.now())
        target.strategy_overview = queries.get_overview(request.user, content_language(request), today)
    found: queries.Overview | None = target.strategy_overview
    return found


def home_changes(request: HttpRequest, subject: Any) -> dict[str, Any] | None:
    changes = queries.list_latest_changes(request.user, content_language(request), limit=3)
    return {"changes": changes} if changes else None
