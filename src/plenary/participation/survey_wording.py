"""What people write at length, and answers as data: pure, no database, no clock."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from plenary.kit.errors import Refused

LONGEST = 2000  # characters of an answer in words, and of a comment
# They turn the direction of what stands around them, or let words look like others.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")


def tidy_lines(body: str) -> str:
    """What somebody wrote, without control characters, direction overrides and idle spaces; its paragraphs stay."""
    kept = "".join(
        sign
        for sign in body.replace("\r\n", "\n").replace("\r", "\n")
        if sign == "\n"
        or (sign not in _TURNING and unicodedata.category(sign) not in ("Cc", "Cs", "Co", "Cn"))
        or sign == "\t"
    )
    lines = [" ".join(line.split()) for line in kept.split("\n")]
    text = "\n".join(lines).strip()
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return text if any(unicodedata.category(sign)[0] in "LNSP" for sign in text) else ""


def check_length(body: str) -> None:
    """Refuse what is too long, and say by how much; whoever asks keeps what was typed."""
    if len(body) > LONGEST:
        raise Refused(
            _("This has %(length)s characters; at most %(most)s are taken. Shorten it and send it again.")
            % {"length": len(body), "most": LONGEST}
        )


def asked_questions(questions: Sequence[Any], values: Mapping[int, Any]) -> set[int]:
    """Which questions (by number) are asked, given the answers so far. ``questions`` stand in their order.

    A question that depends on another is asked where that one is, and its answer is among those that open it.
    """
    asked: set[int] = set()
    number_of = {question.pk: question.number for question in questions}
    for question in questions:
        if question.depends_on_id is None:
            asked.add(question.number)
            continue
        opener = number_of.get(question.depends_on_id)
        if opener in asked and values.get(opener or 0) in question.depends_values:
            asked.add(question.number)
    return asked


def as_answer(question: Any, options: Sequence[int], value: Any) -> Any:
    """A value in the form in which it is kept; None where nothing was answered. Refuses what is none."""
    kind = question.kind
    wrong = Refused(_("This is not an answer to question %(number)s.") % {"number": question.number})
    if value is None or value == []:
        return None
    if kind == "scale":
        if not isinstance(value, int) or not question.lowest <= value <= question.highest:
            raise wrong
        return value
    if kind == "choice":
        if value not in options:
            raise wrong
        return value
    if not isinstance(value, list) or len(set(value)) != len(value) or not set(value) <= set(options):
        raise wrong
    if kind == "ranking":
        if set(value) != set(options):
            raise wrong
        return value
    return sorted(value)
