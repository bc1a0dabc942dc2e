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
    shown, blind : ndarray of int64, shape (k, m, 3)
        Votes by group as published, and by blind group (`opinion.tallies.blind_tally`), for tests.
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
    shown: Array
    blind: Array
    evidence: tuple[dict[str, Any], ...]
    extremity: Array | None = None
