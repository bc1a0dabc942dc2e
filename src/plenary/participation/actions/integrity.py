"""Flags are proposed by the engine and judged by a person; votes stay as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from plenary.kit.errors import Refused
from plenary.participation import queries, rules
from plenary.participation.models import Consultation, Flag
from plenary.records.actions import write_event
from plenary.records.models import Record

if TYPE_CHECKING:
    from plenary.people.models import User

SAME = 0.5  # two groups are the same where they share half of all who are in either
FEWEST = 3  # members that are new to a judged group before they are proposed as one of their own


@dataclass(frozen=True)
class Found:
    """A group that the engine flags: database ids, and figures that name nobody."""

    signal: str
    participants: frozenset[int]
    statements: tuple[int, ...] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)


@transaction.atomic
def propose_flags(
    *, consultation: Consultation, found: Sequence[Found], source: Record | None, now: datetime
) -> list[Flag]:
    """Keep what the engine found, for a person to judge; returns what is new. Nothing that was judged is changed.

    A group that is known and waits is brought up to date. Of one that was judged only the members that are new to it
    are proposed: a confirmation never spreads to people whom nobody looked at.
    """
    Consultation.objects.select_for_update().get(pk=consultation.pk)  # one at a time gives numbers
    known = list(Flag.objects.filter(consultation=consultation))
    members = queries.members_of(known)
    number, new = queries.last_flag_number(consultation), []
    for group in found:
        alike = [
            flag
            for flag in known
            if flag.signal == group.signal and _likeness(members[flag.pk], group.participants) >= SAME
        ]
        judged = [flag for flag in alike if flag.state != Flag.State.PROPOSED]
        if judged:
            group = Found(
                group.signal,
                group.participants.difference(*(members[flag.pk] for flag in judged)),
                group.statements,
                group.figures,
            )
            if len(group.participants) < FEWEST:
                continue
            alike = []
        flag = alike[0] if alike else None
        if flag is None:
            number += 1
            flag = Flag.objects.create(
                consultation=consultation,
                number=number,
                signal=group.signal,
                size=len(group.participants),
                figures=dict(group.figures),
                found_at=now,
                found_by=source,
            )
            new.append(flag)
        elif members[flag.pk] == group.participants:
            continue
        else:
            flag.size, flag.figures, flag.found_by = len(group.participants), dict(group.figures), source
            flag.save(update_fields=["size", "figures", "found_by"])
        flag.participants.set(group.participants)
        flag.statements.set(group.statements)
    if new:
        changes = {
            "flags": [None, [flag.number for flag in new]],
            "participants": [None, sum(f.size for f in new)],
        }
        write_event(
            record=consultation.record, verb="coordination suspected", by=None, now=now, changes=changes
        )
    return new


def _likeness(one: frozenset[int], other: frozenset[int]) -> float:
    return len(one & other) / max(len(one | other), 1)


@transaction.atomic
def judge_flag(*, flag: Flag, verdict: str, reason: str, seen: str, by: User, now: datetime) -> Flag:
    """Confirm or dismiss a flag, with the reason that everybody reads; an earlier verdict is revised the same way.

    ``seen`` is the state that the person saw: where somebody else judged meanwhile, she is told and nothing is changed.
    """
    if not rules.may_judge_flags(by):
        raise PermissionDenied
    if verdict not in (Flag.State.CONFIRMED, Flag.State.DISMISSED):
        raise Refused(_("A flag is confirmed or dismissed."))
    if not reason.strip():
        raise Refused(_("Say why: everybody can read the reason."))
    found = Flag.objects.select_for_update().get(pk=flag.pk)
    if found.state != seen:
        raise Refused(
            _("Somebody else has judged this meanwhile: it is %(state)s. Look again; nothing was changed.")
            % {"state": found.get_state_display()}
        )
    before = {"verdict": found.state, "reason": found.reason}
    found.state, found.reason, found.judged_by, found.judged_at = verdict, reason.strip(), by, now
    found.save(update_fields=["state", "reason", "judged_by", "judged_at"])
    write_event(
        record=found.consultation.record,
        verb="flag judged",
        by=by,
        now=now,
        changes={
            "flag": [found.number, found.number],
            "verdict": [before["verdict"], found.state],
            "reason": [before["reason"], found.reason],
        },
    )
    return found
