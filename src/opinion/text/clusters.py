"""Clusters of directions: spherical k-means, how many there are, and how surely each appears again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Choice", "Clusters", "choose", "cluster"]

Array = np.ndarray[Any, np.dtype[Any]]
NUMBERS = (2, 3, 4, 6, 8, 10, 12, 16, 20, 24, 30)
REFERENCES = 19  # the smallest number with which the first of 20 ranks is the level of 5 %
RESAMPLES = 20
STABLE = 0.5  # Jaccard index below which a cluster is dissolved rather than found again (Hennig 2007)
KEPT = 0.5  # share of the resamples in which a point must be in the counterpart of its cluster
WEIGHTIEST = 0.15  # of all points: what a larger cluster holds beyond it does not speak for a number
RUNS = 8  # starts of k-means, the best is taken
STEPS = 40
LARGEST = 2000  # points that k-means learns from; more are only assigned


@dataclass(frozen=True, slots=True)
class Choice:
    """How many clusters there are.

    Attributes
    ----------
    k : int
        1 for "no clear clusters".
    p : float
        Rank of the data's gap among those of the references, from 1 / 20 (tighter than each of them) to 1.
    tried : tuple of dict
        For each number: ``{"k", "tightness", "expected", "found_again"}``: mean simplified silhouette of the data, of
        the references on average, and the share of the points in clusters that are found again (0 where it was not
        asked because `p` is too high).
    """

    k: int
    p: float
    tried: tuple[dict[str, float], ...]


@dataclass(frozen=True, slots=True)
class Clusters:
    """A partition of points and how far it can be relied on.

    Attributes
    ----------
    label : ndarray of int, shape (n,)
    nearness : ndarray of float, shape (n,)
        Cosine to the middle of its own cluster.
    stability : ndarray of float, shape (k,)
        Mean Jaccard index with the most similar cluster of the resamples, 0 to 1.
    kept : ndarray of float, shape (n,)
        Share of the resamples in which the point lies in the counterpart of its cluster.
    """

    label: Array
    nearness: Array
    stability: Array
    kept: Array

    @property
    def sure(self) -> Array:
        """Points that keep to a cluster which is found again, ndarray of bool."""
        return (self.kept >= KEPT) & (self.stability[self.label] >= STABLE)


def choose(
    points: Array, reference: Callable[[np.random.Generator], Array], rng: np.random.Generator
) -> Choice:
    """Whether there are clusters, and how many.

    There are, if for some number the points are tighter than in each of 19 references without clusters: a permutation
    test at 5 % over all numbers at once. The number is then the one under which most points lie in clusters that are
    found again in random halves; of a cluster no more than 15 % of all points counts, since a few clusters that
    hold everything are found again easily and say little.

    Parameters
    ----------
    points : ndarray, shape (n, d)
        Unit rows.
    reference : callable
        Draws points like the data but without clusters.
    rng : numpy.random.Generator

    Returns
    -------
    Choice

    References
    ----------
    R. Tibshirani, G. Walther, T. Hastie (2001), Estimating the number of clusters via the gap statistic; with the
    simplified silhouette of E. R. Hruschka et al. (2004) in place of the dispersion.
    """
    numbers = [k for k in NUMBERS if k <= max(len(points) // 8, 2)]
    own = _tightnesses(points, numbers, rng)
    others = np.array([_tightnesses(reference(rng), numbers, rng) for _ in range(REFERENCES)])
    expected = others.mean(axis=0)
    # Each reference is held against all the others just as the data are, in units of the spread at each number.
    spread = np.maximum(others.std(axis=0), 1e-3)
    theirs = (others - (others.sum(axis=0) + own - others) / REFERENCES) / spread
    rank = 1 + int((theirs.max(axis=1) >= float(((own - expected) / spread).max())).sum())
    p = rank / (REFERENCES + 1)
    again = [_found_again(cluster(points, k, rng, 8), k) if p <= 0.05 else 0.0 for k in numbers]
    tried = tuple(
        {"k": k, "tightness": float(a), "expected": float(b), "found_again": float(c)}
        for k, a, b, c in zip(numbers, own, expected, again, strict=True)
    )
    return Choice(numbers[int(np.argmax(again))] if max(again) > 0 else 1, p, tried)


def _found_again(clusters: Clusters, k: int) -> float:
    sizes = np.bincount(clusters.label[clusters.sure], minlength=k)
    n = len(clusters.label)
    return float(np.minimum(sizes, WEIGHTIEST * n).sum() / n)


def cluster(points: Array, k: int, rng: np.random.Generator, resamples: int = RESAMPLES) -> Clusters:
    """Spherical k-means, and how often clusters and members appear again in random halves.

    Parameters
    ----------
    points : ndarray, shape (n, d)
        Unit rows.
    k : int
    rng : numpy.random.Generator
    resamples : int
        Halves that are drawn.

    Returns
    -------
    Clusters

    References
    ----------
    I. Dhillon, D. Modha (2001), Concept decompositions for large sparse text data using clustering.
    C. Hennig (2007), Cluster-wise assessment of cluster stability.
    """
    n = len(points)
    centres = _settle(points, _learn(points[_some(n, min(n, 2 * LARGEST), rng)], k, RUNS, rng), 10)
    near = points @ centres.T
    label = near.argmax(axis=1)
    stability, kept = np.zeros(k), np.zeros(n)
    for _ in range(resamples):
        half = points[_some(n, min((n + 1) // 2, LARGEST), rng)]
        other = (points @ _learn(half, k, 3, rng).T).argmax(axis=1)
        both = np.bincount(label * k + other, minlength=k * k).reshape(k, k)
        either = both.sum(axis=1, keepdims=True) + both.sum(axis=0) - both
        jaccard = both / np.maximum(either, 1)
        stability += jaccard.max(axis=1)
        kept += jaccard.argmax(axis=1)[label] == other
    return Clusters(label, near.max(axis=1), stability / resamples, kept / resamples)


def _some(n: int, size: int, rng: np.random.Generator) -> Array:
    return np.sort(rng.choice(n, size, replace=False))


def _tightnesses(points: Array, numbers: list[int], rng: np.random.Generator) -> Array:
    """Mean simplified silhouette for each number of clusters: how much nearer the own middle is than the next."""
    values = []
    for k in numbers:
        near = np.sort(points @ _learn(points, k, 2, rng).T, axis=1)
        far, next_far = 1 - near[:, -1], 1 - near[:, -2]
        values.append(float(np.mean((next_far - far) / np.maximum(next_far, 1e-9))))
    return np.array(values)


def _learn(points: Array, k: int, runs: int, rng: np.random.Generator) -> Array:
    """Middles of k clusters, the best of some runs."""
    best, best_value = np.zeros((k, points.shape[1])), -np.inf
    for _ in range(runs):
        centres = _settle(points, _seeds(points, k, rng), STEPS)
        value = float((points @ centres.T).max(axis=1).sum())
        if value > best_value + 1e-9:
            best, best_value = centres, value
    return best


def _seeds(points: Array, k: int, rng: np.random.Generator) -> Array:
    """First middles far from each other: k-means++."""
    chosen = [int(rng.integers(len(points)))]
    far = np.maximum(1 - points @ points[chosen[0]], 0)
    while len(chosen) < k:
        total = float(far.sum())
        at = rng.random() * total
        place = int(np.searchsorted(np.cumsum(far), at, side="right")) if total > 0 else len(chosen)
        chosen.append(min(place, len(points) - 1))
        far = np.minimum(far, np.maximum(1 - points @ points[chosen[-1]], 0))
    return points[chosen]


def _settle(points: Array, centres: Array, steps: int) -> Array:
    label = None
    for _ in range(steps):
        new = (points @ centres.T).argmax(axis=1)
        if label is not None and np.array_equal(new, label):
            break
        label = new
        total = (label[:, None] == np.arange(len(centres))).T.astype(points.dtype) @ points
        length = np.linalg.norm(total, axis=1, keepdims=True)
        centres = np.where(length > 0, total / np.maximum(length, 1e-12), centres)
    return centres
