"""The compatible mode: the steps of Polis, for comparison with results that people know.

Written from the published description of what Polis computes and from reading its source. It differs from the default
mode on purpose: missing votes are filled in, there are always at least two groups once a few people take part, clusters
start from the first people in canonical order, and representative statements are chosen without control of the number
of tests. Polis itself starts from its previous state. Where times of the votes are given, that is gone through again
(`opinion.replay`); else this is a cold start, and groups may differ somewhat.

References
----------
C. Small, M. Bjorkegren, T. Erkkilä, L. Shaw, C. Megill (2021), Polis: scaling deliberation by mapping high dimensional
opinion spaces, Recerca 26 (2).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .errors import InputError
from .findings import Board, everyone_figures, side_figures
from .lloyd import lloyd
from .placement import Placement
from .polis_formulas import (
    AGREE,
    DISAGREE,
    Mark,
    group_aware_consensus,
    priorities,
    select_consensus,
    select_representative,
)
from .replay import Memory, find_moments, reseed, votes_until
from .result import Finding, StatementResult
from .tallies import tally
from .votes import Votes

__all__ = ["judge_polis", "place_polis"]

Array = np.ndarray[Any, np.dtype[Any]]
MIN_VOTES, MIN_PEOPLE = 7, 15
BASE_CLUSTERS, BASE_STEPS, GROUP_STEPS, SAME = 100, 101, 21, 0.01
MOST_GROUPS = 5
MISSING = ("mean", "zero")
CHUNK = 1 << 21


@dataclass(frozen=True, eq=False, slots=True)
class _Step:
    """What one computation finds."""

    places: Array  # (n, 2)
    kept: Array  # places among the n of those who are in a group
    label: Array  # their groups
    silhouettes: dict[int, float]
    loadings: Array
    extremity: Array
    memory: Memory


def place_polis(
    votes: Votes,
    shaping: Array,
    rng: np.random.Generator,
    max_groups: int,
    settings: dict[str, Any],
    report: Callable[[float], None],
    times: Array | None = None,
) -> Placement:
    """Groups and map as Polis makes them.

    Parameters
    ----------
    votes : Votes
    shaping : ndarray of bool, shape (m,)
        False where a statement is moderated out or about the people themselves: it counts as 0 for everybody.
    rng, report
        As in the default mode; nothing here is random.
    max_groups : int
        At most so many, and never more than five.
    settings : dict
        ``polis_missing`` is ``"mean"`` (what Polis does) or ``"zero"`` (what it did in 2017: a missing vote is a 0
        for the axes, and statements that count as 0 for everybody count as votes of everybody).
    times : ndarray of int64, shape (votes.size,), optional
        When the votes were cast: the steps before the last one are gone through too, each from the one before.

    Returns
    -------
    Placement

    Raises
    ------
    InputError
        If ``polis_missing`` is neither.
    """
    missing = settings["polis_missing"]
    if missing not in MISSING:
        raise InputError(f"polis_missing must be mean or zero, not {missing!r}.")
    n = votes.shape[0]
    memory = Memory(np.full(n, -1, dtype=np.int64))
    cast = np.zeros(0, dtype=np.int64) if times is None else times
    moments = find_moments(cast)[:-1].tolist()
    for number, moment in enumerate(moments):
        known, people = votes_until(votes, cast, moment)
        before = replace(memory, base=memory.base[people])
        after = _step(known, shaping, missing, max_groups, before).memory
        base = memory.base.copy()
        base[people] = after.base
        memory = replace(after, base=base)
        report(0.9 * (number + 1) / (len(moments) + 1))
    found = _step(votes, shaping, missing, max_groups, memory)
    report(0.9)
    group = np.full(n, -1, dtype=np.int8)
    group[found.kept] = found.label
    k = int(found.label.max(initial=-1)) + 1
    shown = tally(votes, group, max(k, 1))
    evidence = tuple({"k": number, "silhouette": value} for number, value in found.silhouettes.items())
    sure = (group >= 0).astype(float)
    x, y = found.places.T
    return Placement(k, group, sure, x, y, found.loadings, shown, shown, evidence, found.extremity)


def _step(votes: Votes, shaping: Array, missing: str, max_groups: int, memory: Memory) -> _Step:
    """One computation, from what is remembered of the one before."""
    counts = _counts(votes)
    seen = counts.sum(axis=1) > 0  # Polis knows a statement from its first vote on
    x, loadings, mean = _axes(votes, counts, shaping, missing)
    answered = _votes_on(votes, shaping) + int(np.sum(~shaping & seen))
    places = np.zeros((votes.shape[0], 2))
    for axis, row in enumerate(loadings):
        places[:, axis] = x @ row
    del x
    places *= np.sqrt(seen.sum() / np.maximum(answered, 1))[:, None]
    count = answered if missing == "zero" else np.diff(votes.indptr)
    kept = _taking_part(count, int(seen.sum()), memory.base >= 0)
    label, silhouettes, memory = _two_stage(places[kept], kept, max_groups, memory)
    extremity = np.sqrt((loadings**2).sum(axis=0) * seen.sum()) * (1 - mean) * shaping
    return _Step(places, kept, label, silhouettes, loadings, extremity, memory)


def _axes(votes: Votes, counts: Array, shaping: Array, missing: str) -> tuple[Any, Array, Array]:
    """Votes less the mean, the axes of the filled-in matrix (without filling it in), and the mean.

    A vote filled in with the mean is 0 once the mean is taken off, so only stored votes count. Where 0 was filled in,
    the products of columns are those of the votes less the product of the means.
    """
    n, m = votes.shape
    number = counts.sum(axis=1) if missing == "mean" else np.full(m, n)
    mean = (counts[:, AGREE] - counts[:, DISAGREE]) / np.maximum(number, 1) * shaping
    x = _matrix(votes, shaping, mean)
    filled, taken_off = x, None
    if missing == "zero":
        filled, taken_off = _matrix(votes, shaping, np.zeros(m)), mean * np.sqrt(n)
    spread = float(filled.data @ filled.data) - (0.0 if taken_off is None else float(taken_off @ taken_off))
    if min(votes.shape) < 2 or spread <= 1e-9 * max(1, votes.size):
        return x, np.zeros((0, m)), mean
    return x, _leading(filled, taken_off, spread), mean


def _counts(votes: Votes) -> Array:
    """Disagree, pass, agree of every statement, shape (m, 3)."""
    m = votes.shape[1]
    counts = np.zeros(3 * m, dtype=np.int64)
    for first in range(0, votes.size, CHUNK):
        part = slice(first, first + CHUNK)
        code = votes.indices[part] * 3 + votes.values[part] + 1
        counts += np.bincount(code, minlength=counts.size)
    return counts.reshape(m, 3)


def _matrix(votes: Votes, shaping: Array, mean: Array) -> Any:
    """Votes less the mean, 0 where a statement shapes nothing; as a sparse array of shape (n, m)."""
    from scipy.sparse import csr_array

    data = np.empty(votes.size)
    factor = shaping.astype(float)
    for first in range(0, votes.size, CHUNK):
        part = slice(first, first + CHUNK)
        at = votes.indices[part]
        data[part] = (votes.values[part] - mean[at]) * factor[at]
    # Numbers of 32 bits as long as they suffice: half the memory to read in every product.
    indptr = votes.indptr.astype(np.int32) if votes.size < 2**31 else votes.indptr
    return csr_array((data, votes.indices, indptr), shape=votes.shape)


def _leading(x: Any, taken_off: Array | None, spread: float) -> Array:
    """At most two leading eigenvectors of ``x.T @ x``, less the square of a vector; as rows."""
    m = x.shape[1]
    if m <= 128:
        full = np.asarray((x.T @ x).todense(), dtype=float)
        full -= 0.0 if taken_off is None else np.outer(taken_off, taken_off)
        values, vectors = np.linalg.eigh(full)
    else:
        from scipy.sparse.linalg import LinearOperator, eigsh

        flipped = x.T

        def multiply(v: Array) -> Array:
            flat = v.ravel()
            product = flipped @ (x @ flat)
            return np.asarray(product if taken_off is None else product - taken_off * (taken_off @ flat))

        operator = LinearOperator((m, m), matvec=multiply, dtype=np.float64)
        start = np.cos(np.arange(m) * 2.399963) + 0.1  # fixed: the same axes in every run
        values, vectors = eigsh(operator, k=2, which="LA", v0=start, tol=1e-8, maxiter=60 * m)
    order = np.argsort(values)[::-1][:2]
    rows = vectors[:, order[values[order] > 1e-9 * spread]].T
    size = np.abs(rows)
    top = np.argmax(size > (1 - 1e-6) * size.max(axis=1, keepdims=True, initial=0), axis=1)
    return np.asarray(rows * np.sign(rows[np.arange(len(rows)), top])[:, None])


def _votes_on(votes: Votes, shaping: Array) -> Array:
    """Each person's votes on the statements that shape the groups."""
    if shaping.all():
        return np.diff(votes.indptr)
    return np.bincount(votes.rows[shaping[votes.indices]], minlength=votes.shape[0])


