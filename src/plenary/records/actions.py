"""The only writes to the common tables. Upper modules call these inside their own transactions."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, ManyToOneRel, Q
from django.utils import translation
from django.utils.translation import gettext, gettext_noop

from plenary.kit import manifest
from plenary.kit.errors import Refused

from .models import (
    Counter,
    Event,
    EvidenceLink,
    Follow,
    FormerTranslation,
    Notice,
    Organization,
    Provenance,
    Record,
    Snapshot,
    Source,
    Stance,
    Text,
    Translation,
    Visibility,
    hash_of,
)

if TYPE_CHECKING:
    from plenary.people.models import User  # for the type checker alone: records import nothing above them


def take_numbers(name: str, count: int = 1) -> range:
    """The next ``count`` numbers of a counter, whose row stays locked until the transaction ends: none repeats."""
    Counter.objects.get_or_create(name=name)
    Counter.objects.filter(name=name).update(last=F("last") + count)
    last = Counter.objects.get(name=name).last
    return range(last - count + 1, last + 1)


def put_text(body: str, language: str, translations: Mapping[str, str] | None = None) -> Text:
    """A new immutable text, with human translations where they are at hand.

    Browsers end lines with CR LF; kept so, no blank line would be found, and paragraphs would run into one.
    """
    text = Text.objects.create(body=body.replace("\r\n", "\n"), source_language=language)
    for other, words in (translations or {}).items():
        if other != language:
            put_translation(text=text, language=other, body=words)
    return text


def put_texts(bodies: Sequence[str], language: str) -> list[Text]:
    """Many texts in one statement, in the order given."""
    return Text.objects.bulk_create(
        [Text(body=body, source_language=language, hash=hash_of(body)) for body in bodies], batch_size=500
    )


def put_translation(
    *,
    text: Text,
    language: str,
    body: str,
    provenance: str = Provenance.HUMAN,
    by: User | None = None,
    now: datetime | None = None,
) -> Translation:
    """Write or replace the translation of a text into a language, made from the text's present wording.

    What stood there before is kept as a ``FormerTranslation``.
    """
    given = {
        "body": body.replace("\r\n", "\n"),
        "provenance": provenance,
        "source_hash": text.hash,
        "translator": by,
        "at": now,
    }
    found, created = Translation.objects.get_or_create(text=text, language=language, defaults=given)
    same = all(getattr(found, name) == given[name] for name in ("body", "provenance", "source_hash"))
    if not created and not same:
        FormerTranslation.objects.create(
            text=text,
            language=language,
            body=found.body,
            provenance=found.provenance,
            source_hash=found.source_hash,
            translator=found.translator,
            at=found.at,
        )
        for name, value in given.items():
            setattr(found, name, value)
        found.save(update_fields=list(given))
    return found


def carry_translations(*, before: Text, after: Text, still_true: bool = False) -> None:
    """Give the translations of a text to the one that takes its place; stale unless they are still true.

    None goes into the new text's own language.
    """
    rows = Translation.objects.filter(text=before).exclude(language=after.source_language)
    Translation.objects.bulk_create(
        [
            Translation(
                text=after,
                language=row.language,
                body=row.body,
                provenance=row.provenance,
                source_hash=after.hash if still_true and row.source_hash == before.hash else row.source_hash,
                translator_id=row.translator_id,
                at=row.at,
            )
            for row in rows
        ]
    )


def put_translations(
    rows: Sequence[tuple[Text, str, str]],
    provenance: str = Provenance.HUMAN,
    by: User | None = None,
    now: datetime | None = None,
) -> None:
    """Many translations at once: (text, language, words), each pair of text and language once.

    What stood there before is kept. A constant number of statements for a few hundred.
    """
    wanted = {(text.pk, language): (text, body) for text, language, body in rows}
    found = {
        (row.text_id, row.language): row
        for row in Translation.objects.filter(text__in={text for text, _ in wanted})
        if (row.text_id, row.language) in wanted
    }
    FormerTranslation.objects.bulk_create(
        [
            FormerTranslation(
                text_id=row.text_id,
                language=row.language,
                body=row.body,
                provenance=row.provenance,
                source_hash=row.source_hash,
                translator_id=row.translator_id,
                at=row.at,
            )
            for row in found.values()
        ],
        batch_size=500,
    )
    for key, row in found.items():
        text, row.body = wanted[key]
        row.provenance, row.source_hash, row.at = provenance, text.hash, now
        row.translator = by
    Translation.objects.bulk_update(
        list(found.values()), ["body", "provenance", "source_hash", "translator", "at"], batch_size=100
    )
    Translation.objects.bulk_create(
        [
            Translation(
                text=text,
                language=language,
                body=body,
                provenance=provenance,
                source_hash=text.hash,
                translator=by,
                at=now,
            )
            for (_, language), (text, body) in wanted.items()
            if (text.pk, language) not in found
        ],
        batch_size=500,
    )


def lock_texts(ids: Iterable[int]) -> dict[int, Text]:
    """The texts by id; until the transaction ends, nobody else who locks them writes their translations."""
    return {
        text.pk: text for text in Text.objects.select_for_update().filter(pk__in=list(ids)).order_by("pk")
    }


def write_events(
    rows: Sequence[tuple[int, Mapping[str, Any]]], *, verb: str, by: User | None, now: datetime
) -> None:
    """The events of many writes of one kind: (record id, changes)."""
    Event.objects.bulk_create(
        [Event(record_id=pk, verb=verb, actor=by, at=now, changes=dict(changes)) for pk, changes in rows],
        batch_size=500,
    )


def write_event(
    *, record: Record, verb: str, by: User | None, now: datetime, changes: Mapping[str, Any] | None = None
) -> Event:
    """The one event of one write; call it in the write's own transaction."""
    return Event.objects.create(record=record, verb=verb, actor=by, at=now, changes=dict(changes or {}))


