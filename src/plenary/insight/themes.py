"""What the texts of a consultation are about: statements, answers in words, comments.

The worker looks for themes and stores which texts belong together; of words it stores where in which texts they stand.
So a page shows of an erased text nothing, and of a theme's words only those that two texts still have that anybody can
read.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils.crypto import salted_hmac

from plenary.participation.models import Comment, Consultation, Statement, Survey, SurveyAnswer
from plenary.participation.queries import texts_of
from plenary.records.models import Record, Text, Translation, Visibility
from plenary.records.queries import visible_to
from plenary.records.texts import Said, load_texts

from .figures import Share, number, percent

if TYPE_CHECKING:
    from .integrity import Analysed
    from .models import Analysis, Finding

MOST = 20_000  # texts; of more, a part that is drawn by their keys
ENOUGH = 0.95  # share of the texts that must be readable in one language, to be compared in it
PLACES = 4  # of each word of a theme
SHOWN = 3  # texts of a theme beside its typical ones
SOURCES = ("statement", "answer", "comment")
# Words that name no matter, whatever they mark; those of one or two Latin letters are left out anyway.
_NO_MATTER = (
    "all and any are but can every for from had has have her his how its more must need not other our should than "
    "that the their them then there these they this those was were what when which who will with would you your "
    "aux avec ces cette chaque comme dans des elle est être faut fait ils les leur leurs mais même nos notre nous "
    "par pas plus pour que qui sans ses son sont sur tous tout toute une vos votre "
    "como con cada debe deben del desde donde ella ellos entre esta este están las los más para pero por porque ser "
    "sin sobre son sus tiene todo todos una unos"
)


@dataclass(frozen=True)
class Source:
    """A text that anybody may read who sees the consultation's results."""

    key: str
    """The reference of a statement or a comment; of an answer its survey's, with a hash that leads back to nobody."""
    kind: str
    text: int
    place: tuple[int, str, str]
    """Id, kind and reference of the record on which the text stands; of an answer its survey's. A page reads them of
    very many texts and shows a few."""

    @property
    def reference(self) -> str:
        return self.place[2]

    @property
    def url(self) -> str:
        pk, kind, reference = self.place
        return Record(pk=pk, kind=kind, reference=reference).page_url


# In the worker


def make_themes(consultation: Consultation, made: Analysed, seed: int) -> dict[str, Any]:
    """The themes, or that there are none, as they are stored."""
    from opinion.text import find_themes, with_votes

    sources = list_sources(consultation)
    if len(sources) > MOST:
        ranked = sorted(sources, key=lambda one: hashlib.sha256(one.key.encode()).digest())
        sources = ranked[:MOST]
    originals = {text.pk: text for text in _texts(one.text for one in sources)}
    common, translated = _common_language(originals)
    bodies = {one.key: originals[one.text].body for one in sources}
    languages = {
        one.key: originals[one.text].source_language
        for one in sources
        if originals[one.text].source_language != "und"
    }
    translations = (
        {one.key: translated[one.text] for one in sources if one.text in translated} if common else None
    )
    found = find_themes(bodies, languages=languages, translations=translations, seed=seed)
    found = with_votes(found, made.votes, made.result)
    read = bodies | (translations or {})
    return {
        "texts": found.texts,
        "sources": {kind: sum(one.kind == kind for one in sources) for kind in SOURCES},
        "empty": len(found.empty),
        "left_over": len(found.left_over),
        "languages": found.languages,
        "common_language": common,
        "different": max((part.different for part in found.parts), default=0),
        "looked": any(part.k for part in found.parts),
        "follow_languages": bool(
            common and len(found.languages) > 1 and _one_language_each(found.themes) and found.themes
        ),
        "seed": seed,
        "themes": [
            {
                "texts": list(theme.ids),
                "typical": list(theme.typical),
                "words": _places_of(theme.words, theme.ids, read),
                "share": theme.share,
                "languages": theme.languages,
                "stability": theme.stability,
                "groups": [_stand(stand) for stand in theme.groups],
            }
            for theme in found.themes
        ],
    }


def _one_language_each(themes: Iterable[Any]) -> bool:
    return all(theme.language_purity >= ENOUGH for theme in themes)


def _stand(stand: Any) -> dict[str, Any]:
    return {
        "group": stand.group,
        "people": stand.people,
        "agree": stand.agree,
        "disagree": stand.disagree,
        "pass": stand.pass_,
        "rate": stand.rate,
        "low": stand.low,
        "high": stand.high,
    }


