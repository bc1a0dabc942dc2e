"""Where the records of this module are shown, and what their JSON says."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import prefetch_related_objects
from django.urls import reverse
from django.utils import timezone

from plenary.records.models import Record
from plenary.records.texts import said_as_data

from . import queries
from .models import Datapoint, Indicator, Report, Review, Round
from .queries import CommitmentRow

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


def commitment_rows(records: Sequence[Record], user: Viewer | None, language: str) -> list[dict[str, Any]]:
    today = timezone.localdate(timezone.now())
    rows = {
        row.commitment.pk: row
        for row in queries.list_commitments_for(
            user, language, today, among=[record.pk for record in records]
        )
    }
    return [_commitment(rows[record.pk]) for record in records]


def round_rows(records: Sequence[Record], user: Viewer | None, language: str) -> list[dict[str, Any]]:
    prefetch_related_objects(records, "round__strategy__record")
    frozen = queries.map_frozen([record.pk for record in records])
    return [_round(record.round, frozen.get(record.pk)) for record in records]


def report_rows(records: Sequence[Record], user: Viewer | None, language: str) -> list[dict[str, Any]]:
    prefetch_related_objects(
        records, "report__round__record", "report__commitment__record", "report__organization__record"
    )
    return [_report(record.report) for record in records]


def review_rows(records: Sequence[Record], user: Viewer | None, language: str) -> list[dict[str, Any]]:
    prefetch_related_objects(
        records, "review__round__record", "review__commitment__record", "review__body__record"
    )
    return [_review(record.review) for record in records]


def _commitment(row: CommitmentRow) -> dict[str, Any]:
    commitment = row.commitment
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
    }


def _round(round: Round, frozen: str | None) -> dict[str, Any]:
    return {
        "strategy": round.strategy.reference,
        "opens_on": round.opens_on.isoformat(),
        "closes_on": round.closes_on.isoformat(),
        "frozen": frozen,
    }


def _report(report: Report) -> dict[str, Any]:
    return {
        "round": report.round.reference,
        "commitment": report.commitment.reference,
        "organization": report.organization.reference,
        "state": report.state,
        "self_rating": report.self_rating or None,
        "submitted_at": report.submitted_at.isoformat() if report.submitted_at else None,
    }


def _review(review: Review) -> dict[str, Any]:
    return {
        "round": review.round.reference,
        "commitment": review.commitment.reference,
        "body": review.body.reference,
        "completion": review.completion,
        "result": review.result,
    }


def commitment_data(record: Record, user: Viewer | None, language: str) -> dict[str, Any]:
    page = queries.get_commitment_page(user, record.reference, language, timezone.localdate(timezone.now()))
    assert page is not None
    return {
        **_commitment(page.row),
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
        **_round(round, round.frozen.sha256 if round.frozen else None),
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
        **_report(report),
        "narrative": said_as_data(report.said["narrative"]),
        "figures": [
            {
                "indicator": each.indicator.reference,
                "unit": said_as_data(each.indicator.said["unit"]),
                **_figure(each.datapoint),
            }
            for each in report.figures
        ],
    }


def review_data(record: Record, user: Viewer | None, language: str) -> dict[str, Any]:
    review: Review | None = queries.get_review_for(user, record.reference, language)
    assert review is not None
    return {
        **_review(review),
        "findings": said_as_data(review.said["findings"]),
    }


def _indicator(indicator: Indicator) -> dict[str, Any]:
    return {
        "reference": indicator.reference,
        "name": said_as_data(indicator.said["title"]),
        "unit": said_as_data(indicator.said["unit"]),
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
