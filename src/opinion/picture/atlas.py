"""The opinion map in a form that can be kept and looked at from near: people gathered in small cells.

A result of a million people is 70 MB; what a map needs of it is less than one. Kept with the result, it is drawn at any
zoom and around any place without the result itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .map import HEIGHT, SURE, WIDTH, MapLabels, Scale, area, core_of, gather, letter, marks_of, scale_of
from .svg import INK, LINE, PAPER, checked_prefix, marks_path, opening, short, text

__all__ = ["Atlas", "Pin", "View", "draw_view", "make_atlas"]

Array = np.ndarray[Any, np.dtype[Any]]

MOST_CELLS = 40_000  # about 700 kB
FINE = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0)  # widths of cells, in user units
PARTS = 10  # of a user unit, in which places are kept
ZOOMS = (1, 2, 4, 8)


@dataclass(frozen=True, eq=False)
class Atlas:
    """What is kept of a result for its map.

    Attributes
    ----------
    k : int
    scale : Scale
        From places on the axes to user units of the whole map.
    cell : float
        Width of the cells in user units; 0 where every person stands alone.
    group : ndarray of int8, shape (c,)
        −1 for none.
    unsure : ndarray of bool, shape (c,)
        Whether the group of the people is uncertain (confidence below .8).
    x, y : ndarray of int, shape (c,)
        Mean place of the people in the cell, in tenths of user units.
    people : ndarray of int, shape (c,)
    cores : tuple of list
        By group the corners of the area of its three quarters nearest to the middle, in user units.
    middles : tuple of (float, float)
        By group the median place, in user units.
    """

    k: int
    scale: Scale
    cell: float
    group: Array
    unsure: Array
    x: Array
    y: Array
    people: Array
    cores: tuple[list[tuple[float, float]], ...]
    middles: tuple[tuple[float, float], ...]

    def people_in(self, view: View) -> int:
        """How many people stand where a view looks."""
        across, down = self.scale.width / 2 / view.zoom, self.scale.height / 2 / view.zoom
        near = (abs(self.x / PARTS - view.x) <= across) & (abs(self.y / PARTS - view.y) <= down)
        return int(self.people[near].sum())

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        scale = self.scale
        return {
            "k": self.k,
            "width": scale.width,
            "height": scale.height,
            "unit": scale.unit,
            "middle": [scale.middle_x, scale.middle_y],
            "cell": self.cell,
            "cells": {
                "group": self.group.tolist(),
                "unsure": self.unsure.astype(int).tolist(),
                "x": self.x.tolist(),
                "y": self.y.tolist(),
                "people": self.people.tolist(),
            },
            "cores": [[list(corner) for corner in core] for core in self.cores],
            "middles": [list(middle) for middle in self.middles],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Atlas:
        """What `to_dict` gave."""
        cells = {name: np.array(values, dtype=np.int64) for name, values in data["cells"].items()}
        return cls(
            k=data["k"],
            scale=Scale(data["unit"], data["middle"][0], data["middle"][1], data["width"], data["height"]),
            cell=data["cell"],
            group=cells["group"].astype(np.int8),
            unsure=cells["unsure"].astype(bool),
            x=cells["x"],
            y=cells["y"],
            people=cells["people"],
            cores=tuple([(x, y) for x, y in core] for core in data["cores"]),
            middles=tuple((x, y) for x, y in data["middles"]),
        )

    def place_of(self, x: float, y: float) -> tuple[float, float]:
        """User units of a place on the axes."""
        across, down = self.scale.across(np.array([x])), self.scale.down(np.array([y]))
        return float(across[0]), float(down[0])


@dataclass(frozen=True, slots=True)
class View:
    """What is looked at.

    Attributes
    ----------
    zoom : int
        One of `ZOOMS`.
    x, y : float
        The middle, in user units of the whole map. What would lie outside of it is not shown.
    """

    zoom: int = 1
    x: float = WIDTH / 2
    y: float = HEIGHT / 2

    @classmethod
    def around(cls, zoom: int, x: float, y: float, width: int = WIDTH, height: int = HEIGHT) -> View:
        """The view of that zoom nearest to a place that stays within the map."""
        zoom = min(ZOOMS, key=lambda known: (abs(known - zoom), known))
        across, down = width / 2 / zoom, height / 2 / zoom
        return cls(zoom, min(max(x, across), width - across), min(max(y, down), height - down))

    @classmethod
    def of_group(cls, atlas: Atlas, g: int) -> View:
        """The nearest view in which the middle part of a group is seen whole."""
        corners = atlas.cores[g] or [atlas.middles[g]]
        xs, ys = [x for x, _ in corners], [y for _, y in corners]
        wide, high = max(xs) - min(xs), max(ys) - min(ys)
        width, height = atlas.scale.width, atlas.scale.height
        fits = [zoom for zoom in ZOOMS if wide * 1.1 * zoom <= width and high * 1.1 * zoom <= height]
        middle = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
        return cls.around(max(fits, default=1), *middle, width, height)


@dataclass(frozen=True, slots=True)
class Pin:
    """Somebody or something at a place, drawn above the people.

    Attributes
    ----------
    x, y : float
        In user units of the whole map.
    label : str
    kind : str
        Its class, ``you`` or ``mean``.
    reach : (float, float)
        Half the width and height, in user units, of the area in which it may lie; nothing is drawn for 0.
    """

    x: float
    y: float
    label: str
    kind: str = "you"
    reach: tuple[float, float] = (0.0, 0.0)


def make_atlas(
    k: int, group: Array, confidence: Array, x: Array, y: Array, *, width: int = WIDTH, height: int = HEIGHT
) -> Atlas:
    """Gather the people of a result for its map.

    Parameters
    ----------
    k : int
        Groups; 0 and 1 mean that there are none.
    group : ndarray of int, shape (n,)
        −1 for none.
    confidence, x, y : ndarray, shape (n,)
        As in a result. They are rounded as in its JSON, so that a result and its JSON give the same atlas.
    width, height : int
        Of the whole map in user units.

    Returns
    -------
    Atlas
        Of at most 40,000 cells.
    """
    x, y = np.round(np.asarray(x, dtype=float), 6), np.round(np.asarray(y, dtype=float), 6)
    group, confidence = np.asarray(group), np.round(np.asarray(confidence, dtype=float), 6)
    scale = scale_of(x, y, group, width, height)
    scale = Scale(round(scale.unit, 9), round(scale.middle_x, 9), round(scale.middle_y, 9), width, height)
    across, down = scale.across(x), scale.down(y)
    unsure = (confidence < SURE) & (group >= 0) if k > 1 else np.zeros(x.size, dtype=bool)
    cell, cells = _gather(k, group, unsure, across, down)
    members = [np.flatnonzero(group == g) for g in range(k)] if k > 1 else []
    return Atlas(
        k=k,
        scale=scale,
        cell=cell,
        **cells,
        cores=tuple([_tenths(corner) for corner in core_of(across[own], down[own])] for own in members),
        middles=tuple(
            _tenths((float(np.median(across[own])), float(np.median(down[own])))) for own in members
        ),
    )


def _gather(k: int, group: Array, unsure: Array, x: Array, y: Array) -> tuple[float, dict[str, Array]]:
    """The finest cells that are not too many, in a fixed order."""
    layers = [(-1, False)] + [(g, lighter) for g in range(max(k, 1)) for lighter in (False, True)]
    found = [np.flatnonzero((group == g) & (unsure == lighter)) for g, lighter in layers]
    for cell in (0.0, *FINE):
        if cell == 0.0:
            parts = [(x[own], y[own], np.ones(own.size)) for own in found]
        else:
            parts = [gather(x[own], y[own], cell, g) for own, (g, _) in zip(found, layers, strict=True)]
        if sum(len(part[0]) for part in parts) <= (MOST_CELLS if cell else 5_000):
            break
    sizes = [len(part[0]) for part in parts]
    columns = {
        "group": np.repeat(np.array([g for g, _ in layers], dtype=np.int8), sizes),
        "unsure": np.repeat(np.array([lighter for _, lighter in layers], dtype=bool), sizes),
        "x": np.rint(PARTS * np.concatenate([part[0] for part in parts])).astype(np.int64),
        "y": np.rint(PARTS * np.concatenate([part[1] for part in parts])).astype(np.int64),
        "people": np.concatenate([part[2] for part in parts]).astype(np.int64),
    }
    order = np.lexsort((columns["y"], columns["x"], columns["unsure"], columns["group"]))
    return cell, {name: column[order] for name, column in columns.items()}


def _tenths(place: tuple[float, float]) -> tuple[float, float]:
    return round(place[0], 1), round(place[1], 1)


def draw_view(
    atlas: Atlas,
    view: View | None = None,
    labels: MapLabels | None = None,
    *,
    pins: Sequence[Pin] = (),
    faint: bool = False,
    prefix: str = "map",
) -> str:
    """A view of the map as SVG, without a legend: the page names the groups in letters that do not shrink.

    Marks as in `opinion_map`. Classes beside those: ``pin`` with the kind of each pin, ``faint`` for the whole where
    people stand back behind the pins.

    Parameters
    ----------
    atlas : Atlas
    view : View, optional
        Default: everything.
    labels : MapLabels, optional
    pins : sequence of Pin
        Those outside of the view are left out.
    faint : bool
    prefix : str
        Makes the ids in the picture unique on the page.

    Returns
    -------
    str
        An ``<svg>`` element of at most about 25 kB.
    """
    words, seen = labels or MapLabels(title="k = " + str(atlas.k)), view or View()
    prefix = checked_prefix(prefix)
    width, height, zoom = atlas.scale.width, atlas.scale.height, seen.zoom
    left, top = seen.x - width / 2 / zoom, seen.y - height / 2 / zoom

    def near(x: Any, y: Any) -> tuple[Any, Any]:
        return (x - left) * zoom, (y - top) * zoom

    x, y = near(atlas.x / PARTS, atlas.y / PARTS)
    shown = (x >= 0) & (x <= width) & (y >= 0) & (y <= height)
    body = [_cross(*near(*atlas.place_of(0.0, 0.0)), width, height)]
    body += [area(g, [near(*corner) for corner in core]) for g, core in enumerate(atlas.cores)]
    marks = marks_of(
        x[shown], y[shown], atlas.group[shown], ~atlas.unsure[shown], max(atlas.k, 1), atlas.people[shown],
        least=atlas.cell * zoom,
    )  # fmt: skip
    body += [marks_path(g, d, lighter) for g, lighter, d in marks]
    for g, middle in enumerate(atlas.middles):
        across, down = near(*middle)
        if 0 <= across <= width and 0 <= down <= height:
            body.append(letter(g, across, down, width, height))
    for pin in pins:
        across, down = near(pin.x, pin.y)
        if 0 <= across <= width and 0 <= down <= height:
            body.append(_pin(pin, across, down, zoom, width))
    return (
        opening(
            prefix,
            "opinion-map" + " faint" * faint,
            width,
            height,
            words.title,
            words.description,
            words.direction,
        )
        + "".join(body)
        + "</svg>"
    )


def _cross(across: float, down: float, width: int, height: int) -> str:
    """Lines through the middle of all opinions, as far as they are seen."""
    lines = f"M{short(across)} 0V{height}" if 0 <= across <= width else ""
    lines += f"M0 {short(down)}H{width}" if 0 <= down <= height else ""
    return f'<path class="axis" d="{lines}" stroke="{LINE}" fill="none"/>' if lines else ""


def _pin(pin: Pin, x: float, y: float, zoom: int, width: int) -> str:
    """A ring with its label, and the area in which it may lie."""
    parts = []
    if any(pin.reach):
        rx, ry = (short(half * zoom) for half in pin.reach)
        parts.append(
            f'<ellipse cx="{short(x)}" cy="{short(y)}" rx="{rx}" ry="{ry}" fill="none" stroke="{INK}" '
            'stroke-width="1.5" stroke-dasharray="4 3"/>'
        )
    parts.append(
        f'<circle cx="{short(x)}" cy="{short(y)}" r="9" fill="{PAPER}" stroke="{INK}" stroke-width="3"/>'
    )
    at = min(max(x, 40), width - 40)
    inside = len(pin.label) < 3
    down = y + 5 if inside else (y - 16 if y > 40 else y + 28)
    size, weight = (14, 700) if inside else (20, 700)
    parts.append(
        f'<text x="{short(x if inside else at)}" y="{short(down)}" text-anchor="middle" font-size="{size}" '
        f'font-weight="{weight}" fill="{INK}" stroke="{PAPER}" stroke-width="{0 if inside else 4}" '
        f'paint-order="stroke">{text(pin.label)}</text>'
    )
    return f'<g class="pin {pin.kind}">{"".join(parts)}</g>'
