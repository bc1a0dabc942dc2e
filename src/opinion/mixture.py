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

    from .votes import Votes

__all__ = [
    "Ballots",
    "Fit",
    "best_start",
    "expect",
    "fit_mixture",
    "log_table",
    "make_ballots",
    "maximise",
    "normalise",
    "smoothed_rate",
]

Array = np.ndarray[Any, np.dtype[Any]]
CHUNK = 1 << 17  # votes at once
STRAIGHT, UNLIKELY = 10, 1e-4
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

    def precise(self) -> Ballots:
        """The same in double precision, so that what is decided by them is the same on any machine."""
        return Ballots(self.sides.astype(np.float64), self.rate)

    def often_answered(self, least: int) -> Ballots:
        """The same people without the sides on statements on which fewer than `least` took one."""
        from scipy.sparse import csr_array

        sides = self.sides
        total = np.bincount(sides.indices, minlength=sides.shape[1])
        keep = np.repeat(total[::2] + total[1::2] >= least, 2)[sides.indices]
        if keep.all():
            return self
        pointer = np.concatenate([[0], np.cumsum(keep)])[sides.indptr].astype(sides.indptr.dtype)
        return Ballots(csr_array((sides.data[keep], sides.indices[keep], pointer), sides.shape), self.rate)

    def without(self, out: Array) -> Ballots:
        """The same people, those in `out` (bool, shape (n,)) with no sides."""
        from scipy.sparse import csr_array

        count = np.diff(self.sides.indptr)
        keep = np.repeat(~out, count)
        pointer = np.concatenate([[0], np.cumsum(np.where(out, 0, count))]).astype(self.sides.indptr.dtype)
        sides = csr_array((self.sides.data[keep], self.sides.indices[keep], pointer), self.sides.shape)
        return Ballots(sides, self.rate)

    def one_sided(self) -> Array:
        """Who took the same side on all of at least `STRAIGHT` statements, unlikely as that is; bool, shape (n,).

        By the rates of everybody, the chance to agree with all of them, or to disagree, is less than `UNLIKELY`.
        Such a ballot says nothing on how statements differ, and many of them make a group that agrees with everything.
        """
        sides = self.sides
        count = np.diff(sides.indptr)
        agrees = np.diff(np.concatenate([[0], np.cumsum(sides.indices & 1, dtype=np.int64)])[sides.indptr])
        found = np.zeros(count.size, dtype=bool)
        for side, all_of_them in ((1, agrees == count), (0, agrees == 0)):
            who = np.flatnonzero(all_of_them & (count >= STRAIGHT))
            if who.size:
                chance = np.log(self.rate if side else 1 - self.rate)
                own = sides[who]
                sums = np.concatenate([[0.0], np.cumsum(chance[own.indices >> 1])])
                found[who] = np.diff(sums[own.indptr]) < np.log(UNLIKELY)
        return found

    def take(self, rows: Array) -> Ballots:
        """Some of the people, with the rates of all."""
        return Ballots(self.sides[rows], self.rate)

    def with_sides(self, columns: Array) -> Ballots:
        """The same people on the same statements with other sides, in the order in which they are stored."""
        from scipy.sparse import csr_array

        sides = csr_array(
            (self.sides.data, columns.astype(self.sides.indices.dtype), self.sides.indptr), self.sides.shape
        )
        return Ballots(sides, self.rate)


def make_ballots(votes: Votes, shaping: Array | None = None, rate: Array | None = None) -> Ballots:
    """The sides taken in votes; passes are left out.

    Parameters
    ----------
    votes : Votes
    shaping : ndarray of bool, shape (m,), optional
        Statements to take into account; the sides on the others are left out. Default: all.
    rate : ndarray, shape (m,), optional
        Overall rates, where these votes are some of many. Default: those of the votes.

    Returns
    -------
    Ballots
    """
    from scipy.sparse import csr_array

    n, m = votes.shape
    left_out = votes.values == 0
    if shaping is not None and not shaping.all():
        left_out |= ~shaping[votes.indices]
    pointer = votes.indptr - np.searchsorted(np.flatnonzero(left_out), votes.indptr)
    pointer = pointer.astype(np.int32 if votes.size < 2**31 else np.int64)
    columns = np.empty(int(pointer[-1]), dtype=pointer.dtype)
    filled = 0
    for first in range(0, votes.size, CHUNK):
        part = slice(first, first + CHUNK)
        own = (2 * votes.indices[part] + (votes.values[part] > 0))[~left_out[part]]
        columns[filled : filled + own.size] = own
        filled += own.size
    sides = csr_array((np.ones(columns.size, dtype=np.float32), columns, pointer), shape=(n, 2 * m))
    if rate is None:
        rate = smoothed_rate(np.bincount(columns, minlength=2 * m))
    return Ballots(sides, rate)


