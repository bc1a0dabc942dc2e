"""Where the records of this module are shown, and what their JSON says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse

from plenary.records.models import Record
from plenary.records.texts import Said

from . import queries

if TYPE_CHECKING:
    from plenary.people.rules import Viewer


def meeting_page(record: Record) -> str:
    return reverse("meeting", args=[record.reference])


def decision_page(record: Record) -> str:
    return reverse("decision", args=[record.reference])


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
        "meeting": decision.item.meeting.reference,
        "about": about.reference if queries.is_visible(user, about) else None,
        "owner": decision.owner.reference,
        "due": decision.due.isoformat() if decision.due else None,
        "trigger": decision.trigger or None,
        "state": decision.state,
        "outcome": _said(decision.said["outcome"]),
    }


def _said(text: Said) -> dict[str, str] | None:
    return {"body": text.body, "language": text.language} if text else None
