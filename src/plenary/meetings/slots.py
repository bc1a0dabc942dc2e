"""What this module shows in the pages of others."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from plenary.kit.languages import content_language

from . import queries


def decisions_about(request: HttpRequest, subject: Any) -> dict[str, Any] | None:
    """Decisions about the subject. It says itself which records stand for it, so that nothing is known of it here."""
    # Asked once, since it may read the database.
    records = getattr(subject, "cited_records", None)
    if records is None:
        records = {subject.record.pk}
    decisions = queries.list_decisions_about(request.user, records, content_language(request))
    return {"decisions": decisions, "today": timezone.localdate(timezone.now())} if decisions else None
