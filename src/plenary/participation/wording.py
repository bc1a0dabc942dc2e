"""Pure helpers about statements and counts: no database, no clock."""

from __future__ import annotations

import re
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


# What nobody sees: controls, spaces without width, and the embeddings, overrides and isolates that turn the order in
# which everything after them is read. The joiners (U+200C, U+200D) and the marks of direction (U+200E, U+200F, U+061C)
# stay: Persian, Hindi and emoji are written with them.
_UNSEEN = re.compile(
    "[\u0000-\u0008\u000e-\u001b\u007f-\u0084\u0086-\u009f\u00ad\u200b\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)


def tidy(body: str) -> str:
    """Trimmed, composed (NFC), with single spaces and without unseen characters: a statement is one line."""
    return " ".join(_UNSEEN.sub("", unicodedata.normalize("NFC", body)).split())


def is_sentence(body: str) -> bool:
    """Whether there is anything to agree with: a letter or a digit, not signs and pictures alone."""
    return any(unicodedata.category(mark)[0] in "LN" for mark in body)


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
