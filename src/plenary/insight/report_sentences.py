"""The sentences of a report, whose every figure says from where in the frozen result it was read.

Nothing here is free text. A sentence is a pattern (a message that translators know) and slots; a slot names the places
in the stored documents and how the figure is made of them. ``check_report`` reads every place again, in the bytes whose
hash is published, and refuses a report in which a figure is missing, differs, or was not asked for.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .figures import LETTERS, count_people, count_votes, number, percent

Documents = Mapping[str, Any]
"""What a report is made from: ``result`` and the parts as they were frozen, and what the record says."""


class Mismatch(Exception):
    """A sentence says something else than the analysis; the report is not published."""


# Places in the documents


class NoPlace(LookupError):
    pass


_STEP = re.compile(r"\.?([A-Za-z_]+)|\[(\*|\d+|[a-z]+=[^\]]+)\]")


def read(documents: Documents, source: str) -> list[Any]:
    """The values at a place such as ``result.statements[id=STM-3].per_group[group=1].agree``; ``[*]`` is every one."""
    found: list[Any] = [documents]
    end = 0
    for step in _STEP.finditer(source):
        if step.start() != end:
            break
        end = step.end()
        name, chosen = step.groups()
        try:
            if chosen == "*":
                found = [each for value in found for each in value]
            elif name == "length":
                found = [value["length"] if isinstance(value, Mapping) else len(value) for value in found]
            elif name:
                found = [value[name] for value in found]
            else:
                found = [_chosen(value, chosen) for value in found]
        except (KeyError, IndexError, TypeError) as error:
            raise NoPlace(f"there is no {source}") from error
    if end != len(source):
        raise NoPlace(f"{source} names no place")
    return found


def _chosen(rows: Sequence[Any], chosen: str) -> Any:
    if chosen.isdigit():
        return rows[int(chosen)]
    name, _equals, wanted = chosen.partition("=")
    for row in rows:
        if str(row[name]) == wanted:
            return row
    raise KeyError(chosen)


# Figures


@dataclass(frozen=True)
class Wording:
    """A statement's words as the reader meets them; without words where she may not see it."""

    body: str
    language: str
    direction: str
    href: str = ""
    note: str = ""
    """Where the words come from: a machine translated them."""


@dataclass(frozen=True)
class Run:
    """A piece of a sentence: ours, a figure of a slot, or somebody's words in their own language."""

    text: str
    slot: str = ""
    language: str = ""
    direction: str = ""
    href: str = ""


def _groups(count: int) -> str:
    return ngettext("%(number)s group", "%(number)s groups", count) % {"number": number(count)}


def _statements(count: int) -> str:
    return ngettext("%(number)s statement", "%(number)s statements", count) % {"number": number(count)}


def _day(value: str) -> str:
    moment = parse_datetime(value)
    assert moment is not None
    return date_format(localtime(moment), "DATE_FORMAT")


# How a slot's text is made of what is read: of the sum of its places, of two sums, of the values themselves.
_OF_SUM: dict[str, Callable[[int], str]] = {
    "number": number,
    "people": count_people,
    "votes": count_votes,
    "groups": _groups,
    "statements": _statements,
}


@dataclass(frozen=True)
class Slot:
    """A figure of a sentence. ``of`` are its places; a share is that of their sum among the sum of ``among``."""

    how: str
    of: tuple[str, ...]
    among: tuple[str, ...] = ()
    less: tuple[str, ...] = ()

    def value(self, documents: Documents) -> Any:
        """The figure itself, read from the documents."""
        values = [value for source in self.of for value in read(documents, source)]
        if self.how in ("interval", "letter", "day", "reference"):
            return values if len(values) > 1 else values[0]
        total = sum(values) - sum(value for source in self.less for value in read(documents, source))
        if not self.among:
            return total
        whole = sum(value for source in self.among for value in read(documents, source))
        return total / whole if whole else None

    def text(self, documents: Documents) -> str:
        """As it stands in the sentence, in the language that is active."""
        value = self.value(documents)
        if self.how == "share":
            return percent(value)
        if self.how == "each":
            return number(value or 0)
        if self.how == "interval":
            return _("%(low)s–%(high)s %%") % {"low": number(100 * value[0]), "high": number(100 * value[1])}
        if self.how == "letter":
            return LETTERS[value]
        if self.how == "day":
            return _day(value)
        if self.how == "reference":
            return str(value)
        return _OF_SUM[self.how](value)

    @property
    def sources(self) -> tuple[str, ...]:
        return (*self.of, *self.among, *self.less)


@dataclass(frozen=True)
class Rule:
    """What must hold for a sentence's plain word to be said: all values at the place, ``>=`` or ``<=``, the bound."""

    source: str
    sign: str
    bound: float

    def holds(self, documents: Documents) -> bool:
        values = read(documents, self.source)
        return bool(values) and all(
            value >= self.bound if self.sign == ">=" else value <= self.bound for value in values
        )


