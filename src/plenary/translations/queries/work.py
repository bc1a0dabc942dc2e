"""What there is to translate: the texts that the modules declare, and what there is of each in every language."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings
from django.db import models
from django.utils.translation import pgettext_lazy

from plenary.kit import manifest
from plenary.kit.manifest import Piece
from plenary.records.models import Provenance, Record, Text, Translation
from plenary.records.texts import EMPTY, Said, fallbacks, load_texts

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from plenary.people.models import User

    Viewer = User | AnonymousUser


class State(models.TextChoices):
    """Of a text in a language, in the order in which it matters."""

    STALE = "stale", pgettext_lazy("translation", "stale")
    MISSING = "missing", pgettext_lazy("translation", "missing")
    MACHINE = "machine", pgettext_lazy("translation", "by a machine, unreviewed")
    DONE = "done", pgettext_lazy("translation", "done")


TO_DO = (State.STALE, State.MISSING, State.MACHINE)


class There(NamedTuple):
    """A translation, without its words."""

    language: str
    provenance: str
    source_hash: str
    translator_id: int | None


@dataclass(frozen=True)
class Progress:
    """How far the texts of one whole are in one language."""

    counts: Counter[str]

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def done(self) -> int:
        return self.counts[State.DONE]

    @property
    def left(self) -> int:
        return self.total - self.done

    @property
    def percent(self) -> int:
        """Whole percent; not 100 before everything is done."""
        return min(self.done * 100 // self.total, 100) if self.total else 100

    @property
    def stale(self) -> int:
        return self.counts[State.STALE]

    @property
    def missing(self) -> int:
        return self.counts[State.MISSING]

    @property
    def machine(self) -> int:
        return self.counts[State.MACHINE]


@dataclass
class Whole:
    """What texts belong to: a consultation, a strategy; else all records of one kind."""

    key: str
    """In addresses: the reference, or the name of the kind."""
    name: Said | Any
    record_id: int | None
    texts: list[int] = field(default_factory=list)
    urgent: bool = False
    languages: tuple[str, ...] = ()

    @property
    def reference(self) -> str:
        return self.key if self.record_id else ""


_COLUMNS = ("text_id", "language", "provenance", "source_hash", "translator_id")


class Work:
    """All texts that a person may translate, with what there is of them. Loaded once per request."""

    def __init__(self, pieces: dict[int, Piece], kinds: dict[int, str], labels: dict[int, Any]) -> None:
        self.pieces = pieces
        self.labels = labels
        self._kinds = kinds
        found = Text.objects.filter(id__in=pieces).values_list("id", "source_language", "hash")
        self.sources = {pk: (language, digest) for pk, language, digest in found}
        self.there: dict[int, list[There]] = {}
        earlier = [piece.earlier for piece in pieces.values() if piece.earlier]
        rows = Translation.objects.filter(text__in=[*pieces, *earlier])
        for pk, *row in rows.values_list(*_COLUMNS):
            self.there.setdefault(pk, []).append(There._make(row))

    def closest(self, text_id: int, language: str) -> There | None:
        """The translation that a reader of the language gets."""
        tags = tags_of(language)
        found = None
        for row in self.there.get(text_id, ()):
            if row.language in tags and (found is None or len(row.language) > len(found.language)):
                found = row
        return found

    def state_of(self, text_id: int, language: str) -> State | None:
        """None where the text is read in its own language, or is not wanted in this one."""
        piece, (source, digest) = self.pieces[text_id], self.sources[text_id]
        if is_served(source, language) or not is_wanted(language, piece.languages):
            return None
        row = self.closest(text_id, language)
        if row is None:
            had = piece.earlier is not None and self.closest(piece.earlier, language) is not None
            return State.STALE if had else State.MISSING
        if row.source_hash != digest:
            return State.STALE
        return State.MACHINE if row.provenance == Provenance.MACHINE else State.DONE

    def is_by(self, user: Viewer, text_id: int, language: str) -> bool:
        row = self.closest(text_id, language)
        return row is not None and row.translator_id is not None and row.translator_id == user.pk

    def key_of(self, text_id: int) -> int | str:
        """The whole's record, or the kind of record where a text stands for itself."""
        piece = self.pieces[text_id]
        return self._kinds[piece.record] if piece.whole == 0 else piece.whole

    def languages(self) -> list[str]:
        """Into which one translates: those of the interface, and others in which there is something already."""
        known = [code.split("-")[0] for code, _ in settings.LANGUAGES]
        others = {row.language for rows in self.there.values() for row in rows}
        others |= {tag for piece in self.pieces.values() for tag in piece.languages}
        return [
            *known,
            *sorted(tag for tag in others if not any(tag in fallbacks(own) for own in _interface(known))),
        ]

    def progress(self, language: str, texts: Iterable[int] | None = None) -> Progress:
        states = (self.state_of(pk, language) for pk in (self.pieces if texts is None else texts))
        return Progress(Counter(state for state in states if state is not None))

    def wholes(self, language: str) -> list[Whole]:
        """In the order of their urgency: what is open to people first, then as the modules stand. Two queries."""
        grouped: dict[int | str, list[int]] = {}
        for pk in self.pieces:
            grouped.setdefault(self.key_of(pk), []).append(pk)
        ids = [key for key in grouped if isinstance(key, int)]
        records = Record.objects.in_bulk(ids)
        names = load_texts((record.title_id for record in records.values()), language)
        found = []
        for key, texts in grouped.items():
            record = records[key] if isinstance(key, int) else None
            name = names.get(record.title_id or 0, EMPTY) if record else manifest.kinds()[str(key)].plural
            pieces = [self.pieces[pk] for pk in texts]
            found.append(
                Whole(
                    record.reference if record else str(key),
                    name or (record.reference if record else ""),
                    record.pk if record else None,
                    texts,
                    any(piece.urgent for piece in pieces),
                    next((piece.languages for piece in pieces if piece.languages), ()),
                )
            )
        return sorted(found, key=lambda whole: not whole.urgent)

    def find(
        self,
        language: str,
        texts: Iterable[int] | None = None,
        states: Iterable[str] = tuple(State),
        by: Viewer | None = None,
    ) -> list[int]:
        """Text ids in the order in which they should be done: what is open first, and there what is read most.

        Of the ``states`` given; ``by`` asks for one translator's alone.
        """
        wanted, found = set(states), []
        for place, pk in enumerate(self.pieces if texts is None else texts):
            if self.state_of(pk, language) not in wanted:
                continue
            if by is None or self.is_by(by, pk, language):
                piece = self.pieces[pk]
                found.append(((not piece.urgent, -piece.weight, place), pk))
        return [pk for _, pk in sorted(found)]


