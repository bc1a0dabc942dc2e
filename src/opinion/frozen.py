"""What a full analysis learned, frozen: axes, rates and groups that later votes are placed by.

Between two full analyses people go on voting. Their places and groups are then computed from their own votes alone,
on axes and with groups that stand still. So a page can follow each vote, and nothing jumps until the next full run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from .axes import RIDGE, unit_loadings
from .errors import InputError
from .mixture import fit_mixture, make_ballots
from .result import Result
from .votes import Statement, Votes

__all__ = ["FrozenModel", "Standing", "freeze", "place_people", "standing"]

Array = np.ndarray[Any, np.dtype[Any]]
POLISH = 6  # steps of EM from the published groups: they were fitted before, and only their numbers are wanted again
CHUNK = 1 << 16
SURELY = 1e-9  # no side is out of the question for anybody
DECIMALS = 6


@dataclass(frozen=True, eq=False)
class FrozenModel:
    """Axes and groups of a full analysis, as tables by statement.

    Attributes
    ----------
    statement_ids : ndarray of str, shape (m,)
    known : ndarray of bool, shape (m,)
        False for statements that came after the full analysis.
    shaping : ndarray of bool, shape (m,)
        False for statements that shape no group (moderated out, or about the people who vote).
    rate : ndarray, shape (m,)
        Rate of agreement, among those who take a side, that votes are centred by.
    loadings : ndarray, shape (r, m)
        r ≤ 2; the axes, zero where a statement shapes no group.
    shares : ndarray, shape (k,)
        Chance of each group before any vote is known; k ≥ 1.
    chances : ndarray, shape (k, m)
        Chance that a member who takes a side agrees, inside (0, 1).
    needed : int
        Sides that a person must have taken to belong to a group.
    votes, people : int
        Votes and people with a place in the full analysis.
    agreement : float
        Share of the people in a group whom the frozen groups put into the group that was published, 0 to 1.
    source : str
        SHA-256 of the votes that the full analysis had.
    """

    statement_ids: Array
    known: Array
    shaping: Array
    rate: Array
    loadings: Array
    shares: Array
    chances: Array
    needed: int
    votes: int
    people: int
    agreement: float
    source: str

    @property
    def k(self) -> int:
        """Groups, at least one."""
        return int(self.shares.size)

    @cached_property
    def unit(self) -> Array:
        """Loadings with a mean square of 1 over the statements that have one, shape (m, r)."""
        return np.ascontiguousarray(unit_loadings(self.loadings).T)

    @cached_property
    def centre(self) -> Array:
        """Mean side on each statement, from −1 to 1, shape (m,)."""
        return 2.0 * self.rate - 1.0

    @cached_property
    def logs(self) -> Array:
        """Logarithm of the chance of disagreeing [:, 0] and agreeing [:, 1] by group, shape (m, 2, k)."""
        table = np.stack([np.log1p(-self.chances).T, np.log(self.chances).T], axis=1)
        table[~self.shaping] = 0.0
        return table

    @cached_property
    def sha256(self) -> str:
        """Names the frozen model: equal for equal tables."""
        digest = hashlib.sha256()
        for table in (self.known, self.shaping, self.rate, self.loadings, self.shares, self.chances):
            digest.update(np.ascontiguousarray(table).tobytes())
        digest.update("\n".join(self.statement_ids.tolist()).encode())
        return digest.hexdigest()

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON: floats with six decimals."""
        floats = {
            name: np.round(np.asarray(getattr(self, name), dtype=float), DECIMALS).tolist()
            for name in ("rate", "loadings", "shares", "chances", "agreement")
        }
        return {
            "statements": self.statement_ids.tolist(),
            "known": self.known.astype(int).tolist(),
            "shaping": self.shaping.astype(int).tolist(),
            **floats,
            "needed": self.needed,
            "votes": self.votes,
            "people": self.people,
            "source": self.source,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> FrozenModel:
        """What `to_dict` gave."""
        m = len(data["statements"])
        chances = np.array(data["chances"], dtype=float).reshape(len(data["shares"]), m)
        return cls(
            statement_ids=np.array(data["statements"], dtype=str),
            known=np.array(data["known"], dtype=bool),
            shaping=np.array(data["shaping"], dtype=bool),
            rate=np.array(data["rate"], dtype=float),
            loadings=np.array(data["loadings"], dtype=float).reshape(len(data["loadings"]), m),
            shares=np.array(data["shares"], dtype=float),
            chances=np.clip(chances, SURELY, 1 - SURELY),
            needed=data["needed"],
            votes=data["votes"],
            people=data["people"],
            agreement=data["agreement"],
            source=data["source"],
        )

    def spread(self, at: Array, size: int) -> FrozenModel:
        """The same model over `size` statements, its own at the places `at`; of the others it knows nothing."""
        ids = np.full(size, "", dtype=self.statement_ids.dtype)
        known, shaping, rate = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool), np.full(size, 0.5)
        loadings, chances = np.zeros((len(self.loadings), size)), np.full((self.k, size), 0.5)
        ids[at], known[at], shaping[at], rate[at] = self.statement_ids, self.known, self.shaping, self.rate
        loadings[:, at], chances[:, at] = self.loadings, self.chances
        return replace(
            self,
            statement_ids=ids,
            known=known,
            shaping=shaping,
            rate=rate,
            loadings=loadings,
            chances=chances,
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a person stands by the frozen axes and groups.

    Attributes
    ----------
    group : int
        −1 for none: too few sides taken.
    confidence : float
        Probability of the group, 0 to 1; 0 where there is none.
    x, y : float
    membership : tuple of float
        Probability of each group given the votes so far, whatever their number.
    """

    group: int
    confidence: float
    x: float
    y: float
    membership: tuple[float, ...]


def freeze(votes: Votes, result: Result, statements: Iterable[Statement] | None = None) -> FrozenModel:
    """The frozen model of a full analysis.

    A result names each person's group and its confidence, not the groups' chances; these are fitted again from the
    published groups by a few steps of expectation–maximisation, the steps by which they were found.

    Parameters
    ----------
    votes : Votes
        Those of the analysis.
    result : Result
        Of the default mode.
    statements : iterable of Statement, optional
        As given to the analysis.

    Returns
    -------
    FrozenModel

    Raises
    ------
    InputError
        If the result is of other votes, or of the compatible mode, which has no model of groups.
    """
    _check(votes, result)
    shaping = _shaping(votes, result, statements)
    ballots = make_ballots(votes, shaping)
    answered = int(np.unique(ballots.sides.indices >> 1).size)
    group = np.asarray(result.participants.group)
    placed = np.flatnonzero(group >= 0)
    m, k = votes.shape[1], max(result.k, 1)
    rate, shares, agreement = ballots.rate, np.ones(1), 1.0
    chances = np.tile(rate, (k, 1))
    if k > 1:
        start = _start(group[placed], np.asarray(result.participants.confidence)[placed], k)
        fit = fit_mixture(ballots.take(placed), start, max_iterations=POLISH)
        shares, chances = fit.shares, fit.chances
        agreement = float(np.mean(fit.membership.argmax(axis=1) == group[placed]))
    return FrozenModel(
        statement_ids=votes.statement_ids,
        known=np.ones(m, dtype=bool),
        shaping=shaping,
        rate=rate,
        loadings=_loadings(votes, result),
        shares=np.asarray(shares, dtype=float),
        chances=np.clip(chances, SURELY, 1 - SURELY),
        needed=max(1, min(int(result.settings["min_votes"]), answered)),
        votes=votes.size,
        people=int(placed.size),
        agreement=agreement,
        source=result.input_sha256,
    )


def _check(votes: Votes, result: Result) -> None:
    if result.mode != "plenary":
        raise InputError(
            "A running analysis goes on from a result of the default mode; this one is of the mode "
            f"“{result.mode}”. Analyse the votes without --mode first."
        )
    result.check_votes(votes)


def _shaping(votes: Votes, result: Result, statements: Iterable[Statement] | None) -> Array:
    unfit = {one.id for one in (*(statements or ()), *result.marked()) if one.moderated < 0 or one.is_meta}
    return np.array([name not in unfit for name in votes.statement_ids.tolist()], dtype=bool)


def _start(group: Array, confidence: Array, k: int) -> Array:
    """Memberships from published groups: the own group has its confidence, the others share the rest."""
    start = np.repeat(((1 - confidence) / (k - 1))[:, None], k, axis=1).astype(np.float32)
    start[np.arange(group.size), group] = confidence
    return start


def _loadings(votes: Votes, result: Result) -> Array:
    loadings = np.zeros((len(result.axes), votes.shape[1]))
    place = {name: i for i, name in enumerate(votes.statement_ids.tolist())}
    for row, axis in zip(loadings, result.axes, strict=True):
        row[[place[name] for name in axis.statement_ids]] = axis.loadings
    return loadings


def standing(model: FrozenModel, columns: Array, values: Array) -> Standing:
    """Where one person stands.

    Parameters
    ----------
    model : FrozenModel
    columns : ndarray of int, shape (v,)
        Positions, in the model, of the statements voted on.
    values : ndarray of int, shape (v,)
        1, 0 or −1.

    Returns
    -------
    Standing
    """
    took = (values != 0) & model.shaping[columns]
    column, side = columns[took], values[took]
    place = np.zeros(2)
    if r := len(model.loadings):
        unit = model.unit[column]
        gram = unit.T @ unit
        gram[np.diag_indices(r)] += RIDGE
        place[:r] = np.linalg.solve(gram, unit.T @ (side - model.centre[column]))
    membership = _membership(np.log(model.shares) + model.logs[column, (side + 1) >> 1].sum(axis=0))
    group = int(membership.argmax()) if column.size >= model.needed else -1
    confidence = float(membership[group]) if group >= 0 else 0.0
    return Standing(group, confidence, float(place[0]), float(place[1]), tuple(membership.tolist()))


def _membership(score: Array) -> Array:
    weight = np.exp(score - score.max(axis=-1, keepdims=True))
    return np.asarray(weight / weight.sum(axis=-1, keepdims=True))


def place_people(votes: Votes, model: FrozenModel) -> tuple[Array, Array, Array, Array]:
    """Where everybody stands by frozen axes and groups: what `standing` says of each, for all at once.

    Parameters
    ----------
    votes : Votes
        May have statements that the model does not know; they shape nothing.
    model : FrozenModel

    Returns
    -------
    group : ndarray of int8, shape (n,)
    confidence, x, y : ndarray, shape (n,)
    """
    n = votes.shape[0]
    model = _aligned(votes, model)
    group, confidence, place = np.full(n, -1, dtype=np.int8), np.zeros(n), np.zeros((n, 2))
    for first in range(0, n, CHUNK):
        part = slice(first, min(first + CHUNK, n))
        row, column, side = _sides(votes, model, part)
        count = part.stop - part.start
        if r := len(model.loadings):
            place[part, :r] = _places(model, row, column, side, count)
        score = np.tile(np.log(model.shares), (count, 1))
        for g in range(model.k):
            score[:, g] += np.bincount(row, model.logs[column, (side + 1) >> 1, g], count)
        membership = _membership(score)
        enough = np.bincount(row, minlength=count) >= model.needed
        group[part] = np.where(enough, membership.argmax(axis=1), -1)
        confidence[part] = np.where(enough, membership.max(axis=1), 0.0)
    return group, confidence, place[:, 0], place[:, 1]


def _aligned(votes: Votes, model: FrozenModel) -> FrozenModel:
    """The model by the columns of the votes."""
    place = {name: i for i, name in enumerate(votes.statement_ids.tolist())}
    # Statements that nobody voted on stay, at the end: they count in the scale of the axes.
    at = [place.setdefault(name, len(place)) for name in model.statement_ids.tolist()]
    return model.spread(np.array(at, dtype=np.int64), len(place))


def _sides(votes: Votes, model: FrozenModel, part: slice) -> tuple[Array, Array, Array]:
    lengths = np.diff(votes.indptr[part.start : part.stop + 1])
    span = slice(int(votes.indptr[part.start]), int(votes.indptr[part.stop]))
    row = np.repeat(np.arange(lengths.size), lengths)
    took = (votes.values[span] != 0) & model.shaping[votes.indices[span]]
    return row[took], votes.indices[span][took], votes.values[span][took]


def _places(model: FrozenModel, row: Array, column: Array, side: Array, count: int) -> Array:
    r = len(model.loadings)
    unit, away = model.unit[column], side - model.centre[column]
    gram = np.empty((count, r, r))
    for i in range(r):
        for j in range(i + 1):
            gram[:, i, j] = gram[:, j, i] = np.bincount(row, unit[:, i] * unit[:, j], count)
        gram[:, i, i] += RIDGE
    right = np.stack([np.bincount(row, unit[:, i] * away, count) for i in range(r)], axis=1)
    return np.linalg.solve(gram, right[:, :, None])[:, :, 0]
