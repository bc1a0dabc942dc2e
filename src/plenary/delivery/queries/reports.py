"""Reports: what an organization says of a commitment in a round, with its figures."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from plenary.records.texts import with_texts

from ..models import Datapoint, Indicator, Report
from .visible import visible_reports

if TYPE_CHECKING:
    from plenary.people.rules import Viewer

HANDED_IN = (Report.State.SUBMITTED, Report.State.ACCEPTED)

REPORT_TEXTS = {
    "title": "record.title_id",
    "organization": "organization.record.title_id",
    "round": "round.record.title_id",
    "narrative": "narrative_id",
}


def edges_commitment_to_report() -> QuerySet[Any, Any]:
    return Report.objects.values_list("commitment_id", "record_id")


def list_reports_for(user: Viewer | None, language: str, **filters: Any) -> list[Report]:
    found = list(visible_reports(user).filter(**filters).order_by("record__number"))
    with_texts(found, language, **REPORT_TEXTS)
    return found


def get_report_for(user: Viewer | None, reference: str, language: str) -> Report | None:
    """A report with its texts and its ``figures``, one per indicator of its commitment, answered or not."""
    found = list_reports_for(user, language, record__reference=reference)
    if not found:
        return None
    report = found[0]
    report.figures = list_figures(report, language)
    return report


@dataclass(frozen=True)
class Figure:
    indicator: Indicator
    datapoint: Datapoint | None
    before: Decimal | None = None
    """What the organization reported last in an earlier round."""


def list_figures(report: Report, language: str) -> list[Figure]:
    indicators = list(
        Indicator.objects.filter(commitment=report.commitment_id)
        .select_related("record")
        .order_by("record__number")
    )
    with_texts(indicators, language, title="record.title_id", unit="unit_id")
    known = {row.indicator_id: row for row in report.datapoints.all()}
    before = dict(  # the later one stays
        Datapoint.objects.filter(
            indicator__in=indicators,
            value__isnull=False,
            report__organization=report.organization_id,
            report__state__in=HANDED_IN,
            report__round__opens_on__lt=report.round.opens_on,
        )
        .order_by("report__round__opens_on")
        .values_list("indicator_id", "value")
    )
    return [Figure(each, known.get(each.pk), before.get(each.pk)) for each in indicators]
