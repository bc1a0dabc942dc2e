"""Small parts of English sentences: texts cut short, numbers with their nouns, rates with what they rest on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["counted", "cut", "percent", "rate_of", "voters"]


def cut(value: str, most: int = 90) -> str:
    """A text on one line, of at most `most` characters; what is longer ends after a whole word with an ellipsis."""
    whole = " ".join(value.split())
    if len(whole) <= most:
        return whole
    head = whole[:most]  # one more than fits beside the ellipsis: a space there ends a whole word
    words = head.rpartition(" ")[0]
    # A script without spaces, or one endless word, is cut between characters.
    kept = words if len(words) >= most // 2 else head[:-1]
    return kept.rstrip(" ,;:.-–—") + "…"


def counted(number: int, one: str, many: str) -> str:
    """The number with the word that belongs to it: 1 vote, 2 votes."""
    return f"{number:,} {one if number == 1 else many}"


def percent(rate: float | None) -> str:
    """A share as a whole percentage, a dash where there is none."""
    return "–" if rate is None else f"{100 * rate:.0f} %"


def voters(figures: Mapping[str, Any]) -> int:
    """Everyone who voted, passes included."""
    return int(figures["agree"] + figures["disagree"] + figures["pass"])


def rate_of(figures: Mapping[str, Any]) -> str:
    """A rate with the number of voters and the 95 % interval: "61 % of 120 [52–69]"."""
    number = voters(figures)
    if not number or figures["rate"] is None:
        return "– of 0"
    return (
        f"{percent(figures['rate'])} of {number:,} [{100 * figures['low']:.0f}–{100 * figures['high']:.0f}]"
    )
