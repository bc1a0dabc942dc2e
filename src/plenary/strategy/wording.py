"""Compares two wordings of a text: word by word, character by character where words have no spaces."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from .parsing.characters import is_unspaced

Operation = Literal["equal", "insert", "delete"]

# Combining marks are letters to a reader (Arabic, Devanagari, Thai), though not to regular expressions.
_MARKS = "".join(char for char in map(chr, range(0x300, 0xABFF)) if unicodedata.category(char)[0] == "M")
_LETTER = rf"[\w{_MARKS}]"
# A word with its inner apostrophes and hyphens, or any single other character; spaces go with what follows.
_TOKEN = re.compile(rf"\s*(?:{_LETTER}+(?:['’\-]{_LETTER}+)*|[^\w\s]|$)")
_SENTENCE = re.compile(r"[^.!?。！？؟\n]*(?:[.!?。！？؟]+|\n+|$)\s*")
# Pairs of equal tokens that a comparison may look at, which bounds its time.
_BUDGET = 600_000


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text that both wordings share, or that one of them has alone."""

    operation: Operation
    text: str


def compare_wording(before: str, after: str) -> list[Segment]:
    """Segments in reading order: equal and delete together spell `before`, equal and insert spell `after`.

    Equal segments are never neighbours; of a replaced stretch the deletion comes first.
    """
    if before == after:
        return [Segment("equal", before)] if before else []
    return _merged(_compare(before, after))


def split_words(text: str) -> list[str]:
    """The tokens that are compared: words, single marks, single characters of unspaced scripts."""
    tokens: list[str] = []
    for token in _TOKEN.findall(text):
        if token and any(is_unspaced(char) for char in token):
            tokens.extend(_split_unspaced(token))
        elif token:
            tokens.append(token)
    return tokens


def _split_unspaced(token: str) -> list[str]:
    """One token a character, but runs of other letters or digits (as in "5G网络") stay together."""
    pieces: list[str] = []
    for char in token:
        apart = is_unspaced(char) and not _combines(char)
        joins = pieces and (
            pieces[-1].isspace() or (not apart and (_combines(char) or not is_unspaced(pieces[-1][-1])))
        )
        if joins:
            pieces[-1] += char
        else:
            pieces.append(char)
    return pieces


def _combines(char: str) -> bool:
    """Vowel signs and tone marks belong to the letter before them."""
    return unicodedata.category(char)[0] == "M"


def _compare(before: str, after: str) -> list[Segment]:
    old, new = split_words(before), split_words(after)
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    middle_old, middle_new = old[head : len(old) - tail], new[head : len(new) - tail]
    segments = [Segment("equal", "".join(old[:head]))]
    if _affordable(middle_old, middle_new):
        segments += _matched(middle_old, middle_new)
    else:
        segments += _by_sentence("".join(middle_old), "".join(middle_new))
    return [*segments, Segment("equal", "".join(old[len(old) - tail :]))]


def _by_sentence(before: str, after: str) -> list[Segment]:
    """For long texts: equal sentences first, then the words of the sentences that were replaced."""
    old, new = _SENTENCE.findall(before), _SENTENCE.findall(after)
    if not _affordable(old, new):
        return [Segment("delete", before), Segment("insert", after)]
    segments: list[Segment] = []
    for operation, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        gone, come = "".join(old[a:b]), "".join(new[c:d])
        if operation == "equal":
            segments.append(Segment("equal", gone))
            continue
        old_words, new_words = split_words(gone), split_words(come)
        if gone and come and _affordable(old_words, new_words, _BUDGET // 20):
            segments += _matched(old_words, new_words)
        else:
            segments += [Segment("delete", gone), Segment("insert", come)]
    return segments


def _matched(old: Sequence[str], new: Sequence[str]) -> list[Segment]:
    segments: list[Segment] = []
    for operation, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if operation == "equal":
            segments.append(Segment("equal", "".join(old[a:b])))
        else:
            segments += [Segment("delete", "".join(old[a:b])), Segment("insert", "".join(new[c:d]))]
    return segments


def _affordable(old: Sequence[str], new: Sequence[str], budget: int = _BUDGET) -> bool:
    counts = Counter(new)
    return sum(count * counts[token] for token, count in Counter(old).items()) <= budget


def _common(old: Sequence[str], new: Sequence[str]) -> int:
    for at, (one, other) in enumerate(zip(old, new, strict=False)):
        if one != other:
            return at
    return min(len(old), len(new))


def _merged(segments: list[Segment]) -> list[Segment]:
    """Neighbours of one kind as one; a lone mark or space between two changes counts as changed."""
    result: list[Segment] = []
    gone, come = "", ""

    def close() -> None:
        nonlocal gone, come
        result.extend(
            segment for segment in (Segment("delete", gone), Segment("insert", come)) if segment.text
        )
        gone, come = "", ""

    for at, segment in enumerate(segments):
        if segment.operation == "delete":
            gone += segment.text
        elif segment.operation == "insert":
            come += segment.text
        elif segment.text:
            changed = any(later.operation != "equal" and later.text for later in segments[at + 1 : at + 3])
            if gone and come and changed and not any(char.isalnum() for char in segment.text):
                gone, come = gone + segment.text, come + segment.text
                continue
            close()
            if result and result[-1].operation == "equal":
                result[-1] = Segment("equal", result[-1].text + segment.text)
            else:
                result.append(segment)
    close()
    return result
