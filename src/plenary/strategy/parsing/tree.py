"""Nests blocks into sections; spreads tables that list principles or commitments into their cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from .blocks import Block
from .characters import key
from .kinds import LISTED, heading_kind
from .labels import Mark, split_mark


@dataclass(eq=False, slots=True)
class Node:
    """A section with its children, or one block; `kind` is set where it is a clause of its own."""

    block: Block
    children: list[Node] = field(default_factory=list)
    kind: str = ""
    title: str = ""
    text: str = ""
    owned: bool = False
    ref: str = ""

    @property
    def is_section(self) -> bool:
        """Whether this node has a heading."""
        return self.block.form == "heading"


def grow(blocks: list[Block], language: str) -> Node:
    """The tree of sections; a heading "1.1" nests below "1" even where both have the same level."""
    root = Node(Block("heading", "", 0))
    stack = [root]
    for block in blocks:
        if block.form == "heading":
            while len(stack) > 1 and not _encloses(stack[-1].block, block):
                stack.pop()
            node = Node(block)
            stack[-1].children.append(node)
            stack.append(node)
        else:
            stack[-1].children.extend(Node(part) for part in spread(block, language))
    return root


def _encloses(outer: Block, inner: Block) -> bool:
    if outer.level == inner.level:
        return bool(outer.number) and inner.number.startswith(outer.number + ".")
    return outer.level < inner.level


def sections(root: Node) -> Iterator[Node]:
    """The root and all sections, parents first, in reading order."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(child for child in reversed(node.children) if child.is_section)


def spread(block: Block, language: str) -> list[Block]:
    """A table with a column of principles or commitments as lists, column by column; else the block."""
    if block.form != "table" or len(block.rows) < 2:
        return [block]
    kinds = [heading_kind(cell, language) for cell in block.rows[0]]
    listing = [column for column, kind in enumerate(kinds) if kind in LISTED]
    if not listing:
        return [block]
    described = [c for c, cell in enumerate(block.rows[0]) if c not in listing and key(cell)]
    if described and len(listing) == 1:
        return _by_row(block, listing[0])
    parts: list[Block] = []
    for column in range(len(block.rows[0])):
        cells = [(at, row[column]) for at, row in enumerate(block.rows) if column < len(row) and row[column]]
        parts.extend(_cell(block, at, text) for at, text in cells)
    return parts


def _cell(block: Block, row: int, text: str) -> Block:
    line = block.places[row]
    if row == 0:
        return Block("paragraph", text, line, tabular=True)
    mark, rest = split_mark(text)
    mark = mark or Mark("", "")
    return Block(
        "item", rest or text, line, mark=mark, number=mark.number, ordinal=mark.ordinal, tabular=True
    )


def _by_row(block: Block, column: int) -> list[Block]:
    """One item a row: the column of the kind first, the other columns after it under their names."""
    header = block.rows[0]
    parts = [Block("paragraph", " | ".join(cell for cell in header if cell), block.line, tabular=True)]
    for at, row in enumerate(block.rows[1:], 1):
        if column >= len(row) or not row[column]:
            continue
        item = _cell(block, at, row[column])
        others = [
            (name, cell)
            for c, (name, cell) in enumerate(zip(header, row, strict=False))
            if c != column and cell
        ]
        numbers = [cell for _, cell in others if len(cell) <= 8 and split_mark(cell + ". x", heading=True)[0]]
        mark = item.mark
        if numbers and not item.number:
            mark = split_mark(numbers[0] + ". x", heading=True)[0]
        text = "\n".join(
            [item.text, *(f"{name}: {cell}" for name, cell in others if cell not in numbers[:1])]
        )
        lead = len(item.text) if "\n" in text else 0
        assert mark is not None
        parts.append(
            Block(
                "item",
                text,
                item.line,
                mark=mark,
                number=mark.number,
                ordinal=mark.ordinal,
                lead=lead,
                tabular=True,
            )
        )
    return parts
