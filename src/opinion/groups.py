"""How many groups there are, if any, and who belongs to which.

Three gates stand before a further group. It must explain the votes better than its parameters cost (a Bayesian
information criterion in which each chance pays for the votes behind it). It must be there again when the people are
split into two halves at random and each half is asked by itself (prediction strength); how well it must come back is
measured by votes simulated from the fitted groups, so that short ballots, by which nobody can be placed for sure, are
not held against groups that exist. And no fewer groups may do as well. Without votes that go together, one group is
the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .axes import fit_axes, project
from .mixture import Ballots, Fit, best_start, expect, fit_mixture

__all__ = ["MAX_GROUPS", "KEvidence", "Selection", "adjusted_rand", "best_match", "kmeans", "select_groups"]

Array = np.ndarray[Any, np.dtype[Any]]
MAX_GROUPS = 8
# The number of groups is decided on a sample of about this many sides taken; the groups then on everybody. Where the
# sample shows no groups, a larger one is asked: short ballots on many statements need many people.
SELECTION_SIDES = (200_000, 1_200_000)
SELECTION_PEOPLE = 1_500
# Splits, as many as these sides taken pay for, and simulated conversations to compare with.
FEWEST_SPLITS, MOST_SPLITS, SPLIT_SIDES = 3, 15, 600_000
SIMULATIONS, SIMULATED_ITERATIONS = 5, 20
# Where this part of the splits are on one side of what is wanted, no more are made; nor where the first (of two groups
# the first two) are below half of it.
CLEAR, HOPELESS, HOPELESS_AFTER = 0.8, 0.5, (2, 1)
RESTARTS, HALF_RESTARTS = 4, 2
TRIAL_ITERATIONS = 4
TAIL, TAIL_AXES = 0.08, 2
PLACE_AXES, PLACE_CLOSE = 6, 3e-2
SEED_POINTS = 1_500
# Agreement of the halves as a part of what groups that exist would show. Two groups rest on the strong gate of
# evidence; their halves need only resemble each other. More groups can be cut out of any continuum, where evidence
# grows on and on: they must come back nearly as they would if they were there.
STABLE_TWO, STABLE_MORE = 0.4, 0.7
# Further groups must add at least this part of the evidence that fewer groups have.
LEAST_PART = 0.03
MIN_PEOPLE = 20  # fewer fall into like-minded parts by chance
# A statement on which fewer of the sample took a side tells nothing about groups, but pays for chances all the same.
MIN_SIDES = 10

Progress = Callable[[float], None]
Take = Callable[[Array], Ballots]


@dataclass(frozen=True, slots=True)
class KEvidence:
    """What speaks for a number of groups.

    Attributes
    ----------
    k : int
    gain : float
        Information criterion less that of one group; positive speaks for groups. Natural logarithm units.
    stability : float or None
        Median agreement (adjusted Rand) between classifications learned on random halves; ``None`` if not needed.
    expected : float or None
        The same for votes simulated from the fitted groups: what it would be if they were there.
    """

    k: int
    gain: float
    stability: float | None
    expected: float | None


@dataclass(frozen=True, eq=False, slots=True)
class Selection:
    """The number of groups, learned from a sample of people.

    Attributes
    ----------
    fit : Fit or None
        The groups of the sample; ``None`` if there are no distinct groups.
    rows : ndarray of int, shape (people in the sample,)
        Who was in the sample.
    halves : tuple of (ndarray of bool, Fit, Fit), shape of the first (people in the sample,)
        For each split who of the sample stood in the first half, and what was learned there and in the other half;
        their groups are numbered as in `fit`.
    evidence : tuple of KEvidence
    """

    fit: Fit | None
    rows: Array
    halves: tuple[tuple[Array, Fit, Fit], ...]
    evidence: tuple[KEvidence, ...]

    @property
    def k(self) -> int:
        """Groups, at least one."""
        return 1 if self.fit is None else int(self.fit.shares.size)


def select_groups(
    take: Take,
    people: int,
    sides: int,
    rng: np.random.Generator,
    *,
    max_groups: int = MAX_GROUPS,
    progress: Progress | None = None,
) -> Selection:
    """How many groups there are, and a first model of them, from a sample of people.

    Parameters
    ----------
    take : callable
        Ballots of the people at given places, in that order.
    people : int
        How many there are with enough votes.
    sides : int
        Sides that they took together.
    rng : numpy.random.Generator
        Decides starts, halves and who is in the sample.
    max_groups : int
    progress : callable, optional
        Called with the share of the work done, 0 to 1.

    Returns
    -------
    Selection

    References
    ----------
    R. Tibshirani, G. Walther (2005), Cluster validation by prediction strength.
    """
    report = progress or (lambda share: None)
    if people < MIN_PEOPLE or max_groups < 2:
        return Selection(None, np.arange(people), (), (KEvidence(1, 0.0, None, None),))
    for wanted in SELECTION_SIDES:
        enough = max(SELECTION_PEOPLE, int(wanted * people / max(sides, 1)))
        everybody = people <= enough
        rows = np.arange(people) if everybody else np.sort(rng.choice(people, enough, replace=False))
        some = take(rows).precise().often_answered(MIN_SIDES)
        base = fit_mixture(some, np.ones((some.shape[0], 1))).bic
        fits = _candidates(some, base, max_groups, rng, report)
        chosen, halves, evidence = _choose(some, base, fits, rng, report)
        if chosen is not None or everybody:
            break
    return Selection(chosen, rows, halves, evidence)


def _candidates(
    some: Ballots, base: float, most: int, rng: np.random.Generator, report: Progress
) -> list[Fit]:
    """Fits of 2, 3, … groups; stops after two steps that explain no more."""
    places = _places(some)
    fits: list[Fit] = []
    best, misses = base, 0
    for k in range(2, most + 1):
        fits.append(_best_fit(some, places, k, rng))
        misses = 0 if fits[-1].bic > best + LEAST_PART * (best - base) else misses + 1
        best = max(best, fits[-1].bic)
        report(0.5 * (k - 1) / (most - 1))
        if misses == 2:
            break
    return fits


def _choose(
    some: Ballots, base: float, fits: list[Fit], rng: np.random.Generator, report: Progress
) -> tuple[Fit | None, tuple[tuple[Array, Fit, Fit], ...], tuple[KEvidence, ...]]:
    """The most groups that are better than all fewer ones and come back in random halves."""
    stability: dict[int, float] = {}
    expected: dict[int, float] = {}
    chosen: Fit | None = None
    halves: list[tuple[Array, Fit, Fit]] = []
    splits = _Splits(some, rng)
    for i in range(len(fits) - 1, -1, -1):
        fit, k = fits[i], i + 2
        fewer = max([base, *(other.bic for other in fits[:i])])
        if fit.bic <= fewer + LEAST_PART * (fewer - base):
            continue
        wanted = STABLE_TWO if k == 2 else STABLE_MORE
        stability[k], expected[k], halves = _stability(some, fit, wanted, splits, rng)
        report(0.5 + 0.4 * (len(fits) - i) / len(fits))
        if stability[k] >= wanted * expected[k] > 0:
            chosen = fit
            break
    evidence = [KEvidence(1, 0.0, None, None)]
    for k, fit in enumerate(fits, start=2):
        evidence.append(KEvidence(k, fit.bic - base, stability.get(k), expected.get(k)))
    return chosen, tuple(halves) if chosen is not None else (), tuple(evidence)


def _places(ballots: Ballots) -> Array:
    loadings, _ = fit_axes(ballots.sides, ballots.rate, PLACE_AXES, close=PLACE_CLOSE)
    return project(ballots.sides, ballots.rate, loadings)


def _best_fit(
    ballots: Ballots, places: Array, k: int, rng: np.random.Generator, restarts: int = RESTARTS
) -> Fit:
    """The best of several starts; each is followed for a few steps, only the most promising one to the end."""
    starts = list(_starts(places, k, rng, restarts))
    return fit_mixture(ballots, best_start(ballots, starts, k, TRIAL_ITERATIONS))


def _starts(places: Array, k: int, rng: np.random.Generator, restarts: int) -> Iterator[Array]:
    """Clusters on more or fewer axes, and one cluster less beside the far end of an axis.

    Clusters of points divide the many; a small group that holds together stands at the end of an axis.
    """
    n, axes = places.shape
    if axes == 0:
        yield rng.integers(0, k, n)
        return
    for attempt in range(restarts):
        yield kmeans(places[:, : max(1, min(axes, k - 1 + attempt % 3))], k, rng)
    tail = max(1, int(TAIL * n))
    rest = kmeans(places[:, : max(1, k - 2)], k - 1, rng) if k > 2 else np.zeros(n, dtype=int)
    for axis in range(min(axes, TAIL_AXES)):
        order = np.argpartition(places[:, axis], [tail - 1, n - tail])
        for end in (order[:tail], order[-tail:]):
            label = rest.copy()
            label[end] = k - 1
            yield label


class _Splits:
    """Random halves of the people with their places, the same for every number of groups; made when asked for."""

    def __init__(self, ballots: Ballots, rng: np.random.Generator) -> None:
        self._ballots, self._rng = ballots, rng
        self._made: list[tuple[Array, list[tuple[Ballots, Array]]]] = []

    def get(self, number: int) -> tuple[Array, list[tuple[Ballots, Array]]]:
        """Who stands in the first half, and of both halves the ballots and places."""
        while len(self._made) <= number:
            first = np.zeros(self._ballots.shape[0], dtype=bool)
            first[self._rng.permutation(first.size)[: first.size // 2]] = True
            parts = [self._ballots.take(np.flatnonzero(half)) for half in (first, ~first)]
            self._made.append((first, [(part, _places(part)) for part in parts]))
        return self._made[number]


def _stability(
    ballots: Ballots, fit: Fit, wanted: float, splits: _Splits, rng: np.random.Generator
) -> tuple[float, float, list[tuple[Array, Fit, Fit]]]:
    """Median agreement of halves, what it would be for groups that exist, and the halves."""
    agreement: list[float] = []
    expected: list[float] = []
    halves: list[tuple[Array, Fit, Fit]] = []
    enough = min(MOST_SPLITS, max(FEWEST_SPLITS, SPLIT_SIDES // max(ballots.sides.nnz, 1)))
    while len(halves) < min(MOST_SPLITS, 2 * enough):
        found, half = _split(ballots, fit, splits.get(len(halves)), rng)
        agreement.append(found)
        halves.append(half)
        if len(expected) < min(SIMULATIONS, enough):
            expected.append(_simulated_stability(ballots, fit, rng))
        least = wanted * float(np.median(expected))
        if len(halves) == HOPELESS_AFTER[fit.shares.size > 2] and max(agreement) < HOPELESS * least:
            break
        passed = float(np.mean([value >= least for value in agreement]))
        if len(halves) >= enough and max(passed, 1 - passed) >= CLEAR:
            break
    return float(np.median(agreement)), float(np.median(expected)), halves


def _split(
    ballots: Ballots, fit: Fit, split: tuple[Array, list[tuple[Ballots, Array]]], rng: np.random.Generator
) -> tuple[float, tuple[Array, Fit, Fit]]:
    """Agreement of what two random halves learn by themselves, and what they learned, numbered as in `fit`."""
    first, parts = split
    fits, labels = [], []
    for part, places in parts:
        own = _best_fit(part, places, fit.shares.size, rng, HALF_RESTARTS)
        other, _ = expect(ballots, own.shares, own.chances)
        labels.append(other.argmax(axis=1))
        match = best_match(fit.membership.T @ other)
        fits.append(replace(own, shares=own.shares[match], chances=own.chances[match]))
    # Halves that know one group agree on nothing, whatever the index says of two equal constants.
    one = min(np.unique(label).size for label in labels) == 1
    return 0.0 if one else adjusted_rand(labels[0], labels[1]), (first, fits[0], fits[1])


def _simulated_stability(ballots: Ballots, fit: Fit, rng: np.random.Generator) -> float:
    """Agreement of two halves where the groups are as fitted: people take their sides by their group's chances."""
    n, k = ballots.shape[0], fit.shares.size
    bound = fit.membership.cumsum(axis=1, dtype=float)
    group = np.minimum((rng.random((n, 1)) * bound[:, -1:] > bound).sum(axis=1), k - 1)
    people = np.repeat(group, np.diff(ballots.sides.indptr))
    statement = ballots.sides.indices >> 1
    agrees = rng.random(statement.size) < fit.chances[people, statement]
    votes = ballots.with_sides(2 * statement + agrees)
    start, _ = expect(votes, fit.shares, fit.chances)
    first = np.zeros(n, dtype=bool)
    first[rng.permutation(n)[: n // 2]] = True
    labels = []
    for rows in (np.flatnonzero(first), np.flatnonzero(~first)):
        half = fit_mixture(votes.take(rows), start[rows], max_iterations=SIMULATED_ITERATIONS)
        labels.append(expect(votes, half.shares, half.chances)[0].argmax(axis=1))
    return adjusted_rand(labels[0], labels[1])


def best_match(overlap: Array) -> Array:
    """For each row the column, one to one, such that the sum of `overlap` is largest; −1 where columns run out.

    Parameters
    ----------
    overlap : ndarray, shape (k, c)
        Few rows and columns: the work doubles with each.

    Returns
    -------
    ndarray of int, shape (k,)
    """
    rows, columns = overlap.shape
    width = max(rows, columns)
    gain = np.zeros((width, width))
    gain[:rows, :columns] = overlap
    # Best sum for the first rows with each set of columns, a bit for each: few groups need no solver.
    best: dict[int, tuple[float, tuple[int, ...]]] = {0: (0.0, ())}
    for row in gain.tolist():
        longer: dict[int, tuple[float, tuple[int, ...]]] = {}
        for used, (total, match) in best.items():
            for column in range(width):
                bit = 1 << column
                if used & bit:
                    continue
                found = (total + row[column], (*match, column))
                if used | bit not in longer or found[0] > longer[used | bit][0]:
                    longer[used | bit] = found
        best = longer
    ((_, match),) = best.values()
    chosen = np.array(match[:rows], dtype=int)
    return np.where(chosen < columns, chosen, -1)


def kmeans(points: Array, k: int, rng: np.random.Generator, *, max_iterations: int = 15) -> Array:
    """Clusters of points, shape (n, r), by Lloyd's algorithm from k-means++ seeds; labels of shape (n,)."""
    n = points.shape[0]
    if n > SEED_POINTS:  # centres need no more points than these
        some = points[rng.choice(n, SEED_POINTS, replace=False)]
        centres = _centres(some, k, rng, max_iterations)
        return np.asarray(_distances(points, centres).argmin(axis=1))
    return np.asarray(_distances(points, _centres(points, k, rng, max_iterations)).argmin(axis=1))


def _distances(points: Array, centres: Array) -> Array:
    """Squared distances less what all centres share, shape (n, k)."""
    return np.asarray((centres**2).sum(axis=1) - 2 * points @ centres.T)


def _centres(points: Array, k: int, rng: np.random.Generator, max_iterations: int) -> Array:
    n = points.shape[0]
    squares = (points**2).sum(axis=1)
    centres = points[[int(rng.integers(n))]]
    nearest = np.full(n, np.inf)
    for _ in range(1, k):
        nearest = np.minimum(nearest, np.maximum(squares + _distances(points, centres[-1:])[:, 0], 0))
        total = nearest.sum()
        pick = rng.choice(n, p=nearest / total) if total > 0 else rng.integers(n)
        centres = np.vstack([centres, points[int(pick)]])
    label = np.full(n, -1)
    for _ in range(max_iterations):
        new = _distances(points, centres).argmin(axis=1)
        if np.array_equal(new, label):
            break
        label = new
        size = np.bincount(label, minlength=k)
        sums = np.stack([np.bincount(label, weights=column, minlength=k) for column in points.T], axis=1)
        centres = np.where(size[:, None] > 0, sums / np.maximum(size, 1)[:, None], centres)
    return centres


def adjusted_rand(first: Array, second: Array) -> float:
    """Agreement of two partitions, corrected for chance: 1 equal, about 0 unrelated.

    References
    ----------
    L. Hubert, P. Arabie (1985), Comparing partitions.
    """
    a, b = np.unique(first, return_inverse=True)[1], np.unique(second, return_inverse=True)[1]
    n = a.size
    if n < 2:
        return 1.0
    table = np.bincount(a * (b.max() + 1) + b).astype(float)
    pairs, in_a, in_b = (
        float((counts * (counts - 1) / 2).sum())
        for counts in (table, np.bincount(a).astype(float), np.bincount(b).astype(float))
    )
    expected = in_a * in_b / (n * (n - 1) / 2)
    span = (in_a + in_b) / 2 - expected
    return 1.0 if span == 0 else (pairs - expected) / span
