"""What is wrong with an input: every place, not only the first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["InputError", "Problem", "file_words"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, with its place.

    Attributes
    ----------
    file : str
        The file as the caller named it; empty for arrays.
    line : int or None
        Physical line, counted from 1, where the record starts. ``None`` if the whole file is meant.
    column : str or None
        Name of the column, ``None`` if the whole line is meant.
    message : str
        What is wrong and what to do, in plain words.
    row : int or None
        Row, counted from 1, in files that have no lines (Parquet).
    """

    file: str
    line: int | None
    column: str | None
    message: str
    row: int | None = None

    def __str__(self) -> str:
        place = [Path(self.file).name if self.file else ""]
        if self.line is not None:
            place.append(f"line {self.line}")
        if self.row is not None:
            place.append(f"row {self.row:,}")
        if self.column is not None:
            place.append(f"column {self.column}")
        where = ", ".join(part for part in place if part)
        return f"{where}: {self.message}" if where else self.message


def file_words(name: str, content: object, skipped: Sequence[Problem], notes: Sequence[Problem] = ()) -> str:
    """What was read from a file, in a line."""
    return f"{name}({content!r}, {len(skipped):,} lines left out, {len(notes):,} notes)"


class InputError(ValueError):
    """The input cannot be used as it is.

    Parameters
    ----------
    problems : Problem, str or iterable of Problem
        All that was found. A bare string stands for a problem without a place.

    Attributes
    ----------
    problems : tuple of Problem
    """

    def __init__(self, problems: Problem | str | Iterable[Problem]) -> None:
        if isinstance(problems, str):
            problems = Problem("", None, None, problems)
        if isinstance(problems, Problem):
            problems = (problems,)
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__(self.describe())

    def __reduce__(self) -> tuple[type[InputError], tuple[tuple[Problem, ...]]]:
        return type(self), (self.problems,)  # problems keep their places on the way from another process

    def describe(self, limit: int = 20) -> str:
        """The problems as text, one a line, at most `limit` of them and the number of the others."""
        lines = [str(problem) for problem in self.problems[:limit]]
        if len(self.problems) > limit:
            lines.append(f"… and {len(self.problems) - limit} more ({len(self.problems)} in total).")
        return "\n".join(lines)
