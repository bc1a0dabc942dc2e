"""Erasing somebody who took part. See docs/handbook/privacy.md.

What she wrote becomes a tombstone, what is known of her is destroyed, and her votes count nowhere from now on; analyses
that are stored keep their bytes, in which she has a number that is drawn anew for each. The list beside the database is
written in the same transaction, before its end: better one line too many than an erasure that a restore would undo.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import transaction

from plenary.kit import erasures
from plenary.participation import queries, rules
from plenary.participation.models import (
    Appeal,
    BallotSent,
    Commenter,
    Consultation,
    Flag,
    Participant,
    ParticipantAttributes,
    ParticipantContact,
    Seen,
    Statement,
)
from plenary.records.actions import bury_title, forget_words_in_events, write_event

from .comments import tombstone_comments
from .moderating import separate_statement
from .surveys import tombstone_answers

if TYPE_CHECKING:
    from plenary.people.models import User

# What events on a statement of hers may go on saying: states, never words.
# (The reasons of moderators may quote her.)
KEPT_IN_EVENTS = frozenset({"moderation", "origin", "language", "duplicate_of", "changes_meaning"})


def _attributes(participant: Participant, now: datetime) -> None:
    ParticipantAttributes.objects.filter(participant=participant).delete()


def _flags(participant: Participant, now: datetime) -> None:
    # How many were in a flag when it was found is kept; that she was one of them is not.
    Flag.participants.through.objects.filter(participant=participant).delete()


def _seen(participant: Participant, now: datetime) -> None:
    Seen.objects.filter(participant=participant).delete()
    BallotSent.objects.filter(participant=participant).delete()


def _statements(participant: Participant, now: datetime) -> None:
    for statement in Statement.objects.filter(author=participant).select_related("record__title"):
        bury_statement(statement=statement, now=now)


def _contact(participant: Participant, now: datetime) -> None:
    ParticipantContact.objects.filter(participant=participant).delete()


def _answers(participant: Participant, now: datetime) -> None:
    tombstone_answers(participant=participant)


ERASERS: tuple[Callable[[Participant, datetime], None], ...] = (
    _statements,
    _answers,
    _attributes,
    _flags,
    _contact,
    _seen,
)
"""What is destroyed of a participant, one subject a line."""


@transaction.atomic
def erase_participant(
    *, participant: Participant, by: User | None, now: datetime, is_replay: bool = False
) -> None:
    """Erase somebody from one consultation, at her own wish (``by`` is None) or at the desk. Twice is once.

    ``is_replay``: the list names it already.
    """
    if by is not None and not rules.may_erase(by):
        raise PermissionDenied
    held = Participant.objects.select_for_update(of=("self",)).get(pk=participant.pk)
    if held.erased_at is not None:
        return
    consultation = Consultation.objects.select_related("record").get(pk=held.consultation_id)
    line = {
        "erased": "participant",
        "consultation": consultation.reference,
        "participant": fingerprint(held),
        "statements": queries.list_references_written_by(held),
        "at": now.isoformat(),
    }
    for erase in ERASERS:
        erase(held, now)
    held.token_hash = held.user = held.secret = None
    held.imported_as, held.erased_at = "", now
    held.save(update_fields=["token_hash", "user", "secret", "imported_as", "erased_at"])
    write_event(record=consultation.record, verb="participant erased", by=by, now=now)
    if not is_replay:
        erasures.note(line)


def fingerprint(participant: Participant) -> str:
    """By what an older backup knows her again: a hash of the secret that is destroyed here and lives on there."""
    return hashlib.sha256(b"plenary-erasure:" + bytes(participant.secret or b"")).hexdigest()


def bury_statement(*, statement: Statement, now: datetime) -> None:
    """A tombstone in the place of her words, everywhere that they are kept; nobody is asked about it any more.

    What was merged into it is said by others and stands for itself again.
    """
    for duplicate in statement.duplicates.select_related("record", "duplicate_of__record"):
        separate_statement(statement=duplicate, by=None, now=now)
    if statement.duplicate_of is not None:
        separate_statement(statement=statement, by=None, now=now)
    texts = [text for each in statement.rewordings.all() for text in (each.before, each.after)]
    Appeal.objects.filter(statement=statement).update(text="")
    record = statement.record
    bury_title(record=record, also=texts, now=now)
    forget_words_in_events(record=record, kept=KEPT_IN_EVENTS)
    before = statement.moderation
    statement.moderation, statement.moderation_reason = Statement.Moderation.ERASED, ""
    statement.save(update_fields=["moderation", "moderation_reason"])
    changes = {"moderation": [before, statement.moderation]}
    write_event(record=record, verb="erased", by=None, now=now, changes=changes)


def erase_with_account(user: User, now: datetime) -> None:
    """What is destroyed here when an account is: everything that she said with it."""
    for participant in Participant.objects.filter(user=user):
        erase_participant(participant=participant, by=None, now=now)
    tombstone_comments(commenters=Commenter.objects.filter(user=user), now=now)


@transaction.atomic
def replay_erasure(line: dict[str, object], now: datetime) -> bool:
    """Erase again what an older backup brought back; whether there was something."""
    found = Participant.objects.filter(
        consultation__record__reference=line.get("consultation"), erased_at=None, secret__isnull=False
    )
    for participant in found.iterator():
        if fingerprint(participant) == line.get("participant"):
            erase_participant(participant=participant, by=None, now=now, is_replay=True)
            return True
    return False
