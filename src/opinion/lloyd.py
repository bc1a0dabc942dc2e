"""Exact k-means in the plane from given centres, for a million points.

Each step of Lloyd's algorithm gives every point to the nearest centre and moves every centre to the mean of its points.
Points lie in small boxes; where one centre is nearest to a whole box (a test of bisecting lines, no estimate), all its
points are settled at once by the box's sums. Only points near a border are looked at one by one, and only against the
centres that can be nearest there. The result is that of the plain algorithm.

References
----------
T. Kanungo, D. Mount, N. Netanyahu, C. Piatko, R. Silverman, A. Wu (2002), An efficient k-means clustering algorithm:
analysis and implementation, IEEE Transactions on Pattern Analysis and Machine Intelligence 24 (7).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["first_distinct", "lloyd"]

Array = np.ndarray[Any, np.dtype[Any]]
POINTS_IN_BOX, MOST_LEVELS = 8, 4
SAMPLE = 50_000  # points that the lines of the grid are taken from
PAIRS = 1 << 20  # of box and centre, compared at once


def first_distinct(points: Array, count: int) -> Array:
    """The first `count` rows that differ from every row before them, in their order.

    Parameters
    ----------
    points : ndarray, shape (n, d)
    count : int

    Returns
    -------
    ndarray, shape (at most count, r)
    """
    size = 2 * count
    while True:
        _, first = np.unique(points[:size], axis=0, return_index=True)
        if first.size >= count or size >= len(points):
            return points[np.sort(first)[:count]]
        size *= 4


def lloyd(
    points: Array, weight: Array, centres: Array, steps: int, same: float
) -> tuple[Array, Array, Array]:
    """Weighted k-means.

    Parameters
    ----------
    points : ndarray of float, shape (n, 2)
    weight : ndarray of float, shape (n,)
        Positive.
    centres : ndarray of float, shape (k, 2)
        To start from. Of two centres equally near a point, the later one gets it; a centre without points vanishes.
    steps : int
        At most so many; at least one is made.
    same : float
        It ends when no centre moves as far, the old and the new centres compared in the order of their coordinates.

    Returns
    -------
    label : ndarray of int, shape (n,)
        Place of the centre in `centres` as returned.
    centres : ndarray, shape (r, 2)
        r ≤ k.
    kept : ndarray of int, shape (r,)
        Which of the centres at the start these were.
    """
    boxes = _boxes(points, weight)
    kept = np.arange(len(centres))
    while True:
        settled = _nearest(boxes, centres)
        sums = _sums(boxes, settled, len(centres))
        used = np.flatnonzero(sums[0] > 0)
        new = (sums[1:, used] / sums[0, used]).T
        steps -= 1
        done = steps <= 0 or _still(centres, new, same)
        if done:
            place = np.empty(len(centres), dtype=np.int64)
            place[used] = np.arange(used.size)
            return place[_labels(boxes, settled)], new, kept[used]
        centres, kept = new, kept[used]


def _still(old: Array, new: Array, same: float) -> bool:
    shared = min(len(old), len(new))
    ordered = [c[np.lexsort((c[:, 1], c[:, 0]))][:shared] for c in (old, new)]
    return bool(np.all(np.hypot(*(ordered[0] - ordered[1]).T) < same))


@dataclass(frozen=True, eq=False, slots=True)
class _Level:
    """Boxes of one size, from the largest (first) to single points (last)."""

    middle: Array  # (2, b)
    half: Array | None  # (2, b), half the sides; none for points
    sums: Array  # (3, b): weight, and weight times each coordinate
    parts: Array  # (b + 1,): box i consists of the boxes parts[i] to parts[i + 1] of the next level
    points: Array  # (b + 1,): and of the points points[i] to points[i + 1], in the order of the boxes


@dataclass(frozen=True, eq=False, slots=True)
class _Boxes:
    order: Array  # of the points, shape (n,)
    levels: tuple[_Level, ...]


def _boxes(points: Array, weight: Array) -> _Boxes:
    """Boxes within boxes, sixteen in each, finer where there are more points."""
    n = len(points)
    depth = 0
    while 16 ** (depth + 1) * POINTS_IN_BOX <= n and depth < MOST_LEVELS:
        depth += 1
    code = _morton(points, 2 * depth)
    order = np.argsort(code, kind="stable")
    code, place, w = code[order], points[order], weight[order]
    every = np.arange(n + 1)
    sums = np.stack([w, w * place[:, 0], w * place[:, 1]])
    low = high = place.T.copy()
    levels = [_Level(low, None, sums, every, every)]
    for step in range(depth):
        below = levels[0]
        key = code >> (4 * step)
        new = np.append(np.flatnonzero(np.append(True, key[1:] != key[:-1])), n)
        parts = np.searchsorted(below.points, new)
        low = np.minimum.reduceat(low, parts[:-1], axis=1)
        high = np.maximum.reduceat(high, parts[:-1], axis=1)
        sums = np.add.reduceat(below.sums, parts[:-1], axis=1)
        levels.insert(0, _Level((low + high) / 2, (high - low) / 2, sums, parts, new))
    return _Boxes(order, tuple(levels))


def _morton(points: Array, bits: int) -> Array:
    """Cell of each point in a grid of 2^bits a side, numbered so that neighbours stand together.

    The lines of the grid are quantiles of each coordinate: votes may pile up in one place and be thin elsewhere.
    """
    sample = points[:: max(1, len(points) // SAMPLE)]
    lines = np.quantile(sample, np.arange(1, 2**bits) / 2**bits, axis=0)
    cell = np.stack([np.searchsorted(lines[:, d], points[:, d]) for d in (0, 1)], axis=1)
    code = np.zeros(len(points), dtype=np.int64)
    for bit in range(bits):
        code |= (((cell[:, 0] >> bit) & 1) << (2 * bit)) | (((cell[:, 1] >> bit) & 1) << (2 * bit + 1))
    return code


Settled = list[
    tuple[int, Array, Array]
]  # level, boxes, and for each box the one centre that is nearest to all of it


def _nearest(boxes: _Boxes, centres: Array) -> Settled:
    """Every point in one box that has one nearest centre."""
    first = np.arange(boxes.levels[0].middle.shape[1])
    size = np.full(first.size, len(centres))
    waiting = [(0, first, size, np.tile(np.arange(len(centres)), first.size))]
    columns = np.ascontiguousarray(centres.T)
    settled: Settled = []
    while waiting:
        depth, box, size, centre = waiting.pop()
        for some, own, pairs in _portions(box, size, centre):
            level = boxes.levels[depth]
            best, possible = _prune(level, some, own, pairs, columns)
            if possible is None:
                settled.append((depth, some, pairs[best]))
                continue
            left = np.add.reduceat(possible, np.cumsum(own) - own)
            alone = left == 1
            settled.append((depth, some[alone], pairs[best[alone]]))
            if not alone.all():
                rest = possible & np.repeat(~alone, own)
                waiting.append((depth + 1, *_open(level, some[~alone], left[~alone], pairs[rest])))
    return settled


def _portions(box: Array, size: Array, centre: Array) -> Iterator[tuple[Array, Array, Array]]:
    """Boxes with their candidate centres, so few at a time that memory stays bounded."""
    end = np.cumsum(size)
    at = 0
    while at < box.size:
        done = end[at] - size[at]
        stop = max(at + 1, int(np.searchsorted(end, done + PAIRS, side="right")))
        yield box[at:stop], size[at:stop], centre[done : end[stop - 1]]
        at = stop


def _prune(
    level: _Level, box: Array, size: Array, centre: Array, centres: Array
) -> tuple[Array, Array | None]:
    """The centre nearest to the middle of each box, as a place among the pairs, and which centres remain possible.

    A centre is out if the nearest one beats it at the corner of the box that suits it best. Points have no corners:
    there only the nearest is asked for.
    """
    start = np.cumsum(size) - size
    owner = np.repeat(np.arange(box.size), size)
    x = centres[0].take(centre) - level.middle[0].take(box).take(owner)
    y = centres[1].take(centre) - level.middle[1].take(box).take(owner)
    square = x * x + y * y
    least = np.minimum.reduceat(square, start).take(owner)
    at = np.flatnonzero(square == least)
    best = np.empty(box.size, dtype=np.int64)
    best[owner.take(at)] = at  # of equals the last one stays
    if level.half is None:
        return best, None
    for away, half in ((x, level.half[0]), (y, level.half[1])):
        away -= away.take(best).take(owner)
        np.abs(away, out=away)
        away *= half.take(box).take(owner)
    square -= least
    return best, square <= 2 * (x + y) + 1e-12 * (square + 2 * least)


def _open(level: _Level, box: Array, size: Array, centre: Array) -> tuple[Array, Array, Array]:
    """The parts of boxes, each with the candidates of its box."""
    inside = level.parts[box + 1] - level.parts[box]
    part = _ranges(level.parts[box], inside)
    many = np.repeat(size, inside)
    return part, many, centre[_ranges(np.repeat(np.cumsum(size) - size, inside), many)]


def _ranges(start: Array, length: Array) -> Array:
    """start[0], start[0] + 1, … (length[0] numbers), then the same from start[1], and so on."""
    end = np.cumsum(length)
    return np.repeat(start - (end - length), length) + np.arange(end[-1] if end.size else 0)


def _sums(boxes: _Boxes, settled: Settled, k: int) -> Array:
    """Weight and weighted coordinates of every centre's points, shape (3, k)."""
    total = np.zeros((3, k))
    for depth, box, centre in settled:
        for row, values in zip(total, boxes.levels[depth].sums, strict=True):
            row += np.bincount(centre, weights=values[box], minlength=k)
    return total


def _labels(boxes: _Boxes, settled: Settled) -> Array:
    label = np.empty(boxes.order.size, dtype=np.int64)
    for depth, box, centre in settled:
        points = boxes.levels[depth].points
        inside = points[box + 1] - points[box]
        label[boxes.order[_ranges(points[box], inside)]] = np.repeat(centre, inside)
    return label
