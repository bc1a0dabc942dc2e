"""The next version in the making: accepted changes applied in order to the text in force. No reads, no writes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from plenary.kit.errors import Refused
from plenary.kit.numbers import join_words

from .models import Change, ClauseState

_PRINTED = re.compile(r"(?P<before>(?:.*\D)?)(?P<last>\d{1,4})(?P<after>\D*)")


@dataclass(eq=False)
class Part:
    """A clause as it will stand. ``clause_id`` is None for an addition that has no identity yet."""

    clause_id: int | None
    reference: str
    kind: str
    number: str
    title_id: int | None
    text_id: int | None
    parent: Part | None = None
    children: list[Part] = field(default_factory=list)
    change: Change | None = None

    def within(self, other: Part) -> bool:
        return self is other or (self.parent is not None and self.parent.within(other))


@dataclass(frozen=True)
class Numbering:
    """How siblings are numbered: «1.1», «1.2» … are before «1.», first 1, after nothing."""

    before: str
    first: int
    after: str
    has_all: bool

    def number(self, place: int, renamed: dict[str, str]) -> str:
        """The number of the sibling at a place from 0; ``renamed`` is what became of the parent's number."""
        for was, becomes in renamed.items():
            if self.before.startswith(was):
                return f"{becomes}{self.before.removeprefix(was)}{self.first + place}{self.after}"
        return f"{self.before}{self.first + place}{self.after}"


class Draft:
    """A version's tree that changes are applied to; whatever cannot be applied is refused by name."""

    def __init__(self, states: Iterable[ClauseState]) -> None:
        self.root = Part(None, "", "", "", None, None)
        self._parts: dict[int, Part] = {}
        self._removed: dict[int, Change] = {}
        for state in states:
            part = Part(
                state.clause_id,
                state.clause.reference,
                state.clause.kind,
                state.number,
                state.title_id,
                state.text_id,
            )
            part.parent = self._parts[state.parent_id] if state.parent_id else self.root
            part.parent.children.append(part)
            self._parts[state.clause_id] = part
        self._numbering = {
            (parent, kind): style
            for parent in (self.root, *self._parts.values())
            for kind, siblings in _by_kind(parent).items()
            if (style := _numbering_of(siblings)) is not None
        }

    def apply(self, change: Change, based_on: ClauseState | None) -> None:
        """Apply one change; ``based_on`` is its clause in the version that the proposal was made against."""
        if change.operation == Change.Operation.ADD:
            self._place(
                Part(None, "", change.kind, "", change.title_id, change.text_id, change=change), change
            )
            return
        part = self._part_of(change)
        if part.change is not None:
            raise Refused(
                _(
                    "%(change)s and %(other)s both change %(clause)s. Reject one, or propose one that does both."
                )
                % {"change": change.reference, "other": part.change.reference, "clause": part.reference}
            )
        if change.operation == Change.Operation.EDIT:
            self._edit(part, change, based_on)
        elif change.operation == Change.Operation.MOVE:
            self._move(part, change)
        else:
            self._remove(part, change)
        part.change = change

    def parts(self) -> Iterator[Part]:
        """All parts in reading order, with the numbers that the text will print."""
        self._renumber(self.root, {})
        yield from _walk(self.root)

    def _part_of(self, change: Change) -> Part:
        part = self._parts.get(change.clause_id or 0)
        if part is not None:
            return part
        clause = change.clause.reference if change.clause else "?"
        remover = self._removed.get(change.clause_id or 0)
        if remover is not None:
            raise Refused(
                _("%(change)s concerns %(clause)s, which %(other)s removes. Reject one of them.")
                % {"change": change.reference, "clause": clause, "other": remover.reference}
            )
        raise Refused(
            _("%(change)s concerns %(clause)s, which is no longer part of the text.")
            % {"change": change.reference, "clause": clause}
        )

    def _edit(self, part: Part, change: Change, based_on: ClauseState | None) -> None:
        if based_on is None or (based_on.title_id, based_on.text_id) != (part.title_id, part.text_id):
            raise Refused(
                _(
                    "%(clause)s has been changed since %(change)s was proposed. Propose it again on the present text."
                )
                % {"change": change.reference, "clause": part.reference}
            )
        part.title_id = change.title_id or part.title_id
        part.text_id = change.text_id or part.text_id

    def _move(self, part: Part, change: Change) -> None:
        assert part.parent is not None
        anchor = self._parts.get(change.after_clause_id or 0)
        if anchor is not None and anchor.within(part):
            raise Refused(
                _("%(clause)s cannot be moved into itself: choose a place outside it.")
                % {"clause": part.reference}
            )
        part.parent.children.remove(part)
        self._place(part, change)

    def _remove(self, part: Part, change: Change) -> None:
        assert part.parent is not None
        if part.children:
            raise Refused(
                _(
                    "%(clause)s has parts of its own (%(parts)s). Move or remove them first, each with its reasons."
                )
                % {
                    "clause": part.reference,
                    "parts": join_words(child.reference for child in part.children[:5]),
                }
            )
        part.parent.children.remove(part)
        self._removed[change.clause_id or 0] = change
        del self._parts[change.clause_id or 0]

    def _place(self, part: Part, change: Change) -> None:
        if change.after_clause_id is None:
            part.parent = self.root
            self.root.children.insert(0, part)
            return
        anchor = self._parts.get(change.after_clause_id)
        if anchor is None:
            raise Refused(
                _("%(change)s puts a clause beside %(clause)s, which is no longer part of the text.")
                % {
                    "change": change.reference,
                    "clause": change.after_clause.reference if change.after_clause else "?",
                }
            )
        if change.inside:
            part.parent, place = anchor, 0
        else:
            assert anchor.parent is not None
            part.parent, place = anchor.parent, anchor.parent.children.index(anchor) + 1
        # What an earlier change put at the same place stays before what a later one puts there.
        siblings = part.parent.children
        while place < len(siblings) and _is_put_beside(siblings[place], change):
            place += 1
        siblings.insert(place, part)

    def _renumber(self, parent: Part, renamed: dict[str, str]) -> None:
        """Siblings that were numbered in sequence stay so; all other numbers remain as they were printed."""
        for kind, siblings in _by_kind(parent).items():
            style = self._numbering.get((parent, kind))
            place = 0
            for part in siblings:
                old = part.number
                if style is not None and (old or style.has_all):
                    part.number = style.number(place, renamed)
                    place += 1
                self._renumber(part, {old: part.number} if old and old != part.number else renamed)


def _is_put_beside(part: Part, change: Change) -> bool:
    other = part.change
    return (
        other is not None
        and other.operation in (Change.Operation.ADD, Change.Operation.MOVE)
        and (other.after_clause_id, other.inside) == (change.after_clause_id, change.inside)
    )


def _by_kind(parent: Part) -> dict[str, list[Part]]:
    found: dict[str, list[Part]] = {}
    for child in parent.children:
        found.setdefault(child.kind, []).append(child)
    return found


def _numbering_of(siblings: Sequence[Part]) -> Numbering | None:
    """How the siblings are numbered, where their numbers count up one by one; some may have none."""
    numbered = [part for part in siblings if part.number]
    found: set[tuple[str, int, str]] = set()
    for place, part in enumerate(numbered):
        match = _PRINTED.fullmatch(part.number)
        if match is None:
            return None
        found.add((match["before"], int(match["last"]) - place, match["after"]))
    return Numbering(*found.pop(), has_all=len(numbered) == len(siblings)) if len(found) == 1 else None


def _walk(part: Part) -> Iterator[Part]:
    for child in part.children:
        yield child
        yield from _walk(child)
