"""Signals of campaigns and bots, with their figures; people decide what they mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InputError
from ..result import Result
from ..votes import Votes
from .compare import Comparison, compare_without
from .copies import LEVELS, MIN_SHARED, find_copies
from .straight import find_straight
from .times import Burst, Fast, Push, arrivals, find_bursts, find_fast, find_pushes, tells
from .words import describe

__all__ = ["Cluster", "Integrity", "Judged", "OneSided", "Together", "describe", "find_signals"]

Array = np.ndarray[Any, np.dtype[Any]]
ALPHA = 0.001
MOST_TARGETS = 20
TOGETHER_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Together:
    """How close together in time the members of a cluster came.

    Attributes
    ----------
    observed : int
        Members whose first vote lies in the hour that holds the most of them.
    expected : float
        As many as the share of all other participants who came in that hour makes likely.
    p : float
        Chance of so many or more (Poisson), times the hours looked at, at most 1.
    """

    observed: int
    expected: float
    p: float


@dataclass(frozen=True, slots=True)
class Cluster:
    """Participants flagged for a person to review, by one signal.

    Attributes
    ----------
    signal : {"near-identical ballots", "one side only", "one statement pushed", "faster than reading"}
    participants : tuple of str
    size : int
    observed, expected : float
        What was counted, and how much of it chance makes likely under the signal's null.
    p : float
        Chance of so much or more without coordination, times the comparisons made, at most 1.
    targets : tuple of (str, str)
        Statements on which the cluster stands out most from all others, and the side it takes.
    match : float or None
        Near-identical ballots: mean share of equal votes.
    together : Together or None
        With times: whether they came together.
    """

    signal: str
    participants: tuple[str, ...]
    size: int
    observed: float
    expected: float
    p: float
    targets: tuple[tuple[str, str], ...]
    match: float | None
    together: Together | None


@dataclass(frozen=True, slots=True)
class OneSided:
    """Long ballots on which every vote is of one side: figures for everybody, whether flagged or not.

    Attributes
    ----------
    side : {"agree", "disagree"}
    ballots, observed : int
        Ballots of at least ten votes; of them all of one side against the odds.
    by_rates, expected : float
        Likely by rates and habits; the same with the allowance of 1.5 %.
    p : float
    """

    side: str
    ballots: int
    observed: int
    by_rates: float
    expected: float
    p: float


@dataclass(frozen=True, slots=True)
class Judged:
    """How much could be judged.

    Attributes
    ----------
    participants : int
    ballots : int
        Ballots of at least eight votes: shorter ones cannot be told from chance.
    telling : int
        Of them those with votes uncommon enough for a copy to be noticed.
    times : bool
        Whether there were usable times.
    timed_ballots : int
        Ballots of at least ten votes whose pace was looked at.
    usual_ms : float or None
        Median time between two votes.
    """

    participants: int
    ballots: int
    telling: int
    times: bool
    timed_ballots: int
    usual_ms: float | None


@dataclass(frozen=True, slots=True)
class Integrity:
    """Signals of coordination, and what the result would be without those flagged.

    Attributes
    ----------
    flagged : tuple of str
        Participants in any cluster, for a person to review. Nothing of theirs was removed.
    share : float
        Of all participants.
    clusters : tuple of Cluster
        The surest first.
    one_sided : tuple of OneSided
    bursts : tuple of Burst
        Stretches of time with many newcomers; by itself a burst flags nobody: a newspaper article brings one too.
    judged : Judged
    alpha : float
        Chance, for each of the four signals, that it flags anybody where there is no coordination.
    comparison : Comparison or None
        The analysis with and without the flagged; ``None`` if nobody is.
    """

    flagged: tuple[str, ...]
    share: float
    clusters: tuple[Cluster, ...]
    one_sided: tuple[OneSided, ...]
    bursts: tuple[Burst, ...]
    judged: Judged
    alpha: float
    comparison: Comparison | None


def find_signals(
    votes: Votes,
    result: Result,
    times: Any = None,
    *,
    statements: Any = None,
    seed: int = 0,
    alpha: float = ALPHA,
    compare: bool = True,
) -> Integrity:
    """Look for participants who act as one beyond what opinions, habits and groups explain.

    Parameters
    ----------
    votes : Votes
        n participants, m statements.
    result : Result
        The analysis of these votes; its groups and map are part of the null.
    times : array_like of int, shape (votes.size,), optional
        When each stored vote was cast, in milliseconds (`opinion.integrity.read_times`, `align_times`). Without
        times, or where they are all of one moment, the signals that need them are left out.
    statements : iterable of Statement, optional
        As given to `opinion.analyze`, for the comparison.
    seed : int
        Decides which ballots are compared where all pairs would be too many.
    alpha : float
        Chance, for each signal, that it flags anybody where there is no coordination; 0 to 1.
    compare : bool
        Also analyse the votes without those flagged.

    Returns
    -------
    Integrity

    Raises
    ------
    InputError
        If the times or the result do not belong to the votes.
    """
    if len(result.participants) != votes.shape[0]:
        raise InputError("The result is not that of these votes: analyse the same votes first.")
    if times is not None:
        times = np.asarray(times)
        if times.shape != (votes.size,):
            raise InputError(f"{votes.size} times were expected, one for each vote, not {times.shape}.")
    rng = np.random.default_rng(seed)
    timed = times is not None and tells(votes, times)
    first = arrivals(votes, times) if timed else None
    copies, ballots = find_copies(votes, result, rng, first=first, alpha=alpha)
    sided = find_straight(votes, rng)
    pushes: tuple[Push, ...] = ()
    bursts: tuple[Burst, ...] = ()
    fast: Fast | None = None
    if first is not None:
        bursts, pushes = find_bursts(first, alpha=alpha), find_pushes(votes, first, alpha=alpha)
        fast = find_fast(votes, times, alpha=alpha)
    found: list[tuple[str, Array, float, float, float, float | None]] = []
    found += [("near-identical ballots", c.people, c.people.size, c.expected, c.p, c.match) for c in copies]
    found += [
        ("one side only", _came_together(s.people, s.expected, first), s.observed, s.expected, s.p, None)
        for s in sided
        if s.p <= alpha
    ]
    found += [("one statement pushed", p.people, p.observed, p.expected, p.p, None) for p in pushes]
    if fast is not None and fast.people.size:
        found.append(("faster than reading", fast.people, fast.people.size, fast.expected, fast.p, None))
    found.sort(key=lambda one: (one[4], -one[1].size, one[0], one[1].tolist()))
    clusters = tuple(_cluster(votes, first, *one) for one in found)
    people = np.unique(np.concatenate([one[1] for one in found])) if found else np.zeros(0, dtype=np.int64)
    flagged = tuple(votes.participant_ids[people].tolist())
    judged = Judged(
        votes.shape[0],
        ballots,
        _telling(votes),
        timed,
        fast.judged if fast else 0,
        fast.usual_ms if fast else None,
    )
    return Integrity(
        flagged,
        len(flagged) / max(votes.shape[0], 1),
        clusters,
        tuple(OneSided(s.side, s.ballots, s.observed, s.by_rates, s.expected, s.p) for s in sided),
        bursts,
        judged,
        alpha,
        compare_without(votes, result, flagged, statements=statements) if flagged and compare else None,
    )


def _came_together(people: Array, expected: float, first: Array | None) -> Array:
    """Those of one hour, if outside it there are no more than may be expected without coordination; else all."""
    if first is None or people.size == 0:
        return people
    own = first[people]
    order = np.sort(own)
    start = order[
        int((np.searchsorted(order, order + TOGETHER_MS, side="right") - np.arange(own.size)).argmax())
    ]
    inside = (own >= start) & (own <= start + TOGETHER_MS)
    return people[inside] if own.size - int(inside.sum()) <= expected else people


def _telling(votes: Votes) -> int:
    """Ballots that are long and uncommon enough for a copy to be noticed."""
    n, m = votes.shape
    code = votes.indices.astype(np.int32) * 3 + (votes.values + np.int8(1))
    counts = np.bincount(code, minlength=3 * m).reshape(m, 3) + 0.5
    surprise = -np.log(counts / counts.sum(axis=1, keepdims=True)).reshape(-1)
    total = np.bincount(votes.rows, weights=surprise[code], minlength=n)
    return int(np.count_nonzero((total >= LEVELS[0]) & (np.diff(votes.indptr) >= MIN_SHARED)))


def _cluster(
    votes: Votes,
    first: Array | None,
    signal: str,
    people: Array,
    observed: float,
    expected: float,
    p: float,
    match: float | None,
) -> Cluster:
    return Cluster(
        signal,
        tuple(votes.participant_ids[people].tolist()),
        int(people.size),
        float(observed),
        float(expected),
        float(p),
        _targets(votes, people),
        match,
        None if first is None else _together(first, people),
    )


def _targets(votes: Votes, people: Array) -> tuple[tuple[str, str], ...]:
    """Statements on which the people part most from all others, by the standardised difference of their rates."""
    n, m = votes.shape
    own = np.zeros(n, dtype=bool)
    own[people] = True
    code = votes.indices.astype(np.int64) * 3 + votes.values + 1
    every = np.bincount(code, minlength=3 * m).reshape(m, 3)
    mine = np.bincount(code[own[votes.rows]], minlength=3 * m).reshape(m, 3)
    rest = every - mine
    cast, others = mine.sum(axis=1, keepdims=True), rest.sum(axis=1, keepdims=True)
    usual = (rest + 0.5) / (others + 1.5)
    excess = (mine - cast * usual) / np.sqrt(np.maximum(cast, 1) * usual * (1 - usual))
    excess[:, 1] = -np.inf  # a pass pushes nothing
    excess[cast[:, 0] < people.size / 2] = -np.inf
    side, height = excess.argmax(axis=1), excess.max(axis=1, initial=-np.inf)
    best = [int(s) for s in np.lexsort((np.arange(m), -np.round(height, 9))) if height[s] > 2][:MOST_TARGETS]
    return tuple((str(votes.statement_ids[s]), "agree" if side[s] == 2 else "disagree") for s in best)


def _together(first: Array, people: Array) -> Together:
    from scipy.special import pdtrc

    own = np.sort(first[people])
    others = np.sort(np.delete(first, people))
    count = np.searchsorted(own, own + TOGETHER_MS, side="right") - np.arange(own.size)
    best = int(count.argmax())
    start = own[best]
    there = np.searchsorted(others, start + TOGETHER_MS, side="right") - np.searchsorted(others, start)
    expected = own.size * (int(there) + 1) / (others.size + 1)
    return Together(
        int(count[best]), float(expected), float(min(1.0, own.size * pdtrc(int(count[best]) - 1, expected)))
    )
