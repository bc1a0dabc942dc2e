"""The votes of a conversation: a sparse matrix of participants by statements."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import InputError, Problem

if TYPE_CHECKING:
    import os

    from scipy.sparse import csr_array

__all__ = ["AGREE", "DISAGREE", "PASS", "Statement", "Votes"]

AGREE, PASS, DISAGREE = 1, 0, -1
NO_ID = frozenset({"None", "nan", "NaN", "<NA>", "NaT", "--"})  # how Python writes what is not there
QUOTED = ',"\r\n'  # a field with one of these stands in quotation marks
PIECE = 1 << 20  # bytes of the canonical form that are made at once

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class Statement:
    """What is known about a statement beside its votes.

    Attributes
    ----------
    id : str
    text : str
    author : str
        Identifier of the author, empty if unknown.
    moderated : int
        −1 left out, 0 not decided, 1 accepted.
    is_meta : bool
        About the people who vote, not about the matter: counted, but it shapes no group.
    agrees, disagrees : int or None
        Counts that the source states, re-votes included; ``None`` if it states none.
    created_ms : int or None
        Milliseconds since 1970-01-01 UTC.
    language : str
        BCP 47 tag, empty if unknown.
    """

    id: str
    text: str = ""
    author: str = ""
    moderated: int = 0
    is_meta: bool = False
    agrees: int | None = None
    disagrees: int | None = None
    created_ms: int | None = None
    language: str = ""


def canonical(ids: Any, name: str = "id") -> tuple[Array, Array]:
    """Distinct ids as strings in canonical order, and for each entry its place among them.

    Whole numbers come first, by size; everything else follows by code point. So "10" stands after "9", and the order
    is the same on every machine. A missing id is an InputError that names each row.
    """
    values = np.asarray(ids)
    if np.ma.isMaskedArray(ids):
        _refuse(np.flatnonzero(np.ma.getmaskarray(ids)), name)
    if values.size == 0:
        return np.empty(0, dtype=str), np.empty(0, dtype=np.int32)
    if values.dtype.kind in "iu":
        low, high = int(values.min()), int(values.max())
        if low >= 0 and high < 4 * values.size + 1024:  # dense numbers: a table is faster than a sort
            present = np.zeros(high + 1, dtype=bool)
            present[values] = True
            place = (np.cumsum(present) - 1).astype(np.int32)
            return np.flatnonzero(present).astype(str), place[values]
        distinct, inverse = np.unique(values, return_inverse=True)
        if low >= 0:
            return distinct.astype(str), inverse.astype(np.int32).ravel()
        values = values.astype(str)
    elif values.dtype.kind != "U":
        if values.dtype.kind == "f":
            _refuse(np.flatnonzero(np.isnan(values)), name)
            raise InputError("Ids must be whole numbers or strings, not decimal numbers.")
        values = values.astype(str)
    distinct, inverse = np.unique(values, return_inverse=True)
    _refuse(_missing(ids, distinct, inverse.ravel()), name)
    if "\0" in "".join(distinct.tolist()):
        raise InputError("An id contains a NUL character; ids are text.")
    order = np.array(sorted(range(distinct.size), key=lambda i: _natural(str(distinct[i]))), dtype=np.int64)
    place = np.empty(order.size, dtype=np.int32)
    place[order] = np.arange(order.size, dtype=np.int32)
    return distinct[order], place[inverse.ravel()]


def _missing(ids: Any, distinct: Array, place: Array) -> Array:
    """Rows in which a blank, or something else than an id that is written as one of `NO_ID`, stands for an id."""
    suspects = [i for i, text in enumerate(distinct.tolist()) if text in NO_ID or not text.strip()]
    if not suspects:
        return np.empty(0, dtype=np.int64)
    rows = np.flatnonzero(np.isin(place, suspects))
    given = ids if isinstance(ids, list | tuple) else np.asarray(ids)
    return rows[[not (isinstance(given[i], str) and given[i].strip()) for i in rows.tolist()]]


def _refuse(rows: Array, name: str) -> None:
    if rows.size:
        raise InputError(Problem("", None, name, "the id is missing.", row=int(i) + 1) for i in rows)


def canonical_pair(participants: Any, statements: Any) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """`canonical` of both sides; what is wrong is told of both."""
    found: list[tuple[Array, Array]] = []
    problems: list[Problem] = []
    for name, ids in (("participant", participants), ("statement", statements)):
        try:
            found.append(canonical(ids, name))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return found[0], found[1]


def with_columns(labels: Array, column: Array, statement_ids: Sequence[str] | None) -> tuple[Array, Array]:
    """Canonical labels and places of each vote, with places for further statements that nobody may have voted on."""
    if statement_ids is None:
        return labels, column
    every, place = canonical(np.concatenate([labels.astype(str), np.asarray(list(statement_ids), dtype=str)]))
    return every, column if every.size == labels.size else place[: labels.size][column]


def _natural(text: str) -> tuple[int, int, str]:
    if text.isascii() and text.isdigit() and (text == "0" or text[0] != "0"):
        return (0, int(text), "")
    return (1, 0, text)


def _frozen(array: Array) -> Array:
    array.setflags(write=False)
    return array


@dataclass(frozen=True, eq=False)
class Votes:
    """Votes in compressed rows: the latest vote of each participant on each statement.

    A pass (0) is a stored entry and different from a vote that is missing. Participants and statements stand in
    canonical order (whole numbers by size, then other ids by code point), statements likewise within each row, so
    that equal votes make equal objects whatever the order in which they were read. The arrays are read-only.

    Attributes
    ----------
    participant_ids : ndarray of str, shape (n,)
    statement_ids : ndarray of str, shape (m,)
    indptr : ndarray of int64, shape (n + 1,)
        The votes of participant i are ``indices[indptr[i]:indptr[i + 1]]``.
    indices : ndarray of int32, shape (votes,)
        Position of the statement.
    values : ndarray of int8, shape (votes,)
        1 agree, −1 disagree, 0 pass.
    superseded : int
        Votes that a later one of the same participant on the same statement replaced.
    """

    participant_ids: Array
    statement_ids: Array
    indptr: Array
    indices: Array
    values: Array
    superseded: int = 0

    @classmethod
    def from_arrays(
        cls,
        participants: Any,
        statements: Any,
        values: Any,
        times: Any = None,
        *,
        statement_ids: Sequence[str] | None = None,
    ) -> Votes:
        """Collect votes from three parallel arrays.

        Parameters
        ----------
        participants, statements : array_like of int or str, shape (votes,)
        values : array_like of int, shape (votes,)
            1 agree, −1 disagree, 0 pass.
        times : array_like of int, shape (votes,), optional
            When each vote was cast (any unit, larger is later). The latest vote per pair counts. Two votes of one
            pair at the same time that differ say nothing clear: they count as a pass. Without times the order of
            the arrays is the order of voting.
        statement_ids : sequence of str, optional
            Statements to keep a column for although nobody voted on them.

        Returns
        -------
        Votes

        Raises
        ------
        InputError
            If the arrays differ in length, a value is not −1, 0 or 1, or an id is missing: ``None``, not a number,
            masked, or blank (every place is listed).

        Examples
        --------
        >>> Votes.from_arrays(["ann", "bo"], [1, 1], [1, -1]).shape
        (2, 1)
        """
        value = np.asarray(values)
        lengths = {np.shape(participants), np.shape(statements), value.shape}
        if times is not None:
            lengths.add(np.shape(times))
        if len(lengths) != 1 or value.ndim != 1:
            raise InputError("participants, statements, values and times must be flat arrays of one length.")
        bad = np.flatnonzero((value != 1) & (value != 0) & (value != -1))
        if bad.size:
            raise InputError(
                Problem("", int(i) + 1, "vote", f"{value[i]} is not a vote: -1, 0 or 1 was expected.")
                for i in bad
            )
        (people, row), (labels, column) = canonical_pair(participants, statements)
        if statement_ids is not None:
            canonical(list(statement_ids), "statement")
        labels, column = with_columns(labels, column, statement_ids)
        return cls._assemble(people, labels, row, column, value.astype(np.int8), times)

    @classmethod
    def from_places(
        cls, participant_ids: Any, statement_ids: Any, rows: Array, columns: Array, values: Array
    ) -> Votes:
        """Collect votes that name people and statements by their place among distinct ids.

        As `from_arrays`, for many millions of votes: no id is looked at more than once. Of two votes of one pair the
        later row counts.

        Parameters
        ----------
        participant_ids, statement_ids : array_like of int or str, shape (n,), (m,)
            Distinct; every one is kept, whether or not there are votes.
        rows, columns : ndarray of int, shape (votes,)
            For each vote the place of its participant and of its statement.
        values : ndarray of int, shape (votes,)
            1 agree, −1 disagree, 0 pass.

        Returns
        -------
        Votes

        Raises
        ------
        InputError
            If an id is missing or stands twice, a place is none, a value is not −1, 0 or 1, or the arrays differ in
            length.

        Examples
        --------
        >>> Votes.from_places(["ann", "bo"], ["s"], np.array([1, 0]), np.array([0, 0]), np.array([-1, 1])).values
        array([ 1, -1], dtype=int8)
        """
        row, column, value = np.asarray(rows), np.asarray(columns), np.asarray(values)
        if not row.shape == column.shape == value.shape or value.ndim != 1:
            raise InputError("rows, columns and values must be flat arrays of one length.")
        if value.size and not (value.min() >= DISAGREE and value.max() <= AGREE and value.dtype.kind in "iu"):
            raise InputError("A vote is -1, 0 or 1.")
        (people, at_row), (labels, at_column) = canonical_pair(participant_ids, statement_ids)
        for name, ids, at, place in (
            ("participant", people, at_row, row), ("statement", labels, at_column, column)
        ):  # fmt: skip
            if ids.size != at.size:
                raise InputError(f"An id of a {name} stands twice.")
            if place.size and not (place.min() >= 0 and place.max() < ids.size):
                raise InputError(f"A place is that of no {name}.")
        return cls._assemble(
            people, labels, _moved(row, at_row), _moved(column, at_column), value.astype(np.int8), None
        )

    @classmethod
    def _assemble(
        cls, people: Array, labels: Array, row: Array, column: Array, value: Array, times: Any
    ) -> Votes:
        n, total = people.size, row.size
        if not _is_in_order(row, column):
            order = order_of(row, column, n, labels.size)
            row, column, value = row[order], column[order], value[order]
            last = np.append((row[1:] != row[:-1]) | (column[1:] != column[:-1]), True)
            if not last.all():
                if times is not None:
                    value = _by_time(np.asarray(times), order, value, last)
                row, column, value = row[last], column[last], value[last]
        # The rows are sorted; to count them would cost a copy of them in 64 bits.
        indptr = np.searchsorted(row, np.arange(n + 1, dtype=row.dtype)).astype(np.int64, copy=False)
        return cls(
            _frozen(people),
            _frozen(labels),
            _frozen(indptr),
            _frozen(column.astype(np.int32, copy=False)),
            _frozen(value.view()),
            total - value.size,
        )

    @classmethod
    def from_dense(cls, matrix: Any, participant_ids: Any = None, statement_ids: Any = None) -> Votes:
        """Collect votes from a dense matrix in which NaN (or any other non-finite number) is a missing vote.

        Parameters
        ----------
        matrix : array_like of float, shape (n, m)
        participant_ids, statement_ids : array_like, optional
            Default: 0, 1, 2, …

        Returns
        -------
        Votes

        Raises
        ------
        InputError
            If the matrix has not two dimensions, a value is none of −1, 0 and 1, or an id is missing.
        """
        dense = np.asarray(matrix, dtype=float)
        if dense.ndim != 2:
            raise InputError("A dense matrix of participants by statements was expected.")
        canonical_pair(
            () if participant_ids is None else participant_ids, () if statement_ids is None else statement_ids
        )
        row, column = np.nonzero(np.isfinite(dense))
        people = np.arange(dense.shape[0]) if participant_ids is None else np.asarray(participant_ids)
        labels = np.arange(dense.shape[1]) if statement_ids is None else np.asarray(statement_ids)
        return cls.from_arrays(
            people[row], labels[column], dense[row, column], statement_ids=[str(label) for label in labels]
        )

    @classmethod
    def from_csv(cls, path: str | os.PathLike[str], *, skip_bad: bool = False) -> Votes:
        """Read ``participant_id,statement_id,vote[,timestamp_ms]``; see `opinion.reading.read_votes`."""
        from .reading import read_votes

        return read_votes(path, skip_bad=skip_bad).votes

    @property
    def shape(self) -> tuple[int, int]:
        """(participants, statements)."""
        return self.participant_ids.size, self.statement_ids.size

    @property
    def size(self) -> int:
        """Number of votes, passes included."""
        return int(self.values.size)

    @cached_property
    def rows(self) -> Array:
        """Position of the participant for each vote, shape (votes,)."""
        return _frozen(np.repeat(np.arange(self.shape[0], dtype=np.int32), np.diff(self.indptr)))

    def matrix(self, values: Array | None = None, dtype: Any = np.float32) -> csr_array:
        """The votes, or other numbers in their places, as a sparse array of shape (n, m)."""
        from scipy.sparse import csr_array

        data = (self.values if values is None else values).astype(dtype)
        return csr_array((data, self.indices, self.indptr), shape=self.shape)

    def select(self, keep: Array) -> Votes:
        """Only the statements whose place in the boolean array `keep`, shape (m,), is true."""
        mask = np.asarray(keep, dtype=bool)
        if mask.all():
            return self
        chosen = mask[self.indices]
        place = (np.cumsum(mask) - 1).astype(np.int32)
        indptr = np.zeros_like(self.indptr)
        np.cumsum(np.bincount(self.rows[chosen], minlength=self.shape[0]), out=indptr[1:])
        return Votes(
            self.participant_ids,
            _frozen(self.statement_ids[mask]),
            _frozen(indptr),
            _frozen(place[self.indices[chosen]]),
            _frozen(self.values[chosen]),
            self.superseded,
        )

    def people(self, first: int, last: int) -> Votes:
        """Only the participants from place `first` to before `last`, with all statements; nothing is copied."""
        low, high = int(self.indptr[first]), int(self.indptr[last])
        return Votes(
            self.participant_ids[first:last],
            self.statement_ids,
            _frozen(self.indptr[first : last + 1] - low),
            self.indices[low:high],
            self.values[low:high],
        )

    def to_csv(self) -> Iterator[bytes]:
        """The canonical form, in pieces: header, then one sorted line per vote, UTF-8, ``\\n`` after each line.

        ``participant_id,statement_id,vote`` with participants in canonical order and statements in canonical order
        within each participant; ids are quoted as in RFC 4180 only where they contain a comma, a quote or a line break.
        """
        yield b"participant_id,statement_id,vote\n"
        heads = _fields(self.participant_ids)
        tails = np.array(
            [f",{_quoted(str(s))},{v}\n".encode() for s in self.statement_ids for v in (-1, 0, 1)],
            dtype=bytes,
        )
        step = max(1, PIECE // max(heads.itemsize + tails.itemsize, 1))
        for first in range(0, self.size, step):
            part = slice(first, first + step)
            line = np.empty(self.indices[part].size, dtype=[("head", heads.dtype), ("tail", tails.dtype)])
            line["head"] = heads[self.rows[part]]
            line["tail"] = tails[self.indices[part] * 3 + (self.values[part] + 1)]
            # Shorter fields are padded with NUL, which no identifier contains.
            yield line.tobytes().translate(None, b"\0")

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the canonical form (`to_csv`): equal for equal votes, whatever their order in the input."""
        digest = hashlib.sha256()
        for piece in self.to_csv():
            digest.update(piece)
        return digest.hexdigest()

    def __repr__(self) -> str:
        return f"Votes({self.shape[0]} participants, {self.shape[1]} statements, {self.size} votes)"


