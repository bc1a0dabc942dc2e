"""The analysis as a whole: votes in, a frozen result out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .compatible import judge_polis, place_polis
from .errors import InputError
from .findings import SETTINGS, Board, judge
from .groups import MAX_GROUPS, best_match
from .mixture import Ballots, make_ballots
from .passes import Model, Sums, blocks_of, find_places, learn, place_blocks
from .placement import Placement
from .replay import check_times, find_moments
from .result import Axis, Group, Participants, Result
from .votes import Statement, Votes, statements_in, votes_in

__all__ = ["Question", "analyze", "conclude"]

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
    times: Array | None = None,
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
        Those with ``moderated`` −1 are counted but shape no group and are in no finding; those with ``is_meta`` (about
        the people who vote) shape no group either, and no finding but a group's position names them.
    previous : Result or its JSON, optional
        An earlier result of the same conversation. Letters of groups and directions of axes follow it; who belongs
        together never does.
    progress : callable, optional
        Called with the share of the work done, 0 to 1.
    max_groups : int
        At most this many groups, 1 to 8; the compatible mode never makes more than 5.
    times : ndarray of int64, shape (votes.size,), optional
        In the compatible mode alone: when each stored vote was cast, in milliseconds (`opinion.integrity.read_times`).
        The conversation is gone through again in at most a hundred steps, as Polis did while it went on.
    **settings
        Thresholds to set otherwise; see `opinion.findings.SETTINGS`.

    Returns
    -------
    Result

    Raises
    ------
    InputError
        Unknown mode or setting, a number outside its range, or times in the default mode or not as many as the votes.

    Examples
    --------
    >>> from opinion import Votes, analyze
    >>> analyze(Votes.from_arrays([1, 2, 3], [1, 1, 1], [1, 1, -1])).k
    1
    """
    votes = votes_in(votes)
    ask = Question(votes.statement_ids, mode, seed, statements or (), previous, max_groups, settings)
    report = progress or (lambda share: None)
    if times is not None:
        if mode != "polis":
            raise InputError("Only the compatible mode (polis) uses times; leave them out.")
        times = check_times(votes, times)
        ask.settings["replay_steps"] = len(find_moments(times))

    def most(share: float) -> None:
        report(0.9 * share)

    if mode == "polis":
        found = place_polis(votes, ask.shaping, ask.rng, max_groups, ask.settings, most, times)
    else:
        here = _Here(votes, ask.shaping)
        found = find_places(here, ask.rng, ask.settings["min_votes"], max_groups=max_groups, progress=most)
    codes = votes.indices * 3 + (votes.values + 1)
    everyone = np.bincount(codes, minlength=3 * votes.shape[1]).reshape(-1, 3)
    result = conclude(ask, found, everyone, votes.participant_ids, votes.sha256)
    report(1.0)
    return result


class Question:
    """What is asked of votes, checked: the arguments of `analyze`, and what follows from them.

    Attributes
    ----------
    ids : ndarray of str, shape (m,)
    out, meta : ndarray of bool, shape (m,)
        Statements that are moderated out, and those about the people who vote.
    shaping : ndarray of bool, shape (m,)
        Statements that shape groups.
    rng : numpy.random.Generator
    settings : dict
        All thresholds.
    """

    def __init__(
        self,
        ids: Array,
        mode: str,
        seed: int,
        statements: Iterable[Statement],
        previous: Result | bytes | None,
        max_groups: int,
        settings: dict[str, Any],
    ) -> None:
        self.settings = _check(mode, seed, max_groups, settings)
        self.ids, self.mode, self.seed, self.max_groups = ids, mode, seed, max_groups
        kinds = {statement.id: statement for statement in statements_in(statements)}
        here = [kinds.get(name) for name in ids.tolist()]
        self.out = np.array([one is not None and one.moderated < 0 for one in here], dtype=bool)
        self.meta = np.array([one is not None and one.is_meta for one in here], dtype=bool)
        self.shaping = ~(self.out | self.meta)
        self.rng = np.random.default_rng(seed)
        self.old = _load(previous)


