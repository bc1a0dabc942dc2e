"""Long ballots on which every vote is the same, beyond what the statements' rates and people's habits explain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..votes import Votes
from .null import Some, take

__all__ = ["SIDES", "Straight", "find_straight"]

Array = np.ndarray[Any, np.dtype[Any]]
SIDES = {"agree": 1, "disagree": -1}
MIN_LENGTH = 10
# In real conversations without a known campaign up to 1.1 % of the ballots of ten votes or more are all of one side,
# because some people like to agree: so many and a few more are never a signal.
HABIT = 0.015
SAMPLE = 2_000  # ballots from which the expected number is worked out
TELLING = 0.05  # a ballot whose chance of being all of one side is larger tells nothing
MIN_PEOPLE = 5
MOST_OF_ALL = 1 / 3
NODES = 15


@dataclass(frozen=True, eq=False, slots=True)
class Straight:
    """Ballots that are all of one side.

    Attributes
    ----------
    side : str
        ``"agree"`` or ``"disagree"``.
    ballots : int
        Ballots of at least ten votes.
    observed : int
        Of them all of the side, although that had a chance of at most 5 %.
    by_rates : float
        How many the statements' rates and the spread of people's habits make likely.
    expected : float
        The same, with 1.5 % of the ballots allowed in addition.
    p : float
        Chance of so many or more (Poisson), times the two sides.
    people : ndarray of int, shape (members,)
        Places of those who cast them.
    """

    side: str
    ballots: int
    observed: int
    by_rates: float
    expected: float
    p: float
    people: Array


def find_straight(votes: Votes, rng: np.random.Generator) -> tuple[Straight, ...]:
    """Straight-lined ballots of each side, found or not.

    Parameters
    ----------
    votes : Votes
    rng : numpy.random.Generator
        Draws the ballots from which the expected number is worked out, where there are many.

    Returns
    -------
    tuple of Straight

    Notes
    -----
    The chance that a person takes one side on all statements is the product of the rates, each shifted on the logit
    scale by the person's habit; habits are normal, their spread is taken from the middle of the ballots (median
    absolute deviation), which a fifth of bots can hardly move.
    """
    from scipy.special import pdtrc

    length = np.diff(votes.indptr)
    long = np.flatnonzero(length >= MIN_LENGTH)
    out = []
    for side, value in SIDES.items():
        own = np.bincount(votes.rows[votes.values == value], minlength=length.size)
        all_same = long[own[long] == length[long]]
        few = all_same.size <= MOST_OF_ALL * length.size  # where they are many, they are the public
        rate = _rates(votes, value, all_same if few else all_same[:0])
        sample = long if long.size <= SAMPLE else np.sort(rng.choice(long, SAMPLE, replace=False))
        spread = _spread(take(votes, sample), rate, value)
        chance = _chance_of_all(take(votes, sample), rate, spread)
        by_rates = float(chance[chance <= TELLING].sum()) * long.size / max(sample.size, 1)
        told = all_same[_chance_of_all(take(votes, all_same), rate, spread) <= TELLING]
        expected = by_rates + HABIT * long.size
        p = min(1.0, 2 * float(pdtrc(told.size - 1, expected))) if told.size >= MIN_PEOPLE else 1.0
        out.append(Straight(side, int(long.size), int(told.size), by_rates, expected, p, told))
    return tuple(out)


def _rates(votes: Votes, value: int, without: Array) -> Array:
    """Rate of the side on each statement, smoothed; ballots that are all of it do not speak for themselves."""
    m = votes.shape[1]
    kept = np.ones(votes.shape[0], dtype=bool)
    kept[without] = False
    chosen = kept[votes.rows]
    total = np.bincount(votes.indices[chosen], minlength=m)
    side = np.bincount(votes.indices[chosen & (votes.values == value)], minlength=m)
    whole = (side.sum() + 1) / (total.sum() + 2)
    return np.asarray((side + 2 * whole) / (total + 2))


def _spread(some: Some, rate: Array, value: int) -> float:
    """Standard deviation of people's habits on the logit scale, from the middle of them."""
    n = some.people.size
    if n < 2:
        return 0.0
    p = rate[some.indices]
    expected = np.bincount(some.rows, weights=p, minlength=n)
    information = np.maximum(np.bincount(some.rows, weights=p * (1 - p), minlength=n), 1e-9)
    own = np.bincount(some.rows, weights=some.values == value, minlength=n)
    shift = (own - expected) / information
    middle = 1.4826 * float(np.median(np.abs(shift - np.median(shift))))
    return float(np.sqrt(max(middle**2 - float(np.median(1 / information)), 0.0)))


def _chance_of_all(some: Some, rate: Array, spread: float) -> Array:
    """Chance that each ballot is all of the side, over the spread of habits (Gauss–Hermite quadrature)."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    logit = np.log(rate) - np.log1p(-rate)
    chance = np.zeros(some.people.size)
    row = some.rows
    for node, weight in zip(nodes, weights / weights.sum(), strict=True):
        each = -np.logaddexp(0.0, -(logit + node * spread))
        chance += weight * np.exp(np.bincount(row, weights=each[some.indices], minlength=chance.size))
    return chance
