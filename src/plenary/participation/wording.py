"""Pure helpers about statements and counts: no database, no clock."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

MAX_LENGTH = 280
MAX_APPEAL = 500

# Why a statement is rejected: what is stored, and what people read in their language.
REASONS = {
    "off-topic": _("It does not answer the question"),
    "several ideas": _("It holds more than one idea"),
    "repeats": _("It repeats another statement"),
    "personal": _("It names or exposes a person"),
    "insulting": _("It insults or threatens"),
    "advertising": _("It advertises"),
}


def reason_in_words(stored: str) -> str:
    """A stored reason, «off-topic: about another country», with its first part in the reader's language."""
    known, _colon, remark = stored.partition(": ")
    if known not in REASONS:
        return stored
    label = str(REASONS[known])
    return gettext("%(reason)s: %(remark)s") % {"reason": label, "remark": remark} if remark else label


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
