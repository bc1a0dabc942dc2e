"""Findings seen by what people said about themselves: does a consensus hold in each region, each age band?

Everything in a `Lens` is computed from counts that it publishes. What is hidden (`opinion.suppression`) is hidden
before the first rate is formed, so no rate, interval or test can tell it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .attributes import Attributes, attributes_in
from .errors import InputError
from .intervals import benjamini_hochberg, difference_interval, two_proportions, wilson
from .lens_section import (
    AttributeLens,
    CategoryVotes,
    Contrast,
    FindingLens,
    Lens,
    Rate,
    StatementLens,
    describe,
)
from .lens_tables import HIDDEN, Board, make_board, withhold_linked
from .result import Result
from .suppression import LEAST_THRESHOLD
from .votes import Votes, votes_in

__all__ = ["Lens", "describe", "make_lens"]

Array = np.ndarray[Any, np.dtype[Any]]
SIDES = ("disagree", "pass", "agree")  # as in `tallies`; the fourth column of a table is "did not vote"


@dataclass(frozen=True, slots=True)
class _Claim:
    """A statement of a finding with the side that is spoken of."""

    kind: str
    statement: int
    side: int
    groups: tuple[int, ...]
    bar: float | None


def make_lens(
    votes: Votes,
    attributes: Attributes,
    result: Result,
    *,
    threshold: int = 5,
    cross: tuple[str, str] | None = None,
    only_findings: bool = False,
    progress: Callable[[float], None] | None = None,
) -> Lens:
    """See the votes and the findings by each attribute, small counts hidden.

    Parameters
    ----------
    votes : Votes
        n participants.
    attributes : Attributes
        Of the same n participants, in the order of the votes.
    result : Result
        The analysis of these votes.
    threshold : int
        Counts of 1 to threshold − 1 people are hidden, at least 3. Those of people who said nothing are not: they tell
        nothing about anybody, and the same people may be silent about several attributes.
    cross : (str, str), optional
        Two attributes to be seen crossed, **instead of** each alone: tables that share totals would let hidden counts
        be found by subtraction.
    only_findings : bool
        Only the statements that are in a finding: fewer counts tell less about single participants.
    progress : callable, optional
        Called with the share of the work done, 0 to 1.

    Returns
    -------
    Lens

    Raises
    ------
    InputError
        A threshold below 3, attributes or a result of other people than the votes, an attribute to cross that is not
        there.
    RuntimeError
        The audit found a hidden count: a fault of the engine, after which nothing may be published.

    References
    ----------
    A. Hundepool et al. (2012), Statistical Disclosure Control. Wiley, chapters 4 and 5.
    """
    if isinstance(threshold, bool) or not isinstance(threshold, int) or threshold < LEAST_THRESHOLD:
        raise InputError(
            f"The threshold must be a whole number from {LEAST_THRESHOLD} on, not {threshold!r}."
        )
    votes, attributes = votes_in(votes), attributes_in(attributes)
    if attributes.people != votes.shape[0]:
        raise InputError(
            f"The attributes are of {attributes.people} people, the votes of {votes.shape[0]}: they must be the same."
        )
    result.check_votes(votes)
    columns = [column for column in attributes.columns if cross is None or column.name not in cross]
    if cross is not None:
        columns.append(attributes.cross(*cross))
    claims = _claims(votes, result)
    shown = np.unique([claim.statement for claim in claims]) if only_findings else np.arange(votes.shape[1])
    group = _layer_of(result)
    boards = []
    for at, column in enumerate(columns):
        boards.append(make_board(votes, column, group, shown.astype(np.int64), threshold))
        if progress is not None:
            progress((at + 1) / len(columns))
    boards = withhold_linked(boards)
    rate = float(result.settings.get("false_discovery_rate", 0.05))
    least = int(result.settings.get("min_group_votes", 5))
    seen, tests = _contrasts(boards, claims, least, rate)
    ids = votes.statement_ids.tolist()
    return Lens(
        people=votes.shape[0],
        threshold=threshold,
        tests=tests,
        false_discovery_rate=rate,
        attributes=tuple(
            _attribute_lens(board, claims, found, ids, votes.shape[0])
            for board, found in zip(boards, seen, strict=True)
        ),
    )


def _layer_of(result: Result) -> Array:
    """Layer of each participant: the opinion groups, after those in none; one layer where there is one group."""
    if result.k < 2:
        return np.zeros(len(result.participants), dtype=np.int64)
    return result.participants.group.astype(np.int64) + 1


def _claims(votes: Votes, result: Result) -> list[_Claim]:
    place = {name: i for i, name in enumerate(votes.statement_ids.tolist())}
    bars = {"consensus": float(result.settings.get("consensus_threshold", 0.6)), "bridge": 0.5}
    claims = []
    for finding in result.findings:
        sides = {one["id"]: one["side"] for one in finding.figures.get("statements", ()) if "side" in one}
        for statement in finding.statements:
            side = sides.get(statement, finding.figures.get("side", "agree"))
            if statement in place:
                bar = bars.get(finding.kind)
                claim = _Claim(finding.kind, place[statement], SIDES.index(side), finding.groups, bar)
                claims.append(claim)
    return claims


def _contrasts(
    boards: list[Board], claims: list[_Claim], least: int, rate: float
) -> tuple[list[dict[tuple[int, int], list[Contrast]]], int]:
    """For each attribute the attribute groups on each (statement, side) that a finding speaks of, and the tests."""
    keys = sorted({(claim.statement, claim.side) for claim in claims})
    drafts, p_values = [], []
    for board in boards:
        at = {int(s): i for i, s in enumerate(board.shown)}
        place, side = np.array([at[s] for s, _ in keys], dtype=int), np.array([v for _, v in keys], dtype=int)
        count, n = board.counts[place, :, side], board.voters[place]
        known = (count != HIDDEN) & (n != HIDDEN)
        count, n = np.where(known, count, 0), np.where(known, n, 0)
        others = board.total[place, side][:, None] - count
        rest = board.total[place, :3].sum(axis=1)[:, None] - n
        tested = known & (n >= least) & (rest >= least) & (board.withheld is None) & ~_mirrored(known, n)
        _, p = two_proportions(count, n, others, rest)
        low, high = difference_interval(count, n, others, rest)
        drafts.append((known, count, n, others, rest, tested, low, high, p))
        p_values.append(p[tested])
    adjusted = benjamini_hochberg(np.concatenate(p_values)) if p_values else np.empty(0)
    found, first = [], 0
    for known, count, n, others, rest, tested, low, high, p in drafts:
        q = np.ones(p.shape)
        own = int(tested.sum())
        q[tested] = adjusted[first : first + own]
        first += own
        difference = count / np.maximum(n, 1) - others / np.maximum(rest, 1)
        parts = (known, count, n, tested, difference, low, high, p, q)
        found.append(
            {key: _contrasts_of(*(part[i] for part in parts), rate=rate) for i, key in enumerate(keys)}
        )
    return found, first


def _mirrored(known: Array, n: Array) -> Array:
    """The second of two groups where no other voted: its test is that of the first, and is made once."""
    voted = n > 0
    two = known.all(axis=1) & (voted.sum(axis=1) == 2)
    return np.asarray(two[:, None] & voted & (voted.cumsum(axis=1) == 2))


def _contrasts_of(
    known: Array,
    count: Array,
    n: Array,
    tested: Array,
    difference: Array,
    low: Array,
    high: Array,
    p: Array,
    q: Array,
    *,
    rate: float,
) -> list[Contrast]:
    own_low, own_high = wilson(count, n)
    out = []
    for c in range(known.size):
        if not known[c]:
            out.append(Contrast(c, None, None, None, "hidden"))
        elif n[c] == 0:
            out.append(Contrast(c, None, None, None, None))
        elif not tested[c]:
            out.append(Contrast(c, float(count[c] / n[c]), float(own_low[c]), float(own_high[c]), None))
        else:
            out.append(
                Contrast(
                    c,
                    float(count[c] / n[c]),
                    float(own_low[c]),
                    float(own_high[c]),
                    None,
                    float(difference[c]),
                    float(low[c]),
                    float(high[c]),
                    float(p[c]),
                    float(q[c]),
                    bool(q[c] <= rate),
                )
            )
    return out


def _attribute_lens(
    board: Board,
    claims: list[_Claim],
    found: dict[tuple[int, int], list[Contrast]],
    ids: list[str],
    people: int,
) -> AttributeLens:
    shown = board.withheld is None
    voters = board.voters
    statements = [
        StatementLens(
            ids[s],
            tuple(
                _category_votes(c, board.counts[i, c].tolist(), int(voters[i, c]))
                for c in range(len(board.categories))
            ),
        )
        for i, s in enumerate(board.shown.tolist())
    ]
    visible = (board.counts[:, :, :3] != HIDDEN).sum(axis=(0, 2))
    return AttributeLens(
        name=board.name,
        categories=board.categories,
        shown=shown,
        withheld=board.withheld,
        composition=board.composition if shown else None,
        statements=tuple(statements) if shown else (),
        findings=tuple(_finding_lens(claim, found, ids, board) for claim in claims) if shown else (),
        suppression=board.report,
        counts_per_person=float(visible.max(initial=0)) / max(people, 1) if shown else 0.0,
    )


def _category_votes(category: int, counts: list[int], voters: int) -> CategoryVotes:
    rates = {}
    if voters > 0:
        for side, count in zip(SIDES, counts, strict=False):
            if count != HIDDEN:
                low, high = wilson(count, voters)
                rates[side] = Rate(count, count / voters, float(low), float(high))
    disagree, passed, agree = (None if count == HIDDEN else count for count in counts[:3])
    return CategoryVotes(category, None if voters == HIDDEN else voters, agree, disagree, passed, rates)


def _finding_lens(
    claim: _Claim, found: dict[tuple[int, int], list[Contrast]], ids: list[str], board: Board
) -> FindingLens:
    contrasts = [_judged(one, claim, board) for one in found[claim.statement, claim.side]]
    verdicts = {one.holds for one in contrasts} - {None}
    everywhere = next((word for word in ("no", "hidden", "open", "yes") if word in verdicts), None)
    return FindingLens(
        kind=claim.kind,
        statement=ids[claim.statement],
        side=SIDES[claim.side],
        groups=claim.groups,
        bar=claim.bar,
        everywhere=everywhere if claim.bar is not None else None,
        categories=tuple(contrasts),
    )


def _judged(contrast: Contrast, claim: _Claim, board: Board) -> Contrast:
    if claim.bar is None:
        return replace(contrast, holds=None)
    if contrast.holds == "hidden":
        return replace(contrast, holds=_holds_anyway(contrast.category, claim, claim.bar, board))
    if contrast.low is None or contrast.high is None:
        return contrast
    word = "yes" if contrast.low >= claim.bar else "no" if contrast.high < claim.bar else "open"
    return replace(contrast, holds=word)


def _holds_anyway(category: int, claim: _Claim, bar: float, board: Board) -> str:
    """What all numbers that a hidden one can be agree on, which tells nothing about it; else it stays hidden."""
    at = int(np.searchsorted(board.shown, claim.statement))
    low, high = board.low[at, category], board.high[at, category]
    people = board.categories[category].people
    if min(low[3], low[claim.side]) < 0:
        return "hidden"
    fewest, most = people - int(high[3]), people - int(low[3])  # voters
    count_low, count_high = int(low[claim.side]), int(high[claim.side])
    if fewest < 1:
        return "hidden"
    if wilson(np.array([min(count_low, most)]), np.array([most]))[0][0] >= bar:
        return "yes"
    voters = max(fewest, count_high)
    return "no" if wilson(np.array([count_high]), np.array([voters]))[1][0] < bar else "hidden"
