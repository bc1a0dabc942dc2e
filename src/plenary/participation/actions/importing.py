"""Conversations exported from elsewhere, as consultations of ours: closed, with all their votes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
from django.db import transaction

from plenary.kit.tables import unguard
from plenary.participation import queries
from plenary.participation.models import Consultation, Participant, Statement
from plenary.records.actions import create_source
from plenary.records.models import Record, Source

from .consultations import open_consultation
from .statements import NewStatement, add_statements
from .voting import BulkVote, record_votes

if TYPE_CHECKING:
    from opinion.polis import PolisExport
    from plenary.people.models import User

REJECTED_THERE = "rejected in the imported conversation"
NO_LICENCE = "NOASSERTION"  # SPDX: nobody has said under which licence


@dataclass(frozen=True)
class Imported:
    consultation: Consultation
    is_new: bool


@transaction.atomic
def import_conversation(
    *,
    export: PolisExport,
    sha256: str,
    name: str,
    by: User | None,
    now: datetime,
    about: Record | None = None,
    language: str = "und",
    licence: str = NO_LICENCE,
    strict: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Imported:
    """Write a conversation as it was exported, whole or not at all; the same files again write nothing.

    ``sha256`` is that of the files; ``name`` stands in for a missing topic. With ``strict`` what was not moderated
    there waits here; otherwise it counts as accepted.
    """
    known = queries.get_consultation_of_source(sha256)
    if known is not None:
        return Imported(known, is_new=False)
    first, last = _period(export, now)
    topic = unguard(export.topic) or name
    source = create_source(
        title=f"Polis export: {topic}", language=language, kind=Source.Kind.FILE, by=by, now=now, sha256=sha256,
        url=export.url, dated=last.date(),
    )  # fmt: skip
    consultation = open_consultation(
        title=topic, question=topic, introduction=unguard(export.description), language=language, about=about,
        opens_at=first, closes_at=last + timedelta(seconds=1), moderation=Consultation.Moderation.AFTER,
        takes_statements=False, minimum_age=0, licence=licence, terms="imported", source=source, by=by, now=now,
    )  # fmt: skip
    statements = add_statements(
        consultation=consultation,
        statements=_statements(export, language, strict),
        by=by,
        now=now,
        verb="imported",
    )
    participants = record_votes(
        consultation=consultation,
        votes=_votes(export, {item.imported_as: item.pk for item in statements}, last),
        others=[item.author for item in export.statements if item.author],
        keep_keys=True,
        by=by,
        now=now,
        progress=progress,
    )
    _name_authors(export, statements, participants)
    return Imported(consultation, is_new=True)


def _period(export: PolisExport, now: datetime) -> tuple[datetime, datetime]:
    """The first and the last instant that the files tell of; the present where they tell of none."""
    times = [item.created_ms for item in export.statements if item.created_ms is not None]
    if export.votes.timestamp_ms is not None and export.votes.timestamp_ms.size:
        times += [int(export.votes.timestamp_ms.min()), int(export.votes.timestamp_ms.max())]
    if not times:
        return now, now
    return _instant(min(times)), _instant(max(times))


def _instant(milliseconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)


def _statements(export: PolisExport, language: str, strict: bool) -> list[NewStatement]:
    undecided = Statement.Moderation.WAITING if strict else Statement.Moderation.ACCEPTED
    state = {1: Statement.Moderation.ACCEPTED, 0: undecided, -1: Statement.Moderation.REJECTED}
    return [
        NewStatement(
            unguard(item.text),  # as our own export guards it
            item.language or language,
            origin=Statement.Origin.IMPORT,
            moderation=state[item.moderated],
            reason=REJECTED_THERE if item.moderated == -1 else "",
            imported_as=item.id,
            is_meta=item.is_meta,
        )
        for item in export.statements
    ]


def _votes(export: PolisExport, pk_of: dict[str, int], last: datetime) -> list[BulkVote]:
    """All rows in the order in which they were cast; without times, as of the conversation's last day."""
    raw = export.votes
    if raw.timestamp_ms is None:
        times = [last] * raw.value.size
        order = np.arange(raw.value.size)
    else:
        order = np.argsort(raw.timestamp_ms, kind="stable")
        times = [_instant(milliseconds) for milliseconds in raw.timestamp_ms[order].tolist()]
    rows = zip(
        raw.participant[order].tolist(),
        raw.statement[order].tolist(),
        raw.value[order].tolist(),
        times,
        strict=True,
    )
    return [BulkVote(str(person), pk_of[str(statement)], value, at) for person, statement, value, at in rows]


def _name_authors(
    export: PolisExport, statements: list[Statement], participants: dict[str, Participant]
) -> None:
    for item, statement in zip(export.statements, statements, strict=True):
        statement.author = participants.get(item.author)
    Statement.objects.bulk_update(statements, ["author"], batch_size=200)
