"""A running analysis: every vote is counted at once, on axes and groups that stand still between full runs.

What is counted is exact: a batch over the same votes gives the same numbers. What is learned (axes, groups) is that
of the last full analysis, and its age is told with every figure. One vote costs the same whatever the number of people:
only the ballot of the person who voted is read.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from .errors import InputError
from .frozen import FrozenModel, Standing, freeze, standing
from .intervals import wilson
from .result import GroupRate, Participants, Result
from .running_age import Age, Since, make_age
from .votes import AGREE, DISAGREE, PASS, Statement, Votes, _natural, statements_in, votes_in

__all__ = ["LiveStatement", "Running", "Snapshot"]

Array = np.ndarray[Any, np.dtype[Any]]
BLOCK = 1 << 16
SHARDS = 1024
NOWHERE = Standing(-1, 0.0, 0.0, 0.0, ())
PERSON = np.dtype([("group", "i1"), ("fresh", "?"), ("confidence", "f8"), ("x", "f8"), ("y", "f8")])


@dataclass(frozen=True, slots=True)
class LiveStatement:
    """Counts of one statement, as of now.

    Attributes
    ----------
    id : str
    agree, disagree, pass_ : int
    intervals : dict
        ``{"agree": (low, high), "disagree": …, "pass": …}``, 95 % Wilson, over everyone who voted.
    per_group : tuple of GroupRate
        By the group that each person holds now.
    """

    id: str
    agree: int
    disagree: int
    pass_: int
    intervals: dict[str, tuple[float, float]]
    per_group: tuple[GroupRate, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The figures as of now, plain values.

    Attributes
    ----------
    votes : int
    participants : int
        People with a vote that counts.
    k : int
        Groups of the last full run; 0 before any.
    sizes : tuple of int
        Members of each group now.
    statements : tuple of LiveStatement
        In canonical order.
    age : Age
    """

    votes: int
    participants: int
    k: int
    sizes: tuple[int, ...]
    statements: tuple[LiveStatement, ...]
    age: Age


