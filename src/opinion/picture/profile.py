"""The profile of a group: how its members voted on what marks it, against everybody in the other groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..intervals import wilson
from ..result import GROUP_LETTERS, Counts, Result, StatementResult
from .svg import (
    AGREE,
    COLOURS,
    DISAGREE,
    INK,
    LINE,
    MUTED,
    checked_prefix,
    is_rtl,
    line_of_text,
    opening,
    shape,
    short,
    wide,
    wrapped,
)

__all__ = ["ProfileLabels", "ProfileRow", "group_profile", "profile_rows"]

WIDTH, PAD, GUTTER, FIGURE = 480.0, 8.0, 78.0, 54.0
# On a phone 480 units are some 330 pixels: no text may be smaller than SMALL.
SIZE, SMALL, LINE_HEIGHT, OWN, REST = 16.5, 16.0, 21.0, 18.0, 11.0
MOST = 6


@dataclass(frozen=True, slots=True)
class ProfileLabels:
    """Words of a group's profile.

    Attributes
    ----------
    title, description : str
        For screen readers; the description should say in words what the picture shows.
    texts : mapping of str to str
        Text of each statement by its id; without one the id stands there.
    rest : str
        Short name for the members of all other groups.
    agree, pass_, disagree : str
        Names of the answers, for the legend.
    percent : str
        How a share is written, such as "{} %".
    direction : {"ltr", "rtl"}
        Of the page; a statement's own lines follow their script.
    """

    title: str = ""
    description: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    rest: str = "others"
    agree: str = "agree"
    pass_: str = "pass"  # noqa: S105
    disagree: str = "disagree"
    percent: str = "{} %"
    direction: str = "ltr"


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """A statement in the profile of a group.

    Attributes
    ----------
    id : str
    side : {"agree", "disagree"}
        The side that the group takes.
    own, rest : Counts
        Votes of the group, and of the members of all other groups.
    agree, disagree : tuple of float
        95 % Wilson intervals of the group's shares.
    rest_agree : tuple of float
        95 % Wilson interval of the others' share of agree.
    """

    id: str
    side: str
    own: Counts
    rest: Counts
    agree: tuple[float, float]
    disagree: tuple[float, float]
    rest_agree: tuple[float, float]


def profile_rows(result: Result, group: int, *, most: int = MOST) -> tuple[ProfileRow, ...]:
    """The statements that mark a group, as figures: what `group_profile` shows.

    Parameters
    ----------
    result : Result
    group : int
        0 ≤ group < k.
    most : int
        Rows at most.

    Returns
    -------
    tuple of ProfileRow

    Raises
    ------
    ValueError
        There is no such group.
    """
    if not 0 <= group < result.k:
        raise ValueError(f"there is no group {group}; the result has {result.k}")
    by_id = {statement.id: statement for statement in result.statements}
    order = [
        mark["id"]
        for finding in result.findings_of("position")
        if finding.groups[0] == group
        for mark in finding.figures["statements"]
    ]
    marking = [s.id for s in result.statements if any(g == group for g, _ in s.representative_for)]
    rows = []
    for one in list(dict.fromkeys([*order, *marking]))[:most]:
        statement = by_id[one]
        side = next((side for g, side in statement.representative_for if g == group), "agree")
        rows.append(_row(statement, group, side))
    return tuple(rows)


def _row(statement: StatementResult, group: int, side: str) -> ProfileRow:
    own = statement.per_group[group]
    others = [rate for rate in statement.per_group if rate.group != group]
    rest = Counts(*(sum(getattr(rate, name) for rate in others) for name in ("agree", "disagree", "pass_")))
    counts = Counts(own.agree, own.disagree, own.pass_)
    return ProfileRow(
        statement.id,
        side,
        counts,
        rest,
        _interval(counts.agree, counts.total),
        _interval(counts.disagree, counts.total),
        _interval(rest.agree, rest.total),
    )


def _interval(count: int, total: int) -> tuple[float, float]:
    low, high = wilson(count, total)
    return float(low), float(high)


def group_profile(
    result: Result,
    group: int,
    labels: ProfileLabels | None = None,
    *,
    prefix: str = "profile",
    most: int = MOST,
) -> str:
    """The statements that mark a group as diverging bars: disagree to one side of the middle, agree to the other.

    A pass lies across the middle. The thick bar is the group's, with whiskers for the 95 % intervals of its shares of
    agree and disagree; the thin one below are the members of all other groups. Classes: ``agree``, ``disagree``,
    ``pass``, ``interval``, ``axis``, ``gN``, ``legend``, ``note``.

    Parameters
    ----------
    result : Result
    group : int
        0 ≤ group < k.
    labels : ProfileLabels, optional
    prefix : str
        Makes the ids in the picture unique on the page.
    most : int
        Statements at most.

    Returns
    -------
    str
        An ``<svg>`` element, 480 units wide and as high as its rows need.

    Raises
    ------
    ValueError
        There is no such group, or the prefix cannot start an id.
    """
    words = labels or ProfileLabels(title=f"Group {GROUP_LETTERS[group]}")
    prefix = checked_prefix(prefix)
    body, y = [], PAD
    for row in profile_rows(result, group, most=most):
        drawn, y = _draw_row(row, group, words, prefix, y)
        body.append(drawn)
    legend, bottom = _legend(words, prefix, y)
    return (
        opening(
            prefix, "group-profile", int(WIDTH), int(bottom), words.title, words.description, words.direction
        )
        + hatch(prefix)
        + "".join(body)
        + legend
        + "</svg>"
    )


def hatch(prefix: str) -> str:
    """The pattern of passes."""
    return (
        f'<defs><pattern id="{prefix}-hatch" width="5" height="5" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(45)"><path class="hatch" d="M1 0v5" stroke="{MUTED}" stroke-width="1.5"/>'
        "</pattern></defs>"
    )


def _draw_row(row: ProfileRow, group: int, words: ProfileLabels, prefix: str, y: float) -> tuple[str, float]:
    """A statement, its bars, and where the next row begins."""
    turned = words.direction == "rtl"
    whole = words.texts.get(row.id, "").strip() or row.id
    lines = wrapped(whole, SIZE, WIDTH - 2 * PAD, 3)
    parts = []
    way = is_rtl(whole)
    edge = WIDTH - PAD if way else PAD
    for number, line in enumerate(lines):
        more = "" if way == turned else f' direction="{"rtl" if way else "ltr"}"'
        parts.append(line_of_text(line, edge, y + 15 + number * LINE_HEIGHT, size=SIZE, more=more))
    y += len(lines) * LINE_HEIGHT + 5
    gutter = WIDTH - PAD if turned else PAD
    mark = gutter + (-7 if turned else 7)
    parts.append(
        f'<path class="mark g{group}" d="M{short(mark)} {short(y + OWN / 2)}{shape(group, 5)}" '
        f'fill="{COLOURS[group]}"/>'
    )
    parts.append(
        line_of_text(
            GROUP_LETTERS[group],
            mark + (-10 if turned else 10),
            y + OWN / 2 + 5,
            size=SMALL,
            more=' font-weight="650"',
        )
    )
    parts.append(_bars(row.own, y, OWN, words, prefix, (row.agree, row.disagree)))
    y += OWN + 4
    rest = wrapped(words.rest, SMALL, GUTTER - 4, 1)[0]
    parts.append(line_of_text(rest, gutter, y + REST / 2 + 5.5, size=SMALL, kind="note"))
    parts.append(_bars(row.rest, y, REST, words, prefix, None))
    return "".join(parts), y + REST + 18


def _bars(
    counts: Counts,
    y: float,
    height: float,
    words: ProfileLabels,
    prefix: str,
    intervals: tuple[tuple[float, float], tuple[float, float]] | None,
) -> str:
    """Disagree, pass, agree around the middle, the shares beside them, whiskers where intervals are given."""
    left, right = PAD + GUTTER + FIGURE, WIDTH - PAD - FIGURE
    middle, unit = (left + right) / 2, (right - left) / 2
    if words.direction == "rtl":
        middle, unit = WIDTH - middle, -unit
    total = counts.total
    axis = f'<path class="axis" d="M{short(middle)} {short(y - 2)}v{short(height + 4)}" stroke="{MUTED}"/>'
    if not total:
        return axis
    agree, disagree, half = counts.agree / total, counts.disagree / total, counts.pass_ / total / 2
    faded = "" if intervals else ' fill-opacity=".6"'
    # A share of 1 reaches one unit from the middle; a pass shifts both sides by half of it.
    parts = []
    for name, start, end, fill in (
        ("disagree", -half - disagree, -half, DISAGREE),
        ("pass", -half, half, f"url(#{prefix}-hatch)"),
        ("agree", half, half + agree, AGREE),
    ):
        if end > start:
            x = middle + min(start * unit, end * unit)
            parts.append(
                f'<rect class="{name}" x="{short(x)}" y="{short(y)}" width="{short((end - start) * abs(unit))}" '
                f'height="{short(height)}" fill="{fill}"{faded}/>'
            )
    size, kind = SMALL, "legend" if intervals else "note"
    reach = [half + agree, half + disagree]
    if intervals:
        reach = [half + max(agree, intervals[0][1]), half + max(disagree, intervals[1][1])]
        for sign, (low, high) in ((1, intervals[0]), (-1, intervals[1])):
            parts.append(
                _whisker(middle + sign * unit * (half + low), middle + sign * unit * (half + high), y, height)
            )
    for share, sign, far in ((agree, 1, reach[0]), (disagree, -1, reach[1])):
        said = words.percent.format(f"{100 * share:.0f}")
        x = middle + sign * unit * far + (5 if sign * unit > 0 else -5)
        anchor = "start" if sign > 0 else "end"  # both follow the direction of the picture, as the bars do
        parts.append(line_of_text(said, x, y + height / 2 + size * 0.36, size=size, anchor=anchor, kind=kind))
    return axis + "".join(parts)


def _whisker(start: float, end: float, y: float, height: float) -> str:
    a, b = sorted((start, end))
    middle = short(y + height / 2)
    return (
        f'<path class="interval" d="M{short(a)} {middle}H{short(b)}M{short(a)} {short(y + height / 2 - 4)}v8'
        f'M{short(b)} {short(y + height / 2 - 4)}v8" stroke="{INK}" stroke-width="1.5" fill="none"/>'
    )


def _legend(words: ProfileLabels, prefix: str, y: float) -> tuple[str, float]:
    """Names of the answers, in the order in which they stand."""
    at, parts = (
        PAD,
        [f'<path class="grid" d="M{short(PAD)} {short(y)}H{short(WIDTH - PAD)}" stroke="{LINE}"/>'],
    )
    y += 10
    for name, said, fill in (
        ("disagree", words.disagree, DISAGREE),
        ("pass", words.pass_, f"url(#{prefix}-hatch)"),
        ("agree", words.agree, AGREE),
    ):
        needs = 34 + wide(said, SMALL)
        if at > PAD and at + needs > WIDTH - PAD:
            at, y = PAD, y + 22
        box, after = (WIDTH - at - 14, WIDTH - at - 20) if words.direction == "rtl" else (at, at + 20)
        parts.append(
            f'<rect class="{name}" x="{short(box)}" y="{short(y)}" width="14" height="12" fill="{fill}"/>'
        )
        parts.append(line_of_text(said, after, y + 12, size=SMALL))
        at += needs
    return "".join(parts), y + 22
