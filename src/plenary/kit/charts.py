"""Pictures of figures as SVG without styles of their own; kit/plenary.css colours their classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language_bidi, gettext

from .numbers import show_percent

Number = int | float | Decimal
Interval = tuple[Number, Number, Number] | None
"""A figure with the lower and the upper end of its interval."""

# Small, so that the words stay readable on a phone; lines across are named in the column beyond END.
WIDTH, HEIGHT = 360, 216
TOP, BOTTOM, START, END = 28, 180, 4, 262
INSET = 22  # half a label's width beside the first and the last point
LINE = 16  # between two lines of words


@dataclass(frozen=True)
class Chart:
    """A picture and the same in words and figures; ``{% chart it %}{% endchart %}`` shows them together."""

    picture: SafeString
    title: Any
    """Plain words, or a text of people's."""
    description: str = ""
    """What the picture shows, as one would tell it."""
    columns: Sequence[str] = ()
    """The table's headings; the first is of the rows' names."""
    rows: Sequence[Sequence[Any]] = ()

    @property
    def labelled_rows(self) -> list[tuple[Any, list[tuple[str, Any]]]]:
        """Each row's name, and its cells each with the heading of its column."""
        return [(row[0], list(zip(self.columns[1:], row[1:], strict=True))) for row in self.rows]


def line_chart(
    points: Sequence[tuple[str, Number]],
    *,
    title: str,
    time: str,
    baseline: Number | None = None,
    target: Number | None = None,
    unit: str = "",
) -> Chart:
    """Values in time order with their target; ``time`` heads the column of days. See ``indicator_chart``."""
    told = [f"{label}: {_figure(value, unit)}" for label, value in points]
    if target is not None:
        told.append(gettext("target: %(value)s") % {"value": _figure(target, unit)})
    description = "; ".join(told)
    picture = indicator_chart(
        points, baseline=baseline, target=target, title=title, description=description, unit=unit
    )
    rows = [(label, _figure(value)) for label, value in points]
    return Chart(picture, title, "", (time, unit or title), rows)


def bar_chart(
    bars: Sequence[tuple[Any, Number]] | Sequence[tuple[Any, Number, str]],
    *,
    title: Any,
    things: str,
    figures: str,
    description: str = "",
    whole: Number | None = None,
    unit: str = "",
) -> Chart:
    """Bars from the reading edge, each with its name above and its figure beside it, as long as its share of ``whole``
    (or of the longest). ``things`` and ``figures`` head the table. A bar may name a class that colours it (``g0``).
    """
    full = whole or max((bar[1] for bar in bars), default=0)
    items = [
        (bar[0], _figure(bar[1], unit), _part(bar[1], full, bar[2] if len(bar) > 2 else "point"))
        for bar in bars
    ]
    return Chart(
        _bars(items), title, description, (things, figures), [(bar[0], _figure(bar[1], unit)) for bar in bars]
    )


def gap_chart(
    bars: Sequence[tuple[Any, Number | None, Number | None]],
    *,
    title: Any,
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    description: str = "",
) -> Chart:
    """Percentages (0 to 100), each with a line across its bar where it should be; ``rows`` are the table's own.

    A value of None is hidden and draws no bar, a wanted one of None no line. Both stand in words beside the bar.
    """
    items = []
    for name, value, wanted in bars:
        parts = []
        if value is not None:
            parts.append(
                format_html('<rect class="point" width="{}%" height="100%"/>', f"{float(value):.2f}")
            )
        figure = gettext("hidden") if value is None else show_percent(float(value))
        if wanted is not None:
            place = f"{float(wanted):.2f}"
            parts.append(
                format_html('<line class="target" x1="{}%" x2="{}%" y1="0" y2="100%"/>', place, place)
            )
            name = gettext("%(name)s (wanted: %(share)s)") % {
                "name": name,
                "share": show_percent(float(wanted)),
            }
        items.append((name, figure, _bar(parts, "")))
    return Chart(_bars(items), title, description, columns, rows)


