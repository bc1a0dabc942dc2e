"""The smallest valid objects: one promise of a small strategy, taken on, measured, asked about."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from plenary.delivery import actions
from plenary.delivery.actions import ReportContent
from plenary.delivery.models import Commitment, Indicator, Report, Review, Round
from plenary.records.models import Organization
from plenary.strategy.models import Clause
from plenary.strategy.tests.factories import clause, make_version

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
LATE = datetime(2026, 4, 2, 9, 0, tzinfo=UTC)


def make_clause(local: str = "C1") -> Clause:
    return clause(make_version().strategy, local)


def make_commitment(owner: Organization, promise: Clause | None = None, **more: Any) -> Commitment:
    facts = {"starts_on": date(2026, 1, 1), "ends_on": date(2026, 12, 31), "by": None, "now": NOW} | more
    return actions.make_commitment(clause=promise or make_clause(), owner=owner, **facts)


def make_indicator(commitment: Commitment, **more: Any) -> Indicator:
    facts = {"name": "Staff trained", "unit": "people", "language": "en", "direction": "increase"}
    figures = {"baseline": Decimal(0), "target": Decimal(100), "by": None, "now": NOW}
    return actions.add_indicator(commitment=commitment, **(facts | figures | more))


def make_round(commitment: Commitment, **more: Any) -> Round:
    facts = {
        "title": "First round",
        "language": "en",
        "opens_on": date(2026, 3, 1),
        "closes_on": date(2026, 3, 31),
    }
    return actions.open_round(
        strategy=commitment.clause.strategy, **(facts | {"by": None, "now": NOW} | more)
    )


def content(
    indicator: Indicator | None = None, figure: Decimal | str = Decimal(40), **more: Any
) -> ReportContent:
    facts = {"self_rating": "substantial", "narrative": "Courses began.", "language": "en"}
    return ReportContent(**(facts | more), figures={indicator.pk: figure} if indicator else {})


def make_report(
    round: Round,
    commitment: Commitment,
    state: str = "accepted",
    by: Any = None,
    now: datetime = NOW,
    **more: Any,
) -> Report:
    """A report by the owner that went as far as ``state``."""
    report = actions.start_report(
        round=round, commitment=commitment, organization=commitment.owner, by=by, now=now
    )
    if state == "draft":
        return report
    report = actions.submit_report(report=report, content=content(**more), by=by, now=now)
    if state == "accepted":
        report = actions.accept_report(report=report, by=None, now=now)
    if state == "returned":
        report = actions.return_report(report=report, reason="Say who was trained.", by=None, now=now)
    return report


def make_review(
    round: Round,
    commitment: Commitment,
    body: Organization,
    completion: str = "limited",
    by: Any = None,
    **more: Any,
) -> Review:
    facts = {"result": "marginal", "findings": "Seen in two cities.", "language": "en", "now": NOW}
    return actions.review_commitment(
        round=round, commitment=commitment, body=body, completion=completion, by=by, **(facts | more)
    )