def _taking_part(count: Array, statements: int, settled: Array) -> Array:
    """Seven votes or all statements, and whoever is in; topped up to fifteen people by those with most votes."""
    enough = np.flatnonzero((count > 0) & ((count >= min(MIN_VOTES, statements)) | settled))
    if enough.size >= MIN_PEOPLE:
        return enough
    rest = np.setdiff1d(np.flatnonzero(count > 0), enough)
    most = rest[np.argsort(-count[rest], kind="stable")][: MIN_PEOPLE - enough.size]
    return np.sort(np.concatenate([enough, most]))


def _two_stage(
    points: Array, kept: Array, max_groups: int, memory: Memory
) -> tuple[Array, dict[int, float], Memory]:
    """A hundred small clusters first, then few groups of them, as many as the silhouette has liked best."""
    if not kept.size:
        return np.zeros(0, dtype=np.int64), {}, memory
    one = np.ones(len(points))
    seeds, numbers = reseed(points, one, memory.base[kept], BASE_CLUSTERS)
    base, centres, left = lloyd(points, one, seeds, BASE_STEPS, SAME)
    numbers = numbers[left]
    member = memory.base.copy()
    member[kept] = numbers[base]
    labels, silhouettes = _group_bases(centres, np.bincount(base).astype(float), numbers, max_groups, memory)
    if not silhouettes:
        return np.zeros(len(points), dtype=np.int64), {}, replace(memory, base=member, groups={})
    most = max(silhouettes.values())
    best = max(
        k for k, value in silhouettes.items() if value == most
    )  # of equals the larger number of groups
    row, chosen = memory.choose(best, silhouettes)
    groups = {k: dict(zip(numbers.tolist(), label.tolist(), strict=True)) for k, label in labels.items()}
    return labels[chosen][base], silhouettes, Memory(member, groups, best, row, chosen)


