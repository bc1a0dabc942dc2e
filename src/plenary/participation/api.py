"""Consultations with their statements and tallies."""

from __future__ import annotations

from typing import Any, Literal

from django.http import Http404, HttpRequest
from ninja import Query
from pydantic import Field

from plenary.kit import access
from plenary.kit.api import DateTime, Output, Paged, RecordFields, RecordRow, Reference, Router, Said
from plenary.records.telling import Filter, list_page, one

from . import permalinks, queries

router = Router(tags=["Consultations"])


class ConsultationFacts(Output):
    question: Said | None
    opens_at: DateTime
    closes_at: DateTime | None
    participants: int
    votes: int = Field(description="Answers to accepted statements, once per person and statement")
    statements: int = Field(description="Accepted ones")


class ConsultationRow(ConsultationFacts, RecordRow):
    pass


class Consultation(ConsultationFacts, RecordFields):
    kind: Literal["consultation"]
    introduction: Said | None
    about: str | None
    licence: str = Field(description="SPDX name of the licence of what is written")
    minimum_age: int


class Votes(Output):
    agree: int
    disagree: int
    passed: int = Field(alias="pass")


class StatementFacts(Output):
    consultation: str
    origin: str
    moderation: str = Field(description="`waiting`, `accepted` or `rejected`")
    votes: Votes = Field(description="Latest vote of each participant")


class StatementRow(StatementFacts, RecordRow):
    pass


class Statement(StatementFacts, RecordFields):
    kind: Literal["statement"]
    wording: Said | None


@router.get("/consultations", response=Paged[ConsultationRow], operation_id="list_consultations")
@access.everyone
def consultations(request: HttpRequest, filter: Query[Filter]) -> Any:
    """Consultations with their numbers"""
    return list_page(request, filter, kind="consultation", rows=permalinks.consultation_rows)


@router.get("/consultations/{reference}", response=Consultation, operation_id="get_consultation")
@access.everyone
def consultation(request: HttpRequest, reference: Reference) -> Any:
    """One consultation"""
    return one(request, reference, "consultation")


@router.get(
    "/consultations/{reference}/statements", response=Paged[StatementRow], operation_id="list_statements"
)
@access.everyone
def statements(request: HttpRequest, reference: Reference, filter: Query[Filter]) -> Any:
    """The statements of a consultation

    Accepted ones, with their tallies.
    """
    found = queries.get_consultation_for(request.user, reference)
    if found is None:
        raise Http404
    where = queries.accepted_in(found)
    return list_page(request, filter, kind="statement", where=where, rows=permalinks.statement_rows)


@router.get("/statements/{reference}", response=Statement, operation_id="get_statement")
@access.everyone
def statement(request: HttpRequest, reference: Reference) -> Any:
    """One statement with its tally"""
    return one(request, reference, "statement")


router.add_router("", "plenary.participation.questions_api.router")
router.add_router("", "plenary.participation.reach_api.router")
