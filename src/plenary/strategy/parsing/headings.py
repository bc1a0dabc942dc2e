"""Finds the headings of a text that does not mark them, its title and its edition."""

from __future__ import annotations

import re
from dataclasses import replace

from .blocks import BOLD_LEVEL, LABEL_LEVEL, Block, make_block
from .characters import COLONS, COMMAS, ends_sentence, key, last_mark, width
from .inline import Inline
from .kinds import heading_kind, is_about, is_frame
from .model import Notes

_YEAR = re.compile(r"(?<!\d)(?:1[89]|20)\d\d(?!\d)")
_LONGEST_HEADING = 90
_LONGEST_LABELLED = 160


def find_headings(blocks: list[Block], language: str, notes: Notes) -> list[Block]:
    """The blocks with unmarked headings recognized; in Markdown only labelled lines are."""
    marked = sum(block.form == "heading" and block.level < BOLD_LEVEL for block in blocks)
    guess = _Guess(blocks, language, notes, plain=marked <= 1)
    return guess.run()


class _Guess:
    def __init__(self, blocks: list[Block], language: str, notes: Notes, *, plain: bool) -> None:
        self.blocks = blocks
        self.language = language
        self.notes = notes
        self.plain = plain
        self.found: list[Block] = []
        self.numbered = False  # a numbered heading was seen at the top level
        self.group_open = False  # the last heading names principles or commitments and stands bare
        self.last_child = 0  # the last number of a heading below it

    def run(self) -> list[Block]:
        for at, block in enumerate(self.blocks):
            following = self.blocks[at + 1] if at + 1 < len(self.blocks) else None
            self.found.append(self._judge(block, following))
        return self.found

    def _judge(self, block: Block, following: Block | None) -> Block:
        heading: Block | None = None
        if block.form == "paragraph" and block.label:
            heading = self._labelled(block)
        elif block.form == "paragraph" and self.plain and not block.lead:
            heading = self._unnumbered(block, following)
        elif block.form == "item" and self.plain and block.mark and block.mark.number:
            heading = self._numbered(block, following)
        if heading is None and (block.form in ("item", "table") or block.lead):
            self.group_open = False
        return heading or block

    def _labelled(self, block: Block) -> Block | None:
        short = block.lines == 1 and width(block.text) <= _LONGEST_LABELLED
        if short and not ends_sentence(block.text or "x"):
            return replace(block, form="heading", level=LABEL_LEVEL, lead=0)
        return None

    def _unnumbered(self, block: Block, following: Block | None) -> Block | None:
        text = block.text
        colon = last_mark(text) in COLONS and text[-1:] in COLONS
        bare = text.rstrip(COLONS + " ")
        if colon and not heading_kind(bare, self.language, exact=True):
            return None
        looks_like = (
            block.lines == 1
            and width(bare) <= _LONGEST_HEADING
            and not ends_sentence(bare)
            and last_mark(bare) not in COMMAS
            and not bare[:1].islower()
            and not any(char in bare for char in "。！？")
        )
        if not looks_like or self._continues(bare) or following is None:
            return None
        named = is_frame(bare, self.language) or bool(heading_kind(bare, self.language))
        level = 2 if self.numbered and not named else 1
        if level == 2:
            self.notes.add(
                "level_guessed",
                f"Heading “{bare}” carries no number: taken to stand below the numbered one.",
                block.line,
            )
        self._open_group(bare)
        made = make_block("heading", Inline(bare), block.line, self.language, heading=True, level=level)
        return replace(made, lines=block.lines)

    def _continues(self, text: str) -> bool:
        """Whether the paragraph before was left unfinished, so that this one is its other half."""
        before = self.found[-1] if self.found else None
        if before is None or before.form != "paragraph":
            return False
        return not ends_sentence(before.text)

    def _numbered(self, block: Block, following: Block | None) -> Block | None:
        assert block.mark is not None
        before = self.found[-1] if self.found else None
        plain_line = block.lines == 1 and not block.more and not block.lead and width(block.text) <= 120
        if (
            not plain_line
            or ends_sentence(block.text)
            or last_mark(block.text) in COMMAS
            or following is None
        ):
            return None
        touching = _touches(before, block)
        if touching or self._is_next_item(block) or not _opens(block, following):
            return None
        level = 2 if self._counts_in_group(block) else 1
        if level == 2:
            self.last_child = block.ordinal
        else:
            self.numbered = True
            self._open_group(block.text)
        heading = make_block("heading", Inline(block.text), block.line, self.language, level=level)
        return replace(heading, number=block.number, ordinal=block.ordinal)

    def _is_next_item(self, block: Block) -> bool:
        """Whether the number continues a list: same style, next number, same spacing."""
        before = self.found[-1] if self.found else None
        if before is None or before.form != "item" or before.mark is None or block.mark is None:
            return False
        if before.ordinal != block.ordinal - 1 or before.mark.style != block.mark.style:
            return False
        named = heading_kind(block.text, self.language) or is_about(block.text, self.language)
        tight = len(self.found) > 1 and _touches(self.found[-2], before)
        return not named and not tight

    def _open_group(self, text: str) -> None:
        self.group_open = heading_kind(text, self.language) in ("principle", "commitment")
        self.last_child = 0

    def _counts_in_group(self, block: Block) -> bool:
        """Whether a number counts the principles or commitments below their heading, not the chapters."""
        text = block.text
        chapter = (
            heading_kind(text, self.language)
            or is_about(text, self.language)
            or is_frame(text, self.language)
        )
        return (
            self.group_open
            and not chapter
            and "." not in block.number
            and block.ordinal == self.last_child + 1
        )