def _interface(known: list[str]) -> list[str]:
    return [*known, *(code for code, _ in settings.LANGUAGES)]


@lru_cache(maxsize=256)
def tags_of(language: str) -> tuple[str, ...]:
    """Under which a translation may be kept that readers of a language get.

    Who reads the interface in Chinese is served by zh-hans and zh alike, so here the two are one language.
    """
    codes = [code for code, _ in settings.LANGUAGES if code.split("-")[0] == language]
    return tuple(dict.fromkeys([*fallbacks(language), *(tag for code in codes for tag in fallbacks(code))]))


@lru_cache(maxsize=1024)
def is_served(source: str, language: str) -> bool:
    """Whether readers of a language read the original: zh-Hans serves zh, and pt serves pt-BR."""
    return source in fallbacks(language) or language in fallbacks(source)


def is_wanted(language: str, offered: Iterable[str]) -> bool:
    """Whether a language is among those offered; all are where none is named."""
    offered = list(offered)
    return not offered or any(is_served(tag, language) for tag in offered)


def load_work(user: Viewer, now: datetime, only: str = "") -> Work:
    """Every text that the modules declare and the person may translate; of one module alone where it is named.

    One query per module and what it needs, and three more.
    """
    return _load(
        user, now, [module for module in manifest.modules() if not only or module.name == only], all_of=False
    )


def load_public_texts(user: Viewer, now: datetime, whole: int) -> Work:
    """The texts of one whole as far as a person sees them, whether she translates or not: for figures."""
    return _load(user, now, manifest.modules(), all_of=True, whole=whole)


def _load(
    user: Viewer, now: datetime, modules: Iterable[manifest.Module], *, all_of: bool, whole: int | None = None
) -> Work:
    pieces: dict[int, Piece] = {}
    labels: dict[int, Any] = {}
    closed: set[int] = set()
    for module in modules:
        if not module.texts:
            continue
        rule = module.translators or "translations.rules.may_translate"
        is_closed = not all_of and not manifest.resolve(f"plenary.{rule}")(user)
        for piece in manifest.resolve(module.texts)(user, now):
            if is_closed:
                closed.add(piece.text)
            if (
                piece.text in closed
            ):  # also where it stands a second time, in a module that more people translate
                continue
            if whole is not None and piece.whole != whole:
                continue
            # A text that stands in several places is translated once, where it is most urgent.
            if piece.text not in pieces or (piece.urgent and not pieces[piece.text].urgent):
                pieces[piece.text] = piece
                labels[piece.text] = module.parts.get(piece.part, piece.part)
    alone = [piece.record for piece in pieces.values() if piece.whole == 0]
    kinds = dict(Record.objects.filter(pk__in=alone).values_list("pk", "kind")) if alone else {}
    return Work(pieces, kinds, labels)


def fingerprint(translation: Translation | None) -> str:
    """What a translator had before her: another one afterwards means that somebody wrote meanwhile."""
    if translation is None:
        return "none"
    said = "\0".join((translation.body, translation.provenance, translation.source_hash))
    return hashlib.sha256(said.encode()).hexdigest()[:16]
