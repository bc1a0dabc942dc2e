"""The register of questions, for programs."""

from __future__ import annotations

from typing import Any, Literal

from django.db.models import Q
from django.http import HttpRequest
from ninja import Query
from pydantic import Field

from plenary.kit import access
from plenary.kit.api import DateTime, Output, Paged, RecordFields, RecordRow, Reference, Router, Said
from plenary.records.telling import Filter, list_page, one

from . import permalinks
from .models import CollectiveQuestion

router = Router(tags=["Questions"])


class QuestionFilter(Filter):
    concern: Literal[*CollectiveQuestion.Concern.values] | None = None  # type: ignore[valid-type]


class QuestionFacts(Output):
    question: Said | None
    concern: str = Field(description="`values`, `benefits_risks` or `inequality`")
    answered_at: DateTime | None
    consultations: int = Field(description="How many asked about it")
    supporting: int = Field(alias="for", description="Views for it")
    against: int = Field(description="Views against it")


class QuestionRow(QuestionFacts, RecordRow):
    pass


class View(Output):
    source: str
    stance: str = Field(description="`supports`, `contradicts` or `context`")
    quote: str | None


class Question(QuestionFacts, RecordFields):
    kind: Literal["collectivequestion"]
    background: Said | None
    answer: Said | None
    asked_in: list[str] = Field(description="References of consultations")
    answered_in: list[str] = Field(description="References of clauses")
    views: list[View]


@router.get("/questions", response=Paged[QuestionRow], operation_id="list_questions")
@access.everyone
def questions(request: HttpRequest, filter: Query[QuestionFilter]) -> Any:
    """Questions that need a collective answer"""
    where = Q(collectivequestion__concern=filter.concern) if filter.concern else None
    return list_page(request, filter, kind="collectivequestion", where=where, rows=permalinks.question_rows)


@router.get("/questions/{reference}", response=Question, operation_id="get_question")
@access.everyone
def question(request: HttpRequest, reference: Reference) -> Any:
    """One question with the views for and against, where it was asked and where the text answers it"""
    return one(request, reference, "collectivequestion")