def _places_of(
    words: Sequence[str], keys: Sequence[str], bodies: Mapping[str, str]
) -> list[list[tuple[str, int, int]]]:
    """For each word where it stands in the first texts that have it; a word that stands in one text marks nothing."""
    places = []
    no_matter = set(_NO_MATTER.split())
    for word in words:
        if word in no_matter or (len(word) < 3 and word.isascii()):
            continue
        found: list[tuple[str, int, int]] = []
        for key in keys:
            body = bodies[key]
            at = body.lower().find(word)
            if at >= 0 and body[at : at + len(word)].lower() == word:
                found.append((key, at, len(word)))
            if len(found) == PLACES:
                break
        if len(found) > 1:
            places.append(found)
    return places


def _common_language(originals: Mapping[int, Text]) -> tuple[str, dict[int, str]]:
    """A language in which nearly all texts can be read, with the translations into it; none where all are of one
    language, or too few are translated."""
    spoken = Counter(text.source_language for text in originals.values())
    if len(spoken) < 2:
        return "", {}
    hashes = {pk: text.hash for pk, text in originals.items()}
    by_language: dict[str, dict[int, str]] = {}
    for text, language, body, made_from in _translations(originals).values_list(
        "text_id", "language", "body", "source_hash"
    ):
        if hashes.get(text) == made_from:
            by_language.setdefault(language, {})[text] = body
    readable = {
        language: spoken[language] + len(by_language.get(language, ()))
        for language in {*spoken, *by_language}
    }
    best = min(readable, key=lambda language: (-readable[language], language))
    if readable[best] < ENOUGH * len(originals):
        return "", {}
    return best, by_language.get(best, {})


def _texts(ids: Iterable[int]) -> list[Text]:
    wanted = sorted(set(ids))
    return [
        text
        for start in range(0, len(wanted), 1000)
        for text in Text.objects.filter(pk__in=wanted[start : start + 1000])
    ]


def _translations(texts: Collection[int]) -> Any:
    """Of few texts theirs; of many it is quicker to take what there is of all of them."""
    wanted = sorted(texts)
    return (
        Translation.objects.filter(text_id__gte=wanted[0], text_id__lte=wanted[-1])
        if wanted
        else (Translation.objects.none())
    )


# Which texts there are


def list_sources(consultation: Consultation) -> list[Source]:
    """The accepted statements, the accepted answers in words to its surveys, and the comments on the clause (or on the
    clauses of the strategy) that it is about: what is shown to whoever sees the results.

    Three queries, and one for each survey.
    """
    seen = Q(record__visibility__in=(Visibility.PUBLIC, consultation.record.visibility))
    stands = Q(record__erased_at=None) & ~Q(record__title=None)
    statements = Statement.objects.filter(
        seen, stands, consultation=consultation, moderation=Statement.Moderation.ACCEPTED
    )
    about = consultation.about_id
    comments = Comment.objects.filter(
        seen,
        stands,
        Q(clause=about) | Q(clause__strategy=about) if about else Q(pk=None),
        moderation=Comment.Moderation.ACCEPTED,
    )
    columns = ("record_id", "record__kind", "record__reference", "record__title_id")
    found = [
        Source(reference, kind, text or 0, (pk, shelf, reference))
        for kind, rows in (("statement", statements), ("comment", comments))
        for pk, shelf, reference, text in rows.order_by("record__number").values_list(*columns)
    ]
    return found + _answers(consultation, seen)


def _answers(consultation: Consultation, seen: Q) -> list[Source]:
    surveys = Survey.objects.filter(
        seen, consultation=consultation, published_at__isnull=False
    ).select_related("record")
    return [
        Source(
            f"{survey.reference}.{_hash_of(pk)}",
            "answer",
            text,
            (survey.pk, survey.record.kind, survey.reference),
        )
        for survey in surveys.order_by("record__number")
        for pk, text in texts_of(survey, SurveyAnswer.Moderation.ACCEPTED).values_list("pk", "text")
    ]


def _hash_of(answer: int) -> str:
    """Numbers of answers would tell which ones one person gave one after the other."""
    return salted_hmac("plenary.insight.themes", str(answer), algorithm="sha256").hexdigest()[:12]


# For a reader


@dataclass
class ShownText:
    source: Source
    said: Said


