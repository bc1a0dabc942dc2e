"""What the times of votes tell: bursts of newcomers, short ballots that push one statement, votes too fast to read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..votes import Votes

__all__ = ["Burst", "Fast", "Push", "arrivals", "find_bursts", "find_fast", "find_pushes", "tells"]

Array = np.ndarray[Any, np.dtype[Any]]
MINUTE = 60_000
WINDOWS = tuple(minutes * MINUTE for minutes in (1, 5, 15, 60, 360, 1440))
AROUND = 10  # the rate around a window is taken over so many of its lengths on each side
MOST_BURSTS = 5
SHORT = 5  # votes of a short ballot, at most
MIN_PUSHERS = 8
MIN_KNOWN = 20
READ_MS, MIN_GAPS = 250, 9  # shorter than it takes to react at all, over ten votes and more


def arrivals(votes: Votes, times: Array) -> Array:
    """Time of the first vote of each participant."""
    if not votes.size:
        return np.zeros(votes.shape[0], dtype=np.int64)
    return np.asarray(np.minimum.reduceat(times, votes.indptr[:-1]))


def tells(votes: Votes, times: Array | None) -> bool:
    """Whether there are times, and of more than one moment for most participants."""
    if times is None or votes.size < 2:
        return False
    first = arrivals(votes, times)
    return bool(np.unique(first).size > first.size / 2)


@dataclass(frozen=True, slots=True)
class Burst:
    """More newcomers in a stretch of time than before and after it.

    Attributes
    ----------
    start_ms, end_ms : int
        First and last arrival in it.
    observed : int
        Participants whose first vote lies in it.
    expected : float
        As many as the rate in the time around it (ten times its length before and after) makes likely.
    p : float
        Chance of so many or more at that rate (Poisson), times the windows looked at, at most 1.
    """

    start_ms: int
    end_ms: int
    observed: int
    expected: float
    p: float


def find_bursts(first: Array, *, alpha: float = 0.001) -> tuple[Burst, ...]:
    """The strongest bursts of arrivals that do not overlap, at most five.

    Parameters
    ----------
    first : ndarray of int64, shape (n,)
        First vote of each participant, in milliseconds.
    alpha : float

    Returns
    -------
    tuple of Burst

    References
    ----------
    J. Naus (1965), The distribution of the size of the maximum cluster of points on a line.
    """
    from scipy.special import pdtrc

    moments = np.sort(first)
    n = moments.size
    if n == 0:
        return ()
    found: list[tuple[float, int, int, int, float]] = []
    for width in WINDOWS:
        end = np.searchsorted(moments, moments + width, side="right")
        observed = end - np.arange(n)
        low = np.searchsorted(moments, moments - AROUND * width)
        high = np.searchsorted(moments, moments + (AROUND + 1) * width, side="right")
        span = np.minimum(moments + (AROUND + 1) * width, moments[-1]) - np.maximum(
            moments - AROUND * width, moments[0]
        )
        expected = (high - low - observed + 1) * width / np.maximum(span - width, width)
        p = np.minimum(pdtrc(observed - 1, expected) * n * len(WINDOWS), 1.0)
        p = np.where(span < 4 * width, 1.0, p)  # too little time around it to know a rate
        for i in np.flatnonzero((p <= alpha) & (observed >= MIN_PUSHERS)).tolist():
            found.append((float(p[i]), i, int(end[i]), width, float(expected[i])))
    found.sort(key=lambda one: (one[0], -(one[2] - one[1]), one[1]))
    chosen: list[tuple[float, int, int, int, float]] = []
    for one in found:
        if all(one[2] <= other[1] or one[1] >= other[2] for other in chosen):
            chosen.append(one)
        if len(chosen) == MOST_BURSTS:
            break
    return tuple(
        Burst(int(moments[i]), int(moments[end - 1]), end - i, expected, p)
        for p, i, end, _, expected in chosen
    )


@dataclass(frozen=True, eq=False, slots=True)
class Push:
    """Newcomers who vote on few statements, among them the same one in the same way, in one stretch of time.

    Attributes
    ----------
    statement, value : int
        Place of the statement, and the vote.
    start_ms, end_ms : int
    observed : int
        Short ballots begun in that time that have the vote.
    expected : float
        As many as the share of such ballots among newcomers, and among those with short ballots, at other times
        makes likely: the larger of the two.
    p : float
        The larger of two chances, times all that was looked at: of so many of them (Poisson), and of so many on one
        side among those who voted on the statement (beta-binomial, from everybody's votes at other times).
    people : ndarray of int, shape (members,)
    """

    statement: int
    value: int
    start_ms: int
    end_ms: int
    observed: int
    expected: float
    p: float
    people: Array


def find_pushes(votes: Votes, first: Array, *, alpha: float = 0.001) -> tuple[Push, ...]:
    """Statements pushed by short ballots in a burst, the surest first; nobody is in two.

    Parameters
    ----------
    votes : Votes
    first : ndarray of int64, shape (n,)
        First vote of each participant, in milliseconds.
    alpha : float
        Chance, without any coordination, that one is found.

    Returns
    -------
    tuple of Push

    Notes
    -----
    Two things must be beyond chance: that so many newcomers of that time vote on the statement at all (it may have
    been shown first to everybody then), and that they all take one side of it.
    """
    length = np.diff(votes.indptr)
    short = (length > 0) & (length <= SHORT)
    kept = short[votes.rows] & (votes.values != 0)
    row, code = votes.rows[kept], votes.indices[kept].astype(np.int64) * 3 + votes.values[kept] + 1
    order = np.lexsort((row, first[row], code))
    row, code = row[order], code[order]
    frequent = np.bincount(code, minlength=3 * votes.shape[1])
    begin = np.append(0, np.cumsum(frequent))
    codes = np.flatnonzero(frequent >= MIN_PUSHERS)
    tests = max(int(frequent[codes].sum()), 1) * len(WINDOWS)
    newcomers, everybody = np.sort(first[short]), np.sort(first)
    found = []
    for one in codes.tolist():
        people = row[begin[one] : begin[one + 1]]
        other = np.sort(first[votes.rows[(votes.indices == one // 3) & (votes.values != 0)]])
        found += list(_windows(votes, one, people, first, everybody, newcomers, other, tests, alpha))
    found.sort(key=lambda push: (push.p, -push.observed, push.statement, push.value))
    chosen: list[Push] = []
    taken = np.zeros(votes.shape[0], dtype=bool)
    for push in found:
        if not taken[push.people].any():
            taken[push.people] = True
            chosen.append(push)
    return tuple(chosen)


def _windows(
    votes: Votes,
    code: int,
    people: Array,
    first: Array,
    everybody: Array,
    newcomers: Array,
    sides: Array,
    tests: int,
    alpha: float,
) -> Iterator[Push]:
    """Windows in which a vote of short ballots is too frequent and too one-sided."""
    from scipy.special import pdtrc

    moments = first[people]
    own = np.sort(first[votes.rows[(votes.indices == code // 3) & (votes.values == code % 3 - 1)]])
    began = sides[0]  # before the statement's first vote it could not be voted on

    def within(points: Array, start: Array, stop: Array) -> Array:
        return np.searchsorted(points, stop, side="right") - np.searchsorted(points, start)

    for width in WINDOWS:
        start, stop = moments, moments + width
        observed = within(moments, start, stop)
        expected = np.zeros(observed.size)
        for comers in (everybody, newcomers):
            usual = comers[comers >= began]
            there = within(usual, start, stop)
            share = np.minimum((moments.size - observed + 1) / (usual.size - there + 1), 1.0)
            # Too few short ballots at other times say nothing about what is usual among them.
            known = usual.size - there >= (MIN_KNOWN if comers is newcomers else 0)
            expected = np.maximum(expected, np.where(known, there * share, 0.0))
        one_sided, took = within(own, start, stop), within(sides, start, stop)
        crowd = pdtrc(observed - 1, expected)
        good = (observed >= MIN_PUSHERS) & (crowd * tests <= alpha) & (expected <= 0.2 * observed)
        p = np.ones(observed.size)
        for i in np.flatnonzero(good).tolist():
            agreeing, cast = own.size - int(one_sided[i]), sides.size - int(took[i])
            sided = _as_one_sided(int(one_sided[i]), int(took[i]), agreeing, cast - agreeing)
            p[i] = max(float(crowd[i]), sided)
        good &= p * tests <= alpha
        for i in np.flatnonzero(good)[:1000].tolist():
            chosen = people[(moments >= start[i]) & (moments <= stop[i])]
            last = int(moments[(moments >= start[i]) & (moments <= stop[i])].max())
            yield Push(
                code // 3,
                code % 3 - 1,
                int(start[i]),
                last,
                int(observed[i]),
                float(expected[i]),
                float(min(1.0, p[i] * tests)),
                chosen,
            )


def _as_one_sided(hits: int, cast: int, for_: int, against: int) -> float:
    """Chance that at least `hits` of `cast` votes are of a side that had so many votes for and against it before.

    The rate is uncertain itself: a beta-binomial tail, from a uniform prior.
    """
    from scipy.special import betaln, gammaln

    k = np.arange(hits, cast + 1)
    choose = gammaln(cast + 1) - gammaln(k + 1) - gammaln(cast - k + 1)
    each = choose + betaln(k + for_ + 1, cast - k + against + 1) - betaln(for_ + 1, against + 1)
    return float(min(1.0, np.exp(each).sum()))


@dataclass(frozen=True, eq=False, slots=True)
class Fast:
    """Ballots cast faster than anybody can read.

    Attributes
    ----------
    judged : int
        Ballots of at least ten votes.
    usual_ms : float or None
        Median, over these ballots, of the median time between two votes.
    people : ndarray of int, shape (members,)
        Those whose median time between two votes is below 250 ms.
    expected : float
        How many such there would be if everybody's times were drawn from all times between votes.
    p : float
        Largest chance of one of them, times the ballots judged; 1 without any.
    """

    judged: int
    usual_ms: float | None
    people: Array
    expected: float
    p: float


def find_fast(votes: Votes, times: Array, *, alpha: float = 0.001) -> Fast:
    """Participants whose votes follow one another faster than anybody can read.

    Parameters
    ----------
    votes : Votes
    times : ndarray of int64, shape (votes,)
    alpha : float

    Returns
    -------
    Fast
    """
    from scipy.special import bdtrc

    order = np.lexsort((times, votes.rows))
    row = votes.rows[order]
    same = row[1:] == row[:-1]
    gap, who = np.diff(times[order])[same], row[1:][same]
    order = np.lexsort((gap, who))
    gap, count = gap[order], np.bincount(who, minlength=votes.shape[0])
    begin = np.cumsum(count) - count
    long = np.flatnonzero(count >= MIN_GAPS)
    # A whole ballot at one moment was sent at once by the software: its times say when, not how fast.
    long = long[gap[begin[long] + count[long] - 1] > 0]
    if not long.size:
        return Fast(0, None, long, 0.0, 1.0)
    median = gap[begin[long] + count[long] // 2]
    share = (np.count_nonzero(gap < READ_MS) + 1) / (gap.size + 2)
    tail = bdtrc(count[long] // 2, count[long], share)
    fast = (median < READ_MS) & (tail * long.size <= alpha)
    p = float(tail[fast].max()) * long.size if fast.any() else 1.0
    return Fast(int(long.size), float(np.median(median)), long[fast], float(tail.sum()), p)