def _touches(before: Block | None, block: Block) -> bool:
    """Whether an item stands on the line just before."""
    if before is None or before.form != "item" or before.line + before.lines != block.line:
        return False
    # "1.2 Title" directly below "5. …" begins a chapter, not a sixth item.
    return before.mark is None or block.mark is None or before.mark.depth == block.mark.depth


def _opens(block: Block, following: Block) -> bool:
    """Whether what follows is what a heading has below it: no neighbour in the same list."""
    if following.mark is None or following.form != "item":
        return True
    below = following.line > block.line + block.lines
    restarts = not following.mark.number or following.ordinal == 1
    return following.number.startswith(block.number + ".") or (below and restarts)


def take_title(blocks: list[Block], language: str, named: str) -> tuple[str, Block | None, list[Block]]:
    """The title, the line with the edition ("Version 2, March 2024") if any, and the blocks that remain."""
    title, rest = named, list(blocks)
    first = rest[0] if rest else None
    if first is not None and _is_title(first, rest, language, named):
        title = title or first.text
        rest = rest[1:]
    edition = None
    if title and rest and rest[0].form in ("heading", "paragraph", "item") and _is_edition(rest[0], language):
        edition = rest.pop(0)
    return title, edition, rest


def _is_title(first: Block, blocks: list[Block], language: str, named: str) -> bool:
    if first.form != "heading" or first.label or first.number:
        return False
    if named:
        return key(named) == key(first.text)
    if heading_kind(first.text, language, exact=True) or is_frame(first.text, language):
        return False
    # Below a title everything is deeper, or the headings were guessed and know no title.
    return first.level in (1, BOLD_LEVEL) or not any(b.level and b.level < first.level for b in blocks)


def _is_edition(block: Block, language: str) -> bool:
    text = printed_text(block)
    short = width(text) <= 50 and len(text.split()) <= 6
    kind = heading_kind(text, language)
    return short and bool(_YEAR.search(text)) and not kind and not block.label


def printed_text(block: Block) -> str:
    """The text of a block with its number or label as the source prints them."""
    if block.label_text:
        return block.full
    if block.mark and block.mark.number:
        return f"{block.mark.printed} {block.text}"
    return f"{block.number} {block.text}" if block.number else block.text
