"""Cycles told: charts, sentences and rows of the figures that ``queries.get_trends`` brings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from plenary.kit.charts import Chart, interval_chart
from plenary.kit.numbers import show_percent
from plenary.records.texts import said_as_data

from .queries import Cycle, Point, Series, StatementTrend, Trend
from .survey_figures import Difference, Figure


@dataclass(frozen=True)
class Row:
    """One cycle in the table."""

    cycle: Cycle
    label: str
    figure: str
    interval: str
    answered: int
    people: int
    rate: str
    youth: str
    change: str


@dataclass(frozen=True)
class Told:
    """One thing over the cycles: picture, table, and what it says."""

    label: Any
    chart: Chart
    rows: list[Row]
    words: str
    youth_words: str
    has_youth: bool


@dataclass(frozen=True)
class ToldTrend:
    question: Any
    measure: str
    series: list[Told]


def tell(trend: Trend) -> ToldTrend:
    return ToldTrend(
        trend.question, _measure(trend.series[0]), [_tell_series(trend, series) for series in trend.series]
    )


def _measure(series: Series) -> str:
    """What the figures are."""
    if series.measure == "mean":
        return _("Mean of the answers, with its 95%% interval.") % ()
    if series.measure == "share":
        return _("Share of those who answered, with its 95%% interval.") % ()
    return _("Mean place in the order, where 1 is first, with its 95%% interval.") % ()


def _tell_series(trend: Trend, series: Series) -> Told:
    question = trend.question
    title = series.label or _("Mean of the answers, by cycle")
    times = 100 if series.measure == "share" else 1
    if series.measure == "share":
        lowest, highest = 0, 100
    elif series.measure == "mean":
        lowest, highest = question.lowest or 0, question.highest or 0
    else:
        lowest, highest = 1, len(trend.series)
    shown = [point for point in series.points if point.figure.value is not None]
    youth = [_interval(point.youth, times) for point in shown]
    words, youth_words = _words(series), _youth_words(series)
    chart = interval_chart(
        [(cycle_label(point.cycle), _interval(point.figure, times)) for point in shown],
        title=title,
        time=_("Cycle"),
        figures=_("All"),
        lowest=lowest,
        highest=highest,
        description=" ".join(part for part in (words, youth_words) if part),
        unit="%" if series.measure == "share" else "",
        places=0 if series.measure == "share" else 2,
        beside=youth if any(youth) else (),
        names=(_("All"), _("15–24")) if any(youth) else ("", ""),
    )
    rows = [_row(point, series.measure) for point in series.points]
    return Told(series.label, chart, rows, words, youth_words, any(point.youth for point in series.points))


def cycle_label(cycle: Cycle) -> str:
    """When it began: the month tells cycles apart, and the year."""
    return date_format(localdate(cycle.survey.consultation.opens_at), "YEAR_MONTH_FORMAT")


def _interval(figure: Figure | None, times: int) -> Any:
    if figure is None or figure.value is None:
        return None
    low = figure.value if figure.low is None else figure.low
    high = figure.value if figure.high is None else figure.high
    return (figure.value * times, low * times, high * times)


def show_figure(figure: Figure | None, measure: str) -> str:
    if figure is None or figure.value is None:
        return "–"
    if measure == "share":
        return show_percent(100 * figure.value)
    return _two(figure.value)


def _show_interval(figure: Figure, measure: str) -> str:
    if figure.low is None or figure.high is None:
        return "–"
    if measure == "share":
        return f"{show_percent(100 * figure.low)} – {show_percent(100 * figure.high)}"
    return f"{_two(figure.low)} – {_two(figure.high)}"


def _two(value: float) -> str:
    # number_format alone would cut off what is left.
    return number_format(round(value, 2), decimal_pos=2)


def show_change(change: Difference | None, measure: str) -> str:
    """«+0.31 [0.12 – 0.50], beyond chance»."""
    if change is None:
        return _("too few answers to compare")
    facts = {
        "change": _signed(change.value, measure),
        "low": _signed(change.low, measure),
        "high": _signed(change.high, measure),
    }
    if change.is_beyond_chance:
        return _("%(change)s (from %(low)s to %(high)s): beyond chance") % facts
    return _("%(change)s (from %(low)s to %(high)s): within chance") % facts


def _signed(value: float, measure: str) -> str:
    is_share = measure == "share"
    rounded = round(100 * value) if is_share else round(value, 2)
    shown = number_format(abs(rounded), decimal_pos=0 if is_share else 2)
    sign = "−" if rounded < 0 else "+"
    if measure == "share":
        return _("%(sign)s%(number)s points") % {"sign": sign, "number": shown}
    return f"{sign}{shown}"


def _row(point: Point, measure: str) -> Row:
    is_first = point.change is None and point.figure.n == 0
    return Row(
        point.cycle,
        cycle_label(point.cycle),
        show_figure(point.figure, measure),
        _show_interval(point.figure, measure),
        point.answered,
        point.cycle.people,
        show_percent(100 * point.rate) if point.rate is not None else "–",
        show_figure(point.youth, measure),
        "" if is_first else (show_change(point.change, measure) if point.change else ""),
    )


def _words(series: Series) -> str:
    """The last step in a sentence, as one would tell it."""
    if len(series.points) < 2:
        return ""
    before, after = series.points[-2:]
    if after.change is None:
        return _("In the last cycle too few people answered to be compared with the one before.")
    facts = {
        "before": show_figure(before.figure, series.measure),
        "after": show_figure(after.figure, series.measure),
        "first": cycle_label(before.cycle),
        "last": cycle_label(after.cycle),
    }
    if not after.change.is_beyond_chance:
        return (
            _("%(first)s: %(before)s, %(last)s: %(after)s. A difference as small as this can be chance.")
            % facts
        )
    if after.change.value > 0:
        return (
            _("It rose from %(before)s (%(first)s) to %(after)s (%(last)s), which is beyond chance.") % facts
        )
    return _("It fell from %(before)s (%(first)s) to %(after)s (%(last)s), which is beyond chance.") % facts


def _youth_words(series: Series) -> str:
    last = series.points[-1]
    if last.youth is None:
        return ""
    facts = {
        "figure": show_figure(last.youth, series.measure),
        "all": show_figure(last.figure, series.measure),
        "count": number_format(last.youth.n, force_grouping=True),
    }
    return (
        ngettext(
            "Of those aged 15 to 24, %(count)s person answered: %(figure)s, against %(all)s of all.",
            "Of those aged 15 to 24, %(count)s people answered: %(figure)s, against %(all)s of all.",
            last.youth.n,
        )
        % facts
    )


@dataclass(frozen=True)
class ToldStatement:
    said: Any
    cells: list[tuple[str, str, str, int]]
    """Cycle, reference, share of agreement, votes."""
    change: str


def tell_statement(trend: StatementTrend) -> ToldStatement:
    cells = [
        (
            date_format(localdate(statement.consultation.opens_at), "YEAR_MONTH_FORMAT"),
            statement.reference,
            show_figure(figure, "share"),
            votes.total,
        )
        for statement, votes, figure in trend.points
    ]
    return ToldStatement(trend.said, cells, show_change(trend.change, "share"))


def as_rows(cycles: Sequence[Cycle], found: Sequence[Trend]) -> list[Sequence[Any]]:
    """One line a figure, for a spreadsheet; hidden figures are empty."""
    rows: list[Sequence[Any]] = [
        (
            "question", "wording", "measure", "option", "survey", "opened", "took_part", "asked", "answered",
            "figure", "low", "high", "youth_answered", "youth", "youth_low", "youth_high",
            "change", "change_low", "change_high", "beyond_chance",
        )
    ]  # fmt: skip
    for trend in found:
        for series in trend.series:
            for point in series.points:
                rows.append((trend.question.number, trend.question.said["wording"], *_cells(series, point)))
    return rows


def _cells(series: Series, point: Point) -> Sequence[Any]:
    data = point_data(point)
    return (
        series.measure, series.label or "", data["survey"], data["opened"], data["took_part"], data["asked"],
        data["answered"], *(_number(data[name]) for name in ("figure", "low", "high")),
        *(_number((data["youth"] or {}).get(name)) for name in ("answered", "figure", "low", "high")),
        *(_number((data["change"] or {}).get(name)) for name in ("value", "low", "high")),
        "" if data["change"] is None else "yes" if data["change"]["beyond_chance"] else "no",
    )  # fmt: skip


def _number(value: Any) -> str:
    return "" if value is None else f"{value:.6g}"


def point_data(point: Point) -> dict[str, Any]:
    """A figure of one cycle for programs."""
    youth, change = point.youth, point.change
    return {
        "survey": point.cycle.survey.reference,
        "opened": localdate(point.cycle.survey.consultation.opens_at).isoformat(),
        "is_running": point.cycle.is_running,
        "took_part": point.cycle.people,
        "asked": point.asked,
        "answered": point.answered,
        "figure": point.figure.value,
        "low": point.figure.low,
        "high": point.figure.high,
        "youth": None
        if youth is None
        else {"answered": youth.n, "figure": youth.value, "low": youth.low, "high": youth.high},
        "change": None
        if change is None
        else {
            "value": change.value,
            "low": change.low,
            "high": change.high,
            "beyond_chance": change.is_beyond_chance,
        },
    }


def trend_data(trend: Trend) -> dict[str, Any]:
    """A question over its cycles for programs."""
    return {
        "question": trend.question.number,
        "wording": said_as_data(trend.question.said["wording"]),
        "series": [
            {
                "option": str(series.label) if series.label else None,
                "measure": series.measure,
                "points": [point_data(point) for point in series.points],
            }
            for series in trend.series
        ],
    }
