"""Votes in long form and lists of statements, read from CSV files."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from .errors import InputError, Problem, file_words
from .repeats import Repeats, find_repeats
from .rows import (
    LATEST_MS,
    TIME_UNIT,
    VOTES,
    RawVotes,
    VoteColumns,
    check_id,
    miscounted,
    parse_votes,
    shown,
    time_of,
)
from .stamps import in_milliseconds, time_column, unread
from .table import Table, open_table
from .votes import Statement, Votes

if TYPE_CHECKING:
    import os

__all__ = [
    "LATEST_MS",
    "TIME_UNIT",
    "VOTES",
    "RawVotes",
    "StatementFile",
    "VoteFile",
    "read_statements",
    "read_votes",
]

MOST_COUNTED = 10**12  # agrees on one statement; more is a slip, and would not fit the arrays


@dataclass(frozen=True, eq=False, slots=True)
class VoteFile:
    """Votes read from a file, and what is to be said of its lines.

    Attributes
    ----------
    votes : Votes
    skipped : tuple of Problem
        Lines that were left out on request.
    repeats : Repeats
        Lines that vote once more on what their participant had voted on before.
    notes : tuple of Problem
        Columns that were not read.
    """

    votes: Votes
    skipped: tuple[Problem, ...]
    repeats: Repeats = field(default_factory=Repeats)
    notes: tuple[Problem, ...] = ()

    def __repr__(self) -> str:
        return file_words("VoteFile", self.votes, self.skipped, (*self.notes, *self.repeats.notes))


@dataclass(frozen=True, eq=False, slots=True)
class StatementFile:
    """Statements read from a file, and the lines that were left out on request.

    Attributes
    ----------
    statements : tuple of Statement
    skipped : tuple of Problem
    """

    statements: tuple[Statement, ...]
    skipped: tuple[Problem, ...]

    def __repr__(self) -> str:
        return f"StatementFile({len(self.statements):,} statements, {len(self.skipped):,} lines left out)"


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
        With a timestamp the latest vote per pair counts, otherwise the last one in the file. `repeats` tells which
        lines that concerns; they are no error. A column ``timestamp`` or ``datetime`` stands for ``timestamp_ms`` if
        all its numbers can be seconds since 1970, or all milliseconds; `notes` names columns that are not read.

    Raises
    ------
    InputError
        With every bad line: file, line, column, and what is wrong; or a time whose unit cannot be told.
    """
    table = open_table(path, ("participant_id", "statement_id", "vote"), purpose="votes")
    time = time_column(table)
    notes = unread(table.file, table.header, ("participant_id", "statement_id", "vote", time))
    columns = VoteColumns("participant_id", "statement_id", "vote", time, numeric_ids=False)
    raw, problems = parse_votes(table, columns, known)
    del table  # the file itself is no longer needed in memory
    if problems and not skip_bad:
        raise InputError(problems)
    raw = replace(raw, timestamp_ms=in_milliseconds(raw.timestamp_ms, str(path), time))
    votes = raw.to_votes(None if known is None else sorted(known))
    return VoteFile(votes, tuple(problems), find_repeats(raw, votes, str(path)), notes)


def _count_of(text: str) -> int:
    number = int(text)
    if abs(number) > MOST_COUNTED:
        raise ValueError(text)
    return number


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
        problems.append(table.problem(line, None, miscounted(len(record), len(table.header))))
        return None

    def field(name: str) -> str:
        return record[place[name]].strip() if name in place else ""

    def number(name: str) -> int | None:
        text = field(name)
        if not text:
            return None
        try:
            if name == "created_ms":
                return time_of(text)
            return _count_of(text)
        except ValueError:
            message = f"{shown(text)} is not a whole number in the expected range."
            if name == "created_ms":
                message = f"{shown(text)} is not a time in {TIME_UNIT}."
            problems.append(table.problem(line, table.header[place[name]], message))
            return None

    check_id(problems, table, line, table.header[place["id"]], field("id"), numeric_ids)
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
