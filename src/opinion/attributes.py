"""What people said about themselves: one row a person, one column an attribute, empty where nothing was said."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import InputError, Problem, file_words
from .table import Table, open_table
from .votes import Votes, votes_in

if TYPE_CHECKING:
    import os

__all__ = ["Attribute", "AttributeFile", "Attributes", "read_attributes"]

Array = np.ndarray[Any, np.dtype[Any]]
NOT_SAID = -1
ID = "participant_id"


@dataclass(frozen=True, eq=False, slots=True)
class Attribute:
    """One attribute of all participants.

    Attributes
    ----------
    name : str
    categories : tuple of str
        Those that somebody named, sorted by code point.
    codes : ndarray of int32, shape (n,)
        Place in `categories`; −1 where nothing was said.
    """

    name: str
    categories: tuple[str, ...]
    codes: Array

    def __repr__(self) -> str:
        return f"Attribute({self.name}: {self.codes.size:,} people, {len(self.categories)} categories)"

    @property
    def sizes(self) -> Array:
        """People per category, shape (categories,); those who said nothing are in none."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.categories))


@dataclass(frozen=True, eq=False, slots=True)
class Attributes:
    """Attributes of the participants of a conversation, in the order of its votes.

    Attributes
    ----------
    columns : tuple of Attribute
    people : int
        Participants n, those without a row included.
    """

    columns: tuple[Attribute, ...]
    people: int

    def __getitem__(self, name: str) -> Attribute:
        for column in self.columns:
            if column.name == name:
                return column
        known = ", ".join(column.name for column in self.columns) or "none"
        raise InputError(f"There is no attribute “{name}”. There are: {known}.")

    def __repr__(self) -> str:
        said = ", ".join(f"{one.name} ({len(one.categories)} categories)" for one in self.columns)
        return f"Attributes({self.people:,} people: {said or 'none'})"

    @classmethod
    def from_columns(cls, columns: Mapping[str, Sequence[str | None]]) -> Attributes:
        """Attributes from parallel columns.

        Parameters
        ----------
        columns : mapping of str to sequence of str or None, each of length n
            In the order of ``votes.participant_ids``. ``None`` and the empty string: not said. Names are compared
            without surrounding space and in Unicode's composed form (NFC).

        Returns
        -------
        Attributes

        Raises
        ------
        InputError
            Columns of different lengths.

        Examples
        --------
        >>> Attributes.from_columns({"region": ["north", "", "south"]})["region"].codes.tolist()
        [0, -1, 1]
        """
        lengths = {len(values) for values in columns.values()}
        if len(lengths) > 1:
            raise InputError("The columns of attributes must have one length: one entry a participant.")
        made = tuple(
            _column(_tidy(name), [_tidy(v or "") for v in values]) for name, values in columns.items()
        )
        return cls(made, lengths.pop() if lengths else 0)

    def cross(self, one: str, other: str) -> Attribute:
        """Two attributes as one: each pair that occurs is a category; not said where one of them is not.

        Parameters
        ----------
        one, other : str
            Names of attributes.

        Returns
        -------
        Attribute

        Raises
        ------
        InputError
            An attribute that is not there, or twice the same.
        """
        if one == other:
            raise InputError(f"“{one}” cannot be crossed with itself.")
        first, second = self[one], self[other]
        names = [
            "" if a < 0 or b < 0 else f"{first.categories[a]} × {second.categories[b]}"
            for a, b in zip(first.codes.tolist(), second.codes.tolist(), strict=True)
        ]
        return _column(f"{one} × {other}", names)


@dataclass(frozen=True, eq=False, slots=True)
class AttributeFile:
    """Attributes read from a file.

    Attributes
    ----------
    attributes : Attributes
    skipped : tuple of Problem
        Lines that were left out on request.
    notes : tuple of Problem
        What is unusual without being wrong: people who did not vote, rows that stand twice alike, columns in which
        nobody said anything, participants without a row.
    """

    attributes: Attributes
    skipped: tuple[Problem, ...]
    notes: tuple[Problem, ...]

    def __repr__(self) -> str:
        return file_words("AttributeFile", self.attributes, self.skipped, self.notes)


def attributes_in(given: Any) -> Attributes:
    """Attributes, or those of an `AttributeFile`; an InputError for anything else."""
    found = getattr(given, "attributes", given)
    if not isinstance(found, Attributes):
        raise InputError(
            f"Attributes were expected, not {type(given).__name__}: Attributes.from_columns(…), or "
            "read_attributes(path, votes).attributes."
        )
    return found