class Running:
    """Counts, places and groups that follow each vote. Made by `start`; changed by `update` alone.

    Nothing here is shared between processes: one writer holds it. `to_bytes` keeps it over a restart.
    """

    def __init__(
        self,
        votes: Votes,
        model: FrozenModel | None,
        people: Array,
        since: Since,
        left_out: Iterable[str] = (),
    ) -> None:
        self._base = votes
        self._left_out = frozenset(left_out)
        self._people = [people]
        self._since = since
        self._model_source = model
        self._columns = {name: i for i, name in enumerate(votes.statement_ids.tolist())}
        if model is not None:
            names = model.statement_ids.tolist()
            at = np.array([self._columns.setdefault(name, len(self._columns)) for name in names], dtype=int)
        m = len(self._columns)
        self._model = None if model is None else model.spread(at, m)
        self._new_people: list[dict[str, int]] = [{} for _ in range(SHARDS)]
        self._ballots: list[dict[int, bytes]] = [{} for _ in range(SHARDS)]
        self._count = votes.shape[0]
        self._voters = int(np.count_nonzero(np.diff(votes.indptr)))
        self._size = votes.size
        k = 0 if model is None else model.k
        self._total = np.zeros((m, 3), dtype=np.int64)
        self._groups = np.zeros((k, m, 3), dtype=np.int64)
        self._count_base(people["group"])
        self._sizes = np.bincount(people["group"][people["group"] >= 0], minlength=k).astype(np.int64)

    @classmethod
    def start(
        cls,
        votes: Votes | None = None,
        result: Result | None = None,
        statements: Iterable[Statement] | None = None,
    ) -> Running:
        """Begin from votes and what a full analysis found in them, or from nothing.

        Parameters
        ----------
        votes : Votes, optional
        result : Result, optional
            Of these votes, in the default mode. Without it votes are counted and nobody is placed.
        statements : iterable of Statement, optional
            As given to the analysis. Those moderated out are counted, and not handed out (`opinion.next_for`).

        Returns
        -------
        Running

        Raises
        ------
        InputError
            If the result is of other votes or of the compatible mode.

        Examples
        --------
        >>> running = Running.start()
        >>> running.update("ann", "s1", 1).group
        -1
        >>> running.counts("s1")
        (1, 0, 0)
        """
        if votes is None:
            if result is not None:
                raise InputError("A result was given without its votes; give both.")
            votes = Votes.from_arrays([], [], np.zeros(0, dtype=np.int8))
        votes = votes_in(votes)
        people = np.zeros(votes.shape[0], dtype=PERSON)
        people["group"] = -1
        statements = statements_in(() if statements is None else statements)
        out = {one.id for one in statements if one.moderated < 0}
        if result is None:
            return cls(votes, None, people, Since(), out)
        model = freeze(votes, result, statements)
        for name in ("group", "confidence", "x", "y"):
            people[name] = getattr(result.participants, name)
        out |= {one.id for one in result.statements if one.left_out}
        return cls(votes, model, people, Since(), out)

    def _count_base(self, group: Array) -> None:
        from .tallies import tally

        base, m = self._base, self._base.shape[1]
        self._total[:m] = tally(base, np.zeros(base.shape[0], dtype=np.int8), 1)[0]
        if len(self._groups):
            self._groups[:, :m] = tally(base, group, len(self._groups))

    # One vote

    def update(self, participant: str | int, statement: str | int, value: int | None) -> Standing:
        """Count one vote and place the person who cast it.

        Parameters
        ----------
        participant, statement : str or int
            New ones are taken up.
        value : int or None
            1 agree, −1 disagree, 0 pass; ``None`` takes an earlier vote back.

        Returns
        -------
        Standing
            Of this person, by the frozen axes and groups.

        Raises
        ------
        InputError
            Another value, or an id that is not one. Nothing has changed then.
        """
        who, what = _id(participant, "participant"), _id(statement, "statement")
        if value is not None and (isinstance(value, bool) or value not in (DISAGREE, PASS, AGREE)):
            raise InputError(f"{value!r} is not a vote: -1, 0 or 1 was expected, or None to take it back.")
        value = None if value is None else int(value)
        person, column = self._find(who), self._columns.get(what)
        if value is None and (person is None or column is None):
            return self._stand(self._ballot(person))
        person = self._add_person(who) if person is None else person
        column = self._add_statement(what) if column is None else column
        before = self._ballot(person)
        after, old = _changed(before, column, value)
        if old == value:
            return self._stand(before)
        if self._model is not None and old is None and value:
            self._since.surprise(self._model, self._stand(before).membership, column, value)
        stands = self._stand(after)
        self._recount(person, column, (before, after), (old, value), stands.group)
        self._place(person, stands)
        self._since.changes += 1
        return stands

    def _recount(
        self,
        person: int,
        column: int,
        ballots: tuple[Array, Array],
        values: tuple[int | None, int | None],
        group: int,
    ) -> None:
        (before, after), (old, new) = ballots, values
        if old is not None:
            self._total[column, old + 1] -= 1
        if new is not None:
            self._total[column, new + 1] += 1
        held = int(self._row(person)["group"])
        if held >= 0:
            self._groups[held, before >> 2, before & 3] -= 1
            self._sizes[held] -= 1
        if group >= 0:
            self._groups[group, after >> 2, after & 3] += 1
            self._sizes[group] += 1
        self._since.moved += int(held >= 0 and held != group)
        self._size += after.size - before.size
        self._voters += int(after.size > 0) - int(before.size > 0)
        self._ballots[person % SHARDS][person] = after.tobytes()

    def _place(self, person: int, stands: Standing) -> None:
        row = self._row(person)
        if self._model is not None and not row["fresh"]:
            self._since.people += 1
            row["fresh"] = True
        row["group"], row["confidence"], row["x"], row["y"] = (
            stands.group,
            stands.confidence,
            stands.x,
            stands.y,
        )

    def _stand(self, ballot: Array) -> Standing:
        if self._model is None:
            return NOWHERE
        return standing(self._model, ballot >> 2, (ballot & 3).astype(np.int64) - 1)

    # Where things are

    def _find(self, name: str) -> int | None:
        ids = self._base.participant_ids
        key = _natural(name)
        at = bisect_left(ids, key, key=lambda one: _natural(str(one)))
        if at < ids.size and str(ids[at]) == name:
            return at
        return self._new_people[hash(name) % SHARDS].get(name)

    def _add_person(self, name: str) -> int:
        # Tables grow by blocks and shards: doubling one table of a million rows would hold up one vote for them all.
        person = self._count
        self._new_people[hash(name) % SHARDS][name] = person
        if (person - self._base.shape[0]) % BLOCK == 0:
            self._people.append(np.zeros(BLOCK, dtype=PERSON))
        self._count += 1
        self._row(person)["group"] = -1
        return person

    def _row(self, person: int) -> Any:
        n = self._base.shape[0]
        if person < n:
            return self._people[0][person]
        return self._people[1 + (person - n) // BLOCK][(person - n) % BLOCK]

    def _add_statement(self, name: str) -> int:
        column = len(self._columns)
        self._columns[name] = column
        if column == self._total.shape[0]:
            room = max(16, column // 8)
            self._total = np.concatenate([self._total, np.zeros((room, 3), dtype=np.int64)])
            more = np.zeros((len(self._groups), room, 3), dtype=np.int64)
            self._groups = np.concatenate([self._groups, more], axis=1)
            if self._model is not None:
                self._model = self._model.spread(np.arange(column), column + room)
        return column

    def _ballot(self, person: int | None) -> Array:
        """Four times the column plus one more than the value, rising, shape (own votes,)."""
        if person is None:
            return np.zeros(0, dtype=np.int32)
        kept = self._ballots[person % SHARDS].get(person)
        if kept is not None:
            return np.frombuffer(kept, dtype=np.int32)
        if person >= self._base.shape[0]:
            return np.zeros(0, dtype=np.int32)
        own = slice(int(self._base.indptr[person]), int(self._base.indptr[person + 1]))
        return self._base.indices[own] * np.int32(4) + self._base.values[own] + np.int32(1)

    # The figures

    @property
    def k(self) -> int:
        """Groups of the last full run; 0 before any."""
        return len(self._groups)

    @property
    def size(self) -> int:
        """Votes that count, passes included."""
        return self._size

    @property
    def model(self) -> FrozenModel | None:
        """The frozen axes and groups; ``None`` before any full run."""
        return self._model_source

    @property
    def statement_ids(self) -> tuple[str, ...]:
        """Statements in the order of `tallies`: those of the start, then new ones as they came."""
        return tuple(self._columns)

    @property
    def left_out(self) -> frozenset[str]:
        """Statements that are moderated out, as the start had them: counted, and not handed out."""
        return self._left_out

    def counts(self, statement: str | int) -> tuple[int, int, int]:
        """How many agree, disagree and pass on a statement."""
        column = self._columns.get(_id(statement, "statement"))
        disagree, passed, agree = (0, 0, 0) if column is None else self._total[column].tolist()
        return agree, disagree, passed

    def tallies(self) -> tuple[Array, Array]:
        """Votes of everyone, shape (m, 3), and by group, shape (k, m, 3): disagree, pass, agree. Copies."""
        m = len(self._columns)
        return self._total[:m].copy(), self._groups[:, :m].copy()

    def chances(self) -> Array | None:
        """Chance of agreeing by group, shape (k, m), one half where the model knows nothing; ``None`` before any."""
        return None if self._model is None else self._model.chances[:, : len(self._columns)]

    def ballot(self, participant: str | int) -> dict[str, int]:
        """A person's votes that count, by statement."""
        person = self._find(_id(participant, "participant"))
        if person is None:
            return {}
        ids, codes = self.statement_ids, self._ballot(person)
        return {ids[code >> 2]: (code & 3) - 1 for code in codes.tolist()}

    def standing_of(self, participant: str | int) -> Standing:
        """Where a person stands by the frozen axes and groups, from the votes so far."""
        return self._stand(self._ballot(self._find(_id(participant, "participant"))))

    def age(self) -> Age:
        """How old the axes and groups are, and whether a full run is due."""
        total = self._total[: len(self._columns)]
        return make_age(self._model, self._since, total, self._placed())

    def _placed(self) -> int:
        return int(self._sizes.sum())

    def snapshot(self) -> Snapshot:
        """All figures as of now. Takes time in proportion to statements and groups, not to people."""
        total, groups = self.tallies()
        ids = self.statement_ids
        low, high = wilson(total, total.sum(axis=1, keepdims=True))
        trials = groups.sum(axis=2)
        group_low, group_high = wilson(groups[:, :, AGREE + 1], trials)
        order = sorted(range(len(ids)), key=lambda s: _natural(ids[s]))

        def rates(s: int) -> Iterator[GroupRate]:
            for g in range(self.k):
                disagree, passed, agree = groups[g, s].tolist()
                n = int(trials[g, s])
                bounds = float(group_low[g, s]), float(group_high[g, s])
                yield GroupRate(g, agree, disagree, passed, agree / n if n else None, *bounds)

        def live(s: int) -> LiveStatement:
            disagree, passed, agree = total[s].tolist()
            bounds = list(zip(low[s].tolist(), high[s].tolist(), strict=True))
            intervals = {"agree": bounds[2], "disagree": bounds[0], "pass": bounds[1]}
            return LiveStatement(ids[s], agree, disagree, passed, intervals, tuple(rates(s)))

        sizes = tuple(self._sizes.tolist())
        return Snapshot(self.size, self._voters, self.k, sizes, tuple(live(s) for s in order), self.age())

    # Everything at once, for the next full run and for keeping

    def votes(self) -> Votes:
        """All votes that count, in canonical order: what the next full run is given."""
        return self._export()[0]

    def participants(self) -> Participants:
        """Everyone with a vote, where they stand and in which group; in the order of `votes`."""
        votes, people = self._export()
        return Participants(
            votes.participant_ids, people["group"], people["confidence"], people["x"], people["y"]
        )

    def _export(self) -> tuple[Votes, Array]:
        from .running_state import merge

        new = {name: i for shard in self._new_people for name, i in shard.items()}
        touched = {i: ballot for shard in self._ballots for i, ballot in shard.items()}
        n = self._base.shape[0]
        people = np.concatenate([self._people[0], *self._people[1:]])[: max(self._count, n)]
        return merge(self._base, people, new, touched, self.statement_ids)

    def to_bytes(self) -> bytes:
        """Everything that `from_bytes` needs to go on from here, with a hash over it."""
        from .running_state import pack

        votes, people = self._export()
        return pack(votes, self._model_source, people, self._since, self._left_out)

    @classmethod
    def from_bytes(cls, data: bytes) -> Running:
        """Go on from what `to_bytes` kept.

        Parameters
        ----------
        data : bytes

        Returns
        -------
        Running

        Raises
        ------
        InputError
            If the bytes are not such a state, are of another version, or are damaged.
        """
        from .running_state import unpack

        return cls(*unpack(data))


def _id(value: Any, kind: str) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | np.integer) or value == "":
        raise InputError(f"{value!r} is not the id of a {kind}: text or a whole number was expected.")
    text = str(value)
    if "\0" in text:
        raise InputError(f"{value!r} is not the id of a {kind}: it has a zero byte.")
    return text


def _changed(ballot: Array, column: int, value: int | None) -> tuple[Array, int | None]:
    """The ballot with one vote set or taken out, and the value that stood there."""
    at = int(np.searchsorted(ballot, 4 * column))
    there = at < ballot.size and ballot[at] >> 2 == column
    old = int(ballot[at] & 3) - 1 if there else None
    middle = [] if value is None else [4 * column + value + 1]
    after = np.concatenate([ballot[:at], np.array(middle, dtype=np.int32), ballot[at + int(there) :]])
    return after, old
