"""Ballots that are closer to one another than like-minded people's are.

For a ballot and another the ratio of two chances is taken: that the second was copied from the first with a few
slips, and that its caster voted by herself (`opinion.integrity.null`). Without copying the mean of the ratio is 1, so
a ratio of e^t or more has a chance of at most e^-t. Among N ballots at most N e^-t are expected so close; how many
there are is compared with that. Among the ballots on nearly the same statements, or begun within the same hour, the
ratios themselves are multiplied up, each mixed with 1 for those that are no copies: without copying the product, too,
has the mean 1, and many faint copies make it large. Short ballots cannot reach a telling ratio, whatever they say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..result import Result
from ..votes import Votes
from .null import Some, choice_chances, make_null, take

__all__ = ["Copies", "find_copies"]

Array = np.ndarray[Any, np.dtype[Any]]
MIN_SHARED = 8  # statements that both ballots must have
SLIPS = (0.02, 0.15)  # share of the votes of a copy that differ from the original
LEVELS = (5.0, 7.0, 9.0, 12.0, 16.0, 24.0)
SAME_SET = 0.7  # part of the statements of both ballots together that both have: the same set but for a few
# Fewer may be one person on several devices, or who came back without an account; and they move nothing.
MIN_PEOPLE, MIN_SHARE = 5, 0.005
LEAST_MATCH = 0.75
# Like-minded people are a little more alike than any model of few groups says: the count that is expected is taken so
# many times, among all ballots and among those on the same statements or begun together.
MARGINS = (10.0, 3.0)
# Of a cluster so much may be expected in it by chance: a quarter of its share of all participants, within these bounds.
STRAYS = (0.002, 0.05)
FAINT = 2.0  # closeness on the same statements from which on a pair is kept in mind
ATTEMPTS = 60
STAKES = (0.5, 0.1)  # share of copies that is reckoned with among the ballots on the same statements
TOGETHER_MS = 1_800_000
KINDS = 2 * len(LEVELS) + len(STAKES)
MOST_OF_ALL = 1 / 3  # where more than so many vote alike it is they who are the public
BANDS, BAND_ROWS = 4, 5
LEADER_WORK = 3e7  # votes compared
# Up to here every ballot is compared with the leaders, beyond it those in a bucket with others and some more.
ALL_VOTES, OTHERS = 1_500_000, 4_000


@dataclass(frozen=True, eq=False, slots=True)
class Copies:
    """Ballots that are nearly the same.

    Attributes
    ----------
    people : ndarray of int, shape (members,)
        Places of the participants.
    pattern : ndarray of int8, shape (m,)
        What most of them voted; −2 where fewer than half of them did.
    expected : float
        How many of them chance brings at most.
    p : float
        Of the comparison that found them, times the number of comparisons (Bonferroni), at most 1.
    match : float
        Mean share of the shared statements on which they vote as the pattern.
    """

    people: Array
    pattern: Array
    expected: float
    p: float
    match: float


@dataclass(frozen=True, eq=False, slots=True)
class _Pairs:
    """Close pairs: leader (place among the leaders), other (place among the ballots), closeness, same set."""

    leader: Array
    other: Array
    close: Array
    same: Array
    in_reach: (
        Array  # (leaders, 2): ballots that share enough statements; of them the same set, or come together
    )
    bets: Array  # (leaders, stakes): logarithm of the product of the ratios, over the latter


def find_copies(
    votes: Votes,
    result: Result,
    rng: np.random.Generator,
    *,
    first: Array | None = None,
    alpha: float = 0.001,
) -> tuple[tuple[Copies, ...], int]:
    """Clusters of nearly identical ballots, the surest first.

    Parameters
    ----------
    votes : Votes
    result : Result
        Its groups and map enter the model of chance.
    rng : numpy.random.Generator
        Decides which ballots others are compared with where all pairs would be too many.
    first : ndarray of int64, shape (n,), optional
        First vote of each participant, in milliseconds.
    alpha : float
        Chance, without any copying, that anything is found.

    Returns
    -------
    clusters : tuple of Copies
    looked_at : int
        Ballots long enough to be judged.

    Notes
    -----
    Which ballots are compared: those that fall into one bucket by min-wise hashing of their votes [1]_ come first,
    three from each bucket, then others at random, until `LEADER_WORK` votes have been compared. Memory is
    proportional to the votes. A first pass against everybody's rates finds ballots that are suspiciously close; since
    many copies would make themselves the rates of a group, each of them then counts as one divided by their number
    (as in the weighting of related sequences [2]_), and the second pass takes the rates of groups and neighbours.

    References
    ----------
    .. [1] A. Broder (1997), On the resemblance and containment of documents.
    .. [2] F. Morcos et al. (2011), Direct-coupling analysis of residue coevolution, section on reweighting.
    .. [3] V. Vovk, R. Wang (2021), E-values: calibration, combination and applications.
    """
    length = np.diff(votes.indptr)
    people = np.flatnonzero(length >= MIN_SHARED)
    if people.size < MIN_PEOPLE:
        return (), int(people.size)
    some = take(votes, people)
    bucket, rank = _buckets(some, votes.shape[1], rng)
    in_all = None
    if some.values.size > ALL_VOTES:
        kept = bucket >= MIN_PEOPLE
        kept[rng.choice(people.size, OTHERS, replace=False)] = True
        some, bucket, rank, in_all = take(votes, people[kept]), bucket[kept], rank[kept], people.size
    leaders = _leaders(some, votes.shape[1], bucket, rank, rng)
    tests = leaders.size * KINDS
    came = None if first is None else first[some.people]
    weights = np.ones(votes.shape[0])
    weights[some.people] = 1 / bucket
    surprise = -np.log(choice_chances(make_null(votes, None, weights), some))
    pairs = _close_pairs(some, surprise, leaders, came, votes.shape[1], in_all)
    suspicious = _tails(pairs, leaders.size)[0] <= alpha / tests
    if not suspicious.any():
        return (), int(people.size)
    weights[some.people] = np.minimum(1 / bucket, _weights(some, pairs, leaders, suspicious))
    null = make_null(votes, result, weights)
    surprise = -np.log(choice_chances(null, some))
    leaders = leaders[suspicious]
    pairs = _close_pairs(some, surprise, leaders, came, votes.shape[1], in_all)
    found = _clusters(votes, result, weights, people, some, leaders, pairs, tests, alpha)
    if sum(cluster.people.size for cluster in found) > votes.shape[0] / 2:
        found = []  # nobody is left to compare with
    return tuple(found), int(people.size)


def _buckets(some: Some, m: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Size of the largest bucket of each ballot, and the ballot's place in it."""
    n = some.people.size
    size, rank = np.ones(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    code = some.codes
    starts = some.indptr[:-1]
    for _ in range(BANDS):
        key = np.zeros(n, dtype=np.uint64)
        for _ in range(BAND_ROWS):
            table = rng.permutation(3 * m).astype(np.uint32)
            lowest = np.minimum.reduceat(table[code], starts)
            key = key * np.uint64(0x9E3779B97F4A7C15) + lowest.astype(np.uint64)
        order = np.argsort(key, kind="stable")
        new = np.append(True, key[order][1:] != key[order][:-1])
        begin = np.flatnonzero(new)[np.cumsum(new) - 1]
        own = np.bincount(np.cumsum(new) - 1)[np.cumsum(new) - 1]
        better = own > size[order]
        size[order[better]] = own[better]
        rank[order[better]] = (np.arange(n) - begin)[better]
    return size, rank


def _leaders(some: Some, m: int, bucket: Array, rank: Array, rng: np.random.Generator) -> Array:
    """Ballots that all are compared with: some of each bucket, the largest first, then others at random."""
    voters = np.bincount(some.indices, minlength=m)
    work = np.add.reduceat(voters[some.indices], some.indptr[:-1]).astype(float)
    common = (bucket > 1) & (rank < 3)
    order = np.lexsort((rng.permutation(bucket.size), np.where(common, -bucket, 0), ~common))
    count = max(1, int(np.searchsorted(np.cumsum(work[order]), LEADER_WORK, side="right")))
    return np.sort(order[:count])


def _close_pairs(
    some: Some, surprise: Array, leaders: Array, came: Array | None, m: int, in_all: int | None
) -> _Pairs:
    """Pairs of a leader and another ballot that are closer than the lowest level.

    With `in_all` the ballots were chosen for being alike, out of so many: all of these count as within reach.
    """
    from scipy.sparse import csr_array

    n = some.people.size
    code = some.codes
    shape = (n, m)
    ones = np.ones(code.size, dtype=np.float32)
    seen = csr_array((ones, some.indices, some.indptr), shape=shape)
    cast = csr_array((ones, code, some.indptr), shape=(n, 3 * m))
    told = csr_array((surprise, some.indices, some.indptr), shape=shape).T.tocsr()
    by_statement, by_choice = seen.T.tocsr(), cast.T.tocsr()
    length = np.diff(some.indptr)
    step = max(16, int(2_000_000 // max(n, 1)))
    parts: list[tuple[Array, ...]] = []
    reach = np.zeros((leaders.size, 2), dtype=np.int64)
    bets = np.zeros((leaders.size, len(STAKES)))
    for first in range(0, leaders.size, step):
        chosen = leaders[first : first + step]
        shared = seen[chosen] @ by_statement
        shared.sort_indices()
        matched = cast[chosen] @ by_choice
        total = seen[chosen] @ told
        total.sort_indices()
        at, other = _coordinates(shared)
        count = shared.data
        hits = np.zeros(count.size, dtype=np.float32)
        a, b = _coordinates(matched)
        keys = at.astype(np.int64) * n + other
        hits[np.searchsorted(keys, a.astype(np.int64) * n + b)] = matched.data
        same = count >= SAME_SET * (length[chosen][at] + length[other] - count)
        if came is not None:
            same |= np.abs(came[chosen][at] - came[other]) <= TOGETHER_MS
        usable = (count >= MIN_SHARED) & (other != chosen[at])
        reach[first : first + step, 0] = np.bincount(at[usable], minlength=chosen.size)
        reach[first : first + step, 1] = np.bincount(at[usable & same], minlength=chosen.size)
        close = closeness(total.data, hits, count)
        asked = usable & same
        gain = np.expm1(np.minimum(close[asked], LEVELS[-1]))
        for i, stake in enumerate(STAKES):
            bets[first : first + step, i] = np.bincount(
                at[asked], weights=np.log1p(stake * gain), minlength=chosen.size
            )
        usable &= (close >= np.where(same, FAINT, LEVELS[0])) & (hits >= LEAST_MATCH * count)
        parts.append((at[usable] + first, other[usable], close[usable], same[usable]))
    if in_all is not None:
        reach[:] = in_all
        bets[:] = 0
    leader, other, close, same = (np.concatenate(column) for column in zip(*parts, strict=True))
    return _Pairs(leader, other, close, same, reach, bets)


def _coordinates(matrix: Any) -> tuple[Array, Array]:
    return np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr)), matrix.indices


def closeness(total: Any, hits: Any, shared: Any) -> Array:
    """Logarithm of the ratio of chances: copied with a few slips, or voted by oneself.

    Parameters
    ----------
    total : array_like
        Sum of −log of the chances of the own choices on the shared statements.
    hits, shared : array_like
        Equal votes, and statements that both voted on.

    Returns
    -------
    ndarray
        Of the mean over two shares of slips.
    """
    ratios = [
        total + hits * np.log1p(-slip) + (np.asarray(shared) - hits) * np.log(slip / 2) for slip in SLIPS
    ]
    return np.asarray(np.logaddexp(ratios[0], ratios[1]) - np.log(2))


def _tails(pairs: _Pairs, leaders: int, free: Array | None = None) -> tuple[Array, Array, Array]:
    """For each leader the least chance over all kinds of tests, which that is, and how many ballots are close."""
    from scipy.special import pdtrc

    p = np.ones((KINDS, leaders))
    counts = np.zeros((KINDS, leaders), dtype=np.int64)
    for i, level in enumerate(LEVELS):
        for kind in (0, 1):
            chosen = pairs.close >= level
            if kind:
                chosen &= pairs.same
            if free is not None:
                chosen &= free[pairs.other]
            own = np.bincount(pairs.leader[chosen], minlength=leaders)
            expected = MARGINS[kind] * pairs.in_reach[:, kind] * np.exp(-level)
            tail = np.where(own >= MIN_PEOPLE - 1, pdtrc(np.maximum(own - 1, 0), expected), 1.0)
            p[2 * i + kind], counts[2 * i + kind] = tail, own
    p[2 * len(LEVELS) :] = np.exp(-np.maximum(pairs.bets.T, 0))
    counts[2 * len(LEVELS) :] = counts[1]
    best = p.argmin(axis=0)
    return p[best, np.arange(leaders)], best, counts[best, np.arange(leaders)]


def _weights(some: Some, pairs: _Pairs, leaders: Array, suspicious: Array) -> Array:
    """One divided by the number of ballots that are as close, for those that are suspiciously close."""
    size = np.ones(some.people.size)
    near = pairs.close >= LEVELS[0]
    own = np.bincount(pairs.leader[near], minlength=leaders.size) + 1.0
    told = suspicious[pairs.leader] & near
    np.maximum.at(size, pairs.other[told], own[pairs.leader[told]])
    np.maximum.at(size, leaders[suspicious], own[suspicious])
    return np.asarray(1 / size)


def _clusters(
    votes: Votes,
    result: Result,
    weights: Array,
    people: Array,
    some: Some,
    leaders: Array,
    pairs: _Pairs,
    tests: int,
    alpha: float,
) -> list[Copies]:
    """One cluster after the other, the surest first; nobody is in two."""
    free = np.zeros(votes.shape[0], dtype=bool)
    free[people] = True
    asked = np.ones(leaders.size, dtype=bool)
    found: list[Copies] = []
    least = max(MIN_PEOPLE, int(np.ceil(MIN_SHARE * people.size)))
    for _ in range(ATTEMPTS):
        p, best, observed = _tails(pairs, leaders.size, free[some.people])
        p = np.where(asked & free[some.people[leaders]], p, 1.0)
        lead = int(np.lexsort((-observed, p))[0])  # of equal chance the one with most others
        if p[lead] * tests > alpha:
            break
        chosen = (pairs.leader == lead) & free[some.people[pairs.other]]
        if best[lead] >= 2 * len(LEVELS) or best[lead] % 2:
            chosen &= pairs.same
        else:
            chosen &= pairs.close >= LEVELS[best[lead] // 2]
        seed = some.people[np.append(pairs.other[chosen], leaders[lead])]
        members, pattern, match, expected = _gather(votes, result, weights, seed, free)
        asked[lead] = False
        if not least <= members.size <= MOST_OF_ALL * votes.shape[0]:
            continue
        free[members] = False
        sure = float(min(1.0, p[lead] * tests))
        found.append(Copies(members, pattern, expected, sure, match))
    return found


def _gather(
    votes: Votes, result: Result, weights: Array, seed: Array, free: Array
) -> tuple[Array, Array, float, float]:
    """All ballots that copy what most of the first ones have, that pattern, the match, and how many chance brings.

    Which ballots: those so close that of all others in reach at most a part as by `STRAYS` are expected to be so,
    among the ballots on the same statements and among all.
    Once a cluster is there, its ballots count as one in the rates that the others are judged by.
    """
    n, m = votes.shape
    length = np.diff(votes.indptr)
    members, match, strays = np.sort(seed), 0.0, 0.0
    for _ in range(4):
        counted = weights.copy()
        counted[members] = np.minimum(counted[members], 1 / members.size)
        null = make_null(votes, result, counted)
        own = take(votes, members)
        counts = np.bincount(own.codes, minlength=3 * m).reshape(m, 3)
        known = counts.sum(axis=1) >= members.size / 2
        pattern = np.where(known, counts.argmax(axis=1) - 1, -2).astype(np.int8)
        shared = np.bincount(votes.rows[known[votes.indices]], minlength=n)
        hits = np.bincount(votes.rows[pattern[votes.indices] == votes.values], minlength=n)
        able = free & (shared >= MIN_SHARED)
        same = able & (shared >= SAME_SET * (length + known.sum() - shared))
        near = np.flatnonzero(able & (hits >= LEAST_MATCH * shared))
        some = take(votes, near)
        told = np.where(known[some.indices], -np.log(choice_chances(null, some)), 0.0)
        total = np.bincount(some.rows, weights=told, minlength=near.size)
        close = closeness(total, hits[near], shared[near])
        chance = _stray(close, int(able.sum()), MARGINS[0], n)
        alike = same[near]
        chance[alike] = np.minimum(chance[alike], _stray(close[alike], int(same.sum()), MARGINS[1], n))
        members = near[chance <= 1]
        if members.size == 0:
            break
        match = float((hits[members] / shared[members]).mean())
        strays = float(chance[chance <= 1].max()) * members.size * _borne(members.size, n)
    return members, pattern, match, strays


def _stray(close: Array, reach: int, margin: float, n: int) -> Array:
    """How many as close as each ballot chance brings at most, in parts of how many can be borne."""
    rank = np.searchsorted(np.sort(-close), -close, side="right").astype(float)  # equal ballots have one rank
    # Who votes by herself is mostly nearer to that than to copying: the others are counted by it (as Storey does).
    others = max(reach - int((close > 0).sum()), 1)
    expected = margin * others * np.exp(-np.minimum(close, 50.0))
    return np.asarray(expected / (rank * _borne(rank, n)))


def _borne(size: Any, n: int) -> Any:
    return np.clip(size / (4 * n), *STRAYS)
