"""Reads for exports: what is published of a consultation's votes and statements."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db.models import Max, Q

from plenary.participation.models import Consultation, Participant, Statement, Vote
from plenary.records.models import Event, Translation

from .counting import COUNTS_FOR, ON_ACCEPTED, latest_votes


def list_counted_votes(consultation: Consultation) -> Iterator[tuple[int, int, int, date]]:
    """Participant, statement, value and day (UTC) of every vote that counts, in no telling order.

    The first two are database ids, for making pseudonyms and numbers: nothing publishes them. One SQL query, read in
    pieces.
    """
    votes = Vote.objects.filter(
        ON_ACCEPTED,
        statement__consultation=consultation,
        participant__consultation=consultation,
        participant__erased_at=None,
    )
    rows = latest_votes(votes, here=Q(statement__consultation=consultation)).values_list(
        "participant_id", COUNTS_FOR, "value", "at"
    )
    for participant, statement, value, at in rows.order_by("participant_id").iterator(chunk_size=10_000):
        yield participant, statement, value, at.date()


def list_statements_for_export(consultation: Consultation) -> list[Statement]:
    """The accepted statements with their wording in the original, by number. One query."""
    found = Statement.objects.filter(
        consultation=consultation, moderation=Statement.Moderation.ACCEPTED, record__erased_at=None
    )
    return list(found.select_related("record__title").order_by("record__number"))


def list_translations_for_export(consultation: Consultation) -> dict[int, list[Translation]]:
    """Text → its translations by language, for the accepted statements. One query."""
    found: dict[int, list[Translation]] = {}
    accepted = Statement.objects.filter(
        consultation=consultation, moderation=Statement.Moderation.ACCEPTED
    ).values("record__title_id")
    for each in Translation.objects.filter(text__in=accepted).order_by("language"):
        found.setdefault(each.text_id, []).append(each)
    return found


def stamp_of_export(consultation: Consultation) -> str:
    """Changes whenever an export would: with a vote, a decision, a wording, an erasure. Three queries."""
    facts: list[Any] = [
        Vote.objects.filter(statement__consultation=consultation).aggregate(last=Max("id"))["last"],
        Event.objects.filter(
            Q(record=consultation.pk) | Q(record__statement__consultation=consultation)
        ).aggregate(last=Max("id"))["last"],
        Participant.objects.filter(consultation=consultation, erased_at__isnull=False).count(),
    ]
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:20]
