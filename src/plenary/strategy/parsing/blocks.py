"""From lines to blocks: headings, paragraphs, list items, tables, code; Markdown and plain text alike."""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass, replace
from typing import Literal

from .characters import ends_sentence, glue, is_unspaced, last_mark, width
from .inline import Inline, clean
from .kinds import heading_kind
from .labels import Mark, split_label, split_mark
from .model import Notes

Form = Literal["heading", "paragraph", "item", "table", "code"]

_ATX = re.compile(r"(#{1,6})(?:\s+|(?=[^\s#\d!]))(.*)")
_ATX_END = re.compile(r"(?:\s#+|\{[^{}]*\})\s*$")
_SETEXT = re.compile(r"(=+|-{2,})\s*$")
_RULE = re.compile(r"([-*_=#+~•])(?:\s*\1)*\s*$")
_FENCE = re.compile(r"(`{3,}|~{3,})([^`]*)$")
_PIPE_RULE = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$")
_DEFINITION = re.compile(r"\s{0,3}\[(?!\^)[^\[\]]+\]:\s+\S")
_FOOTNOTE = re.compile(r"\s{0,3}\[\^([^\[\]\s]{1,40})\]:\s*")
_BOLD_LINE = re.compile(r"\s*(\*\*|__)(?=\S)[^*_]+\1\s*[:：]?\s*$")
# A line wider than this was not broken by hand: such a text keeps one paragraph to a line.
_LONGEST_WRAPPED_LINE = 200
BOLD_LEVEL, LABEL_LEVEL = 7, 8


@dataclass(frozen=True, slots=True)
class Block:
    """One unit of the source, its text free of mark-up and of its number or label."""

    form: Form
    text: str
    line: int
    mark: Mark | None = None
    level: int = 0
    indent: int = 0
    lead: int = 0
    label: str = ""
    label_text: str = ""
    number: str = ""
    ordinal: int = 0
    lines: int = 1
    more: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    places: tuple[int, ...] = ()
    tabular: bool = False

    @property
    def full(self) -> str:
        """The text with the label that was split from it."""
        return glue(self.label_text, self.text) if self.label_text else self.text


def read_blocks(lines: list[str], *, start: int, language: str, notes: Notes) -> list[Block]:
    """The blocks of the lines, the first of which has the number `start`."""
    reader = _Reader(lines, start, language, notes)
    return reader.read()


def make_block(
    form: Form, raw: Inline, line: int, language: str, *, heading: bool = False, **more: object
) -> Block:
    """A block whose label ("Commitment 3:") or number has been split from its text."""
    text, lead = raw.text, raw.lead
    block = Block(form, text, line, lead=lead, **more)  # type: ignore[arg-type]
    label, rest = split_label(text, language, heading=heading)
    if label:
        cut = len(text) - len(rest)
        kind = "" if label.kind == "section" else label.kind
        number = label.number if kind else label.printed.rstrip(" .:：–—-、")
        printed = label.printed if kind else ""
        return replace(
            block, text=rest, lead=max(0, lead - cut), label=kind, label_text=printed,
            number=number, ordinal=label.ordinal,
        )  # fmt: skip
    if heading:
        mark, rest = split_mark(text, heading=True)
        if mark and rest and not rest[:1].islower():
            return replace(block, text=rest, number=mark.number, ordinal=mark.ordinal, lead=0)
    return block


def _is_bold_heading(inline: Inline) -> bool:
    """Whether a line is bold from end to end and no longer than a heading."""
    bold = 0 < len(inline.text.rstrip(":： ")) <= inline.lead
    return bold and width(inline.text) <= (60 if last_mark(inline.text) in (".", "。") else 120)


def _follows(before: Mark | None, mark: Mark | None) -> bool:
    return bool(before and mark and before.style == mark.style and mark.ordinal == before.ordinal + 1)


def _closing_fences(lines: list[str], char: str) -> list[int]:
    """The positions of all lines that may close a block of code, found once."""
    return [at for at, line in enumerate(lines) if char * 3 in line and not line.strip(f" {char}")]


