"""Counts of votes by group and statement."""

from __future__ import annotations

from typing import Any

import numpy as np

from .votes import Votes

__all__ = ["blind_tally", "tally"]

Array = np.ndarray[Any, np.dtype[Any]]
CHUNK = 1 << 21


def tally(votes: Votes, group: Array, k: int) -> Array:
    """Votes by group.

    Parameters
    ----------
    votes : Votes
        n participants, m statements.
    group : ndarray of int, shape (n,)
        −1 for none: counted nowhere.
    k : int

    Returns
    -------
    ndarray of int64, shape (k, m, 3)
        Disagree, pass, agree.
    """
    m = votes.shape[1]
    counts = np.zeros(k * m * 3, dtype=np.int64)
    for first in range(0, votes.size, CHUNK):
        part = slice(first, first + CHUNK)
        own = group[votes.rows[part]].astype(np.int64)
        cell = (own * m + votes.indices[part]) * 3 + votes.values[part] + 1
        counts += np.bincount(cell[own >= 0], minlength=counts.size)
    return counts.reshape(k, m, 3)


def blind_tally(votes: Votes, group: Array, score: Array, chances: Array) -> Array:
    """Votes by the group in which each person's *other* votes put them.

    Whoever was put into a group partly for a vote makes that vote look typical of the group. For tests of how groups
    differ on a statement, the vote on that statement must have no part in the choice of the group. What remains: the
    groups' positions were learned from all votes, so where there are no groups at all the tests would still be too
    bold. That there are groups is shown before (`opinion.groups`), not by these tests.

    Parameters
    ----------
    votes : Votes
    group : ndarray of int, shape (n,)
        −1 for those who stand in no group: they are left out.
    score : ndarray, shape (n, k)
        Logarithm of the membership.
    chances : ndarray, shape (k, m)
        Chance of agreeing among those who take a side.

    Returns
    -------
    ndarray of int64, shape (k, m, 3)
    """
    k, m = chances.shape
    counts = np.zeros(k * m * 3, dtype=np.int64)
    share = np.zeros((3 * m, k), dtype=np.float32)
    share[0::3], share[2::3] = np.log1p(-chances).T, np.log(chances).T
    for first in range(0, votes.size, CHUNK):
        part = slice(first, first + CHUNK)
        who = votes.rows[part]
        code = votes.indices[part].astype(np.int64) * 3 + votes.values[part] + 1
        kept = group[who] >= 0
        who, code = who[kept], code[kept]
        best = np.zeros(who.size, dtype=np.int64)
        top = score[who, 0] - share[code, 0]
        for g in range(1, k):
            value = score[who, g] - share[code, g]
            better = value > top
            best[better] = g
            np.maximum(top, value, out=top)
        counts += np.bincount(best * (3 * m) + code, minlength=counts.size)
    return counts.reshape(k, m, 3)
