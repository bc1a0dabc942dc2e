"""The analysis as a whole: votes in, a frozen result out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from .compatible import judge_polis, place_polis
from .errors import InputError
from .findings import SETTINGS, Board, judge
from .groups import MAX_GROUPS, best_match
from .mixture import Ballots, make_ballots
from .passes import Model, Sums, blocks_of, fit_model, learn, place, tally_places
from .placement import Placement
from .result import Axis, Group, Participants, Result
from .tallies import tally
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
    max_groups: int = MAX_GROUPS,
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
        At most this many groups, 1 to 8; the compatible mode never makes more than 5.
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
    found = find_places(
        votes, ~(out | meta), np.random.default_rng(seed), max_groups, chosen, lambda s: report(0.9 * s)
    )
    old = _load(previous)
    place = _relabel(votes, found, old)
    k = place.k
    everyone = tally(votes, np.zeros(votes.shape[0], dtype=np.int8), 1)
    board = Board(place.shown, place.blind, everyone[0]) if k > 1 else Board(everyone, everyone, everyone[0])
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
    if not 1 <= max_groups <= MAX_GROUPS:
        raise InputError(f"max_groups must be 1 to {MAX_GROUPS}, not {max_groups}.")
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
    ballots = make_ballots(votes, shaping)
    sides = np.diff(ballots.sides.indptr)
    answered = np.count_nonzero(np.bincount(ballots.sides.indices >> 1, minlength=votes.shape[1]))
    least = max(1, min(settings["min_votes"], answered))
    kept = np.flatnonzero(sides >= least)

    def sums_of(shares: Array, chances: Array) -> Sums:
        parts = [learn(block, least, shares, chances) for _, block in blocks_of(ballots)]
        return sum(parts[1:], start=parts[0])

    model, apart, evidence = fit_model(
        ballots.take,
        kept,
        ballots.rate,
        int(sides[kept].sum()),
        least,
        sums_of,
        rng,
        max_groups=max_groups,
        progress=report,
    )
    unseen = np.zeros(votes.shape[0], dtype=np.int8)
    unseen[kept] = apart
    found = _place_all(votes, ballots, unseen, model)
    if (
        np.bincount(found.group[kept], minlength=model.k).min(initial=1) == 0
    ):  # a group that is nobody's first choice
        found = _place_all(votes, ballots, unseen, model.without_groups())
    plain = tuple(asdict(one) for one in evidence)
    return replace(found, k=found.k if kept.size else 0, evidence=plain)


def _place_all(votes: Votes, ballots: Ballots, unseen: Array, model: Model) -> Placement:
    n, m = votes.shape
    group, confidence = np.empty(n, dtype=np.int8), np.empty(n, dtype=np.float32)
    x, y = np.empty(n), np.empty(n)
    shown, blind = np.zeros((2, model.k, m, 3), dtype=np.int64)
    for part, block in blocks_of(ballots):
        own = place(block, unseen[part], model)
        group[part], confidence[part], x[part], y[part] = own.group, own.confidence, own.x, own.y
        more = tally_places(votes.people(part.start, part.stop), own, model)
        shown, blind = shown + more[0], blind + more[1]
    return Placement(model.k, group, confidence, x, y, model.loadings, shown, blind, ())


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
    """What an earlier result says of its groups and axes; nothing of its people."""

    groups: dict[str, list[tuple[int, int]]]  # for each statement, agreeing and voting in each group
    axes: list[dict[str, float]]
    sha256: str


def _load(previous: Result | bytes | None) -> _Earlier | None:
    if previous is None:
        return None
    import hashlib

    raw = previous.to_json() if isinstance(previous, Result) else bytes(previous)
    try:
        data = json.loads(raw)
        groups = {
            one["id"]: [
                (own["agree"], own["agree"] + own["disagree"] + own["pass"]) for own in one["per_group"]
            ]
            for one in data["statements"]
        }
        axes = [dict(zip(axis["statement_ids"], axis["loadings"], strict=True)) for axis in data["axes"]]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"The previous result is not the JSON of an analysis ({error!r}).") from error
    return _Earlier(groups, axes, hashlib.sha256(raw).hexdigest())


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
    """New order in which each group stands where the one stood that voted most like it.

    By what groups say and not by who was in them: identifiers of people need not last from one run to the next.
    """
    ids = votes.statement_ids.tolist()
    before = np.array([old.groups[s] for s in ids if s in old.groups], dtype=float)
    if before.ndim != 3 or before.shape[1] < 2:
        return list(order)
    known = np.array([s in old.groups for s in ids])
    now = place.shown[:, known]
    agree, n = now[:, None, :, 2], now.sum(axis=2)[:, None]
    old_agree, old_n = before[:, :, 0].T[None], before[:, :, 1].T[None]
    weight = n * old_n / np.maximum(n + old_n, 1)
    apart = (agree + 1) / (n + 2) - (old_agree + 1) / (old_n + 2)
    distance = (weight * apart**2).sum(axis=2) / np.maximum(weight.sum(axis=2), 1e-9)
    match = best_match(1.0 - distance)
    slots = {int(match[g]): g for g in order if 0 <= match[g] < place.k}
    rest = [g for g in order if g not in slots.values()]
    return [slots[i] if i in slots else rest.pop(0) for i in range(place.k)]


def _reorder(place: Placement, order: Sequence[int]) -> Placement:
    if list(order) == list(range(place.k)):
        return place
    new = np.empty(place.k, dtype=np.int8)
    new[list(order)] = np.arange(place.k)
    group = np.where(place.group >= 0, new[place.group], -1).astype(np.int8)
    return replace(place, group=group, shown=place.shown[list(order)], blind=place.blind[list(order)])