def opinion_chart(
    rows: Sequence[tuple[Any, int, int, int]], *, title: Any, things: str, description: str = ""
) -> Chart:
    """One stacked bar for each row of (name, agree, disagree, pass): agree, pass (hatched), disagree, in that order."""
    items = [
        (
            name,
            show_percent(100 * agree / total if (total := agree + disagree + passed) else None),
            _votes(agree, disagree, passed),
        )
        for name, agree, disagree, passed in rows
    ]
    columns = (things, gettext("Agree"), gettext("Pass or unsure"), gettext("Disagree"), gettext("Votes"))
    counts = [(agree, passed, disagree, agree + passed + disagree) for _, agree, disagree, passed in rows]
    table = [
        (row[0], *(number_format(count, force_grouping=True) for count in found))
        for row, found in zip(rows, counts, strict=True)
    ]
    picture = format_html('<p class="row key">{}</p>{}', _key(), _bars(items))
    return Chart(picture, title, description, columns, table)


def interval_chart(
    points: Sequence[tuple[str, Interval]],
    *,
    title: Any,
    time: str,
    figures: str,
    lowest: Number,
    highest: Number,
    description: str = "",
    unit: str = "",
    places: int = 0,
    beside: Sequence[Interval] = (),
    names: tuple[str, str] = ("", ""),
) -> Chart:
    """Figures in time order with the interval of each as a line through it, from ``lowest`` to ``highest`` of what is
    possible. ``beside`` is a second group's (dashed, squares; None where hidden); ``names`` tells the two apart.
    ``time`` and ``figures`` head the table; ``places`` are decimals.
    """
    scale = _Scale([float(highest)], len(points))
    scale.low, scale.high = float(lowest), float(highest)
    first, second = [found for _, found in points], list(beside) or [None] * len(points)
    # Whose figure is higher has it written above its interval, the other below.
    above = [b is None or (a is not None and a[0] >= b[0]) for a, b in zip(first, second, strict=True)]
    parts = [scale.across("grid", TOP), scale.across("axis", BOTTOM)]
    anchor = "end" if scale.turned else "start"
    for y, limit in ((TOP, highest), (BOTTOM, lowest)):
        parts.append(_words(scale.turn(END + 8), y + 4, _figure(limit, unit), anchor, "note"))
    parts += _whiskers(scale, second, [not it for it in above], places, is_second=True)
    parts += _whiskers(scale, first, above, places)
    if any(beside) and all(names):
        ends = [next(scale.y(each[0]) for each in reversed(found) if each) for found in (first, second)]
        gap = max(0.0, LINE - abs(ends[0] - ends[1])) / 2
        for name, level, other in ((names[0], ends[0], ends[1]), (names[1], ends[1], ends[0])):
            place = level + (gap if level > other or (level == other and name == names[1]) else -gap)
            parts.append(
                _words(
                    scale.turn(END + 8),
                    min(max(place + 4, TOP + LINE + 4), BOTTOM - 12),
                    name,
                    anchor,
                    "note",
                )
            )
    last = len(points) - 1
    is_roomy = last < 1 or (END - START - 2 * INSET) / last >= max(_width(label) for label, _ in points)
    for index, (label, _found) in enumerate(points):
        if index == 0 and last:  # from the edge on: a long label would run out of the picture
            parts.append(_words(scale.turn(START), BOTTOM + 20, label, anchor, "note"))
        elif is_roomy or index == last:
            parts.append(_words(scale.x(index), BOTTOM + 20, label, "middle", "note"))
    picture = format_html(
        '<svg class="indicator" viewBox="0 0 {} {}" width="480" height="288" role="img" direction="ltr" font-size="13">'
        "<title>{}</title><desc>{}</desc>{}</svg>",
        WIDTH, HEIGHT, title, description, _together(parts),
    )  # fmt: skip
    between = gettext("95%% interval") % ()
    columns = [time, names[0] or figures, between]
    rows: list[list[Any]] = [[label, *_told(found, unit, places)] for label, found in points]
    if any(beside):
        columns += [names[1], between]
        for row, each in zip(rows, second, strict=True):
            row += _told(each, unit, places)
    return Chart(picture, title, description, tuple(columns), rows)


