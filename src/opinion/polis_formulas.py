"""The formulas of Polis on given groups: what represents a group, what is shared, what is worth a vote next.

They need counts alone, so they can be had for any grouping, also for one that Polis itself made (`figures_of_groups`).

References
----------
C. Small, M. Bjorkegren, T. Erkkilä, L. Shaw, C. Megill (2021), Polis: scaling deliberation by mapping high dimensional
opinion spaces, Recerca 26 (2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .errors import InputError
from .tallies import tally
from .votes import Votes

__all__ = [
    "GroupFigures",
    "Mark",
    "figures_of_groups",
    "group_aware_consensus",
    "priorities",
    "select_consensus",
    "select_representative",
]

Array = np.ndarray[Any, np.dtype[Any]]
DISAGREE, PASS, AGREE = 0, 1, 2
SIGNIFICANT = 1.2816  # one-sided 90 %
TOP = 5
META_PRIORITY = 49.0


@dataclass(frozen=True, slots=True)
class Mark:
    """A statement that was chosen, and why.

    Attributes
    ----------
    statement : int
        Its place among the statements.
    side : {"agree", "disagree"}
    successes, trials : int
        Votes for the side, and all votes, passes included.
    p, z : float
        (successes + 1) / (trials + 2), and the test of the share against one half.
    ratio, ratio_z : float
        p over the share of the rest, and the test of the two shares against each other; 0 where there is no rest.
    """

    statement: int
    side: str
    successes: int
    trials: int
    p: float
    z: float
    ratio: float = 0.0
    ratio_z: float = 0.0


@dataclass(frozen=True, eq=False, slots=True)
class GroupFigures:
    """What Polis derives from a grouping.

    Attributes
    ----------
    representative : tuple of tuple of Mark
        For each group at most five statements, those it agrees with first.
    agree, disagree : tuple of Mark
        At most five statements of each kind that everybody shares.
    group_aware : ndarray, shape (m,)
        Product over the groups of (agrees + 1) / (votes + 2).
    priority : ndarray, shape (m,)
    """

    representative: tuple[tuple[Mark, ...], ...]
    agree: tuple[Mark, ...]
    disagree: tuple[Mark, ...]
    group_aware: Array
    priority: Array


def figures_of_groups(
    votes: Votes,
    group: Array,
    *,
    excluded: Array | None = None,
    meta: Array | None = None,
    extremity: Array | None = None,
) -> GroupFigures:
    """All formulas on given groups.

    Parameters
    ----------
    votes : Votes
        n participants, m statements.
    group : array_like of int, shape (n,)
        0, 1, …; −1 for those who stand in no group.
    excluded, meta : ndarray of bool, shape (m,), optional
        Statements moderated out, and statements about the people themselves: neither is chosen.
    extremity : ndarray, shape (m,), optional
        How far each statement lies from the middle of the map; without it, 0 for all (used by the priority alone).

    Returns
    -------
    GroupFigures

    Raises
    ------
    InputError
        If the groups are not as many as the participants.
    """
    n, m = votes.shape
    own = np.asarray(group, dtype=np.int64)
    if own.shape != (n,):
        raise InputError(f"One group for each of the {n} participants was expected, not {own.size}.")
    nothing = np.zeros(m, dtype=bool)
    about = nothing if meta is None else np.asarray(meta, dtype=bool)
    out = about | (nothing if excluded is None else np.asarray(excluded, dtype=bool))
    counts = tally(votes, own, int(own.max(initial=-1)) + 1)
    everyone = tally(votes, np.zeros(n, dtype=np.int8), 1)[0]
    return GroupFigures(
        tuple(select_representative(counts, g, out) for g in range(len(counts))),
        select_consensus(everyone, AGREE, out),
        select_consensus(everyone, DISAGREE, out),
        group_aware_consensus(counts),
        priorities(counts.sum(axis=0), np.zeros(m) if extremity is None else extremity, about),
    )


def _one_proportion(successes: Array, trials: Array) -> Array:
    return np.asarray(2 * np.sqrt(trials + 1) * ((successes + 1) / (trials + 1) - 0.5))


def _two_proportions(s1: Array, s2: Array, n1: Array, n2: Array) -> Array:
    s1, s2, n1, n2 = (np.asarray(value, dtype=float) + 1 for value in (s1, s2, n1, n2))
    pooled = (s1 + s2) / (n1 + n2)
    error = np.sqrt(np.maximum(pooled * (1 - pooled), 0) * (1 / n1 + 1 / n2))
    return np.asarray(np.where(error > 0, (s1 / n1 - s2 / n2) / np.where(error > 0, error, 1.0), 0.0))


def select_representative(counts: Array, g: int, out: Array) -> tuple[Mark, ...]:
    """Statements that represent a group, and the side it takes; at most five, those it agrees with first.

    Parameters
    ----------
    counts : ndarray of int, shape (k, m, 3)
        Disagree, pass, agree.
    g : int
    out : ndarray of bool, shape (m,)
        Statements not to choose.

    Returns
    -------
    tuple of Mark
    """
    own, rest = counts[g], counts.sum(axis=0) - counts[g]
    agree, disagree = (_score(own, rest, side) for side in (AGREE, DISAGREE))
    for_agree = agree["ratio_z"] > disagree["ratio_z"]
    chosen = {key: np.where(for_agree, agree[key], disagree[key]) for key in agree}
    passes = _significant(agree) | _significant(disagree)
    ranked = [int(s) for s in np.argsort(-chosen["metric"], kind="stable") if passes[s] and not out[s]]
    head = _best_agree(agree, ~out & (own[:, AGREE] + own[:, DISAGREE] > 0))
    if head is not None:
        ranked = [head, *(s for s in ranked if s != head)]
    elif not ranked and not out.all():  # a group without any statement is shown the likeliest one
        ranked = [int(np.argmax(np.where(out, -np.inf, chosen["ratio_z"])))]
    marks = [
        _mark(s, AGREE if for_agree[s] else DISAGREE, own, {key: chosen[key][s] for key in chosen})
        for s in ranked[:TOP]
    ]
    return tuple(sorted(marks, key=lambda mark: mark.side))  # agree before disagree, else by rank


def _score(own: Array, rest: Array, side: int) -> dict[str, Array]:
    n, others = own.sum(axis=1), rest.sum(axis=1)
    p = (own[:, side] + 1) / (n + 2)
    ratio = p / ((rest[:, side] + 1) / (others + 2))
    z = _one_proportion(own[:, side], n)
    ratio_z = _two_proportions(own[:, side], rest[:, side], n, others)
    return {"p": p, "z": z, "ratio": ratio, "ratio_z": ratio_z, "metric": ratio * ratio_z * p * z}


def _significant(score: dict[str, Array]) -> Array:
    return np.asarray((score["z"] > SIGNIFICANT) & (score["ratio_z"] > SIGNIFICANT))


def _mark(s: int, side: int, counts: Array, of: dict[str, Any]) -> Mark:
    name = "agree" if side == AGREE else "disagree"
    votes = int(counts[s, side]), int(counts[s].sum())
    return Mark(
        s,
        name,
        *votes,
        *(float(of[key]) for key in ("p", "z")),
        *(float(of.get(key, 0.0)) for key in ("ratio", "ratio_z")),
    )


def _best_agree(agree: dict[str, Array], usable: Array) -> int | None:
    """The statement with which the group agrees most tellingly: Polis compares them one by one, in their order."""
    p, z, ratio, metric = (agree[key] for key in ("p", "z", "ratio", "metric"))
    best: int | None = None
    for s in np.flatnonzero(usable).tolist():
        if best is None:
            better = z[s] > SIGNIFICANT or (ratio[s] > 1 and p[s] > 0.5)
        elif ratio[best] > 1:
            better = metric[s] > metric[best]
        else:
            better = p[s] * z[s] > p[best] * z[best]
        if better:
            best = s
    return best


def select_consensus(total: Array, side: int, out: Array) -> tuple[Mark, ...]:
    """At most five statements of which more than half of everybody say the same.

    Parameters
    ----------
    total : ndarray of int, shape (m, 3)
        Votes of everybody, members of no group included.
    side : int
        0 disagree, 2 agree.
    out : ndarray of bool, shape (m,)

    Returns
    -------
    tuple of Mark
    """
    n = total.sum(axis=1)
    p, z = (total[:, side] + 1) / (n + 2), _one_proportion(total[:, side], n)
    good = ~out & (p > 0.5) & (z > SIGNIFICANT)
    order = [int(s) for s in np.argsort(-p * z, kind="stable") if good[s]]
    return tuple(_mark(s, side, total, {"p": p[s], "z": z[s]}) for s in order[:TOP])


def group_aware_consensus(counts: Array) -> Array:
    """Product over the groups of (agrees + 1) / (votes + 2), from counts of shape (k, m, 3)."""
    return np.asarray(np.prod((counts[:, :, AGREE] + 1) / (counts.sum(axis=2) + 2), axis=0))


def priorities(total: Array, extremity: Array, meta: Array) -> Array:
    """What Polis weighs the next statement to show by.

    Parameters
    ----------
    total : ndarray of int, shape (m, 3)
        Votes of those who stand in a group.
    extremity : ndarray, shape (m,)
    meta : ndarray of bool, shape (m,)

    Returns
    -------
    ndarray, shape (m,)
    """
    n = total.sum(axis=1)
    passes, agrees = (total[:, PASS] + 1) / (n + 2), (total[:, AGREE] + 1) / (n + 2)
    importance = (1 - passes) * (extremity + 1) * agrees
    return np.where(meta, META_PRIORITY, (importance * (1 + 8 * 2.0 ** (-n / 5))) ** 2)
