"""Meetings and decisions."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Query
from pydantic import Field

from plenary.kit import access
from plenary.kit.api import Date, Output, Paged, RecordFields, RecordRow, Reference, Router, Said
from plenary.records.telling import Filter, list_page, one

from . import permalinks, queries
from .models import Decision as DecisionModel

router = Router(tags=["Meetings"])


class MeetingFacts(Output):
    meeting_kind: str
    held_on: Date


class MeetingRow(MeetingFacts, RecordRow):
    pass


class AgendaEntry(Output):
    record: str | None = Field(description="What was looked at; null where it is not public")
    decisions: list[str]


class Meeting(MeetingFacts, RecordFields):
    kind: Literal["meeting"]
    agenda: list[AgendaEntry]


class DecisionFacts(Output):
    meeting: str
    owner: str
    due: Date | None
    trigger: str | None = Field(description="What it waits for, where it has no day")
    state: str = Field(description="`open`, `done` or `dropped`")


class DecisionRow(DecisionFacts, RecordRow):
    pass


class Decision(DecisionFacts, RecordFields):
    kind: Literal["decision"]
    about: str | None = Field(description="What was decided on; null where it is not public")
    outcome: Said | None


class DecisionFilter(Filter):
    state: Literal[*DecisionModel.State.values] | None = None  # type: ignore[valid-type]
    owner: Reference | None = Field(None, description="The organization that sees to it")


@router.get("/meetings", response=Paged[MeetingRow], operation_id="list_meetings")
@access.everyone
def meetings(request: HttpRequest, filter: Query[Filter]) -> Any:
    """Meetings"""
    return list_page(request, filter, kind="meeting", rows=permalinks.meeting_rows)


@router.get("/meetings/{reference}", response=Meeting, operation_id="get_meeting")
@access.everyone
def meeting(request: HttpRequest, reference: Reference) -> Any:
    """One meeting with its agenda"""
    return one(request, reference, "meeting")


@router.get("/decisions", response=Paged[DecisionRow], operation_id="list_decisions")
@access.everyone
def decisions(request: HttpRequest, filter: Query[DecisionFilter]) -> Any:
    """Decisions"""
    where = queries.decisions_in(filter.state, filter.owner)
    return list_page(request, filter, kind="decision", where=where, rows=permalinks.decision_rows)


@router.get("/decisions/{reference}", response=Decision, operation_id="get_decision")
@access.everyone
def decision(request: HttpRequest, reference: Reference) -> Any:
    """One decision"""
    return one(request, reference, "decision")
