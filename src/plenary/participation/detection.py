"""In which language a sentence is written, as far as its letters tell."""

from __future__ import annotations

from collections.abc import Sequence

FEWEST = 8  # letters; less than that tells nothing, unless its script belongs to one of the languages
SURE = 8.0  # by how much (in logarithms) the first must lead, where she reads in another language


def detect_language(body: str, offered: Sequence[str], reading: str) -> str:
    """The one of the offered languages in which a text seems to be written; ``reading`` where that is not clear."""
    letters = [mark for mark in body if mark.isalpha()]
    plain = all(mark.isascii() for mark in letters)
    if not letters or (plain and len(letters) < FEWEST):
        return reading
    tags: dict[str, str] = {}
    for tag in [*offered, reading]:  # what she reads comes last and wins among dialects of one language
        tags[_base(tag)] = tag
    import py3langid

    ranked = [(code, float(score)) for code, score in py3langid.rank(body) if code in tags]
    if not ranked:
        return reading
    (first, lead), others = ranked[0], dict(ranked[1:])
    own = others.get(_base(reading))
    if own is not None and lead - own < SURE and plain:
        return reading
    return tags[first]


def _base(tag: str) -> str:
    return tag.split("-")[0].lower()
