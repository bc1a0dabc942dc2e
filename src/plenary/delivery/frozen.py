"""What a round publishes when it closes: one JSON document whose bytes are the same for the same content."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

from plenary.records.models import Text

from .models import Commitment, Report, Review, Round

FORMAT = "plenary-round/1"


def canonical_json(content: dict[str, Any]) -> bytes:
    """UTF-8, keys in order, no idle spaces, one line feed at the end."""
    return (json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n").encode()


def round_content(round: Round, now: datetime) -> dict[str, Any]:
    """Accepted reports, reviews and silent owners of a round. Names no person. A constant number of queries."""
    commitments = (
        Commitment.objects.filter(clause__strategy=round.strategy_id)
        .select_related("record__title", "clause__record", "owner__record")
        .prefetch_related("co_owners__record")
        .order_by("record__number")
    )
    reports: dict[int, list[Report]] = {}
    for report in (
        round.reports.filter(state=Report.State.ACCEPTED)
        .select_related("record", "organization__record", "narrative")
        .prefetch_related("datapoints__indicator__record__title", "datapoints__indicator__unit")
        .order_by("record__number")
    ):
        reports.setdefault(report.commitment_id, []).append(report)
    reviews: dict[int, list[Review]] = {}
    for review in round.reviews.select_related("record", "body__record", "findings").order_by(
        "record__number"
    ):
        reviews.setdefault(review.commitment_id, []).append(review)
    return {
        "format": FORMAT,
        "round": round.reference,
        "title": _text(round.record.title),
        "strategy": round.strategy.reference,
        "opens_on": round.opens_on.isoformat(),
        "closes_on": round.closes_on.isoformat(),
        "frozen_at": now.isoformat(),
        "commitments": [
            _commitment(each, reports.get(each.pk, []), reviews.get(each.pk, []))
            for each in commitments
            if round.concerns(each) or each.pk in reports
        ],
    }


def _commitment(commitment: Commitment, reports: list[Report], reviews: list[Review]) -> dict[str, Any]:
    reported = {report.organization_id for report in reports}
    return {
        "reference": commitment.reference,
        "title": _text(commitment.record.title),
        "clause": commitment.clause.reference,
        "owner": commitment.owner.reference,
        "co_owners": sorted(each.reference for each in commitment.co_owners.all()),
        "reports": [_report(report) for report in reports],
        "reviews": [_review(review) for review in reviews],
        "silent": [] if commitment.owner_id in reported else [commitment.owner.reference],
    }


def _report(report: Report) -> dict[str, Any]:
    datapoints = sorted(report.datapoints.all(), key=lambda row: row.indicator.record.number)
    return {
        "reference": report.reference,
        "organization": report.organization.reference,
        "self_rating": report.self_rating,
        "narrative": _text(report.narrative),
        "submitted_at": report.submitted_at.isoformat() if report.submitted_at else None,
        "figures": [
            {
                "indicator": row.indicator.reference,
                "name": _text(row.indicator.record.title),
                "unit": _text(row.indicator.unit),
                "value": _number(row.value),
                "missing_reason": row.missing_reason or None,
            }
            for row in datapoints
        ],
    }


def _review(review: Review) -> dict[str, Any]:
    return {
        "reference": review.reference,
        "body": review.body.reference,
        "completion": review.completion,
        "result": review.result,
        "findings": _text(review.findings),
    }


def _text(text: Text | None) -> dict[str, str] | None:
    return {"body": text.body, "language": text.source_language} if text else None


def _number(value: Decimal | None) -> str | None:
    """As a string: a JSON number would be read as a float and lose digits."""
    return None if value is None else format(value.normalize(), "f")
