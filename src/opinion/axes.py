"""Axes of opinion from the votes that were cast, without filling in the others.

The axes are the leading eigenvectors of the products of centred votes, summed over the people who voted on both
statements, with the diagonal left out. The diagonal says how often a statement was answered and how evenly, not what
it has in common with others; on sparse votes it drowns the rest.

Sides taken stand as an indicator matrix (`opinion.mixture.Ballots`): a centred vote takes one of two values on each
statement, so every product with the centred matrix is one with the indicator and a table of two rows a statement.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = [
    "centred_table",
    "fit_axes",
    "leading_axes",
    "place_table",
    "project",
    "solve_places",
    "unit_loadings",
]

Array = np.ndarray[Any, np.dtype[Any]]
RIDGE = 4.0
# Width of a block and most blocks of the Krylov space; a residual of this part of the largest eigenvalue is enough.
BLOCK, MOST_BLOCKS, CLOSE = 4, 40, 1e-9


def centred_table(rate: Array, vectors: Array) -> Array:
    """What each side adds to a product with the centred votes.

    Parameters
    ----------
    rate : ndarray, shape (m,)
        Rate of agreement that votes are centred on.
    vectors : ndarray, shape (m, b)

    Returns
    -------
    ndarray, shape (2 m, b)
        Row 2 s for disagreeing with statement s (a centred vote of −1 less the mean), row 2 s + 1 for agreeing.
    """
    mean = (2.0 * rate - 1.0)[:, None]
    table = np.empty((2 * vectors.shape[0], vectors.shape[1]))
    table[::2], table[1::2] = (-1.0 - mean) * vectors, (1.0 - mean) * vectors
    return table


def fit_axes(sides: Any, rate: Array, count: int, *, close: float = CLOSE) -> tuple[Array, Array]:
    """Leading axes of centred votes.

    Parameters
    ----------
    sides : csr_array, shape (n, 2 m)
        Sides taken, as in `opinion.mixture.Ballots`; what is not stored is missing.
    rate : ndarray, shape (m,)
        Rate of agreement that votes are centred on.
    count : int
        Axes wanted.
    close : float
        Largest residual of an eigenvector, as a part of the largest eigenvalue.

    Returns
    -------
    loadings : ndarray, shape (r, m)
        r ≤ `count`: only directions in which votes go together. Unit length, the largest loading positive.
    strength : ndarray, shape (r,)
        Eigenvalues, positive, falling.
    """
    m = rate.size
    total = np.bincount(sides.indices, minlength=2 * m).astype(float)
    mean = 2.0 * rate - 1.0
    diagonal = total[::2] * (1 + mean) ** 2 + total[1::2] * (1 - mean) ** 2
    exact = close < 1e-5
    x = sides.astype(np.float64) if exact else sides
    flipped = x.T

    def multiply(block: Array) -> Array:
        table = centred_table(rate, block)
        back = np.asarray(flipped @ (x @ table.astype(x.dtype)), dtype=float)
        product = (1.0 - mean)[:, None] * back[1::2] - (1.0 + mean)[:, None] * back[::2]
        return product - diagonal[:, None] * block

    values, vectors = _leading(multiply, m, count, close)
    keep = values > 1e-9 * max(1.0, float(diagonal.sum()))
    # Exactly 0 where nobody took a side, so that such a statement counts nowhere.
    loadings = vectors[:, keep].T * (total[::2] + total[1::2] > 0)
    return _signed(loadings), values[keep]


def leading_axes(x: Any, count: int, diagonal: Array) -> Array:
    """At most `count` leading eigenvectors of ``x.T @ x`` less a diagonal, as rows; the largest loading positive.

    Parameters
    ----------
    x : csr_array of float64, shape (n, m)
    count : int
    diagonal : ndarray, shape (m,)

    Returns
    -------
    ndarray, shape (r, m)
        r ≤ `count`.
    """
    flipped = x.T

    def multiply(block: Array) -> Array:
        return np.asarray(flipped @ (x @ block)) - diagonal[:, None] * block

    values, vectors = _leading(multiply, x.shape[1], count, CLOSE)
    return _signed(vectors[:, values > 1e-12].T)


def _leading(multiply: Callable[[Array], Array], m: int, count: int, close: float) -> tuple[Array, Array]:
    """Largest eigenvalues, falling, and their vectors as columns, by a block Krylov space grown until they stand.

    The start is fixed, so the same matrix gives the same axes in every run.

    References
    ----------
    G. H. Golub, R. Underwood (1977), The block Lanczos method for computing eigenvalues.
    """
    if m <= 64:
        whole = np.hstack([multiply(np.eye(m)[:, first : first + BLOCK]) for first in range(0, m, BLOCK)])
        values, vectors = np.linalg.eigh((whole + whole.T) / 2)
        return values[::-1][:count], vectors[:, ::-1][:, :count]
    width = max(BLOCK, count + 2)
    spread = np.arange(m)[:, None] * (2.399963 + 0.61803 * np.arange(width)) + np.arange(width)
    block = np.linalg.qr(np.cos(spread) + 0.1)[0]
    basis, image = block, multiply(block)
    for _ in range(MOST_BLOCKS):
        small = basis.T @ image
        values, turn = np.linalg.eigh((small + small.T) / 2)
        values, turn = values[::-1][:count], turn[:, ::-1][:, :count]
        vectors = basis @ turn
        residual = np.linalg.norm(image @ turn - vectors * values, axis=0)
        if np.all(residual <= close * max(float(np.abs(values).max()), 1e-300)):
            break
        fresh = image[:, -block.shape[1] :]
        for _ in range(2):  # once more, since one pass loses the right angles
            fresh = fresh - basis @ (basis.T @ fresh)
        block, size = np.linalg.qr(fresh)
        block = block[:, np.abs(np.diag(size)) > 1e-12 * max(float(np.abs(size).max()), 1e-300)]
        room = m - basis.shape[1]
        block = block[:, :room]
        if block.shape[1] == 0:
            break
        basis, image = np.hstack([basis, block]), np.hstack([image, multiply(block)])
    return values, vectors


def _signed(loadings: Array) -> Array:
    """Each row turned so that its largest loading is positive; among equals the first decides."""
    size = np.abs(loadings)
    top = np.argmax(size > (1 - 1e-6) * size.max(axis=1, keepdims=True, initial=0), axis=1)
    return np.asarray(loadings * np.sign(loadings[np.arange(len(loadings)), top])[:, None])


def project(sides: Any, rate: Array, loadings: Array) -> Array:
    """Place of each person on the axes: a ridge regression of the own votes on the loadings of their statements.

    Parameters
    ----------
    sides : csr_array, shape (n, 2 m)
        Sides taken, as in `opinion.mixture.Ballots`.
    rate : ndarray, shape (m,)
        Rate of agreement that votes are centred on.
    loadings : ndarray, shape (r, m)

    Returns
    -------
    ndarray, shape (n, r)
        In units of votes: 1 is the pull of one whole side (±1) on every statement at the mean squared loading.
    """
    table = place_table(rate, loadings)
    return solve_places(np.asarray(sides @ table.astype(sides.dtype), dtype=float), loadings.shape[0])


def place_table(rate: Array, loadings: Array) -> Array:
    """What each side adds to the normal equations of a place, shape (2 m, r + r (r + 1) / 2)."""
    r = loadings.shape[0]
    unit = unit_loadings(loadings).T
    upper = np.triu_indices(r)
    return np.hstack([centred_table(rate, unit), np.repeat(unit[:, upper[0]] * unit[:, upper[1]], 2, axis=0)])


def unit_loadings(loadings: Array) -> Array:
    """Loadings with a mean square of 1 over the statements that have one, shape (r, m)."""
    statements = int(np.count_nonzero(np.any(loadings != 0, axis=0)))
    return np.asarray(loadings * np.sqrt(max(1, statements)))


def solve_places(sums: Array, r: int) -> Array:
    """Places from the sums of `place_table` over each person's sides.

    Parameters
    ----------
    sums : ndarray, shape (n, r + r (r + 1) / 2)
    r : int

    Returns
    -------
    ndarray, shape (n, r)
    """
    if r == 0:
        return np.zeros((sums.shape[0], 0))
    upper = np.triu_indices(r)
    gram = np.zeros((sums.shape[0], r, r))
    gram[:, upper[0], upper[1]] = sums[:, r:]
    gram[:, upper[1], upper[0]] = sums[:, r:]
    gram[:, np.arange(r), np.arange(r)] += RIDGE
    if r == 1:
        return sums[:, :1] / gram[:, 0]
    if r == 2:  # by hand: a solver called for each of a million people costs more than the sums
        (a, b), d = (gram[:, 0, 0], gram[:, 0, 1]), gram[:, 1, 1]
        first, second = sums[:, 0], sums[:, 1]
        return np.stack([d * first - b * second, a * second - b * first], axis=1) / (a * d - b * b)[:, None]
    return np.linalg.solve(gram, sums[:, :r, None])[:, :, 0]
