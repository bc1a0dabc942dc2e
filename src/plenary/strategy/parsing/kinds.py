"""Says which kind of clause a heading, a lead-in or a sentence names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from .characters import key
from .vocabulary import KINDS, any_of, vocabulary_for, words

LISTED = ("principle", "commitment")
_SENTENCES = re.compile(r"(?<=[.!?。！？؟;；])\s*")
_CLAUSES = re.compile(r"[,，،:：]\s*")


@dataclass(frozen=True, slots=True)
class _Patterns:
    kinds: dict[str, re.Pattern[str]]
    exact: dict[str, re.Pattern[str]]
    counted: dict[str, re.Pattern[str]]
    oversight: re.Pattern[str]
    frame: re.Pattern[str]
    summary: re.Pattern[str]
    remark: re.Pattern[str]
    opening: re.Pattern[str]
    led: re.Pattern[str]
    goal_sentence: re.Pattern[str]
    lesser_goal: re.Pattern[str]


@cache
def _patterns(language: str) -> _Patterns:
    vocabulary = vocabulary_for(language)
    spaced, space = vocabulary.spaced, r"\s+" if vocabulary.spaced else r"\s*"

    def whole(pattern: str) -> str:
        return words(pattern, spaced=spaced)

    def compiled(pattern: str) -> re.Pattern[str]:
        return re.compile(pattern, re.IGNORECASE)

    kinds = {kind: whole(getattr(vocabulary, kind)) for kind in KINDS}
    filler = rf"(?:{whole(vocabulary.fillers)}{space}?)"
    # "The goal of …": what follows the preposition says whose goal it is.
    of = r"(?:\s+(?:of|for|de|du|des|del|d)\b.{0,80})?" if spaced else ""
    cardinal = rf"(?<![\d-])(?P<digits>\d{{1,2}})(?!\d)|{whole(any_of(vocabulary.cardinals))}"
    gap = r"(?:\s+[\w-]+){0,3}?\s+" if spaced else r"\s*[个個项項条條大]?[^，。：,.:\d]{0,8}?"
    these = whole(vocabulary.these)
    mentioned = "|".join(kinds[kind] for kind in LISTED)
    return _Patterns(
        kinds={kind: compiled(kinds[kind]) for kind in KINDS},
        exact={
            kind: compiled(rf"{filler}{{0,4}}\s*{kinds[kind]}\s*{filler}{{0,4}}{of}\s*$") for kind in KINDS
        },
        counted={kind: compiled(rf"(?P<count>{cardinal}){gap}{kinds[kind]}") for kind in KINDS},
        oversight=compiled(whole(vocabulary.oversight)),
        frame=compiled(rf"(?:{filler}{{0,2}})?{whole(vocabulary.frame)}(?:\s*[:：].*)?\s*$"),
        summary=compiled(rf"(?:{filler}{{0,2}})?{whole(vocabulary.summary)}"),
        remark=compiled(rf"(?:{these})\s*(?:{mentioned})"),
        opening=compiled(rf"\W*(?:{vocabulary.opening})"),
        led=compiled(rf"(?:{vocabulary.opening})(?! not\b)"),
        goal_sentence=compiled(vocabulary.goal_sentence),
        lesser_goal=compiled(whole(vocabulary.lesser_goal)),
    )


def heading_kind(text: str, language: str, *, exact: bool = False) -> str:
    """The kind a heading names, "ambiguous" for two, "" for none; a goal only where nothing else is named."""
    patterns = _patterns(language)
    words_of = text[:200]
    for kind in KINDS:
        if patterns.exact[kind].match(words_of) and _only(kind, words_of, patterns):
            return kind
    if exact or is_frame(text, language):
        return ""
    named = [kind for kind in LISTED if patterns.kinds[kind].search(words_of)]
    if len(named) == 2:
        return "ambiguous"
    return named[0] if named else ""


def _only(kind: str, text: str, patterns: _Patterns) -> bool:
    return not any(patterns.kinds[other].search(text) for other in KINDS if other != kind)


def is_about(text: str, language: str) -> bool:
    """Whether a heading speaks about commitments (oversight, reporting) and does not list them."""
    return bool(_patterns(language).oversight.search(text[:200]))


def is_frame(text: str, language: str) -> bool:
    """Whether a heading is a summary, an introduction, an annex or the like."""
    return bool(_patterns(language).frame.match(text[:200]))


def is_summary(text: str, language: str) -> bool:
    """Whether a heading begins as a summary's does: what it lists is said more fully elsewhere."""
    return bool(_patterns(language).summary.match(text[:200]))


def is_remark(text: str, language: str) -> bool:
    """Whether a text begins by pointing back, as in "These commitments are part of …"."""
    return bool(_patterns(language).remark.match(text[:80]))


def opens_commitment(text: str, language: str) -> bool:
    """Whether a text begins as a commitment does: "We will …", "We commit to …"."""
    return bool(_patterns(language).opening.match(text[:60]))


def leads_to_commitments(text: str, language: str) -> bool:
    """Whether a heading or the last sentence of a lead-in says what "we will" do."""
    sentences = [part for part in _SENTENCES.split(text[-600:]) if part.strip()]
    return bool(sentences) and bool(_patterns(language).led.search(sentences[-1]))


def names_goal_directly(text: str, language: str) -> bool:
    """Whether a heading has the first word for a goal, and not a lesser one such as "purpose"."""
    return not _patterns(language).lesser_goal.search(text[:200])


def states_goal(text: str, language: str) -> bool:
    """Whether a paragraph says what the goal of the strategy is."""
    return bool(_patterns(language).goal_sentence.search(text[:600]))


def lead_in(text: str, language: str, size: int) -> tuple[str, int]:
    """The kind that a paragraph announces for a list of `size` items, and the count it states (or 0).

    Only the last sentence counts. Of two kinds the one with the fitting count wins, then the one
    that is counted at all, then the one named last: "Based on these principles, we commit to:".
    """
    sentences = [part for part in _SENTENCES.split(text[-600:]) if part.strip()]
    if not sentences:
        return "", 0
    patterns = _patterns(language)
    sentence = sentences[-1]
    named = [kind for kind in LISTED if patterns.kinds[kind].search(sentence)]
    counts = {kind: declared_count(sentence, kind, language) for kind in named}
    if len(named) > 1:
        fitting = [kind for kind in named if counts[kind] == size]
        counted = [kind for kind in named if counts[kind]]
        last = _last_clause(sentence, patterns)
        named = next((choice for choice in (fitting, counted, last) if len(choice) == 1), ["ambiguous"])
    return (named[0], counts.get(named[0], 0)) if named else ("", 0)


def _last_clause(sentence: str, patterns: _Patterns) -> list[str]:
    for clause in reversed([part for part in _CLAUSES.split(sentence) if key(part)]):
        named = [kind for kind in LISTED if patterns.kinds[kind].search(clause)]
        if named:
            return named
    return []


def declared_count(text: str, kind: str, language: str) -> int:
    """The number a text states before a kind ("four strategic commitments"), or 0; one is no count."""
    vocabulary = vocabulary_for(language)
    for found in _patterns(language).counted[kind].finditer(text[-2000:]):
        count = found["count"].casefold()
        value = int(count) if count.isdecimal() else vocabulary.cardinals.get(count, 0)
        if value > 1:
            return value
    return 0


def names_kind(text: str, kind: str, language: str) -> bool:
    """Whether the text names the kind anywhere."""
    return bool(_patterns(language).kinds[kind].search(text))
