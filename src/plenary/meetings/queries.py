"""Every read of meetings, agendas and decisions."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Case, Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When

from plenary.kit.manifest import Piece
from plenary.records.models import Event, Record
from plenary.records.queries import visible_to
from plenary.records.texts import with_texts

from .models import AgendaItem, Decision, Meeting

if TYPE_CHECKING:
    from plenary.people.models import User
    from plenary.people.rules import Viewer


def edges_agenda_to_decision() -> QuerySet[Any, Any]:
    """Pairs (record on an agenda, decision on it) of record ids, for the trail."""
    return Decision.objects.values_list("item__record_id", "record_id")


def list_meetings_for(user: Viewer | None, language: str) -> list[Meeting]:
    """Newest first, each with ``item_count`` and ``decision_count``."""
    seen = visible_to(user, "items__decisions__record")
    found: list[Any] = list(
        Meeting.objects.filter(visible_to(user, "record"))
        .select_related("record")
        .annotate(
            item_count=Count("items", distinct=True),
            decision_count=Count("items__decisions", filter=seen, distinct=True),
        )
        .order_by("-held_on", "-record__number")
    )
    with_texts(found, language, title="record.title_id")
    return found


def list_meetings_ahead(user: Viewer | None, language: str, first: date, last: date) -> list[Meeting]:
    """The meetings of some days, the next one first, each with ``item_count``."""
    found: list[Any] = list(
        Meeting.objects.filter(visible_to(user, "record"), held_on__range=(first, last))
        .select_related("record")
        .annotate(item_count=Count("items"))
        .order_by("held_on", "record__number")
    )
    with_texts(found, language, title="record.title_id")
    return found


def get_meeting_for(user: Viewer | None, reference: str, language: str) -> Meeting | None:
    found = list(
        Meeting.objects.filter(visible_to(user, "record"), record__reference=reference).select_related(
            "record__title"
        )
    )
    with_texts(found, language, title="record.title_id")
    return found[0] if found else None


def list_agenda(user: Viewer | None, meeting: Meeting, language: str) -> list[AgendaItem]:
    """A meeting's items in order, each with ``shown`` (its record, None where hidden) and its ``decided`` list."""
    items = list(meeting.items.select_related("record").order_by("order", "id"))
    seen = set(
        Record.objects.filter(visible_to(user), pk__in=[item.record_id for item in items]).values_list(
            "pk", flat=True
        )
    )
    decisions = _loaded(_decisions(user).filter(item__in=items).order_by("record__number"), language)
    with_texts(items, language, title="record.title_id")
    for item in items:
        item.shown = item.record if item.record_id in seen else None
        item.decided = [decision for decision in decisions if decision.item_id == item.pk]
    return items


def get_item(meeting: Meeting, number: int) -> AgendaItem | None:
    return meeting.items.select_related("record", "meeting__record").filter(pk=number).first()


def get_decision_for(user: Viewer | None, reference: str, language: str) -> Decision | None:
    """A decision with its texts and ``closed_at``, which its history knows; None while it is open."""
    closing = Event.objects.filter(record=OuterRef("record"), verb="closed").order_by("-id")
    named = _decisions(user).filter(record__reference=reference)
    found = _loaded(named.annotate(closed_at=Subquery(closing.values("at")[:1])), language)
    return found[0] if found else None


def decisions_in(state: str | None = None, owner: str | None = None) -> Q:
    """The filter of records that are decisions, in one state, of one owner, where they are given."""
    where = Q(decision__isnull=False)
    if state:
        where &= Q(decision__state=state)
    return where & Q(decision__owner__record__reference=owner) if owner else where


def is_visible(user: Viewer | None, record: Record) -> bool:
    return Record.objects.filter(visible_to(user), pk=record.pk).exists()


def list_decisions_about(user: Viewer | None, records: Collection[int], language: str) -> list[Decision]:
    """Decisions on agenda items that look at any of these records, newest first."""
    found = _decisions(user).filter(item__record__in=records)
    return _loaded(found.order_by("-item__meeting__held_on", "-record__number"), language)


def list_open_decisions_of(user: User, language: str, today: date) -> list[Decision]:
    """Open decisions that the person's organizations see to: overdue first, then by day, then those that wait."""
    mine = {held_in for _, held_in in user.roles}
    if not mine:
        return []
    overdue = Case(When(Q(due__lt=today), then=Value(0)), default=Value(1), output_field=IntegerField())
    found = _decisions(user).filter(state=Decision.State.OPEN, owner__in=mine)
    return _loaded(found.order_by(overdue, F("due").asc(nulls_last=True), "record__number"), language)


def texts(user: Viewer | None, now: datetime) -> Iterator[Piece]:
    """What translators find of meetings: names, decisions and what came of them. Two queries."""
    meetings = Meeting.objects.filter(visible_to(user, "record"), record__title__isnull=False)
    for pk, title in meetings.order_by("-held_on").values_list("record_id", "record__title_id"):
        yield Piece(title, pk, 0)
    decisions = Decision.objects.filter(visible_to(user, "record"))
    rows = decisions.order_by("-record__number").values_list("record_id", "record__title_id", "outcome_id")
    for pk, title, outcome in rows:
        if title:
            yield Piece(title, pk, 0)
        if outcome:
            yield Piece(outcome, pk, 0, "outcome")


def _decisions(user: Viewer | None) -> QuerySet[Decision]:
    return Decision.objects.filter(visible_to(user, "record")).select_related(
        "record", "owner__record", "item__record", "item__meeting__record"
    )


def _loaded(found: QuerySet[Decision], language: str) -> list[Decision]:
    decisions = list(found)
    with_texts(
        decisions, language,
        text="record.title_id", owner="owner.record.title_id", outcome="outcome_id",
        meeting="item.meeting.record.title_id", about="item.record.title_id",
    )  # fmt: skip
    return decisions