def smoothed_rate(counts: Array) -> Array:
    """Rate of agreement among those who took a side, drawn to a half by one vote.

    Parameters
    ----------
    counts : ndarray, shape (2 m,)
        Those who disagree with and agree with each statement, in turn.

    Returns
    -------
    ndarray of float64, shape (m,)
    """
    return np.asarray((counts[1::2] + 0.5) / (counts[::2] + counts[1::2] + 1.0))


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
    membership = np.asarray(start, dtype=ballots.sides.dtype)
    votes = max(int(ballots.sides.nnz), 1)
    previous = -np.inf
    flipped = ballots.sides.T
    iteration = 0
    for iteration in range(1, max_iterations + 1):  # noqa: B007
        counts = np.asarray(flipped @ membership, dtype=float)
        shares, chances, weight = maximise(counts, membership.sum(axis=0, dtype=float), ballots.rate, prior)
        membership, likelihood = expect(ballots, shares, chances)
        if likelihood - previous < tolerance * votes:
            break
        previous = likelihood
    return Fit(shares, chances, membership, likelihood, likelihood - _penalty(shares, weight), iteration)


def best_start(ballots: Ballots, starts: list[Array], k: int, iterations: int) -> Array:
    """Membership after a few steps from the start that came to explain the votes best.

    All starts are followed together: one product with the votes serves them all.

    Parameters
    ----------
    ballots : Ballots
    starts : list of ndarray of int, shape (n,)
        Group of each person, 0 to k − 1.
    k : int
    iterations : int
        Steps to follow.

    Returns
    -------
    ndarray of float32, shape (n, k)
    """
    n, m = ballots.shape
    many = len(starts)
    flipped = ballots.sides.T
    membership = np.zeros((n, many, k), dtype=ballots.sides.dtype)
    for i, label in enumerate(starts):
        membership[np.arange(n), i, label] = 1.0
    likelihood = np.zeros(many)
    for _ in range(iterations):
        counts = np.asarray(flipped @ membership.reshape(n, many * k), dtype=float)
        sizes = membership.sum(axis=0, dtype=float)
        table = np.empty((2 * m, many * k), dtype=ballots.sides.dtype)
        offset = np.empty((many, k), dtype=ballots.sides.dtype)
        for i in range(many):
            own = slice(i * k, (i + 1) * k)
            shares, chances, _ = maximise(counts[:, own], sizes[i], ballots.rate, PRIOR_STRENGTH)
            table[:, own], offset[i] = log_table(chances, table.dtype), np.log(shares)
        scores = (ballots.sides @ table).reshape(n, many, k) + offset
        membership, total = normalise(scores)
        likelihood = total.sum(axis=0, dtype=float)
    return np.ascontiguousarray(membership[:, int(np.argmax(likelihood))])


def maximise(counts: Array, sizes: Array, rate: Array, prior: float) -> tuple[Array, Array, Array]:
    """Groups from the sums of memberships over their votes.

    Parameters
    ----------
    counts : ndarray, shape (2 m, k)
        Sum of the memberships of those who disagree (row 2 s) and agree (row 2 s + 1).
    sizes : ndarray, shape (k,)
        Sum of the memberships.
    rate : ndarray, shape (m,)
        What each chance is drawn to.
    prior : float
        As many votes as which it is drawn there.

    Returns
    -------
    shares : ndarray, shape (k,)
    chances, weight : ndarray, shape (k, m)
        Chance of agreeing, and the votes behind it.
    """
    agree, weight = counts[1::2].T, counts[::2].T + counts[1::2].T
    chances = (agree + prior * rate) / (weight + prior)
    size = sizes + 1.0
    return size / size.sum(), chances, weight


def log_table(chances: Array, dtype: Any = np.float32) -> Array:
    """Logarithm of the chance of each side in each group, shape (2 m, k)."""
    table = np.empty((2 * chances.shape[1], chances.shape[0]), dtype=dtype)
    table[::2], table[1::2] = np.log1p(-chances).T, np.log(chances).T
    return table


def expect(ballots: Ballots, shares: Array, chances: Array) -> tuple[Array, float]:
    """Membership of each person given the groups, and the log-likelihood."""
    kind = ballots.sides.dtype
    scores = ballots.sides @ log_table(chances, kind) + np.log(shares).astype(kind)
    membership, total = normalise(scores)
    return membership, float(total.sum(dtype=float))


def normalise(scores: Array) -> tuple[Array, Array]:
    """Along the last axis of an array: the exponentials as parts of 1, and the logarithm of their sum."""
    k = scores.shape[-1]
    # Column by column: numpy is slow where the axis that it reduces over is short.
    top = scores[..., 0].copy()
    for g in range(1, k):
        np.maximum(top, scores[..., g], out=top)
    weights = np.empty_like(scores)
    total = np.zeros_like(top)
    for g in range(k):
        own = np.exp(scores[..., g] - top)
        weights[..., g] = own
        total += own
    for g in range(k):
        weights[..., g] /= total
    return weights, np.log(total) + top


def _penalty(shares: Array, weight: Array) -> float:
    # Each chance rests on the votes that its group cast on its statement, not on all people: a Schwarz term for each.
    return 0.5 * float(np.log1p(weight).sum()) + 0.5 * (shares.size - 1) * float(
        np.log(max(weight.sum(), 1.0))
    )
