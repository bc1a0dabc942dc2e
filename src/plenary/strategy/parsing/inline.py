"""Takes mark-up inside a line away: emphasis, links, code spans, tags; linear in the length."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

_LINK = re.compile(
    r'!?\[([^\[\]]*+)\](?:\([^()\s]*+(?:\([^()\s]*+\)[^()\s]*+)?(?:\s+"[^"]*+")?\)|\[[^\[\]]*+\])'
)
_FOOTNOTE = re.compile(r"\[\^[^\[\]\s]{1,40}\]")
_AUTOLINK = re.compile(r"<((?:https?://|mailto:)[^<>\s]*+)>")
_TAG = re.compile(
    r"</?(?:a|abbr|b|big|br|center|cite|code|del|details|div|em|font|hr|i|img|ins|kbd|li|mark|ol|p|q|s|small"
    r"|span|strong|sub|summary|sup|table|td|th|tr|u|ul|wbr)(?:\s[^<>]*+)?/?>",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"\\[!-/:-@\[-`{-~]|\*+|_+|~~+|`+")
_SPECIAL = re.compile(r"[\\*_~`<&\[]")


@dataclass(frozen=True, slots=True)
class Inline:
    """Text without mark-up; `lead` is how many characters at its start were bold."""

    text: str
    lead: int = 0
    stray: tuple[str, ...] = ()


def clean(raw: str) -> Inline:
    """The text without mark-up, with the length of a bold beginning and the marks that had no partner."""
    if not _SPECIAL.search(raw):
        return Inline(" ".join(raw.split()))
    text = _AUTOLINK.sub(r"\1", raw)
    if "[" in text:
        text = _LINK.sub(r"\1", _FOOTNOTE.sub("", text))
    stray: list[str] = []
    if "<" in text:
        text = _TAG.sub(lambda tag: " " if tag[0].lower().startswith("<br") else "", text)
    text, lead = _strip_emphasis(text, stray)
    if "&" in text:
        text = html.unescape(text)
    return Inline(text, min(lead, len(text)), tuple(stray))


@dataclass(slots=True)
class _Run:
    mark: str
    start: int
    opens: bool
    closes: bool
    partner: int = -1


def _strip_emphasis(text: str, stray: list[str]) -> tuple[str, int]:
    runs = _pair(_find_runs(text))
    if not runs:
        return " ".join(text.split()), 0
    parts: list[str] = []
    at, lead_end, length = 0, -1, 0
    for index, run in enumerate(runs):
        parts.append(text[at : run.start])
        length += run.start - at
        at = run.start + len(run.mark)
        kept = _literal(run, text, stray)
        parts.append(kept)
        length += len(kept)
        begins_bold = index < 2 and len(run.mark) == 2 and run.partner > index and not "".join(parts).strip()
        if begins_bold and lead_end < 0:
            lead_end = run.partner
        if index == lead_end:
            lead_end, lead_length = -2, length
    parts.append(text[at:])
    joined = "".join(parts)
    result = " ".join(joined.split())
    if lead_end != -2:
        return result, 0
    return result, len(" ".join(joined[:lead_length].split()))


def _find_runs(text: str) -> list[_Run]:
    runs: list[_Run] = []
    for found in _TOKEN.finditer(text):
        mark, start, end = found[0], found.start(), found.end()
        before, after = text[start - 1 : start], text[end : end + 1]
        if mark[0] == "_" and before.isalnum() and after.isalnum():
            continue  # snake_case is a name, not emphasis
        opens, closes = bool(after.strip()), bool(before.strip())
        if mark[0] in "*_" and len(mark) == 3:
            # Bold and italic together: outer and inner marks are paired apart.
            runs.append(_Run(mark[0] * 2, start, opens, closes))
            runs.append(_Run(mark[0], start + 2, opens, closes))
        else:
            runs.append(_Run(mark, start, opens, closes))
    return runs


def _pair(runs: list[_Run]) -> list[_Run]:
    waiting: dict[str, list[int]] = {}
    for index, run in enumerate(runs):
        if run.mark[0] == "\\":
            continue
        opened = waiting.setdefault(run.mark, [])
        if run.closes and opened:
            partner = opened.pop()
            runs[partner].partner, run.partner = index, partner
        elif run.opens:
            opened.append(index)
    return runs


def _literal(run: _Run, text: str, stray: list[str]) -> str:
    """What of a mark stays in the text; marks without partner are reported as stray."""
    if run.mark[0] == "\\":
        return run.mark[1]
    if run.partner >= 0:
        return ""
    end = run.start + len(run.mark)
    before, after = text[max(0, run.start - 1) : run.start], text[end : end + 1]
    if (run.mark == "*" and (before + after).isspace()) or (before.isdigit() and after.isdigit()):
        return run.mark  # "5 * 3" is arithmetic
    if run.mark[0] == "_" and len(run.mark) > 3:
        return run.mark  # a blank to fill in
    stray.append(run.mark)
    return ""
