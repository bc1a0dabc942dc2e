"""A translator's file, brought in."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from plenary.kit.errors import Refused
from plenary.records.actions import (
    forget_uploads,
    lock_texts,
    put_translations,
    take_snapshot,
    write_event,
    write_events,
)
from plenary.records.models import Provenance, Record, Snapshot, Text
from plenary.translations import formats, queries, rules

from .translating import changes_of, provenance_after

if TYPE_CHECKING:
    from plenary.people.models import User


@dataclass(frozen=True)
class Imported:
    """How many texts of a file were written, and how many could not be taken."""

    written: int
    wrong: int


KEPT = "application/x-translations"
AN_HOUR = timedelta(hours=1)


def keep_file(*, content: bytes, now: datetime) -> Snapshot:
    """Keep a file for the hour in which its preview can be answered, no longer: it holds words that may be erased."""
    forget_uploads(media_type=KEPT, before=now - AN_HOUR)
    return take_snapshot(content=content, now=now, media_type=KEPT)


@transaction.atomic
def import_units(*, content: bytes, language: str, by: User, now: datetime) -> Imported:
    """Write what is right of a translator's file, all at once; what is wrong is left out and counted.

    The file is read and checked anew, with its texts locked, so that what changed since the preview is noticed.
    """
    if not rules.may_translate(by):
        raise PermissionDenied
    file = formats.read(content)
    queries.check_language(file, language)
    lock_texts(
        row.text.pk
        for row in queries.check_units(queries.load_work(by, now), file, language).taken
        if row.text
    )
    work = queries.load_work(by, now)
    check = queries.check_units(work, file, language)
    if not check.taken:
        raise Refused(_("Nothing in this file can be taken, so nothing was written."))
    rows: dict[str, list[tuple[Text, str, str]]] = {}
    events = []
    wholes: Counter[int] = Counter()
    for row in check.taken:
        assert row.text is not None
        piece = work.pieces[row.text.pk]
        provenance = provenance_after(row.present, row.body)
        tag = row.present.language if row.present else language
        rows.setdefault(provenance.value, []).append((row.text, tag, row.body))
        events.append((piece.record, changes_of(piece.part, language, row.present, provenance)))
        wholes[piece.whole or piece.record] += 1
    for value, found in rows.items():
        put_translations(found, Provenance(value), by=by, now=now)
    write_events(events, verb="translated", by=by, now=now)
    for record in Record.objects.filter(pk__in=wholes):
        write_event(
            record=record,
            verb="translations imported",
            by=by,
            now=now,
            changes={
                "language": [None, language],
                "count": [None, wholes[record.pk]],
                "file": [None, hashlib.sha256(content).hexdigest()],
            },
        )
    return Imported(len(check.taken), len(check.wrong))
