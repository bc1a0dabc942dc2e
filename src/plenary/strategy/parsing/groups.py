"""Finds every place that lists principles, commitments or goals: each becomes a group of entries."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import takewhile

from .characters import COLONS, COMMAS, ends_sentence, last_mark, width
from .kinds import (
    LISTED,
    declared_count,
    heading_kind,
    is_about,
    is_remark,
    is_summary,
    lead_in,
    leads_to_commitments,
    names_goal_directly,
    opens_commitment,
    states_goal,
)
from .model import Notes
from .titles import bold_title, lead_title, split_titles
from .tree import Node, sections
from .vocabulary import KINDS

# How plainly a place says what it lists.
LABELLED, HEADED, ANNOUNCED, GUESSED = 4, 3, 2, 1


@dataclass(eq=False, slots=True)
class Entry:
    """One principle, commitment or goal as one place prints it; `owned` are the nodes of its text."""

    node: Node
    kind: str
    number: str
    ordinal: int
    title: str
    text: str
    owned: list[Node] = field(default_factory=list)

    @property
    def line(self) -> int:
        """The line on which the entry begins."""
        return self.node.block.line


@dataclass(eq=False, slots=True)
class Group:
    """Entries of one kind that stand together."""

    kind: str
    strength: int
    entries: list[Entry]
    where: str = ""
    direct: bool = True
    brief: bool = False  # stands in a summary

    @property
    def size(self) -> int:
        """Characters of text in all entries, by which the fullest of several groups is told."""
        return sum(len(entry.text) for entry in self.entries)


def find_groups(root: Node, language: str, notes: Notes) -> list[Group]:
    """All groups in reading order of their sections."""
    finder = _Finder(language, notes)
    for section in sections(root):
        finder.visit(section)
    missing = [kind for kind in KINDS if not any(group.kind == kind for group in finder.groups)]
    for kind in missing:
        if kind == "goal":
            finder.goal_in_prose(root)
        else:
            finder.last_resort(root, kind)
    return finder.groups


class _Finder:
    def __init__(self, language: str, notes: Notes) -> None:
        self.language = language
        self.notes = notes
        self.groups: list[Group] = []
        self.taken: set[int] = set()
        self.brief: set[int] = set()  # summaries and the sections in them

    def visit(self, section: Node) -> None:
        """Collect the groups that stand directly in one section."""
        block = section.block
        if id(section) in self.brief or is_summary(block.text, self.language):
            self.brief.update(map(id, (section, *section.children)))
        kind = block.label or heading_kind(block.text, self.language)
        if block.label or id(section) in self.taken:
            kind = ""
        if kind in LISTED and is_about(block.text, self.language):
            kind = ""
        self._labelled(section)
        if kind == "goal":
            self._goal(section)
        labelled = any(child.block.label == kind for child in section.children)
        listed = self._lists(section, kind if kind in LISTED and not labelled else "")
        if kind in LISTED:
            self._headed(section, kind, listed)
        elif kind == "ambiguous" and any(child.block.form == "item" for child in section.children):
            self.notes.add(
                "ambiguous_kind", f"Heading “{block.text}” names both principles and commitments.", block.line
            )

    # Labels: "Commitment 3: …"

    def _labelled(self, section: Node) -> None:
        found: dict[str, list[Entry]] = defaultdict(list)
        current: Entry | None = None
        for child in section.children:
            block = child.block
            if block.label:
                current = self._entry(child, block.label)
                found[block.label].append(current)
                self.taken.add(id(child))
            elif child.is_section or current is None or current.node.is_section:
                current = None
            else:
                current.owned.append(child)
        for kind, entries in found.items():
            self._settle_trailing(entries)
            self._add(kind, LABELLED, entries, section)

    def _settle_trailing(self, entries: list[Entry]) -> None:
        """What follows the last of several entries is its own only where the others own paragraphs too."""
        last = entries[-1]
        if len(entries) > 1 and last.owned and not any(entry.owned for entry in entries[:-1]):
            last.owned = list(takewhile(lambda node: node.block.form == "item", last.owned))
        elif len(entries) > 1 and last.owned and not last.node.is_section:
            self.notes.add(
                "trailing_text",
                "The paragraphs after the last one of a list were taken as its text.",
                last.line,
            )

    # Lists

    def _lists(self, section: Node, kind: str) -> bool:
        """Groups from lists in the section; `kind` is what its heading names. Says whether one was found."""
        own: Group | None = None
        opened_by: Node | None = None
        positions = {id(child): at for at, child in enumerate(section.children)}
        for run in _item_runs(section.children):
            first = run[0][0]
            if any(id(node) in self.taken for node, _ in run):
                continue
            at = positions[id(first)]
            before = section.children[at - 1] if at else None
            named, count, strength = self._announced(before, len(run), first)
            if not named and own is not None and _same_series(opened_by, before, own, first):
                own.entries.extend(self._filled([self._entry(node, kind, owned) for node, owned in run]))
                continue
            if not named and kind and own is None:
                named, strength, count = kind, HEADED, self._declared(section, kind)
            if named in LISTED:
                found = self._list(section, run, named, count, HEADED if named == kind else strength)
                if named == kind:
                    own, opened_by = found, before
            elif own is not None:
                message = f"A further list below “{section.block.text}” was not taken as {kind}s."
                self.notes.add("list_left_out", message, first.block.line, about=first)
        return own is not None

    def _announced(self, before: Node | None, size: int, first: Node) -> tuple[str, int, int]:
        """The kind that the paragraph before a list names, the count it states, and how plainly."""
        if before is None or before.block.form != "paragraph":
            return "", 0, 0
        kind, count = lead_in(before.block.text, self.language, size)
        if kind == "ambiguous":
            message = "The paragraph before this list names both principles and commitments."
            self.notes.add("ambiguous_kind", message, first.block.line, about=first)
        return kind, count, ANNOUNCED

    def _declared(self, section: Node, kind: str) -> int:
        prose = [node.block.text for node in section.children[:4] if node.block.form == "paragraph"]
        for text in (section.block.text, *prose):
            count = declared_count(text, kind, self.language)
            if count:
                return count
        return 0

    def _list(
        self, section: Node, run: list[tuple[Node, list[Node]]], kind: str, count: int, strength: int
    ) -> Group | None:
        entries: list[Entry] = []
        for node, owned in run:
            surplus = bool(count) and len(entries) >= count
            if is_remark(node.block.text, self.language) or surplus:
                self._not_one(node, kind, count)
                break
            entries.append(self._entry(node, kind, owned))
        if count > len(entries):
            self.notes.add(
                "count_mismatch",
                f"The text announces {count} {kind}s; {len(entries)} follow.",
                run[0][0].block.line,
            )
        return self._add(kind, strength, entries, section)

    def _not_one(self, node: Node, kind: str, count: int) -> None:
        printed = f"Number {node.block.number}" if node.block.number else "This item"
        why = f"the text announces {count}" if count else f"it speaks about the {kind}s"
        self.notes.add(
            "skipped_number",
            f"{printed} of a list of {kind}s is kept as a paragraph, not as a {kind}: {why}.",
            node.block.line,
            about=node,
        )

    # Headings

    def _headed(self, section: Node, kind: str, listed: bool) -> None:
        below = [child for child in section.children if child.is_section]
        if any(child.block.label == kind for child in section.children):
            return
        candidates = [child for child in below if self._may_be_entry(child)]
        if kind == "principle":
            # "2.3 Measure in the open" beside 2.1 and 2.2 is one of them, although its words tell of oversight.
            numbers = {_parent_number(child) for child in candidates if child.block.number}
            candidates = [
                child
                for child in below
                if child in candidates
                or (self._is_unnamed(child) and child.block.number and _parent_number(child) in numbers)
            ]
        if candidates and (not listed or len(candidates) > 1):
            self.taken.update(map(id, candidates))
            self._add(kind, HEADED, [self._entry(child, kind) for child in candidates], section)
        elif not listed:
            self._led_paragraphs(section, kind)

    def _may_be_entry(self, child: Node) -> bool:
        return self._is_unnamed(child) and not is_about(child.block.text, self.language)

    def _is_unnamed(self, child: Node) -> bool:
        return not child.block.label and not heading_kind(child.block.text, self.language, exact=True)

    def _led_paragraphs(self, section: Node, kind: str) -> None:
        """Paragraphs with bold beginnings: "**Openness.** We publish …"."""
        entries: list[Entry] = []
        for child in section.children:
            if child.block.form == "paragraph" and child.block.lead:
                entries.append(self._entry(child, kind))
            elif entries and not child.is_section and not child.block.tabular:
                entries[-1].owned.append(child)
        if entries:
            self._settle_trailing(entries)
            self._add(kind, HEADED, entries, section)

    def _goal(self, section: Node) -> None:
        """A section "Goal": its leading prose is the goal; a bare list below "Goals" is several."""
        owned: list[Node] = []
        for child in section.children:
            if child.is_section or child.block.tabular or child.block.label:
                break
            if (
                child.block.form == "paragraph"
                and lead_in(child.block.text, self.language, 0)[0] in LISTED
                and (_list_follows(section.children, child))
            ):
                break
            owned.append(child)
        items = [child for child in owned if child.block.form == "item"]
        if len(items) > 1 and owned[0] in items and len(items) == len(owned):
            self._add("goal", HEADED, [self._entry(item, "goal") for item in items], section)
        elif owned:
            entry = Entry(
                section, "goal", section.block.number, section.block.ordinal, section.block.text, "", owned
            )
            self._add("goal", HEADED, [entry], section)

    # Last resort, where nothing of the kind was found

    def last_resort(self, root: Node, kind: str) -> None:
        """Weaker signs: one section that is the only one, plain paragraphs, items that say "We commit to"."""
        for section in sections(root):
            if (
                heading_kind(section.block.text, self.language, exact=True) == kind
                and not section.block.label
            ):
                paragraphs = [child for child in section.children if child.block.form == "paragraph"]
                if not paragraphs:
                    continue
                self.notes.add(
                    "paragraphs_taken",
                    f"No list follows “{section.block.text}”: each of its paragraphs was taken as one {kind}.",
                    section.block.line,
                )
                self._add(kind, GUESSED, [self._entry(child, kind) for child in paragraphs], section)
        if kind == "commitment" and not any(group.kind == kind for group in self.groups):
            self._opening(root)
        if kind == "commitment" and not any(group.kind == kind for group in self.groups):
            self._led_in(root)

    def goal_in_prose(self, root: Node) -> None:
        """A paragraph "Goal: …", else the first that says "The goal of this strategy is …"."""
        paragraphs = [
            (section, child)
            for section in sections(root)
            for child in section.children
            if child.block.form == "paragraph" and id(child) not in self.taken and not child.block.tabular
        ]
        for section, node in paragraphs:
            title, text = bold_title(node.block.text, node.block.lead)
            if not title:
                title, text = lead_title(node.block.text)
            if text and heading_kind(title, self.language, exact=True) == "goal":
                self._add("goal", HEADED, [self._entry(node, "goal")], section)
                return
        for section, node in paragraphs:
            if states_goal(node.block.text, self.language):
                self.notes.add(
                    "goal_from_sentence",
                    "No heading names the goal: this paragraph says it.",
                    node.block.line,
                    about=node,
                )
                entry = self._entry(node, "goal")
                self._add("goal", GUESSED, [entry], section)
                return

    def _opening(self, root: Node) -> None:
        for section in sections(root):
            for run in _item_runs(section.children):
                nodes = [node for node, _ in run if id(node) not in self.taken]
                opening = [node for node in nodes if opens_commitment(node.block.text, self.language)]
                if len(opening) >= 2 and 2 * len(opening) > len(nodes):
                    self.notes.add(
                        "taken_by_wording",
                        "Taken as commitments by how the items begin.",
                        nodes[0].block.line,
                    )
                    self._add(
                        "commitment", GUESSED, [self._entry(node, "commitment") for node in opening], section
                    )

    def _led_in(self, root: Node) -> None:
        """Lists below "What we will do" or after a line that ends in "we will:"."""
        for section in sections(root):
            heading = section.block.text
            headed = leads_to_commitments(heading, self.language) and not is_about(heading, self.language)
            positions = {id(child): at for at, child in enumerate(section.children)}
            for run in _item_runs(section.children):
                at = positions[id(run[0][0])]
                before = section.children[at - 1].block if at else None
                led = before is not None and before.form == "paragraph" and before.text[-1:] in COLONS
                led = led and before is not None and leads_to_commitments(before.text, self.language)
                if len(run) < 2 or not (led or headed) or any(id(node) in self.taken for node, _ in run):
                    continue
                if not self._release(run[0][0], with_lead=bool(led)):
                    continue
                message = "Taken as commitments by the words that lead to the list."
                self.notes.add("taken_by_wording", message, run[0][0].block.line)
                entries = [self._entry(node, "commitment", owned) for node, owned in run]
                self._add("commitment", GUESSED, entries, section)

    def _release(self, first: Node, *, with_lead: bool) -> bool:
        """Take a list, and the line that leads to it, out of a goal that would still have words of its own."""
        for entry in (entry for group in self.groups for entry in group.entries if first in entry.owned):
            kept = entry.owned[: entry.owned.index(first) - with_lead]
            if not kept:
                return False
            entry.owned = kept
            fill_texts([entry])
        return True

    # Entries

    def _entry(self, node: Node, kind: str, owned: list[Node] | None = None) -> Entry:
        block = node.block
        below = list(node.children) if node.is_section else list(owned or [])
        return Entry(node, kind, block.number, block.ordinal, "", "", below)

    def _filled(self, entries: list[Entry]) -> list[Entry]:
        """The entries of one list with their titles, texts and ranks set."""
        fill_texts(entries)
        for position, entry in enumerate(entries, 1):
            entry.ordinal = entry.ordinal or position
            self.taken.add(id(entry.node))
        return entries

    def _add(self, kind: str, strength: int, entries: list[Entry], section: Node) -> Group | None:
        if not entries:
            return None
        direct = True
        if kind == "goal":
            first = entries[0].node.block
            named = first.label_text or (section.block.text if strength == HEADED else first.text)
            direct = names_goal_directly(named, self.language)
        group = Group(
            kind, strength, self._filled(entries), section.block.text, direct, id(section) in self.brief
        )
        self.groups.append(group)
        return group


def fill_texts(entries: list[Entry]) -> None:
    """Set title and text of every entry of one group."""
    loose = [entry for entry in entries if not entry.node.is_section]
    split = split_titles([(entry.node.block.text, entry.node.block.lead) for entry in loose])
    for entry, (title, text) in zip(loose, split, strict=True):
        if not title and _is_phrase(text):
            title = text
            text = "" if entry.owned or entry.node.block.more else text
        entry.title = title
        entry.text = _joined([text, *entry.node.block.more], entry.owned)
    for entry in entries:
        if entry.node.is_section:
            entry.title = entry.title or entry.node.block.text
            entry.text = _joined([], entry.owned)


def _is_phrase(text: str) -> bool:
    """Whether a text is a name and no sentence."""
    return (
        width(text) <= 120 and "\n" not in text and not ends_sentence(text) and last_mark(text) not in COMMAS
    )


def _joined(first: list[str], nodes: list[Node]) -> str:
    """Paragraphs set apart by blank lines, the items of a list by line breaks, with marks as printed."""
    parts = [text for text in first if text]
    listing = False
    for node in _flatten(nodes):
        text = "\n\n".join([display(node), *node.block.more])
        if node.block.form == "item" and listing and parts:
            parts[-1] += "\n" + text
        elif text:
            parts.append(text)
        listing = node.block.form == "item"
    return "\n\n".join(parts)


def _flatten(nodes: list[Node]) -> list[Node]:
    found: list[Node] = []
    waiting = list(reversed(nodes))
    while waiting:
        node = waiting.pop()
        found.append(node)
        waiting.extend(reversed(node.children))
    return found


def display(node: Node) -> str:
    """The text of one block as a reader sees it: with its number, or a bullet where it had one."""
    block = node.block
    if block.mark:
        printed = block.mark.printed if block.mark.number else ("•" if block.mark.printed else "")
        return f"{printed} {block.full}".strip()
    if block.number and not block.label_text:
        return f"{block.number} {block.text}".strip()
    return block.full


def _item_runs(children: list[Node]) -> list[list[tuple[Node, list[Node]]]]:
    """Runs of unlabelled items, each with the nodes it owns: nested items, and paragraphs up to the next number."""
    runs: list[list[tuple[Node, list[Node]]]] = []
    gap: list[Node] = []
    for child in children:
        block = child.block
        if block.form == "item" and not block.label:
            run = runs[-1] if runs else None
            if run and not gap and _nested(run, child):
                run[-1][1].append(child)
            elif run and _continues(run, child, gap):
                run[-1][1].extend(gap)
                run.append((child, []))
            else:
                runs.append([(child, [])])
            gap = []
        else:
            gap.append(child)
    positions = {id(child): at for at, child in enumerate(children)}
    return [_with_tail(run, children, positions) for run in runs]


def _nested(run: list[tuple[Node, list[Node]]], child: Node) -> bool:
    first, item = run[0][0].block, child.block
    if item.tabular:
        return False
    if item.indent > first.indent + 1:
        return True
    # Bullets directly below a numbered item, as in "1. We will:" and "- train".
    bulleted = item.mark is not None and not item.mark.number
    return bulleted and bool(first.number) and last_mark(run[-1][0].block.text) in COLONS


def _continues(run: list[tuple[Node, list[Node]]], child: Node, gap: list[Node]) -> bool:
    before, item = run[-1][0].block, child.block
    if before.tabular != item.tabular or bool(before.number) != bool(item.number):
        return False
    if not gap:
        return not item.number or item.ordinal != 1 or before.ordinal == 0
    prose = all(node.block.form in ("paragraph", "code") and not node.block.label for node in gap)
    in_order = bool(item.number) and item.ordinal == before.ordinal + 1
    return prose and in_order and not before.tabular


def _with_tail(
    run: list[tuple[Node, list[Node]]], children: list[Node], positions: dict[int, int]
) -> list[tuple[Node, list[Node]]]:
    """Where every item owns paragraphs, the last one owns those after it as well."""
    if len(run) < 2 or not all(any(n.block.form == "paragraph" for n in owned) for _, owned in run[:-1]):
        return run
    last, owned = run[-1]
    after = positions[id(last)] + 1 + len(owned)
    for node in children[after:]:
        if node.block.form not in ("paragraph", "code") or node.block.label:
            break
        owned.append(node)
    return run


def _same_series(opened_by: Node | None, before: Node | None, own: Group, first: Node) -> bool:
    """Whether a further list goes on where each part has a line of its own before it: "To staff:"."""
    if opened_by is None or before is None or first.block.number or own.entries[0].number:
        return False
    return all(
        node.block.form == "paragraph" and node.block.text[-1:] in COLONS and width(node.block.text) <= 60
        for node in (opened_by, before)
    )


def _parent_number(node: Node) -> str:
    return node.block.number.rpartition(".")[0]


def _list_follows(children: list[Node], node: Node) -> bool:
    at = children.index(node) + 1
    return at < len(children) and children[at].block.form == "item"
