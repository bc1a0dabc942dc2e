"""How ratings, standings and figures look in this module's pages."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import template
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from plenary.delivery.models import Completion, Indicator, Report, Standing
from plenary.kit.charts import Chart, line_chart
from plenary.kit.numbers import show_number

register = template.Library()

BADGES: dict[str, str] = {
    Completion.COMPLETE: "done",
    Completion.SUBSTANTIAL: "done",
    Completion.LIMITED: "risk",
    Completion.NOT_STARTED: "late",
    Completion.NO_EVIDENCE: "silent",
    Standing.NOT_OPEN: "neutral",
    Standing.DUE: "neutral",
    Standing.OVERDUE: "late",
    Standing.SILENT: "silent",
    Standing.SUBMITTED: "neutral",
    Standing.ACCEPTED: "done",
    Report.State.DRAFT: "neutral",
    Report.State.RETURNED: "risk",
}


@register.filter
def badge(value: str) -> str:
    """The badge's modifier for a rating, a standing or a report's state."""
    return BADGES.get(value, "neutral")


@register.filter
def figure(value: Any) -> str:
    return show_number(value) if isinstance(value, Decimal) else ""


@register.simple_tag
def picture(indicator: Indicator) -> Chart | None:
    """The indicator's values over the rounds, with its target; None while there is no value."""
    points = [
        (date_format(point.round.closes_on, "YEAR_MONTH_FORMAT"), point.value)
        for point in indicator.points
        if point.value is not None
    ]
    if not points:
        return None
    return line_chart(
        points,
        baseline=indicator.baseline,
        target=indicator.target,
        title=_("%(indicator)s, by round") % {"indicator": indicator.said["title"]},
        time=_("Round"),
    )
