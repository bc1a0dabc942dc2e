"""What texts are about: themes, each with its typical texts and words, or "no clear themes"."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..errors import InputError
from ..votes import _natural
from .clusters import choose, cluster
from .space import Embed, Reference, embedding_space, ngram_space
from .words import Segment, distinctive_words, normalise, script_of, words_of

__all__ = ["GroupStand", "Part", "Theme", "Themes", "find_themes"]

Array = np.ndarray[Any, np.dtype[Any]]
FEWEST = 20  # different texts; among fewer no themes are looked for
SMALLEST = 3  # different texts of a theme
TYPICAL = 3
PURE = 0.95


@dataclass(frozen=True, slots=True)
class GroupStand:
    """How a group votes on the statements of a theme, taken together.

    Attributes
    ----------
    group : int or None
        ``None`` for everyone, members of no group included.
    people : int
        Members who voted on at least one of the statements.
    agree, disagree, pass_ : int
        Their votes on all of them.
    rate : float or None
        Share of agree among these votes, 0 to 1; ``None`` without votes.
    low, high : float
        95 % interval of `rate` that allows for the votes of a person being alike.
    """

    group: int | None
    people: int
    agree: int
    disagree: int
    pass_: int
    rate: float | None
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Theme:
    """Texts that belong together.

    Attributes
    ----------
    index : int
        0 is the largest.
    size : int
        Texts.
    share : float
        Of all texts that are not empty, 0 to 1.
    ids : tuple of str
        Of its texts, in canonical order.
    typical : tuple of str
        Ids of the texts nearest to the middle, the nearest first, taken from those that have at least two of the
        theme's words where there are any; of equal texts one.
    words : tuple of str
        Distinctive words, the most distinctive first.
    languages : dict of str to int
        Texts in each language (a tag, or ``und-`` and the script where the language is not known).
    language_purity : float
        Share of its commonest language, 0 to 1: at 1 the theme is of one language.
    stability : float
        How surely it is found again in random halves of the texts: mean Jaccard index, 0 to 1.
    groups : tuple of GroupStand
        How people vote on its statements; empty unless votes were given (`opinion.text.with_votes`).
    """

    index: int
    size: int
    share: float
    ids: tuple[str, ...]
    typical: tuple[str, ...]
    words: tuple[str, ...]
    languages: dict[str, int]
    language_purity: float
    stability: float
    groups: tuple[GroupStand, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """Texts among which themes were looked for together.

    Attributes
    ----------
    language : str
        Their language or ``und-`` and the script; empty if all languages were taken together.
    texts, different : int
        Texts, and different ones among them.
    k : int
        Clusters that were chosen; 1 for no clear themes, 0 for too few texts.
    p : float
        Rank of the evidence among texts of the same words in random order, 0.05 to 1.
    tried : tuple of dict
        For each number of clusters its tightness, the one expected without themes, and the share of the texts in
        clusters that are found again.
    """

    language: str
    texts: int
    different: int
    k: int
    p: float
    tried: tuple[dict[str, float], ...]


@dataclass(frozen=True, slots=True)
class Themes:
    """Themes of a set of texts.

    Attributes
    ----------
    represented_by : {"character n-grams", "translations", "embedding"}
    seed : int
    texts : int
        All texts, empty ones included.
    themes : tuple of Theme
        The largest first; empty for "no clear themes".
    left_over : tuple of str
        Ids of texts in no theme, in canonical order.
    empty : tuple of str
        Ids of texts without a word.
    languages : dict of str to int
        Texts in each language.
    across_languages : bool
        Whether themes could reach over languages.
    parts : tuple of Part
        What was looked at together, and the evidence.
    notes : tuple of str
        What the reader must know to understand the themes.
    """

    represented_by: str
    seed: int
    texts: int
    themes: tuple[Theme, ...]
    left_over: tuple[str, ...]
    empty: tuple[str, ...]
    languages: dict[str, int]
    across_languages: bool
    parts: tuple[Part, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Corpus:
    """Texts in canonical order; `place` leads from each to the different texts that are compared."""

    ids: list[str]
    language: list[str]
    different: list[str]
    place: Array


def find_themes(
    texts: Mapping[str, str],
    *,
    languages: Mapping[str, str] | None = None,
    translations: Mapping[str, str] | None = None,
    embed: Embed | None = None,
    segment: Segment | None = None,
    seed: int = 0,
) -> Themes:
    """Find the themes of texts, or that there are no clear ones.

    Texts are compared by their character n-grams, which know nothing of other languages: without `translations` or
    `embed` each language is looked at by itself. Equal texts count as one where themes are looked for, and each where
    they are counted. The order of the texts does not matter.

    Parameters
    ----------
    texts : mapping of str to str
        Text by id: statements, or open answers.
    languages : mapping of str to str, optional
        BCP 47 tag of a text by its id. Texts without one are told apart by their script only.
    translations : mapping of str to str, optional
        By id the text in one common language; texts without one are taken as they are.
    embed : callable, optional
        A model of all the languages in the texts: from a list of n texts to an array of shape (n, any).
    segment : callable, optional
        Cuts a run of characters without spaces (Chinese, Japanese, Thai, …) into words for the labels.
    seed : int
        Start of the random numbers, 0 or more.

    Returns
    -------
    Themes

    Raises
    ------
    InputError
        Translations of texts that are not there; scikit-learn is missing; the embedding's shape is wrong.

    Examples
    --------
    >>> find_themes({"1": "More buses", "2": "Lower taxes"}).parts[0].k
    0
    """
    unknown = sorted(set(translations or {}) - set(texts))
    if unknown:
        raise InputError(f"There are translations of texts that are not there: {', '.join(unknown[:20])}.")
    with _one_thread():
        return _find(texts, languages or {}, translations, embed, segment, seed)


def _one_thread() -> AbstractContextManager[Any]:
    """Small products are slower on many threads, and sums depend on their number."""
    try:
        from threadpoolctl import threadpool_limits  # comes with scikit-learn
    except ImportError:
        return nullcontext()
    return threadpool_limits(1)


def _find(
    texts: Mapping[str, str],
    languages: Mapping[str, str],
    translations: Mapping[str, str] | None,
    embed: Embed | None,
    segment: Segment | None,
    seed: int,
) -> Themes:
    compared = dict(texts) | dict(translations or {})
    clean = {one: normalise(compared[one]) for one in sorted(texts, key=_natural)}
    tongue = _tongues(clean, texts, languages)
    joint = translations is not None or embed is not None
    ids = [one for one in clean if clean[one]]
    parts: list[Part] = []
    found: list[Theme] = []
    for number, language in enumerate([""] if joint else sorted({tongue[one] for one in ids})):
        own = [one for one in ids if joint or tongue[one] == language]
        rng = np.random.default_rng([seed, number])
        corpus = _corpus(own, [tongue[one] for one in own], clean)
        part, own_themes = _themes_of(corpus, language, compared, embed, segment, rng)
        parts.append(part)
        found += [replace(theme, share=theme.size / len(ids)) for theme in own_themes]
    found.sort(key=lambda theme: (-theme.size, _natural(theme.ids[0])))
    themes = tuple(replace(theme, index=at) for at, theme in enumerate(found))
    inside = {one for theme in themes for one in theme.ids}
    spoken = dict(sorted(Counter(tongue[one] for one in ids).items()))
    return Themes(
        represented_by=(
            "embedding" if embed is not None else "translations" if joint else "character n-grams"
        ),
        seed=seed,
        texts=len(texts),
        themes=themes,
        left_over=tuple(one for one in ids if one not in inside),
        empty=tuple(one for one in clean if not clean[one]),
        languages=spoken,
        across_languages=joint,
        parts=tuple(parts),
        notes=_notes(themes, parts, spoken, joint),
    )


def _tongues(clean: Mapping[str, str], texts: Mapping[str, str], known: Mapping[str, str]) -> dict[str, str]:
    """Language of each text; where it is not said, the one that its script has most often, or the script alone."""
    script = {one: script_of(normalise(texts[one])) for one in clean}
    said: dict[str, Counter[str]] = {}
    for one in clean:
        if known.get(one):
            said.setdefault(script[one], Counter())[known[one]] += 1
    usual = {s: min(counts, key=lambda tag: (-counts[tag], tag)) for s, counts in said.items()}
    commonest = Counter(script[one] for one in clean if script[one] != "Zyyy").most_common()
    main = min(commonest, key=lambda pair: (-pair[1], pair[0]))[0] if commonest else "Zyyy"
    return {
        one: known.get(one) or usual.get(at) or f"und-{at}"
        for one in clean
        for at in (main if script[one] == "Zyyy" else script[one],)  # numbers and signs: as most texts are
    }


def _corpus(ids: list[str], language: list[str], clean: Mapping[str, str]) -> _Corpus:
    different = sorted({clean[one] for one in ids})
    place = {text: at for at, text in enumerate(different)}
    return _Corpus(ids, language, different, np.array([place[clean[one]] for one in ids], dtype=np.int64))


def _themes_of(
    corpus: _Corpus,
    language: str,
    originals: Mapping[str, str],
    embed: Embed | None,
    segment: Segment | None,
    rng: np.random.Generator,
) -> tuple[Part, list[Theme]]:
    n = len(corpus.different)
    part = Part(language, len(corpus.ids), n, 0, 1.0, ())
    if n < FEWEST:
        return part, []
    points, sample, reference = _space(corpus, originals, embed, rng)
    choice = choose(sample, reference, rng)
    part = replace(part, k=choice.k, p=choice.p, tried=choice.tried)
    if choice.k < 2:
        return part, []
    found = cluster(points, choice.k, rng)
    label = np.where(found.sure, found.label, -1)
    label = np.where(np.linalg.norm(points, axis=1) > 0, label, -1)
    sizes = np.bincount(label[label >= 0], minlength=choice.k)
    label = np.where(sizes[label] >= SMALLEST, label, -1)
    words = distinctive_words(corpus.different, label, choice.k, segment=segment)
    return part, [
        _theme(corpus, label, c, found.nearness, words[c], float(found.stability[c]))
        for c in np.unique(label[label >= 0]).tolist()
    ]


def _space(
    corpus: _Corpus, originals: Mapping[str, str], embed: Embed | None, rng: np.random.Generator
) -> tuple[Array, Array, Reference]:
    if embed is None:
        return ngram_space(corpus.different, rng)
    whole = {  # a model reads better what has its capitals and points
        at: originals[one] for one, at in zip(reversed(corpus.ids), corpus.place[::-1].tolist(), strict=True)
    }
    return embedding_space([whole[at] for at in range(len(corpus.different))], embed, rng)


def _theme(
    corpus: _Corpus, label: Array, c: int, nearness: Array, words: tuple[str, ...], stability: float
) -> Theme:
    own = np.flatnonzero(label[corpus.place] == c)
    marked = np.array(
        [len(set(words) & set(words_of(corpus.different[at]))) >= 2 for at in corpus.place[own]]
    )
    ids = tuple(corpus.ids[i] for i in own.tolist())
    languages = Counter(corpus.language[i] for i in own.tolist())
    typical: dict[int, str] = {}  # of equal texts the first
    for i in own[np.lexsort((-np.round(nearness[corpus.place[own]], 9), ~marked))].tolist():
        typical.setdefault(int(corpus.place[i]), corpus.ids[i])
    return Theme(
        index=-1,
        size=len(ids),
        share=0.0,
        ids=ids,
        typical=tuple(typical.values())[:TYPICAL],
        words=words,
        languages=dict(sorted(languages.items())),
        language_purity=max(languages.values()) / len(ids),
        stability=stability,
    )


def _notes(
    themes: Sequence[Theme], parts: Sequence[Part], spoken: Mapping[str, int], joint: bool
) -> tuple[str, ...]:
    notes = []
    if len(spoken) > 1 and not joint:
        notes.append(
            "Each language was looked at by itself, because character n-grams do not cross languages: the same matter "
            "in two languages makes two themes. Translations or an embedding bring them together."
        )
    several = [theme for theme in themes if theme.language_purity < PURE]
    if len(spoken) > 1 and joint and themes and not several:
        notes.append(
            "Every theme is almost wholly of one language: the themes may follow the languages, not the matters."
        )
    if any(part.k == 0 and part.texts for part in parts):
        notes.append(f"Among fewer than {FEWEST} different texts no themes are looked for.")
    return tuple(notes)
