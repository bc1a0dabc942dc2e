"""What the text shows on the home page and on the desk."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from plenary.kit.languages import content_language

from . import queries, rules

# How long before its day a review shows up on the desk.
AHEAD = timedelta(days=60)


def home(request: HttpRequest, subject: Any) -> dict[str, Any] | None:
    overview = queries.get_overview(
        request.user, content_language(request), timezone.localdate(timezone.now())
    )
    return {"overview": overview} if overview else None


def home_changes(request: HttpRequest, subject: Any) -> dict[str, Any] | None:
    language = content_language(request)
    changes = queries.list_changes_for(request.user, language, which="incorporated", limit=3)
    return {"changes": queries.with_evidence(changes, request.user, language)} if changes else None


def desk(request: HttpRequest, subject: Any) -> dict[str, Any] | None:
    if not request.user.is_authenticated or not rules.may_decide(request.user):
        return None
    today = timezone.localdate(timezone.now())
    work = queries.list_work_for(request.user, content_language(request), soon=today + AHEAD)
    return {"work": work, "today": today, "may_import": rules.may_import(request.user)}
