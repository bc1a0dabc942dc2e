"""Analyses and findings."""

from __future__ import annotations

from typing import Any, Literal

from django.http import Http404, HttpRequest
from ninja import Query
from pydantic import Field

from plenary.kit import access
from plenary.kit.api import DateTime, Output, Paged, RecordFields, RecordRow, Reference, Router
from plenary.kit.languages import content_language
from plenary.records.telling import Filter, list_page, one

from . import permalinks, queries
from .models import Finding as FindingModel

router = Router(tags=["Results"])


class AnalysisFacts(Output):
    consultation: str
    state: str = Field(description="`waiting`, `running`, `done` or `failed`")
    engine_version: str
    input_sha256: str = Field(description="Of the votes that it rests on")
    finished_at: DateTime | None


class AnalysisRow(AnalysisFacts, RecordRow):
    pass


class Analysis(AnalysisFacts, RecordFields):
    kind: Literal["analysis"]
    seed: int
    parameters: dict[str, Any]
    summary: dict[str, Any] = Field(description="Counts and groups, as the engine gave them")
    result_sha256: str | None
    result: str | None = Field(description="Address of the whole result, on this site")
    package: str | None = Field(
        description="Address of the open data (ZIP) that `plenary verify` checks, on this site"
    )
    map: str | None = Field(description="Address of the map of opinions (SVG), on this site")


class FindingFacts(Output):
    finding_kind: str = Field(description="`consensus`, `division`, `bridge`, `position` or `uncertain`")
    analysis: str
    consultation: str
    groups: list[int] = Field(description="The groups concerned, by number from 0")


class FindingRow(FindingFacts, RecordRow):
    pass


class Finding(FindingFacts, RecordFields):
    kind: Literal["finding"]
    statements: list[str] = Field(description="References of the statements that it rests on")
    figures: dict[str, Any] = Field(description="Counts, rates and intervals, as the engine gave them")


class AnalysisFilter(Filter):
    consultation: Reference | None = None


class FindingFilter(AnalysisFilter):
    finding_kind: Literal[*FindingModel.Kind.values] | None = None  # type: ignore[valid-type]


@router.get("/analyses", response=Paged[AnalysisRow], operation_id="list_analyses")
@access.everyone
def analyses(request: HttpRequest, filter: Query[AnalysisFilter]) -> Any:
    """Analyses"""
    where = queries.analyses_in(request.user, filter.consultation)
    return list_page(request, filter, kind="analysis", where=where, rows=permalinks.analysis_rows)


@router.get("/analyses/{reference}", response=Analysis, operation_id="get_analysis")
@access.everyone
def analysis(request: HttpRequest, reference: Reference) -> Any:
    """One analysis

    With what it takes to recompute it: the hash of its input, parameters, seed, version of the engine.
    """
    return one(request, reference, "analysis")


@router.get(
    "/analyses/{reference}/findings", response=Paged[FindingRow], operation_id="list_findings_of_analysis"
)
@access.everyone
def findings_of(request: HttpRequest, reference: Reference, filter: Query[Filter]) -> Any:
    """The findings of an analysis"""
    found = queries.get_analysis_for(request.user, reference, content_language(request))
    if found is None:
        raise Http404
    where = queries.findings_in(request.user, analysis=found)
    return list_page(request, filter, kind="finding", where=where, rows=permalinks.finding_rows)


@router.get("/findings", response=Paged[FindingRow], operation_id="list_findings")
@access.everyone
def findings(request: HttpRequest, filter: Query[FindingFilter]) -> Any:
    """Findings of all analyses"""
    where = queries.findings_in(request.user, consultation=filter.consultation, kind=filter.finding_kind)
    return list_page(request, filter, kind="finding", where=where, rows=permalinks.finding_rows)


@router.get("/findings/{reference}", response=Finding, operation_id="get_finding")
@access.everyone
def finding(request: HttpRequest, reference: Reference) -> Any:
    """One finding with its figures"""
    return one(request, reference, "finding")


router.add_router("", "plenary.insight.integrity_api.router")
router.add_router("", "plenary.insight.compare_api.router")
router.add_router("", "plenary.insight.lens_api.router")
router.add_router("", "plenary.insight.sections_api.router")
router.add_router("", "plenary.insight.report_api.router")
