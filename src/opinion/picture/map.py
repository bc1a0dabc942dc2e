"""The opinion map: who votes alike stands close together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..result import GROUP_LETTERS, Result
from .svg import (
    COLOURS,
    INK,
    LINE,
    MARKS,
    PAPER,
    checked_prefix,
    marks_path,
    opening,
    shape,
    shapes,
    short,
    text,
)

__all__ = ["MapLabels", "Scale", "gather", "opinion_map"]

Array = np.ndarray[Any, np.dtype[Any]]

WIDTH, HEIGHT, LEGEND = 640, 400, 30
MARGIN = 14.0
MOST_MARKS = 380  # about 20 kB
SURE = 0.8  # confidence below which a member is drawn lighter
CORE = 0.75  # of a group's members lie in the area behind it
MANY = 20_000  # people; from here on cells with very few of them are not drawn
CELLS = (9.0, 12.0, 16.0, 20.0, 26.0, 34.0, 44.0, 58.0, 76.0)


@dataclass(frozen=True, slots=True)
class MapLabels:
    """Words of the opinion map.

    Attributes
    ----------
    title, description : str
        For screen readers; the description should say in words what the map shows.
    groups : tuple of str
        A name for each group, shown in the legend, such as "Group A, 412 people". Default: the letters.
    none : str
        Name for people in no group; they are in the legend only if it is not empty.
    direction : {"ltr", "rtl"}
    """

    title: str = ""
    description: str = ""
    groups: tuple[str, ...] = ()
    none: str = ""
    direction: str = "ltr"


def opinion_map(
    result: Result,
    labels: MapLabels | None = None,
    *,
    prefix: str = "map",
    width: int = WIDTH,
    height: int = HEIGHT,
    legend: bool = True,
) -> str:
    """The opinion map: who votes alike stands close together.

    Up to a few hundred people are drawn one by one; more are gathered in cells, and the area of a mark then stands
    for the number of people of its group in the cell (of more than 20,000 people cells with less than a four-hundredth
    of the fullest stay empty). Members whose group is uncertain (confidence below .8) are lighter. The pale area
    behind each group holds the three quarters of its members who are nearest to its middle. Classes: ``mark``, ``gN``,
    ``none``, ``unsure``, ``core``, ``axis``, ``legend``, ``group-letter``.

    Parameters
    ----------
    result : Result
    labels : MapLabels, optional
    prefix : str
        Makes the ids in the picture unique on the page: letters, digits, ``-`` and ``_``.
    width, height : int
        Of the drawing area in user units; the legend comes below it.
    legend : bool
        False where the page itself names the groups below the map, in letters that do not shrink with the picture.

    Returns
    -------
    str
        An ``<svg>`` element of at most about 25 kB.
    """
    words = labels or MapLabels(title="k = " + str(result.k))
    prefix = checked_prefix(prefix)
    people = result.participants
    scale = scale_of(people.x, people.y, people.group, width, height)
    x, y = scale.across(people.x), scale.down(people.y)
    names = [words.groups[g] if g < len(words.groups) else GROUP_LETTERS[g] for g in range(max(result.k, 0))]
    unplaced = bool(np.any(people.group < 0))
    key, rows = _legend(names, words, unplaced, width, height) if legend else ("", 0)
    body = [_cross(scale)]
    if result.k > 1:
        body += [area(g, core_of(x[people.group == g], y[people.group == g])) for g in range(result.k)]
    sure = people.confidence >= SURE if result.k > 1 else np.ones(x.size, dtype=bool)
    body += [marks_path(g, d, lighter) for g, lighter, d in marks_of(x, y, people.group, sure, result.k)]
    if result.k > 1:
        body += [
            letter(g, float(np.median(x[own])), float(np.median(y[own])), width, height)
            for g, own in enumerate(people.group == g for g in range(result.k))
            if own.any()
        ]
    total = height + LEGEND * rows
    return (
        opening(prefix, "opinion-map", width, total, words.title, words.description, words.direction)
        + "".join(body)
        + key
        + "</svg>"
    )


@dataclass(frozen=True, slots=True)
class Scale:
    """From places on the axes to user units; one unit for both axes, the farthest percent drawn at the rim."""

    unit: float
    middle_x: float
    middle_y: float
    width: int
    height: int

    def across(self, x: Array) -> Array:
        """Horizontal user units of places on the first axis."""
        return np.clip(self.width / 2 + (x - self.middle_x) * self.unit, MARGIN, self.width - MARGIN)

    def down(self, y: Array) -> Array:
        """Vertical user units of places on the second axis."""
        return np.clip(self.height / 2 - (y - self.middle_y) * self.unit, MARGIN, self.height - MARGIN)


def scale_of(x: Array, y: Array, group: Array, width: int, height: int) -> Scale:
    shown = np.flatnonzero(group >= 0) if np.any(group >= 0) else np.arange(x.size)
    if shown.size == 0:
        return Scale(0.0, 0.0, 0.0, width, height)
    (x_low, x_high), (y_low, y_high) = (np.quantile(values[shown], (0.01, 0.99)) for values in (x, y))
    reach = max((x_high - x_low) / (width - 2 * MARGIN), (y_high - y_low) / (height - 2 * MARGIN))
    unit = 1.0 / float(reach) if reach > 0 else 0.0
    return Scale(unit, float(x_low + x_high) / 2, float(y_low + y_high) / 2, width, height)


def _cross(scale: Scale) -> str:
    """Lines through the middle of all opinions."""
    zero = np.zeros(1)
    across, down = short(float(scale.across(zero)[0])), short(float(scale.down(zero)[0]))
    lines = f"M{across} 6V{scale.height - 6}M6 {down}H{scale.width - 6}"
    return f'<path class="axis" d="{lines}" stroke="{LINE}" fill="none"/>'


def marks_of(
    x: Array, y: Array, group: Array, sure: Array, k: int, people: Array | None = None, least: float = 0.0
) -> list[tuple[int, bool, str]]:
    """Paths from the back to the front: the group (−1: none), whether it is lighter, the marks.

    ``people`` says for how many each place stands, and ``least`` how wide the cells are from which they come.
    """
    layers = [(-1, False)] + [(g, lighter) for lighter in (True, False) for g in range(k)]
    member = [(group == g) & ((g < 0) | (sure != lighter)) for g, lighter in layers]
    everybody = x.size if people is None else int(people.sum())
    if x.size <= MOST_MARKS and everybody == x.size:
        return [
            (g, lighter, _one_by_one(g, x[own], y[own]))
            for (g, lighter), own in zip(layers, member, strict=True)
            if own.any()
        ]
    for cell in CELLS:
        gathered = [
            gather(x[own], y[own], cell, g, None if people is None else people[own])
            for (g, _), own in zip(layers, member, strict=True)
        ]
        most = max((float(count.max(initial=1)) for _, _, count in gathered), default=1.0)
        if everybody > MANY:
            gathered = [tuple(column[part[2] >= most / 400] for column in part) for part in gathered]  # type: ignore[misc]
        if sum(len(part[0]) for part in gathered) <= MOST_MARKS:
            break
    wide = max(cell, least)
    return [
        (g, lighter, shapes(g, across, down, 1.2 + (wide * 0.5 - 1.2) * np.sqrt(count / most)))
        for (g, lighter), (across, down, count) in zip(layers, gathered, strict=True)
        if len(across)
    ]


def _one_by_one(g: int, x: Array, y: Array) -> str:
    """A mark for each person; those who stand in the very same place make one, whose area stands for them."""
    place, count = np.unique(np.stack([x, y], axis=1), axis=0, return_counts=True)
    return shapes(g, place[:, 0], place[:, 1], np.minimum(3.4 * np.sqrt(count), 16.0))


def gather(
    x: Array, y: Array, cell: float, g: int, people: Array | None = None
) -> tuple[Array, Array, Array]:
    """Mean place and number of the people in each cell; the grids of the groups are shifted against each other.

    ``people`` says for how many each place stands, one if it is left out.
    """
    shift = cell * ((g + 1) % len(MARKS)) / len(MARKS)
    code = np.floor((x + shift) / cell).astype(np.int64) * 10000 + np.floor((y + shift) / cell).astype(
        np.int64
    )
    _, inverse, count = np.unique(code, return_inverse=True, return_counts=True)
    if people is not None:
        x, y, count = x * people, y * people, np.bincount(inverse, weights=people)
    return np.bincount(inverse, weights=x) / count, np.bincount(inverse, weights=y) / count, count


def core_of(x: Array, y: Array) -> list[tuple[float, float]]:
    """Corners of the area of the members nearest to the middle of a group, as seen from 32 sides."""
    if x.size < 8:
        return []
    far = np.hypot(x - np.median(x), y - np.median(y))
    near = far <= np.quantile(far, CORE)
    x, y = x[near], y[near]
    angles = 2 * np.pi * np.arange(32) / 32
    corner = list(dict.fromkeys(int(np.argmax(x * np.cos(a) + y * np.sin(a))) for a in angles.tolist()))
    return [(float(x[i]), float(y[i])) for i in corner]


def area(g: int, corners: list[tuple[float, float]]) -> str:
    """A pale area; nothing where there are no corners."""
    if not corners:
        return ""
    points = "L".join(f"{short(x)} {short(y)}" for x, y in corners)
    return f'<path class="core g{g}" d="M{points}z" fill="{COLOURS[g]}" fill-opacity=".1"/>'


def letter(g: int, x: float, y: float, width: int, height: int) -> str:
    """The letter of a group, within the picture."""
    across, down = min(max(x, 20), width - 20), min(max(y, 20), height - 20)
    return (
        f'<text class="group-letter g{g}" x="{short(across)}" y="{short(down + 8)}" text-anchor="middle" '
        f'font-size="24" font-weight="650" fill="{COLOURS[g]}" stroke="{PAPER}" stroke-width="4" '
        f'paint-order="stroke" aria-hidden="true">{GROUP_LETTERS[g]}</text>'
    )


def _legend(names: list[str], words: MapLabels, any_none: bool, width: int, height: int) -> tuple[str, int]:
    """Mark and name of each group, in as many rows as the names need."""
    entries = [(g, name) for g, name in enumerate(names)] if len(names) > 1 else []
    if any_none and words.none:
        entries.append((-1, words.none))
    at, row, parts = 10.0, 0, []
    for g, name in entries:
        wide = 34 + 9.2 * sum(2 if ord(c) > 0x2E80 else 1 for c in name)
        if at > 10 and at + wide > width:
            at, row = 10.0, row + 1
        base = height + row * LEGEND + 16
        mark_at, text_at = at + 6, at + 18
        if words.direction == "rtl":
            mark_at, text_at = width - mark_at, width - text_at
        parts.append(marks_path(g, f"M{short(mark_at)} {base}{shape(g, 5.0)}"))
        parts.append(
            f'<text class="legend" x="{short(text_at)}" y="{base + 5}" font-size="15" fill="{INK}" '
            f'text-anchor="start">{text(name)}</text>'
        )
        at += wide
    return "".join(parts), row + 1 if entries else 0
