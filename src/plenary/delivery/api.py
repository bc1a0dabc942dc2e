"""Commitments, rounds, reports and reviews; and reporting, by the same form and actions as on the site."""

from __future__ import annotations

from typing import Any, Literal

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query
from pydantic import Field

from plenary.kit import access
from plenary.kit.api import (
    Date,
    DateTime,
    Input,
    Invalid,
    Line,
    Output,
    Paged,
    RecordFields,
    RecordRow,
    Reference,
    Router,
    Said,
    Words,
)
from plenary.kit.languages import content_language
from plenary.people.models import User
from plenary.records.telling import Filter, list_page, one

from . import actions, forms, permalinks, queries, rules
from .models import Completion
from .models import Report as ReportModel

router = Router(tags=["Commitments"])


class FigureFacts(Output):
    value: str | None = Field(description="A decimal number, as a string so that no digit is lost")
    missing_reason: str | None


class IndicatorFigure(FigureFacts):
    round: str
    report: str
    organization: str


class IndicatorFacts(Output):
    reference: str
    name: Said | None
    unit: Said | None
    direction: str = Field(description="`increase` or `decrease`")
    baseline: str | None
    target: str | None
    rollup: str = Field(description="How the figures of several organizations become one")
    figures: list[IndicatorFigure]


class Indicator(IndicatorFacts, RecordFields):
    kind: Literal["indicator"]
    commitment: str


class CommitmentFacts(Output):
    clause: str
    owner: str
    co_owners: list[str]
    starts_on: Date
    ends_on: Date
    closed_on: Date | None
    self_rating: str | None = Field(description="The owner's own rating, as of the latest round that has one")
    committee_rating: str | None = Field(description="The committee's, as of the latest round that has one")
    ratings_differ: bool = Field(description="They rate the same round differently")
    silent_in: str | None = Field(description="The latest round in which the owner was silent")


class CommitmentRow(CommitmentFacts, RecordRow):
    pass


class CommitmentRound(Output):
    round: str
    standing: str
    reports: list[str]
    reviews: list[str]


class Commitment(CommitmentFacts, RecordFields):
    kind: Literal["commitment"]
    indicators: list[IndicatorFacts]
    rounds: list[CommitmentRound]


class RoundFacts(Output):
    strategy: str
    opens_on: Date
    closes_on: Date
    frozen: str | None = Field(description="SHA-256 of what it published; null while it takes reports")


class RoundRow(RoundFacts, RecordRow):
    pass


class RoundSnapshot(Output):
    sha256: str
    made_at: DateTime
    url: str


class RoundCommitment(Output):
    commitment: str
    owner: str
    standing: str = Field(description="`not_open`, `due`, `overdue`, `silent`, `submitted` or `accepted`")
    reports: list[str]
    reviews: list[str]


class Round(RoundFacts, RecordFields):
    kind: Literal["round"]
    snapshots: list[RoundSnapshot]
    commitments: list[RoundCommitment]


class ReportFacts(Output):
    round: str
    commitment: str
    organization: str | None
    state: str = Field(description="`draft`, `submitted`, `returned` or `accepted`")
    self_rating: str | None
    submitted_at: DateTime | None


class ReportRow(ReportFacts, RecordRow):
    pass


class ReportFigure(FigureFacts):
    indicator: str
    unit: Said | None


class Report(ReportFacts, RecordFields):
    kind: Literal["report"]
    narrative: Said | None
    figures: list[ReportFigure]


class ReviewFacts(Output):
    round: str
    commitment: str
    body: str = Field(description="Reference of the committee")
    completion: str
    result: str


class ReviewRow(ReviewFacts, RecordRow):
    pass


class Review(ReviewFacts, RecordFields):
    kind: Literal["review"]
    findings: Said | None


# Reading


class CommitmentFilter(Filter):
    clause: Reference | None = None
    owner: Reference | None = None


class ChapterFilter(Filter):
    round: Reference | None = None
    commitment: Reference | None = None


@router.get("/commitments", response=Paged[CommitmentRow], operation_id="list_commitments")
@access.everyone
def commitments(request: HttpRequest, filter: Query[CommitmentFilter]) -> Any:
    """Commitments with both ratings"""
    where = queries.commitments_in(filter.clause, filter.owner)
    return list_page(request, filter, kind="commitment", where=where, rows=permalinks.commitment_rows)


@router.get("/commitments/{reference}", response=Commitment, operation_id="get_commitment")
@access.everyone
def commitment(request: HttpRequest, reference: Reference) -> Any:
    """One commitment with its indicators and rounds"""
    return one(request, reference, "commitment")


@router.get("/indicators/{reference}", response=Indicator, operation_id="get_indicator")
@access.everyone
def indicator(request: HttpRequest, reference: Reference) -> Any:
    """One indicator with its figures"""
    return one(request, reference, "indicator")


@router.get("/rounds", response=Paged[RoundRow], operation_id="list_rounds")
@access.everyone
def rounds(request: HttpRequest, filter: Query[Filter]) -> Any:
    """Reporting rounds"""
    return list_page(request, filter, kind="round", rows=permalinks.round_rows)


@router.get("/rounds/{reference}", response=Round, operation_id="get_round")
@access.everyone
def round(request: HttpRequest, reference: Reference) -> Any:
    """One round, and where every commitment stands in it"""
    return one(request, reference, "round")


@router.get("/reports", response=Paged[ReportRow], operation_id="list_reports")
@access.everyone
def reports(request: HttpRequest, filter: Query[ChapterFilter]) -> Any:
    """Reports

    Public once their round is closed; before, for those who may see them on the site.
    """
    where = queries.reports_in(filter.round, filter.commitment)
    return list_page(request, filter, kind="report", where=where, rows=permalinks.report_rows)


