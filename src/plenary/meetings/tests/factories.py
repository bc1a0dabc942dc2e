"""The smallest valid objects: a meeting that looks at a source, and a decision on it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from plenary.meetings import actions
from plenary.meetings.models import AgendaItem, Decision, Meeting
from plenary.records.models import Organization, Record
from plenary.records.tests.factories import make_source

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)


def make_meeting(**more: Any) -> Meeting:
    facts = {"title": "Spring meeting", "language": "en", "kind": "committee", "held_on": date(2026, 3, 9)}
    return actions.hold_meeting(**(facts | {"by": None, "now": NOW} | more))


def make_item(meeting: Meeting | None = None, record: Record | None = None) -> AgendaItem:
    return actions.put_on_agenda(
        meeting=meeting or make_meeting(), record=record or make_source().record, by=None, now=NOW
    )


def make_decision(owner: Organization, item: AgendaItem | None = None, **more: Any) -> Decision:
    facts = {"text": "Publish the list.", "language": "en", "due": date(2026, 4, 1), "by": None, "now": NOW}
    return actions.decide(item=item or make_item(), owner=owner, **(facts | more))
