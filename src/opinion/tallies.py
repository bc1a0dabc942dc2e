"""Counts of votes by group and statement."""

from __future__ import annotations

from typing import Any

import numpy as np

from .votes import Votes

__all__ = ["blind_tally", "tally"]

Array = np.ndarray[Any, np.dtype[Any]]
CHUNK = 1 << 17  # votes at once: what is computed of them stays in the cache


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


def blind_tally(votes: Votes, group: Array, score: Array, chances: Array, unseen: Array) -> Array:
    """Votes by the group in which a model that has not seen a person puts her for her *other* votes.

    Whoever was put into a group partly for a vote makes that vote look typical of the group, and a model that learned
    the groups from her votes flatters itself too. For tests of how groups differ on a statement neither may be: her
    vote on that statement has no part in the choice of the group, and the groups are those of the half in which she
    was not (cross-fitting). So the tests hold where there are no groups at all.

    Parameters
    ----------
    votes : Votes
    group : ndarray of int, shape (n,)
        −1 for those who stand in no group: they are left out.
    score : ndarray, shape (n, k)
        Logarithm of the chance of all votes of a person in each group, by her model.
    chances : ndarray, shape (models, k, m)
        Chance of agreeing among those who take a side.
    unseen : ndarray of int8, shape (n,)
        Which model has not seen the person.

    Returns
    -------
    ndarray of int64, shape (k, m, 3)

    References
    ----------
    V. Chernozhukov and others (2018), Double/debiased machine learning for treatment and structural parameters.
    """
    models, k, m = chances.shape
    counts = np.zeros(k * m * 3, dtype=np.int64)
    share = np.zeros((models, 3 * m, k), dtype=np.float32)
    share[:, 0::3] = np.log1p(-chances).transpose(0, 2, 1)
    share[:, 2::3] = np.log(chances).transpose(0, 2, 1)
    share = share.reshape(models * 3 * m, k)
    shift = unseen.astype(np.int32) * (3 * m)
    for first in range(0, votes.size, CHUNK):
        part = slice(first, first + CHUNK)
        who = votes.rows[part]
        code = votes.indices[part] * 3 + (votes.values[part] + 1)
        kept = group[who] >= 0
        if not kept.all():
            who, code = who[kept], code[kept]
        rest = score[who] - share[code + shift[who]]
        best = np.zeros(who.size, dtype=np.int32)
        top = rest[:, 0]
        for g in range(1, k):
            # More than rounding: otherwise what is left of the own vote in the last digits would decide a tie.
            better = rest[:, g] > top + 1e-4
            best[better] = g
            top = np.where(better, rest[:, g], top)
        counts += np.bincount(best * (3 * m) + code, minlength=counts.size)
    return counts.reshape(k, m, 3)