def _whiskers(
    scale: _Scale, found: Sequence[Interval], above: Sequence[bool], places: int, *, is_second: bool = False
) -> list[SafeString]:
    """A line through figures with their intervals; those of a second group a little aside, dashed and square."""
    aside = 7 if is_second else 0
    marks = [
        (round(scale.x(index) + aside, 1), each, above[index])
        for index, each in enumerate(found)
        if each is not None
    ]
    line = " ".join(f"{x:g},{scale.y(each[0]):g}" for x, each, _ in marks)
    parts = (
        [format_html('<polyline class="{}" points="{}"/>', "target" if is_second else "line", line)]
        if line
        else []
    )
    for x, (value, low, high), is_above in marks:
        top, bottom, y = scale.y(high), scale.y(low), scale.y(value)
        parts.append(
            format_html(
                '<path class="axis" d="M{} {}V{}M{} {}h8M{} {}h8"/>',
                x,
                top,
                bottom,
                x - 4,
                top,
                x - 4,
                bottom,
            )
        )
        parts.append(
            format_html('<rect class="point" x="{}" y="{}" width="9" height="9"/>', x - 4.5, y - 4.5)
            if is_second
            else format_html('<circle class="point" cx="{}" cy="{}" r="5"/>', x, y)
        )
        if len(found) < 6:
            at = max(top - 5, 11) if is_above else min(bottom + 14, BOTTOM - 3)
            parts.append(_words(x, at, _rounded(value, places), "middle", "value"))
    return parts


def _rounded(value: Number, places: int) -> str:
    return number_format(round(Decimal(str(value)), places), decimal_pos=places, force_grouping=True)


def _told(found: Interval, unit: str, places: int) -> tuple[str, str]:
    if found is None:
        return ("–", "–")
    value, low, high = (_rounded(number, places) for number in found)
    return (f"{value} {unit}" if unit else value, f"{low} – {high}")


def _key() -> SafeString:
    """What the parts of a bar of votes mean, each with its mark."""
    meanings = (
        ("agree", f"✓ {gettext('Agree')}"),
        ("pass", f"– {gettext('Pass or unsure')}"),
        ("disagree", f"✕ {gettext('Disagree')}"),
    )
    return format_html_join(
        " ",
        '<span><svg class="key" width="20" height="14" aria-hidden="true">'
        '<rect class="{}" width="20" height="14"/></svg> {}</span>',
        meanings,
    )


MARKS = (
    "●",
    "▲",
    "■",
    "◆",
    "✚",
    "▼",
    "✖",
    "★",
)  # of groups A to H: a form each, so that nobody needs the colours


def dot_map(
    points: Sequence[tuple[float, float, int, int]],
    *,
    title: Any,
    description: str,
    groups: str,
    people: str,
) -> Chart:
    """Places (x, y, group from 0, how many) as marks, each group with its own form; larger ones stand for more.

    In a page that reads from right to left the picture is turned with it. ``groups`` and ``people`` head the table.
    """
    turn = -1 if get_language_bidi() else 1
    reach = max((abs(value) for x, y, _, _ in points for value in (x, y)), default=1) or 1
    most = max((count for *_, count in points), default=1) or 1
    marks = format_html_join(
        "",
        '<text class="g{}" x="{}" y="{}" font-size="{}" text-anchor="middle" dominant-baseline="central">{}</text>',
        (
            (
                group,
                f"{WIDTH / 2 + turn * x / reach * (WIDTH / 2 - INSET):.4g}",
                f"{HEIGHT / 2 - y / reach * (HEIGHT / 2 - INSET):.4g}",
                f"{12 + 16 * (count / most) ** 0.5:.3g}",
                MARKS[group],
            )
            for x, y, group, count in points
        ),
    )
    totals: dict[int, int] = {}
    for _, _, group, count in points:
        totals[group] = totals.get(group, 0) + count
    picture = format_html(
        '<svg class="map" viewBox="0 0 {} {}" width="480" height="288" role="img" direction="ltr">'
        '<title>{}</title><desc>{}</desc><rect class="frame" x="1" y="1" width="{}" height="{}"/>{}</svg>',
        WIDTH, HEIGHT, title, description, WIDTH - 2, HEIGHT - 2, marks,
    )  # fmt: skip
    rows = [
        (f"{MARKS[group]} {chr(65 + group)}", number_format(count, force_grouping=True))
        for group, count in sorted(totals.items())
    ]
    return Chart(picture, title, description, (groups, people), rows)


