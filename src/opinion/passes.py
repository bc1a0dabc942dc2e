"""The analysis as sums over blocks of people: what one machine does in a loop, many do side by side.

A block is some of the people with all their votes. What is learned from everybody is a sum over blocks, and what is
said of a person needs her block and the model only, so memory follows the votes of a block, and the result does not
depend on how people are dealt out (floating-point sums apart).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

import numpy as np

from .axes import fit_axes, place_table, solve_places
from .groups import KEvidence, Take, select_groups
from .mixture import PRIOR_STRENGTH, UNLIKELY, Ballots, log_table, maximise, normalise, smoothed_rate
from .placement import Placement
from .tallies import blind_tally, tally
from .votes import Votes

__all__ = [
    "BLOCK",
    "Crowd",
    "Model",
    "Places",
    "Sums",
    "blocks_of",
    "find_places",
    "fit_model",
    "learn",
    "place",
    "place_blocks",
    "refine",
    "tally_places",
]

Array = np.ndarray[Any, np.dtype[Any]]
BLOCK = 1 << 16  # people
AXES_SIDES = 4_000_000  # sides taken that the axes of the map are fitted on, at most
CONFIDENCE_SPLITS = 3
MOST_ONE_SIDED = 0.2
REFINEMENTS = 8
GROWTH = 1e-5  # of the log-likelihood per side taken, below which a further pass changes nothing that shows


@dataclass(frozen=True, eq=False, slots=True)
class Sums:
    """What a pass over people adds up.

    Attributes
    ----------
    counts : ndarray of float64, shape (2 m, k)
        Sum of the memberships over those who disagree (row 2 s) and agree (row 2 s + 1).
    sizes : ndarray of float64, shape (k,)
        Sum of the memberships.
    likelihood : float
        Log-likelihood of the sides taken.
    """

    counts: Array
    sizes: Array
    likelihood: float

    def __add__(self, other: Sums) -> Sums:
        return Sums(self.counts + other.counts, self.sizes + other.sizes, self.likelihood + other.likelihood)


@dataclass(frozen=True, eq=False, slots=True)
class Model:
    """All that is needed to place a person by her votes.

    Attributes
    ----------
    rate : ndarray, shape (m,)
        Overall rate of agreement among those who took a side.
    least : int
        Sides that a person must have taken to stand in a group.
    loadings : ndarray, shape (r, m)
        r ≤ 2 axes of the map.
    shares, chances : ndarray, shapes (k,) and (k, m)
        The groups.
    halves : tuple of (shares, chances)
        The same groups as learned from random halves of the sample, two for each split: for the confidence.
    apart : tuple of (shares, chances)
        The groups as learned from the whole sample, then from the two halves of each split: for blind counts.
    """

    rate: Array
    least: int
    loadings: Array
    shares: Array
    chances: Array
    halves: tuple[tuple[Array, Array], ...]
    apart: tuple[tuple[Array, Array], ...]

    @property
    def k(self) -> int:
        """Groups, at least one."""
        return int(self.shares.size)

    def without_groups(self) -> Model:
        """The same map with everybody in one group."""
        return replace(self, shares=np.ones(1), chances=self.rate[None, :], halves=(), apart=())


@dataclass(frozen=True, eq=False, slots=True)
class Places:
    """Where the people of a block stand.

    Attributes
    ----------
    group : ndarray of int8, shape (n,)
        −1 for those with too few votes, or on one side throughout as no group would be.
    confidence, x, y : ndarray of float32, shape (n,)
    score : ndarray of float32, shape (n, splits, k)
        Logarithm of the chance of the votes in each group, by the models of `unseen`.
    unseen : ndarray of int8, shape (n, splits)
        For each split, which of `Model.apart` has not seen the person's votes.
    """

    group: Array
    confidence: Array
    x: Array
    y: Array
    score: Array
    unseen: Array


class Crowd(Protocol):
    """Everybody's votes, wherever they are: what `find_places` asks of them.

    Attributes
    ----------
    counts : ndarray of int64, shape (2 m,)
        Those who disagree with (2 s) and agree with (2 s + 1) each statement that shapes groups.
    sides : ndarray of int, shape (n,)
        Sides that each person took on such statements.
    """

    @property
    def counts(self) -> Array:
        """Votes by side."""

    @property
    def sides(self) -> Array:
        """Sides by person."""

    def take(self, rows: Array) -> Ballots:
        """Ballots of the people at given places, in that order."""

    def learn(self, least: int, shares: Array, chances: Array) -> Sums:
        """The sum of `learn` over all blocks, in their order."""

    def place(self, unseen: Array, model: Model) -> Placement:
        """`place_blocks` of everybody."""


def find_places(
    crowd: Crowd,
    rng: np.random.Generator,
    min_votes: int,
    *,
    max_groups: int,
    progress: Callable[[float], None],
) -> Placement:
    """Groups and map of the default mode.

    Parameters
    ----------
    crowd : Crowd
    rng : numpy.random.Generator
    min_votes : int
        Sides that a person must have taken to stand in a group, if there are so many statements.
    max_groups : int
    progress : callable
        Called with the share of the work done, 0 to 1.

    Returns
    -------
    Placement
    """
    answered = int(np.count_nonzero(crowd.counts[::2] + crowd.counts[1::2]))
    least = max(1, min(min_votes, answered))
    kept = np.flatnonzero(crowd.sides >= least)
    model, apart, evidence = fit_model(
        crowd.take,
        kept,
        smoothed_rate(crowd.counts),
        int(crowd.sides[kept].sum()),
        least,
        lambda shares, chances: crowd.learn(least, shares, chances),
        rng,
        max_groups=max_groups,
        progress=progress,
    )
    unseen = np.zeros((crowd.sides.size, apart.shape[1]), dtype=np.int8)
    unseen[kept] = apart
    found = crowd.place(unseen, model)
    sizes = np.bincount(found.group[found.group >= 0], minlength=model.k)
    if sizes.min(initial=1) == 0:  # a group that is nobody's first choice
        found = crowd.place(unseen, model.without_groups())
    plain = tuple(asdict(one) for one in evidence)
    return replace(found, k=found.k if np.any(found.group >= 0) else 0, evidence=plain)


def place_blocks(votes: Votes, ballots: Ballots, unseen: Array, model: Model) -> Placement:
    """Where people stand, and the votes of their groups, a block at a time; without evidence.

    Parameters
    ----------
    votes : Votes
    ballots : Ballots
        The sides that shape groups, of the same people.
    unseen : ndarray of int8, shape (n, splits)
    model : Model

    Returns
    -------
    Placement
    """
    n, m = votes.shape
    group, confidence = np.empty(n, dtype=np.int8), np.empty(n, dtype=np.float32)
    x, y = np.empty(n), np.empty(n)
    shown, blind = np.zeros((model.k, m, 3), dtype=np.int64), np.zeros((model.k, m, 3))
    for part, block in blocks_of(ballots):
        own = place(block, unseen[part], model)
        group[part], confidence[part], x[part], y[part] = own.group, own.confidence, own.x, own.y
        more = tally_places(votes.people(part.start, part.stop), own, model)
        shown, blind = shown + more[0], blind + more[1]
    return Placement(model.k, group, confidence, x, y, model.loadings, shown, blind, ())


def blocks_of(ballots: Ballots, size: int = BLOCK) -> Iterator[tuple[slice, Ballots]]:
    """The people in blocks of `size`, without copying their votes."""
    from scipy.sparse import csr_array

    sides = ballots.sides
    for first in range(0, ballots.shape[0], size):
        last = min(first + size, ballots.shape[0])
        low, high = sides.indptr[first], sides.indptr[last]
        part = csr_array(
            (sides.data[low:high], sides.indices[low:high], sides.indptr[first : last + 1] - low),
            shape=(last - first, sides.shape[1]),
        )
        yield slice(first, last), Ballots(part, ballots.rate)


def learn(ballots: Ballots, least: int, shares: Array, chances: Array) -> Sums:
    """What a block says of the groups, given what is known of them; a sum over blocks."""
    chance = ballots.sides @ log_table(chances)
    membership, total = normalise(chance + np.log(shares).astype(np.float32))
    out = (np.diff(ballots.sides.indptr) < least) | _odd(ballots, chance)
    membership[out], total[out] = 0, 0
    counts = np.asarray(ballots.sides.T @ membership, dtype=float)
    return Sums(counts, membership.sum(axis=0, dtype=float), float(total.sum(dtype=float)))


def fit_model(
    take: Take,
    kept: Array,
    rate: Array,
    sides: int,
    least: int,
    sums_of: Callable[[Array, Array], Sums],
    rng: np.random.Generator,
    *,
    max_groups: int,
    progress: Callable[[float], None],
) -> tuple[Model, Array, tuple[KEvidence, ...]]:
    """All that is learned of the people as a whole.

    Parameters
    ----------
    take : callable
        Ballots of the people at given places.
    kept : ndarray of int, shape (people with enough votes,)
        Places of those with enough votes, in canonical order.
    rate : ndarray, shape (m,)
    sides : int
        Sides that they took together.
    least : int
        Sides that are enough.
    sums_of : callable
        The sum of `learn` over all blocks, given shares and chances.
    rng : numpy.random.Generator
    max_groups : int
    progress : callable

    Returns
    -------
    model : Model
    unseen : ndarray of int8, shape (people with enough votes,)
        For each of `kept` and each split, which of `Model.apart` has not seen her votes.
    evidence : tuple of KEvidence
    """
    people = kept.size
    chosen = select_groups(
        lambda rows: _telling(take(kept[rows])), people, sides, rng, max_groups=max_groups, progress=progress
    )
    some = int(AXES_SIDES * people / max(sides, 1))
    rows = kept if people <= some else np.sort(rng.choice(kept, some, replace=False))
    loadings = _fit_map(take(rows)) if people > 1 else np.zeros((0, rate.size))
    # Where most people are outside the sample, and so judged by one model, further splits would change little.
    splits = chosen.halves if chosen.rows.size == people else chosen.halves[:1]
    unseen = np.zeros((people, max(1, len(splits))), dtype=np.int8)
    if chosen.fit is None:
        return Model(rate, least, loadings, np.ones(1), rate[None, :], (), ()), unseen, chosen.evidence
    for i, (first, _, _) in enumerate(splits):
        unseen[chosen.rows, i] = np.where(first, 2, 1) + 2 * i
    fits = [(fit.shares, fit.chances) for _, *pair in chosen.halves[:CONFIDENCE_SPLITS] for fit in pair]
    halves = [fit for _, *pair in splits for fit in pair]
    apart = tuple((fit.shares, fit.chances) for fit in (chosen.fit, *halves))
    shares, chances = chosen.fit.shares, chosen.fit.chances
    if chosen.rows.size < people:
        shares, chances = refine(sums_of, shares, chances, rate, sides)
    return Model(rate, least, loadings, shares, chances, tuple(fits), apart), unseen, chosen.evidence


def _telling(ballots: Ballots) -> Ballots:
    """The same people; those who took one side throughout with no sides, so that they shape no group.

    Where they are many, all statements point one way, and to be on one side throughout is a position.
    """
    out = ballots.one_sided()
    return ballots.without(out) if 0 < out.mean() <= MOST_ONE_SIDED else ballots


def _odd(ballots: Ballots, chance: Array) -> Array:
    """Ballots on one side throughout that are as unlikely in every group; `chance` of shape (n, k), logarithms."""
    return np.asarray(ballots.one_sided() & (chance.max(axis=1) < np.log(UNLIKELY)))


def _fit_map(ballots: Ballots) -> Array:
    if ballots.sides.nnz == 0:
        return np.zeros((0, ballots.shape[1]))
    return fit_axes(ballots.sides, ballots.rate, 2)[0]


def refine(
    sums_of: Callable[[Array, Array], Sums], shares: Array, chances: Array, rate: Array, sides: int
) -> tuple[Array, Array]:
    """The groups of everybody, from those of a sample.

    Parameters
    ----------
    sums_of : callable
        The sum of `learn` over all blocks, given shares and chances.
    shares, chances : ndarray, shapes (k,) and (k, m)
    rate : ndarray, shape (m,)
    sides : int
        Sides taken by all.

    Returns
    -------
    shares, chances : ndarray, shapes (k,) and (k, m)
    """
    before = -np.inf
    for _ in range(REFINEMENTS):
        sums = sums_of(shares, chances)
        shares, chances, _ = maximise(sums.counts, sums.sizes, rate, PRIOR_STRENGTH)
        if sums.likelihood - before < GROWTH * sides:
            break
        before = sums.likelihood
    return shares, chances


def place(ballots: Ballots, unseen: Array, model: Model) -> Places:
    """Group, confidence and place of each person in a block, in one product with the votes.

    Parameters
    ----------
    ballots : Ballots
        Of statements that shape groups.
    unseen : ndarray of int8, shape (n, splits)
        For each split, which of `model.apart` has not seen the votes of each person.
    model : Model

    Returns
    -------
    Places
    """
    k, r = model.k, model.loadings.shape[0]
    tables = [log_table(model.chances)]
    if k > 1:
        tables += [log_table(chances) for _, chances in model.halves + model.apart]
    sums = ballots.sides @ np.hstack(tables)
    # In double precision: places are published, and sums of thousands of votes lose their sixth decimal in single.
    places = solve_places(np.asarray(ballots.sides @ place_table(model.rate, model.loadings)), r)
    x = places[:, 0] if r else np.zeros(len(places))
    y = places[:, 1] if r > 1 else np.zeros(len(places))
    placed = (np.diff(ballots.sides.indptr) >= model.least) & ~_odd(ballots, sums[:, :k])
    group = np.where(placed, 0, -1).astype(np.int8)
    confidence = placed.astype(np.float32)
    if k == 1:
        return Places(group, confidence, x, y, np.zeros((len(places), 1, 1), dtype=np.float32), unseen)
    rest = sums[:, k:].reshape(len(places), -1, k)
    shares = np.stack([shares for shares, _ in model.halves + model.apart])
    rest = rest + np.log(shares).astype(np.float32)
    membership, _ = normalise(sums[:, :k] + np.log(model.shares).astype(np.float32))
    group = np.where(placed, membership.argmax(axis=1), -1).astype(np.int8)
    by_halves, _ = normalise(rest[:, : len(model.halves)])
    people = np.arange(len(places))
    total = membership[people, group] + by_halves[people, :, group].sum(axis=1)
    confidence = np.where(placed, total / (1 + len(model.halves)), 0).astype(np.float32)
    score = rest[people[:, None], len(model.halves) + unseen]
    return Places(group, confidence, x, y, score, unseen)


def tally_places(votes: Votes, places: Places, model: Model) -> tuple[Array, Array]:
    """Votes by group as shown, and by blind group (`opinion.tallies.blind_tally`); each a sum over blocks.

    Parameters
    ----------
    votes : Votes
    places : Places
    model : Model

    Returns
    -------
    shown : ndarray of int64, shape (k, m, 3)
    blind : ndarray of float64, shape (k, m, 3)
        Mean over the splits.
    """
    shown = tally(votes, places.group, model.k)
    if model.k == 1:
        return shown, shown
    chances = np.stack([chances for _, chances in model.apart])
    splits = [
        blind_tally(votes, places.group, places.score[:, i], chances, places.unseen[:, i])
        for i in range(places.unseen.shape[1])
    ]
    return shown, np.mean(splits, axis=0)