@dataclass(frozen=True)
class Sentence:
    pattern: str
    """The message, in English; translators know it."""
    slots: Mapping[str, Slot | Sentence] = field(default_factory=dict)
    """A sentence in a slot is a part of this one."""
    finding: int | None = None
    """Its number in the result, where a finding says this."""
    certainty: str = ""
    """``clear``, ``probable`` or ``open``, by the rules; empty where the sentence only counts."""
    rules: tuple[Rule, ...] = ()

    def runs(self, documents: Documents, wordings: Mapping[str, Wording], prefix: str = "") -> list[Run]:
        return list(_runs(self, documents, wordings, prefix))

    def every_slot(self, prefix: str = "") -> Iterator[tuple[str, Slot]]:
        for name, slot in self.slots.items():
            if isinstance(slot, Sentence):
                yield from slot.every_slot(f"{prefix}{name}.")
            else:
                yield f"{prefix}{name}", slot


_PIECE = re.compile(r"%\((\w+)\)s|%%")


def _runs(
    sentence: Sentence, documents: Documents, wordings: Mapping[str, Wording], prefix: str
) -> Iterator[Run]:
    said = _(sentence.pattern)
    end = 0
    for piece in _PIECE.finditer(said):
        if piece.start() > end:
            yield Run(said[end : piece.start()])
        end = piece.end()
        name = piece[1]
        if name is None:
            yield Run("%")
            continue
        slot = sentence.slots[name]
        if isinstance(slot, Sentence):
            yield from _runs(slot, documents, wordings, f"{prefix}{name}.")
        elif slot.how == "reference":
            yield from _quoted(slot.text(documents), wordings, prefix + name)
        else:
            yield Run(slot.text(documents), slot=prefix + name)
    if end < len(said):
        yield Run(said[end:])


def _quoted(reference: str, wordings: Mapping[str, Wording], slot: str) -> Iterator[Run]:
    """A statement's words in quotation marks, and its reference; the reference alone where it has no words."""
    wording = wordings.get(reference)
    if wording is not None and wording.body:
        before, _name, after = _("“%(wording)s”").partition("%(wording)s")
        yield Run(before)
        yield Run(wording.body, f"{slot}:words", wording.language, wording.direction, wording.href)
        yield Run(after)
        if wording.note:
            yield Run(f" [{wording.note}]")
        yield Run(" ")
    yield Run(reference, slot, "en", "ltr", wording.href if wording is not None else "")


@dataclass(frozen=True)
class Section:
    name: str
    title: str
    """A message."""
    sentences: tuple[Sentence, ...]
    lists: bool = False
    """Whether its sentences about single statements are entries of a list."""


@dataclass(frozen=True)
class Report:
    sections: tuple[Section, ...]
    documents: Documents
    wordings: Mapping[str, Wording]

    def sentences(self) -> Iterator[Sentence]:
        for section in self.sections:
            yield from section.sentences

    @property
    def references(self) -> list[str]:
        """The statements that it names, in the order in which it does."""
        return references_in(self.sections, self.documents)


def references_in(sections: Sequence[Section], documents: Documents) -> list[str]:
    slots = (slot for section in sections for each in section.sentences for _name, slot in each.every_slot())
    return list(dict.fromkeys(slot.text(documents) for slot in slots if slot.how == "reference"))


Slots = dict[str, Slot | Sentence]

# The check

_NUMERAL = re.compile(r"\d+")


def check_report(report: Report, frozen: Documents | None = None) -> int:
    """Every sentence against the analysis, in the active language; how many figures were checked.

    Raises ``Mismatch`` where a figure is not there, is another than in the frozen documents, is there and was not
    asked for, or where a word of certainty is not what the rules allow.
    """
    documents = report.documents if frozen is None else frozen
    return sum(_check(sentence, report, documents) for sentence in report.sentences())


def _check(sentence: Sentence, report: Report, frozen: Documents) -> int:
    runs = sentence.runs(report.documents, report.wordings)
    wanted: dict[str, Slot] = dict(sentence.every_slot())
    shown = {run.slot: run.text for run in runs if run.slot and ":" not in run.slot}
    try:
        for name, slot in wanted.items():
            expected, told = slot.text(frozen), shown.get(name)
            if told != expected:
                raise Mismatch(
                    f"“{sentence.pattern}”: {name} is {expected} in the analysis, and the sentence says {told}"
                )
        for rule in sentence.rules:
            if not rule.holds(frozen):
                raise Mismatch(
                    f"“{sentence.pattern}” is said though not {rule.source} {rule.sign} {rule.bound}"
                )
    except (NoPlace, KeyError, TypeError) as error:
        raise Mismatch(f"“{sentence.pattern}”: {error}") from error
    ours = _numerals(run.text for run in runs if not run.slot)
    allowed = _numerals(_PIECE.sub(" ", pattern) for pattern in _patterns(sentence))
    if ours != allowed:
        raise Mismatch(f"“{sentence.pattern}”: the words hold other figures than its slots, {dict(ours)}")
    return len(wanted)


def _patterns(sentence: Sentence) -> Iterator[str]:
    yield sentence.pattern
    for slot in sentence.slots.values():
        if isinstance(slot, Sentence):
            yield from _patterns(slot)


def _numerals(texts: Iterator[str]) -> Counter[int]:
    """Numbers in any script's digits. Those of English sentences are parts of their words: a 95 % interval."""
    return Counter(int(found) for text in texts for found in _NUMERAL.findall(text))
