"""Consultations with their statements and tallies."""

from __future__ import annotations

from typing import Any, Literal

from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Query
from pydantic import Field

from plenary.kit import access
from plenary.kit.api import Date, DateTime, Output, Paged, RecordFields, RecordRow, Reference, Router, Said
from plenary.kit.languages import content_language
from plenary.records.telling import Filter, list_page, one
from plenary.records.texts import said_as_data

from . import api_surveys, permalinks, queries
from .phases import Phase

router = Router(tags=["Consultations"])
router.add_router("", api_surveys.router)


class ConsultationFacts(Output):
    question: Said | None
    phase: str = Field(
        description="`announced`, `open`, `final`, `analysis`, `answer` or `closed`, by the clock of the answer"
    )
    is_paused: bool = Field(description="Nothing that people send is taken until it goes on")
    opens_at: DateTime
    closes_at: DateTime | None
    participants: int
    votes: int = Field(description="Answers to accepted statements, once per person and statement")
    statements: int = Field(description="Accepted ones")


class ConsultationRow(ConsultationFacts, RecordRow):
    pass


class OnPaper(Output):
    submissions: int = Field(description="Meetings, letters, calls and delegations that were entered")
    ballots: int = Field(description="Paper ballots that count; their voters are among the participants")
    statements_by_origin: dict[str, int] = Field(description="Accepted ones, by where they come from")


class HeardAt(Output):
    kind: str = Field(description="`meeting`, `letter`, `phone` or `delegation`")
    day: Date
    place: str
    organization: str


class Hands(HeardAt):
    agree: int
    disagree: int
    passed: int = Field(alias="pass")


class Answer(Output):
    text: Said
    at: DateTime
    leads_to: list[str] = Field(description="References of what it names: changes, commitments, decisions")


class Consultation(ConsultationFacts, RecordFields):
    kind: Literal["consultation"]
    introduction: Said | None
    about: str | None
    licence: str = Field(description="SPDX name of the licence of what is written")
    minimum_age: int
    access: str = Field(description="`open`; others are told only to those who run the consultation")
    voting_by: str = Field(description="`anybody`, or `account` where people sign in to vote")
    writing_by: str = Field(description="`anybody`, or `account` where people sign in to write")
    moderation: str = Field(description="`before` or `after` statements are shown")
    languages: list[str] = Field(description="In which it is offered; empty for all")
    final_closes_at: DateTime | None = Field(description="End of the final round, where there is one")
    answer_at: DateTime | None = Field(description="By when it is answered")
    ends_at: DateTime | None = Field(description="When the answer is settled")
    allowed: list[str] = Field(description="Which acts the phase lets happen now, such as `vote` and `write`")
    repeats: str | None = Field(description="The consultation of which it is the next cycle")
    on_paper: OnPaper
    answer: Answer | None = Field(description="What those who asked say to what they heard")


class BallotRow(Output):
    statement: str
    text: Said | None
    agree: int
    disagree: int
    passed: int = Field(alias="pass")
    unanswered: int = Field(description="Ballots that left it out")


class BallotResult(Output):
    people: int | None = Field(description="Ballots sent; none is told while the final round lasts")
    statements: list[str] = Field(description="On the ballot, in its order")
    results: list[BallotRow] = Field(description="After the round, the largest share of agree first")


class Votes(Output):
    agree: int
    disagree: int
    passed: int = Field(alias="pass")


class StatementFacts(Output):
    consultation: str
    origin: str
    is_meta: bool = Field(description="About the person who votes, not about the matter")
    moderation: str = Field(description="`waiting`, `accepted`, `rejected` or `merged`")
    reason: str | None = Field(description="Why it is rejected, for those who may see it")
    duplicate_of: str | None = Field(
        description="The statement into which it was merged, where its votes count"
    )
    asks_again_since: DateTime | None = Field(
        description="When its meaning was changed: earlier votes count as soon as they are given again"
    )
    votes: Votes = Field(description="Latest vote of each participant")


class StatementRow(StatementFacts, RecordRow):
    pass


class EarlierWording(Output):
    body: str | None = Field(description="None where it exposed somebody")
    until: DateTime
    meaning_changed: bool


class Statement(StatementFacts, RecordFields):
    kind: Literal["statement"]
    wording: Said | None
    merged: list[str] = Field(description="Statements that were merged into it")
    earlier: list[EarlierWording] = Field(description="What it said before, the oldest first")
    heard_at: list[HeardAt] = Field(description="Where it was said or written on paper")
    raised_hands: list[Hands] = Field(description="Counted at meetings; not among the votes")


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


@router.get("/consultations/{reference}/ballot", response=BallotResult, operation_id="get_ballot")
@access.everyone
def ballot(request: HttpRequest, reference: Reference) -> Any:
    """The final round of a consultation

    Everybody who sent the ballot had all of its statements before her, so the shares can be compared.
    """
    language = content_language(request)
    found = queries.get_consultation_for(request.user, reference)
    if found is None:
        raise Http404
    statements = [item.reference for item in queries.list_ballot(found)]
    if found.phase_at(timezone.now()) in (Phase.ANNOUNCED, Phase.OPEN, Phase.FINAL):
        return {"people": None, "statements": statements, "results": []}
    result = queries.get_ballot_result(found, language)
    ranked: list[Any] = list(result.statements)
    rows = [
        {
            "statement": item.reference,
            "text": said_as_data(item.said["text"]),
            "agree": item.shares.agree,
            "disagree": item.shares.disagree,
            "pass": item.shares.passed,
            "unanswered": item.unanswered,
        }
        for item in ranked
    ]
    return {"people": result.people, "statements": statements, "results": rows}


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


router.add_router("", "plenary.participation.languages_api.router")
router.add_router("", "plenary.participation.outreach_api.router")
router.add_router("", "plenary.participation.questions_api.router")
router.add_router("", "plenary.participation.reach_api.router")
