"""Flags, and counts without those whom a confirmed one names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Prefetch, Q, QuerySet

from plenary.participation.models import Consultation, Flag, Statement
from plenary.records.texts import with_texts


def list_flags(consultation: Consultation, language: str) -> list[Flag]:
    """All flags, what waits first, each with its statements' ``said.text`` where everybody may see them."""
    seen = Statement.objects.filter(moderation=Statement.Moderation.ACCEPTED).select_related("record")
    found = list(
        Flag.objects.filter(consultation=consultation)
        .select_related("judged_by", "found_by")
        .prefetch_related(Prefetch("statements", seen, to_attr="seen_statements"))
    )
    statements: list[Any] = [each for flag in found for each in flag.seen_statements]
    with_texts(statements, language, text="record.title_id")
    return sorted(found, key=lambda flag: (flag.state != Flag.State.PROPOSED, flag.number))


def get_flag(consultation: Consultation, number: int) -> Flag | None:
    return Flag.objects.filter(consultation=consultation, number=number).first()


def last_flag_number(consultation: Consultation) -> int:
    found: int | None = Flag.objects.filter(consultation=consultation).aggregate(last=Max("number"))["last"]
    return found or 0


def count_waiting_flags(consultation: Consultation) -> int:
    return Flag.objects.filter(consultation=consultation, state=Flag.State.PROPOSED).count()


def list_waiting_flags(language: str) -> list[Consultation]:
    """Consultations with flags that wait for a judgement: ``waiting`` of them."""
    waiting = Flag.objects.filter(state=Flag.State.PROPOSED).order_by().values("consultation")
    counts = dict(waiting.annotate(waiting=Count("pk")).values_list("consultation", "waiting"))
    found = list(Consultation.objects.filter(pk__in=counts).select_related("record").order_by("pk"))
    for consultation in found:
        consultation.waiting = counts[consultation.pk]  # type: ignore[attr-defined]
    with_texts(found, language, title="record.title_id")
    return found


def confirmed_flags(consultation: Consultation) -> list[int]:
    """Numbers of the flags that are confirmed."""
    found = Flag.objects.filter(consultation=consultation, state=Flag.State.CONFIRMED)
    return list(found.values_list("number", flat=True))


def list_flagged_participants(consultation: Consultation) -> frozenset[int]:
    """Database ids of those whom a confirmed flag names, for the engine alone: nothing publishes them."""
    named = _of_flags().filter(flag__consultation=consultation)
    return frozenset(named.values_list("participant_id", flat=True))


def not_flagged(participant: str = "participant") -> Q:
    """The filter of rows whose participant no confirmed flag names."""
    return ~Q(Exists(_of_flags().filter(participant=OuterRef(participant))))


def count_flagged_people(consultation: Consultation) -> int:
    named = _of_flags().filter(flag__consultation=consultation)
    return named.values("participant").distinct().count()


def members_of(flags: Sequence[Flag]) -> dict[int, frozenset[int]]:
    """The participants of each flag, by its id. One query."""
    rows = Flag.participants.through.objects.filter(flag__in=flags).values_list("flag_id", "participant_id")
    members: dict[int, set[int]] = {flag.pk: set() for flag in flags}
    for flag, participant in rows:
        members[flag].add(participant)
    return {flag: frozenset(found) for flag, found in members.items()}


def _of_flags() -> QuerySet[Any]:
    return Flag.participants.through.objects.filter(flag__state=Flag.State.CONFIRMED)
