"""Texts as a reader meets them: in her language where there is a translation, marked with where it comes from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import Any, TypeVar

from django.db.models import FilteredRelation, Q
from django.utils.text import Truncator

from .models import Text

T = TypeVar("T")

# Unicode's right-to-left scripts by the languages that use them today.
RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ks", "nqo", "ps", "sd", "ug", "ur", "yi"})


def direction_of(language: str) -> str:
    """``rtl`` or ``ltr`` for a BCP 47 tag; ``auto`` where the language is not known (``und``)."""
    if language == "und":
        return "auto"
    return "rtl" if language.split("-")[0].lower() in RIGHT_TO_LEFT else "ltr"


@dataclass(frozen=True)
class Said:
    """A text as shown: body and language, and the original beside it where what is shown is a translation."""

    body: str
    language: str
    original_body: str
    original_language: str
    provenance: str = ""
    is_stale: bool = False
    text_id: int | None = field(default=None, compare=False)

    @property
    def direction(self) -> str:
        return direction_of(self.language)

    @property
    def original_direction(self) -> str:
        return direction_of(self.original_language)

    def is_in(self, language: str) -> bool:
        """Whether somebody who asked for the language got it; no text at all lacks no translation."""
        return not self.body or self.language in fallbacks(language)

    @property
    def is_translation(self) -> bool:
        return self.language != self.original_language

    def __str__(self) -> str:
        return self.body

    def __bool__(self) -> bool:
        return bool(self.body)


def shortened(said: Said, length: int = 48) -> Said:
    """A text's beginning, for a link or a heading; counted in characters, since not every script parts its words."""
    return replace(said, body=Truncator(said.body).chars(length))


def first_paragraph(said: Said) -> Said:
    """How a text begins, where the whole stands elsewhere."""
    return replace(said, body=said.body.strip().partition("\n\n")[0])


def said_as_data(said: Said | None) -> dict[str, Any] | None:
    """A text for programs; None where there is none."""
    if not said:
        return None
    original = {"body": said.original_body, "language": said.original_language}
    return {
        "body": said.body,
        "language": said.language,
        "translation": said.provenance or None,
        "is_stale": said.is_stale,
        "original": original if said.is_translation else None,
    }


def load_texts(ids: Iterable[int | None], language: str) -> dict[int, Said]:
    """Texts by id as a reader of ``language`` sees them. One SQL query whatever the number of texts."""
    wanted = {text_id for text_id in ids if text_id is not None}
    if not wanted:
        return {}
    tags = fallbacks(language)
    in_her_language = FilteredRelation("translations", condition=Q(translations__language__in=tags))
    rows = (
        Text.objects.filter(id__in=wanted)
        .annotate(said=in_her_language)
        .order_by("said__language")  # «pt» before «pt-BR», so that the closer one wins
        .values_list(
            "id",
            "source_language",
            "body",
            "hash",
            "said__language",
            "said__body",
            "said__provenance",
            "said__source_hash",
        )
    )
    found = {}
    for text_id, source_language, body, source_hash, tag, translated, provenance, made_from in rows:
        if tag is None or source_language in tags:
            found[text_id] = Said(body, source_language, body, source_language, text_id=text_id)
        else:
            stale = made_from != source_hash
            found[text_id] = Said(translated, tag, body, source_language, provenance, stale, text_id)
    return found


def readable_in(ids: Iterable[int], language: str) -> set[int]:
    """Those of the texts that were written in a language or translated into it. One query."""
    tags = fallbacks(language)
    is_readable = Q(source_language__in=tags) | Q(translations__language__in=tags)
    return set(Text.objects.filter(is_readable, id__in=list(ids)).values_list("id", flat=True))


def with_texts(objects: Sequence[T], language: str, **paths: str) -> Sequence[T]:
    """Give every object a ``said`` dictionary: name → ``Said``, for each ``name="path.to.text_id"``. One query."""
    readers = {name: attrgetter(path) for name, path in paths.items()}
    ids = [(item, {name: read(item) for name, read in readers.items()}) for item in objects]
    texts = load_texts((text_id for _, found in ids for text_id in found.values()), language)
    for item, found in ids:
        target: Any = item
        known = getattr(item, "said", {})
        target.said = known | {name: texts.get(text_id, EMPTY) for name, text_id in found.items()}
    return objects


def fallbacks(language: str) -> list[str]:
    """``pt-BR`` is served by ``pt-BR``, then by ``pt``."""
    parts = language.split("-")
    return ["-".join(parts[:length]) for length in range(1, len(parts) + 1)]


EMPTY = Said("", "und", "", "und")
