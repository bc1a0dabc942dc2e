"""What feeds tell: turns of consultations, and statements as they were accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import F, Max, Q

from plenary.participation.models import Consultation, Statement
from plenary.records.models import Event
from plenary.records.queries import visible_to
from plenary.records.texts import with_texts

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from plenary.people.models import User

    Viewer = User | AnonymousUser | None

NEWS = (
    "announced", "opened", "closes soon", "final round opened", "paused", "resumed", "closed early", "voting closed",
    "opened again", "answered",
)  # fmt: skip
MOST = 50


def list_news(user: Viewer, language: str) -> list[Event]:
    """The last turns of consultations, newest first, each with title and question. Three queries."""
    found = list(
        Event.objects.filter(visible_to(user, "record"), record__kind="consultation", verb__in=NEWS)
        .select_related("record__consultation")
        .order_by("-id")[:MOST]
    )
    with_texts(found, language, title="record.title_id", question="record.consultation.question_id")
    return found


def list_newly_accepted(consultation: Consultation, language: str) -> list[Statement]:
    """The accepted statements, the last accepted first, each with its wording and ``accepted_at``. Two queries."""
    found: list[Any] = list(
        Statement.objects.filter(consultation=consultation, moderation=Statement.Moderation.ACCEPTED)
        .annotate(accepted_at=Max("record__events__at", filter=Q(record__events__verb="accepted")))
        .select_related("record")
        .order_by(F("accepted_at").desc(nulls_last=True), "-record__number")[:MOST]
    )
    found.sort(key=lambda each: each.accepted_at or each.record.created_at, reverse=True)
    with_texts(found, language, text="record.title_id")
    return found
