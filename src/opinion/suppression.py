"""Hiding small counts so that no subtraction brings them back.

A count of 1 to 4 people may tell who they are. It is hidden (primary suppression); and since totals are published,
other cells must be hidden with it (complementary suppression), enough of them that whoever knows everything that is
published still has a wide range of possible values for each hidden small count.

How wide the range is follows from *exchanges*. Take a hidden cell (i, j), other hidden rows H and other hidden columns
J such that all cells of the rectangle are hidden. Moving people within the rectangle along rows and columns changes no
total, so the count of (i, j) can truly be anything from x − down to x + up, with

    up   = min(sum of the row's cells in J,  sum of the column's cells in H)
    down = min(x,                            sum of the cells in H × J)

This is a certificate in whole people; it needs no solver and can be checked by hand. If every cell of the table is
hidden, the range is that of Fréchet, which no hiding can widen. `guaranteed` computes these ranges anew from a table
with its hidden cells, and `audit` the exact ones by linear programming; both are independent of how the cells were
chosen.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from .errors import InputError

__all__ = ["LEAST_THRESHOLD", "Suppression", "attainable", "audit", "guaranteed", "suppress"]

Array = np.ndarray[Any, np.dtype[Any]]
LEAST_THRESHOLD = 3  # with 2 only single people are hidden, and one of two knows the other
UNKNOWNS = 2000  # of one linear program of the audit
MOST_SUBSETS = 5  # other columns up to which all their subsets are tried


@dataclass(frozen=True, eq=False, slots=True)
class Suppression:
    """Which cells of a table are hidden.

    Attributes
    ----------
    hidden : ndarray of bool, shape (rows, columns)
    sensitive : ndarray of bool, shape (rows, columns)
        Those that had to be hidden for themselves. **Not for publication**: that a cell is one of them tells that
        it is small.
    required : ndarray of int, shape (rows, columns)
        Width that the range of each hidden cell had to have.
    unprotected : int
        Sensitive cells whose range is narrower than wanted because of what else is known (`layers` in `suppress`).
    """

    hidden: Array
    sensitive: Array
    required: Array
    unprotected: int

    @property
    def primary(self) -> int:
        """Cells hidden for themselves."""
        return int(self.sensitive.sum())

    @property
    def complementary(self) -> int:
        """Cells hidden to protect others."""
        return int(self.hidden.sum()) - self.primary


def suppress(
    counts: Any, *, threshold: int = 5, sensitive: Any = None, cost: Any = None, protection: int | None = None
) -> Suppression:
    """Choose the cells of a table of counts that are hidden, its totals being published.

    Parameters
    ----------
    counts : array_like of int, shape (rows, columns) or (layers, rows, columns)
        Counts of people. With layers, the table is their sum, and the totals of rows and columns are known **within
        each layer** (of each opinion group, say): the range is then that for somebody who knows them.
    threshold : int
        Cells of 1 to threshold − 1 are sensitive. At least 3.
    sensitive : array_like of bool, shape (rows, columns), optional
        Which cells are sensitive, instead of the rule of the threshold.
    cost : array_like, shape (columns,) or (rows, columns), optional
        What hiding a cell loses; default: more for larger counts (the logarithm).
    protection : int, optional
        Width that the range of a sensitive cell must have, default the threshold; less only where even hiding the
        whole table gives less. The range of every other hidden cell is at least 1 wide.

    Returns
    -------
    Suppression

    Raises
    ------
    InputError
        Negative counts, a wrong shape, a threshold below 3.

    References
    ----------
    L. H. Cox (1980), Suppression methodology and statistical disclosure control. JASA 75.
    M. Fischetti, J.-J. Salazar-González (2001), Solving the cell suppression problem on tabular data with linear
    constraints. Management Science 47.

    Examples
    --------
    >>> suppress([[2, 30], [40, 50]]).hidden.all()
    np.True_
    """
    layers = _layers(counts)
    if threshold < LEAST_THRESHOLD:
        raise InputError(f"The threshold must be at least {LEAST_THRESHOLD}, not {threshold}.")
    table = layers.sum(axis=0)
    small = (table > 0) & (table < threshold) if sensitive is None else np.array(sensitive, dtype=bool)
    wanted = np.minimum(threshold if protection is None else protection, attainable(table[None]))
    possible = attainable(layers)
    small &= wanted > 0  # what the totals alone tell cannot be hidden
    price = np.log2(2.0 + table) if cost is None else np.broadcast_to(np.asarray(cost, float), table.shape)
    hidden = small.copy()
    required = np.where(small, np.minimum(wanted, possible), 0)
    search = _Search(layers, np.array(price, dtype=float), hidden)
    for i, j in _places(small, table):
        search.protect(i, j, int(required[i, j]))
    waiting = _places(search.hidden & ~small, table)
    while waiting:  # what is hidden to protect must not be found by subtraction either
        for i, j in waiting:
            required[i, j] = min(1, int(possible[i, j]))
            search.protect(i, j, int(required[i, j]))
        waiting = _places(search.hidden & ~small & (required == 0) & (possible > 0), table)
    return Suppression(search.hidden, small, required, int((possible < wanted)[small].sum()))


def attainable(counts: Any) -> Array:
    """Width of the range of each cell if the whole table is hidden: that of Fréchet, summed over the layers.

    Parameters
    ----------
    counts : array_like of int, shape (rows, columns) or (layers, rows, columns)

    Returns
    -------
    ndarray of int, shape (rows, columns)
    """
    layers = _layers(counts)
    row, column = layers.sum(axis=2, keepdims=True), layers.sum(axis=1, keepdims=True)
    total = layers.sum(axis=(1, 2), keepdims=True)
    return np.asarray((np.minimum(row, column) - np.maximum(0, row + column - total)).sum(axis=0))


def _layers(counts: Any) -> Array:
    layers = np.asarray(counts)
    if layers.ndim == 2:
        layers = layers[None]
    if layers.ndim != 3:
        raise InputError("A table of counts has rows and columns, and layers if any.")
    if layers.size and (layers.min() < 0 or np.any(layers != np.floor(layers))):
        raise InputError("Counts are whole numbers from 0 on.")
    return layers.astype(np.int64)


def _places(mask: Array, table: Array) -> list[tuple[int, int]]:
    """Cells of a mask, the smallest counts first, then by place."""
    rows, columns = np.nonzero(mask)
    order = np.lexsort((columns, rows, table[rows, columns]))
    return list(zip(rows[order].tolist(), columns[order].tolist(), strict=True))


class _Search:
    """The cheapest rectangle of hidden cells that gives a cell the width it must have."""

    def __init__(self, layers: Array, price: Array, hidden: Array) -> None:
        self.layers, self.price, self.hidden = layers, price, hidden

    def protect(self, i: int, j: int, required: int) -> None:
        """Hide what is needed that the range of (i, j) is at least `required` wide."""
        if required <= 0:
            return
        others = np.flatnonzero(self.layers.any(axis=(0, 2)) & (np.arange(self.hidden.shape[0]) != i))
        loss = np.where(self.hidden, 0.0, self.price)
        best: tuple[float, list[int], Array] | None = None
        for columns in self._subsets(i, j, loss):
            found = self._rows(i, j, columns, others, required, loss)
            if found is not None and (best is None or found[0] < best[0] - 1e-9):
                best = (found[0], columns, found[1])
            if best is not None and best[0] == 0.0:
                return
        if best is None:
            raise AssertionError("hiding the whole table gives the width that was asked for")
        _, columns, rows = best
        self.hidden[np.ix_(np.append(rows, i), np.array([*columns, j]))] = True

    def _subsets(self, i: int, j: int, loss: Array) -> list[list[int]]:
        others = [int(c) for c in np.flatnonzero(self.layers.any(axis=(0, 1))) if c != j]
        if len(others) <= MOST_SUBSETS:
            return _parts(others)
        others.sort(key=lambda c: (loss[i, c], c))
        return [[c] for c in others] + [others[:size] for size in range(2, len(others) + 1)]

    def _rows(
        self, i: int, j: int, columns: list[int], others: Array, required: int, loss: Array
    ) -> tuple[float, Array] | None:
        """The cheapest further row that suffices, or else the cheapest rows taken together."""
        own = self.layers[:, i, columns].sum(axis=1)[:, None]
        x = self.layers[:, i, j][:, None]
        above = self.layers[:, others, j]
        across = self.layers[:, others][:, :, columns].sum(axis=2)
        fixed = float(loss[i, columns].sum())
        price = loss[others, j] + loss[others][:, columns].sum(axis=1)
        width = (np.minimum(own, above) + np.minimum(x, across)).sum(axis=0)
        enough = width >= required
        if enough.any():
            pick = int(np.argmin(np.where(enough, price, np.inf)))
            return fixed + float(price[pick]), others[[pick]]
        order = np.argsort(price, kind="stable")
        above, across = np.cumsum(above[:, order], axis=1), np.cumsum(across[:, order], axis=1)
        width = (np.minimum(own, above) + np.minimum(x, across)).sum(axis=0)
        if not width.size or width[-1] < required:
            return None
        last = int(np.argmax(width >= required)) + 1
        return fixed + float(price[order[:last]].sum()), others[order[:last]]


def _parts(columns: list[int]) -> list[list[int]]:
    return [list(part) for size in range(1, len(columns) + 1) for part in combinations(columns, size)]


def guaranteed(counts: Any, hidden: Any) -> Array:
    """A width that the range of each hidden cell has at least, by exchanges of whole people within hidden rectangles.

    Parameters
    ----------
    counts : array_like of int, shape (rows, columns) or (layers, rows, columns)
    hidden : array_like of bool, shape (rows, columns)
        At most 12 columns that have hidden cells.

    Returns
    -------
    ndarray of int, shape (rows, columns)
        0 where a cell is not hidden.
    """
    layers, mask = _layers(counts), np.asarray(hidden, dtype=bool)
    width = np.zeros(mask.shape, dtype=np.int64)
    used = np.flatnonzero(mask.any(axis=0)).tolist()
    for j in used:
        for columns in _parts([c for c in used if c != j]):
            whole = mask[:, [*columns, j]].all(axis=1)
            x, across = layers[:, :, j], layers[:, :, columns].sum(axis=2)
            up = np.minimum(across, (x * whole).sum(axis=1, keepdims=True) - x)
            down = np.minimum(x, (across * whole).sum(axis=1, keepdims=True) - across)
            reach = np.where(whole, (up + down).sum(axis=0), 0)
            width[:, j] = np.maximum(width[:, j], reach)
    return width


def audit(counts: Any, hidden: Any) -> tuple[Array, Array]:
    """The exact range of each hidden cell for somebody who knows all that is published, by linear programming.

    Known are the cells that are not hidden, the totals of rows and columns (within each layer), and that no count is
    negative. With one layer the bounds are attained by whole numbers; with several they are those of real numbers.

    Parameters
    ----------
    counts : array_like of int, shape (rows, columns) or (layers, rows, columns)
    hidden : array_like of bool, shape (rows, columns)

    Returns
    -------
    low, high : ndarray of float, shape (rows, columns)
        Equal to the count where a cell is not hidden.

    Raises
    ------
    RuntimeError
        If the solver fails.
    """
    layers, mask = _layers(counts), np.asarray(hidden, dtype=bool)
    table = layers.sum(axis=0)
    low, high = table.astype(float), table.astype(float)
    rows, columns = np.nonzero(mask)
    if rows.size == 0:
        return low, high
    system, known, places = _system(layers, mask)
    size = system.shape[1]
    aims = np.zeros((2 * rows.size, size))
    for at, (i, j) in enumerate(zip(rows, columns, strict=True)):
        own = places[:, i, j]
        aims[2 * at, own[own >= 0]] = 1.0
        aims[2 * at + 1] = -aims[2 * at]
    values = _solve(system, known, aims)
    low[rows, columns], high[rows, columns] = values[0::2], -values[1::2]
    return low, high


def _system(layers: Array, mask: Array) -> tuple[Any, Array, Array]:
    """Equations that hold for what is hidden, and the place of each unknown among the columns (−1: known)."""
    from scipy.sparse import csr_array

    count, height, width = layers.shape
    free = np.ones(layers.shape, dtype=bool) if count > 1 else mask[None]
    places = np.full(layers.shape, -1)
    places[free] = np.arange(int(free.sum()))
    g, i, j = np.nonzero(free)
    unknown = np.arange(g.size)
    equations = [g * height + i, count * height + g * width + j]
    if count > 1:  # cells that are shown fix the sum over the layers
        shown = count * (height + width) + np.cumsum(~mask).reshape(mask.shape) - 1
        seen = ~mask[i, j]
        equations.append(shown[i, j][seen])
        unknown = np.concatenate([unknown, unknown, unknown[seen]])
    else:
        unknown = np.concatenate([unknown, unknown])
    of, numbers = np.unique(np.concatenate(equations), return_inverse=True)
    system = csr_array((np.ones(unknown.size), (numbers, unknown)), shape=(of.size, g.size))
    return system, system @ layers[free].astype(float), places


def _solve(system: Any, known: Array, aims: Array) -> Array:
    """Least values of several aims under the same equations: one program in independent blocks."""
    from scipy.optimize import linprog
    from scipy.sparse import block_diag

    values = np.empty(len(aims))
    step = max(1, UNKNOWNS // max(system.shape[1], 1))
    for first in range(0, len(aims), step):
        part = aims[first : first + step]
        done = linprog(
            part.ravel(),
            A_eq=block_diag([system] * len(part), format="csr"),
            b_eq=np.tile(known, len(part)),
            bounds=(0, None),
            method="highs",
            options={"presolve": False},  # the blocks are small: looking for savings costs more than it saves
        )
        if done.status != 0:
            raise RuntimeError(f"the linear program of the audit failed: {done.message}")
        values[first : first + step] = (done.x.reshape(part.shape) * part).sum(axis=1)
    return values
