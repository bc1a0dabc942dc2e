"""Strategies with the text in force, clauses, versions, changes."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Query
from pydantic import BaseModel, Field

from plenary.kit import access
from plenary.kit.api import (
    Date,
    DateTime,
    Day,
    Output,
    Paged,
    RecordFields,
    RecordRow,
    Reference,
    Router,
    Said,
)
from plenary.kit.languages import content_language
from plenary.records.telling import Filter, list_page, one

from . import permalinks, queries
from .models import Change as ChangeModel

router = Router(tags=["Strategy"])


class VersionFacts(Output):
    version: int
    state: str = Field(description="`draft`, `consultation` or `adopted`")
    adopted_on: Date | None
    review_by: Date | None


class Strategy(RecordFields):
    kind: Literal["strategy"]
    original_language: str
    source: str | None = Field(description="Reference of the file from which it was imported")
    versions: list[VersionFacts]


class StrategyRow(RecordRow):
    original_language: str
    version: int | None = Field(description="Number of the version in force today")


class Wording(Output):
    number: str = Field(description="As printed")
    title: Said | None
    text: Said | None


class TextClause(Wording):
    kind: str = Field(description="`goal`, `principle`, `commitment`, `section` or `paragraph`")
    ref: str = Field(description="The reference within the strategy: C3")
    reference: str
    repeats: str | None = Field(description="Reference of the clause that this paragraph repeats")
    changed_by: list[str] = Field(description="References of the changes that this version brought")
    children: list[TextClause]


class VersionText(VersionFacts):
    strategy: str
    original_language: str
    clauses: list[TextClause]


class Version(VersionText, RecordFields):
    kind: Literal["version"]


class ClauseState(Wording):
    version: int


class ClauseChapter(Output):
    version: int
    changes: list[str]


class ClauseRepetition(Output):
    clause: str
    variant_title: str | None


class ClauseChange(Output):
    reference: str
    state: str


class ClauseEvidence(Output):
    source: str
    title: str
    stance: str
    quote: str | None
    url: str


class Clause(RecordFields):
    kind: Literal["clause"]
    strategy: str
    clause_kind: str
    local: str
    states: list[ClauseState] = Field(
        description="The clause in every version that has it, the first one first"
    )
    history: list[ClauseChapter]
    repeats: list[str]
    repeated_in: list[ClauseRepetition]
    changes: list[ClauseChange]
    evidence: list[ClauseEvidence]


class ChangeWords(Output):
    title: Said | None
    text: Said | None


class Change(RecordFields):
    kind: Literal["change"]
    strategy: str
    operation: str = Field(description="`edit`, `add`, `move` or `remove`")
    state: str = Field(description="`proposed`, `reviewed`, `accepted` or `rejected`")
    clause: str | None
    clause_kind: str | None
    based_on: str = Field(description="Reference of the version that it changes")
    after_clause: str | None
    inside: bool
    before: Wording | None
    after: ChangeWords
    rationale: Said | None
    counter_search: Said | None = Field(description="Where evidence against it was looked for and not found")
    reason: Said | None
    decided_at: DateTime | None
    incorporated_in: str | None
    evidence: list[ClauseEvidence]


class ChangeRow(RecordRow):
    strategy: str
    operation: str
    state: str
    clause: str | None
    decided_at: DateTime | None
    incorporated_in: str | None


class TextChoice(BaseModel):
    version: Annotated[int, Field(ge=1, le=99_999)] | None = Field(
        None, description="Number of an adopted version; goes before `on`"
    )
    on: Day | None = Field(None, description="The text in force on this day, such as 2026-03-01")


class ChangeFilter(Filter):
    state: Literal[*ChangeModel.State.values] | None = None  # type: ignore[valid-type]


@router.get("/strategies", response=Paged[StrategyRow], operation_id="list_strategies")
@access.everyone
def strategies(request: HttpRequest, filter: Query[Filter]) -> Any:
    """Strategies"""
    return list_page(request, filter, kind="strategy", rows=permalinks.strategy_rows)


@router.get("/strategies/{reference}", response=Strategy, operation_id="get_strategy")
@access.everyone
def strategy(request: HttpRequest, reference: Reference) -> Any:
    """One strategy with its versions"""
    return one(request, reference, "strategy")


@router.get("/strategies/{reference}/text", response=VersionText, operation_id="get_strategy_text")
@access.everyone
def strategy_text(request: HttpRequest, reference: Reference, choice: Query[TextChoice]) -> Any:
    """The text of a strategy

    The whole text as a tree of clauses: the version asked for, the one in force on a day, or the one in force today.
    404 where no text was in force on that day.
    """
    found = queries.get_strategy_for(request.user, reference)
    if found is None:
        raise Http404
    if choice.version is not None:
        numbers = {version.number: version for version in queries.list_versions(found)}
        version = numbers.get(choice.version)
    elif choice.on is not None:
        version = queries.get_version(found, on=choice.on)
    else:
        version = queries.get_current_version(found, timezone.localdate(timezone.now()))
    if version is None:
        raise Http404
    return permalinks.version_text(version, content_language(request))


@router.get("/strategies/{reference}/changes", response=Paged[ChangeRow], operation_id="list_changes")
@access.everyone
def changes(request: HttpRequest, reference: Reference, filter: Query[ChangeFilter]) -> Any:
    """The changes of a strategy

    Proposed, accepted and rejected ones.
    """
    found = queries.get_strategy_for(request.user, reference)
    if found is None:
        raise Http404
    where = queries.changes_of(found, filter.state)
    return list_page(request, filter, kind="change", where=where, rows=permalinks.change_rows)


@router.get("/clauses/{reference}", response=Clause, operation_id="get_clause")
@access.everyone
def clause(request: HttpRequest, reference: Reference) -> Any:
    """One clause in all its versions"""
    return one(request, reference, "clause")


@router.get("/versions/{reference}", response=Version, operation_id="get_version")
@access.everyone
def version(request: HttpRequest, reference: Reference) -> Any:
    """One version with its text"""
    return one(request, reference, "version")


@router.get("/changes/{reference}", response=Change, operation_id="get_change")
@access.everyone
def change(request: HttpRequest, reference: Reference) -> Any:
    """One change with its words, before and after, and its evidence"""
    return one(request, reference, "change")