def _group_bases(
    centres: Array, weight: Array, numbers: Array, max_groups: int, memory: Memory
) -> tuple[dict[int, Array], dict[int, float]]:
    """For each number of groups, the group of every base cluster, and the silhouette."""
    labels: dict[int, Array] = {}
    silhouettes: dict[int, float] = {}
    for k in range(2, min(MOST_GROUPS, max_groups, 2 + len(centres) // 12) + 1):
        seeds, _ = reseed(centres, weight, memory.group_of(k, numbers), k)
        label, found, _ = lloyd(centres, weight, seeds, GROUP_STEPS, SAME)
        if len(found) > 1:
            labels[k], silhouettes[k] = label, _silhouette(centres, label)
    return labels, silhouettes


def _silhouette(points: Array, label: Array) -> float:
    """Mean silhouette, each point counted once whatever its weight; 0 for a point alone in its group."""
    distance = np.sqrt(((points[:, None, :] - points[None, :, :]) ** 2).sum(axis=2))
    size = np.bincount(label)
    sums = np.stack([distance[:, label == g].sum(axis=1) for g in range(size.size)], axis=1)
    own = sums[np.arange(label.size), label] / np.maximum(size[label] - 1, 1)
    means = sums / size
    means[np.arange(label.size), label] = np.inf
    other = means.min(axis=1)
    top = np.maximum(own, other)
    value = np.where((size[label] > 1) & (top > 0), (other - own) / np.where(top > 0, top, 1.0), 0.0)
    return float(value.mean())


def judge_polis(
    figures: tuple[StatementResult, ...], board: Board, place: Placement, out: Array, meta: Array
) -> tuple[tuple[StatementResult, ...], tuple[Finding, ...], dict[str, int]]:
    """Representative statements, consensus and priorities by the formulas of Polis.

    Parameters
    ----------
    figures : tuple of StatementResult
        Counts and intervals.
    board : Board
    place : Placement
    out, meta : ndarray of bool, shape (m,)
        Statements moderated out, and statements about the people themselves: neither is in a finding.

    Returns
    -------
    statements : tuple of StatementResult
    findings : tuple of Finding
    totals : dict
        Findings of each kind.
    """
    counts = board.shown if place.k else board.shown * 0
    excluded = out | meta
    positions = [select_representative(counts, g, excluded) for g in range(place.k)] if place.k > 1 else []
    extremity = np.zeros(out.size) if place.extremity is None else place.extremity
    statements = _statements(
        figures, positions, group_aware_consensus(counts), priorities(counts.sum(axis=0), extremity, meta)
    )
    shared = [mark for side in (AGREE, DISAGREE) for mark in select_consensus(board.total, side, excluded)]
    found = [_consensus_finding(statements[mark.statement], mark) for mark in shared]
    held = [_position_finding(statements, g, marks) for g, marks in enumerate(positions) if marks]
    total = {"consensus": len(found), "division": 0, "bridge": 0, "position": len(held), "uncertain": 0}
    return statements, (*found, *held), total


def _statements(
    figures: tuple[StatementResult, ...], positions: list[tuple[Mark, ...]], aware: Array, priority: Array
) -> tuple[StatementResult, ...]:
    stands_for: dict[int, list[tuple[int, str]]] = {}
    for g, marks in enumerate(positions):
        for mark in marks:
            stands_for.setdefault(mark.statement, []).append((g, mark.side))
    return tuple(
        replace(
            figure,
            consensus=float(aware[s]),
            consensus_side="agree",
            priority=float(priority[s]),
            representative_for=tuple(stands_for.get(s, ())),
        )
        for s, figure in enumerate(figures)
    )


def _consensus_finding(statement: StatementResult, mark: Mark) -> Finding:
    figures = {
        "side": mark.side,
        "p": mark.p,
        "z": mark.z,
        "everyone": everyone_figures(statement, mark.side),
        "per_group": side_figures(statement, mark.side),
    }
    return Finding("consensus", (statement.id,), tuple(own.group for own in statement.per_group), figures)


def _position_finding(statements: tuple[StatementResult, ...], g: int, marks: tuple[Mark, ...]) -> Finding:
    own = [(statements[mark.statement], mark.side) for mark in marks]
    listed = [{"id": s.id, "side": side, "per_group": side_figures(s, side)} for s, side in own]
    return Finding("position", tuple(s.id for s, _ in own), (g,), {"statements": listed})
