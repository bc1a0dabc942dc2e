"""Takes away what is not the text: YAML front matter (read for its title) and HTML comments."""

from __future__ import annotations

import re

from .model import Notes

_FIELD = re.compile(r"([A-Za-z_]+):\s*(.*?)\s*$")


def take_front_matter(lines: list[str]) -> tuple[dict[str, str], int]:
    """The simple fields between two lines "---" at the very top, and the position of the text after them."""
    first = next((at for at, line in enumerate(lines) if line.strip()), 0)
    if lines[first].rstrip() != "---":
        return {}, 0
    for at in range(first + 1, len(lines)):
        if lines[at].rstrip() in ("---", "..."):
            found = [_FIELD.match(line) for line in lines[first + 1 : at]]
            fields = {match[1].lower(): match[2].strip("\"'") for match in found if match}
            return (fields, at + 1) if fields else ({}, 0)
    return {}, 0


def strip_comments(text: str, notes: Notes) -> str:
    """The text without HTML comments, each reported; line breaks inside them stay, so lines keep their numbers."""
    pieces: list[str] = []
    at, line, counted = 0, 1, 0
    while True:
        start = text.find("<!--", at)
        end = text.find("-->", start + 4) if start >= 0 else -1
        if end < 0:
            break
        line += text.count("\n", counted, start)
        counted = start
        notes.add("comment_removed", "Left out an HTML comment.", line)
        pieces.append(text[at:start] + "\n" * text.count("\n", start, end))
        at = end + 3
    if text.find("<!--", at) >= 0:
        where = text.count("\n", 0, text.find("<!--", at)) + 1
        notes.add("stray_markup", "An HTML comment is opened and never closed: its text was kept.", where)
        return "".join(pieces) + text[at:].replace("<!--", "")
    return "".join(pieces) + text[at:]
