"""The results of a consultation one after the other: how many took part, how the shares moved, what came and went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from plenary.kit.charts import Chart, interval_chart, line_chart
from plenary.participation.models import Statement
from plenary.records.texts import Said, shortened, with_texts

from . import queries
from .figures import Overview, number, percent
from .models import Analysis, Finding
from .shell import Result

MOST = 12  # results beside each other
DRAWN = 8  # statements with a picture
LISTED = 100
KINDS = (Finding.Kind.CONSENSUS, Finding.Kind.DIVISION)


@dataclass(frozen=True)
class Moment:
    """One result in the series."""

    analysis: Analysis
    label: str
    overview: Overview

    @property
    def people(self) -> str:
        return number(self.overview.participants)

    @property
    def votes(self) -> str:
        return number(self.overview.votes)


@dataclass(frozen=True)
class Line:
    """A statement that some result said to be shared or to part people."""

    statement: Statement | None
    found: tuple[str, ...]
    """For each moment: the kind that it was found as, or nothing."""
    moments: Sequence[Moment]
    chart: Chart | None = None

    @property
    def is_new(self) -> bool:
        return bool(self.found[-1]) and not any(self.found[:-1])

    @property
    def is_gone(self) -> bool:
        return not self.found[-1]

    @property
    def stays(self) -> bool:
        return all(self.found)

    @property
    def is_changed(self) -> bool:
        """Found each time, and as something else: what was shared parts people now, or the other way round."""
        return self.stays and self.found[0] != self.found[-1]

    @property
    def cells(self) -> list[tuple[Moment, Any]]:
        """Each moment with what it was found as; nothing where it was not found."""
        return [
            (moment, Finding.Kind(kind).label if kind else "")
            for moment, kind in zip(self.moments, self.found, strict=True)
        ]


@dataclass(frozen=True)
class Series:
    moments: list[Moment]
    total: int
    """Results that there are; of many the first, the last and some between are shown."""
    people: Chart | None
    drawn: list[Line]
    lines: list[Line]
    left_out: int

    @property
    def is_thinned(self) -> bool:
        return self.total > len(self.moments)


def read_series(found: Result) -> Series:
    """Nothing but the moments where there is only one."""
    moments, total = _moments(found)
    if len(moments) < 2:
        return Series(moments, total, None, [], [], 0)
    people = line_chart(
        [(moment.label, moment.overview.participants) for moment in moments],
        title=_("People who took part"),
        time=_("Analysis"),
    )
    lines = _lines(found, moments)
    shares = queries.list_shares([moment.analysis for moment in moments])
    drawn = [_drawn(*line[1:], moments, shares) for line in lines if line[1] is not None][:DRAWN]
    return Series(
        moments,
        total,
        people,
        drawn,
        [Line(*line[1:], moments) for line in lines[:LISTED]],
        max(len(lines) - LISTED, 0),
    )


def series_as_data(found: Result) -> dict[str, Any]:
    """The same for programs, of all statements that some result found."""
    moments, total = _moments(found)
    shares = queries.list_shares([moment.analysis for moment in moments])
    names = ("agree", "disagree", "pass", "low", "high")
    return {
        "results": total,
        "moments": [
            {
                "analysis": moment.analysis.reference,
                "at": moment.analysis.record.created_at.isoformat(),
                "people": moment.overview.participants,
                "votes": moment.overview.votes,
                "groups": moment.overview.k,
            }
            for moment in moments
        ],
        "statements": [
            {
                "statement": reference,
                "found_as": [kind or None for kind in kinds],
                "shares": [
                    dict(zip(names, each[reference], strict=False)) if reference in each else None
                    for each in shares
                ],
            }
            for reference, _statement, kinds in _lines(found, moments)
        ],
    }


def _moments(found: Result) -> tuple[list[Moment], int]:
    """The results that are shown, and how many there are."""
    analyses = queries.list_done(found.reader, found.consultation, found.analysis.parameters.get("mode", ""))
    chosen = _labelled(thin(analyses, MOST))
    return [Moment(one, label, Overview.read(one.summary)) for one, label in chosen], len(analyses)


def thin(analyses: Sequence[Analysis], most: int) -> list[Analysis]:
    """The first, the last, and as many evenly between them as there is room for."""
    if len(analyses) <= most:
        return list(analyses)
    step = (len(analyses) - 1) / (most - 1)
    return [analyses[round(at * step)] for at in range(most)]


def _labelled(analyses: Sequence[Analysis]) -> list[tuple[Analysis, str]]:
    """Each with its day; with its hour too where days are not enough to tell them apart."""
    times = [localtime(one.record.created_at) for one in analyses]
    # Arabic's marks of direction between day, month and year turn them about in a picture.
    days = [date_format(time, "SHORT_DATE_FORMAT").replace("\u200f", "") for time in times]
    if len(set(days)) == len(days):
        return list(zip(analyses, days, strict=True))
    hours = [date_format(time, "SHORT_DATETIME_FORMAT").replace("\u200f", "") for time in times]
    if len(set(hours)) == len(hours):
        return list(zip(analyses, hours, strict=True))
    return [(one, one.reference) for one in analyses]


_Row = tuple[str, Statement | None, tuple[str, ...]]


def _lines(found: Result, moments: Sequence[Moment]) -> list[_Row]:
    """Statements that were shared or parted people in any of the results; what came or went first."""
    rows = queries.list_kinds([moment.analysis for moment in moments], KINDS)
    places = {moment.analysis.pk: at for at, moment in enumerate(moments)}
    by_statement: dict[str, list[str]] = {}
    for analysis, kind, reference in rows:
        kinds = by_statement.setdefault(reference, [""] * len(moments))
        kinds[places[analysis]] = kinds[places[analysis]] or kind
    statements = queries.map_visible_statements(found.analysis, found.reader, by_statement)
    with_texts(list(statements.values()), found.language, title="record.title_id")
    lines = [
        (reference, statements.get(reference), tuple(kinds)) for reference, kinds in by_statement.items()
    ]
    return sorted(lines, key=lambda line: (all(line[2]) and line[2][0] == line[2][-1], not line[2][-1]))


def _drawn(
    statement: Statement | None,
    kinds: tuple[str, ...],
    moments: Sequence[Moment],
    shares: Sequence[Mapping[str, Sequence[float]]],
) -> Line:
    assert statement is not None
    figures = [each.get(statement.reference) for each in shares]
    known = [(moment, each) for moment, each in zip(moments, figures, strict=True) if each and sum(each[:3])]
    points: list[tuple[str, tuple[float, float, float] | None]] = []
    rows = []
    for moment, each in known:
        agree, disagree, passed, low, high = each[:5]
        votes = agree + disagree + passed
        points.append((moment.label, (100 * agree / votes, 100 * low, 100 * high)))
        rows.append((moment.label, percent(agree / votes), _interval(low, high), number(votes)))
    said = statement.said["title"]
    chart = interval_chart(
        points,
        title=_title(said, statement),
        time=_("Analysis"),
        figures=_("Agree"),
        lowest=0,
        highest=100,
        description=_moved(known),
        unit="%",
    )
    columns = (_("Analysis"), _("Agree"), _("Interval"), _("Votes"))
    chart = Chart(chart.picture, chart.title, chart.description, columns, rows)
    return Line(statement, kinds, moments, chart)


def _title(said: Said | None, statement: Statement) -> Any:
    if statement.record.erased_at is not None or not said:
        return statement.reference
    return shortened(said, 160)


def _interval(low: float, high: float) -> str:
    return _("%(low)s–%(high)s %%") % {"low": number(100 * low), "high": number(100 * high)}


def _moved(known: Sequence[tuple[Moment, Sequence[float]]]) -> str:
    """From the first to the last, in a sentence; whether the intervals are apart is seen in the picture."""
    (first, before), (last, after) = known[0], known[-1]
    words = {
        "before": percent(before[0] / sum(before[:3])),
        "after": percent(after[0] / sum(after[:3])),
        "first": first.label,
        "last": last.label,
    }
    if len(known) < 2:
        return _("%(after)s agree (%(last)s); there are votes in one analysis only.") % words
    if before[3] > after[4] or after[3] > before[4]:
        return (
            _(
                "%(before)s agreed at first (%(first)s), %(after)s at last (%(last)s): the intervals lie apart."
            )
            % words
        )
    return (
        _("%(before)s agreed at first (%(first)s), %(after)s at last (%(last)s): the intervals overlap.")
        % words
    )
