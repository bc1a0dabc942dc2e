"""Where the records of this module are shown, and what their JSON says."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import timezone

from plenary.records.models import Record
from plenary.records.texts import Said

from . import queries
from .models import Datapoint, Indicator, Report, Review, Round

if TYPE_CHECKING:
    from plenary.people.rules import Viewer


def commitment_page(record: Record) -> str:
    return reverse("commitment", args=[record.reference])


def indicator_page(record: Record) -> str:
    """An indicator is shown on the page of its commitment."""
    return reverse("commitment", args=[record.indicator.commitment.record.reference]) + f"#{record.reference}"


def round_page(record: Record) -> str:
    return reverse("round", args=[record.reference])


def report_page(record: Record) -> str:
    return reverse("report", args=[record.reference])


def review_page(record: Record) -> str:
    return reverse("review", args=[record.reference])


def commitment_data(record: Record, user: Viewer | None, language: str) -> dict[str, Any]:
    page = queries.get_commitment_page(user, record.reference, language, timezone.localdate(timezone.now()))
    assert page is not None
    commitment, row = page.commitment, page.row
    return {
        "clause": commitment.clause.reference,
        "owner": commitment.owner.reference,
        "co_owners": [each.reference for each in commitment.responsible[1:]],
        "starts_on": commitment.starts_on.isoformat(),
        "ends_on": commitment.ends_on.isoformat(),
        "closed_on": commitment.closed_on.isoformat() if commitment.closed_on else None,
        "self_rating": row.self_report.self_rating if row.self_report else None,
        "committee_rating": row.review.completion if row.review else None,
        "ratings_differ": row.differs,
        "silent_in": row.silent_in.reference if row.silent_in else None,
        "indicators": [_indicator(each) for each in page.indicators],
        "rounds": [
            {
                "round": chapter.round.reference,
                "standing": chapter.standing.value,
                "reports": [report.reference for report in chapter.reports],
                "reviews": [review.reference for review in chapter.reviews],
            }
            for chapter in page.chapters
        ],
    }


def indicator_data(record: Record, user: Viewer | None, language: str) -> dict[str, Any]:
    commitment = record.indicator.commitment
    found = [each for each in queries.list_indicators(user, commitment, language) if each.pk == record.pk]
    return {"commitment": commitment.reference} | _indicator(found[0])


def round_data(record: Record, user: Viewer | None, language: str) -> dict[str, Any]:
    round: Round = record.round
    rows = queries.list_round_rows(user, round, language, timezone.localdate(timezone.now()))
    return {
        "strategy": round.strategy.reference,
        "opens_on": round.opens_on.isoformat(),
        "closes_on": round.closes_on.isoformat(),
        "frozen": round.frozen.sha256 if round.frozen else None,
        "snapshots": [
            {
                "sha256": snapshot.sha256,
                "made_at": snapshot.made_at.isoformat(),
                "url": reverse("round-snapshot", args=[record.reference, snapshot.sha256]),
            }
            for snapshot in queries.list_snapshots(round)
        ],
        "commitments": [
            {
                "commitment": row.commitment.reference,
                "owner": row.commitment.owner.reference,
                "standing": row.standing.value,
                "reports": [report.reference for report in row.reports],
                "reviews": [review.reference for review in row.reviews],
            }
            for row in rows
        ],
    }


def report_data(record: Record, user: Viewer | None, language: str) -> dict[str, Any]:
    report: Report | None = queries.get_report_for(user, record.reference, language)
    assert report is not None
    return {
        "round": report.round.reference,
        "commitment": report.commitment.reference,
        "organization": report.organization.reference,
        "state": report.state,
        "self_rating": report.self_rating or None,
        "narrative": _said(report.said["narrative"]),
        "submitted_at": report.submitted_at.isoformat() if report.submitted_at else None,
        "figures": [
            {
                "indicator": each.indicator.reference,
                "unit": _said(each.indicator.said["unit"]),
                **_figure(each.datapoint),
            }
            for each in report.figures
        ],
    }


def review_data(record: Record, user: Viewer | None, language: str) -> dict[str, Any]:
    review: Review | None = queries.get_review_for(user, record.reference, language)
    assert review is not None
    return {
        "round": review.round.reference,
        "commitment": review.commitment.reference,
        "body": review.body.reference,
        "completion": review.completion,
        "result": review.result,
        "findings": _said(review.said["findings"]),
    }


def _indicator(indicator: Indicator) -> dict[str, Any]:
    return {
        "reference": indicator.reference,
        "name": _said(indicator.said["title"]),
        "unit": _said(indicator.said["unit"]),
        "direction": indicator.direction,
        "baseline": _number(indicator.baseline),
        "target": _number(indicator.target),
        "rollup": indicator.rollup,
        "figures": [
            {
                "round": row.report.round.reference,
                "report": row.report.reference,
                "organization": row.report.organization.reference,
            }
            | _figure(row)
            for point in indicator.points
            for row in point.datapoints
        ],
    }


def _figure(row: Datapoint | None) -> dict[str, Any]:
    return {
        "value": _number(row.value) if row else None,
        "missing_reason": (row.missing_reason or None) if row else None,
    }


def _number(value: Decimal | None) -> str | None:
    """As a string: a JSON number would be read as a float and lose digits."""
    return None if value is None else format(value.normalize(), "f")


def _said(text: Said | None) -> dict[str, str] | None:
    return {"body": text.body, "language": text.language} if text else None
