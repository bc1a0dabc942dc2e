"""Where people stand: what every mode must find out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Placement"]

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, eq=False, slots=True)
class Placement:
    """Where people stand: what a mode must find out.

    Attributes
    ----------
    k : int
    group : ndarray of int8, shape (n,)
    confidence, x, y : ndarray, shape (n,)
    loadings : ndarray, shape (r, m)
        r ≤ 2.
    score : ndarray, shape (n, k), or None
        Logarithms of the membership.
    chances : ndarray, shape (k, m), or None
    evidence : tuple of dict
    extremity : ndarray, shape (m,), or None
        How far a statement lies from the middle of the map.
    """

    k: int
    group: Array
    confidence: Array
    x: Array
    y: Array
    loadings: Array
    score: Array | None
    chances: Array | None
    evidence: tuple[dict[str, Any], ...]
    extremity: Array | None = None
