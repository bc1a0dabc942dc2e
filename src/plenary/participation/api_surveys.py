"""Surveys with their figures, cycles beside each other, and comments on clauses."""

from __future__ import annotations

from typing import Any, Literal

from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Query
from pydantic import Field

from plenary.kit import access
from plenary.kit.api import Output, Paged, RecordFields, RecordRow, Reference, Router, Said
from plenary.kit.languages import content_language
from plenary.records.telling import Filter, list_page, one
from plenary.strategy.queries import get_clause_for

from . import permalinks_surveys, queries, trends

router = Router(tags=["Surveys"])


class SurveyFigure(Output):
    value: float
    low: float | None = Field(description="Lower end of the 95 % interval; null from one answer alone")
    high: float | None


class SurveyOption(Output):
    number: int = Field(description="Stands in the answers; the same in every cycle")
    words: str
    count: int
    share: SurveyFigure | None = Field(description="Of those who answered; in a ranking, who put it first")
    mean_place: SurveyFigure | None = Field(description="In a ranking; 1 is first")


class SurveyQuestion(Output):
    number: int
    kind: str = Field(description="`choice`, `several`, `scale`, `ranking` or `text`")
    wording: Said | None
    is_required: bool
    lowest: int | None
    highest: int | None
    depends_on: int | None = Field(description="Number of the question whose answer opens this one")
    depends_values: list[int]
    asked: int = Field(description="People who were asked: those whom the question was shown")
    answered: int
    mean: SurveyFigure | None
    options: list[SurveyOption]
    texts: list[Said] = Field(description="Answers in words that were accepted; the first fifty")


class SurveyFacts(Output):
    consultation: str
    repeats: str | None = Field(description="The survey of the cycle before")


class SurveyRow(SurveyFacts, RecordRow):
    pass


class Survey(SurveyFacts, RecordFields):
    kind: Literal["survey"]
    introduction: Said | None
    is_running: bool = Field(description="Its figures still move")
    took_part: int = Field(description="People who took part in the consultation in any way")
    questions: list[SurveyQuestion]


class CycleYouth(Output):
    answered: int
    figure: float | None
    low: float | None
    high: float | None


class CycleChange(Output):
    value: float
    low: float
    high: float
    beyond_chance: bool = Field(description="The 95 % interval of the difference leaves out zero")


class CyclePoint(Output):
    survey: str
    opened: str = Field(description="Day on which the cycle began")
    is_running: bool
    took_part: int
    asked: int
    answered: int
    figure: float | None = Field(description="A mean, a share from 0 to 1, or a mean place")
    low: float | None
    high: float | None
    youth: CycleYouth | None = Field(
        description="People aged 15 to 24; null while the cycle runs, and where fewer than five are told apart"
    )
    change: CycleChange | None = Field(
        description="Since the cycle before; null below five answers in either"
    )


class CycleSeries(Output):
    option: str | None
    measure: str = Field(description="`mean`, `share` or `place`")
    points: list[CyclePoint]


class CycleTrend(Output):
    question: int = Field(description="Its number in the survey asked about")
    wording: Said | None
    series: list[CycleSeries]


class CommentFacts(Output):
    clause: str
    answers: str | None = Field(description="The comment to which it is a reply")
    stance: str | None = Field(description="`for` or `against`; null for neither")
    quoted: str | None = Field(description="Words of the clause that are meant")
    moderation: str
    useful: int = Field(description="People who found it useful")


class CommentRow(CommentFacts, RecordRow):
    pass


class Comment(CommentFacts, RecordFields):
    kind: Literal["comment"]
    words: Said | None


@router.get("/surveys", response=Paged[SurveyRow], operation_id="list_surveys")
@access.everyone
def surveys(request: HttpRequest, filter: Query[Filter]) -> Any:
    """Surveys"""
    return list_page(request, filter, kind="survey", rows=permalinks_surveys.survey_rows)


@router.get("/surveys/{reference}", response=Survey, operation_id="get_survey")
@access.everyone
def survey(request: HttpRequest, reference: Reference) -> Any:
    """One survey with its questions and how they were answered"""
    return one(request, reference, "survey")


@router.get("/surveys/{reference}/cycles", response=list[CycleTrend], operation_id="get_survey_cycles")
@access.everyone
def survey_cycles(request: HttpRequest, reference: Reference) -> Any:
    """The questions of a survey over its cycles

    Up to the survey asked about, with intervals, people aged 15 to 24 beside all, and what changed.
    """
    language = content_language(request)
    found = queries.get_survey_for(request.user, reference, language)
    if found is None:
        raise Http404
    shown = queries.list_cycles(request.user, found, timezone.now(), language)
    shown = shown[: [cycle.survey.pk for cycle in shown].index(found.pk) + 1]
    return [trends.trend_data(trend) for trend in queries.get_trends(shown, language)]


@router.get("/clauses/{reference}/comments", response=Paged[CommentRow], operation_id="list_comments")
@access.everyone
def comments(request: HttpRequest, reference: Reference, filter: Query[Filter]) -> Any:
    """The comments on a clause"""
    clause = get_clause_for(request.user, reference)
    if clause is None:
        raise Http404
    where = queries.comments_on(clause)
    return list_page(request, filter, kind="comment", where=where, rows=permalinks_surveys.comment_rows)


@router.get("/comments/{reference}", response=Comment, operation_id="get_comment")
@access.everyone
def comment(request: HttpRequest, reference: Reference) -> Any:
    """One comment on a clause"""
    return one(request, reference, "comment")
