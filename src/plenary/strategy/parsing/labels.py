"""Numbers and labels at the beginning of a line: "1.2", "(a)", "IV.", "Commitment 3:", "Article 4."."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from .characters import is_unspaced
from .vocabulary import KINDS, Vocabulary, any_of, vocabulary_for, words

_DIGITS = r"\d{1,3}(?:[.．]\d{1,3}){0,5}"
_HAN_DIGITS = "一二三四五六七八九十"
_BULLET = re.compile(r"[-*+•·▪◦‣●○■□▶►–—](?:\s+|$)")
_NUMBERS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"[(（]({_DIGITS}|[a-z]|[ivxlcIVXLC]{{1,7}}|[{_HAN_DIGITS}]{{1,3}})[)）]\s*",
        rf"({_DIGITS})(?:[.)](?:\s+|$|(?=[^\x00-\x7f\d]))|[．）、]\s*)",
        r"([IVXLC]{1,7})[.)]\s+",
        r"([ivxl]{1,7})[.)]\s+",
        r"([a-zA-Z])\)\s+",
        rf"([{_HAN_DIGITS}]{{1,3}})[、．.]\s*",
        r"([①-⑳])\s*",
        r"(\d{1,3}(?:\.\d{1,3}){1,5})\s+",
    )
)
# In a heading a number may also stand without punctuation: "## 2 Monitoring", "A. Context".
_HEADING_NUMBERS = (re.compile(r"(\d{1,3})\s+(?=[^\W\d_])"), re.compile(r"([A-Z])[.)]\s+"))
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}


@dataclass(frozen=True, slots=True)
class Mark:
    """What stands before the text of a line; `number` is empty for a bullet."""

    printed: str
    number: str
    ordinal: int = 0

    @property
    def style(self) -> str:
        """The kind of numbering, so that "a)" and "1." are told apart as two lists."""
        number = "0" if self.number[:1].isdecimal() else "a" if self.number.isascii() else "x"
        return self.printed.replace(self.number, number) if self.number in self.printed else number

    @property
    def depth(self) -> int:
        """How many levels the number has: 2 for "1.1", 1 for "a", 0 for a bullet."""
        return self.number.count(".") + 1 if self.number else 0


@dataclass(frozen=True, slots=True)
class Label:
    """A named number such as "Principle 3 – "; `kind` is "section" for "Article 4."."""

    kind: str
    printed: str
    number: str
    ordinal: int


def ordinal_of(number: str) -> int:
    """The rank that a printed number states: "3" and "1.3" and "c" and "III" and "三" are 3; else 0."""
    last = number.replace("．", ".").split(".")[-1]
    if last.isdecimal():
        return int(last)
    if last and all(char in _HAN_DIGITS for char in last):
        tens, _, ones = last.rpartition("十")
        value = _HAN_DIGITS.find(ones) + 1 if ones else 0
        if "十" not in last:
            return value if len(last) == 1 else 0
        return (_HAN_DIGITS.find(tens) + 1 if tens else 1) * 10 + value
    if len(last) == 1 and unicodedata.category(last) == "No":
        return int(unicodedata.numeric(last))
    lower = last.lower()
    if lower and all(char in _ROMAN for char in lower) and (len(lower) > 1 or lower in "ivx"):
        values = [_ROMAN[char] for char in lower]
        pairs = zip(values, [*values[1:], 0], strict=True)
        return sum(-value if value < after else value for value, after in pairs)
    return ord(lower) - ord("a") + 1 if len(lower) == 1 and "a" <= lower <= "z" else 0


def plain_number(number: str) -> str:
    """The number with full-width, circled and other digits in their plain form."""
    folded = unicodedata.normalize("NFKC", number)
    return "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in folded)


def split_mark(line: str, *, heading: bool = False) -> tuple[Mark | None, str]:
    """The bullet or number a line begins with, and the rest; None where there is none."""
    head = line[:60]
    bullet = _BULLET.match(head)
    if bullet and not heading:
        return Mark(bullet[0].strip(), ""), line[bullet.end() :]
    for pattern in (*_NUMBERS, *(_HEADING_NUMBERS if heading else ())):
        found = pattern.match(head)
        if found:
            number = plain_number(found[1])
            return Mark(found[0].strip(), number, ordinal_of(number)), line[found.end() :]
    return None, line


@cache
def _label_patterns(language: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    vocabulary = vocabulary_for(language)
    after, ordinals = any_of(vocabulary.cardinals | vocabulary.ordinals), any_of(vocabulary.ordinals)
    number = rf"(?P<number>{_DIGITS}|[IVXLC]{{1,7}}(?!\w)|(?-i:[A-H])(?!\w)|[①-⑳]|(?:{after})(?![^\W{_HAN_DIGITS}]))"
    end = r"(?P<end>\s*[:：.．、)）–—―-]+\s*|\s+|\s*$)"
    filler = (
        rf"(?:(?:{vocabulary.fillers})\s*){{0,3}}" if not vocabulary.spaced else _spaced_filler(vocabulary)
    )
    patterns = []
    for kind in KINDS:
        name = words(getattr(vocabulary, kind), spaced=vocabulary.spaced)
        first = rf"{filler}(?:{name})\s*(?:{vocabulary.numbering})?\s*{number}{end}"
        turned = (
            rf"(?:第\s*(?P<n2>{_DIGITS}|[{_HAN_DIGITS}]{{1,3}})\s*[项項个個条條]?|(?P<n3>{ordinals})\s)\s*"
        )
        patterns.append((kind, re.compile(first, re.IGNORECASE)))
        patterns.append((kind, re.compile(rf"{turned}{filler}(?:{name}){end}", re.IGNORECASE)))
    section = words(vocabulary.sections, spaced=vocabulary.spaced)
    han = rf"第\s*(?P<n2>\d{{1,3}}|[{_HAN_DIGITS}]{{1,3}})\s*(?:{section}){end}"
    patterns.append(("section", re.compile(rf"(?:{section})\s+{number}{end}", re.IGNORECASE)))
    patterns.append(("section", re.compile(han, re.IGNORECASE)))
    return tuple(patterns)


def _spaced_filler(vocabulary: Vocabulary) -> str:
    return rf"(?:(?:{vocabulary.fillers})\s+){{0,3}}"


def split_label(text: str, language: str, *, heading: bool = False) -> tuple[Label | None, str]:
    """The named number a text begins with, and the rest.

    In running text the label must end in punctuation, so that "Commitment 2 was kept" is a sentence.
    """
    head = text[:80]
    for kind, pattern in _label_patterns(language):
        found = pattern.match(head)
        if not found:
            continue
        groups = found.groupdict()
        number = plain_number(groups.get("number") or groups.get("n2") or groups.get("n3") or "")
        rest = text[found.end() :]
        closed = bool(groups["end"].strip()) or not rest
        if not closed and not (
            heading and (rest[:1].isupper() or is_unspaced(rest[:1]) or _uncased(rest[:1]))
        ):
            continue
        if rest[:1].isdigit() and groups["end"].strip() in ("–", "—", "-"):
            continue  # "Commitments 1–4" is a range
        return Label(kind, found[0].strip(), number, rank(number, language)), rest
    return None, text


def _uncased(char: str) -> bool:
    return char.isalpha() and char.lower() == char.upper()


def rank(number: str, language: str) -> int:
    """The rank of a number written in digits, letters or words of the language, or 0."""
    vocabulary = vocabulary_for(language)
    named = vocabulary.cardinals | vocabulary.ordinals
    return named.get(number.casefold(), 0) or ordinal_of(number)
