"""Events as an outbox: consumers read them in order, each with a cursor of its own."""

from __future__ import annotations

import logging

from django.db import connection, transaction
from django.db.models import Max

from plenary.kit import manifest

from .models import ConsumerCursor, Event, Follow, Notice

logger = logging.getLogger(__name__)

BATCH = 500


def settled_event_id() -> int:
    """The highest id below which no event can appear any more.

    On PostgreSQL ids are given before the commit, so a smaller id may become visible after a larger one: the lock
    waits for writers that hold such an id. On SQLite there is one writer, and ids are in commit order.
    """
    if connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {Event._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")
            return Event.objects.aggregate(last=Max("id"))["last"] or 0
    return Event.objects.aggregate(last=Max("id"))["last"] or 0


def run_consumers() -> int:
    """Let every consumer read what it has not read; returns how many events were handed out.

    A consumer that fails keeps its cursor, is logged, and does not hold up the others.
    """
    settled = settled_event_id()
    handed_out = 0
    for consumer in manifest.consumers():
        try:
            handed_out += _run_one(consumer, settled)
        except Exception:
            logger.exception("consumer %s failed; it will try the same events again", consumer.name)
    return handed_out


def _run_one(consumer: manifest.Consumer, settled: int) -> int:
    handed_out = 0
    while True:
        if ConsumerCursor.objects.filter(name=consumer.name, position__gte=settled).exists() or not settled:
            return handed_out
        with transaction.atomic():
            ConsumerCursor.objects.get_or_create(name=consumer.name)
            cursor = ConsumerCursor.objects.select_for_update().get(name=consumer.name)
            events = list(
                Event.objects.filter(id__gt=cursor.position, id__lte=settled)
                .select_related("record")
                .order_by("id")[:BATCH]
            )
            if events:
                manifest.resolve(consumer.handle)(events)
            cursor.position = events[-1].id if events else settled
            cursor.save(update_fields=["position"])
        handed_out += len(events)


def notify_followers(events: list[Event]) -> None:
    """Consumer: a notice to everyone who follows the record, except the one who acted herself."""
    followers: dict[int, list[int]] = {}
    for follow in Follow.objects.filter(record_id__in={event.record_id for event in events}):
        followers.setdefault(follow.record_id, []).append(follow.user_id)
    Notice.objects.bulk_create(
        [
            Notice(user_id=user_id, event=event)
            for event in events
            for user_id in followers.get(event.record_id, [])
            if user_id != event.actor_id
        ],
        ignore_conflicts=True,
    )
