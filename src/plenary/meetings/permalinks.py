"""Where the records of this module are shown, and what their JSON says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db.models import prefetch_related_objects
from django.urls import reverse

from plenary.records.models import Record
from plenary.records.texts import said_as_data

from . import queries
from .models import Decision

if TYPE_CHECKING:
    from plenary.people.rules import Viewer


def meeting_page(record: Record) -> str:
    return reverse("meeting", args=[record.reference])


def decision_page(record: Record) -> str:
    return reverse("decision", args=[record.reference])


def meeting_rows(records: Sequence[Record], user: Viewer | None, language: str) -> list[dict[str, Any]]:
    prefetch_related_objects(records, "meeting")
    return [
        {"meeting_kind": record.meeting.kind, "held_on": record.meeting.held_on.isoformat()}
        for record in records
    ]


def decision_rows(records: Sequence[Record], user: Viewer | None, language: str) -> list[dict[str, Any]]:
    prefetch_related_objects(records, "decision__owner__record", "decision__item__meeting__record")
    return [_decision(record.decision) for record in records]


def _decision(decision: Decision) -> dict[str, Any]:
    return {
        "meeting": decision.item.meeting.reference,
        "owner": decision.owner.reference,
        "due": decision.due.isoformat() if decision.due else None,
        "trigger": decision.trigger or None,
        "state": decision.state,
    }


def meeting_data(record: Record, user: Viewer | None, language: str) -> dict[str, Any]:
    meeting = record.meeting
    return {
        "meeting_kind": meeting.kind,
        "held_on": meeting.held_on.isoformat(),
        "agenda": [
            {
                "record": item.shown.reference if item.shown else None,
                "decisions": [decision.reference for decision in item.decided],
            }
            for item in queries.list_agenda(user, meeting, language)
        ],
    }


def decision_data(record: Record, user: Viewer | None, language: str) -> dict[str, Any]:
    decision = queries.get_decision_for(user, record.reference, language)
    assert decision is not None
    about = decision.item.record
    return {
        **_decision(decision),
        "about": about.reference if queries.is_visible(user, about) else None,
        "outcome": said_as_data(decision.said["outcome"]),
    }
