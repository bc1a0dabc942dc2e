"""Texts as they are compared: cleaned, their script told, cut into words, and the words that mark a set of texts."""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

__all__ = ["distinctive_words", "normalise", "script_of", "shuffled", "words_of"]

Array = np.ndarray[Any, np.dtype[Any]]
Segment = Callable[[str], Sequence[str]]

_MARKUP = re.compile(r"<[^<>]*>|https?://\S+|www\.\S+|!?\[([^\]]*)\]\([^)]*\)")
_SCRIPTS = (  # ranges of letters whose script tells languages apart; everything else is Latin
    ("Hani", "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"),
    ("Jpan", "\u3040-\u30ff\u31f0-\u31ff"),
    ("Hang", "\u1100-\u11ff\uac00-\ud7af"),
    ("Arab", "\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff"),
    ("Cyrl", "\u0400-\u052f"),
    ("Grek", "\u0370-\u03ff"),
    ("Hebr", "\u0590-\u05ff"),
    ("Deva", "\u0900-\u097f"),
    ("Thai", "\u0e00-\u0e7f"),
    ("Laoo", "\u0e80-\u0eff"),
    ("Mymr", "\u1000-\u109f"),
    ("Khmr", "\u1780-\u17ff"),
)
# Scripts that put no space between words.
_UNSPACED = "".join(
    span for name, span in _SCRIPTS if name in ("Hani", "Jpan", "Thai", "Laoo", "Mymr", "Khmr")
)
_RUN = re.compile(rf"[{_UNSPACED}]+|[^\s{_UNSPACED}]+")
_FIRST_UNSPACED = re.compile(rf"[{_UNSPACED}]")
_LETTERS = [(name, re.compile(f"[{span}]")) for name, span in _SCRIPTS]
LONGEST_RUN = 5


@lru_cache(maxsize=1 << 16)
def _stays(character: str) -> str:
    """The character, a space in its place, or nothing."""
    if character == "\u0640" or "\u064b" <= character <= "\u0652" or character == "\u0670":
        return ""  # tatweel and vowel signs: written or not as the writer likes
    category = unicodedata.category(character)
    if category[0] in "LNM" or category == "So":  # So: emoji and other signs that say something
        return "" if "\ufe00" <= character <= "\ufe0f" else character
    return "" if category == "Cf" else " "


def normalise(text: str) -> str:
    """The text as it is compared.

    Mark-up and addresses are removed, the compatibility form NFKC and case folding applied, Arabic tatweel and vowel
    signs and invisible signs dropped; punctuation becomes a space. Emoji stay.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        Words with one space between them; empty if nothing is left.
    """
    plain = _MARKUP.sub(lambda found: f" {found.group(1) or ''} ", html.unescape(text))
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", plain).casefold())
    return " ".join("".join(_stays(c) for c in folded).split())


def script_of(text: str) -> str:
    """ISO 15924 code of the script most of the letters are in; ``Zyyy`` without letters.

    Han characters count twice, being nearer to words than to letters, and any kana makes the text Japanese.
    """
    counts = {name: len(letters.findall(text)) for name, letters in _LETTERS}
    if counts["Jpan"] and counts["Hani"] + counts["Jpan"] > len(text) / 4:
        return "Jpan"
    counts["Hani"] *= 2
    letters = sum(c.isalpha() for c in text)
    counts["Latn"] = max(0, letters - sum(len(pattern.findall(text)) for _, pattern in _LETTERS))
    best = max(sorted(counts), key=counts.__getitem__)
    return best if counts[best] else "Zyyy"


def words_of(text: str, segment: Segment | None = None) -> list[str]:
    """Words of a normalised text; where no spaces stand between words, runs of two to five characters.

    Parameters
    ----------
    text : str
        As `normalise` gives it.
    segment : callable, optional
        Cuts a run without spaces into words; the default takes every run of two to five characters for one.

    Returns
    -------
    list of str
    """
    words: list[str] = []
    for run in _RUN.findall(text):
        if not _FIRST_UNSPACED.match(run):
            words.append(run)
        elif segment is not None:
            words += [word for word in segment(run) if word.strip()]
        elif len(run) == 1:
            words.append(run)
        else:
            words += [
                run[at : at + size] for size in range(2, LONGEST_RUN + 1) for at in range(len(run) - size + 1)
            ]
    return words


