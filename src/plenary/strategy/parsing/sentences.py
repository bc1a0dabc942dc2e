"""Rejoins sentences that were broken across paragraphs."""

from __future__ import annotations

from dataclasses import replace

from .blocks import Block
from .characters import CLOSING, COMMAS, ends_sentence, glue, is_unspaced, last_mark, width
from .model import Notes

# A paragraph that ends without a full stop is a heading or a caption up to this width.
_LONG = 80
_SNIPPET = 18


def rejoin(blocks: list[Block], notes: Notes) -> list[Block]:
    """The blocks with neighbouring halves of one sentence joined; every join is reported."""
    joined: list[Block] = []
    tails: list[list[str]] = []
    for block in blocks:
        before = joined[-1] if joined else None
        if before is not None and _same_sentence(_tail(before, tails), block, before, notes):
            tails[-1].append(block.text)
            joined[-1] = replace(before, lines=block.line + block.lines - before.line)
            end, start = _tail_text(tails[-1][-2]), block.text[:_SNIPPET]
            notes.add(
                "rejoined_sentence",
                f"Rejoined a sentence broken across paragraphs: “…{end}｜{start}…”.",
                block.line,
            )
        else:
            joined.append(block)
            tails.append([block.text])
    return [
        replace(block, text=_glue_all(parts)) if len(parts) > 1 else block
        for block, parts in zip(joined, tails, strict=True)
    ]


def _glue_all(parts: list[str]) -> str:
    pieces = [parts[0]]
    for part in parts[1:]:
        pieces.append(glue(pieces[-1][-1:], part)[1:] if pieces[-1] else part)
    return "".join(pieces)


def _tail(block: Block, tails: list[list[str]]) -> str:
    return tails[-1][-1]


def _tail_text(text: str) -> str:
    return text[-_SNIPPET:]


def _same_sentence(tail: str, block: Block, before: Block, notes: Notes) -> bool:
    """Whether `block` continues the sentence that `tail` leaves open."""
    if before.form != "paragraph" or block.form != "paragraph" or before.label or block.label or block.lead:
        return False
    if not tail or not block.text or ends_sentence(tail):
        return False
    start = block.text.lstrip(CLOSING + "“\"'«「『(（")[:1]
    cased = start.lower() != start.upper()
    if cased and start.islower():
        return True
    if last_mark(tail) in COMMAS:
        return width(tail) >= _LONG or _uncased_pair(tail, start)
    if width(tail) < _LONG or not start.isalnum():
        return False
    if cased and not is_unspaced(tail[-1]):
        # A capital may begin a new sentence: not joined, but somebody should look.
        notes.add("unfinished_paragraph", "The paragraph ends without a full stop.", before.line)
        return False
    return True


def _uncased_pair(tail: str, start: str) -> bool:
    return start.lower() == start.upper() and not tail[-2:-1].isascii()
