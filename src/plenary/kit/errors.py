"""The two ways in which the product says no: an action refused by a rule, and an input that cannot be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class Refused(Exception):
    """A rule, gate or guard refused an action. The message is for people: what, why, and what to do."""

    def __init__(self, message: str | _StrPromise, *, code: str = "refused") -> None:
        super().__init__(str(message))
        self.message = message
        self.code = code


@dataclass(frozen=True)
class Problem:
    """One thing wrong with an input, with its place where there is one (lines and columns count from 1)."""

    message: str
    file: str = ""
    line: int | None = None
    column: str | int | None = None

    def __str__(self) -> str:
        place = [self.file] if self.file else []
        if self.line is not None:
            place.append(f"line {self.line}")
        if self.column is not None:
            place.append(f"column {self.column}")
        return f"{', '.join(place)}: {self.message}" if place else self.message


class BadInput(Exception):
    """An input that was refused as a whole; nothing was written. Lists every problem found."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)
