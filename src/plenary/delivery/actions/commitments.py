"""Taking on what the text promises, and saying what is measured of it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from plenary.kit.errors import Refused
from plenary.records.actions import create_record, put_text, write_event
from plenary.records.models import Organization
from plenary.strategy.models import Clause

from .. import rules
from ..models import Commitment, Indicator
from .shared import plain, require, require_order

if TYPE_CHECKING:
    from plenary.people.models import User


@transaction.atomic
def make_commitment(
    *,
    clause: Clause,
    owner: Organization,
    starts_on: date,
    ends_on: date,
    by: User | None,
    now: datetime,
    co_owners: Collection[Organization] = (),
    title: str = "",
    language: str = "",
) -> Commitment:
    """Somebody takes on a promise of the text. Without a title of its own it is called what the clause is called."""
    require(rules.may_run_rounds(by))
    if clause.kind != Clause.Kind.COMMITMENT:
        raise Refused(_("Only a clause of the kind commitment can be taken on; this one is of another kind."))
    require_order(starts_on, ends_on)
    name = put_text(title, language) if title else clause.record.title
    co_owners = [each for each in co_owners if each.pk != owner.pk]
    record = create_record(
        kind="commitment",
        title=name,
        organization=owner,
        by=by,
        now=now,
        verb="made",
        changes={
            "clause": [None, clause.reference],
            "owner": [None, owner.reference],
            "co_owners": [None, [each.reference for each in co_owners]],
            "starts_on": [None, starts_on.isoformat()],
            "ends_on": [None, ends_on.isoformat()],
        },
    )
    commitment = Commitment.objects.create(
        record=record, clause=clause, owner=owner, starts_on=starts_on, ends_on=ends_on
    )
    commitment.co_owners.set(co_owners)
    return commitment


@transaction.atomic
def close_commitment(*, commitment: Commitment, closed_on: date, by: User | None, now: datetime) -> None:
    """The promise is no longer reported on: rounds that open later leave it out."""
    require(rules.may_run_rounds(by))
    commitment = Commitment.objects.select_for_update(of=("self",)).get(pk=commitment.pk)
    if not commitment.is_running:
        raise Refused(_("This commitment is closed already."))
    if closed_on < commitment.starts_on:
        raise Refused(_("A commitment cannot be closed before it starts."))
    commitment.closed_on = closed_on
    commitment.save(update_fields=["closed_on"])
    write_event(
        record=commitment.record,
        verb="closed",
        by=by,
        now=now,
        changes={"closed_on": [None, closed_on.isoformat()]},
    )


@transaction.atomic
def add_indicator(
    *,
    commitment: Commitment,
    name: str,
    unit: str,
    language: str,
    direction: str,
    by: User | None,
    now: datetime,
    baseline: Decimal | None = None,
    target: Decimal | None = None,
    rollup: str = Indicator.Rollup.SUM,
) -> Indicator:
    """A figure that every later report on the commitment gives, or says why it cannot."""
    require(rules.may_run_rounds(by))
    if not commitment.is_running:
        raise Refused(_("This commitment is closed; a closed commitment takes no new indicators."))
    if baseline is not None and target is not None:
        wrong = target < baseline if direction == Indicator.Direction.INCREASE else target > baseline
        if wrong:
            raise Refused(_("The target lies on the wrong side of the baseline for this direction."))
    record = create_record(
        kind="indicator",
        title=put_text(name, language),
        organization=commitment.owner,
        by=by,
        now=now,
        verb="added",
        changes={
            "commitment": [None, commitment.reference],
            "direction": [None, direction],
            "baseline": [None, plain(baseline)],
            "target": [None, plain(target)],
        },
    )
    return Indicator.objects.create(
        record=record,
        commitment=commitment,
        unit=put_text(unit, language),
        direction=direction,
        baseline=baseline,
        target=target,
        rollup=rollup,
    )
