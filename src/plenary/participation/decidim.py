"""Reading the proposals of a Decidim site as its open data and its exports give them: pure, no database.

The CSV has semicolons between its columns and slashes inside their names: ``title/en``, ``endorsements/total_count``.
Sites differ in version, so only ``id`` and a title are asked for; names that changed are known by both.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape

from django.utils.translation import gettext as _

from plenary.kit.languages import is_language_tag
from plenary.kit.tables import Problems, Table, header_of

# A number that sites call by several names, by version.
_SUPPORTS = ("supports", "votes", "proposal_votes", "proposal_votes_count", "votes_count")
_ENDORSEMENTS = ("endorsements/total_count", "likes/total_count", "endorsements", "likes")
_COMMENTS = ("comments", "comments/total_count", "comments_count")
_TAGS = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Proposal:
    id: str
    titles: Mapping[str, str]
    """By language; the first one is the original, as far as the file tells."""
    bodies: Mapping[str, str] = field(default_factory=dict)
    url: str = ""
    state: str = ""
    supports: int | None = None
    endorsements: int | None = None
    comments: int | None = None


def is_proposals(table: Table) -> bool:
    """Whether a table looks like proposals of Decidim."""
    header = header_of(table)
    return "id" in header and any(name == "title" or name.startswith("title/") for name in header)


def read_proposals(table: Table, problems: Problems, *, language: str) -> list[Proposal]:
    """All proposals; what is wrong goes to ``problems``. A ``title`` without a language is in ``language``."""
    header = header_of(table)
    titles, bodies = _by_language(header, "title", language), _by_language(header, "body", language)
    rows: dict[str, int] = {}
    found = []
    for row, values in enumerate(table.rows[1:], start=1):
        if not any(values):
            continue
        cell = {name: values[place].strip() for name, place in header.items() if place < len(values)}
        number = cell.get("id", "")[:40]
        said = {tag: plain(values[place]) for tag, place in titles.items() if place < len(values)}
        said = {tag: text for tag, text in said.items() if text}
        if not number:
            problems.add(0, row, header["id"], _("The proposal's id is missing."))
        elif number in rows:
            message = _("The same id stands in row %(row)s.") % {"row": rows[number] + 1}
            problems.add(0, row, header["id"], message)
        elif not said:
            problems.add(0, row, min(titles.values()), _("The proposal has no title."))
        else:
            rows[number] = row
            texts = {tag: plain(values[place]) for tag, place in bodies.items() if place < len(values)}
            url = cell.get("url", "")
            found.append(
                Proposal(
                    number,
                    said,
                    {tag: text for tag, text in texts.items() if text},
                    url if url.startswith(("https://", "http://")) and len(url) <= 500 else "",
                    cell.get("state", "")[:60],
                    _number(cell, _SUPPORTS),
                    _number(cell, _ENDORSEMENTS),
                    _number(cell, _COMMENTS),
                )
            )
    return found


def plain(html: str) -> str:
    """The words of a text with mark-up: paragraphs stay, everything else goes."""
    broken = re.sub(r"(?i)<br\s*/?>|</(p|li|h[1-6]|div)\s*>", "\n\n", html)
    words = unescape(_TAGS.sub("", broken))
    paragraphs = (" ".join(part.split()) for part in re.split(r"\n\s*\n", words))
    return "\n\n".join(part for part in paragraphs if part)


def _by_language(header: Mapping[str, int], name: str, language: str) -> dict[str, int]:
    """Language → place of a field that has a column for each, the language of the import first."""
    found = {language: header[name]} if name in header else {}
    for column, place in header.items():
        start, _slash, tag = column.partition("/")
        if start == name and tag and is_language_tag(tag):
            found[tag] = place
    return dict(sorted(found.items(), key=lambda each: each[0] != language))


def _number(cell: Mapping[str, str], names: tuple[str, ...]) -> int | None:
    for name in names:
        text = cell.get(name, "")
        if text.isascii() and text.isdigit() and len(text) < 10:
            return int(text)
    return None
