"""Facts about characters and scripts that reading and comparing texts share."""

from __future__ import annotations

import re
import unicodedata

# Scripts written without spaces between words, as ranges of code points, with their punctuation.
_UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0x2FDF),  # radicals
    (0x3000, 0x312F),  # CJK punctuation, kana, bopomofo
    (0x3190, 0x9FFF),  # Han
    (0xF900, 0xFAFF),
    (0xFE30, 0xFE4F),
    (0xFF00, 0xFF65),  # full-width forms
    (0x20000, 0x323AF),
)

TERMINAL = ".!?…。！？．؟۔।;；؛:："
COLONS = ":："
COMMAS = ",，、،"
# "short- and long-term": the hyphen stands for a word that follows.
_SUSPENDED = re.compile(r"(?:and|or|to|et|ou|y|e|o|и|или)\b")
CLOSING = "\"'”’»›)）]】」』》〉*_"


def is_unspaced(char: str) -> bool:
    """Whether the character belongs to a script written without spaces between words."""
    code = ord(char)
    if code < 0x0E00:
        return False
    return any(low <= code <= high for low, high in _UNSPACED)


def is_han(char: str) -> bool:
    """Whether the character is a Chinese ideograph."""
    code = ord(char)
    return 0x3400 <= code <= 0x9FFF or 0xF900 <= code <= 0xFAFF or 0x20000 <= code <= 0x323AF


def width(text: str) -> int:
    """Columns the text takes on a page: wide characters count two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def glue(first: str, second: str) -> str:
    """Join two halves of a line: with a space, but without one inside unspaced scripts."""
    if not first or not second:
        return first + second
    if is_unspaced(first[-1]) and is_unspaced(second[0]):
        return first + second
    if first[-1] == "-" and first[-2:-1].isalpha() and second[0].islower() and not _SUSPENDED.match(second):
        return first + second  # a word broken at its hyphen
    return f"{first} {second}"


def last_mark(text: str) -> str:
    """The last character that is not a closing quote or bracket, or an empty string."""
    return text.rstrip().rstrip(CLOSING)[-1:]


def ends_sentence(text: str) -> bool:
    """Whether the text ends as a sentence, a list lead-in or a list item does."""
    return last_mark(text) in TERMINAL if last_mark(text) else False


def key(text: str) -> str:
    """The text reduced for comparing names: compatibility forms, no case, single spaces, no marks."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    kept = "".join(char if char.isalnum() or unicodedata.category(char)[0] == "M" else " " for char in folded)
    return " ".join(kept.split())
