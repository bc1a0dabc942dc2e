"""How many groups there are, if any, and who belongs to which.

Three gates stand before a further group. It must explain the votes better than its parameters cost (a Bayesian
information criterion in which each chance pays for the votes behind it). It must be there again when the people are
split into two halves at random and each half is asked by itself (prediction strength). And no fewer groups may do
as well. Without votes that go together, one group is the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from .axes import centred, fit_axes, project
from .mixture import Ballots, Fit, expect, fit_mixture

__all__ = ["Grouping", "KEvidence", "adjusted_rand", "find_groups", "kmeans"]

Array = np.ndarray[Any, np.dtype[Any]]
MAX_GROUPS = 5
# The number of groups is decided on a sample of about this many sides taken; the groups then on everybody. Where the
# sample shows no groups, a larger one is asked: short ballots on many statements need many people.
SELECTION_SIDES = (200_000, 1_600_000)
SELECTION_PEOPLE = 1_500
SPLITS = 3
RESTARTS, HALF_RESTARTS = 4, 2
TRIAL_ITERATIONS = 4
TAIL, TAIL_AXES = 0.08, 2
# Two groups rest on the strong gate of evidence; their halves need only resemble each other. More groups can be cut
# out of any continuum: there the evidence grows on and on, and they must come back nearly the same. Where it has
# turned and falls with a further group, less will do.
STABLE_TWO, STABLE_TURNED, STABLE_MORE = 0.25, 0.5, 0.65
# Further groups must add at least this part of the evidence that fewer groups have.
LEAST_PART = 0.03
MIN_PEOPLE = 8

Progress = Callable[[float], None]


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
    """

    k: int
    gain: float
    stability: float | None


@dataclass(frozen=True, eq=False, slots=True)
class Grouping:
    """Groups found.

    Attributes
    ----------
    k : int
    shares : ndarray, shape (k,)
    chances : ndarray, shape (k, m)
    membership : ndarray, shape (n, k)
        Probability of each group under the final model.
    confidence : ndarray, shape (n,)
        Mean probability of the own group under the final model and the models of the random halves.
    evidence : tuple of KEvidence
    """

    k: int
    shares: Array
    chances: Array
    membership: Array
    confidence: Array
    evidence: tuple[KEvidence, ...]


def find_groups(
    ballots: Ballots,
    rng: np.random.Generator,
    *,
    max_groups: int = MAX_GROUPS,
    progress: Progress | None = None,
) -> Grouping:
    """Number of groups and membership of each person.

    Parameters
    ----------
    ballots : Ballots
        People with enough votes, in canonical order.
    rng : numpy.random.Generator
        Decides starts, halves and, with many votes, who is asked about the number of groups.
    max_groups : int
    progress : callable, optional
        Called with the share of the work done, 0 to 1.

    References
    ----------
    R. Tibshirani, G. Walther (2005), Cluster validation by prediction strength.
    """
    n = ballots.shape[0]
    report = progress or (lambda share: None)
    if n < MIN_PEOPLE or max_groups < 2:
        rate = ballots.rate[None, :]
        one = np.ones((n, 1), dtype=np.float32)
        return Grouping(1, np.ones(1), rate, one, np.ones(n), (KEvidence(1, 0.0, None),))
    for sides in SELECTION_SIDES:
        some = _sample(ballots, sides, rng)
        base = fit_mixture(some, np.ones((some.shape[0], 1))).bic
        fits = _candidates(some, base, max_groups, rng, report)
        chosen, halves, evidence = _choose(some, base, fits, rng, report)
        if chosen is not None or some is ballots:
            break
    if chosen is None:
        single = fit_mixture(ballots, np.ones((n, 1)))
        return Grouping(1, single.shares, single.chances, single.membership, np.ones(n), evidence)
    final = chosen
    if some is not ballots:
        start, _ = expect(ballots, chosen.shares, chosen.chances)
        final = fit_mixture(ballots, start, max_iterations=8)
    confidence = _confidence(ballots, final, halves)
    report(1.0)
    return Grouping(chosen.shares.size, final.shares, final.chances, final.membership, confidence, evidence)


def _sample(ballots: Ballots, sides: int, rng: np.random.Generator) -> Ballots:
    """People who took about `sides` sides together; everybody if there are no more."""
    n = ballots.shape[0]
    enough = max(SELECTION_PEOPLE, int(sides * n / max(ballots.sides.nnz, 1)))
    return ballots if n <= enough else ballots.take(np.sort(rng.choice(n, enough, replace=False)))


def _candidates(
    some: Ballots, base: float, most: int, rng: np.random.Generator, report: Progress
) -> list[Fit]:
    """Fits of 2, 3, … groups; stops after two steps that explain no more."""
    places = _places(some)
    fits: list[Fit] = []
    best, misses = base, 0
    for k in range(2, most + 1):
        fits.append(_best_fit(some, places, k, rng))
        misses = 0 if fits[-1].bic > best else misses + 1
        best = max(best, fits[-1].bic)
        report(0.5 * (k - 1) / (most - 1))
        if misses == 2:
            break
    return fits


