"""Separates a title from the text it leads: bold beginnings, "Title: text", "Title – text"."""

from __future__ import annotations

import re

from .characters import COLONS, is_unspaced

_LEAD = re.compile(
    r"([^:：.。!！?？\n]{1,120}?)\s*[:：]\s*(?=\S)|([^:：.。!！?？\n]{1,80}?)\s+[–—―-]\s+(?=\S)"
)
_SHORT = re.compile(r"([^.。!！?？:：\n]{2,60})[.。]\s*(?=\S)")
_DECORATION = " \t\n" + COLONS + ".。–—―-,，、"


def bold_title(text: str, lead: int) -> tuple[str, str]:
    """Title and text where the beginning was bold and something follows it."""
    title, rest = text[:lead].strip(_DECORATION), text[lead:].lstrip(_DECORATION)
    return (title, rest) if title and rest else ("", text)


def lead_title(text: str) -> tuple[str, str]:
    """Title and text where a short lead-in ends in a colon or dash."""
    found = _LEAD.match(text[:160])
    title = (found[1] or found[2] or "").strip() if found else ""
    if found is None or not title or not _is_short(title, words=12, characters=30):
        return "", text
    return title, text[found.end() :].strip()


def sentence_title(text: str) -> tuple[str, str]:
    """Title and text where a first sentence of a few words names the item: "Openness. We publish …"."""
    found = _SHORT.match(text[:120])
    if found is None or not _is_short(found[1], words=4, characters=12):
        return "", text
    return found[1].strip(), text[found.end() :].strip()


def split_titles(texts: list[tuple[str, int]]) -> list[tuple[str, str]]:
    """Titles and texts of the items of one list, given as (text, length of the bold beginning).

    A colon or dash makes a title only where at least half of the items have one: otherwise it
    belongs to a sentence.
    """
    bold = [bold_title(text, lead) for text, lead in texts]
    if _common(bold):
        return bold
    for style in (lead_title, sentence_title):
        split = [style(text) for text, _ in texts]
        if _common(split):
            return [first if first[0] else second for first, second in zip(bold, split, strict=True)]
    return bold


def _common(split: list[tuple[str, str]]) -> bool:
    titled = sum(bool(title) for title, _ in split)
    return titled > 0 and 2 * titled >= len(split)


def _is_short(title: str, *, words: int, characters: int) -> bool:
    unspaced = sum(map(is_unspaced, title))
    return len(title.split()) <= words and unspaced <= characters
