"""When an analysis is due without anybody asking. No clock and no database in here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from .figures import FEWEST

NEW_VOTES = 50  # below that, another result would say the same
GROWTH = 0.1
AFTER_CLOSING = timedelta(
    days=1
)  # so long after voting ended, results are made; what closed earlier is for the desk
GIVES_UP_AFTER = 2  # failures in a row; then the desk has to look


@dataclass(frozen=True)
class Known:
    """What there is to know of a consultation without counting its votes, which may be many millions."""

    is_open: bool
    closed_at: datetime | None
    """When voting ended; None while it goes on."""
    analysed_at: datetime | None
    """When the last analysis was asked for, whatever became of it."""
    analysed_votes: int
    """Votes that the last finished analysis counted."""
    failures: int
    """Analyses that failed since the last one that was done."""
    is_under_way: bool


def is_time(known: Known, now: datetime, every: timedelta | None) -> bool:
    """While voting goes on, at most once in ``every``; once more when it ends."""
    if every is None or known.is_under_way or known.failures >= GIVES_UP_AFTER:
        return False
    if known.closed_at is not None:
        if now - known.closed_at > AFTER_CLOSING:
            return False
        return known.analysed_at is None or known.analysed_at < known.closed_at or known.failures > 0
    return known.is_open and (known.analysed_at is None or now - known.analysed_at >= every)


def is_worth_it(known: Known, new: int) -> bool:
    """Whether so many new votes are enough; at the end of voting every one is."""
    return new > 0 if known.closed_at is not None else new >= max(NEW_VOTES, GROWTH * known.analysed_votes)


def is_enough(people: int) -> bool:
    return people >= FEWEST