def _choose(
    some: Ballots, base: float, fits: list[Fit], rng: np.random.Generator, report: Progress
) -> tuple[Fit | None, list[Fit], tuple[KEvidence, ...]]:
    """The most groups that are better than all fewer ones and come back in random halves."""
    stability: dict[int, float] = {}
    chosen: Fit | None = None
    halves: list[Fit] = []
    for i in range(len(fits) - 1, -1, -1):
        fit, k = fits[i], i + 2
        fewer = max([base, *(other.bic for other in fits[:i])])
        if fit.bic <= fewer + LEAST_PART * (fewer - base):
            continue
        stability[k], halves = _stability(some, k, rng)
        report(0.5 + 0.4 * (len(fits) - i) / len(fits))
        turned = i + 1 < len(fits) and fits[i + 1].bic < fit.bic
        if stability[k] >= (STABLE_TWO if k == 2 else STABLE_TURNED if turned else STABLE_MORE):
            chosen = fit
            break
    evidence = [KEvidence(1, 0.0, None)]
    evidence += [KEvidence(i + 2, fit.bic - base, stability.get(i + 2)) for i, fit in enumerate(fits)]
    return chosen, halves if chosen is not None else [], tuple(evidence)


def _places(ballots: Ballots) -> Array:
    x = centred(ballots.sides, ballots.rate)
    return project(x, fit_axes(x, MAX_GROUPS + 1)[0])


def _best_fit(
    ballots: Ballots, places: Array, k: int, rng: np.random.Generator, restarts: int = RESTARTS
) -> Fit:
    """The best of several starts; each is followed for a few steps, only the most promising one to the end."""
    best: Fit | None = None
    for label in _starts(places, k, rng, restarts):
        fit = fit_mixture(ballots, np.eye(k, dtype=np.float32)[label], max_iterations=TRIAL_ITERATIONS)
        if best is None or fit.log_likelihood > best.log_likelihood:
            best = fit
    assert best is not None
    return fit_mixture(ballots, best.membership)


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
    for axis in range(min(axes, TAIL_AXES)):
        order = np.argsort(places[:, axis], kind="stable")
        for end in (order[:tail], order[-tail:]):
            label = kmeans(places[:, : max(1, k - 2)], k - 1, rng) if k > 2 else np.zeros(n, dtype=int)
            label[end] = k - 1
            yield label


def _stability(ballots: Ballots, k: int, rng: np.random.Generator) -> tuple[float, list[Fit]]:
    n = ballots.shape[0]
    agreement, halves = [], []
    for _ in range(SPLITS):
        order = rng.permutation(n)
        labels = []
        for half in (order[: n // 2], order[n // 2 :]):
            part = ballots.take(np.sort(half))
            fit = _best_fit(part, _places(part), k, rng, HALF_RESTARTS)
            halves.append(fit)
            labels.append(expect(ballots, fit.shares, fit.chances)[0].argmax(axis=1))
        agreement.append(adjusted_rand(labels[0], labels[1]))
    return float(np.median(agreement)), halves


def _confidence(ballots: Ballots, final: Fit, halves: list[Fit]) -> Array:
    """Mean probability of the own group over all models; the halves' groups are matched to the final ones."""
    label = final.membership.argmax(axis=1)
    people = np.arange(label.size)
    total = final.membership[people, label].astype(float)
    for fit in halves:
        other, _ = expect(ballots, fit.shares, fit.chances)
        match = best_match(final.membership.T @ other)
        total += other[people, match[label]]
    return total / (1 + len(halves))


def best_match(overlap: Array) -> Array:
    """For each row the column, one to one, such that the sum of `overlap` is largest."""
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(-np.asarray(overlap, dtype=float))
    match = np.full(overlap.shape[0], -1, dtype=int)
    match[rows] = columns
    return match


def kmeans(points: Array, k: int, rng: np.random.Generator, *, max_iterations: int = 30) -> Array:
    """Clusters of points, shape (n, r), by Lloyd's algorithm from k-means++ seeds; labels of shape (n,)."""
    squares = (points**2).sum(axis=1)

    def distances(centres: Array) -> Array:
        return squares[:, None] - 2 * points @ centres.T + (centres**2).sum(axis=1)

    n = points.shape[0]
    centres = points[[int(rng.integers(n))]]
    for _ in range(1, k):
        nearest = np.maximum(distances(centres).min(axis=1), 0)
        total = nearest.sum()
        pick = rng.choice(n, p=nearest / total) if total > 0 else rng.integers(n)
        centres = np.vstack([centres, points[int(pick)]])
    label = np.full(n, -1)
    for _ in range(max_iterations):
        new = distances(centres).argmin(axis=1)
        if np.array_equal(new, label):
            break
        label = new
        size = np.bincount(label, minlength=k)
        sums = np.stack([np.bincount(label, weights=column, minlength=k) for column in points.T], axis=1)
        centres = np.where(size[:, None] > 0, sums / np.maximum(size, 1)[:, None], centres)
    return label


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
