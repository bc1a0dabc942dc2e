"""The analysis with and without some participants: what moves."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..groups import adjusted_rand
from ..intervals import difference_interval
from ..result import GROUP_LETTERS, Finding, Result
from ..votes import Votes
from .null import take

__all__ = ["Change", "Comparison", "Side", "compare_without", "without"]

Array = np.ndarray[Any, np.dtype[Any]]
MOST_CHANGES = 50


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two analyses: participants, votes, number of groups, number of findings of each kind."""

    participants: int
    votes: int
    k: int
    findings: dict[str, int]


@dataclass(frozen=True, slots=True)
class Change:
    """How the rate of agree on a statement moves.

    Attributes
    ----------
    statement : str
    with_, without : float or None
        Share of agree among all votes on it; ``None`` without votes.
    difference : float
        With less without.
    low, high : float
        95 % interval of the difference (Newcombe's of the flagged less the others, times the share of votes that are
        of the flagged).
    flagged_votes : int
    """

    statement: str
    with_: float | None
    without: float | None
    difference: float
    low: float
    high: float
    flagged_votes: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the votes of some participants make of the result.

    Attributes
    ----------
    with_, without : Side
    agreement : float or None
        Adjusted Rand index between the groups of those who are in both and placed in both; ``None`` if nobody is.
    appearing, disappearing : tuple of str
        Findings that only the analysis without them has, and that only the one with them has: kind, statement, and
        the side or group where there is one.
    kept : int
        Findings in both.
    changes : tuple of Change
        Statements by how far their rate moves, at most fifty.
    """

    with_: Side
    without: Side
    agreement: float | None
    appearing: tuple[str, ...]
    disappearing: tuple[str, ...]
    kept: int
    changes: tuple[Change, ...]


def without(votes: Votes, flagged: Collection[str]) -> Votes:
    """The votes of everybody else; statements keep their columns, and `votes` stays as it is."""
    kept = np.flatnonzero(~np.isin(votes.participant_ids, np.array(sorted(flagged), dtype=str)))
    some = take(votes, kept)
    parts = (votes.participant_ids[kept], votes.statement_ids, some.indptr, some.indices, some.values)
    for part in parts:
        part.setflags(write=False)
    return Votes(*parts, votes.superseded)


def compare_without(
    votes: Votes, result: Result, flagged: Collection[str], *, statements: Any = None
) -> Comparison:
    """Analyse once more without some participants, with the same mode, seed and settings.

    Parameters
    ----------
    votes : Votes
    result : Result
        The analysis of all `votes`.
    flagged : collection of str
        Ids of participants; those unknown change nothing.
    statements : iterable of Statement, optional
        As given to `opinion.analyze`; without it as `result` has them marked.

    Returns
    -------
    Comparison
    """
    from ..analysis import analyze

    rest = without(votes, flagged)
    other = analyze(
        rest,
        mode=result.mode,
        seed=result.seed,
        statements=result.marked() if statements is None else statements,
        previous=result if result.k else None,
        **result.settings,
    )
    first, second = _findings(result), _findings(other)
    kept = np.isin(votes.participant_ids, rest.participant_ids)
    before, after = result.participants.group[kept], other.participants.group
    placed = (before >= 0) & (after >= 0)
    return Comparison(
        _side(result),
        _side(other),
        adjusted_rand(before[placed], after[placed]) if placed.any() else None,
        tuple(sorted(second - first)),
        tuple(sorted(first - second)),
        len(first & second),
        _changes(votes, rest),
    )


def _side(result: Result) -> Side:
    return Side(len(result.participants), result.votes, result.k, dict(result.totals))


def _findings(result: Result) -> set[str]:
    return {name for finding in result.findings for name in _names(finding)}


def _names(finding: Finding) -> list[str]:
    if finding.kind == "position":
        letter = GROUP_LETTERS[finding.groups[0]]
        marks = finding.figures.get("statements", [])
        return [f"position {one['id']} {letter} {one['side']}" for one in marks]
    end = f" {finding.figures['side']}" if finding.kind == "consensus" and "side" in finding.figures else ""
    return [f"{finding.kind} {statement}{end}" for statement in finding.statements]


def _changes(votes: Votes, rest: Votes) -> tuple[Change, ...]:
    every, others = _counts(votes), _counts(rest)
    agree, total = every
    kept_agree, kept = others
    own_agree, own = agree - kept_agree, total - kept
    low, high = difference_interval(own_agree, own, kept_agree, kept)
    share = own / np.maximum(total, 1)
    rate, rest_rate = agree / np.maximum(total, 1), kept_agree / np.maximum(kept, 1)
    difference = np.where(kept > 0, rate - rest_rate, 0.0)
    order = np.lexsort((np.arange(own.size), -np.round(np.abs(difference), 12)))
    moved = [int(s) for s in order if own[s] > 0][:MOST_CHANGES]
    return tuple(
        Change(
            str(votes.statement_ids[s]),
            float(rate[s]) if total[s] else None,
            float(rest_rate[s]) if kept[s] else None,
            float(difference[s]),
            float(share[s] * low[s]),
            float(share[s] * high[s]),
            int(own[s]),
        )
        for s in moved
    )


def _counts(votes: Votes) -> tuple[Array, Array]:
    m = votes.shape[1]
    return (
        np.bincount(votes.indices[votes.values == 1], minlength=m),
        np.bincount(votes.indices, minlength=m),
    )