def read_attributes(path: str | os.PathLike[str], votes: Votes, *, skip_bad: bool = False) -> AttributeFile:
    """Read attributes: ``participant_id`` and one column per attribute, empty = not said.

    Parameters
    ----------
    path : path
        CSV, UTF-8 with or without byte order mark.
    votes : Votes
        Whose participants are meant.
    skip_bad : bool
        Leave bad lines out and report them in `skipped` instead of raising. Of rows that contradict each other none
        is kept: which of them is right cannot be known.

    Returns
    -------
    AttributeFile

    Raises
    ------
    InputError
        With every bad line: a missing id, too many or too few fields, rows of one person that contradict each other;
        or a file without attributes.
    """
    votes = votes_in(votes)
    table = open_table(path, (ID,), purpose="attributes")
    at = table.header.index(ID)
    named = [i for i in range(len(table.header)) if i != at]
    problems = [
        table.problem(1, None, f"column {i + 1} has no name; name it or take it out.")
        for i in named
        if not table.header[i]
    ]
    if not named:
        problems = [
            table.problem(1, None, "there is no attribute: at least one column beside participant_id.")
        ]
    if problems:
        raise InputError(problems)
    rows, problems, notes = _collect(table, at, named)
    if problems and not skip_bad:
        raise InputError(problems)
    place = {name: i for i, name in enumerate(votes.participant_ids.tolist())}
    values = [[""] * len(place) for _ in named]
    for person, (line, said) in rows.items():
        if person not in place:
            notes.append(
                table.problem(line, ID, f"participant {_shown(person)} did not vote and is not counted.")
            )
            continue
        for column, value in zip(values, said, strict=True):
            column[place[person]] = value
    columns = tuple(_column(_tidy(table.header[i]), v) for i, v in zip(named, values, strict=True))
    notes.sort(key=lambda note: note.line or 0)
    notes += _overall(table, columns, sum(person not in rows for person in place), len(place))
    return AttributeFile(Attributes(columns, len(place)), tuple(problems), tuple(notes))


def _collect(
    table: Table, at: int, named: list[int]
) -> tuple[dict[str, tuple[int, tuple[str, ...]]], list[Problem], list[Problem]]:
    """Line and values of each person; what is wrong; rows that stand twice alike."""
    rows: dict[str, tuple[int, tuple[str, ...]]] = {}
    contradicted: set[str] = set()
    problems: list[Problem] = []
    notes: list[Problem] = []
    for line, record in table.records():
        if len(record) != len(table.header):
            message = f"{len(record)} fields, but the header has {len(table.header)}."
            problems.append(table.problem(line, None, message))
            continue
        person, said = record[at].strip(), tuple(_tidy(record[i]) for i in named)
        if not person:
            problems.append(table.problem(line, ID, "the id is missing."))
        elif person not in rows:
            rows[person] = (line, said)
        elif rows[person][1] == said:
            message = f"participant {_shown(person)} stands already in line {rows[person][0]}, with the same values."
            notes.append(table.problem(line, ID, message))
        else:
            contradicted.add(person)
            message = (
                f"participant {_shown(person)} stands in line {rows[person][0]} with other values; keep one."
            )
            problems.append(table.problem(line, ID, message))
    return {person: row for person, row in rows.items() if person not in contradicted}, problems, notes


def _overall(table: Table, columns: tuple[Attribute, ...], without: int, people: int) -> list[Problem]:
    notes = [
        table.problem(1, column.name, "nobody who voted said anything here.")
        for column in columns
        if people and not column.categories
    ]
    if without:
        message = (
            f"{without:,} of {people:,} participants have no row: they count as not said in every attribute."
        )
        notes.append(table.problem(None, None, message))
    return notes


def _column(name: str, values: Sequence[str]) -> Attribute:
    categories = tuple(sorted(set(values) - {""}))
    place = {category: i for i, category in enumerate(categories)} | {"": NOT_SAID}
    codes = np.fromiter((place[value] for value in values), dtype=np.int32, count=len(values))
    codes.setflags(write=False)
    return Attribute(name, categories, codes)


def _tidy(text: str) -> str:
    """One form for what is one name: without surrounding space, composed (an accent may be typed in two ways)."""
    return unicodedata.normalize("NFC", text.strip())


def _shown(text: str) -> str:
    return f"“{text[:40]}…”" if len(text) > 40 else f"“{text}”"
