"""Which statement to put before a person next.

A vote teaches three things: what a group thinks of the statement, whether a finding stands, and where the person
belongs. Each has its number here; their weighted sum orders the statements, and what few have seen is raised. The rates
are drawn from what is known of them (Thompson sampling), so that people who ask at the same moment are not all shown
the same, and a statement is tried as often as it may still turn out well.

Everything is a table of counts: no state, no clock. The time grows with the statements only.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import InputError
from .intervals import Z95

if TYPE_CHECKING:
    from .running import Running

__all__ = ["WEIGHTS", "Ranking", "RoutingWeights", "next_for", "next_statements"]

Array = np.ndarray[Any, np.dtype[Any]]
DISAGREE, PASS, AGREE = 0, 1, 2
UNREAD = 1e6  # above any score: what she cannot read comes last
LEAST = 5.0  # votes of a group below which nothing is said of it
FOLLOW = 4.0  # votes added to what a finding still needs: one vote never settles it alone


@dataclass(frozen=True, slots=True)
class RoutingWeights:
    """What counts how much. Not negative.

    Attributes
    ----------
    findings : float
        Of the share of the votes, still needed to settle a finding, that hers is.
    membership : float
        Of what her vote tells about her group, in nats.
    rates : float
        Of the fall of the standard deviation of the groups' rates.
    exposure : float
        Power by which statements shown less than the mean are raised and those shown more are lowered.
    languages : float
        The same for the languages in which statements were written.
    """

    findings: float = 1.0
    membership: float = 0.5
    rates: float = 0.2
    exposure: float = 0.1
    languages: float = 1.0


WEIGHTS = RoutingWeights()


@dataclass(frozen=True, eq=False, slots=True)
class Ranking:
    """Statements to show, the first one first.

    Attributes
    ----------
    order : ndarray of int, shape (r,)
        Columns of the counts.
    score : ndarray, shape (r,)
        Falling; comparable within one ranking only.
    """

    order: Array
    score: Array


def next_statements(
    counts: Array,
    barred: Array,
    rng: np.random.Generator,
    *,
    membership: Array | None = None,
    chances: Array | None = None,
    shown: Array | None = None,
    languages: Array | None = None,
    reads: Array | None = None,
    weights: RoutingWeights = WEIGHTS,
    consensus: float = 0.6,
    division: float = 0.2,
    count: int = 10,
) -> Ranking:
    """Rank the statements that a person may be shown next.

    Parameters
    ----------
    counts : ndarray of int, shape (k, m, 3) or (m, 3)
        Disagree, pass, agree by group, or of everyone while no groups are known.
    barred : ndarray of bool, shape (m,)
        What must not be shown to her: answered, seen, her own, moderated out.
    rng : numpy.random.Generator
    membership : ndarray, shape (k,), optional
        Probability of each group for her; equal if not given.
    chances : ndarray, shape (k, m), optional
        Chance of agreeing among those who take a side, as the frozen groups have it; smoothed counts if not given.
    shown : ndarray of int, shape (m,), optional
        How often each statement was put before somebody; its votes if not given.
    languages : ndarray of int, shape (m,), optional
        Code of the language of each statement, from 0.
    reads : ndarray of bool, shape (languages,), optional
        Languages she reads. Statements in others come only when none is left in hers.
    weights : RoutingWeights
    consensus, division : float
        Thresholds of the findings: lower bound of the rate in every group; lower bound of the difference of two.
    count : int
        How many to return at most.

    Returns
    -------
    Ranking
        Empty if all are barred.

    Raises
    ------
    InputError
        If shapes do not fit together, or a running analysis is given instead of counts.

    References
    ----------
    W. R. Thompson (1933), On the likelihood that one unknown probability exceeds another in view of the evidence of
    two samples. D. V. Lindley (1956), On a measure of the information provided by an experiment.
    """
    if hasattr(counts, "standing_of"):  # a Running, which is not imported here
        raise InputError("This is a running analysis: next_for(running, participant, rng) ranks for it.")
    table = np.asarray(counts)
    table = table[None] if table.ndim == 2 else table
    own = np.full(len(table), 1.0 / max(len(table), 1)) if membership is None else np.asarray(membership)
    hidden = np.asarray(barred, dtype=bool)
    _check(table, hidden, own, shown, languages)
    if hidden.all():
        return Ranking(np.zeros(0, dtype=np.int64), np.zeros(0))
    own = own.astype(np.float32)
    board = _board(table)
    score = weights.rates * _rate_gain(board, own)
    score += weights.findings * _finding_gain(board, own, rng, consensus, division)
    if len(own) > 1 and weights.membership:
        score += weights.membership * _group_gain(board, own, chances)
    often = board.n.sum(axis=0) if shown is None else np.asarray(shown, dtype=np.float32)
    if weights.exposure:
        score *= ((often.mean() + 1) / (often + 1)) ** weights.exposure
    if languages is not None:
        score *= _language_factor(np.asarray(languages), often) ** weights.languages
        if reads is not None:
            score = np.where(np.asarray(reads)[languages], score + UNREAD, score)
    score[hidden] = -1.0
    best = _first(score, min(count, int(hidden.size - np.count_nonzero(hidden))))
    return Ranking(best, score[best])


def _first(score: Array, count: int) -> Array:
    """Places of the highest scores, falling. A sort of all is several times the work of finding a few."""
    some = np.argpartition(-score, count - 1)[:count]
    return some[np.lexsort((some, -score[some]))]


def next_for(
    running: Running,
    participant: str | int,
    rng: np.random.Generator,
    *,
    barred: Collection[str] = (),
    count: int = 10,
    **options: Any,
) -> list[str]:
    """Rank the statements for a participant of a running analysis.

    Parameters
    ----------
    running : Running
    participant : str or int
        Somebody without a vote is routed by what is known of everyone.
    rng : numpy.random.Generator
    barred : collection of str
        Statements not to be shown to her beside those that she voted on and those that are moderated out
        (``running.left_out``).
    count : int
    **options
        Of `next_statements`; arrays by statement stand in the order of ``running.statement_ids``.

    Returns
    -------
    list of str
        Identifiers, the first one first.
    """
    ids = running.statement_ids
    total, groups = running.tallies()
    never = set(barred) | running.left_out | set(running.ballot(participant))
    mask = np.fromiter((name in never for name in ids), dtype=bool, count=len(ids))
    options = {"shown": total.sum(axis=1)} | options
    if running.k > 1:
        own = np.array(running.standing_of(participant).membership)
        options |= {"membership": own, "chances": running.chances()}
    found = next_statements(groups if running.k > 1 else total, mask, rng, count=count, **options)
    return [ids[s] for s in found.order.tolist()]


def _check(table: Array, barred: Array, own: Array, shown: Array | None, languages: Array | None) -> None:
    if len(table) == 0:
        raise InputError("No group is known yet; give the counts of everyone.")
    k, m = table.shape[:2]
    if table.shape[2:] != (3,) or barred.shape != (m,) or own.shape != (k,):
        raise InputError(
            "The counts must have the shape (groups, statements, 3), what is barred one entry for each statement, "
            "and the membership one for each group."
        )
    for name, array in (("shown", shown), ("languages", languages)):
        if array is not None and np.shape(array) != (m,):
            raise InputError(f"“{name}” must have one entry for each statement.")


@dataclass(frozen=True, eq=False, slots=True)
class _Board:
    """Counts by group, each of shape (k, m), and the rate of agree from a flat prior: mean and standard deviation."""

    n: Array
    agree: Array
    passes: Array
    mean: Array
    deviation: Array


def _board(table: Array) -> _Board:
    disagree, passes, agree = (table[:, :, side].astype(np.float32) for side in (DISAGREE, PASS, AGREE))
    n = disagree + passes + agree
    mean = (agree + 1) / (n + 2)
    return _Board(n, agree, passes, mean, np.sqrt(mean * (1 - mean) / (n + 3)))


def _rate_gain(board: _Board, own: Array) -> Array:
    """Expected fall of the standard deviation of the rate, in the group that she votes in."""
    return own @ (board.deviation * (1 - np.sqrt((board.n + 2) / (board.n + 3))))


def _group_gain(board: _Board, own: Array, chances: Array | None) -> Array:
    """Mutual information of her vote and her group, in nats; a pass tells nothing."""
    if chances is None:
        chances = (board.agree + 1) / (board.n - board.passes + 2)
    agrees = chances.astype(np.float32)
    takes = 1 - (board.passes.sum(axis=0) + 0.5) / (board.n.sum(axis=0) + 3)
    return takes * (_entropy(own @ agrees) - own @ _entropy(agrees))


def _entropy(p: Array) -> Array:
    q = np.clip(p, 1e-6, 1 - 1e-6)
    return np.asarray(-(q * np.log(q) + (1 - q) * np.log1p(-q)))


def _finding_gain(
    board: _Board, own: Array, rng: np.random.Generator, consensus: float, division: float
) -> Array:
    """Share that her vote has in what findings still need, if the rates are as drawn.

    At a rate p, a lower Wilson bound passes the threshold t after z² t (1 − t) / (p − t)² votes; of two groups that
    differ by d, the bound of the difference passes it after z² (v₁ + v₂) / (d − t)² votes of each.
    """
    drawn = board.mean + board.deviation * rng.standard_normal(board.mean.shape, dtype=np.float32)
    refused = 1 - (board.passes + 0.5) / (board.n + 1.5) - drawn
    square = np.float32(Z95**2)
    gain = np.zeros(drawn.shape[1], dtype=np.float32)
    for rate in (drawn, refused):
        need = square * consensus * (1 - consensus) / _above(rate - consensus) ** 2
        gain = np.maximum(gain, _share(need, board.n, own))
    spread = np.clip(drawn * (1 - drawn), 0.02, 0.25)
    for i, j in combinations(range(len(own)), 2):
        need = square * (spread[i] + spread[j]) / _above(np.abs(drawn[i] - drawn[j]) - division) ** 2
        gain = np.maximum(gain, _share(need, board.n[[i, j]], own[[i, j]]))
    return gain


def _above(margin: Array) -> Array:
    """A margin; next to nothing where there is none, so that what is needed has no end."""
    return np.maximum(margin, np.float32(1e-6))


def _share(need: Array, n: Array, own: Array) -> Array:
    """Her share of the votes still needed in all the groups; nothing where the finding is settled or hopeless."""
    rest = np.maximum(np.maximum(need, LEAST) - n, 0)
    return np.asarray((own @ (rest > 0)) / (rest.sum(axis=0) + FOLLOW))


def _language_factor(language: Array, often: Array) -> Array:
    """How much less often than the others the statements of each language were shown, per statement."""
    count = np.bincount(language)
    mean = np.bincount(language, weights=often) / np.maximum(count, 1)
    return np.asarray(((often.mean() + 1.0) / (mean + 1.0))[language])