def _bars(items: Sequence[tuple[Any, str, SafeString]]) -> SafeString:
    rows = ((_named(name), bar, figure) for name, figure, bar in items)
    lines = format_html_join("", "<li><span>{}</span> {} <strong>{}</strong></li>", rows)
    return format_html('<ul class="bars">{}</ul>', lines)


def _named(name: Any) -> Any:
    """A text of people's keeps its language."""
    if hasattr(name, "direction"):
        return format_html('<bdi lang="{}" dir="{}">{}</bdi>', name.language, name.direction, name.body)
    return name


def indicator_chart(
    points: Sequence[tuple[str, Number]],
    *,
    baseline: Number | None = None,
    target: Number | None = None,
    title: str,
    description: str,
    unit: str = "",
) -> SafeString:
    """An indicator's values in time order as a line, with its baseline and its target as lines across.

    In a page that reads from right to left, time runs from right to left too. Show the same values as a table beside
    it; ``description`` says in words what the line says. Empty where there is nothing to draw.
    """
    values = [float(value) for _, value in points]
    limits = [
        (name, word, limit)
        for name, word, limit in (
            ("target", gettext("Target"), target),
            ("baseline", gettext("Baseline"), baseline),
        )
        if limit is not None
    ]
    if not values and not limits:
        return SafeString("")
    scale = _Scale(values + [float(limit) for _, _, limit in limits], len(points))
    parts = [scale.across("axis", BOTTOM), *_limits(scale, limits, unit), *_line(scale, points)]
    return format_html(
        '<svg class="indicator" viewBox="0 0 {} {}" width="480" height="288" role="img" direction="ltr" font-size="13">'
        "<title>{}</title><desc>{}</desc>{}</svg>",
        WIDTH, HEIGHT, title, description, _together(parts),
    )  # fmt: skip


def sparkline(values: Sequence[Number], *, label: str) -> SafeString:
    """A line of values as small as a word, read out as ``label``; for tables, beside the last value in figures."""
    if len(values) < 2:
        return SafeString("")
    figures = [float(value) for value in values]
    low, high = min(figures), max(figures)
    step = 76 / (len(figures) - 1)
    turn = -1 if get_language_bidi() else 1
    places = " ".join(
        f"{40 + turn * (2 + index * step - 40):.4g},{18 - 14 * (value - low) / ((high - low) or 1):.4g}"
        for index, value in enumerate(figures)
    )
    return format_html(
        '<svg class="sparkline" viewBox="0 0 80 20" width="80" height="20" role="img" aria-label="{}">'
        '<polyline class="line" points="{}"/></svg>',
        label, places,
    )  # fmt: skip


def share_bar(*, agree: int, disagree: int, passed: int = 0, label: str = "") -> SafeString:
    """One bar of votes: agree, pass (hatched), disagree, in reading direction. ``label`` says the figures."""
    label = label or gettext("%(agree)s agree, %(disagree)s disagree, %(passed)s pass") % {
        "agree": number_format(agree, force_grouping=True),
        "disagree": number_format(disagree, force_grouping=True),
        "passed": number_format(passed, force_grouping=True),
    }
    return _votes(agree, disagree, passed, label)


def _votes(agree: int, disagree: int, passed: int, label: str = "") -> SafeString:
    total = agree + disagree + passed
    before, parts = 0.0, []
    for name, count in (("agree", agree), ("pass", passed), ("disagree", disagree)):
        share = 100 * count / total if total else 0.0
        if share:
            place = (f"{before:.2f}", f"{share:.2f}")
            parts.append(format_html('<rect class="{}" x="{}%" width="{}%" height="100%"/>', name, *place))
        before += share
    return _bar(parts, label)


def part_bar(part: Number, whole: Number, *, label: str, name: str = "point") -> SafeString:
    """How much of a whole, as one bar; ``name`` is the class that colours it (``agree``, ``g0``, ``point``)."""
    return _part(part, whole, name, label)