def conclude(ask: Question, found: Placement, everyone: Array, people: Array, sha256: str) -> Result:
    """The result, once it is known where people stand.

    Parameters
    ----------
    ask : Question
    found : Placement
    everyone : ndarray of int64, shape (m, 3)
        Everybody's votes: disagree, pass, agree.
    people : ndarray of str, shape (n,)
        Ids of the participants.
    sha256 : str
        Of the canonical form of the votes.

    Returns
    -------
    Result
    """
    place = _relabel(ask, found)
    one = everyone[None]
    board = Board(place.shown, place.blind, everyone) if place.k > 1 else Board(one, one, everyone)
    figures, findings, totals = judge(board, ask.ids, ask.out, ask.settings, ask.meta)
    if ask.mode == "polis":
        figures, findings, totals = judge_polis(figures, board, place, ask.out, ask.meta)
    figures = tuple(replace(one, is_meta=meta) for one, meta in zip(figures, ask.meta.tolist(), strict=True))
    from . import ENGINE_VERSION

    ids = tuple(ask.ids.tolist())
    return Result(
        mode=ask.mode,
        seed=ask.seed,
        input_sha256=sha256,
        engine_version=ENGINE_VERSION,
        k=place.k,
        votes=int(everyone.sum()),
        participants=Participants(people, place.group, place.confidence, place.x, place.y),
        groups=_groups(place),
        axes=tuple(Axis(ids, tuple(row)) for row in place.loadings.tolist()),
        statements=figures,
        findings=findings,
        totals=totals,
        evidence=place.evidence,
        settings=ask.settings | {"max_groups": ask.max_groups},
        previous_sha256=None if ask.old is None else ask.old.sha256,
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
    for name, value in settings.items():
        _check_setting(name, value)
    return SETTINGS | settings


def _check_setting(name: str, value: Any) -> None:
    usual = SETTINGS[name]
    if isinstance(usual, str):
        return  # words are checked where they are read
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if isinstance(usual, float) and not (number and 0 <= value <= 1):
        raise InputError(f"{name} must be a number from 0 to 1, not {value!r}.")
    if isinstance(usual, int) and not (number and isinstance(value, int) and value >= 0):
        raise InputError(f"{name} must be a whole number from 0 on, not {value!r}.")


class _Here:
    """Everybody's votes in the memory of this process, a `Crowd`."""

    def __init__(self, votes: Votes, shaping: Array) -> None:
        self._votes, self._ballots = votes, make_ballots(votes, shaping)
        self.sides = np.diff(self._ballots.sides.indptr)
        self.counts = np.bincount(self._ballots.sides.indices, minlength=2 * votes.shape[1])

    def take(self, rows: Array) -> Ballots:
        """Ballots of the people at given places, in that order."""
        return self._ballots.take(rows)

    def learn(self, least: int, shares: Array, chances: Array) -> Sums:
        """The sum over all blocks, in their order."""
        parts = [learn(block, least, shares, chances) for _, block in blocks_of(self._ballots)]
        return sum(parts[1:], start=parts[0])

    def place(self, unseen: Array, model: Model) -> Placement:
        """Where everybody stands."""
        return place_blocks(self._votes, self._ballots, unseen, model)


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

    if not isinstance(previous, Result | bytes | bytearray | memoryview):
        raise InputError(
            f"The previous result must be a Result or the bytes of its JSON, not {type(previous).__name__}."
        )
    raw = previous.to_json() if isinstance(previous, Result) else bytes(previous)
    try:
        data = json.loads(raw)
        groups = {
            str(one["id"]): [
                (int(own["agree"]), int(own["agree"]) + int(own["disagree"]) + int(own["pass"]))
                for own in one["per_group"]
            ]
            for one in data["statements"]
        }
        if len({len(own) for own in groups.values()}) > 1:
            raise ValueError("statements with different numbers of groups")
        axes = [
            {str(s): float(value) for s, value in zip(axis["statement_ids"], axis["loadings"], strict=True)}
            for axis in data["axes"]
        ]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"The previous result is not the JSON of an analysis ({error!r}).") from error
    return _Earlier(groups, axes, hashlib.sha256(raw).hexdigest())


def _relabel(ask: Question, place: Placement) -> Placement:
    """Groups from the largest to the smallest, or as in the earlier result; likewise the directions of the axes."""
    old, ids = ask.old, ask.ids.tolist()
    size = np.bincount(place.group[place.group >= 0], minlength=max(place.k, 1))
    first = [int(np.argmax(place.group == g)) for g in range(place.k)]
    order = sorted(range(place.k), key=lambda g: (-size[g], first[g]))
    if old is not None and place.k > 1:
        order = _follow(ids, place, old, order)
    return _turn(ids, _reorder(place, order), old)


def _turn(ids: list[str], place: Placement, old: _Earlier | None) -> Placement:
    """Axes in the order and direction of the earlier ones that they are nearest to."""
    if old is None or not old.axes or not len(place.loadings):
        return place
    before = np.array([[axis.get(s, 0.0) for s in ids] for axis in old.axes[:2]])
    nearness = place.loadings[:2] @ before.T
    x, y, loadings = place.x, place.y, place.loadings
    if nearness.shape == (2, 2) and np.abs(np.fliplr(nearness)).trace() > np.abs(nearness).trace():
        x, y, loadings, nearness = y, x, loadings[::-1], nearness[::-1]
    signs = np.ones(2)
    for i in range(min(nearness.shape)):
        signs[i] = -1.0 if nearness[i, i] < 0 else 1.0
    return replace(place, x=x * signs[0], y=y * signs[1], loadings=loadings * signs[: len(loadings), None])


def _follow(ids: list[str], place: Placement, old: _Earlier, order: Sequence[int]) -> list[int]:
    """New order in which each group stands where the one stood that voted most like it.

    By what groups say and not by who was in them: identifiers of people need not last from one run to the next.
    """
    before = np.array([old.groups[s] for s in ids if s in old.groups], dtype=float)
    if before.ndim != 3 or before.shape[1] < 2:
        return list(order)
    known = np.array([s in old.groups for s in ids])
    now = place.shown[:, known]
    agree, n = now[:, None, :, 2], now.sum(axis=2)[:, None]
    old_agree, old_n = before[:, :, 0].T[None], before[:, :, 1].T[None]
    weight = n * old_n / np.maximum(n + old_n, 1)
    apart = (agree + 1) / (n + 2) - (old_agree + 1) / (old_n + 2)
    total = weight.sum(axis=2)
    distance = np.where(total > 0, (weight * apart**2).sum(axis=2) / np.maximum(total, 1e-9), 1.0)
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
