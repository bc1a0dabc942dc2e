"""Reads the text of a strategy into clauses: one goal, principles, commitments, sections, paragraphs.

The steps, each in a file of its own: decoding (bytes to lines), blocks (lines to headings, items and
paragraphs, with labels and inline mark-up taken off), headings (those that plain text does not mark),
sentences (rejoining), tree (nesting), groups (places that list principles or commitments), matching
(which place repeats which), build (clauses, references, doubts). `vocabulary` holds the words of each
language. Standard library only.
"""

from __future__ import annotations

from .blocks import read_blocks
from .build import build_strategy
from .decoding import MAX_BYTES, decode, tidy
from .front import strip_comments, take_front_matter
from .headings import find_headings, printed_text, take_title
from .model import (
    Doubt,
    Kind,
    Notes,
    Occurrence,
    ParsedClause,
    ParsedStrategy,
    Statistics,
    StrategyFormatError,
)
from .output import to_json
from .sentences import rejoin
from .suspicions import suspect

__all__ = [
    "MAX_BYTES",
    "Doubt",
    "Kind",
    "Occurrence",
    "ParsedClause",
    "ParsedStrategy",
    "Statistics",
    "StrategyFormatError",
    "parse_strategy",
    "to_json",
]


def parse_strategy(
    data: bytes | str, *, language: str, name: str = "", max_bytes: int = MAX_BYTES
) -> ParsedStrategy:
    """The clauses of a strategy in Markdown or plain text, or a `StrategyFormatError` saying why not.

    `language` is a BCP 47 tag; `name` is the file's name, the title where the text has none.
    """
    notes = Notes()
    text = strip_comments(decode(data, language=language, max_bytes=max_bytes), notes)
    lines = tidy(text, notes)
    front, start = take_front_matter(lines)
    blocks = read_blocks(lines[start:], start=start + 1, language=language, notes=notes)
    if not blocks:
        raise StrategyFormatError(
            "The file holds no readable text: only mark-up, rules or comments.", code="no_text"
        )
    blocks = find_headings(blocks, language, notes)
    title, edition, blocks = take_title(blocks, language, front.get("title", ""))
    if not title:
        title = name.rsplit("/", 1)[-1].rsplit(".", 1)[0]
        notes.add("no_title", f"The text begins without a title: “{title}” is taken from the file's name.", 1)
    blocks = rejoin(blocks, notes)
    suspect(blocks, language, notes)
    named = front.get("edition") or front.get("version") or front.get("date") or ""
    if edition:
        named = named or printed_text(edition)
        notes.add(
            "edition",
            f"The line “{printed_text(edition)}” below the title is kept as the edition, not as a clause.",
            edition.line,
        )
    return build_strategy(
        blocks, title=title, edition=named, language=language, lines=len(lines), notes=notes
    )
