"""Opening a round, freezing what it brought, and opening it again."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from plenary.kit.errors import Refused
from plenary.kit.numbers import join_words
from plenary.records.actions import create_record, put_text, set_visibility, take_snapshot, write_event
from plenary.records.models import Visibility
from plenary.strategy.models import Strategy

from .. import rules
from ..frozen import canonical_json, round_content
from ..models import Report, Round
from .shared import locked_round, require, require_open, require_order

if TYPE_CHECKING:
    from plenary.people.models import User


@transaction.atomic
def open_round(
    *,
    strategy: Strategy,
    title: str,
    language: str,
    opens_on: date,
    closes_on: date,
    by: User | None,
    now: datetime,
) -> Round:
    """Ask the owners of a strategy's commitments to report between two days."""
    require(rules.may_run_rounds(by))
    require_order(opens_on, closes_on)
    if closes_on < timezone.localdate(now):
        raise Refused(_("This day has passed already."))
    record = create_record(
        kind="round",
        title=put_text(title, language),
        by=by,
        now=now,
        verb="opened",
        changes={
            "strategy": [None, strategy.reference],
            "opens_on": [None, opens_on.isoformat()],
            "closes_on": [None, closes_on.isoformat()],
        },
    )
    return Round.objects.create(record=record, strategy=strategy, opens_on=opens_on, closes_on=closes_on)


@transaction.atomic
def close_round(*, round: Round, by: User | None, now: datetime) -> Round:
    """Freeze what was reported, reviewed and left unsaid, and publish it."""
    require(rules.may_run_rounds(by))
    round = locked_round(round)
    today = timezone.localdate(now)
    require_open(round, today)
    waiting = round.reports.filter(state=Report.State.SUBMITTED).order_by("record__number")
    names = list(waiting.values_list("record__reference", flat=True))
    if names:
        message = _(
            "These reports wait for a decision: %(names)s. Accept or return them, then close the round."
        )
        raise Refused(message % {"names": join_words(names)})
    content = round_content(round, now)
    if today <= round.closes_on and any(entry["silent"] for entry in content["commitments"]):
        message = _("Owners may still report until %(day)s. The round can be closed after that day.")
        raise Refused(message % {"day": date_format(round.closes_on)})
    snapshot = take_snapshot(content=canonical_json(content), now=now)
    round.frozen = snapshot
    round.save(update_fields=["frozen"])
    round.snapshots.add(snapshot)
    for report in round.reports.filter(state=Report.State.ACCEPTED).select_related("record"):
        set_visibility(record=report.record, visibility=Visibility.PUBLIC)
    for review in round.reviews.select_related("record"):
        set_visibility(record=review.record, visibility=Visibility.PUBLIC)
    write_event(
        record=round.record, verb="closed", by=by, now=now, changes={"snapshot": [None, snapshot.sha256]}
    )
    return round


@transaction.atomic
def reopen_round(*, round: Round, closes_on: date, reason: str, by: User | None, now: datetime) -> Round:
    """Take reports again. What was published stays published; closing again freezes a snapshot beside it."""
    require(rules.may_run_rounds(by))
    round = locked_round(round)
    if round.frozen is None:
        raise Refused(_("This round is open already."))
    if closes_on < timezone.localdate(now):
        raise Refused(_("The new closing day has passed already."))
    if not reason.strip():
        raise Refused(_("Say why the round is opened again; the reason stays in its history."))
    changes = {
        "snapshot": [round.frozen.sha256, None],
        "closes_on": [round.closes_on.isoformat(), closes_on.isoformat()],
        "reason": [None, reason],
    }
    round.frozen, round.closes_on = None, closes_on
    round.save(update_fields=["frozen", "closes_on"])
    write_event(record=round.record, verb="reopened", by=by, now=now, changes=changes)
    return round
