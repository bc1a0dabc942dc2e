"""The compatible mode: the steps of Polis, for comparison with results that people know.

Written from the published description of what Polis computes. It differs from the default mode on purpose: missing
votes are filled with the mean, there are always at least two groups once a few people take part, clusters start from
the first people in canonical order, and representative statements are chosen without control of the number of tests.
Polis itself starts from its previous state; this is a cold start, so its groups may differ somewhat.

References
----------
C. Small, M. Bjorkegren, T. Erkkilä, L. Shaw, C. Megill (2021), Polis: scaling deliberation by mapping high dimensional
opinion spaces, Recerca 26 (2).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from .axes import leading_axes
from .findings import AGREE, DISAGREE, PASS, Board, everyone_figures, side_figures
from .placement import Placement
from .result import Finding, StatementResult
from .tallies import tally
from .votes import Votes

__all__ = ["judge_polis", "place_polis", "select_representative"]

Array = np.ndarray[Any, np.dtype[Any]]
MIN_VOTES, MIN_PEOPLE = 7, 15
BASE_CLUSTERS, ITERATIONS, SAME = 100, 100, 0.01
MOST_GROUPS = 5
SIGNIFICANT = 1.2816  # one-sided 90 %
TOP = 5
META_PRIORITY = 49.0


def place_polis(
    votes: Votes,
    shaping: Array,
    rng: np.random.Generator,
    max_groups: int,
    settings: dict[str, Any],
    report: Callable[[float], None],
) -> Placement:
    """Groups and map as Polis makes them.

    Parameters
    ----------
    votes : Votes
    shaping : ndarray of bool, shape (m,)
        False where a statement is moderated out or about the people themselves: it counts as 0 for everybody.
    rng, settings, report
        As in the default mode; nothing here is random.
    max_groups : int
    """
    n, m = votes.shape
    loadings, mean, x = _principal_axes(votes, shaping)
    report(0.4)
    own = np.bincount(votes.rows, weights=shaping[votes.indices].astype(float), minlength=n) + np.sum(
        ~shaping
    )
    places = np.zeros((n, 2))
    if len(loadings):
        places[:, : len(loadings)] = np.asarray(x @ loadings.T) * np.sqrt(m / np.maximum(own, 1))[:, None]
    kept = _taking_part(np.diff(votes.indptr), m)
    group = np.full(n, -1, dtype=np.int8)
    k = 0
    silhouettes: dict[int, float] = {}
    if kept.size:
        label, silhouettes = _two_stage(places[kept], max_groups)
        group[kept] = label
        k = int(label.max()) + 1
    report(0.9)
    shown = tally(votes, group, max(k, 1))
    extremity = np.sqrt((loadings**2).sum(axis=0) * m) * (1 - mean) * shaping
    return Placement(
        k,
        group,
        (group >= 0).astype(float),
        places[:, 0],
        places[:, 1],
        loadings,
        shown,
        shown,
        tuple({"k": number, "silhouette": value} for number, value in silhouettes.items()),
        extremity,
    )


def _principal_axes(votes: Votes, shaping: Array) -> tuple[Array, Array, Any]:
    """Axes of the mean-imputed matrix, which need no imputation: an imputed entry less the mean is 0."""
    m = votes.shape[1]
    count = np.bincount(votes.indices, minlength=m)
    mean = np.bincount(votes.indices, weights=votes.values, minlength=m) / np.maximum(count, 1) * shaping
    centred = (votes.values - mean[votes.indices]) * shaping[votes.indices]
    x = votes.matrix(centred, dtype=np.float64)
    loadings = leading_axes(x, 2, np.zeros(m)) if votes.size and min(votes.shape) > 1 else np.zeros((0, m))
    return loadings, mean, x


def _taking_part(count: Array, statements: int) -> Array:
    """Seven votes or all statements; topped up to fifteen people by those with most votes."""
    enough = np.flatnonzero(count >= min(MIN_VOTES, statements))
    if enough.size >= MIN_PEOPLE:
        return enough
    order = np.argsort(-count, kind="stable")
    rest = [i for i in order.tolist() if i not in set(enough.tolist()) and count[i] > 0]
    return np.sort(np.concatenate([enough, np.array(rest[: MIN_PEOPLE - enough.size], dtype=enough.dtype)]))


def _two_stage(points: Array, max_groups: int) -> tuple[Array, dict[int, float]]:
    """A hundred small clusters first, then few groups of them, as many as the silhouette likes best."""
    base, centres = _lloyd(points, np.ones(len(points)), BASE_CLUSTERS)
    weight = np.bincount(base, minlength=len(centres)).astype(float)
    most = min(MOST_GROUPS, max_groups, 2 + len(centres) // 12)
    best = np.zeros(len(centres), dtype=int)
    silhouettes: dict[int, float] = {}
    for k in range(2, most + 1):
        label, found = _lloyd(centres, weight, k)
        if len(found) < 2:
            continue
        value = _silhouette(centres, label)
        if not silhouettes or value >= max(silhouettes.values()):
            best = label
        silhouettes[k] = value
    return best[base], silhouettes


def _lloyd(points: Array, weight: Array, k: int) -> tuple[Array, Array]:
    """Weighted k-means from the first k distinct points; clusters that lose all their points vanish."""
    _, first = np.unique(points, axis=0, return_index=True)
    centres = points[np.sort(first)[:k]]
    label = np.zeros(len(points), dtype=int)
    for _ in range(ITERATIONS):
        distance = ((points[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2)
        _, label = np.unique(distance.argmin(axis=1), return_inverse=True)
        total = np.bincount(label, weights=weight)
        new = np.stack([np.bincount(label, weights=weight * column) / total for column in points.T], axis=1)
        same = len(new) == len(centres) and bool(np.all(np.linalg.norm(new - centres, axis=1) < SAME))
        centres = new
        if same:
            break
    return label, centres


def _silhouette(points: Array, label: Array) -> float:
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
    """
    counts = board.shown if place.k else board.shown * 0
    positions = [select_representative(counts, g, out) for g in range(place.k)] if place.k > 1 else []
    seen = counts.sum(axis=2)
    aware = np.prod((counts[:, :, AGREE] + 1) / (seen + 2), axis=0)
    priority = _priority(counts.sum(axis=0), place, meta)
    statements = tuple(
        replace(
            figure,
            consensus=float(aware[s]),
            consensus_side="agree",
            priority=float(priority[s]) if not out[s] else 0.0,
            representative_for=tuple(
                (g, side) for g, marks in enumerate(positions) for at, side in marks if at == s
            ),
        )
        for s, figure in enumerate(figures)
    )
    found = _consensus_findings(statements, counts.sum(axis=0), out)
    total = {"consensus": len(found), "division": 0, "bridge": 0, "position": 0, "uncertain": 0}
    for g, marks in enumerate(positions):
        if marks:
            listed = [
                {"id": statements[s].id, "side": side, "per_group": side_figures(statements[s], side)}
                for s, side in marks
            ]
            found.append(
                Finding("position", tuple(statements[s].id for s, _ in marks), (g,), {"statements": listed})
            )
            total["position"] += 1
    return statements, tuple(found), total


