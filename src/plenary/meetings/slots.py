"""What this module shows in the pages of others."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from plenary.kit.languages import content_language
from plenary.people.rules import is_staff

from . import queries


def decisions_about(request: HttpRequest, subject: Any) -> dict[str, Any] | None:
    """Decisions about the subject. It says itself which records stand for it, so that nothing is known of it here."""
    # Asked once, since it may read the database.
    records = getattr(subject, "cited_records", None)
    if records is None:
        records = {subject.record.pk}
    decisions = queries.list_decisions_about(request.user, records, content_language(request))
    return {"decisions": decisions, "today": timezone.localdate(timezone.now())} if decisions else None


def desk(request: HttpRequest, subject: Any) -> dict[str, Any] | None:
    """Open decisions that the person's organizations see to."""
    user = request.user
    if not user.is_authenticated or not is_staff(user):
        return None
    today = timezone.localdate(timezone.now())
    decisions = queries.list_open_decisions_of(user, content_language(request), today)
    return {"decisions": decisions, "today": today} if decisions else None
