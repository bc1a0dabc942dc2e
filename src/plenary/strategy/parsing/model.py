"""What reading a strategy yields: clauses, occurrences, doubts; and the one error it raises."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Protocol

Kind = Literal["goal", "principle", "commitment", "section", "paragraph"]

PREFIXES: dict[Kind, str] = {
    "goal": "G",
    "principle": "P",
    "commitment": "C",
    "section": "S",
    "paragraph": "T",
}


class StrategyFormatError(ValueError):
    """The file cannot be read as a strategy; says why, where, and what to do about it."""

    def __init__(
        self, message: str, line: int | None = None, column: int | None = None, *, code: str
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.line = line
        self.column = column

    def __str__(self) -> str:
        place = [
            f"{name} {value}"
            for name, value in (("line", self.line), ("column", self.column))
            if value is not None
        ]
        return f"{', '.join(place)}: {self.message}" if place else self.message


@dataclass(frozen=True, slots=True)
class ParsedClause:
    """One clause in reading order; `ref` is local (`C3`), `number` is what the source prints."""

    kind: Kind
    ref: str
    number: str
    title: str
    text: str
    children: tuple[ParsedClause, ...]
    line: int

    @property
    def heading(self) -> str:
        """The title, or the beginning of the text where the source prints no title."""
        if self.title or len(self.text) <= 80:
            return self.title or self.text
        return self.text[:79].rstrip() + "…"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A clause `within` that repeats the clause `of`; `variant_title` only where it differs."""

    of: str
    within: str
    variant_title: str
    line: int


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something a person should look at; `code` is stable, `message` is plain English."""

    code: str
    message: str
    line: int
    refs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Statistics:
    """How much was read."""

    goals: int
    principles: int
    commitments: int
    sections: int
    paragraphs: int
    occurrences: int
    doubts: int
    lines: int
    characters: int


@dataclass(frozen=True, slots=True)
class ParsedStrategy:
    """A strategy as read from its source: a tree of clauses and everything that was doubtful."""

    title: str
    language: str
    clauses: tuple[ParsedClause, ...]
    occurrences: tuple[Occurrence, ...]
    doubts: tuple[Doubt, ...]
    statistics: Statistics
    edition: str = ""

    def walk(self) -> tuple[ParsedClause, ...]:
        """All clauses, parents before their children, in reading order."""
        return walk(self.clauses)


def walk(clauses: tuple[ParsedClause, ...]) -> tuple[ParsedClause, ...]:
    """The given clauses and all below them, parents first, in reading order."""
    found: list[ParsedClause] = []
    waiting = list(reversed(clauses))
    while waiting:
        clause = waiting.pop()
        found.append(clause)
        waiting.extend(reversed(clause.children))
    return tuple(found)


class HasRef(Protocol):
    """A node of the text that is given its reference only when the whole tree is built."""

    ref: str


@dataclass(slots=True)
class Notes:
    """Collects doubts while reading; a flood of equal ones is cut short and counted."""

    limit: int = 200
    doubts: list[tuple[Doubt, HasRef | None]] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)

    def add(self, code: str, message: str, line: int, *refs: str, about: HasRef | None = None) -> None:
        """Remember one doubt, unless there are already `limit` of its code; `about` gets its ref later."""
        self.seen[code] = self.seen.get(code, 0) + 1
        if self.seen[code] <= self.limit:
            self.doubts.append((Doubt(code, message, line, refs), about))

    def overflow(self) -> list[tuple[Doubt, HasRef | None]]:
        """One doubt per code that was cut short, saying how many were not listed."""
        return [
            (Doubt(code, f"{count - self.limit} more of this kind are not listed.", 0), None)
            for code, count in self.seen.items()
            if count > self.limit
        ]