class _Reader:
    """Walks the lines once, holding at most one paragraph or item that may still grow."""

    def __init__(self, lines: list[str], start: int, language: str, notes: Notes) -> None:
        self.lines = lines
        self.start = start
        self.language = language
        self.notes = notes
        self.blocks: list[Block] = []
        self.held: list[str] = []
        self.held_line = 0
        self.held_mark: Mark | None = None
        self.held_indent = 0
        self.item_open = False
        self.wrapped = self._is_wrapped()
        self.closers = {char: _closing_fences(lines, char) for char in "`~"}

    def _is_wrapped(self) -> bool:
        """Whether neighbouring lines are one paragraph: always in Markdown, else by the width of lines."""
        if any(_ATX.match(line) for line in self.lines):
            return True
        filled = [line for line in self.lines if line.strip()]
        long = sum(
            len(line) > _LONGEST_WRAPPED_LINE // 2 and width(line) > _LONGEST_WRAPPED_LINE for line in filled
        )
        return long * 20 < len(filled)

    def read(self) -> list[Block]:
        at = 0
        while at < len(self.lines):
            at = self._step(at)
        self._flush()
        return self.blocks

    def _step(self, at: int) -> int:
        """Take one line, or several where they belong together, and return the next position."""
        line = self._unquote(self.lines[at])
        stripped = line.strip()
        if not stripped:
            self._flush()
            return at + 1
        for attempt in (self._fence, self._table):
            after = attempt(at, line, stripped)
            if after:
                return after
        if footnote := _FOOTNOTE.match(line):  # it may hold a condition of a promise, so its words stay
            self._flush()
            self.notes.add(
                "footnote",
                f"Footnote {footnote[1]} is kept as a paragraph of its own; its mark is left out of the sentence.",
                self.start + at,
            )
            line = stripped = line[footnote.end() :].rstrip()
            if not line:
                return at + 1
        indent = len(line) - len(line.lstrip())
        if self._heading(at, stripped, indent) or _RULE.match(stripped) or _DEFINITION.match(line):
            if _RULE.match(stripped):
                self._flush()
            return at + 1
        self._text(at, line.replace("\t", "    "), stripped)
        return at + 1

    def _unquote(self, line: str) -> str:
        while line.lstrip().startswith(">"):
            line = line.lstrip()[1:].removeprefix(" ")
        return line

    # Structures of several lines

    def _fence(self, at: int, line: str, stripped: str) -> int:
        found = _FENCE.match(stripped)
        if not found:
            return 0
        self._flush()
        closers = self.closers[found[1][0]]
        index = bisect.bisect_right(closers, at)
        if index == len(closers):
            self._stray(at, found[1])
            return at + 1
        end = closers[index]
        text = "\n".join(part.rstrip() for part in self.lines[at + 1 : end]).strip("\n")
        if text.strip():
            self.blocks.append(Block("code", text, self.start + at + 1, lines=end - at - 1))
            self.item_open = False
        return end + 1

    def _table(self, at: int, line: str, stripped: str) -> int:
        following = self._unquote(self.lines[at + 1]) if at + 1 < len(self.lines) else ""
        if "|" in stripped and "|" in following and _PIPE_RULE.match(following):
            return self._rows(at, "|", skip=at + 1)
        if "\t" not in stripped:
            return 0
        _, rest = split_mark(stripped)
        after = self._next_filled(at)
        # "1.⇥Openness" is a numbered item whose number is set off by a tab; one row alone is no table.
        if "\t" not in rest or after is None or "\t" not in self._unquote(self.lines[after]).strip(" "):
            return 0
        return self._rows(at, "\t", skip=-1)

    def _next_filled(self, at: int) -> int | None:
        """The position of the next line with text, over at most one blank line."""
        for after in range(at + 1, min(at + 3, len(self.lines))):
            if self.lines[after].strip():
                return after
        return None

    def _rows(self, at: int, separator: str, *, skip: int) -> int:
        self._flush()
        rows: list[tuple[str, ...]] = []
        places: list[int] = []
        end: int | None = at
        last = at
        while end is not None and self._is_row(end, separator, rows):
            if end != skip:
                line = self._unquote(self.lines[end])
                cells = line.strip().strip("|").split("|") if separator == "|" else line.split("\t")
                rows.append(tuple(self._clean(cell, end).text for cell in cells))
                places.append(self.start + end)
            last = end
            end = self._next_filled(end) if separator == "\t" else end + 1
        text = "\n".join(" | ".join(row) for row in rows)
        self.blocks.append(
            Block("table", text, self.start + at, lines=last + 1 - at, rows=tuple(rows), places=tuple(places))
        )
        self.item_open = False
        return last + 1

    def _is_row(self, at: int, separator: str, rows: list[tuple[str, ...]]) -> bool:
        """Whether a line is one more row; a last row may have lost its empty cell with the tab before it."""
        if at >= len(self.lines):
            return False
        line = self._unquote(self.lines[at]).strip(" ")
        if separator in line or not rows:
            return bool(line)
        mark, before = split_mark(line)[0], split_mark(rows[-1][0])[0]
        return separator == "\t" and bool(mark and before) and _follows(before, mark)

    # Headings

    def _heading(self, at: int, stripped: str, indent: int) -> bool:
        found = _ATX.match(stripped) if indent < 4 else None
        if found:
            self._flush()
            self._add_heading(_ATX_END.sub("", found[2]), at, len(found[1]))
            return True
        under = _SETEXT.match(stripped)
        one_line = len(self.held) == 1 and not self.held_mark and self.held_line == self.start + at - 1
        # In running plain text a rule below a sentence is a rule, not a heading.
        if under and one_line and not (stripped[0] == "-" and ends_sentence(self.held[0])):
            text = self.held.pop()
            self.item_open = False
            self._add_heading(text, at - 1, 1 if stripped[0] == "=" else 2)
            return True
        return False

    def _add_heading(self, raw: str, at: int, level: int) -> None:
        self.item_open = False
        text = self._clean(raw.strip().rstrip("#"), at)
        if text.text:
            whole = Inline(text.text)
            self.blocks.append(
                make_block("heading", whole, self.start + at, self.language, heading=True, level=level)
            )

    # Paragraphs and items

    def _text(self, at: int, line: str, stripped: str) -> None:
        indent = len(line) - len(line.lstrip())
        mark, rest = split_mark(stripped)
        if mark and rest and self._may_begin_item(mark):
            self._flush()
            self._hold(at, rest, mark, indent)
        elif (
            self.held
            and (self.wrapped or indent >= 2)
            and not self._is_title_line()
            and not self._begins(stripped)
        ):
            self.held.append(stripped)
        elif not self.held and self.item_open and indent >= max(2, self.held_indent + 2):
            self._continue_item(stripped, at)
        else:
            self._flush()
            self._hold(at, stripped, None, indent)

    def _may_begin_item(self, mark: Mark) -> bool:
        """A number inside a paragraph begins a list only where a sentence ended or the count starts."""
        if not self.held or self.held_mark or not self.wrapped or not mark.number:
            return True
        return mark.ordinal == 1 or ends_sentence(self.held[-1])

    def _is_title_line(self) -> bool:
        """Whether the one line held is a heading of its own although no blank line follows it."""
        if len(self.held) != 1:
            return False
        if self.held_mark:  # "1. GOAL" directly above its text
            name = self.held[0]
            return (
                bool(self.held_mark.number)
                and name.isupper()
                and bool(heading_kind(name, self.language, exact=True))
            )
        if _BOLD_LINE.match(self.held[0]):
            return True
        label, rest = split_label(clean(self.held[0]).text, self.language)
        return bool(label) and not ends_sentence(rest or "x") and width(self.held[0]) < 60

    def _begins(self, stripped: str) -> bool:
        """Whether a line after a full stop begins with a label of its own: "Commitment 2 – …"."""
        if not ends_sentence(self.held[-1]):
            return False
        label, _ = split_label(clean(stripped[:160]).text, self.language)
        return label is not None and label.kind != "section"

    def _hold(self, at: int, text: str, mark: Mark | None, indent: int) -> None:
        self.held, self.held_line, self.held_mark, self.held_indent = [text], self.start + at, mark, indent

    def _continue_item(self, stripped: str, at: int) -> None:
        item = self.blocks[-1]
        more = self._clean(stripped, at).text
        previous_line_blank = not self.lines[at - 1].strip()
        if item.more and not previous_line_blank:
            parts = (*item.more[:-1], glue(item.more[-1], more))
        else:
            parts = (*item.more, more)
        self.blocks[-1] = replace(item, more=parts)

    def _flush(self) -> None:
        """Close the paragraph or item that is held."""
        if not self.held:
            return
        mark, line, count = self.held_mark, self.held_line, len(self.held)
        raw, title = self._joined()
        inline = self._clean(raw, line - self.start)
        self.held, self.held_mark = [], None
        if not inline.text:
            return
        form: Form = "item" if mark else "paragraph"
        if title and not inline.lead:
            inline = replace(inline, lead=len(clean(title).text))
        if mark is None and count == 1 and _is_bold_heading(inline):
            self._bold_heading(inline, line)
            return
        number, ordinal = (mark.number, mark.ordinal) if mark else ("", 0)
        block = make_block(
            form, inline, line, self.language,
            mark=mark, number=number, ordinal=ordinal, indent=self.held_indent, lines=count,
        )  # fmt: skip
        self.blocks.append(block)
        self.item_open = bool(mark)

    def _joined(self) -> tuple[str, str]:
        """The held lines as one, and the first line where it is an item's title above its text."""
        title = ""
        if self.held_mark and len(self.held) > 1:
            first, second = self.held[0], self.held[1]
            begins = second[:1].isupper() or is_unspaced(second[:1])
            if (
                begins
                and not ends_sentence(first)
                and width(first) < min(60, 0.7 * max(map(width, self.held[1:])))
            ):
                title = first
        raw = self.held[0]
        if len(self.held) > 1:
            pieces = [raw]
            for part in self.held[1:]:
                pieces.append(glue(pieces[-1][-2:], part)[len(pieces[-1][-2:]) :])
            raw = "".join(pieces)
        return raw, title

    def _bold_heading(self, inline: Inline, line: int) -> None:
        text = Inline(inline.text.rstrip(":： "))
        block = make_block("heading", text, line, self.language, heading=True, level=BOLD_LEVEL)
        self.blocks.append(replace(block, level=LABEL_LEVEL) if block.label else block)
        self.item_open = False

    def _clean(self, raw: str, at: int) -> Inline:
        inline = clean(raw)
        for mark in inline.stray[:1]:
            self._stray(at, mark, len(inline.stray))
        return inline

    def _stray(self, at: int, mark: str, count: int = 1) -> None:
        times = f" ({count} marks in this place)" if count > 1 else ""
        self.notes.add(
            "stray_markup", f"Removed stray mark-up “{mark}” that has no partner{times}.", self.start + at
        )
