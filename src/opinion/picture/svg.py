"""What the pictures are made of: the opening with its words, numbers, marks, lines of text."""

from __future__ import annotations

import math
import re
from html import escape
from itertools import pairwise
from typing import Any

import numpy as np

__all__ = ["AGREE", "COLOURS", "DISAGREE", "INK", "LINE", "MARKS", "MUTED", "PAPER", "text"]

Array = np.ndarray[Any, np.dtype[Any]]

# One for each group that there can be (`opinion.groups.MAX_GROUPS`).
COLOURS = ("#0b57a4", "#b0400f", "#0f766e", "#7b4ba0", "#8a6100", "#a3195b", "#4a6b00", "#454c54")
MARKS = ("●", "▲", "■", "◆", "✚", "▼", "✖", "★")
# From each corner of a star to the next, the first from its middle; an outer radius of 1.3.
STAR = tuple(
    (round(here[0] - before[0], 3), round(here[1] - before[1], 3))
    for before, here in pairwise(
        [(0.0, 0.0)]
        + [
            ((1.3, 0.55)[i % 2] * math.sin(i * math.pi / 5), -(1.3, 0.55)[i % 2] * math.cos(i * math.pi / 5))
            for i in range(10)
        ]
    )
)
AGREE, DISAGREE, MUTED, LINE, PAPER, INK = "#0f766e", "#b0400f", "#57606a", "#d8d5cc", "#ffffff", "#1b1f24"


def text(value: str) -> str:
    """Text for an element or attribute: escaped, without characters that XML forbids."""
    return escape(re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "", value), quote=True)


def checked_prefix(prefix: str) -> str:
    """The prefix, if ids can start with it."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", prefix):
        raise ValueError(
            f"“{prefix}” cannot start an id: a letter, then letters, digits, - and _ were expected."
        )
    return prefix


def opening(
    prefix: str,
    kind: str,
    width: int,
    height: int,
    title: str,
    description: str,
    direction: str,
    more: str = "",
) -> str:
    """The svg element with its title and description."""
    way = "rtl" if direction == "rtl" else "ltr"
    ids = f"{prefix}-title" + (f" {prefix}-desc" if description else "")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{kind}" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" aria-labelledby="{ids}" direction="{way}" '
        f'font-family="system-ui, sans-serif"{more}>'
        f'<title id="{prefix}-title">{text(title)}</title>'
        + (f'<desc id="{prefix}-desc">{text(description)}</desc>' if description else "")
    )


def short(value: float) -> str:
    """At most one decimal, as short as can be."""
    written = f"{value:.1f}"
    written = written[:-2] if written.endswith(".0") else written
    return "0" if written == "-0" else written


def shapes(g: int, x: Array, y: Array, size: Array) -> str:
    """Marks of a group at places, `size` their radius."""
    return "".join(
        f"M{short(across)} {short(down)}{shape(g, s)}"
        for across, down, s in zip(x.tolist(), y.tolist(), size.tolist(), strict=True)
    )


def shape(g: int, s: float) -> str:
    """The mark of a group around the current point, `s` its radius."""
    g = g % len(MARKS) if g >= 0 else g
    a, b = short(s), short(2 * s)
    if g == 1:
        return f"m{short(-1.2 * s)} {short(s)}h{short(2.4 * s)}l{short(-1.2 * s)} {short(-2.1 * s)}z"
    if g == 2:
        return f"m-{short(0.9 * s)}-{short(0.9 * s)}h{short(1.8 * s)}v{short(1.8 * s)}h-{short(1.8 * s)}z"
    if g == 3:
        r = short(1.25 * s)
        return f"m0-{r}l{r} {r}-{r} {r}-{r}-{r}z"
    if g == 4:
        t, w = short(0.4 * s), short(0.8 * s)
        arm = short(0.7 * s)
        return f"m-{t}-{short(1.1 * s)}h{w}v{arm}h{arm}v{w}h-{arm}v{arm}h-{w}v-{arm}h-{arm}v-{w}h{arm}z"
    if g == 5:
        return f"m{short(-1.2 * s)} {short(-s)}h{short(2.4 * s)}l{short(-1.2 * s)} {short(2.1 * s)}z"
    if g == 6:
        r, t = short(0.9 * s), short(0.5 * s)
        u = short(0.4 * s)
        return f"m-{r}-{t}l{u}-{u} {t} {t} {t}-{t} {u} {u}-{t} {t} {t} {t}-{u} {u}-{t}-{t}-{t} {t}-{u}-{u} {t}-{t}z"
    if g == 7:
        return "m" + " ".join(f"{short(x * s)} {short(y * s)}" for x, y in STAR) + "z"
    return f"m-{a} 0a{a} {a} 0 1 0 {b} 0a{a} {a} 0 1 0-{b} 0z"


def marks_path(g: int, d: str, lighter: bool = False) -> str:
    """Marks of a group (−1: none) as one path."""
    if g < 0:
        return f'<path class="mark none" d="{d}" fill="none" stroke="{MUTED}" stroke-width=".8" stroke-opacity=".5"/>'
    extra, opacity = (" unsure", ".3") if lighter else ("", ".68")
    return f'<path class="mark g{g}{extra}" d="{d}" fill="{COLOURS[g]}" fill-opacity="{opacity}"/>'


def is_rtl(value: str) -> bool:
    """Whether the first letter of a text belongs to a script that is written from right to left."""
    import unicodedata

    for character in value:
        way = unicodedata.bidirectional(character)
        if way in ("L", "R", "AL"):
            return way != "L"
    return False


def wide(value: str, size: float) -> float:
    """About how wide a text stands, in the units of its font size."""
    return size * sum(1.0 if ord(c) > 0x2E80 else 0.3 if c in "iljtfI.,:;'! |" else 0.56 for c in value)


def wrapped(value: str, size: float, most: float, lines: int) -> list[str]:
    """A text in at most so many lines of at most that width; what does not fit ends in an ellipsis."""
    out, line = [], ""
    for piece in re.findall(r"[\u2e80-\uffff]|[^\s\u2e80-\uffff]+|\s+", " ".join(value.split())):
        if line and wide(line + piece, size) > most:
            out.append(line.strip())
            line = ""
        while wide(piece, size) > most:  # one word that is wider than the line
            fits = max(1, int(len(piece) * most / wide(piece, size)))
            out.append(piece[:fits])
            piece = piece[fits:]
        line += piece if line or piece.strip() else ""
    out.append(line.strip())
    out = [one for one in out if one] or [""]
    if len(out) > lines:
        last = out[lines - 1]
        while last and wide(last + "…", size) > most:
            last = last[:-1]
        out = [*out[: lines - 1], last.rstrip() + "…"]
    return out


def line_of_text(
    value: str,
    x: float,
    y: float,
    *,
    size: float,
    anchor: str = "start",
    kind: str = "legend",
    more: str = "",
) -> str:
    """A line of text; `anchor` is in the direction of the picture."""
    fill = MUTED if kind == "note" else INK
    return (
        f'<text class="{kind}" x="{short(x)}" y="{short(y)}" font-size="{short(size)}" fill="{fill}" '
        f'text-anchor="{anchor}"{more}>{text(value)}</text>'
    )
