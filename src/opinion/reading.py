"""Votes in long form and lists of statements, read from CSV files."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import InputError, Problem
from .table import Table, open_table
from .votes import Statement, Votes

if TYPE_CHECKING:
    import os

__all__ = ["RawVotes", "StatementFile", "VoteFile", "read_statements", "read_votes"]

Array = np.ndarray[Any, np.dtype[Any]]
LATEST_MS = 4_102_444_800_000  # the year 2100: no vote was cast after it
TIME_UNIT = "whole milliseconds since 1970, up to the year 2100"
MOST_COUNTED = 10**12  # agrees on one statement; more is a slip, and would not fit the arrays
VOTES = {"1": 1, "+1": 1, "0": 0, "-1": -1, "1.0": 1, "0.0": 0, "-1.0": -1, "\u22121": -1}


@dataclass(frozen=True, eq=False, slots=True)
class RawVotes:
    """Vote rows as they stand in a file, re-votes included; parallel arrays.

    Attributes
    ----------
    participant, statement : ndarray of int or of str, shape (rows,)
    value : ndarray of int8, shape (rows,)
    timestamp_ms : ndarray of int64, shape (rows,), or None
    """

    participant: Array
    statement: Array
    value: Array
    timestamp_ms: Array | None

    def to_votes(self, statement_ids: Sequence[str] | None = None) -> Votes:
        """The latest vote per pair."""
        return Votes.from_arrays(
            self.participant, self.statement, self.value, self.timestamp_ms, statement_ids=statement_ids
        )


@dataclass(frozen=True, eq=False, slots=True)
class VoteFile:
    """Votes read from a file, and the lines that were left out on request."""

    votes: Votes
    skipped: tuple[Problem, ...]


@dataclass(frozen=True, eq=False, slots=True)
class StatementFile:
    """Statements read from a file, and the lines that were left out on request."""

    statements: tuple[Statement, ...]
    skipped: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class VoteColumns:
    """What the columns of a table of votes are called, and what their ids may be."""

    participant: str
    statement: str
    value: str
    time: str | None
    numeric_ids: bool


def read_votes(
    path: str | os.PathLike[str], *, known: Collection[str] | None = None, skip_bad: bool = False
) -> VoteFile:
    """Read votes in long form: ``participant_id,statement_id,vote[,timestamp_ms]``.

    Parameters
    ----------
    path : path
    known : collection of str, optional
        Statement ids that exist; a vote on any other one is an error.
    skip_bad : bool
        Leave bad lines out and report them in `skipped` instead of raising.

    Returns
    -------
    VoteFile
        With a timestamp the latest vote per pair counts, otherwise the last one in the file.

    Raises
    ------
    InputError
        With every bad line: file, line, column, and what is wrong.
    """
    table = open_table(path, ("participant_id", "statement_id", "vote"), purpose="votes")
    time = "timestamp_ms" if "timestamp_ms" in table.header else None
    columns = VoteColumns("participant_id", "statement_id", "vote", time, numeric_ids=False)
    raw, problems = parse_votes(table, columns, known)
    del table  # the file itself is no longer needed in memory
    if problems and not skip_bad:
        raise InputError(problems)
    return VoteFile(raw.to_votes(None if known is None else sorted(known)), tuple(problems))


def parse_votes(
    table: Table, columns: VoteColumns, known: Collection[str] | None
) -> tuple[RawVotes, list[Problem]]:
    """Vote rows of a table and the problems of the rows that were left out."""
    raw = _parse_plain(table, columns, known)
    if raw is not None:
        return raw, []
    return _parse_records(table, columns, known)


def _parse_plain(table: Table, columns: VoteColumns, known: Collection[str] | None) -> RawVotes | None:
    names = [columns.participant, columns.statement, columns.value] + ([columns.time] if columns.time else [])
    arrays = table.integers(names)
    if arrays is None:
        return None
    value, statement = arrays[columns.value], arrays[columns.statement]
    if np.any((value < -1) | (value > 1)):
        return None
    if columns.numeric_ids and (np.any(statement < 0) or np.any(arrays[columns.participant] < 0)):
        return None
    if known is not None:
        numbers = np.array([int(name) for name in known if is_number(name)], dtype=np.int64)
        if not np.isin(statement, numbers).all():
            return None
    time = arrays[columns.time] if columns.time else None
    if time is not None and np.any((time < 0) | (time > LATEST_MS)):
        return None
    return RawVotes(arrays[columns.participant], statement, value.astype(np.int8), time)


def _parse_records(
    table: Table, columns: VoteColumns, known: Collection[str] | None
) -> tuple[RawVotes, list[Problem]]:
    place = {name: i for i, name in enumerate(table.header)}
    at_person, at_statement, at_value = (
        place[columns.participant],
        place[columns.statement],
        place[columns.value],
    )
    at_time = place[columns.time] if columns.time else None
    width = len(table.header)
    exists = None if known is None else set(known)
    people: list[str] = []
    statements: list[str] = []
    values: list[int] = []
    times: list[int] = []
    problems: list[Problem] = []
    for line, record in table.records():
        if len(record) != width:
            problems.append(table.problem(line, None, f"{len(record)} fields, but the header has {width}."))
            continue
        person, statement = record[at_person].strip(), record[at_statement].strip()
        value = VOTES.get(record[at_value].strip())
        found = len(problems)
        _check_id(problems, table, line, columns.participant, person, columns.numeric_ids)
        _check_id(problems, table, line, columns.statement, statement, columns.numeric_ids)
        if len(problems) == found and exists is not None and statement not in exists:
            message = f"statement {statement} is not among the statements."
            problems.append(table.problem(line, columns.statement, message))
        if value is None:
            message = f"{_shown(record[at_value])} is not a vote: -1, 0 or 1 was expected."
            problems.append(table.problem(line, columns.value, message))
        time = 0
        if at_time is not None:
            try:
                time = _time_of(record[at_time])
            except ValueError:
                message = f"{_shown(record[at_time])} is not a time in {TIME_UNIT}."
                problems.append(table.problem(line, columns.time, message))
        if len(problems) == found and value is not None:
            people.append(person)
            statements.append(statement)
            values.append(value)
            times.append(time)
    convert: Callable[[list[str]], Array] = _as_numbers if columns.numeric_ids else _as_names
    raw = RawVotes(
        convert(people),
        convert(statements),
        np.array(values, dtype=np.int8),
        np.array(times, dtype=np.int64) if at_time is not None else None,
    )
    return raw, problems


def _time_of(text: str) -> int:
    """Milliseconds since 1970, in the years to 2100. Raises ValueError for anything else."""
    time = int(text)
    if not 0 <= time <= LATEST_MS:
        raise ValueError(text)
    return time


def _count_of(text: str) -> int:
    number = int(text)
    if abs(number) > MOST_COUNTED:
        raise ValueError(text)
    return number


def _as_numbers(names: list[str]) -> Array:
    return np.array([int(name) for name in names], dtype=np.int64)


def _as_names(names: list[str]) -> Array:
    return np.array(names, dtype=str)


def is_number(text: str) -> bool:
    """Whether an id is a whole number that fits the arrays."""
    return text.isascii() and text.isdigit() and len(text) <= 18


def _check_id(
    problems: list[Problem], table: Table, line: int, column: str, text: str, numeric: bool
) -> None:
    if not text:
        problems.append(table.problem(line, column, "the id is missing."))
    elif numeric and not is_number(text):
        problems.append(
            table.problem(line, column, f"{_shown(text)} is not a number: ids are whole numbers here.")
        )


def _shown(text: str) -> str:
    text = text.strip()
    return f"“{text[:40]}…”" if len(text) > 40 else f"“{text}”"


# Names of the same thing in a Polis export and in the long form.
STATEMENT_COLUMNS = {
    "id": ("statement_id", "comment-id"),
    "text": ("text", "comment-body"),
    "author": ("author_id", "author-id"),
    "moderated": ("moderated",),
    "is_meta": ("is_meta", "is-meta"),
    "agrees": ("agrees",),
    "disagrees": ("disagrees",),
    "created_ms": ("created_ms", "timestamp"),
    "language": ("lang",),
}


def read_statements(
    path: str | os.PathLike[str], *, numeric_ids: bool = False, skip_bad: bool = False
) -> StatementFile:
    """Read statements: ``statement_id,text,…`` or the ``comments.csv`` of a Polis export.

    Parameters
    ----------
    path : path
    numeric_ids : bool
        Refuse ids that are not whole numbers.
    skip_bad : bool
        Leave bad lines out and report them in `skipped` instead of raising.

    Returns
    -------
    StatementFile
        In the order of the file.

    Raises
    ------
    InputError
        With every bad line.
    """
    table = open_table(path)
    place: dict[str, int] = {}
    for name, spellings in STATEMENT_COLUMNS.items():
        for spelling in spellings:
            if spelling in table.header:
                place.setdefault(name, table.header.index(spelling))
    missing = [STATEMENT_COLUMNS[name] for name in ("id", "text") if name not in place]
    if missing:
        found = ", ".join(table.header[:8])
        raise InputError(
            table.problem(1, names[0], f"this column (or {names[1]}) is missing; the header has: {found}.")
            for names in missing
        )
    statements: list[Statement] = []
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    for line, record in table.records():
        found_before = len(problems)
        statement = _parse_statement(table, line, record, place, problems, numeric_ids)
        if statement is None or len(problems) > found_before:
            continue
        if statement.id in seen:
            column = table.header[place["id"]]
            message = f"statement {statement.id} stands already in line {seen[statement.id]}."
            problems.append(table.problem(line, column, message))
            continue
        seen[statement.id] = line
        statements.append(statement)
    if problems and not skip_bad:
        raise InputError(problems)
    return StatementFile(tuple(statements), tuple(problems))


def _parse_statement(
    table: Table,
    line: int,
    record: list[str],
    place: dict[str, int],
    problems: list[Problem],
    numeric_ids: bool,
) -> Statement | None:
    if len(record) != len(table.header):
        message = f"{len(record)} fields, but the header has {len(table.header)}."
        problems.append(table.problem(line, None, message))
        return None

    def field(name: str) -> str:
        return record[place[name]].strip() if name in place else ""

    def number(name: str) -> int | None:
        text = field(name)
        if not text:
            return None
        try:
            if name == "created_ms":
                return _time_of(text)
            return _count_of(text)
        except ValueError:
            message = f"{_shown(text)} is not a whole number in the expected range."
            if name == "created_ms":
                message = f"{_shown(text)} is not a time in {TIME_UNIT}."
            problems.append(table.problem(line, table.header[place[name]], message))
            return None

    _check_id(problems, table, line, table.header[place["id"]], field("id"), numeric_ids)
    moderated = number("moderated") or 0
    if moderated not in (-1, 0, 1):
        problems.append(table.problem(line, "moderated", f"{moderated} is not -1, 0 or 1."))
    agrees, disagrees = number("agrees"), number("disagrees")
    return Statement(
        id=field("id"),
        text=field("text"),
        author=field("author"),
        moderated=moderated,
        is_meta=field("is_meta").lower() in ("1", "true", "t", "yes"),
        agrees=agrees,
        disagrees=disagrees,
        created_ms=number("created_ms"),
        language=field("lang") if "lang" in place else field("language"),
    )
