"""Adopting the next version."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from plenary.kit.errors import Refused
from plenary.kit.numbers import join_words
from plenary.records.actions import create_record, set_title, take_numbers, write_event

from .. import queries, rules
from ..drafting import Draft, Part
from ..models import Change, Clause, ClauseState, Strategy, Version

if TYPE_CHECKING:
    from plenary.people.models import User


def create_version(
    strategy: Strategy,
    number: int,
    *,
    by: User | None,
    now: datetime,
    adopted_on: date,
    review_by: date | None,
) -> Version:
    """An adopted version without its clauses yet."""
    if review_by is not None and review_by <= adopted_on:
        raise Refused(_("The review has to come after the adoption."))
    record = create_record(
        kind="version",
        title=strategy.record.title,
        by=by,
        now=now,
        verb="adopted",
        reference=f"{strategy.reference}@{number}",
        changes={"adopted_on": [None, adopted_on.isoformat()]},
    )
    return Version.objects.create(
        record=record,
        strategy=strategy,
        number=number,
        state=Version.State.ADOPTED,
        adopted_on=adopted_on,
        review_by=review_by,
    )


def local_counter(strategy: Strategy, letter: str) -> str:
    """The counter of a strategy's local references of one kind."""
    return f"{strategy.reference}.{letter}"


@transaction.atomic
def adopt_version(
    *, strategy: Strategy, by: User | None, now: datetime, adopted_on: date, review_by: date | None = None
) -> Version:
    """The next version: the latest one with every accepted change that waits, in the order of the decisions."""
    strategy = Strategy.objects.select_for_update().get(pk=strategy.pk)
    changes = queries.list_waiting_changes(strategy)
    if not changes:
        raise Refused(_("No accepted change waits for a new version."))
    if by is not None and not rules.may_decide(by):
        raise Refused(_("The desk or the committee adopts versions."))
    own = [change.reference for change in changes if by is not None and rules.is_own(by, change)]
    if own:
        raise Refused(
            _("You proposed %(changes)s, so somebody else adopts this version.")
            % {"changes": join_words(own)}
        )
    latest = queries.get_version(strategy)
    assert latest is not None and latest.adopted_on is not None
    if adopted_on < latest.adopted_on:
        raise Refused(
            _("Version %(number)s came into force on %(day)s: a later version cannot come before it.")
            % {"number": latest.number, "day": date_format(latest.adopted_on)}
        )
    draft = Draft(queries.load_states(latest))
    bases = queries.states_before(changes)
    for change in changes:
        draft.apply(change, bases.get(change.pk))
    version = create_version(
        strategy, latest.number + 1, by=by, now=now, adopted_on=adopted_on, review_by=review_by
    )
    parts = list(draft.parts())
    _make_clauses(strategy, parts, by=by, now=now)
    _write_states(version, parts)
    _incorporate(changes, version, by=by, now=now)
    return version


def _make_clauses(strategy: Strategy, parts: Sequence[Part], *, by: User | None, now: datetime) -> None:
    """Additions become clauses with references of their own; clauses with new words take them as their title."""
    for part in parts:
        if part.change is None:
            continue
        if part.clause_id is None:
            clause = _create_clause(strategy, part, by=by, now=now)
            part.clause_id, part.change.clause = clause.pk, clause
        elif part.change.operation == Change.Operation.EDIT and part.change.clause:
            set_title(record=part.change.clause.record, title_id=part.title_id or part.text_id)


def _create_clause(strategy: Strategy, part: Part, *, by: User | None, now: datetime) -> Clause:
    assert part.change is not None
    letter = Clause.LETTERS[Clause.Kind(part.kind)]
    local = f"{letter}{take_numbers(local_counter(strategy, letter))[0]}"
    record = create_record(
        kind="clause",
        title=part.change.title or part.change.text,
        by=by,
        now=now,
        verb="added",
        reference=f"{strategy.reference}.{local}",
        changes={"change": [None, part.change.reference]},
    )
    return Clause.objects.create(record=record, strategy=strategy, kind=part.kind, local=local)


def _write_states(version: Version, parts: Sequence[Part]) -> None:
    ClauseState.objects.bulk_create(
        [
            ClauseState(
                version=version,
                clause_id=part.clause_id,
                parent_id=part.parent.clause_id if part.parent else None,
                order=order,
                number=part.number,
                title_id=part.title_id,
                text_id=part.text_id,
            )
            for order, part in enumerate(parts)
        ],
        batch_size=500,
    )


# What an adoption writes into the history of the clause; an addition has written its own.
VERBS = {Change.Operation.EDIT: "edited", Change.Operation.MOVE: "moved", Change.Operation.REMOVE: "removed"}


def _incorporate(changes: Sequence[Change], version: Version, *, by: User | None, now: datetime) -> None:
    for change in changes:
        change.incorporated_in = version
        change.save(update_fields=["incorporated_in", "clause"])
        where = {"version": [None, version.reference]}
        write_event(record=change.record, verb="incorporated", by=by, now=now, changes=where)
        verb = VERBS.get(Change.Operation(change.operation))
        if verb and change.clause:
            cause = where | {"change": [None, change.reference]}
            write_event(record=change.clause.record, verb=verb, by=by, now=now, changes=cause)


@transaction.atomic
def set_review_date(
    *, version: Version, review_by: date, reason: str, by: User | None, now: datetime
) -> None:
    """A review that ends without a change says why and when the next one is due."""
    if by is not None and not rules.may_decide(by):
        raise Refused(_("The desk or the committee closes reviews."))
    if not reason.strip():
        raise Refused(_("Say why the text stays as it is."))
    if version.adopted_on is None or review_by <= max(version.adopted_on, now.date()):
        raise Refused(_("The next review has to lie ahead."))
    before, version.review_by = version.review_by, review_by
    version.save(update_fields=["review_by"])
    changes = {
        "review_by": [before.isoformat() if before else None, review_by.isoformat()],
        "reason": [None, reason.strip()],
    }
    write_event(record=version.record, verb="reviewed without a change", by=by, now=now, changes=changes)
