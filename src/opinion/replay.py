"""The compatible mode with a past: what production keeps from one computation to the next.

Polis computes whenever votes have come in and starts from its last state, so its groups depend on the order in which
people came. Where it is known when votes were cast, that past can be gone through again, in fewer and larger steps.
Clusters are kept as their members and not as points, so directions of axes, which are arbitrary, do not matter.

References
----------
C. Small, M. Bjorkegren, T. Erkkilä, L. Shaw, C. Megill (2021), Polis: scaling deliberation by mapping high dimensional
opinion spaces, Recerca 26 (2).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .errors import InputError
from .lloyd import first_distinct
from .votes import Votes

__all__ = ["Memory", "check_times", "find_moments", "reseed", "votes_until"]

Array = np.ndarray[Any, np.dtype[Any]]
MOST_STEPS, FEWEST_STEPS = 100, 8
VOTES_READ = 2_000_000  # over all steps, about, unless the fewest steps need more
ROUNDING = 1e-9
PATIENCE = 4  # times in a row that a number of groups must be the best one before it is taken


@dataclass(frozen=True, eq=False, slots=True)
class Memory:
    """What is kept from one step to the next.

    Attributes
    ----------
    base : ndarray of int64, shape (n,)
        Number of each person's base cluster; −1 for those who are in none yet.
    groups : dict
        For each number of groups, the group of each base cluster, by number.
    best, row, chosen : int
        The number of groups that was best last, how many times in a row, and the one that is shown; 0 before the first.
    """

    base: Array
    groups: dict[int, dict[int, int]] = field(default_factory=dict)
    best: int = 0
    row: int = 0
    chosen: int = 0

    def group_of(self, k: int, bases: Array) -> Array:
        """Group of each base cluster among k when there were k last; −1 for new ones."""
        known = self.groups.get(k, {})
        return np.array([known.get(number, -1) for number in bases.tolist()], dtype=np.int64)

    def choose(self, best: int, possible: Collection[int]) -> tuple[int, int]:
        """How many times in a row `best` has been the best, and the number of groups to show.

        The one that was shown stays until another was the best four times in a row.
        """
        row = self.row + 1 if best == self.best else 1
        stays = self.chosen in possible and row < PATIENCE
        return row, self.chosen if stays else best


def check_times(votes: Votes, times: Any) -> Array:
    """Times as whole numbers, one for each vote.

    Parameters
    ----------
    votes : Votes
    times : array_like of int, shape (votes.size,)

    Returns
    -------
    ndarray of int64, shape (votes.size,)

    Raises
    ------
    InputError
        If they are not whole numbers, or not as many as the votes.
    """
    moments = np.asarray(times)
    if moments.shape != (votes.size,) or (moments.size and moments.dtype.kind not in "iu"):
        raise InputError(f"One time in whole milliseconds for each of the {votes.size} votes was expected.")
    return moments.astype(np.int64)


def find_moments(times: Array) -> Array:
    """The ends of the steps, each about as many votes after the one before; the last is that of the last vote.

    Parameters
    ----------
    times : ndarray of int64, shape (v,)

    Returns
    -------
    ndarray of int64, shape (s,)
        Rising; s ≤ 100, and as few as 8 where there are many votes. Votes of the same time are never parted.
    """
    if not times.size:
        return times
    steps = min(max(VOTES_READ // times.size, FEWEST_STEPS), MOST_STEPS)
    last = np.arange(1, steps + 1) * times.size // steps
    return np.unique(np.sort(times)[last[last > 0] - 1])


def votes_until(votes: Votes, times: Array, moment: int) -> tuple[Votes, Array]:
    """The votes that had been cast at a moment, of those who had voted, and which of the participants these are.

    Parameters
    ----------
    votes : Votes
        n participants.
    times : ndarray of int64, shape (votes.size,)
    moment : int

    Returns
    -------
    votes : Votes
        Of r participants, on the same statements.
    people : ndarray of int64, shape (r,)
        Rising places among the n.
    """
    cast = times <= moment
    count = np.bincount(votes.rows[cast], minlength=votes.shape[0])
    people = np.flatnonzero(count)
    indptr = np.concatenate([[0], np.cumsum(count[people])]).astype(votes.indptr.dtype)
    ids = votes.participant_ids[people]
    return Votes(ids, votes.statement_ids, indptr, votes.indices[cast], votes.values[cast]), people


def reseed(points: Array, weight: Array, number: Array, count: int) -> tuple[Array, Array]:
    """Centres to start from: those of earlier clusters, where their members stand now.

    Clusters without members vanish, those with the same centre become one. While there are fewer than `count`, the
    point farthest from every centre leaves its cluster and becomes a new one.

    Parameters
    ----------
    points : ndarray of float, shape (n, 2)
    weight : ndarray of float, shape (n,)
        Positive.
    number : ndarray of int64, shape (n,)
        Number of the earlier cluster; −1 for points that were in none. If all were in none, the first distinct points
        are the centres.
    count : int

    Returns
    -------
    centres : ndarray, shape (k, 2)
        k ≤ count if there were no more before.
    numbers : ndarray of int64, shape (k,)
        Rising; new clusters have new numbers.
    """
    numbers = np.unique(number[number >= 0])
    if not numbers.size:
        centres = first_distinct(points, count)
        return centres, np.arange(len(centres))
    label = np.where(number >= 0, np.searchsorted(numbers, number), -1)
    centres, numbers, label = _merge(_means(points, weight, label, numbers.size), numbers, label)
    possible = len(first_distinct(points, count))
    while len(centres) < possible:
        away = _nearest(points, centres)
        outlier = away.size - 1 - int(np.argmax(away[::-1]))
        if away[outlier] <= ROUNDING:
            break
        label[outlier] = len(centres)
        centres = _means(points, weight, label, len(centres) + 1)
        numbers = np.append(numbers, numbers[-1] + 1)
    return centres, numbers


def _means(points: Array, weight: Array, label: Array, k: int) -> Array:
    inside = label >= 0
    own, w = label[inside], weight[inside]
    sums = [np.bincount(own, weights=w * points[inside, d], minlength=k) for d in (0, 1)]
    return np.stack(sums, axis=1) / np.bincount(own, weights=w, minlength=k)[:, None]


def _merge(centres: Array, numbers: Array, label: Array) -> tuple[Array, Array, Array]:
    """Clusters with the same centre made one, under the lowest number."""
    _, first, same = np.unique(centres, axis=0, return_index=True, return_inverse=True)
    kept = np.sort(first)
    place = np.searchsorted(kept, first[same.reshape(-1)])
    return centres[kept], numbers[kept], np.where(label >= 0, place[label], -1)


def _nearest(points: Array, centres: Array) -> Array:
    """Distance of every point from the nearest centre."""
    from scipy.spatial import KDTree

    return np.asarray(KDTree(centres).query(points)[0])