def votes_in(given: Any) -> Votes:
    """Votes, or those of a `VoteFile`; an InputError that says what to pass for anything else."""
    if isinstance(given, Votes):
        return given
    found = getattr(given, "votes", None)
    if isinstance(found, Votes):
        return found
    how = "Votes.from_arrays(…), or read_votes(path).votes"
    if hasattr(given, "to_votes"):
        how = "its to_votes()"
    elif callable(found):
        how = "its votes()"
    raise InputError(f"Votes were expected, not {type(given).__name__}: {how}.")


def statements_in(given: Any) -> tuple[Statement, ...]:
    """Statements, or those of a `StatementFile` or an export; an InputError for anything else."""
    found = tuple(getattr(given, "statements", given if isinstance(given, Iterable) else (given,)))
    strange = next((one for one in found if not isinstance(one, Statement)), None)
    if strange is not None:
        raise InputError(
            f"Statements were expected, not {type(strange).__name__}: Statement(id, text, …), or "
            "read_statements(path).statements."
        )
    return found


def _moved(places: Array, to: Array) -> Array:
    """Places among ids in another order: `to` says for each old place the new one."""
    is_same = np.array_equal(to, np.arange(to.size))
    return places.astype(np.int32, copy=False) if is_same else to.astype(np.int32, copy=False)[places]


