"""Every statement by how far all groups share it and how far the groups part on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..result import Result, StatementResult
from .map import gather
from .svg import AGREE, DISAGREE, LINE, checked_prefix, line_of_text, opening, shape, short, wide

__all__ = ["PlotLabels", "PlotRow", "division_consensus_plot", "plot_rows"]

Array = np.ndarray[Any, np.dtype[Any]]

WIDTH, HEIGHT = 480.0, 400.0
TOP, SIDE, FOOT, EDGE = 36.0, 54.0, 84.0, 16.0
SIZE = 16.0  # of all texts: on a phone 480 units are some 330 pixels
LARGEST, SMALLEST = 8.0, 2.0
DRAWN = 500  # statements that are in no finding; more are gathered
CELL = 11.0
NAMED = {"consensus": 5, "division": 5, "bridge": 3}


@dataclass(frozen=True, slots=True)
class PlotLabels:
    """Words of the division–consensus plot.

    Attributes
    ----------
    title, description : str
        For screen readers; the description should say in words what the picture shows.
    across, up : str
        Names of the axes. With one group `up` is the share of the smaller side.
    agree, disagree : str
        For the legend: the side that is shared.
    percent : str
        How a share is written, such as "{} %".
    direction : {"ltr", "rtl"}
    """

    title: str = ""
    description: str = ""
    across: str = ""
    up: str = ""
    agree: str = "agree"
    disagree: str = "disagree"
    percent: str = "{} %"
    direction: str = "ltr"


@dataclass(frozen=True, slots=True)
class PlotRow:
    """A statement in the plot.

    Attributes
    ----------
    id : str
    consensus : float
        Lowest bound over the groups of the share of the shared side, 0 to 1; in mode polis the group-informed
        consensus, which speaks of agree alone.
    division : float
        Largest difference between two groups' shares of agree, 0 to 1; with one group the share of the smaller side,
        0 to 0.5.
    side : {"agree", "disagree"}
        The shared side; in mode polis the one that more people take.
    votes : int
    findings : tuple of str
        Kinds of the findings about it.
    """

    id: str
    consensus: float
    division: float
    side: str
    votes: int
    findings: tuple[str, ...]


def plot_rows(result: Result) -> tuple[PlotRow, ...]:
    """The statements that have votes and were not left out, as figures: what `division_consensus_plot` shows."""
    kinds: dict[str, list[str]] = {}
    for finding in result.findings:
        if finding.kind in NAMED:
            kinds.setdefault(finding.statements[0], []).append(finding.kind)
    rows = []
    for statement in result.statements:
        votes = statement.agree + statement.disagree + statement.pass_
        if statement.left_out or not votes:
            continue
        smaller = min(statement.agree, statement.disagree) / votes
        rows.append(
            PlotRow(
                statement.id,
                statement.consensus,
                statement.division if result.k > 1 else smaller,
                _side(result, statement),
                votes,
                tuple(kinds.get(statement.id, ())),
            )
        )
    return tuple(rows)


def _side(result: Result, statement: StatementResult) -> str:
    """Polis's group-informed consensus has no side: its statements are marked by the majority, as its findings are."""
    if result.mode != "polis":
        return statement.consensus_side
    return "agree" if statement.agree >= statement.disagree else "disagree"


def division_consensus_plot(result: Result, labels: PlotLabels | None = None, *, prefix: str = "plot") -> str:
    """Statements as dots: across, how far every group shares them; up, how far the groups part on them.

    The area of a dot stands for its votes; a round dot is a statement that is agreed with, a triangle one that is
    rejected. Statements of findings are darker, and the strongest bear their ids. With one group, up is the share of
    the smaller side. Of more than 500 statements those in no finding are gathered in cells. Classes: ``mark``,
    ``agree``, ``disagree``, ``faint``, ``axis``, ``grid``, ``note``, ``legend``.

    Parameters
    ----------
    result : Result
    labels : PlotLabels, optional
    prefix : str
        Makes the ids in the picture unique on the page.

    Returns
    -------
    str
        An ``<svg>`` element of 480 × 400 units, at most about 45 kB.

    Raises
    ------
    ValueError
        The prefix cannot start an id.
    """
    words = labels or PlotLabels(title="Consensus and division")
    prefix = checked_prefix(prefix)
    rows = plot_rows(result)
    highest = max((row.division for row in rows), default=0.0)
    top = next(step for step in (0.25, 0.5, 0.75, 1.0) if highest <= step)
    turned = words.direction == "rtl"
    x = SIDE + np.array([row.consensus for row in rows]) * (WIDTH - SIDE - EDGE)
    x = WIDTH - x if turned else x
    y = HEIGHT - FOOT - np.array([row.division for row in rows]) * ((HEIGHT - FOOT - TOP) / top)
    votes = np.array([float(row.votes) for row in rows])
    size = SMALLEST + (LARGEST - SMALLEST) * np.sqrt(votes / max(votes.max(initial=0.0), 1.0))
    return (
        opening(
            prefix,
            "division-consensus",
            int(WIDTH),
            int(HEIGHT),
            words.title,
            words.description,
            words.direction,
        )
        + _frame(words, top, turned)
        + _dots(rows, x, y, size)
        + _names(result, rows, x, y, size)
        + "</svg>"
    )


