"""From counts to findings: what is shared, what divides, what bridges, who stands where, what is open.

Rates are shares of all who voted on a statement, passes included: who passes does not agree. Figures shown per group
are of the members as published. Tests of differences use the blind counts (`opinion.tallies.blind_tally`), in which
nobody's group rests on the vote that is tested.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from .intervals import benjamini_hochberg, difference_exceeds, difference_interval, two_proportions, wilson
from .result import Finding, GroupRate, StatementResult

__all__ = ["SETTINGS", "Board", "judge"]

Array = np.ndarray[Any, np.dtype[Any]]

SETTINGS: dict[str, Any] = {
    "consensus_threshold": 0.6,  # lower bound of the rate in every group
    "division_difference": 0.2,  # lower bound of the difference of two groups
    "false_discovery_rate": 0.05,
    "min_group_votes": 5,  # votes of a group on a statement below which nothing is said of the two together
    "max_findings": 50,  # of a kind; `Result.totals` counts all
    "max_positions": 5,
    "min_votes": 7,
    "polis_missing": "mean",  # the compatible mode alone: "zero" for what Polis did in 2017
}
DISAGREE, PASS, AGREE = 0, 1, 2


@dataclass(frozen=True, eq=False, slots=True)
class Board:
    """Counts with their rates and intervals, for all statements at once.

    Attributes
    ----------
    shown : ndarray of int64, shape (k, m, 3)
        Disagree, pass, agree, by published group.
    blind : ndarray of float64, shape (k, m, 3)
        The same by blind group, means over splits.
    total : ndarray of int64, shape (m, 3)
        Everyone.
    """

    shown: Array
    blind: Array
    total: Array

    @property
    def k(self) -> int:
        """Groups, at least one."""
        return int(self.shown.shape[0])

    def rates(self, side: int) -> tuple[Array, Array, Array]:
        """Rate, low and high of a side, each of shape (k, m)."""
        trials = self.shown.sum(axis=2)
        low, high = wilson(self.shown[:, :, side], trials)
        return self.shown[:, :, side] / np.maximum(trials, 1), low, high


def judge(
    board: Board, ids: Array, left_out: Array, settings: dict[str, Any], about_people: Array
) -> tuple[tuple[StatementResult, ...], tuple[Finding, ...], dict[str, int]]:
    """Figures of every statement, and the findings.

    Parameters
    ----------
    board : Board
    ids : ndarray of str, shape (m,)
    left_out : ndarray of bool, shape (m,)
        Statements that are in no finding.
    settings : dict
        As `SETTINGS`.
    about_people : ndarray of bool, shape (m,)
        Statements by which people say who they are: they may describe a group, and are no view that is shared, divides
        or is uncertain.

    Returns
    -------
    statements : tuple of StatementResult
    findings : tuple of Finding
        Of each kind the strongest.
    totals : dict
        How many of each kind there are.
    """
    if board.total.shape[0] == 0:
        return (), (), {}
    consensus, side = _consensus(board, settings)
    no_view = left_out | about_people
    divided = _division(board, no_view, settings)
    bridge = _bridge(board, no_view)
    positions = _positions(board, left_out, settings)
    priority = _priority(board)
    statements = _statements(board, ids, consensus, side, divided, bridge, positions, priority, left_out)
    usable = ~no_view & (board.total.sum(axis=1) > 0)
    shared = _ranked(usable & (consensus >= settings["consensus_threshold"]), consensus)
    by_kind = {
        "consensus": [_consensus_finding(statements[s], settings) for s in shared],
        "division": _division_findings(board, statements, divided, usable, settings),
        "bridge": _bridge_findings(board, statements, bridge, usable, set(shared), settings),
        "position": _position_findings(statements, positions),
        "uncertain": _uncertain_findings(board, statements, priority, usable, set(shared), settings),
    }
    most = {"bridge": settings["max_positions"], "uncertain": settings["max_positions"]}
    findings = tuple(
        finding
        for kind, found in by_kind.items()
        for finding in found[: min(settings["max_findings"], most.get(kind, settings["max_findings"]))]
    )
    return statements, findings, {kind: len(found) for kind, found in by_kind.items()}


def _ranked(mask: Array, score: Array) -> list[int]:
    """Places where `mask` is true, the highest score first; ties in canonical order."""
    places = np.flatnonzero(mask)
    order = np.lexsort((places, -np.round(score[places], 12)))
    return [int(i) for i in places[order]]


def _consensus(board: Board, settings: dict[str, Any]) -> tuple[Array, Array]:
    _, agree, _ = board.rates(AGREE)
    _, disagree, _ = board.rates(DISAGREE)
    yes, no = agree.min(axis=0), disagree.min(axis=0)
    side = np.where(yes >= no, AGREE, DISAGREE)
    enough = (board.shown.sum(axis=2) >= settings["min_group_votes"]).all(axis=0)
    return np.where(enough, np.maximum(yes, no), np.minimum(np.maximum(yes, no), 0.5)), side


@dataclass(frozen=True, eq=False, slots=True)
class Divided:
    """The two groups farthest apart on each statement, arrays of shape (m,)."""

    first: Array
    second: Array
    difference: Array
    low: Array
    high: Array
    p: Array
    q: Array


def _division(board: Board, left_out: Array, settings: dict[str, Any]) -> Divided | None:
    if board.k < 2:
        return None
    pairs = list(combinations(range(board.k), 2))
    agree, n = board.blind[:, :, AGREE], board.blind.sum(axis=2)
    first, second = np.array(pairs).T
    low, high = difference_interval(agree[first], n[first], agree[second], n[second])
    # The claim is not that two groups differ at all but that they differ by so much: that is what is tested.
    p = difference_exceeds(agree[first], n[first], agree[second], n[second], settings["division_difference"])
    enough = (np.minimum(n[first], n[second]) >= settings["min_group_votes"]) & ~left_out[None, :]
    p = np.where(enough, p, 1.0)
    q = np.ones_like(p)
    q[enough] = benjamini_hochberg(p[enough])
    rate = agree / np.maximum(n, 1)
    difference = np.where(enough, rate[first] - rate[second], 0.0)
    swap = difference < 0  # the group that agrees more stands first
    low, high = np.where(swap, -high, low), np.where(swap, -low, high)
    best = np.argmax(np.where(enough, low, -1.0) + 1e-9 * np.abs(difference), axis=0)
    at = (best, np.arange(best.size))
    one, two = first[best], second[best]
    return Divided(
        np.where(swap[at], two, one),
        np.where(swap[at], one, two),
        np.abs(difference)[at],
        low[at],
        high[at],
        p[at],
        q[at],
    )


def _bridge(board: Board, left_out: Array) -> Array:
    """Lower bound of each group's rate less the group's usual rate, the least over the groups."""
    if board.k < 2:
        return np.zeros(board.total.shape[0])
    _, low, _ = board.rates(AGREE)
    counted = board.shown[:, ~left_out]
    usual = counted[:, :, AGREE].sum(axis=1) / np.maximum(counted.sum(axis=(1, 2)), 1)
    return np.asarray((low - usual[:, None]).min(axis=0))


def _positions(board: Board, left_out: Array, settings: dict[str, Any]) -> list[list[tuple[int, str]]]:
    """For each group the statements, with the side taken, that tell it from all others; the most telling first."""
    if board.k < 2:
        return [[] for _ in range(board.k)]
    n = board.blind.sum(axis=2)
    rest = n.sum(axis=0) - n
    enough = (np.minimum(n, rest) >= settings["min_group_votes"]) & ~left_out[None, :]
    by_side = []
    for side in (AGREE, DISAGREE):
        own = board.blind[:, :, side]
        others = own.sum(axis=0) - own
        low, _ = difference_interval(own, n, others, rest)
        _, p = two_proportions(own, n, others, rest)
        majority = wilson(own, n)[0] > 0.5
        by_side.append((low, np.where(enough, p, 1.0), enough & majority & (low > 0)))
    q = benjamini_hochberg(np.stack([p for _, p, _ in by_side]))
    positions = []
    for g in range(board.k):
        marks = []
        for (low, _, good), adjusted, name in zip(by_side, q, ("agree", "disagree"), strict=True):
            telling = good[g] & (adjusted[g] <= settings["false_discovery_rate"])
            marks += [(-round(float(low[g, s]), 12), int(s), name) for s in np.flatnonzero(telling)]
        positions.append([(s, name) for _, s, name in sorted(marks)[: settings["max_positions"]]])
    return positions


def _priority(board: Board) -> Array:
    """Width of what is unknown about the groups, less where people do not take sides.

    The mean over the groups of the width of the interval of agree, times the smoothed share of votes that take a side.
    """
    _, low, high = board.rates(AGREE)
    passes = (board.total[:, PASS] + 1) / (board.total.sum(axis=1) + 3)
    return np.asarray((high - low).mean(axis=0) * (1 - passes))


def _statements(
    board: Board,
    ids: Array,
    consensus: Array,
    side: Array,
    divided: Divided | None,
    bridge: Array,
    positions: list[list[tuple[int, str]]],
    priority: Array,
    left_out: Array,
) -> tuple[StatementResult, ...]:
    """Figures of all statements; intervals are computed for all at once."""
    marks: dict[int, list[tuple[int, str]]] = {}
    for g, own in enumerate(positions):
        for s, name in own:
            marks.setdefault(s, []).append((g, name))
    per_group = _group_rates(board)
    n = board.total.sum(axis=1)
    low, high = wilson(board.total, n[:, None])
    bounds = np.stack([low, high], axis=2).tolist()
    apart: list[float] = [0.0] * len(ids)
    pairs: list[tuple[int, ...]] = [()] * len(ids)
    if divided is not None:
        apart = divided.difference.tolist()
        pairs = list(zip(divided.first.tolist(), divided.second.tolist(), strict=True))
    return tuple(
        StatementResult(
            id=name,
            agree=counts[AGREE],
            disagree=counts[DISAGREE],
            pass_=counts[PASS],
            per_group=per_group[s],
            consensus=shared,
            consensus_side="agree" if best == AGREE else "disagree",
            division=apart[s],
            division_groups=pairs[s],
            bridge=excess if sum(counts) else 0.0,
            representative_for=tuple(marks.get(s, ())),
            intervals={
                "agree": tuple(bounds[s][AGREE]),
                "disagree": tuple(bounds[s][DISAGREE]),
                "pass": tuple(bounds[s][PASS]),
            },
            priority=0.0 if out else worth,
            left_out=out,
        )
        for s, (name, counts, shared, best, excess, worth, out) in enumerate(
            zip(
                ids.tolist(),
                board.total.tolist(),
                consensus.tolist(),
                side.tolist(),
                bridge.tolist(),
                priority.tolist(),
                left_out.tolist(),
                strict=True,
            )
        )
    )


def _group_rates(board: Board) -> list[tuple[GroupRate, ...]]:
    rate, low, high = (value.T.tolist() for value in board.rates(AGREE))
    counts = board.shown.transpose(1, 0, 2).tolist()
    return [
        tuple(
            GroupRate(
                g,
                own[AGREE],
                own[DISAGREE],
                own[PASS],
                rate[s][g] if sum(own) else None,
                low[s][g],
                high[s][g],
            )
            for g, own in enumerate(groups)
        )
        for s, groups in enumerate(counts)
    ]


def side_figures(statement: StatementResult, side: str) -> list[dict[str, Any]]:
    """Per group: counts, and the rate of the side with its interval."""
    out = []
    for own in statement.per_group:
        n = own.agree + own.disagree + own.pass_
        count = own.agree if side == "agree" else own.disagree
        low, high = wilson(count, n)
        out.append(
            {
                "group": own.group,
                "agree": own.agree,
                "disagree": own.disagree,
                "pass": own.pass_,
                "rate": count / n if n else None,
                "low": float(low),
                "high": float(high),
            }
        )
    return out


def everyone_figures(statement: StatementResult, side: str) -> dict[str, Any]:
    n = statement.agree + statement.disagree + statement.pass_
    count = statement.agree if side == "agree" else statement.disagree
    low, high = statement.intervals[side]
    return {
        "agree": statement.agree,
        "disagree": statement.disagree,
        "pass": statement.pass_,
        "rate": count / n if n else None,
        "low": low,
        "high": high,
    }


def _consensus_finding(statement: StatementResult, settings: dict[str, Any]) -> Finding:
    side = statement.consensus_side
    figures = {
        "side": side,
        "lowest_bound": statement.consensus,
        "threshold": settings["consensus_threshold"],
        "everyone": everyone_figures(statement, side),
        "per_group": side_figures(statement, side),
    }
    return Finding("consensus", (statement.id,), tuple(own.group for own in statement.per_group), figures)


def _division_findings(
    board: Board,
    statements: tuple[StatementResult, ...],
    divided: Divided | None,
    usable: Array,
    settings: dict[str, Any],
) -> list[Finding]:
    if divided is None:
        return []
    apart = usable & (divided.low >= settings["division_difference"])
    apart &= divided.q <= settings["false_discovery_rate"]
    found = []
    for s in _ranked(apart, divided.low):
        figures = {
            "difference": float(divided.difference[s]),
            "low": float(divided.low[s]),
            "high": float(divided.high[s]),
            "p": float(divided.p[s]),
            "q": float(divided.q[s]),
            "blind": [
                {
                    "group": g,
                    "agree": float(board.blind[g, s, AGREE]),
                    "votes": float(board.blind[g, s].sum()),
                }
                for g in statements[s].division_groups
            ],
            "everyone": everyone_figures(statements[s], "agree"),
            "per_group": side_figures(statements[s], "agree"),
        }
        found.append(Finding("division", (statements[s].id,), statements[s].division_groups, figures))
    return found


def _bridge_findings(
    board: Board,
    statements: tuple[StatementResult, ...],
    bridge: Array,
    usable: Array,
    shared: set[int],
    settings: dict[str, Any],
) -> list[Finding]:
    """Agreed by a majority of every group, more than is usual in each, and with less between the groups than usual.

    And less than makes a division: where groups are far apart on most, half of all statements are nearer than usual.
    """
    if board.k < 2:
        return []
    rate, low, _ = board.rates(AGREE)
    enough = (board.shown.sum(axis=2) >= settings["min_group_votes"]).all(axis=0)
    spread = rate.max(axis=0) - rate.min(axis=0)
    usual = np.median(spread[usable & enough]) if np.any(usable & enough) else 0.0
    near = spread <= min(float(usual), settings["division_difference"])
    chosen = usable & enough & (bridge > 0) & (low.min(axis=0) > 0.5) & near
    found = []
    for s in [s for s in _ranked(chosen, bridge) if s not in shared]:
        figures = {
            "excess": float(bridge[s]),
            "spread": float(spread[s]),
            "usual_spread": float(usual),
            "everyone": everyone_figures(statements[s], "agree"),
            "per_group": side_figures(statements[s], "agree"),
        }
        found.append(Finding("bridge", (statements[s].id,), tuple(range(board.k)), figures))
    return found


def _position_findings(
    statements: tuple[StatementResult, ...], positions: list[list[tuple[int, str]]]
) -> list[Finding]:
    found = []
    for g, marks in enumerate(positions):
        if marks:
            figures = {
                "statements": [
                    {"id": statements[s].id, "side": side, "per_group": side_figures(statements[s], side)}
                    for s, side in marks
                ]
            }
            found.append(Finding("position", tuple(statements[s].id for s, _ in marks), (g,), figures))
    return found


def _uncertain_findings(
    board: Board,
    statements: tuple[StatementResult, ...],
    priority: Array,
    usable: Array,
    shared: set[int],
    settings: dict[str, Any],
) -> list[Finding]:
    """Statements that every group may still share: no interval excludes it, and none shows it yet."""
    open_ = np.zeros(usable.size, dtype=bool)
    for side in (AGREE, DISAGREE):
        _, _, high = board.rates(side)
        open_ |= (high >= settings["consensus_threshold"]).all(axis=0)
    places = [s for s in _ranked(usable & open_, priority) if s not in shared]
    found = []
    for s in places:
        figures = {
            "priority": float(priority[s]),
            "everyone": everyone_figures(statements[s], "agree"),
            "per_group": side_figures(statements[s], "agree"),
        }
        found.append(Finding("uncertain", (statements[s].id,), tuple(range(board.k)), figures))
    return found
