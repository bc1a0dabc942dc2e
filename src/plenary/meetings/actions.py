"""Every write of meetings and decisions. ``by`` is None for the program itself."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from plenary.kit.errors import Refused
from plenary.records.actions import create_record, put_text, write_event
from plenary.records.models import Organization, Record, Visibility
from plenary.records.queries import get_record_for

from . import rules
from .models import AgendaItem, Decision, Meeting

if TYPE_CHECKING:
    from plenary.people.models import User


@transaction.atomic
def hold_meeting(
    *,
    title: str,
    language: str,
    kind: str,
    held_on: date,
    by: User | None,
    now: datetime,
    visibility: str = Visibility.PUBLIC,
) -> Meeting:
    """Announce or record a meeting."""
    _require(rules.may_run_meetings(by))
    record = create_record(
        kind="meeting",
        title=put_text(title, language),
        visibility=visibility,
        by=by,
        now=now,
        verb="called",
        changes={"kind": [None, kind], "held_on": [None, held_on.isoformat()]},
    )
    return Meeting.objects.create(record=record, kind=kind, held_on=held_on)


@transaction.atomic
def put_on_agenda(*, meeting: Meeting, record: Record, by: User | None, now: datetime) -> AgendaItem:
    """Let the meeting look at a record that the person may see. The same record twice is one item."""
    _require(rules.may_run_meetings(by))
    if get_record_for(by, record.reference) is None:
        raise PermissionDenied
    if record.pk == meeting.pk:
        raise Refused(_("A meeting cannot be on its own agenda."))
    # The row's lock keeps two items from taking one place.
    meeting = Meeting.objects.select_for_update(of=("self",)).select_related("record").get(pk=meeting.pk)
    last: int | None = meeting.items.aggregate(last=Max("order"))["last"]
    item, created = AgendaItem.objects.get_or_create(
        meeting=meeting, record=record, defaults={"order": 1 if last is None else last + 1}
    )
    if created:
        changes = {"record": [None, record.reference]}
        write_event(record=meeting.record, verb="put on the agenda", by=by, now=now, changes=changes)
    return item


@transaction.atomic
def decide(
    *,
    item: AgendaItem,
    text: str,
    language: str,
    owner: Organization,
    by: User | None,
    now: datetime,
    due: date | None = None,
    trigger: str = "",
) -> Decision:
    """Record what was decided on an item, who sees to it, and by when or once what has happened.

    The decision is as public as its meeting, whatever it was decided about: its words are written to be read.
    """
    _require(rules.may_run_meetings(by))
    _require_held(item.meeting, now)
    if due is None and not trigger.strip():
        raise Refused(_("A decision needs a day, or says what it waits for."))
    if due is not None and due < timezone.localdate(now):
        raise Refused(_("This day has passed already."))
    changes: dict[str, Any] = {
        "meeting": [None, item.meeting.reference],
        "about": [None, item.record.reference],
        "owner": [None, owner.reference],
        "due": [None, due.isoformat() if due else None],
        "trigger": [None, trigger or None],
    }
    record = create_record(
        kind="decision",
        title=put_text(text, language),
        visibility=item.meeting.record.visibility,
        organization=owner,
        by=by,
        now=now,
        verb="decided",
        changes=changes,
    )
    return Decision.objects.create(record=record, item=item, owner=owner, due=due, trigger=trigger)


@transaction.atomic
def close_decision(
    *, decision: Decision, state: str, outcome: str, language: str, by: User | None, now: datetime
) -> Decision:
    """Say what came of a decision: it was done, or it was dropped."""
    _require(rules.may_run_meetings(by))
    decision = (
        Decision.objects.select_for_update(of=("self",))
        .select_related("record", "item__meeting")
        .get(pk=decision.pk)
    )
    if decision.state != Decision.State.OPEN:
        raise Refused(_("This decision is closed already."))
    _require_held(decision.item.meeting, now)
    if state not in (Decision.State.DONE, Decision.State.DROPPED):
        raise Refused(_("A decision ends as done or as dropped."))
    if not outcome.strip():
        raise Refused(_("Say what came of it."))
    decision.state, decision.outcome = state, put_text(outcome, language)
    decision.save(update_fields=["state", "outcome"])
    changes = {"state": [Decision.State.OPEN.value, state], "outcome": [None, decision.outcome_id]}
    write_event(record=decision.record, verb="closed", by=by, now=now, changes=changes)
    return decision


def _require_held(meeting: Meeting, now: datetime) -> None:
    """A meeting that lies ahead has decided nothing."""
    if meeting.is_ahead(timezone.localdate(now)):
        raise Refused(
            _("This meeting takes place on %(day)s. Its decisions can be recorded from that day on.")
            % {"day": date_format(meeting.held_on)}
        )


def _require(allowed: bool) -> None:
    if not allowed:
        raise PermissionDenied
