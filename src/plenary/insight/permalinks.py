"""Pages and data of analyses and findings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db.models import prefetch_related_objects
from django.urls import reverse

from plenary.records.models import Record

from . import queries

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from plenary.people.models import User

    Viewer = User | AnonymousUser | None


def analysis_page(record: Record) -> str:
    return reverse("analysis", args=[record.reference])


def finding_page(record: Record) -> str:
    return reverse("finding", args=[record.reference])


def analysis_rows(records: Sequence[Record], user: Viewer, language: str) -> list[dict[str, Any]]:
    prefetch_related_objects(records, "analysis__consultation__record")
    return [
        {
            "consultation": analysis.consultation.reference,
            "state": analysis.state,
            "engine_version": analysis.engine_version,
            "input_sha256": analysis.input_sha256,
            "finished_at": analysis.finished_at.isoformat() if analysis.finished_at else None,
        }
        for analysis in (record.analysis for record in records)
    ]


def finding_rows(records: Sequence[Record], user: Viewer, language: str) -> list[dict[str, Any]]:
    prefetch_related_objects(records, "finding__analysis__record", "finding__analysis__consultation__record")
    return [
        {
            "finding_kind": finding.kind,
            "analysis": finding.analysis.reference,
            "consultation": finding.analysis.consultation.reference,
            "groups": finding.groups,
        }
        for finding in (record.finding for record in records)
    ]


def analysis_data(record: Record, user: Viewer, language: str) -> dict[str, Any]:
    analysis = queries.get_analysis_for(user, record.reference, language)
    if analysis is None:
        return {}
    return {
        "consultation": analysis.consultation.reference,
        "state": analysis.state,
        "engine_version": analysis.engine_version,
        "input_sha256": analysis.input_sha256,
        "seed": analysis.seed,
        "parameters": analysis.parameters,
        "summary": analysis.summary,
        "result_sha256": analysis.result.sha256 if analysis.result else None,
        "result": reverse("analysis-result", args=[record.reference]) if analysis.result else None,
        "package": reverse("analysis-package", args=[record.reference])
        if queries.has_votes(analysis)
        else None,
        "map": reverse("analysis-map", args=[record.reference]) if analysis.picture else None,
        "finished_at": analysis.finished_at.isoformat() if analysis.finished_at else None,
    }


def finding_data(record: Record, user: Viewer, language: str) -> dict[str, Any]:
    finding = queries.get_finding_for(user, record.reference, language)
    if finding is None:
        return {}
    return {
        "finding_kind": finding.kind,
        "analysis": finding.analysis.reference,
        "consultation": finding.analysis.consultation.reference,
        "statements": [point.statement.reference for point in finding.points if point.statement],  # type: ignore[attr-defined]
        "groups": finding.groups,
        "figures": finding.figures,
    }