@router.get("/reports/{reference}", response=Report, operation_id="get_report")
@access.everyone
def report(request: HttpRequest, reference: Reference) -> Any:
    """One report with its figures"""
    return one(request, reference, "report")


@router.get("/reviews", response=Paged[ReviewRow], operation_id="list_reviews")
@access.everyone
def reviews(request: HttpRequest, filter: Query[ChapterFilter]) -> Any:
    """Reviews by the committees"""
    where = queries.reviews_in(filter.round, filter.commitment)
    return list_page(request, filter, kind="review", where=where, rows=permalinks.review_rows)


@router.get("/reviews/{reference}", response=Review, operation_id="get_review")
@access.everyone
def review(request: HttpRequest, reference: Reference) -> Any:
    """One review"""
    return one(request, reference, "review")


# Reporting


class ReportStart(Input):
    commitment: Reference
    organization: Reference = Field(
        description="For which the token's person reports: its owner or a co-owner"
    )


class FigureInput(Input):
    value: Line = Field("", description="A number such as 1234.5, without words")
    missing_reason: Line = Field("", description="Where there is no number: why not")
    confirmed: bool = Field(
        False,
        description="That the number is right though unlikely: a percentage above 100, a number below 0",
    )


class ReportInput(Input):
    """What a report says. What is left out is empty: the whole report is sent each time."""

    self_rating: Literal["", *Completion.values] = ""  # type: ignore[valid-type]
    narrative: Words = Field("", description="What was done, and what is in the way")
    language: Literal["ar", "zh-hans", "en", "fr", "ru", "es"] = Field(
        description="In which the narrative is written"
    )
    figures: dict[Reference, FigureInput] = Field(
        default_factory=dict, description="By the reference of the indicator"
    )


MAY_REPORT = access.ruled("delivery.rules.may_report_for", on="organization")


@router.post("/rounds/{reference}/reports", response=Report, operation_id="start_report")
@MAY_REPORT
def start_report(request: HttpRequest, reference: Reference, sent: ReportStart) -> Any:
    """Begin a report

    Answers with the draft of this organization on this commitment in this round; where there is one already, with that.
    """
    found = queries.get_round_for(request.user, reference)
    if found is None:
        raise Http404
    commitment = queries.get_commitment_for(request.user, sent.commitment)
    if commitment is None:
        raise Invalid([{"pointer": "#/commitment", "detail": _nothing(sent.commitment)}])
    organization = next(
        (each for each in commitment.responsible if each.reference == sent.organization), None
    )
    if organization is None:
        raise Invalid([{"pointer": "#/organization", "detail": _nothing(sent.organization)}])
    if not rules.may_report_for(request.user, organization):
        raise PermissionDenied
    made = actions.start_report(
        round=found,
        commitment=commitment,
        organization=organization,
        by=_person(request),
        now=timezone.now(),
    )
    return one(request, made.reference, "report")


@router.put("/reports/{reference}", response=Report, operation_id="save_report")
@MAY_REPORT
def save_report(request: HttpRequest, reference: Reference, sent: ReportInput) -> Any:
    """Keep the draft of a report

    It may have gaps. 409 once the report was handed in, or where the round takes none.
    """
    return _write(request, reference, sent, submitting=False)


@router.post("/reports/{reference}/submission", response=Report, operation_id="submit_report")
@MAY_REPORT
def submit_report(request: HttpRequest, reference: Reference, sent: ReportInput) -> Any:
    """Hand a report in

    It must be complete: a rating, what was done, and for every indicator a number or the reason why there is none.
    A number that is unlikely has to be confirmed.
    """
    return _write(request, reference, sent, submitting=True)


def _write(request: HttpRequest, reference: str, sent: ReportInput, *, submitting: bool) -> dict[str, Any]:
    found = queries.get_report_for(request.user, reference, content_language(request))
    if found is None:
        raise Http404
    if not rules.may_report_for(request.user, found.organization):
        raise PermissionDenied
    form = forms.ReportForm(
        _typed(sent, found),
        figures=found.figures,
        submitting=submitting,
        confirmed=[each for each, figure in sent.figures.items() if figure.confirmed],
        reading=content_language(request),
    )
    unknown = sorted(set(sent.figures) - {each.indicator.reference for each in found.figures})
    errors = [{"pointer": f"#/figures/{each}", "detail": _nothing(each)} for each in unknown]
    if not form.is_valid() or errors:
        raise Invalid([*errors, *_places(form)])
    act = actions.submit_report if submitting else actions.save_report
    act(report=found, content=form.content(), by=_person(request), now=timezone.now())
    return one(request, reference, "report")


def _typed(sent: ReportInput, report: ReportModel) -> dict[str, str]:
    """What was sent, as the form's fields: so one parser reads both."""
    typed = {"self_rating": sent.self_rating, "narrative": sent.narrative, "language": sent.language}
    for reference, figure in sent.figures.items():
        typed |= {f"value-{reference}": figure.value, f"why-{reference}": figure.missing_reason}
    return typed


def _places(form: forms.ReportForm) -> list[dict[str, str]]:
    """The form's errors, each with its place in what was sent."""
    found = []
    for name, errors in form.errors.items():
        part, _dash, reference = name.partition("-")
        leaf = {"value": "value", "why": "missing_reason"}.get(part)
        pointer = f"#/figures/{reference}/{leaf}" if leaf and reference else f"#/{name}"
        found += [{"pointer": pointer, "detail": str(error)} for error in errors]
    return found


def _person(request: HttpRequest) -> User:
    assert request.user.is_authenticated  # the operation takes a token
    return request.user


def _nothing(reference: str) -> str:
    return _("%(reference)s is not known here.") % {"reference": reference}
