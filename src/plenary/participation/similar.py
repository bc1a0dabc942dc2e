"""Which statements say nearly the same, in any script: pure, without a database or a clock.

Texts are compared by the pairs, triples and quadruples of characters that they share, rare ones weighing more (the
cosine of TF-IDF). That needs no words, so Chinese and Arabic work as English does, and a slip of the pen matters
little.
"""

from __future__ import annotations

import math
import re
import unicodedata
from array import array
from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)

# Above this, two are worth a look side by side; measured on five conversations, see docs/handbook/moderation.md.
NEAR = 0.5

_LENGTHS = (2, 3, 4)
_LENGTHS_OF_SIGNS = (1, 2, 3)  # where a character is a syllable or a word
_SIGNS = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_COMMON = 0.2  # what more than so many of the texts share tells them apart too little to be worth the time
_MARKS = re.compile("[\u0300-\u036f\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed]")
# The forms of alef, and letters that are typed for one another.
_ALIKE = str.maketrans("أإآٱىةؤئیک", "اااايهيييك")


def plain(body: str) -> str:
    """Letters and digits alone, single spaces between: without case, accents, tatweel, or the forms of alef."""
    text = _MARKS.sub("", unicodedata.normalize("NFKD", body.translate(_ALIKE)).casefold())
    text = unicodedata.normalize("NFC", text).translate(_ALIKE)
    return " ".join(re.sub(r"[^\w\s]|_", " ", text).split())


def grams(body: str) -> set[str]:
    """The runs of two to four characters of a text (one to three of Chinese), its words' edges among them."""
    text = f" {plain(body)} "
    lengths = _LENGTHS_OF_SIGNS if len(_SIGNS.findall(text)) * 2 > len(text) else _LENGTHS
    return {text[start : start + length] for length in lengths for start in range(len(text) - length + 1)} - {
        " "
    }


class Index(Generic[Key]):
    """Texts that can be searched for those that are like another. A key may stand for several texts."""

    def __init__(self, texts: Iterable[tuple[Key, str]] = ()) -> None:
        self._keys: list[Key] = []
        self._bodies: list[str] = []
        self._places: dict[str, array[int]] = {}
        self._norms: list[float] = []
        for key, body in texts:
            self._put(key, body)
        sums = [0.0] * len(self._keys)
        for places in self._places.values():
            square = self._weight(len(places)) ** 2
            for place in places:
                sums[place] += square
        self._norms = [math.sqrt(each) or 1.0 for each in sums]

    def __len__(self) -> int:
        return len(self._keys)

    def items(self) -> list[tuple[Key, str]]:
        return list(zip(self._keys, self._bodies, strict=True))

    def add(self, key: Key, body: str) -> None:
        found = self._put(key, body)
        self._norms.append(self._norm(found))

    def search(self, body: str, *, at_least: float = NEAR, limit: int = 5) -> list[tuple[Key, float]]:
        """The keys of the texts most like it, each once, the likest first, with how like they are (0 to 1)."""
        wanted = grams(body)
        norm = self._norm(wanted)
        scores: dict[int, float] = {}
        most = max(50, int(len(self._keys) * _COMMON))
        for gram in wanted:
            places = self._places.get(gram)
            if places is None or len(places) > most:
                continue
            square = self._weight(len(places)) ** 2
            for place in places:
                scores[place] = scores.get(place, 0.0) + square
        best: dict[Key, float] = {}
        for place, score in scores.items():
            likeness = score / (norm * self._norms[place])
            if likeness >= at_least and likeness > best.get(self._keys[place], 0.0):
                best[self._keys[place]] = min(likeness, 1.0)
        return sorted(best.items(), key=lambda each: -each[1])[:limit]

    def _put(self, key: Key, body: str) -> set[str]:
        place = len(self._keys)
        self._keys.append(key)
        self._bodies.append(body)
        found = grams(body)
        for gram in found:
            known = self._places.get(gram)
            if known is None:
                self._places[gram] = array("I", (place,))
            else:
                known.append(place)
        return found

    def _norm(self, found: Iterable[str]) -> float:
        return math.sqrt(sum(self._weight(len(self._places.get(gram, ()))) ** 2 for gram in found)) or 1.0

    def _weight(self, texts: int) -> float:
        return math.log((len(self._keys) + 1) / (texts + 1)) + 0.1
