"""What is measured of a commitment, over its rounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from plenary.records.queries import visible_to
from plenary.records.texts import with_texts

from ..models import Commitment, Datapoint, Indicator, Round
from .reports import HANDED_IN

if TYPE_CHECKING:
    from plenary.people.rules import Viewer

INDICATOR_TEXTS = {"title": "record.title_id", "unit": "unit_id"}
DATAPOINT_TEXTS = {
    "round": "report.round.record.title_id",
    "organization": "report.organization.record.title_id",
}


@dataclass
class Point:
    """An indicator in one round: the added-up value, and every organization's figure or reason."""

    round: Round
    datapoints: list[Datapoint] = field(default_factory=list)
    value: Any = None


def list_indicators(user: Viewer | None, commitment: Commitment, language: str) -> list[Indicator]:
    """A commitment's indicators, each with ``points`` from the reports that the reader may see, oldest first."""
    indicators, datapoints = load_indicators(user, commitment)
    with_texts(indicators, language, **INDICATOR_TEXTS)
    with_texts(datapoints, language, **DATAPOINT_TEXTS)
    return indicators


def load_indicators(user: Viewer | None, commitment: Commitment) -> tuple[list[Indicator], list[Datapoint]]:
    """``list_indicators`` without the texts, and beside it the figures that the points hold. Two SQL queries."""
    indicators = list(commitment.indicators.select_related("record").order_by("record__number"))
    datapoints = list(
        Datapoint.objects.filter(
            visible_to(user, "report__record"), indicator__in=indicators, report__state__in=HANDED_IN
        )
        .select_related("report__round__record", "report__organization__record", "report__record")
        .order_by("report__round__opens_on", "report__round_id", "report__record__number")
    )
    for indicator in indicators:
        points: dict[int, Point] = {}
        for row in datapoints:
            if row.indicator_id == indicator.pk:
                points.setdefault(row.report.round_id, Point(row.report.round)).datapoints.append(row)
        indicator.points = list(points.values())
        for point in indicator.points:
            point.value = _rolled_up(indicator, point.datapoints, commitment.owner_id)
    return indicators, datapoints


def _rolled_up(indicator: Indicator, datapoints: Sequence[Datapoint], owner: int) -> Any:
    """One figure of several organizations' as the indicator says; the owner's alone where they are not added up."""
    values = [row.value for row in datapoints if row.value is not None]
    if indicator.rollup == Indicator.Rollup.NONE:
        values = [
            row.value for row in datapoints if row.value is not None and row.report.organization_id == owner
        ]
    if not values:
        return None
    if indicator.rollup == Indicator.Rollup.SUM:
        return sum(values)
    if indicator.rollup == Indicator.Rollup.MEAN:
        return round(sum(values) / len(values), 4)
    return values[-1]
