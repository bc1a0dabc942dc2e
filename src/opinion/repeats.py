"""Several votes of one person on one statement: which of them counts, and what the others said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .errors import Problem
from .rows import RawVotes
from .votes import Votes, order_of

__all__ = ["Repeats", "find_repeats"]

Array = np.ndarray[Any, np.dtype[Any]]
LISTED = 50
WORDS = {1: "agree", 0: "pass", -1: "disagree"}


@dataclass(frozen=True, slots=True)
class Repeats:
    """Rows beyond the first of a participant on a statement. None of them is an error.

    Attributes
    ----------
    repeated : int
        Rows that say the same as the one before them.
    changed : int
        Rows that say something else than the one before them.
    contradicting : int
        Rows that say something else at the very same, latest time: such a vote counts as a pass.
    by_time : bool
        Whether times decide which row is the latest; otherwise the last in the file is.
    notes : tuple of Problem
        The first of these rows in the order of the file, at most 50, each with its line and that of the row before.
    """

    repeated: int = 0
    changed: int = 0
    contradicting: int = 0
    by_time: bool = False
    notes: tuple[Problem, ...] = ()

    def __repr__(self) -> str:
        return f"Repeats({self.describe() or 'none'})"

    @property
    def total(self) -> int:
        """Rows that a pair has beyond its first."""
        return self.repeated + self.changed + self.contradicting

    def describe(self) -> str:
        """The counts in a sentence or two; empty if every pair stands once."""
        if not self.total:
            return ""
        kinds = (
            (self.repeated, "the same"),
            (self.changed, "changed"),
            (self.contradicting, "contradicting"),
        )
        parts = ", ".join(f"{count:,} {kind}" for count, kind in kinds if count)
        counts = "the latest by timestamp_ms counts" if self.by_time else "the last in the file counts"
        more = ", contradictions at the same time as a pass" if self.contradicting else ""
        what = "1 row is a further vote" if self.total == 1 else f"{self.total:,} rows are further votes"
        return f"{what} of a person on the same statement ({parts}). Of each pair {counts}{more}."


def find_repeats(raw: RawVotes, votes: Votes, file: str = "") -> Repeats:
    """What became of the rows that are more than one for a pair.

    Parameters
    ----------
    raw : RawVotes
        All rows.
    votes : Votes
        The votes that were made of them.
    file : str
        What the file is called in the notes.

    Returns
    -------
    Repeats
        ``repeated + changed + contradicting`` is the number of rows less the number of pairs.
    """
    by_time = raw.timestamp_ms is not None
    if votes.superseded == 0:
        return Repeats(by_time=by_time)
    people, row = raw.people()
    labels, column = raw.columns()
    # Only the rows of those who have more rows than votes need sorting, and of these only pairs that stand twice.
    doubtful = np.bincount(row, minlength=people.size) > np.diff(votes.indptr)
    rows = np.flatnonzero(doubtful[row])
    rows = rows[order_of(row[rows], column[rows], people.size, labels.size)]
    same = (row[rows][1:] == row[rows][:-1]) & (column[rows][1:] == column[rows][:-1])
    several = np.append(same, False) | np.append(False, same)
    pair = np.cumsum(np.append(True, ~same))[several]
    rows = rows[several]
    time = raw.timestamp_ms[rows] if raw.timestamp_ms is not None else np.zeros(rows.size, dtype=np.int64)
    order = np.lexsort((time, pair))
    rows, time = rows[order], time[order]
    last = np.flatnonzero(np.append(pair[1:] != pair[:-1], True))
    latest = np.repeat(time[last], np.diff(np.append(-1, last)))
    again = np.flatnonzero(pair[1:] == pair[:-1]) + 1
    value = raw.value[rows]
    other = value[again] != value[again - 1]
    tied = other & (time[again] == time[again - 1]) & (time[again] == latest[again]) & by_time
    notes = _notes(raw, rows, again, tied, file, (people[row[rows]], labels[column[rows]]))
    return Repeats(int((~other).sum()), int((other & ~tied).sum()), int(tied.sum()), by_time, notes)


def _notes(
    raw: RawVotes, rows: Array, again: Array, tied: Array, file: str, ids: tuple[Array, Array]
) -> tuple[Problem, ...]:
    if raw.lines is None:
        return ()
    first = np.argsort(rows[again], kind="stable")[:LISTED]
    notes = []
    for at, contradicts in zip(again[first].tolist(), tied[first].tolist(), strict=True):
        line, before = raw.lines.at(rows[[at, at - 1]]).tolist()
        now, then = (WORDS[int(raw.value[rows[i]])] for i in (at, at - 1))
        said = f"participant {str(ids[0][at])[:40]} on statement {str(ids[1][at])[:40]}"
        if contradicts:
            message = f"{said} says {now}, and {then} in line {before} at the same time."
        elif now == then:
            message = f"{said} says {now} again, as in line {before}."
        else:
            message = f"{said} says {now}, which replaces {then} in line {before}."
        notes.append(Problem(file, line, None, message))
    return tuple(notes)
