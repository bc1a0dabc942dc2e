"""How much may be written, by one participant and from one address: statements, comments, answers to surveys together.

Votes are not limited so.

An address may be a school or a town hall, so its limit is wide; that of one participant is narrow, but a new token
costs nothing. Both are counted in the cache that all processes share, the address under its pseudonym of the day
(people/clients.py): none is kept anywhere. What is counted is counted one after the other, or a machine that sends many
at once would have many times the limit.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.http import HttpRequest

from plenary.people.clients import pseudonym

from .tokens import Voter

MINUTE, DAY = 60, 24 * 60 * 60
# Of one participant: a sentence every few seconds is no longer written by hand.
OWN = {MINUTE: 10, DAY: 100}


@dataclass(frozen=True)
class TooMany:
    """Who sent too many, and when the next one is taken."""

    is_hers: bool
    until: datetime

    def seconds(self, now: datetime) -> int:
        return max(1, int((self.until - now).total_seconds()))


def count_sending(request: HttpRequest, voter: Voter, now: datetime) -> TooMany | None:
    """Count one sending, or say that there were too many; those refused are not counted."""
    hers = f"account-{voter.user.pk}" if voter.user else voter.token_hash.hex()  # type: ignore[union-attr]
    of_address = {MINUTE: settings.PLENARY_STATEMENTS_PER_MINUTE, DAY: settings.PLENARY_STATEMENTS_PER_DAY}
    asked = {
        f"participation.sent.{hers}": (True, OWN),
        f"participation.sent.{pseudonym(request)}": (False, of_address),
    }
    refused, _ = _count(asked, now)  # a flood is refused without a lock
    if refused is not None:
        return refused
    with transaction.atomic():
        _wait_in_line(asked)
        refused, counted = _count(asked, now)
        if refused is None:
            cache.set_many(counted, timeout=DAY)
    return refused


def _count(
    asked: dict[str, tuple[bool, dict[int, int]]], now: datetime
) -> tuple[TooMany | None, dict[str, dict[int, tuple[int, int]]]]:
    """What stands in the way of one more, and the counts with it."""
    known = cache.get_many(asked)
    at = int(now.timestamp())
    counted = {}
    for key, (is_hers, limits) in asked.items():
        counts = {}
        for seconds, most in limits.items():
            window, count = known.get(key, {}).get(seconds, (0, 0))
            count = count if window == at // seconds else 0
            if count >= most:
                end = (at // seconds + 1) * seconds
                return TooMany(is_hers, now + timedelta(seconds=end - at)), {}
            counts[seconds] = (at // seconds, count + 1)
        counted[key] = counts
    return None, counted


def _wait_in_line(keys: Iterable[str]) -> None:
    """Until the transaction ends, nobody else counts by one of these keys. SQLite has one writer at a time anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for number in sorted(
                zlib.crc32(key.encode()) for key in keys
            ):  # in one order, so that none block
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
