"""What differs between two wordings, and between two versions. Pure: from what was read to what is shown."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field

from plenary.records.texts import EMPTY, Said

from .models import Change, Clause, ClauseState
from .wording import Segment, compare_wording


@dataclass(frozen=True)
class Marked:
    """Two wordings in one language with what differs between them, word by word."""

    language: str
    direction: str
    segments: tuple[Segment, ...]

    @property
    def before(self) -> tuple[Segment, ...]:
        return tuple(segment for segment in self.segments if segment.operation != "insert")

    @property
    def after(self) -> tuple[Segment, ...]:
        return tuple(segment for segment in self.segments if segment.operation != "delete")

    @property
    def differs(self) -> bool:
        return any(segment.operation != "equal" for segment in self.segments)

    def __bool__(self) -> bool:
        return bool(self.segments)


def mark(before: Said, after: Said) -> Marked:
    """Translations are compared only with translations into the same language; else the originals are."""
    old, new = (before or after), (after or before)
    if old.language == new.language and not (old.is_stale or new.is_stale):
        shown, segments = new, compare_wording(before.body, after.body)
        return Marked(shown.language, shown.direction, tuple(segments))
    segments = compare_wording(before.original_body, after.original_body)
    return Marked(new.original_language, new.original_direction, tuple(segments))


@dataclass(frozen=True)
class ChangedWords:
    """A clause before and after a change: its title and its text, each with the words marked."""

    title: Marked
    text: Marked


def change_words(change: Change, before: tuple[Said, Said], after: tuple[Said, Said]) -> ChangedWords:
    """``before`` and ``after``: title and text. What the change leaves alone stays as it was."""
    if change.operation == Change.Operation.REMOVE:
        return ChangedWords(mark(before[0], EMPTY), mark(before[1], EMPTY))
    title, text = (new or old for old, new in zip(before, after, strict=True))
    if change.operation == Change.Operation.ADD:
        return ChangedWords(mark(EMPTY, title), mark(EMPTY, text))
    return ChangedWords(mark(before[0], title), mark(before[1], text))


@dataclass
class Difference:
    """What became of one clause between two versions."""

    clause: Clause
    before: ClauseState | None
    after: ClauseState | None
    is_moved: bool = False
    changes: list[Change] = field(default_factory=list)
    title: Marked = Marked("und", "ltr", ())
    text: Marked = Marked("und", "ltr", ())

    @property
    def is_added(self) -> bool:
        return self.before is None

    @property
    def is_removed(self) -> bool:
        return self.after is None

    @property
    def is_edited(self) -> bool:
        if self.before is None or self.after is None:
            return False
        return (self.before.title_id, self.before.text_id) != (self.after.title_id, self.after.text_id)

    @property
    def is_renumbered(self) -> bool:
        return self.before is not None and self.after is not None and self.before.number != self.after.number

    @property
    def differs(self) -> bool:
        return self.is_added or self.is_removed or self.is_edited or self.is_moved or self.is_renumbered

    @property
    def state(self) -> ClauseState:
        """The later of the two."""
        state = self.after or self.before
        assert state is not None
        return state


def compare_states(
    old: Sequence[ClauseState], new: Sequence[ClauseState], moved_by_change: Set[int] = frozenset()
) -> list[Difference]:
    """Every clause of either version, in the reading order of the later one; a removed one where it used to stand.

    ``moved_by_change`` are the clauses that a change has moved: of two that swapped places, these count as moved.
    """
    before = {state.clause_id: state for state in old}
    after = {state.clause_id: state for state in new}
    moved = _moved(before, after, moved_by_change)
    order: list[int] = [state.clause_id for state in new]
    previous: int | None = None
    for earlier in old:
        if earlier.clause_id not in after:
            order.insert(order.index(previous) + 1 if previous is not None else 0, earlier.clause_id)
        previous = earlier.clause_id
    found = []
    for clause_id in order:
        was, becomes = before.get(clause_id), after.get(clause_id)
        state = becomes or was
        assert state is not None
        found.append(Difference(state.clause, was, becomes, is_moved=clause_id in moved))
    return found


def mark_words(differences: Iterable[Difference]) -> None:
    """Compare the words of what differs; the states' texts are loaded."""
    for difference in differences:
        before, after = difference.before, difference.after
        old = before.said if before else {"title": EMPTY, "text": EMPTY}
        new = after.said if after else {"title": EMPTY, "text": EMPTY}
        difference.title = mark(old["title"], new["title"])
        difference.text = mark(old["text"], new["text"])


def _moved(
    before: dict[int, ClauseState], after: dict[int, ClauseState], moved_by_change: Set[int]
) -> set[int]:
    """The fewest clauses whose moving explains the new order: another parent, or another place among siblings."""
    stayed: dict[int | None, list[int]] = {}
    moved = set()
    for clause_id, state in after.items():
        if clause_id in before:
            if before[clause_id].parent_id == state.parent_id:
                stayed.setdefault(state.parent_id, []).append(clause_id)
            else:
                moved.add(clause_id)
    for siblings in stayed.values():
        if siblings != sorted(siblings, key=lambda clause_id: before[clause_id].order):
            moved |= moved_by_change & set(siblings)
            others = [clause_id for clause_id in siblings if clause_id not in moved_by_change]
            kept = _longest_rise([before[clause_id].order for clause_id in others])
            moved |= {clause_id for place, clause_id in enumerate(others) if place not in kept}
    return moved


def _longest_rise(values: Sequence[int]) -> set[int]:
    """The places of a longest increasing subsequence."""
    tails: list[int] = []
    ends: list[int] = []
    came_from: list[int | None] = []
    for place, value in enumerate(values):
        length = bisect_left(tails, value)
        came_from.append(ends[length - 1] if length else None)
        tails[length : length + 1] = [value]
        ends[length : length + 1] = [place]
    kept = set()
    place_or_none = ends[-1] if ends else None
    while place_or_none is not None:
        kept.add(place_or_none)
        place_or_none = came_from[place_or_none]
    return kept
