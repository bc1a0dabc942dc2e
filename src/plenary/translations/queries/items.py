"""Texts beside their translations, as a translator sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from plenary.records.models import FormerTranslation, Record, Text, Translation
from plenary.records.texts import EMPTY, Said, direction_of, load_texts
from plenary.strategy.wording import Segment, compare_wording

from .work import State, Work, fingerprint, tags_of

if TYPE_CHECKING:
    from plenary.kit.manifest import Piece


@dataclass
class Item:
    """One text to translate into one language, with everything that helps."""

    text: Text
    piece: Piece
    language: str
    record: Record
    label: Any
    """What it is of its record: «question»."""
    state: State
    source: Said
    second: Said
    """The same in the language of reference, where one is chosen and it differs from source and target."""
    translation: Translation | None
    """What is there now."""
    proposal: str
    """What the field begins with: what is there, or what was there of earlier words."""
    changes: list[Segment]
    """Of a stale one: what became of the words that it was made from."""

    next: int | None = None
    """The text that follows in the list."""

    @property
    def seen(self) -> str:
        return fingerprint(self.translation)

    @property
    def direction(self) -> str:
        return direction_of(self.language)

    @property
    def written_as(self) -> str:
        """The tag under which it is kept: that of what is there, else that of the language."""
        return self.translation.language if self.translation else self.language

    @property
    def is_stale(self) -> bool:
        return self.state == State.STALE

    @property
    def is_machine(self) -> bool:
        return self.state == State.MACHINE

    @property
    def is_long(self) -> bool:
        return len(self.text.body) > 160 or "\n" in self.text.body

    @property
    def rows(self) -> int:
        """Of the field: about as high as the source beside it."""
        lines = sum(len(line) // 50 + 1 for line in self.text.body.splitlines())
        return min(max(lines + 1, 2), 24)


def list_items(work: Work, texts: Sequence[int], language: str, second: str = "") -> list[Item]:
    """The items of these texts, in their order. Six queries, however many."""
    ids = [pk for pk in texts if pk in work.pieces]
    pieces = [work.pieces[pk] for pk in ids]
    bodies = Text.objects.in_bulk(ids)
    records = Record.objects.in_bulk({piece.record for piece in pieces})
    seconds = load_texts(ids, second) if second else {}
    wanted = [*ids, *(piece.earlier for piece in pieces if piece.earlier)]
    there: dict[int, Translation] = {}
    for row in Translation.objects.filter(text__in=wanted, language__in=tags_of(language)).order_by(
        "language"
    ):
        there[row.text_id] = row
    before = _words_before(work, ids, there)
    found = []
    for pk, piece in zip(ids, pieces, strict=True):
        text, present, state = bodies[pk], there.get(pk), work.state_of(pk, language)
        second_said = seconds.get(pk, EMPTY)
        carried = present or (there.get(piece.earlier) if piece.earlier else None)
        old = before.get(pk, "")
        found.append(
            Item(
                text=text,
                piece=piece,
                language=language,
                record=records[piece.record],
                label=work.labels[pk],
                state=state or State.DONE,
                source=Said(text.body, text.source_language, text.body, text.source_language),
                second=second_said if second_said.is_translation else EMPTY,
                translation=present,
                proposal=carried.body if carried else "",
                changes=compare_wording(old, text.body) if old and state == State.STALE else [],
            )
        )
    for item, following in pairwise(found):
        item.next = following.text.pk
    return found


def _words_before(work: Work, ids: Sequence[int], there: dict[int, Translation]) -> dict[int, str]:
    """By text: the words that its stale translation was made from, where they are still known. One query."""
    hashes = {}
    for pk in ids:
        row = there.get(pk) or there.get(work.pieces[pk].earlier or 0)
        if row is not None and row.source_hash != work.sources[pk][1]:
            hashes[pk] = row.source_hash
    known = dict(Text.objects.filter(hash__in=hashes.values()).values_list("hash", "body")) if hashes else {}
    return {pk: known[digest] for pk, digest in hashes.items() if digest in known}


@dataclass(frozen=True)
class Past:
    """One wording of a translation: when, by whom, from where."""

    body: str
    language: str
    provenance: str
    provenance_label: Any
    by: Any
    at: Any
    is_present: bool

    @property
    def direction(self) -> str:
        return direction_of(self.language)


def list_history(text_id: int, language: str) -> list[Past]:
    """All wordings of a translation, the present one first. Two queries."""
    tags = tags_of(language)
    rows: list[Any] = [
        *Translation.objects.filter(text=text_id, language__in=tags).select_related("translator"),
        *FormerTranslation.objects.filter(text=text_id, language__in=tags)
        .select_related("translator")
        .order_by("-id"),
    ]
    return [
        Past(
            row.body,
            row.language,
            row.provenance,
            row.get_provenance_display(),
            row.translator,
            row.at,
            isinstance(row, Translation),
        )
        for row in rows
    ]


def get_translation(text_id: int, language: str) -> Translation | None:
    """The one that a reader of the language gets."""
    return (
        Translation.objects.filter(text=text_id, language__in=tags_of(language))
        .order_by("-language")
        .select_related("translator", "text")
        .first()
    )


def get_text(text_id: int) -> Text | None:
    return Text.objects.filter(pk=text_id).first()