def _part(part: Number, whole: Number, name: str, label: str = "") -> SafeString:
    share = min(100.0, max(0.0, 100 * float(part) / float(whole))) if whole else 0.0
    return _bar([format_html('<rect class="{}" width="{}%" height="100%"/>', name, f"{share:.2f}")], label)


def _bar(parts: Sequence[SafeString], label: str) -> SafeString:
    """Read out as its label; without one it is silent, because the figure stands beside it."""
    spoken = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    return format_html(
        '<svg class="bar" width="100%" height="14" {}><rect class="rest" width="100%" height="100%"/>{}</svg>',
        spoken, _together(parts),
    )  # fmt: skip


class _Scale:
    """From values to places in the picture. Zero belongs to the picture, so that heights may be compared."""

    def __init__(self, values: Sequence[float], count: int) -> None:
        self.low = min(0.0, *values)
        self.high = max(0.0, *values)
        if self.low == self.high:
            self.high = self.low + 1
        self.count = count
        self.turned = get_language_bidi()

    def turn(self, x: float) -> float:
        return round(WIDTH - x if self.turned else x, 1)

    def x(self, index: int) -> float:
        start, end = START + INSET, END - INSET
        return self.turn(
            (start + end) / 2 if self.count == 1 else start + (end - start) * index / (self.count - 1)
        )

    def y(self, value: Number) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * (float(value) - self.low) / (self.high - self.low), 1)

    def across(self, name: str, y: float) -> SafeString:
        return format_html(
            '<path class="{}" d="M{} {}H{}"/>', name, self.turn(START), f"{y:g}", self.turn(END)
        )


def _line(scale: _Scale, points: Sequence[tuple[str, Number]]) -> list[SafeString]:
    places = [(scale.x(index), scale.y(value)) for index, (_, value) in enumerate(points)]
    parts = [format_html('<polyline class="line" points="{}"/>', " ".join(f"{x:g},{y:g}" for x, y in places))]
    last = len(points) - 1
    is_roomy = last < 1 or (END - START - 2 * INSET) / last >= max(_width(label) for label, _ in points)
    for index, ((label, value), (x, y)) in enumerate(zip(points, places, strict=True)):
        parts.append(format_html('<circle class="point" cx="{}" cy="{}" r="5"/>', f"{x:g}", f"{y:g}"))
        if last < 5 or index in (0, last):  # more labels would run into each other
            parts.append(_words(x, y - 11, _figure(value), "middle", "value"))
        if is_roomy or index in (0, last):
            if index == 0 and last:  # from the edge on: a long label would run out of the picture
                parts.append(
                    _words(scale.turn(START), BOTTOM + 20, label, "end" if scale.turned else "start", "note")
                )
            else:
                parts.append(_words(x, BOTTOM + 20, label, "middle", "note"))
    return parts


def _limits(scale: _Scale, limits: Sequence[tuple[str, str, Number]], unit: str) -> list[SafeString]:
    parts, free = [], 0.0
    for name, word, limit in sorted(limits, key=lambda entry: -float(entry[2])):
        parts.append(scale.across(name, scale.y(limit)))
        y = max(scale.y(limit), free)  # named below the one above it where two lines are close
        anchor = "end" if scale.turned else "start"
        parts.append(_words(scale.turn(END + 8), y, word, anchor, "note"))
        parts.append(_words(scale.turn(END + 8), y + LINE, _figure(limit, unit), anchor, "value"))
        free = y + 2.2 * LINE
    return parts


def _width(words: str) -> int:
    """About how wide words are in a picture; signs of Chinese take the room of two letters."""
    return sum(13 if sign >= "\u2e80" else 7 for sign in words)


def _words(x: float, y: float, words: str, anchor: str, name: str) -> SafeString:
    return format_html(
        '<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>', name, f"{x:g}", f"{y:g}", anchor, words
    )


def _figure(value: Number, unit: str = "") -> str:
    shown = number_format(Decimal(f"{Decimal(str(value)).normalize():f}"), force_grouping=True)
    return f"{shown} {unit}" if unit else shown


def _together(parts: Sequence[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((part,) for part in parts))