def create_record(
    *,
    kind: str,
    title: Text | None,
    by: User | None,
    now: datetime,
    visibility: str = Visibility.PUBLIC,
    organization: Organization | None = None,
    reference: str = "",
    verb: str = "created",
    changes: Mapping[str, Any] | None = None,
) -> Record:
    """A new identity with its number, its public reference and its first event."""
    declared = manifest.kinds()[kind]
    number = take_numbers(kind)[0]
    record = Record.objects.create(
        kind=kind,
        number=number,
        reference=reference or f"{declared.prefix}-{number}",
        visibility=visibility,
        organization=organization,
        title=title,
        created_at=now,
    )
    write_event(record=record, verb=verb, by=by, now=now, changes=changes)
    return record


def create_records(
    *,
    kind: str,
    titles: Sequence[Text | None],
    by: User | None,
    now: datetime,
    visibility: Sequence[str],
    verb: str = "imported",
    references: Sequence[str] = (),
    organization: Organization | None = None,
) -> list[Record]:
    """Many identities of one kind with their events, for imports; in the order of ``titles``."""
    prefix = manifest.kinds()[kind].prefix
    numbers = take_numbers(kind, len(titles))
    records = Record.objects.bulk_create(
        [
            Record(
                kind=kind,
                number=number,
                reference=reference,
                visibility=seen_by,
                organization=organization,
                title=title,
                created_at=now,
            )
            for number, reference, title, seen_by in zip(
                numbers,
                references or [f"{prefix}-{number}" for number in numbers],
                titles,
                visibility,
                strict=True,
            )
        ],
        batch_size=500,
    )
    Event.objects.bulk_create(
        [Event(record=record, verb=verb, actor=by, at=now) for record in records], batch_size=500
    )
    return records


@transaction.atomic
def create_organization(
    *,
    name: str,
    language: str,
    kind: str,
    by: User | None,
    now: datetime,
    translations: Mapping[str, str] | None = None,
) -> Organization:
    record = create_record(kind="organization", title=put_text(name, language, translations), by=by, now=now)
    return Organization.objects.create(record=record, kind=kind)


@transaction.atomic
def create_source(
    *,
    title: str,
    language: str,
    kind: str,
    by: User | None,
    now: datetime,
    sha256: str = "",
    url: str = "",
    dated: date | None = None,
) -> Source:
    record = create_record(kind="source", title=put_text(title, language), by=by, now=now)
    return Source.objects.create(
        record=record, kind=kind, sha256=sha256, url=url, dated=dated, language=language
    )


@transaction.atomic
def link_evidence(
    *,
    source: Record,
    target: Record,
    stance: str,
    by: User | None,
    now: datetime,
    quote: str = "",
) -> EvidenceLink:
    """Put a record forward as evidence for, against or around another. The same link twice is one link."""
    if source.pk == target.pk:
        raise Refused("A record cannot be evidence for itself.")
    if stance not in Stance.values:
        raise Refused("Evidence supports, contradicts or gives context.")
    link, created = EvidenceLink.objects.get_or_create(
        source=source, target=target, stance=stance, defaults={"quote": quote, "author": by, "at": now}
    )
    if created:
        changes = {"source": [None, source.reference], "stance": [None, stance]}
        write_event(record=target, verb="evidence linked", by=by, now=now, changes=changes)
    return link