def _frame(words: PlotLabels, top: float, turned: bool) -> str:
    """Grid, shares along both axes, names of the axes, legend."""

    def place(across: float) -> float:
        return WIDTH - across if turned else across

    floor = HEIGHT - FOOT
    lines, said = [], []
    for step in range(5):
        across = place(SIDE + (WIDTH - SIDE - EDGE) * step / 4)
        lines.append(f"M{short(across)} {short(TOP)}V{short(floor)}")
        share = words.percent.format(25 * step)
        anchor = "start" if step == 0 else "middle" if step < 4 else "end"
        x = across if step < 4 else place(WIDTH - 2)
        said.append(line_of_text(share, x, floor + 19, size=SIZE, anchor=anchor, kind="note"))
    for step in range(round(top * 4) + 1):
        up = floor - (floor - TOP) * step / 4 / top
        lines.append(f"M{short(SIDE)} {short(up)}H{short(WIDTH - EDGE)}")
        said.append(
            line_of_text(
                words.percent.format(25 * step),
                place(SIDE - 5),
                up + 5.5,
                size=SIZE,
                anchor="end",
                kind="note",
            )
        )
    if turned:
        lines = [
            line.replace(f"M{short(SIDE)} ", f"M{short(EDGE)} ").replace(
                f"H{short(WIDTH - EDGE)}", f"H{short(WIDTH - SIDE)}"
            )
            for line in lines
        ]
    said.append(line_of_text(f"↑ {words.up}" if words.up else "", place(4), 18, size=SIZE))
    arrow = "←" if turned else "→"
    said.append(
        line_of_text(
            f"{words.across} {arrow}" if words.across else "",
            place(WIDTH - 2),
            floor + 42,
            size=SIZE,
            anchor="end",
        )
    )
    at = 10.0
    for name, mark, word in (("agree", 0, words.agree), ("disagree", 1, words.disagree)):
        base = HEIGHT - 10
        fill = AGREE if name == "agree" else DISAGREE
        said.append(
            f'<path class="mark {name}" d="M{short(place(at))} {short(base - 4.5)}{shape(mark, 4.5)}" fill="{fill}"/>'
        )
        said.append(line_of_text(word, place(at + 11), base, size=SIZE))
        at += 34 + wide(word, SIZE)
    return f'<path class="grid" d="{"".join(lines)}" stroke="{LINE}" fill="none"/>' + "".join(said)


def _dots(rows: tuple[PlotRow, ...], x: Array, y: Array, size: Array) -> str:
    """Marks, those of findings over the others."""
    found = np.array([bool(row.findings) for row in rows], dtype=bool)
    agreed = np.array([row.side == "agree" for row in rows], dtype=bool)
    parts = []
    for faint in (True, False):
        for name, mark, fill in (("disagree", 1, DISAGREE), ("agree", 0, AGREE)):
            own = (found != faint) & (agreed == (name == "agree"))
            across, up, radius = x[own], y[own], size[own]
            if faint and len(rows) > DRAWN and across.size:
                across, up, count = gather(across, up, CELL, mark)
                radius = 1.6 + (CELL * 0.5 - 1.6) * np.sqrt(count / count.max())
            if across.size:
                path = "".join(
                    f"M{short(a)} {short(b)}{shape(mark, r)}"
                    for a, b, r in zip(across.tolist(), up.tolist(), radius.tolist(), strict=True)
                )
                kind, opacity = ("mark faint", ".3") if faint else ("mark", ".85")
                parts.append(
                    f'<path class="{kind} {name}" d="{path}" fill="{fill}" fill-opacity="{opacity}"/>'
                )
    return "".join(parts)


def _names(result: Result, rows: tuple[PlotRow, ...], x: Array, y: Array, size: Array) -> str:
    """Ids beside the strongest findings, each where it covers no other; one that finds no place is left out."""
    at = {row.id: i for i, row in enumerate(rows)}
    chosen = [
        at[finding.statements[0]]
        for kind, most in NAMED.items()
        for finding in result.findings_of(kind)[:most]
        if finding.statements[0] in at
    ]
    chosen = list(dict.fromkeys(chosen))
    # The marks that bear names, which no other name may cover.
    round_it = {i: _around(float(x[i]), float(y[i]), float(size[i])) for i in chosen}
    taken: list[tuple[float, float, float, float]] = []
    parts = []
    for i in chosen:
        name = rows[i].id if len(rows[i].id) <= 12 else rows[i].id[:11] + "…"
        half = wide(name, SIZE) / 2 + 4
        gap = float(size[i]) + 3
        for dx, dy in (
            (0, -gap - 2),
            (gap + half, 4),
            (-gap - half, 4),
            (0, gap + 13),
            (half, -gap - 6),
            (-half, -gap - 6),
        ):
            a, b = float(x[i]) + dx, float(y[i]) + dy
            box = (a - half, b - 13, a + half, b + 4)
            inside = (
                box[0] >= 2 and box[2] <= WIDTH - 2 and box[1] >= TOP - 12 and box[3] <= HEIGHT - FOOT + 4
            )
            others = [*taken, *(mark for j, mark in round_it.items() if j != i)]
            if inside and not any(_meet(box, other) for other in others):
                taken.append(box)
                parts.append(
                    line_of_text(
                        name, a, b, size=SIZE, anchor="middle", more=' font-weight="650" direction="ltr"'
                    )
                )
                break
    return "".join(parts)


def _around(x: float, y: float, radius: float) -> tuple[float, float, float, float]:
    half = 0.7 * radius
    return (x - half, y - half, x + half, y + half)


def _meet(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
