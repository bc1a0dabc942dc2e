"""Decides which groups repeat each other, which one is the fullest, and what repeats what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from .characters import is_unspaced, key
from .groups import HEADED, LABELLED, Entry, Group
from .model import Notes
from .tree import Node

# Comparing every entry with every other is bounded; beyond it only equal numbers are compared.
_BUDGET = 40_000
# Shared wording from which a text is a repetition even without an equal number.
_STRONG = 0.6
# The least two places must share before an equal number alone means anything.
_WEAK = 0.12
_FEW = 6


@dataclass(slots=True)
class Repeat:
    """An entry elsewhere that repeats the entry `of`."""

    of: Entry
    entry: Entry


@dataclass(slots=True)
class Resolution:
    """The entries that are the clauses, by kind, and the entries that repeat them."""

    chosen: list[Entry] = field(default_factory=list)
    repeats: list[Repeat] = field(default_factory=list)


# An entry, the entry it repeats (if any), and whether their numbers agree.
Pair = tuple[Entry, Entry | None, bool]


def shingles(text: str) -> frozenset[str]:
    """The words of a text, and the pairs of characters where its script has no spaces."""
    found: set[str] = set()
    for word in key(text).split():
        if any(map(is_unspaced, word)):
            found.update(word[at : at + 2] for at in range(max(1, len(word) - 1)))
        elif len(word) > 2 or word.isdecimal():
            found.add(word)
    return frozenset(found)


def containment(part: frozenset[str], whole: frozenset[str]) -> float:
    """The share of `part` that occurs in `whole`, from 0 to 1."""
    return len(part & whole) / len(part) if part else 0.0


class _Base:
    """The entries that others are compared with, found by their rank; it grows."""

    def __init__(self, entries: list[Entry]) -> None:
        self.entries: list[Entry] = []
        self.by_rank: dict[int, Entry] = {}
        self.add(entries)

    def add(self, entries: list[Entry]) -> None:
        """Take further entries in; the first of equal rank keeps its place."""
        self.entries.extend(entries)
        for entry in entries:
            self.by_rank.setdefault(entry.ordinal, entry)


class _Comparer:
    """Likeness of entries, with the shingles of each counted once."""

    def __init__(self) -> None:
        self.titles: dict[int, frozenset[str]] = {}
        self.texts: dict[int, frozenset[str]] = {}
        self.spent = 0

    def likeness(self, one: Entry, other: Entry) -> float:
        """The greater of how alike the titles are and how much of the shorter text the longer holds."""
        self._learn(one)
        self._learn(other)
        first, second = self.titles[id(one)], self.titles[id(other)]
        titles = 2 * len(first & second) / (len(first) + len(second)) if first and second else 0.0
        texts = sorted((self.texts[id(one)], self.texts[id(other)]), key=len)
        # A few common words are found in any long text: they count for less.
        weight = min(1.0, len(texts[0]) / _FEW)
        return max(titles, weight * containment(texts[0], texts[1]))

    def _learn(self, entry: Entry) -> None:
        if id(entry) not in self.texts:
            self.titles[id(entry)] = shingles(entry.title)
            self.texts[id(entry)] = shingles(f"{entry.title}\n{entry.text}")

    def pairs(self, entries: list[Entry], base: _Base, *, accepted: bool) -> list[Pair]:
        """For each entry the base entry it repeats, if any, and whether their numbers agree.

        Once a whole list is `accepted` as a repetition, an equal number is enough for a single entry.
        """
        self.spent += len(entries) * len(base.entries)
        everything = base.entries if self.spent <= _BUDGET else []
        return [self._pair(entry, base.by_rank.get(entry.ordinal), everything, accepted) for entry in entries]

    def _pair(self, entry: Entry, same: Entry | None, base: list[Entry], accepted: bool) -> Pair:
        equal = self.likeness(entry, same) if same else 0.0
        best, most = same, equal
        for other in base:
            likeness = self.likeness(entry, other)
            if likeness > most:
                best, most = other, likeness
        if best is not same and most >= _STRONG and most > 1.5 * equal:
            return entry, best, False
        # Wordings scatter: the equal number decides unless another entry is clearly more alike.
        if same is not None and (accepted or (equal >= _WEAK and equal * 1.6 >= most)):
            return entry, same, True
        return (entry, best, best is same) if most >= _STRONG else (entry, None, False)


def resolve(groups: list[Group], kind: str, notes: Notes) -> Resolution:
    """The clauses of one kind: the fullest group of each set of repetitions, and what repeats them."""
    mine = [group for group in groups if group.kind == kind]
    resolution = Resolution()
    if not mine:
        return resolution
    comparer = _Comparer()
    fullest = max((group.size for group in mine if not group.brief), default=0)
    order = sorted(
        range(len(mine)),
        key=lambda at: (
            not mine[at].direct,
            mine[at].brief and mine[at].size < fullest,
            -mine[at].strength,
            -mine[at].size,
            at,
        ),
    )
    anchor = mine[order[0]]
    basis = _Base(anchor.entries)
    alike = [group for group in mine if group is anchor or _repeats(comparer, group, basis)]
    base = max(alike, key=lambda group: (group.size, group.strength))
    chosen = _Base(base.entries)
    repeating = {id(group) for group in alike}
    for group in mine:
        if group is not base:
            _place(comparer, group, id(group) in repeating, chosen, resolution, notes)
    resolution.chosen = chosen.entries
    return resolution


def _repeats(comparer: _Comparer, group: Group, base: _Base) -> bool:
    """Whether at least half of the smaller group's entries find their partner in the other."""
    pairs = comparer.pairs(group.entries, base, accepted=False)
    found = sum(partner is not None for _, partner, _ in pairs)
    return found > 0 and 2 * found >= min(len(group.entries), len(base.entries))


