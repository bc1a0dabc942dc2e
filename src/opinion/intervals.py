"""Intervals and tests for rates, and the control of many tests at once."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

__all__ = [
    "Z95",
    "benjamini_hochberg",
    "difference_exceeds",
    "difference_interval",
    "two_proportions",
    "wilson",
]

Array = np.ndarray[Any, np.dtype[Any]]
Z95 = 1.959963984540054


def wilson(successes: Any, trials: Any, z: Any = Z95) -> tuple[Array, Array]:
    """Wilson score interval of a rate.

    Parameters
    ----------
    successes, trials : array_like
        Counts, 0 ≤ successes ≤ trials.
    z : float or array_like
        Normal quantile; the default gives 95 %.

    Returns
    -------
    low, high : ndarray, of the common shape
        Within [0, 1]; (0, 1) where there are no trials.

    References
    ----------
    E. B. Wilson (1927), Probable inference, the law of succession, and statistical inference.
    """
    n = np.asarray(trials, dtype=float)
    safe = np.maximum(n, 1.0)
    p = np.asarray(successes, dtype=float) / safe
    spread = z * np.sqrt(p * (1 - p) / safe + z * z / (4 * safe * safe))
    middle, scale = p + z * z / (2 * safe), 1 + z * z / safe
    low = np.where(n > 0, np.clip((middle - spread) / scale, 0, 1), 0.0)
    high = np.where(n > 0, np.clip((middle + spread) / scale, 0, 1), 1.0)
    return low, high


def difference_interval(s1: Any, n1: Any, s2: Any, n2: Any, z: Any = Z95) -> tuple[Array, Array]:
    """Interval of the difference of two rates, ``s1 / n1 - s2 / n2``, from their Wilson intervals.

    Parameters
    ----------
    s1, n1, s2, n2 : array_like
        Successes and trials of both, 0 ≤ s ≤ n.
    z : float or array_like
        Normal quantile; the default gives 95 %.

    Returns
    -------
    low, high : ndarray, of the common shape
        Within [−1, 1]; (−1, 1) where one of the rates has no trials.

    References
    ----------
    R. G. Newcombe (1998), Interval estimation for the difference between independent proportions, method 10.
    """
    n1, n2 = np.asarray(n1, dtype=float), np.asarray(n2, dtype=float)
    p1, p2 = np.asarray(s1) / np.maximum(n1, 1.0), np.asarray(s2) / np.maximum(n2, 1.0)
    (l1, u1), (l2, u2) = wilson(s1, n1, z), wilson(s2, n2, z)
    known = (n1 > 0) & (n2 > 0)
    low = np.where(known, p1 - p2 - np.hypot(p1 - l1, u2 - p2), -1.0)
    high = np.where(known, p1 - p2 + np.hypot(u1 - p1, p2 - l2), 1.0)
    return low, high


def difference_exceeds(s1: Any, n1: Any, s2: Any, n2: Any, margin: float) -> Array:
    """Test of two rates against the claim that they differ by no more than a margin, in either direction.

    The largest z at which the bound of `difference_interval` next to 0 still is beyond the margin, as a one-sided p
    value: so interval and test never contradict each other.

    Parameters
    ----------
    s1, n1, s2, n2 : array_like
        Counts, as in `difference_interval`.
    margin : float
        From 0 to 1.

    Returns
    -------
    ndarray, shape of the counts
        1 where the rates differ by no more than the margin as they are, or where one has no trials.
    """
    s1, n1, s2, n2 = (np.asarray(value, dtype=float) for value in (s1, n1, s2, n2))
    flip = s1 * np.maximum(n2, 1.0) < s2 * np.maximum(n1, 1.0)
    s1, n1, s2, n2 = (np.where(flip, b, a) for a, b in ((s1, s2), (n1, n2), (s2, s1), (n2, n1)))
    beyond = (n1 > 0) & (n2 > 0) & (s1 / np.maximum(n1, 1.0) - s2 / np.maximum(n2, 1.0) > margin)
    bottom, top = np.zeros(s1.shape), np.full(s1.shape, 12.0)
    for _ in range(40):
        middle = (bottom + top) / 2
        holds = difference_interval(s1, n1, s2, n2, middle)[0] > margin
        bottom, top = np.where(holds, middle, bottom), np.where(holds, top, middle)
    tails = np.array([0.5 * math.erfc(z / math.sqrt(2)) for z in bottom.ravel().tolist()]).reshape(
        bottom.shape
    )
    return np.where(beyond, tails, 1.0)


def two_proportions(s1: Any, n1: Any, s2: Any, n2: Any) -> tuple[Array, Array]:
    """Two-sided test that two rates are equal, with the pooled variance.

    Parameters
    ----------
    s1, n1, s2, n2 : array_like
        Successes and trials of both, 0 ≤ s ≤ n.

    Returns
    -------
    z, p : ndarray, of the common shape
        p is 1 where nothing can be said.
    """
    n1, n2 = np.asarray(n1, dtype=float), np.asarray(n2, dtype=float)
    s1, s2 = np.asarray(s1, dtype=float), np.asarray(s2, dtype=float)
    m1, m2 = np.maximum(n1, 1.0), np.maximum(n2, 1.0)
    pooled = (s1 + s2) / np.maximum(n1 + n2, 1.0)
    error = np.sqrt(pooled * (1 - pooled) * (1 / m1 + 1 / m2))
    known = (n1 > 0) & (n2 > 0) & (error > 0)
    z = np.where(known, (s1 / m1 - s2 / m2) / np.where(error > 0, error, 1.0), 0.0)
    # One number after the other: loading scipy's own costs more than this ever does.
    p = np.array([math.erfc(value) for value in (np.abs(z) / math.sqrt(2)).ravel().tolist()]).reshape(z.shape)
    return z, p


def benjamini_hochberg(p: Any) -> Array:
    """Adjusted p values: rejecting all below q keeps the expected share of false ones at q or less.

    References
    ----------
    Y. Benjamini, Y. Hochberg (1995), Controlling the false discovery rate.
    """
    flat = np.asarray(p, dtype=float).ravel()
    if flat.size == 0:
        return np.asarray(p, dtype=float)
    order = np.argsort(flat, kind="stable")
    ranked = flat[order] * flat.size / np.arange(1, flat.size + 1)
    adjusted = np.empty_like(flat)
    adjusted[order] = np.minimum(np.minimum.accumulate(ranked[::-1])[::-1], 1.0)
    return adjusted.reshape(np.shape(p))
