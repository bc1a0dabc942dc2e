"""Groups of people as a mixture of ballots, fitted to the votes that were cast.

Each group has a chance of agreeing with each statement; a person belongs to one group and votes independently given
it. Missing votes are missing: they enter no sum. Passes say that somebody took no side: they are counted everywhere
in the results, but shape no group, since otherwise people who pass often would form one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["Ballots", "Fit", "fit_mixture", "make_ballots"]

Array = np.ndarray[Any, np.dtype[Any]]
PRIOR_STRENGTH = 2.0  # votes that the overall rate of a statement counts for in each group


@dataclass(frozen=True, eq=False, slots=True)
class Ballots:
    """The sides that people took, as an indicator matrix.

    Attributes
    ----------
    sides : csr_array, shape (n, 2 m)
        1 in column 2 s where person i disagrees with statement s, 1 in column 2 s + 1 where i agrees.
    rate : ndarray of float64, shape (m,)
        Overall rate of agreement among those who took a side, smoothed.
    """

    sides: csr_array
    rate: Array

    @property
    def shape(self) -> tuple[int, int]:
        """(people, statements)."""
        return int(self.sides.shape[0]), int(self.sides.shape[1]) // 2

    def take(self, rows: Array) -> Ballots:
        """Some of the people, with the rates of all."""
        return Ballots(self.sides[rows], self.rate)


def make_ballots(indptr: Array, indices: Array, values: Array, statements: int) -> Ballots:
    """Ballots from compressed rows of votes; passes are left out."""
    from scipy.sparse import csr_array

    took = values != 0
    rows = np.repeat(np.arange(indptr.size - 1), np.diff(indptr))[took]
    pointer = np.zeros(indptr.size, dtype=np.int32 if took.size < 2**31 else np.int64)
    np.cumsum(np.bincount(rows, minlength=indptr.size - 1), out=pointer[1:])
    columns = 2 * indices[took].astype(pointer.dtype) + (values[took] > 0)
    sides = csr_array(
        (np.ones(columns.size, dtype=np.float32), columns, pointer), shape=(indptr.size - 1, 2 * statements)
    )
    total = np.bincount(columns, minlength=2 * statements).astype(float)
    rate = (total[1::2] + 0.5) / (total[::2] + total[1::2] + 1.0)
    return Ballots(sides, rate)


@dataclass(frozen=True, eq=False, slots=True)
class Fit:
    """A fitted mixture of k groups.

    Attributes
    ----------
    shares : ndarray, shape (k,)
    chances : ndarray, shape (k, m)
        Chance that a member who takes a side agrees.
    membership : ndarray of float32, shape (n, k)
        Probability of each group for each person.
    log_likelihood : float
    bic : float
        Larger is better: log-likelihood less half the sum of the logarithms of the votes behind each parameter.
    iterations : int
    """

    shares: Array
    chances: Array
    membership: Array
    log_likelihood: float
    bic: float
    iterations: int


def fit_mixture(
    ballots: Ballots,
    start: Array,
    *,
    prior: float = PRIOR_STRENGTH,
    tolerance: float = 1e-5,
    max_iterations: int = 200,
) -> Fit:
    """Fit by expectation–maximisation from a starting membership.

    Parameters
    ----------
    ballots : Ballots
    start : ndarray, shape (n, k)
        Memberships, rows summing to 1.
    prior : float
        Votes that a statement's overall rate counts for in each group; keeps chances off 0 and 1.
    tolerance : float
        Stop when the log-likelihood per vote grows by less.
    max_iterations : int

    Returns
    -------
    Fit

    References
    ----------
    A. P. Dempster, N. M. Laird, D. B. Rubin (1977), Maximum likelihood from incomplete data via the EM algorithm.
    """
    membership = np.asarray(start, dtype=np.float32)
    votes = max(int(ballots.sides.nnz), 1)
    previous = -np.inf
    flipped = ballots.sides.T
    iteration = 0
    for iteration in range(1, max_iterations + 1):  # noqa: B007
        shares, chances, weight = _maximise(ballots, flipped, membership, prior)
        membership, likelihood = expect(ballots, shares, chances)
        if likelihood - previous < tolerance * votes:
            break
        previous = likelihood
    return Fit(shares, chances, membership, likelihood, likelihood - _penalty(shares, weight), iteration)


def _maximise(ballots: Ballots, flipped: Any, membership: Array, prior: float) -> tuple[Array, Array, Array]:
    counts = np.asarray(flipped @ membership, dtype=float).T
    agree, weight = counts[:, 1::2], counts[:, ::2] + counts[:, 1::2]
    chances = (agree + prior * ballots.rate) / (weight + prior)
    size = membership.sum(axis=0, dtype=float) + 1.0
    return size / size.sum(), chances, weight


def expect(ballots: Ballots, shares: Array, chances: Array) -> tuple[Array, float]:
    """Membership of each person given the groups, and the log-likelihood."""
    table = np.empty((2 * chances.shape[1], chances.shape[0]), dtype=np.float32)
    table[::2], table[1::2] = np.log1p(-chances).T, np.log(chances).T
    scores = ballots.sides @ table + np.log(shares).astype(np.float32)
    top = scores.max(axis=1, keepdims=True)
    weights = np.exp(scores - top)
    total = weights.sum(axis=1, keepdims=True)
    return weights / total, float((np.log(total) + top).sum(dtype=float))


def _penalty(shares: Array, weight: Array) -> float:
    # Each chance rests on the votes that its group cast on its statement, not on all people: a Schwarz term for each.
    return 0.5 * float(np.log1p(weight).sum()) + 0.5 * (shares.size - 1) * float(
        np.log(max(weight.sum(), 1.0))
    )
