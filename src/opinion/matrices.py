"""Votes from a matrix of participants × statements, sparse or dense."""

from __future__ import annotations

from typing import Any

import numpy as np

from .errors import InputError, Problem
from .votes import Votes

__all__ = ["as_votes"]

Array = np.ndarray[Any, np.dtype[Any]]
WITHOUT_MISSING = {
    "bsr": "blocks are filled up with zeros, which would all count as passes",
    "dia": "zeros are not stored, so passes would be lost",
}


def as_votes(x: Any) -> Votes:
    """Votes from a matrix of participants × statements.

    Parameters
    ----------
    x : Votes, sparse array, or array_like of float, shape (n, m)
        1 agree, −1 disagree, 0 pass. Missing is what a sparse array does not store, and NaN.

    Returns
    -------
    Votes
        With the numbers of rows and columns as ids (`Votes` are given back as they are). `x` stays untouched.

    Raises
    ------
    InputError
        If a value is none of the three (the first hundred places are listed), an entry is stored twice, or the format
        cannot tell a pass from a missing vote (BSR, DIA).
    """
    if isinstance(x, Votes):
        return x
    if hasattr(x, "tocsr") and hasattr(x, "nnz"):
        indptr, indices, values = _sparse_rows(x)
        n, m = x.shape
    else:
        dense = np.asarray(x, dtype=float)
        if dense.ndim != 2:
            raise InputError("A matrix of participants × statements was expected.")
        n, m = dense.shape
        row, indices = np.nonzero(~np.isnan(dense))
        values = dense[row, indices]
        indptr = np.searchsorted(row, np.arange(n + 1))
    bad = np.flatnonzero((values != 1) & (values != 0) & (values != -1))
    if bad.size:
        row = np.searchsorted(indptr, bad, side="right") - 1
        raise InputError(
            Problem(
                "", None, None, f"row {r}, column {c}: {v} is not a vote: -1, 0, 1 or missing was expected."
            )
            for r, c, v in zip(
                row[:100].tolist(), indices[bad[:100]].tolist(), values[bad[:100]], strict=True
            )
        )
    arrays = (
        np.arange(n).astype(str),
        np.arange(m).astype(str),
        indptr.astype(np.int64),
        indices.astype(np.int32),
        values.astype(np.int8),
    )
    for array in arrays:
        array.setflags(write=False)
    return Votes(*arrays)


def _sparse_rows(x: Any) -> tuple[Array, Array, Array]:
    """Compressed rows with sorted columns, stored NaN left out; new arrays."""
    if x.format in WITHOUT_MISSING:
        reason = WITHOUT_MISSING[x.format]
        raise InputError(f"In the format {x.format.upper()} {reason}. Make the matrix as CSR, CSC or COO.")
    rows = x.tocsr()
    if rows.nnz != x.nnz or not rows.has_sorted_indices:
        rows = rows.copy()
        before = x.nnz
        rows.sum_duplicates()  # sorts too
        if rows.nnz != before:
            raise InputError(
                "Some votes are stored twice; one vote per participant and statement was expected. "
                "Votes.from_arrays takes votes that were changed later, with their times."
            )
    indptr, indices, values = rows.indptr, rows.indices, np.asarray(rows.data, dtype=float)
    known = ~np.isnan(values)
    if known.all():
        return indptr, indices, values
    counted = np.append(0, np.cumsum(known))
    return counted[indptr], indices[known], values[known]
