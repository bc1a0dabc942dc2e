"""One text in a file for translators."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True)
class Unit:
    """A text as we give it away."""

    id: str
    source: str
    source_language: str
    target: str
    state: str
    """``stale``, ``missing``, ``machine`` or ``done``."""
    name: str
    """Where it stands, for programs: ``STM-4.title``."""
    context: str
    """Where it stands, for people."""
    source_hash: str
    seen: str
    """The fingerprint of the target, by which we notice that somebody wrote meanwhile."""
    earlier_source: str = ""


@dataclass(frozen=True)
class ReadUnit:
    """A text as it came back."""

    id: str
    source: str
    target: str
    line: int | None
    is_confirmed: bool
    """Its translator says that it is right: neither «initial» nor fuzzy."""
    is_fuzzy: bool = False
    """She says that it is not finished. «Initial» says less: many tools leave it there whatever is written."""
    seen: str = ""
    holds_markup: bool = False


@dataclass
class ReadFile:
    language: str
    """Into which it translates, as the file says; empty where it does not."""
    source_language: str = ""
    units: list[ReadUnit] = field(default_factory=list)


class FileError(Exception):
    """A file that cannot be read at all: why, and where."""

    def __init__(self, message: str | _StrPromise, line: int | None = None) -> None:
        super().__init__(str(message))
        self.message = message
        self.line = line
