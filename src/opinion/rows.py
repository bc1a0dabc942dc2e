"""Rows of votes as they stand in a table: read in blocks, each bad one named with its line."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .blocks import MOST_DIGITS, cut, numbers, texts
from .errors import InputError, Problem
from .table import Table
from .votes import Votes, canonical, with_columns

__all__ = [
    "LATEST_MS",
    "TIME_UNIT",
    "VOTES",
    "Lines",
    "RawVotes",
    "VoteColumns",
    "is_number",
    "parse_votes",
    "shown",
]

Array = np.ndarray[Any, np.dtype[Any]]
LATEST_MS = 4_102_444_800_000  # the year 2100: no vote was cast after it
TIME_UNIT = "whole milliseconds since 1970, up to the year 2100"
VOTES = {"1": 1, "+1": 1, "0": 0, "-1": -1, "1.0": 1, "0.0": 0, "-1.0": -1, "\u22121": -1}
MOST_PROBLEMS = 100_000  # a table with more bad lines is not the table that was meant


@dataclass(frozen=True, eq=False, slots=True)
class Lines:
    """On which physical line each row stands: runs of rows on consecutive lines.

    Attributes
    ----------
    rows, lines : ndarray of int64, shape (runs,)
        First row of each run, rising from 0, and its line.
    """

    rows: Array
    lines: Array

    def at(self, rows: Array) -> Array:
        """The lines of some rows."""
        run = np.searchsorted(self.rows, rows, side="right") - 1
        return np.asarray(self.lines[run] + rows - self.rows[run])

    def kept(self, keep: Array) -> Lines:
        """The lines of the rows at which the boolean array is true, which are numbered anew."""
        rows = np.flatnonzero(keep)
        return Lines(np.arange(rows.size), self.at(rows))


@dataclass(frozen=True, eq=False, slots=True)
class RawVotes:
    """Vote rows as they stand in a file, re-votes included; parallel arrays.

    Attributes
    ----------
    participant, statement : ndarray of int or of str, shape (rows,)
        Ids, or where there are names places among these.
    value : ndarray of int8, shape (rows,)
    timestamp_ms : ndarray of int64, shape (rows,), or None
    participant_names, statement_names : ndarray of str, or None
        Distinct ids.
    lines : Lines or None
        ``None`` for rows that come from no lines.
    """

    participant: Array
    statement: Array
    value: Array
    timestamp_ms: Array | None
    participant_names: Array | None = None
    statement_names: Array | None = None
    lines: Lines | None = None

    def ids(self) -> tuple[Array, Array]:
        """Participant and statement of each row, written out."""
        people, statements = self.participant_names, self.statement_names
        return (
            self.participant if people is None else people[self.participant],
            self.statement if statements is None else statements[self.statement],
        )

    def to_votes(self, statement_ids: Sequence[str] | None = None) -> Votes:
        """The latest vote per pair."""
        people, row = self.people()
        labels, column = self.columns()
        labels, column = with_columns(labels, column, statement_ids)
        return Votes._assemble(people, labels, row, column, self.value, self.timestamp_ms)

    def people(self) -> tuple[Array, Array]:
        """Distinct participants in canonical order, and for each row the place among them."""
        return _canonical(self.participant, self.participant_names)

    def columns(self) -> tuple[Array, Array]:
        """Distinct statements in canonical order, and for each row the place among them."""
        return _canonical(self.statement, self.statement_names)


def _canonical(values: Array, names: Array | None) -> tuple[Array, Array]:
    if names is None:
        return canonical(values)
    distinct, place = canonical(names)
    return distinct, place[values]


@dataclass(frozen=True, slots=True)
class VoteColumns:
    """What the columns of a table of votes are called, and what their ids may be."""

    participant: str
    statement: str
    value: str
    time: str | None
    numeric_ids: bool


def parse_votes(
    table: Table, columns: VoteColumns, known: Collection[str] | None
) -> tuple[RawVotes, list[Problem]]:
    """Vote rows of a table and the problems of the rows that were left out.

    Parameters
    ----------
    table : Table
    columns : VoteColumns
    known : collection of str or None
        Statement ids that exist; a vote on any other one is a problem.

    Returns
    -------
    raw : RawVotes
    problems : list of Problem

    Raises
    ------
    InputError
        If a record cannot be read at all, or more than 100,000 lines are bad.
    """
    reader = _Reader(table, columns, known)
    for part in table.blocks():
        if not reader.take_plain(part):
            reader.take_records(part)
        if len(reader.problems) > MOST_PROBLEMS:
            message = f"more than {MOST_PROBLEMS:,} lines are bad; the others were not looked at."
            raise InputError([*reader.problems[:MOST_PROBLEMS], table.problem(None, None, message)])
    _tell_cut(reader)
    return reader.result(), reader.problems


def _tell_cut(reader: _Reader) -> None:
    """A last line that is bad and has no end was probably cut off."""
    if reader.problems and reader.problems[-1].line == reader.line and not reader.table.data.endswith(b"\n"):
        last = reader.problems[-1]
        message = f"{last.message} The file ends in the middle of this line: is all of it there?"
        reader.problems[-1] = replace(last, message=message)


class _Ids:
    """A column of ids, block by block: numbers as long as all are numbers, then places among names."""

    def __init__(self) -> None:
        self.parts: list[Array] = []
        self.names: dict[str, int] | None = None

    def add_numbers(self, values: Array) -> None:
        if self.names is None:
            self.parts.append(values)
        else:
            distinct, codes = np.unique(values, return_inverse=True)
            self.add_texts(list(map(str, distinct.tolist())), codes)

    def add_texts(self, names: list[str], codes: Array) -> None:
        if self.names is None:
            before, self.parts, self.names = self.parts, [], {}
            for part in before:
                self.add_numbers(part)
        known = self.names
        places = np.array([known.setdefault(name, len(known)) for name in names], dtype=np.int32)
        self.parts.append(places[codes])

    def add(self, ids: list[str], as_numbers: bool) -> None:
        """Ids of single records."""
        if as_numbers or (self.names is None and all(map(_is_canonical, ids))):
            self.add_numbers(np.array([int(text) for text in ids], dtype=np.int64))
        else:
            self.add_texts(ids, np.arange(len(ids)))

    def result(self) -> tuple[Array, Array | None]:
        values = np.concatenate(self.parts) if self.parts else np.empty(0, dtype=np.int32)
        self.parts = []
        return values, None if self.names is None else np.array(list(self.names), dtype=str)


class _Reader:
    """Collects the rows of blocks and what is wrong with them."""

    def __init__(self, table: Table, columns: VoteColumns, known: Collection[str] | None) -> None:
        self.table, self.columns = table, columns
        self.exists = None if known is None else set(known)
        self.numbers_known = np.array(
            [int(name) for name in known or () if _is_canonical(name)], dtype=np.int64
        )
        place = {name: i for i, name in enumerate(table.header)}
        self.at_person, self.at_statement = place[columns.participant], place[columns.statement]
        self.at_value = place[columns.value]
        self.at_time = place[columns.time] if columns.time else None
        self.people, self.statements = _Ids(), _Ids()
        self.values: list[Array] = []
        self.times: list[Array] = []
        self.rows, self.line = 0, table.body_line
        self.starts: list[tuple[int, int]] = []
        self.problems: list[Problem] = []

    def take_plain(self, part: slice) -> bool:
        """Take a block if nothing in it is out of the ordinary."""
        block = self.table.data[part]
        if part.stop == len(self.table.data):
            block = block.rstrip(b"\r\n")
            if not block:
                return True
        fields = cut(block, len(self.table.header))
        if fields is None:
            return False
        value = _plain_values(fields, self.at_value)
        time = None if self.at_time is None else numbers(fields, self.at_time)
        if value is None or (self.at_time is not None and not _are_times(time)):
            return False
        people = _ids_of(fields, self.at_person, self.columns.numeric_ids)
        statements = _ids_of(fields, self.at_statement, self.columns.numeric_ids)
        if people is None or statements is None or not self._all_known(statements):
            return False
        for ids, found in ((self.people, people), (self.statements, statements)):
            if isinstance(found, tuple):
                ids.add_texts(*found)
            else:
                ids.add_numbers(found)
        self._add(value, time, [self.line])
        self.line += value.size
        return True

    def _all_known(self, statements: Array | tuple[list[str], Array]) -> bool:
        if self.exists is None:
            return True
        if isinstance(statements, tuple):
            return self.exists.issuperset(statements[0])
        return bool(np.isin(statements, self.numbers_known).all())

    def _add(self, value: Array, time: Array | None, lines: list[int]) -> None:
        """`lines` are those of the first rows; the rows after the last of them stand on the lines after it."""
        for row, line in enumerate(lines, self.rows):
            if not self.starts or line - row != self.starts[-1][1] - self.starts[-1][0]:
                self.starts.append((row, line))
        self.values.append(value)
        if time is not None:
            self.times.append(time)
        self.rows += value.size

    def take_records(self, part: slice) -> None:
        """Take the good rows of a block record by record, and note what is wrong with the others."""
        people: list[str] = []
        statements: list[str] = []
        values: list[int] = []
        times: list[int] = []
        lines: list[int] = []
        for at, record in self.table.records_of(part, self.line):
            row = self._check(at, record)
            if row is not None:
                people.append(row[0])
                statements.append(row[1])
                values.append(row[2])
                times.append(row[3])
                lines.append(at)
        self.people.add(people, self.columns.numeric_ids)
        self.statements.add(statements, self.columns.numeric_ids)
        time = None if self.at_time is None else np.array(times, dtype=np.int64)
        self._add(np.array(values, dtype=np.int8), time, lines)
        self.line += self.table.data.count(b"\n", part.start, part.stop)

    def _check(self, line: int, record: list[str]) -> tuple[str, str, int, int] | None:
        """Participant, statement, vote and time of a record, or ``None`` with its problems noted."""
        table, names = self.table, self.columns
        if len(record) != len(table.header):
            self.problems.append(table.problem(line, None, miscounted(len(record), len(table.header))))
            return None
        person, statement = record[self.at_person].strip(), record[self.at_statement].strip()
        value = VOTES.get(record[self.at_value].strip())
        found: list[Problem] = []
        check_id(found, table, line, names.participant, person, names.numeric_ids)
        check_id(found, table, line, names.statement, statement, names.numeric_ids)
        if not found and self.exists is not None and statement not in self.exists:
            message = f"statement {statement[:40]} is not among the statements."
            found.append(table.problem(line, names.statement, message))
        if value is None:
            message = f"{shown(record[self.at_value])} is not a vote: -1, 0 or 1 was expected."
            found.append(table.problem(line, names.value, message))
        time = 0
        if self.at_time is not None:
            try:
                time = time_of(record[self.at_time])
            except ValueError:
                message = f"{shown(record[self.at_time])} is not a time in {TIME_UNIT}."
                found.append(table.problem(line, names.time, message))
        self.problems += found
        return None if found or value is None else (person, statement, value, time)

    def result(self) -> RawVotes:
        participant, participant_names = self.people.result()
        statement, statement_names = self.statements.result()
        starts = np.array(self.starts or [(0, self.table.body_line)], dtype=np.int64)
        times = None
        if self.at_time is not None:
            times = np.concatenate([np.empty(0, dtype=np.int64), *self.times])
        return RawVotes(
            participant,
            statement,
            np.concatenate([np.empty(0, dtype=np.int8), *self.values]),
            times,
            participant_names,
            statement_names,
            Lines(starts[:, 0], starts[:, 1]),
        )


def _plain_values(fields: Any, column: int) -> Array | None:
    value = numbers(fields, column)
    if value is not None:
        return value if value.dtype == np.int8 and not np.any((value < -1) | (value > 1)) else None
    found = texts(fields, column)  # "1.0", "+1"
    if found is None or not VOTES.keys() >= set(found[0]):
        return None
    return np.array([VOTES[name] for name in found[0]], dtype=np.int8)[found[1]]


def _are_times(time: Array | None) -> bool:
    return time is not None and not np.any((time < 0) | (time > LATEST_MS))


def _ids_of(fields: Any, column: int, numeric: bool) -> Array | tuple[list[str], Array] | None:
    values = numbers(fields, column)
    if numeric:
        return None if values is None or np.any(values < 0) else values
    return values if values is not None else texts(fields, column)


def miscounted(found: int, expected: int) -> str:
    """Why a record with another number of fields than the header cannot be read."""
    if found < expected:
        return f"only {found} field{'' if found == 1 else 's'}, but the header has {expected}."
    return f"{found} fields, but the header has {expected}."


def time_of(text: str) -> int:
    """Milliseconds since 1970, in the years to 2100. Raises ValueError for anything else."""
    time = int(text)
    if not 0 <= time <= LATEST_MS:
        raise ValueError(text)
    return time


def is_number(text: str) -> bool:
    """Whether an id is a whole number that fits the arrays."""
    return text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS


def _is_canonical(text: str) -> bool:
    """Whether the text is what its number is written as."""
    return is_number(text.removeprefix("-")) and text == str(int(text))


def check_id(problems: list[Problem], table: Table, line: int, column: str, text: str, numeric: bool) -> None:
    """Note an id that is missing, or no number where only numbers may stand."""
    if not text:
        problems.append(table.problem(line, column, "the id is missing."))
    elif numeric and not is_number(text):
        problems.append(
            table.problem(line, column, f"{shown(text)} is not a number: ids are whole numbers here.")
        )


def shown(text: str) -> str:
    """A text from a file in quotation marks, its beginning if it is long."""
    text = text.strip()
    return f"“{text[:40]}…”" if len(text) > 40 else f"“{text}”"
