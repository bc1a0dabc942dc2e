"""Pure helpers about statements and counts: no database, no clock."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

MAX_LENGTH = 280


def tidy(body: str) -> str:
    """Trimmed, with single spaces: a statement is one line."""
    return " ".join(body.split())


def same_words(body: str) -> str:
    """What two wordings share if they differ only in case, spaces, punctuation, or how characters are composed.

    Combining marks stay: in some scripts they are the vowels.
    """
    plain = unicodedata.normalize("NFKC", body).casefold()
    kept = "".join(mark for mark in plain if unicodedata.category(mark)[0] in "LMNS")
    return kept or plain.strip()


@dataclass(frozen=True)
class Shares:
    """How a statement was answered, by the latest vote of everybody who voted on it."""

    agree: int = 0
    disagree: int = 0
    passed: int = 0

    @property
    def total(self) -> int:
        return self.agree + self.disagree + self.passed

    @property
    def agree_percent(self) -> int:
        return self._percent(self.agree)

    @property
    def disagree_percent(self) -> int:
        return self._percent(self.disagree)

    @property
    def pass_percent(self) -> int:
        return self._percent(self.passed)

    def _percent(self, count: int) -> int:
        return round(100 * count / self.total) if self.total else 0
