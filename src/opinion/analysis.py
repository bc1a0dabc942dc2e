"""The analysis as a whole: votes in, a frozen result out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .axes import centred, fit_axes, project
from .compatible import judge_polis, place_polis
from .errors import InputError
from .findings import SETTINGS, Board, judge
from .groups import Grouping, best_match, find_groups
from .mixture import make_ballots
from .placement import Placement
from .result import Axis, Group, Participants, Result
from .tallies import blind_tally, tally
from .votes import Statement, Votes

__all__ = ["analyze"]

Array = np.ndarray[Any, np.dtype[Any]]
Progress = Callable[[float], None]


def analyze(
    votes: Votes,
    *,
    mode: str = "plenary",
    seed: int = 0,
    statements: Iterable[Statement] | None = None,
    previous: Result | bytes | None = None,
    progress: Progress | None = None,
    max_groups: int = 5,
    **settings: Any,
) -> Result:
    """Find groups, what they share and what divides them.

    Parameters
    ----------
    votes : Votes
    mode : {"plenary", "polis"}
        ``"plenary"``: missing votes are missing, the number of groups may be one, the order of rows never matters.
        ``"polis"``: the steps of Polis, for comparison.
    seed : int
        Not negative. The same votes, options and seed give the same result.
    statements : iterable of Statement, optional
        Those with ``moderated`` −1 are counted but shape no group and are in no finding; those with ``is_meta`` are
        in findings but shape no group.
    previous : Result or its JSON, optional
        An earlier result of the same conversation. Letters of groups and directions of axes follow it; who belongs
        together never does.
    progress : callable, optional
        Called with the share of the work done, 0 to 1.
    max_groups : int
        At most this many groups, 1 to 5.
    **settings
        Thresholds to set otherwise; see `opinion.findings.SETTINGS`.

    Returns
    -------
    Result

    Raises
    ------
    InputError
        Unknown mode or setting, or a number outside its range.

    Examples
    --------
    >>> from opinion import Votes, analyze
    >>> analyze(Votes.from_arrays([1, 2, 3], [1, 1, 1], [1, 1, -1])).k
    1
    """
    chosen = _check(mode, seed, max_groups, settings)
    kinds = {statement.id: statement for statement in statements or ()}
    out = np.array(
        [kinds[s].moderated < 0 if s in kinds else False for s in votes.statement_ids.tolist()], dtype=bool
    )
    meta = np.array(
        [kinds[s].is_meta if s in kinds else False for s in votes.statement_ids.tolist()], dtype=bool
    )
    report = progress or (lambda share: None)
    find_places = place_polis if mode == "polis" else _place_people
    place = find_places(
        votes, ~(out | meta), np.random.default_rng(seed), max_groups, chosen, lambda s: report(0.9 * s)
    )
    old = _load(previous)
    place = _relabel(votes, place, old)
    k = place.k
    everyone = tally(votes, np.zeros(votes.shape[0], dtype=np.int8), 1)
    shown = tally(votes, place.group, k) if k > 1 else everyone
    blind = shown
    if k > 1 and place.score is not None and place.chances is not None:
        blind = blind_tally(votes, place.group, place.score, place.chances)
    board = Board(shown, blind, everyone[0])
    figures, findings, totals = judge(board, votes.statement_ids, out, chosen)
    if mode == "polis":
        figures, findings, totals = judge_polis(figures, board, place, out, meta)
    report(1.0)
    from . import ENGINE_VERSION

    return Result(
        mode=mode,
        seed=seed,
        input_sha256=votes.sha256,
        engine_version=ENGINE_VERSION,
        k=k,
        votes=votes.size,
        participants=Participants(votes.participant_ids, place.group, place.confidence, place.x, place.y),
        groups=_groups(place),
        axes=_axes(votes, place),
        statements=figures,
        findings=findings,
        totals=totals,
        evidence=place.evidence,
        settings=chosen | {"max_groups": max_groups},
        previous_sha256=None if old is None else old.sha256,
    )


def _check(mode: str, seed: int, max_groups: int, settings: dict[str, Any]) -> dict[str, Any]:
    if mode not in ("plenary", "polis"):
        raise InputError(f"“{mode}” is not a mode: plenary or polis was expected.")
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise InputError(f"The seed must be a whole number from 0 on, not {seed!r}.")
    if not 1 <= max_groups <= 5:
        raise InputError(f"max_groups must be 1 to 5, not {max_groups}.")
    unknown = sorted(set(settings) - set(SETTINGS))
    if unknown:
        raise InputError(f"Unknown settings: {', '.join(unknown)}. Known are: {', '.join(sorted(SETTINGS))}.")
    return SETTINGS | settings


def _place_people(
    votes: Votes,
    shaping: Array,
    rng: np.random.Generator,
    max_groups: int,
    settings: dict[str, Any],
    report: Progress,
) -> Placement:
    """Groups and map of the default mode."""
    n, m = votes.shape
    shaped = votes.select(shaping)
    ballots = make_ballots(shaped.indptr, shaped.indices, shaped.values, shaped.shape[1])
    sides = np.diff(ballots.sides.indptr)
    answered = np.count_nonzero(np.bincount(shaped.indices, minlength=shaped.shape[1]))
    kept = np.flatnonzero(sides >= max(1, min(settings["min_votes"], answered)))
    core = ballots.take(kept)
    found = find_groups(core, rng, max_groups=max_groups, progress=report)
    group, confidence = np.full(n, -1, dtype=np.int8), np.zeros(n)
    group[kept], confidence[kept] = found.membership.argmax(axis=1), found.confidence
    used = np.bincount(group[kept], minlength=found.k)
    k = found.k if np.all(used > 0) else 1
    if k == 1:
        group[kept], confidence[kept] = 0, 1.0
    loadings, x, y = _map(core, ballots)
    full = np.zeros((loadings.shape[0], m))
    full[:, shaping] = loadings
    score = chances = None
    if k > 1:
        score = np.full((n, k), -np.log(k), dtype=np.float32)
        score[kept] = np.log(np.maximum(found.membership, 1e-30))
        chances = np.tile(np.full(m, 0.5), (k, 1))  # a statement that shapes no group says nothing about it
        chances[:, shaping] = found.chances
    return Placement(k if kept.size else 0, group, confidence, x, y, full, score, chances, _evidence(found))


def _map(core: Any, ballots: Any) -> tuple[Array, Array, Array]:
    """Two axes from those with enough votes, and the place of everybody on them."""
    x = centred(core.sides, ballots.rate)
    loadings, _ = fit_axes(x, 2) if core.shape[0] > 1 and x.nnz else (np.zeros((0, x.shape[1])), None)
    places = project(centred(ballots.sides, ballots.rate), loadings)
    zero = np.zeros(ballots.shape[0])
    return loadings, places[:, 0] if len(loadings) else zero, places[:, 1] if len(loadings) > 1 else zero


def _evidence(found: Grouping) -> tuple[dict[str, Any], ...]:
    return tuple({"k": e.k, "gain": e.gain, "stability": e.stability} for e in found.evidence)


def _groups(place: Placement) -> tuple[Group, ...]:
    out = []
    total = max(int((place.group >= 0).sum()), 1)
    for g in range(place.k):
        own = place.group == g
        size = int(own.sum())
        out.append(
            Group(
                g,
                size,
                size / total,
                float(place.confidence[own].mean()),
                float(place.x[own].mean()),
                float(place.y[own].mean()),
            )
        )
    return tuple(out)


def _axes(votes: Votes, place: Placement) -> tuple[Axis, ...]:
    ids = tuple(votes.statement_ids.tolist())
    return tuple(Axis(ids, tuple(row)) for row in place.loadings.tolist())


@dataclass(frozen=True, eq=False, slots=True)
class _Earlier:
    group: dict[str, int]
    axes: list[dict[str, float]]
    sha256: str


def _load(previous: Result | bytes | None) -> _Earlier | None:
    if previous is None:
        return None
    import hashlib

    raw = previous.to_json() if isinstance(previous, Result) else bytes(previous)
    try:
        data = json.loads(raw)
        group = {p["id"]: p["group"] for p in data["participants"] if p["group"] is not None}
        axes = [dict(zip(axis["statement_ids"], axis["loadings"], strict=True)) for axis in data["axes"]]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"The previous result is not the JSON of an analysis ({error}).") from error
    return _Earlier(group, axes, hashlib.sha256(raw).hexdigest())


def _relabel(votes: Votes, place: Placement, old: _Earlier | None) -> Placement:
    """Groups from the largest to the smallest, or as in the earlier result; likewise the directions of the axes."""
    size = np.bincount(place.group[place.group >= 0], minlength=max(place.k, 1))
    first = [int(np.argmax(place.group == g)) for g in range(place.k)]
    order = sorted(range(place.k), key=lambda g: (-size[g], first[g]))
    if old is not None and place.k > 1:
        order = _follow(votes, place, old, order)
    place = _reorder(place, order)
    signs = np.ones(2)
    for i, row in enumerate(place.loadings[:2]):
        if old is not None and i < len(old.axes):
            ids = votes.statement_ids.tolist()
            dot = sum(value * old.axes[i].get(s, 0.0) for s, value in zip(ids, row.tolist(), strict=True))
            signs[i] = -1.0 if dot < 0 else 1.0
    return replace(
        place,
        x=place.x * signs[0],
        y=place.y * signs[1],
        loadings=place.loadings * signs[: len(place.loadings), None],
    )


def _follow(votes: Votes, place: Placement, old: _Earlier, order: Sequence[int]) -> list[int]:
    """New order in which group g stands where most of its people stood before."""
    before = np.array([old.group.get(p, -1) for p in votes.participant_ids.tolist()])
    width = max(place.k, int(before.max(initial=-1)) + 1)
    overlap = np.zeros((place.k, width))
    both = (before >= 0) & (place.group >= 0)
    np.add.at(overlap, (place.group[both].astype(int), before[both]), 1.0)
    match = best_match(overlap)
    wanted = sorted(range(place.k), key=lambda g: (match[g], order.index(g)))
    slots: dict[int, int] = {
        int(match[g]): g for g in wanted if overlap[g, match[g]] > 0 and match[g] < place.k
    }
    rest = [g for g in order if g not in slots.values()]
    return [slots[i] if i in slots else rest.pop(0) for i in range(place.k)]


def _reorder(place: Placement, order: Sequence[int]) -> Placement:
    if list(order) == list(range(place.k)):
        return place
    new = np.empty(place.k, dtype=np.int8)
    new[list(order)] = np.arange(place.k)
    group = np.where(place.group >= 0, new[place.group], -1).astype(np.int8)
    return replace(
        place,
        group=group,
        score=None if place.score is None else place.score[:, list(order)],
        chances=None if place.chances is None else place.chances[list(order)],
    )