def _one_proportion(successes: Array, trials: Array) -> Array:
    return np.asarray(2 * np.sqrt(trials + 1) * ((successes + 1) / (trials + 1) - 0.5))


def _two_proportions(s1: Array, s2: Array, n1: Array, n2: Array) -> Array:
    s1, s2, n1, n2 = (np.asarray(value, dtype=float) + 1 for value in (s1, s2, n1, n2))
    pooled = (s1 + s2) / (n1 + n2)
    error = np.sqrt(np.maximum(pooled * (1 - pooled), 0) * (1 / n1 + 1 / n2))
    return np.asarray(np.where(error > 0, (s1 / n1 - s2 / n2) / np.where(error > 0, error, 1.0), 0.0))


def select_representative(counts: Array, g: int, out: Array) -> list[tuple[int, str]]:
    """Statements that represent a group, and the side it takes; at most five.

    Parameters
    ----------
    counts : ndarray of int, shape (k, m, 3)
        Disagree, pass, agree.
    g : int
    out : ndarray of bool, shape (m,)
        Statements not to choose.
    """
    own, rest = counts[g], counts.sum(axis=0) - counts[g]
    n, others = own.sum(axis=1), rest.sum(axis=1)
    scores = {}
    for side in (AGREE, DISAGREE):
        p = (own[:, side] + 1) / (n + 2)
        ratio = p / ((rest[:, side] + 1) / (others + 2))
        test = _one_proportion(own[:, side], n)
        ratio_test = _two_proportions(own[:, side], rest[:, side], n, others)
        scores[side] = (p, ratio, test, ratio_test, ratio * ratio_test * p * test)
    agree, disagree = scores[AGREE], scores[DISAGREE]
    passes = ((agree[2] > SIGNIFICANT) & (agree[3] > SIGNIFICANT)) | (
        (disagree[2] > SIGNIFICANT) & (disagree[3] > SIGNIFICANT)
    )
    for_agree = agree[3] > disagree[3]
    metric = np.where(for_agree, agree[4], disagree[4])
    usable = ~out & (own[:, AGREE] + own[:, DISAGREE] > 0)
    ranked = [int(s) for s in np.lexsort((np.arange(metric.size), -metric)) if usable[s] and passes[s]]
    head = _best_agree(agree, usable)
    chosen = ([head] if head is not None else []) + [s for s in ranked if s != head]
    marks = [(s, "agree" if for_agree[s] else "disagree") for s in chosen[:TOP]]
    return sorted(marks, key=lambda mark: mark[1])  # agree before disagree, else by rank


