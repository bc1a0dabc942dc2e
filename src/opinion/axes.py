"""Axes of opinion from the votes that were cast, without filling in the others.

The axes are the leading eigenvectors of the products of centred votes, summed over the people who voted on both
statements, with the diagonal left out. The diagonal says how often a statement was answered and how evenly, not what
it has in common with others; on sparse votes it drowns the rest.
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["centred", "fit_axes", "leading_axes", "project"]

Array = np.ndarray[Any, np.dtype[Any]]
RIDGE = 4.0


def centred(sides: Any, rate: Array) -> Any:
    """Sides taken (±1) less the statement's mean, as a sparse array of shape (n, m)."""
    from scipy.sparse import csr_array

    n, double = sides.shape
    column = sides.indices >> 1
    value = (2.0 * (sides.indices & 1) - 1.0).astype(np.float32) - (2.0 * rate - 1.0).astype(np.float32)[
        column
    ]
    return csr_array((value, column, sides.indptr), shape=(n, double // 2))


def fit_axes(x: Any, count: int) -> tuple[Array, Array]:
    """Leading axes of centred votes.

    Parameters
    ----------
    x : csr_array of float32, shape (n, m)
        Centred votes; what is not stored is missing.
    count : int
        Axes wanted.

    Returns
    -------
    loadings : ndarray, shape (r, m)
        r ≤ `count`: only directions in which votes go together. Unit length, the largest loading positive.
    strength : ndarray, shape (r,)
        Eigenvalues, positive, falling.
    """
    diagonal = np.bincount(x.indices, weights=x.data.astype(float) ** 2, minlength=x.shape[1])
    values, vectors = _leading(x, count, diagonal)
    keep = values > 1e-9 * max(1.0, float(np.abs(diagonal).sum()))
    return _signed(vectors[:, keep].T), values[keep]


def leading_axes(x: Any, count: int, diagonal: Array) -> Array:
    """At most `count` leading eigenvectors of ``x.T @ x`` less a diagonal, as rows; the largest loading positive."""
    values, vectors = _leading(x, count, diagonal)
    return _signed(vectors[:, values > 1e-12].T)


def _leading(x: Any, count: int, diagonal: Array) -> tuple[Array, Array]:
    m = x.shape[1]
    if m <= max(64, 2 * count + 2):
        full = np.asarray((x.T @ x).todense(), dtype=float)
        full[np.diag_indices(m)] -= diagonal
        values, vectors = np.linalg.eigh(full)
    else:
        from scipy.sparse.linalg import LinearOperator, eigsh

        flipped = x.T

        def multiply(v: Array) -> Array:
            flat = np.asarray(v, dtype=x.dtype).ravel()
            return np.asarray(flipped @ (x @ flat), dtype=float) - diagonal * flat

        operator = LinearOperator((m, m), matvec=multiply, dtype=np.float64)
        # A fixed start: the same axes in every run. The spread of signs keeps it off any one direction.
        start = np.cos(np.arange(m) * 2.399963) + 0.1
        tolerance = 1e-4 if x.dtype == np.float32 else 1e-9
        values, vectors = eigsh(operator, k=count, which="LA", v0=start, tol=tolerance, maxiter=60 * m)
    order = np.argsort(values)[::-1][:count]
    return values[order], vectors[:, order]


def _signed(loadings: Array) -> Array:
    """Each row turned so that its largest loading is positive; among equals the first decides."""
    size = np.abs(loadings)
    top = np.argmax(size > (1 - 1e-6) * size.max(axis=1, keepdims=True, initial=0), axis=1)
    return np.asarray(loadings * np.sign(loadings[np.arange(len(loadings)), top])[:, None])


def project(x: Any, loadings: Array) -> Array:
    """Place of each person on the axes: a ridge regression of the own votes on the loadings of their statements.

    Parameters
    ----------
    x : csr_array, shape (n, m)
    loadings : ndarray, shape (r, m)

    Returns
    -------
    ndarray, shape (n, r)
        In units of votes: 1 is the pull of one whole side (±1) on every statement at the mean squared loading.
    """
    from scipy.sparse import csr_array

    n, m = x.shape
    r = loadings.shape[0]
    if r == 0:
        return np.zeros((n, 0))
    unit = (loadings * np.sqrt(m)).astype(np.float32)  # mean squared loading 1
    seen = csr_array((np.ones_like(x.data), x.indices, x.indptr), shape=x.shape)
    upper = np.triu_indices(r)
    products = np.asarray(seen @ (unit[upper[0]] * unit[upper[1]]).T, dtype=float)
    gram = np.zeros((n, r, r))
    gram[:, upper[0], upper[1]] = products
    gram[:, upper[1], upper[0]] = products
    gram[:, np.arange(r), np.arange(r)] += RIDGE
    right = np.asarray(x @ unit.T, dtype=float)
    return np.linalg.solve(gram, right[:, :, None])[:, :, 0]
