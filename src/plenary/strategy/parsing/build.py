"""Turns the tree of sections and the resolved entries into clauses with references."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from dataclasses import replace
from typing import get_args

from .blocks import Block
from .characters import key
from .groups import Entry, Group, find_groups
from .headings import printed_text
from .kinds import LISTED
from .matching import Resolution, repeated_passages, resolve
from .model import (
    PREFIXES,
    Doubt,
    Kind,
    Notes,
    Occurrence,
    ParsedClause,
    ParsedStrategy,
    Statistics,
    StrategyFormatError,
    walk,
)
from .tree import Node, grow, sections
from .vocabulary import KINDS, VOCABULARIES

_EXAMPLES = {
    "en": "“Commitment 1: …” or “Our commitments”",
    "fr": "“Engagement 1 : …” or “Nos engagements”",
    "es": "“Compromiso 1: …” or “Nuestros compromisos”",
    "ru": "“Обязательство 1: …” or “Наши обязательства”",
    "ar": "“الالتزام 1: …” or “التزاماتنا”",
    "zh": "“承诺 1：…” or “我们的承诺”",
}


def build_strategy(
    blocks: list[Block], *, title: str, edition: str, language: str, lines: int, notes: Notes
) -> ParsedStrategy:
    """The parsed strategy, or a `StrategyFormatError` where it holds no commitment."""
    root = grow(blocks, language)
    groups = find_groups(root, language, notes)
    if not any(group.kind == "commitment" for group in groups):
        raise _no_commitments(blocks, language)
    resolutions = {kind: resolve(groups, kind, notes) for kind in KINDS}
    for kind, resolution in resolutions.items():
        _settle(kind, resolution, notes)
    builder = _Builder()
    clauses = builder.clauses(root)
    if not any(clause.kind == "commitment" for clause in walk(tuple(clauses))):
        # What looked like a list of them was taken for something else
        raise _no_commitments(blocks, language)
    occurrences = _occurrences(root, resolutions, groups, notes)
    doubts = _finish(clauses, notes)
    return ParsedStrategy(
        title, language, clauses, occurrences, doubts,
        _statistics(clauses, occurrences, doubts, lines), edition,
    )  # fmt: skip


def _settle(kind: str, resolution: Resolution, notes: Notes) -> None:
    """Mark the nodes that are clauses of their own, and the nodes whose text they hold."""
    for entry in resolution.chosen:
        node = entry.node
        node.kind, node.title, node.text = kind, entry.title, entry.text
        for owned in entry.owned:
            owned.owned = True
        if node.text and node.text != node.title:
            continue
        # A clause needs words of its own: commented, translated and voted on is its text.
        node.text = node.title or node.block.full
        node.title = node.title if node.block.form == "heading" or len(node.text) <= 120 else ""
        named = f"{kind.capitalize()} {entry.number}".strip()
        notes.add(
            "title_only",
            f"{named} has no text beyond its title: the title is its text.",
            entry.line,
            about=node,
        )
    if kind == "goal" and not resolution.chosen:
        notes.add("no_goal", "No goal was recognized: put it below a heading such as “Goal”.", 1)


class _Builder:
    """Gives references in reading order, once per kind."""

    def __init__(self) -> None:
        self.given: Counter[str] = Counter()

    def clauses(self, parent: Node) -> tuple[ParsedClause, ...]:
        found: list[ParsedClause] = []
        for node in parent.children:
            if node.owned:
                continue
            found.append(self._clause(node))
            if node.kind and node.is_section:
                # What stands below a goal without being its text comes after it.
                found.extend(self.clauses(node))
        return tuple(found)

    def _clause(self, node: Node) -> ParsedClause:
        block = node.block
        if node.kind:
            kind = _kind(node.kind)
            node.ref = self._next(kind)
            return ParsedClause(kind, node.ref, block.number, node.title, node.text, (), block.line)
        if node.is_section:
            node.ref = self._next("section")
            title, number = (printed_text(block), "") if block.label_text else (block.text, block.number)
            return ParsedClause("section", node.ref, number, title, "", self.clauses(node), block.line)
        node.ref = self._next("paragraph")
        text = "\n\n".join([block.full, *block.more])
        number = "" if block.label_text else block.number
        return ParsedClause("paragraph", node.ref, number, "", text, (), block.line)

    def _next(self, kind: Kind) -> str:
        self.given[kind] += 1
        return f"{PREFIXES[kind]}{self.given[kind]}"


def _kind(name: str) -> Kind:
    for kind in get_args(Kind):
        if kind == name:
            return kind
    raise AssertionError(name)


def _occurrences(
    root: Node, resolutions: dict[str, Resolution], groups: list[Group], notes: Notes
) -> tuple[Occurrence, ...]:
    found: list[Occurrence] = []
    for resolution in resolutions.values():
        for repeat in resolution.repeats:
            if repeat.entry.node.ref and not repeat.entry.node.kind:
                found.append(_occurrence(repeat.of, repeat.entry, notes))
    linked = {occurrence.within for occurrence in found}
    goals = resolutions["goal"].chosen
    loose = [node for node in _paragraphs(root) if node.ref and not node.kind and node.ref not in linked]
    for goal, node in repeated_passages(loose, goals):
        found.append(Occurrence(goal.node.ref, node.ref, "", node.block.line))
    return tuple(sorted(found, key=lambda occurrence: (occurrence.line, occurrence.of)))


def _occurrence(of: Entry, entry: Entry, notes: Notes) -> Occurrence:
    # Where a place prints only a phrase, the phrase is its title.
    title = entry.title
    variant = title if title and key(title) != key(of.title) else ""
    if variant and of.kind in LISTED:
        notes.add(
            "variant_title",
            f"{of.node.ref} “{of.title}” is called “{variant}” here.",
            entry.line,
            of.node.ref,
            entry.node.ref,
        )
    return Occurrence(of.node.ref, entry.node.ref, variant, entry.line)


def _paragraphs(root: Node) -> list[Node]:
    return [child for section in sections(root) for child in section.children if not child.is_section]


def _finish(clauses: tuple[ParsedClause, ...], notes: Notes) -> tuple[Doubt, ...]:
    """The doubts in order of lines, each with the reference of the clause in which it arose."""
    placed = sorted((clause.line, at, clause.ref) for at, clause in enumerate(walk(clauses)))
    starts = [line for line, _, _ in placed]
    found = []
    for doubt, about in [*notes.doubts, *notes.overflow()]:
        at = bisect_right(starts, doubt.line) - 1
        nearest = (placed[at][2],) if at >= 0 and doubt.line else ()
        refs = doubt.refs or ((about.ref,) if about is not None and about.ref else nearest)
        found.append(replace(doubt, refs=refs))
    return tuple(sorted(found, key=lambda doubt: (doubt.line or 1 << 60, doubt.code, doubt.message)))


def _statistics(
    clauses: tuple[ParsedClause, ...],
    occurrences: tuple[Occurrence, ...],
    doubts: tuple[Doubt, ...],
    lines: int,
) -> Statistics:
    everything = walk(clauses)
    kinds = Counter(clause.kind for clause in everything)
    characters = sum(len(clause.title) + len(clause.text) for clause in everything)
    return Statistics(
        kinds["goal"], kinds["principle"], kinds["commitment"], kinds["section"], kinds["paragraph"],
        len(occurrences), len(doubts), lines, characters,
    )  # fmt: skip


def _no_commitments(blocks: list[Block], language: str) -> StrategyFormatError:
    headings = [
        f"“{printed_text(block)[:60]}” (line {block.line})" for block in blocks if block.form == "heading"
    ]
    seen = f"Headings seen: {', '.join(headings[:12])}." if headings else "No heading was seen."
    if len(headings) > 12:
        seen = f"{seen[:-1]} and {len(headings) - 12} more."
    base = language.split("-")[0].lower()
    how = _EXAMPLES.get(base, _EXAMPLES["en"])
    hint = ""
    if base not in VOCABULARIES:
        hint = f" The words of “{language}” are not known; known are {', '.join(sorted(VOCABULARIES))}."
    return StrategyFormatError(
        f"No commitment was recognized. {seen} Mark each commitment by a heading or list below a heading: {how}."
        f"{hint} If the text is not in “{language}”, name its language.",
        code="no_commitments",
    )