def _best_agree(agree: tuple[Array, ...], usable: Array) -> int | None:
    """The statement with which the group agrees most tellingly."""
    p, ratio, test, _, metric = agree
    best: int | None = None
    for s in np.flatnonzero(usable).tolist():
        if best is None:
            better = test[s] > SIGNIFICANT or (ratio[s] > 1 and p[s] > 0.5)
        elif ratio[best] > 1:
            better = metric[s] > metric[best]
        else:
            better = p[s] * test[s] > p[best] * test[best]
        if better:
            best = s
    return best


def _consensus_findings(statements: tuple[StatementResult, ...], total: Array, out: Array) -> list[Finding]:
    n = total.sum(axis=1)
    found = []
    for side, name in ((AGREE, "agree"), (DISAGREE, "disagree")):
        p, test = (total[:, side] + 1) / (n + 2), _one_proportion(total[:, side], n)
        good = ~out & (p > 0.5) & (test > SIGNIFICANT)
        order = [int(s) for s in np.lexsort((np.arange(p.size), -p * test)) if good[s]]
        for s in order[:TOP]:
            figures = {
                "side": name,
                "p": float(p[s]),
                "z": float(test[s]),
                "everyone": everyone_figures(statements[s], name),
                "per_group": side_figures(statements[s], name),
            }
            groups = tuple(own.group for own in statements[s].per_group)
            found.append(Finding("consensus", (statements[s].id,), groups, figures))
    return found


def _priority(total: Array, place: Placement, meta: Array) -> Array:
    """What Polis weighs the next statement to show by."""
    n = total.sum(axis=1)
    extremity = place.extremity if place.extremity is not None else np.zeros(n.size)
    passes, agrees = (total[:, PASS] + 1) / (n + 2), (total[:, AGREE] + 1) / (n + 2)
    importance = (1 - passes) * (extremity + 1) * agrees
    return np.where(meta, META_PRIORITY, (importance * (1 + 8 * 2.0 ** (-n / 5))) ** 2)
