"""Who may do what with the text. Staff propose; the desk and the committee decide, never on their own proposals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plenary.people.rules import is_committee, is_desk, is_staff
from plenary.records.models import Visibility

from .models import Change

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.contrib.auth.models import AnonymousUser

    from plenary.people.models import User
    from plenary.records.models import Record

    Viewer = User | AnonymousUser

OPEN = (Change.State.PROPOSED, Change.State.REVIEWED)


def may_import(user: Viewer) -> bool:
    return is_desk(user)


def may_propose(user: Viewer) -> bool:
    return is_staff(user)


def may_decide(user: Viewer) -> bool:
    """Whether the person's role decides changes at all."""
    return is_desk(user) or is_committee(user)


def may_translate(user: Viewer) -> bool:
    """Enter the words of the text in another language."""
    return is_desk(user)


# What can speak for or against a change: something that people said, found, learned or decided, inside or outside.
# A proposal, a commitment or the text itself is what is being discussed, not evidence for it.
KINDS_OF_EVIDENCE = frozenset(
    {"statement", "finding", "source", "report", "review", "decision", "lesson", "recommendation"}
)


def counts_as_evidence(record: Record) -> bool:
    """Whether a record can support or contradict a change: of such a kind, and open to everybody."""
    return record.kind in KINDS_OF_EVIDENCE and record.visibility == Visibility.PUBLIC


def is_own(user: Viewer, change: Change) -> bool:
    return user.is_authenticated and user.pk == change.proposed_by_id


def is_open(change: Change) -> bool:
    """Neither accepted nor rejected nor withdrawn yet."""
    return change.state in OPEN


def may_add_evidence(user: Viewer, change: Change) -> bool:
    return may_propose(user) and is_open(change)


def may_review(user: Viewer, change: Change) -> bool:
    return may_decide(user) and not is_own(user, change) and change.state == Change.State.PROPOSED


def may_accept(user: Viewer, change: Change) -> bool:
    return may_decide(user) and not is_own(user, change) and change.state == Change.State.REVIEWED


def may_reject(user: Viewer, change: Change) -> bool:
    return may_decide(user) and not is_own(user, change) and is_open(change)


def may_withdraw(user: Viewer, change: Change) -> bool:
    """Only whoever proposed it takes a proposal back, and only before it is decided."""
    return is_own(user, change) and is_open(change)


def may_adopt(user: Viewer, changes: Iterable[Change]) -> bool:
    """Whoever proposed one of the changes leaves the adoption to somebody else."""
    return may_decide(user) and not any(is_own(user, change) for change in changes)