def take_snapshot(*, content: bytes, now: datetime, media_type: str = "application/json") -> Snapshot:
    """Freeze bytes with their SHA-256."""
    return Snapshot.objects.create(
        content=content, media_type=media_type, sha256=hashlib.sha256(content).hexdigest(), made_at=now
    )


def forget_uploads(*, media_type: str, before: datetime) -> None:
    """Destroy files that were kept only while their preview was looked at."""
    Snapshot.objects.filter(media_type=media_type, made_at__lt=before).delete()


def set_visibility(*, record: Record, visibility: str) -> None:
    """Change who sees a record; the caller's event says why."""
    if record.visibility != visibility:
        record.visibility = visibility
        record.save(update_fields=["visibility"])


def set_visibilities(*, where: Q, visibility: str) -> int:
    """The same for all records of a filter; returns how many changed."""
    return Record.objects.filter(where).exclude(visibility=visibility).update(visibility=visibility)


def set_title(*, record: Record, title_id: int | None) -> None:
    """Give a record another title; the caller's event says why."""
    record.title_id = title_id
    record.save(update_fields=["title"])


TOMBSTONE = gettext_noop("This statement was withdrawn by its author.")


def bury_title(*, record: Record, now: datetime, also: Sequence[Text] = ()) -> None:
    """Put a tombstone in the place of a record's title and destroy its words, in every language.

    ``also``: other texts that hold words of it. Copies that nothing points to any more go as well.
    """
    old = record.title
    record.title, record.erased_at = _tombstone(), now
    record.save(update_fields=["title", "erased_at"])
    EvidenceLink.objects.filter(source=record).exclude(quote="").update(quote="")
    for text in {each.pk: each for each in (old, *also) if each is not None}.values():
        if text.hash == hash_of(TOMBSTONE):
            continue
        copies = Text.objects.filter(hash=text.hash).exclude(pk=text.pk)
        destroy_text(text)
        for copy in copies:
            if not _is_pointed_at(copy):
                copy.delete()


def destroy_text(text: Text) -> None:
    """The words of a text and of its translations, present and former, are gone; what still points to it reads the
    tombstone."""
    text.translations.all().delete()
    text.former_translations.all().delete()
    if _is_pointed_at(text):
        Text.objects.filter(pk=text.pk).update(body=TOMBSTONE, source_language="en", hash=hash_of(TOMBSTONE))
    else:
        text.delete()


def _is_pointed_at(text: Text) -> bool:
    """Whether anything but its translations holds the text."""
    held_by = (
        field
        for field in Text._meta.get_fields(include_hidden=True)
        if isinstance(field, ManyToOneRel) and field.related_model not in (Translation, FormerTranslation)
    )
    return any(
        field.related_model._base_manager.filter(**{field.field.name: text}).exists() for field in held_by
    )


def _tombstone() -> Text:
    """One text for all tombstones, in every language of the interface that has the words."""
    stone = Text.objects.filter(hash=hash_of(TOMBSTONE), source_language="en").order_by("pk").first()
    if stone is None:
        stone = put_text(TOMBSTONE, "en")
    known = set(stone.translations.values_list("language", flat=True))
    for code, _name in settings.LANGUAGES:
        language = code.split("-")[0]
        with translation.override(code):
            words = gettext(TOMBSTONE)
        if language not in {"en", *known} and words != TOMBSTONE:
            put_translation(text=stone, language=language, body=words, provenance=Provenance.GENERATED)
    return stone


def forget_words_in_events(*, record: Record, kept: Collection[str]) -> None:
    """Of what a record's events say, leave the fields named; of the others, that they changed."""
    for event in record.events.all():
        changes = {
            name: value if name in kept or value == "changed" else "erased"
            for name, value in event.changes.items()
        }
        if changes != event.changes:
            Event.objects.filter(pk=event.pk).update(changes=changes)


def follow(*, record: Record, user: User) -> None:
    """What happens to the record will be told on her desk. Hers alone to know, so no event."""
    Follow.objects.get_or_create(record=record, user=user)


def unfollow(*, record: Record, user: User) -> None:
    Follow.objects.filter(record=record, user=user).delete()


def notify(notices: Iterable[tuple[int, Event, int | None]]) -> None:
    """Tell accounts of events: (account's id, event, id of the record because of which). Each event once."""
    Notice.objects.bulk_create(
        [
            Notice(user_id=user_id, event=event, because_id=because)
            for user_id, event, because in notices
            if user_id != event.actor_id
        ],
        ignore_conflicts=True,
    )


def mark_notices_read(*, user: User, now: datetime) -> int:
    return Notice.objects.filter(user=user, read_at=None).update(read_at=now)
