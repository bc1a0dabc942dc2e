"""Pictures of a result as SVG text, ready to stand in a page.

The pictures carry class names and presentation attributes only, no styles and no scripts, so that a page with a strict
content security policy can embed them and its style sheet can recolour them. All words are passed in. Each group has a
mark of its own beside its colour.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from .result import GROUP_LETTERS, Result

__all__ = ["COLOURS", "MARKS", "BarLabels", "MapLabels", "opinion_bar", "opinion_map"]

Array = np.ndarray[Any, np.dtype[Any]]

COLOURS = ("#0b57a4", "#b0400f", "#0f766e", "#7b4ba0", "#8a6100")
MARKS = ("●", "▲", "■", "◆", "✚")
AGREE, DISAGREE, MUTED, LINE, PAPER, INK = "#0f766e", "#b0400f", "#57606a", "#d8d5cc", "#ffffff", "#1b1f24"
WIDTH, HEIGHT, LEGEND = 640, 400, 30
MARGIN = 14.0
MOST_MARKS = 380  # about 20 kB
CELLS = (9.0, 12.0, 16.0, 20.0, 26.0, 34.0, 44.0)


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


@dataclass(frozen=True, slots=True)
class BarLabels:
    """Words of a bar: a title such as "83 % agree, 12 % disagree, 5 % pass", and the direction of the page."""

    title: str = ""
    direction: str = "ltr"


def opinion_map(
    result: Result,
    labels: MapLabels | None = None,
    *,
    prefix: str = "map",
    width: int = WIDTH,
    height: int = HEIGHT,
) -> str:
    """The opinion map: who votes alike stands close together.

    Up to a few hundred people are drawn one by one; more are gathered in cells, and the area of a mark then stands
    for the number of people of its group in the cell.

    Parameters
    ----------
    result : Result
    labels : MapLabels, optional
    prefix : str
        Makes the ids in the picture unique on the page: letters, digits, ``-`` and ``_``.
    width, height : int
        Of the drawing area in user units; the legend comes below it.

    Returns
    -------
    str
        An ``<svg>`` element of at most about 25 kB.
    """
    words = labels or MapLabels(title="k = " + str(result.k))
    prefix = _prefix(prefix)
    people = result.participants
    scale = _scale(people.x, people.y, people.group, width, height)
    x, y = scale.across(people.x), scale.down(people.y)
    names = [words.groups[g] if g < len(words.groups) else GROUP_LETTERS[g] for g in range(max(result.k, 0))]
    legend = _legend(names, words, bool(np.any(people.group < 0)), width, height)
    body = [_cross(scale)]
    marks = _marks(x, y, people.group, result.k)
    body += [_path(g, d) for g, d in marks]
    if result.k > 1:
        body += [
            _letter(g, x[people.group == g], y[people.group == g], width, height) for g in range(result.k)
        ]
    total = height + (LEGEND * legend[1] if legend[1] else 0)
    return (
        _open(prefix, "opinion-map", width, total, words.title, words.description, words.direction)
        + "".join(body)
        + legend[0]
        + "</svg>"
    )


def opinion_bar(
    agree: int,
    disagree: int,
    pass_: int,
    labels: BarLabels | None = None,
    *,
    prefix: str = "bar",
    width: int = 240,
    height: int = 14,
) -> str:
    """A bar of shares: agree, pass, disagree, in reading direction.

    Parameters
    ----------
    agree, disagree, pass_ : int
        Counts, not negative. Without votes the bar is an empty frame.
    labels : BarLabels, optional
    prefix : str
        Makes the ids in the picture unique on the page.
    width, height : int
        User units.

    Returns
    -------
    str
        An ``<svg>`` element.
    """
    words = labels or BarLabels(title=f"✓ {agree} – {pass_} ✕ {disagree}")
    prefix = _prefix(prefix)
    total = agree + disagree + pass_
    parts = [
        _open(
            prefix,
            "opinion-bar",
            width,
            height,
            words.title,
            "",
            words.direction,
            ' preserveAspectRatio="none"',
        ),
        f'<defs><pattern id="{prefix}-hatch" width="5" height="5" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(45)"><path class="hatch" d="M1 0v5" stroke="{MUTED}" stroke-width="1.5"/>'
        "</pattern></defs>",
    ]
    at = 0.0
    for name, count, fill in (
        ("agree", agree, AGREE),
        ("pass", pass_, f"url(#{prefix}-hatch)"),
        ("disagree", disagree, DISAGREE),
    ):
        wide = width * count / total if total else 0.0
        left = width - at - wide if words.direction == "rtl" else at
        if count > 0:
            parts.append(
                f'<rect class="{name}" x="{_n(left)}" y="0" width="{_n(wide)}" height="{height}" fill="{fill}"/>'
            )
        at += wide
    parts.append(
        f'<rect class="frame" x=".5" y=".5" width="{width - 1}" height="{height - 1}" fill="none" stroke="{MUTED}"/>'
        "</svg>"
    )
    return "".join(parts)


def text(value: str) -> str:
    """Text for an element or attribute: escaped, without characters that XML forbids."""
    return escape(re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "", value), quote=True)


def _prefix(prefix: str) -> str:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", prefix):
        raise ValueError(
            f"“{prefix}” cannot start an id: a letter, then letters, digits, - and _ were expected."
        )
    return prefix


def _open(
    prefix: str,
    kind: str,
    width: int,
    height: int,
    title: str,
    description: str,
    direction: str,
    more: str = "",
) -> str:
    way = "rtl" if direction == "rtl" else "ltr"
    ids = f"{prefix}-title" + (f" {prefix}-desc" if description else "")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{kind}" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" aria-labelledby="{ids}" direction="{way}" '
        f'font-family="system-ui, sans-serif"{more}>'
        f'<title id="{prefix}-title">{text(title)}</title>'
        + (f'<desc id="{prefix}-desc">{text(description)}</desc>' if description else "")
    )


def _n(value: float) -> str:
    """At most one decimal, as short as can be."""
    short = f"{value:.1f}"
    short = short[:-2] if short.endswith(".0") else short
    return "0" if short == "-0" else short


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


def _scale(x: Array, y: Array, group: Array, width: int, height: int) -> Scale:
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
    across, down = _n(float(scale.across(zero)[0])), _n(float(scale.down(zero)[0]))
    lines = f"M{across} 6V{scale.height - 6}M6 {down}H{scale.width - 6}"
    return f'<path class="axis" d="{lines}" stroke="{LINE}" fill="none"/>'


def _marks(x: Array, y: Array, group: Array, k: int) -> list[tuple[int, str]]:
    """One path for each group (−1: people in none), from the back to the front."""
    if x.size <= MOST_MARKS:
        sizes = np.full(x.size, 3.4)
        return [
            (g, _shapes(g, x[group == g], y[group == g], sizes[group == g]))
            for g in range(-1, k)
            if np.any(group == g)
        ]
    for cell in CELLS:
        gathered = [(g, *_gather(x[group == g], y[group == g], cell, g)) for g in range(-1, k)]
        if sum(len(part[1]) for part in gathered) <= MOST_MARKS:
            break
    most = max((float(part[3].max(initial=1)) for part in gathered), default=1.0)
    out = []
    for g, across, down, count in gathered:
        if len(across):
            size = 1.2 + (cell * 0.55 - 1.2) * np.sqrt(count / most)
            out.append((g, _shapes(g, across, down, size)))
    return out


def _gather(x: Array, y: Array, cell: float, g: int) -> tuple[Array, Array, Array]:
    """Mean place and number of the people in each cell; the grids of the groups are shifted against each other."""
    shift = cell * ((g + 1) % 5) / 5
    code = np.floor((x + shift) / cell).astype(np.int64) * 10000 + np.floor((y + shift) / cell).astype(
        np.int64
    )
    _, inverse, count = np.unique(code, return_inverse=True, return_counts=True)
    return np.bincount(inverse, weights=x) / count, np.bincount(inverse, weights=y) / count, count


def _shapes(g: int, x: Array, y: Array, size: Array) -> str:
    return "".join(
        f"M{_n(across)} {_n(down)}{_shape(g, s)}"
        for across, down, s in zip(x.tolist(), y.tolist(), size.tolist(), strict=True)
    )


def _shape(g: int, s: float) -> str:
    """The mark of a group around the current point, `s` its radius."""
    a, b = _n(s), _n(2 * s)
    if g == 1:
        return f"m{_n(-1.2 * s)} {_n(s)}h{_n(2.4 * s)}l{_n(-1.2 * s)} {_n(-2.1 * s)}z"
    if g == 2:
        return f"m-{_n(0.9 * s)}-{_n(0.9 * s)}h{_n(1.8 * s)}v{_n(1.8 * s)}h-{_n(1.8 * s)}z"
    if g == 3:
        r = _n(1.25 * s)
        return f"m0-{r}l{r} {r}-{r} {r}-{r}-{r}z"
    if g == 4:
        t, w = _n(0.4 * s), _n(0.8 * s)
        arm = _n(0.7 * s)
        return f"m-{t}-{_n(1.1 * s)}h{w}v{arm}h{arm}v{w}h-{arm}v{arm}h-{w}v-{arm}h-{arm}v-{w}h{arm}z"
    return f"m-{a} 0a{a} {a} 0 1 0 {b} 0a{a} {a} 0 1 0-{b} 0z"


def _path(g: int, d: str) -> str:
    if g < 0:
        return f'<path class="mark none" d="{d}" fill="none" stroke="{MUTED}" stroke-width=".8" stroke-opacity=".6"/>'
    return f'<path class="mark g{g}" d="{d}" fill="{COLOURS[g % 5]}" fill-opacity=".62"/>'


def _letter(g: int, x: Array, y: Array, width: int, height: int) -> str:
    if x.size == 0:
        return ""
    across = min(max(float(np.median(x)), 20), width - 20)
    down = min(max(float(np.median(y)), 20), height - 20)
    return (
        f'<text class="group-letter g{g}" x="{_n(across)}" y="{_n(down + 8)}" text-anchor="middle" font-size="24" '
        f'font-weight="650" fill="{COLOURS[g % 5]}" stroke="{PAPER}" stroke-width="4" paint-order="stroke" '
        f'aria-hidden="true">{GROUP_LETTERS[g]}</text>'
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
        parts.append(_path(g, f"M{_n(mark_at)} {base}{_shape(g, 5.0)}"))
        parts.append(
            f'<text class="legend" x="{_n(text_at)}" y="{base + 5}" font-size="15" fill="{INK}" '
            f'text-anchor="start">{text(name)}</text>'
        )
        at += wide
    return "".join(parts), row + 1 if entries else 0