@dataclass
class Theme:
    """A theme as a page shows it."""

    number: int
    size: int
    share: float
    stability: float
    languages: list[tuple[str, str]]
    groups: list[Share]
    texts: list[str]
    people: int
    words: list[tuple[str, str]] = field(default_factory=list)
    """Each with its language."""
    typical: list[ShownText] = field(default_factory=list)
    others: list[ShownText] = field(default_factory=list)
    gone: int = 0
    """Texts that cannot be read any more."""
    evidence: list[str] = field(default_factory=list)
    """Statements that stand for it, for whoever may put it forward for a change."""
    against: list[Finding] = field(default_factory=list)
    """Findings on these statements that speak of parting, or of what is not sure."""

    @property
    def everyone(self) -> Share | None:
        return next((share for share in self.groups if share.group is None and share.votes), None)

    @property
    def shares(self) -> list[Share]:
        return [share for share in self.groups if share.group is not None]

    @property
    def percent(self) -> str:
        return percent(self.share)

    @property
    def found_again(self) -> str:
        return percent(self.stability)

    @property
    def more(self) -> int:
        return self.size - self.gone - len(self.typical) - len(self.others)

    @property
    def kinds(self) -> Counter[str]:
        return Counter(kind_of(key) for key in self.texts)


def kind_of(key: str) -> str:
    return "answer" if "." in key else "comment" if key.startswith("CMT") else "statement"


def read_themes(data: Mapping[str, Any], analysis: Analysis, reader: Any, language: str) -> list[Theme]:
    """The themes with those of their texts that the reader may see now, in her language."""
    known = readable_sources(analysis.consultation, reader)
    themes = [
        Theme(
            number=at,
            size=len(entry["texts"]),
            share=entry["share"],
            stability=entry["stability"],
            languages=[(tag, number(count)) for tag, count in entry["languages"].items()],
            groups=[Share.read(stand, "agree") for stand in entry["groups"]],
            people=next((stand["people"] for stand in entry["groups"] if stand["group"] is None), 0),
            texts=entry["texts"],
        )
        for at, entry in enumerate(data["themes"], 1)
    ]
    shown: dict[int, tuple[list[str], list[str]]] = {}
    for theme, entry in zip(themes, data["themes"], strict=True):
        theme.gone = sum(key not in known for key in theme.texts)
        typical = [key for key in entry["typical"] if key in known]
        rest = [key for key in theme.texts if key in known and key not in typical]
        shown[theme.number] = typical, rest[:SHOWN]
    said = load_texts((known[key].text for both in shown.values() for keys in both for key in keys), language)
    for theme in themes:
        theme.typical, theme.others = (
            [ShownText(known[key], said[known[key].text]) for key in keys if known[key].text in said]
            for keys in shown[theme.number]
        )
    _give_words(themes, data, known)
    return themes


def read_texts(
    theme: Theme, analysis: Analysis, reader: Any, language: str, keys: Sequence[str]
) -> list[ShownText]:
    """Some texts of a theme, as far as the reader may see them."""
    known = readable_sources(analysis.consultation, reader)
    said = load_texts((known[key].text for key in keys if key in known), language)
    return [
        ShownText(known[key], said[known[key].text])
        for key in keys
        if key in known and known[key].text in said
    ]


def readable_sources(consultation: Consultation, reader: Any) -> dict[str, Source]:
    """The texts of today by their keys; only public ones unless the reader sees more."""
    found = {one.key: one for one in list_sources(consultation)}
    if reader is None or consultation.record.visibility == Visibility.PUBLIC:
        return found
    references = {one.reference for one in found.values()}
    seen = set(
        Record.objects.filter(visible_to(reader), reference__in=references).values_list(
            "reference", flat=True
        )
    )
    return {key: one for key, one in found.items() if one.reference in seen}


def _give_words(themes: Sequence[Theme], data: Mapping[str, Any], known: Mapping[str, Source]) -> None:
    """Each theme's words out of the texts in which they stand. A word stays while two of them can be read."""
    wanted = {
        known[place[0]].text
        for entry in data["themes"]
        for places in entry["words"]
        for place in places
        if place[0] in known
    }
    bodies = {text.pk: (text.body, text.source_language) for text in _texts(wanted)}
    common = data["common_language"]
    if common and wanted:
        rows = _translations(wanted).filter(language=common).values_list("text_id", "body")
        bodies |= {text: (body, common) for text, body in rows if text in wanted}
    for theme, entry in zip(themes, data["themes"], strict=True):
        for places in entry["words"]:
            read = [
                (bodies[known[key].text][0][at : at + length].lower(), bodies[known[key].text][1])
                for key, at, length in places
                if key in known and known[key].text in bodies
            ]
            told = Counter(word for word, _tag in read).most_common(1)
            if told and told[0][1] > 1:
                theme.words.append(next(one for one in read if one[0] == told[0][0]))
