"""What votes would look like without coordination: rates of like-minded people, and each person's own way of voting.

People of one mind vote alike, some agree with nearly everything, some pass on nearly everything. None of that is a
campaign. The model of chance against which ballots are judged therefore knows all three: the rates of the person's
group, those of the neighbours on the opinion map, and how often this person agrees, disagrees and passes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from ..result import Result
from ..votes import Votes

__all__ = ["Null", "Some", "choice_chances", "make_null", "take"]

Array = np.ndarray[Any, np.dtype[Any]]
PRIOR = 3.0  # votes that everybody's rate counts for in each cell of the map
STYLE_PRIOR = 4.0  # votes that the usual habit counts for beside the person's own
CELL_PEOPLE, MOST_CUTS = 60, 4
STYLE_STEPS = 6
CHUNK_VOTES = 1 << 20


@dataclass(frozen=True, eq=False, slots=True)
class Some:
    """Ballots of some participants in compressed rows; `people` are their places among all."""

    people: Array
    indptr: Array
    indices: Array
    values: Array

    @property
    def rows(self) -> Array:
        """Place of the ballot for each vote."""
        return np.repeat(np.arange(self.people.size), np.diff(self.indptr))

    @property
    def codes(self) -> Array:
        """3 × statement + 0 disagree, 1 pass, 2 agree, for each vote."""
        return self.indices.astype(np.int32) * 3 + (self.values.astype(np.int32) + 1)


def take(votes: Votes, people: Array) -> Some:
    """The ballots of the participants at the places `people`, ascending."""
    length = np.diff(votes.indptr)
    if people.size == length.size:
        return Some(people, votes.indptr, votes.indices, votes.values)
    chosen = np.zeros(length.size, dtype=bool)
    chosen[people] = True
    kept = np.repeat(chosen, length)
    indptr = np.zeros(people.size + 1, dtype=np.int64)
    np.cumsum(length[people], out=indptr[1:])
    return Some(people, indptr, votes.indices[kept], votes.values[kept])


@dataclass(frozen=True, eq=False, slots=True)
class Null:
    """Chances of disagree, pass and agree.

    Attributes
    ----------
    rates : ndarray of float32, shape (cells, 3 m)
        Of the people of a cell, smoothed towards everybody's.
    cell : ndarray of int, shape (n,)
    """

    rates: Array
    cell: Array


def make_null(votes: Votes, result: Result | None, weights: Array | None = None) -> Null:
    """Rates of like-minded people.

    Parameters
    ----------
    votes : Votes
    result : Result or None
        Its groups and its map make the cells; ``None``: one cell of everybody.
    weights : ndarray, shape (n,), optional
        What each ballot counts. Copies of one ballot must not speak for themselves: see `opinion.integrity.copies`.

    Returns
    -------
    Null
    """
    n, m = votes.shape
    code = votes.indices.astype(np.int64) * 3 + votes.values + 1
    weight = None if weights is None else weights[votes.rows]
    everyone = np.bincount(code, weights=weight, minlength=3 * m).reshape(m, 3) + 0.5
    rate = (everyone / everyone.sum(axis=1, keepdims=True)).reshape(-1)
    if result is None:
        return Null(rate[None].astype(np.float32), np.zeros(n, dtype=np.int64))
    by_group = _rates(votes, code, weight, result.participants.group.astype(np.int64) + 1, rate)
    cell = _cells(result)
    by_cell = _rates(votes, code, weight, cell, rate)
    both, place = np.unique(
        (result.participants.group.astype(np.int64) + 1) * (cell.max(initial=0) + 1) + cell,
        return_inverse=True,
    )
    group, cell = np.divmod(both, cell.max(initial=0) + 1)
    return Null(((by_group[group] + by_cell[cell]) / 2).astype(np.float32), place.ravel())


def _rates(votes: Votes, code: Array, weight: Array | None, label: Array, rate: Array) -> Array:
    """Rates of each label, smoothed towards everybody's, shape (labels, 3 m)."""
    width = rate.size
    count = int(label.max(initial=0)) + 1
    counts = np.bincount(label[votes.rows] * width + code, weights=weight, minlength=count * width).reshape(
        count, -1, 3
    )
    smooth = counts + PRIOR * rate.reshape(1, -1, 3)
    return (smooth / smooth.sum(axis=2, keepdims=True)).reshape(count, -1)


def _cells(result: Result) -> Array:
    """Cells of the opinion map with about the same number of people; neighbours share one."""
    n = len(result.participants)
    cuts = int(np.clip(math.sqrt(n / CELL_PEOPLE), 1, MOST_CUTS))
    cell = np.zeros(n, dtype=np.int64)
    for place in (result.participants.x, result.participants.y):
        edges = np.quantile(place, np.arange(1, cuts) / cuts) if n else np.zeros(0)
        cell = cell * cuts + np.searchsorted(edges, place, side="right")
    return cell


def choice_chances(null: Null, some: Some) -> Array:
    """Chance of the choice that was made, for each vote of some ballots, as float32.

    The rates of the person's cell, tilted by the person's own habit of agreeing, disagreeing and passing: the tilt is
    such that the expected number of each choice over the ballot is that which was cast, drawn a little to the usual.
    """
    out = np.empty(some.values.size, dtype=np.float32)
    width = null.rates.shape[1] // 3
    table = null.rates.reshape(-1, 3)
    bounds = np.searchsorted(some.indptr, np.arange(0, some.indptr[-1] + CHUNK_VOTES, CHUNK_VOTES))
    bounds = np.unique(np.append(np.minimum(bounds, some.people.size), [0, some.people.size]))
    for first, last in pairwise(bounds.tolist()):
        part = slice(int(some.indptr[first]), int(some.indptr[last]))
        row = np.repeat(np.arange(last - first), np.diff(some.indptr[first : last + 1]))
        cell = null.cell[some.people[first:last]]
        base = table[cell[row] * width + some.indices[part]]
        out[part] = _tilted(base, row, some.values[part].astype(np.int64) + 1, last - first)
    return out


def _tilted(base: Array, row: Array, choice: Array, people: int) -> Array:
    def sums(shares: Array) -> Array:
        return np.stack([np.bincount(row, weights=shares[:, c], minlength=people) for c in range(3)], axis=1)

    usual = sums(base)
    prior = STYLE_PRIOR * usual / np.maximum(usual.sum(axis=1, keepdims=True), 1e-9)
    cast = np.stack([np.bincount(row[choice == c], minlength=people) for c in range(3)], axis=1)
    tilt = np.ones((people, 3), dtype=np.float32)
    for _ in range(STYLE_STEPS):
        shares = base * tilt[row]
        shares /= shares.sum(axis=1, keepdims=True)
        tilt *= ((cast + prior) / (sums(shares) + prior)).astype(np.float32)
    shares = base * tilt[row]
    return np.asarray(shares[np.arange(row.size), choice] / shares.sum(axis=1))