def _place(
    comparer: _Comparer, group: Group, alike: bool, chosen: _Base, resolution: Resolution, notes: Notes
) -> None:
    """Link the entries of a group that repeat a clause; add or leave out those that do not."""
    pairs = comparer.pairs(group.entries, chosen, accepted=alike)
    repeated = alike or 2 * sum(partner is not None for _, partner, _ in pairs) >= len(pairs)
    if repeated and not alike:
        pairs = comparer.pairs(group.entries, chosen, accepted=True)
    fresh = [entry for entry, partner, _ in pairs if partner is None or not repeated]
    for entry, partner, agrees in pairs:
        if partner is not None and repeated:
            resolution.repeats.append(Repeat(partner, entry))
            _report_pair(entry, partner, agrees, notes)
    if fresh and not repeated and group.kind == "goal":
        # A strategy has one statement of its goal: other chapters about aims stay chapters.
        message = f"“{group.where}” could be a goal too: kept as it stands."
        notes.add("second_goal", message, group.entries[0].line, about=group.entries[0].node)
        return
    # What a summary lists is said more fully elsewhere, in whatever words.
    summed_up = group.brief and group.size < sum(len(entry.text) for entry in chosen.entries)
    if fresh and not repeated and group.strength >= HEADED and not summed_up:
        chosen.add(fresh)
        return
    if group.strength == LABELLED:
        # "Commitment 5: …" says plainly what it is, wherever its fellows stand.
        added = [entry for entry in fresh if entry.ordinal not in chosen.by_rank]
        fresh = [entry for entry in fresh if entry.ordinal in chosen.by_rank]
        chosen.add(added)
    for entry in fresh:
        _report_fresh(entry, group, repeated, notes)


def _report_pair(entry: Entry, partner: Entry, agrees: bool, notes: Notes) -> None:
    if not agrees and entry.number and partner.number:
        notes.add(
            "number_differs",
            f"Number {entry.number} here repeats {entry.kind} {partner.number} by its wording.",
            entry.line,
            about=entry.node,
        )


def _report_fresh(entry: Entry, group: Group, repeated: bool, notes: Notes) -> None:
    if repeated and entry.number:
        message = (
            f"Number {entry.number} of this list of {group.kind}s has no counterpart in the full text: "
            f"kept as a paragraph, not as a {group.kind}."
        )
        notes.add("skipped_number", message, entry.line, about=entry.node)
    else:
        message = f"This item of a list that is announced as {group.kind}s repeats none: kept as a paragraph."
        notes.add("unmatched_item", message, entry.line, about=entry.node)


def repeated_passages(nodes: Iterable[Node], goals: list[Entry]) -> list[tuple[Entry, Node]]:
    """Paragraphs that repeat a goal nearly word for word, outside the goal itself."""
    found = []
    wanted = [(goal, shingles(goal.text)) for goal in goals[:5]]
    wanted = [(goal, parts) for goal, parts in wanted if len(parts) >= 8]
    if not wanted:
        return []
    for node in nodes:
        if len(node.block.text) > 4000:
            continue
        parts = shingles(node.block.text)
        for goal, goal_parts in wanted:
            if containment(goal_parts, parts) >= _STRONG:
                found.append((goal, node))
                break
    return found