def shuffled(texts: Sequence[str], rng: np.random.Generator) -> list[str]:
    """Texts of the same lengths, with the words of all texts dealt out at random: no themes, the same words.

    Where no spaces stand between words, pairs of characters are dealt.
    """
    pieces = [
        [
            piece
            for run in _RUN.findall(text)
            for piece in (re.findall("..?", run) if _FIRST_UNSPACED.match(run) else (run,))
        ]
        for text in texts
    ]
    pool = [piece for text in pieces for piece in text]
    order = rng.permutation(len(pool)).tolist()
    dealt, at = [], 0
    for text in pieces:
        dealt.append(" ".join(pool[i] for i in order[at : at + len(text)]))
        at += len(text)
    return dealt


def distinctive_words(
    texts: Sequence[str], label: Array, k: int, *, most: int = 8, segment: Segment | None = None
) -> list[tuple[str, ...]]:
    """Words that mark each theme, by class-based TF-IDF.

    The weight of a word in a theme is the share of the theme's texts that have it, times log(1 + A / f): f counts the
    texts with the word, A is the mean number of different words in a text times the texts of a theme. So that words
    which are merely frequent do not stand, only those are taken that at least two of the theme's texts and at least
    twice as large a share of its texts as of all the others have (three times for Latin words of up to three letters).

    Parameters
    ----------
    texts : sequence of str
        Normalised.
    label : ndarray of int, shape (n,)
        Theme of each text, −1 for none.
    k : int
    most : int
        Words for each theme.
    segment : callable, optional

    Returns
    -------
    list of tuple of str
        Up to `most` words for each of the k themes, the most distinctive first.

    References
    ----------
    M. Grootendorst (2022), BERTopic: neural topic modeling with a class-based TF-IDF procedure.
    """
    everywhere: Counter[str] = Counter()
    within: list[Counter[str]] = [Counter() for _ in range(k)]
    for text, theme in zip(texts, label.tolist(), strict=True):
        present = set(words_of(text, segment))
        everywhere.update(present)
        if theme >= 0:
            within[theme].update(present)
    size = np.bincount(label[label >= 0], minlength=k)
    average = sum(everywhere.values()) / max(k, 1)
    return [
        _mark(within[c], everywhere, int(size[c]), len(texts), average, most) if size[c] else ()
        for c in range(k)
    ]


def _mark(
    own: Counter[str], everywhere: Counter[str], size: int, total: int, average: float, most: int
) -> tuple[str, ...]:
    rest = max(total - size, 1)
    scored = [
        (count / size * float(np.log1p(average / everywhere[word])), word)
        for word, count in own.items()
        if count >= 2
        and not word.isdecimal()
        and count / size >= (3 if len(word) < 4 and word.isascii() else 2) * (everywhere[word] - count) / rest
        and (len(word) > 1 or not word.isascii())
    ]
    return _without_parts(sorted(scored, key=lambda pair: (-pair[0], pair[1])), own, most)


def _without_parts(scored: Iterable[tuple[float, str]], own: Counter[str], most: int) -> tuple[str, ...]:
    """Of runs of characters that overlap one stays: the longest that is nearly as frequent as its parts."""
    chosen: list[str] = []
    for _, word in scored:
        shared = [other for other in chosen if _overlap(word, other)]
        if not shared:
            chosen.append(word)
        elif all(other in word and own[word] >= 0.6 * own[other] for other in shared):
            chosen[chosen.index(shared[0])] = word
            chosen = [other for other in chosen if other not in shared[1:]]
        if len(chosen) >= 2 * most:
            break
    return tuple(chosen[:most])


def _overlap(word: str, other: str) -> bool:
    """Whether two runs without spaces have two characters in common that stand side by side."""
    if not (_FIRST_UNSPACED.match(word) and _FIRST_UNSPACED.match(other)):
        return False
    return word in other or any(word[at : at + 2] in other for at in range(len(word) - 1))