def _is_in_order(row: Array, column: Array) -> bool:
    """Whether pairs rise strictly, so that each stands once."""
    return bool(np.all((row[1:] > row[:-1]) | ((row[1:] == row[:-1]) & (column[1:] > column[:-1]))))


def order_of(row: Array, column: Array, n: int, m: int) -> Array:
    """Places of the votes by row, then column, then as they stand; two passes of counting instead of comparisons."""
    from scipy.sparse import csr_array

    def sort(place: Array, bins: int) -> Array:
        # Turning a matrix with one entry a row into columns keeps the rows of each column in order.
        wide = np.int32 if place.size < 2**31 else np.int64
        pointer = np.arange(place.size + 1, dtype=wide)
        ones = np.ones(place.size, dtype=np.int8)
        return np.asarray(csr_array((ones, place, pointer), shape=(place.size, bins)).tocsc().indices)

    by_column = sort(column, m)
    return by_column[sort(row[by_column], n)]


def _by_time(times: Array, order: Array, value: Array, last: Array) -> Array:
    """Votes in canonical order with the latest of each pair in its last place; ties are settled."""
    pair = np.cumsum(last) - last
    several = np.flatnonzero(~(last & np.append(True, last[:-1])))
    pair, time = pair[several], times[order[several]]
    by_time = np.lexsort((time, pair))
    settled = value.copy()
    settled[several] = _settle_ties(pair, time[by_time], value[several][by_time], last[several])
    return settled


def _settle_ties(key: Array, time: Array, value: Array, last: Array) -> Array:
    """Votes of one pair at one and the same latest time that differ count as a pass, so that no order decides."""
    ends = np.flatnonzero(last)
    ends = ends[ends > 0]
    tied = ends[(key[ends - 1] == key[ends]) & (time[ends - 1] == time[ends])]
    settled = value.copy()
    for end in tied.tolist():
        start = end
        while start > 0 and key[start - 1] == key[end] and time[start - 1] == time[end]:
            start -= 1
        if np.any(value[start:end] != value[end]):
            settled[end] = PASS
    return settled


def _fields(names: Array) -> Array:
    """Names as the bytes of a field."""
    text = "".join(names.tolist())
    if text.isascii() and not any(mark in text for mark in QUOTED):
        return names.astype(bytes)
    return np.array([_quoted(name).encode() for name in names.tolist()], dtype=bytes)


def _quoted(text: str) -> str:
    if text.isalnum():
        return text
    if any(mark in text for mark in QUOTED):
        return '"' + text.replace('"', '""') + '"'
    return text
