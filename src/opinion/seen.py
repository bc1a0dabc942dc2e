"""What people saw: an optional input, so that what somebody never saw is not taken for what she did not want."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .blocks import cut, numbers
from .errors import InputError, Problem, file_words
from .rows import is_number
from .table import Table, open_table
from .votes import Votes, _frozen, canonical_pair

if TYPE_CHECKING:
    import os

    from scipy.sparse import csr_array

__all__ = ["Seen", "SeenFile", "places", "read_seen"]

Array = np.ndarray[Any, np.dtype[Any]]
MOST_TIMES = 10**9  # a person was shown a statement at most this often; more is a slip


@dataclass(frozen=True, eq=False, slots=True)
class Seen:
    """Which statements were shown to whom, and how often. The arrays are read-only.

    Attributes
    ----------
    participant_ids : ndarray of str, shape (n,)
        In canonical order; people who never voted included.
    statement_ids : ndarray of str, shape (m,)
        In canonical order.
    rows, columns : ndarray of int32, shape (pairs,)
        Each pair once, by participant, then statement.
    times : ndarray of int64, shape (pairs,)
        Showings, at least 1.
    """

    participant_ids: Array
    statement_ids: Array
    rows: Array
    columns: Array
    times: Array

    def __repr__(self) -> str:
        n, m = self.participant_ids.size, self.statement_ids.size
        return f"Seen({self.rows.size:,} pairs of {n:,} people and {m:,} statements)"

    @classmethod
    def from_arrays(cls, participants: Any, statements: Any, times: Any = None) -> Seen:
        """Collect showings from parallel arrays.

        Parameters
        ----------
        participants, statements : array_like of int or str, shape (showings,)
            The same pair may stand several times.
        times : array_like of int, shape (showings,), optional
            How often each was shown, at least 1; default 1. The times of one pair are added up.

        Returns
        -------
        Seen

        Raises
        ------
        InputError
            The arrays differ in length, or a number is less than 1 (every place is listed).
        """
        count = np.ones(np.shape(participants), dtype=np.int64) if times is None else np.asarray(times)
        if len({np.shape(participants), np.shape(statements), count.shape}) != 1 or count.ndim != 1:
            raise InputError("participants, statements and times must be flat arrays of one length.")
        if np.any(count < 1):
            raise InputError(
                Problem("", int(i) + 1, "times", f"{count[i]} is not a number of showings from 1 on.")
                for i in np.flatnonzero(count < 1)
            )
        (people, row), (labels, column) = canonical_pair(participants, statements)
        key = row.astype(np.int64) * max(labels.size, 1) + column
        pairs, place = np.unique(key, return_inverse=True)
        summed = np.zeros(pairs.size, dtype=np.int64)
        np.add.at(summed, place.ravel(), count.astype(np.int64))
        row, column = np.divmod(pairs, max(labels.size, 1))
        return cls(
            _frozen(people),
            _frozen(labels),
            _frozen(row.astype(np.int32)),
            _frozen(column.astype(np.int32)),
            _frozen(summed),
        )

    def marks(self, votes: Votes) -> csr_array:
        """What each participant of `votes` has seen of its statements, her votes included: she saw what she voted on.

        Parameters
        ----------
        votes : Votes

        Returns
        -------
        csr_array of bool, shape (n, m)
            In the order of `votes`. Whoever is not in `votes` has no row, a statement that is not has no column.
        """
        from scipy.sparse import csr_array

        row = places(self.participant_ids, votes.participant_ids)[self.rows]
        column = places(self.statement_ids, votes.statement_ids)[self.columns]
        known = (row >= 0) & (column >= 0)
        shape = votes.shape
        shown = csr_array(
            (np.ones(int(known.sum()), dtype=bool), (row[known], column[known])), shape=shape, dtype=bool
        )
        return csr_array((shown + votes.matrix(np.ones(votes.size), bool)).astype(bool))


def places(ids: Array, among: Array) -> Array:
    """Where each of `ids` stands in `among`, −1 for nowhere; ndarray of int64, shape of `ids`."""
    _, place = np.unique(np.concatenate([among.astype(str), ids.astype(str)]), return_inverse=True)
    place = place.ravel()
    at = np.full(place.max(initial=-1) + 1, -1, dtype=np.int64)
    at[place[: among.size]] = np.arange(among.size)
    return at[place[among.size :]]


@dataclass(frozen=True, eq=False, slots=True)
class SeenFile:
    """What was read from a file of showings, and the lines that were left out on request."""

    seen: Seen
    skipped: tuple[Problem, ...]

    def __repr__(self) -> str:
        return file_words("SeenFile", self.seen, self.skipped)


def read_seen(
    path: str | os.PathLike[str], *, known: Collection[str] | None = None, skip_bad: bool = False
) -> SeenFile:
    """Read what people saw: ``participant_id,statement_id[,times]``, one row for each pair or for each showing.

    Parameters
    ----------
    path : path
    known : collection of str, optional
        Statement ids that exist; any other one is an error.
    skip_bad : bool
        Leave bad lines out and report them in `skipped` instead of raising.

    Returns
    -------
    SeenFile

    Raises
    ------
    InputError
        With every bad line: file, line, column, and what is wrong.
    """
    table = open_table(path, ("participant_id", "statement_id"), purpose="showings")
    has_times = "times" in table.header
    arrays = _read_plain(table, ["participant_id", "statement_id"] + (["times"] if has_times else []))
    if arrays is not None and _is_plain(arrays, known):
        times = arrays.get("times")
        return SeenFile(Seen.from_arrays(arrays["participant_id"], arrays["statement_id"], times), ())
    rows, problems = _read_records(table, has_times, known)
    if problems and not skip_bad:
        raise InputError(problems)
    people, statements, counts = (list(part) for part in zip(*rows, strict=True)) if rows else ([], [], [])
    seen = Seen.from_arrays(
        np.array(people, dtype=str), np.array(statements, dtype=str), np.array(counts, dtype=np.int64)
    )
    return SeenFile(seen, tuple(problems))


def _read_plain(table: Table, names: Sequence[str]) -> dict[str, Array] | None:
    """Columns of whole numbers, block by block; ``None`` if anything else stands in one of them."""
    parts: dict[str, list[Array]] = {name: [np.empty(0, dtype=np.int8)] for name in names}
    for part in table.blocks():
        block = table.data[part]
        if part.stop == len(table.data):
            block = block.rstrip(b"\r\n")
            if not block:
                break
        fields = cut(block, len(table.header))
        if fields is None:
            return None
        for name in names:
            values = numbers(fields, table.header.index(name))
            if values is None:
                return None
            parts[name].append(values)
    return {name: np.concatenate(part) for name, part in parts.items()}


def _is_plain(arrays: dict[str, Array], known: Collection[str] | None) -> bool:
    times = arrays.get("times")
    if times is not None and np.any((times < 1) | (times > MOST_TIMES)):
        return False
    if known is None:
        return True
    numbers = np.array([int(name) for name in known if is_number(name)], dtype=np.int64)
    return bool(np.isin(arrays["statement_id"], numbers).all())


def _read_records(
    table: Table, has_times: bool, known: Collection[str] | None
) -> tuple[list[tuple[str, str, int]], list[Problem]]:
    place = {name: i for i, name in enumerate(table.header)}
    exists = None if known is None else set(known)
    rows: list[tuple[str, str, int]] = []
    problems: list[Problem] = []
    for line, record in table.records():
        found = len(problems)

        def report(column: str | None, message: str, line: int = line) -> None:
            problems.append(table.problem(line, column, message))

        if len(record) != len(table.header):
            report(None, f"{len(record)} fields, but the header has {len(table.header)}.")
            continue
        person, statement = record[place["participant_id"]].strip(), record[place["statement_id"]].strip()
        times = _times_of(record[place["times"]], report) if has_times else 1
        for column, text in (("participant_id", person), ("statement_id", statement)):
            if not text:
                report(column, "the id is missing.")
        if statement and exists is not None and statement not in exists:
            report("statement_id", f"statement {statement} is not among the statements.")
        if len(problems) == found:
            rows.append((person, statement, times))
    return rows, problems


def _times_of(text: str, report: Callable[[str | None, str], None]) -> int:
    text = text.strip()
    if not (is_number(text) and 1 <= int(text) <= MOST_TIMES):
        report("times", f"“{text[:40]}” is not a number of showings from 1 to {MOST_TIMES:,}.")
        return 0
    return int(text)
