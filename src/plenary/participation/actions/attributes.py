"""What people say about themselves, and whom a consultation wants to reach.

What a participant says writes no event: the history is public, and an entry would tell when somebody said something
about herself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from plenary.kit.errors import Refused
from plenary.participation import queries, rules
from plenary.participation.attributes import NAMES, attributes_for
from plenary.participation.models import Consultation, Participant, ParticipantAttributes
from plenary.participation.tokens import Voter
from plenary.records.actions import write_event

if TYPE_CHECKING:
    from plenary.people.models import User


@transaction.atomic
def give_attributes(
    *, consultation: Consultation, voter: Voter, said: Mapping[str, str], now: datetime
) -> ParticipantAttributes:
    """Keep what a participant says about herself, in place of what she said before; all empty is a decline.

    Refuses attributes that are not asked for and values that are not on their list, and then keeps nothing of it. A
    change is written as a new row: published counts move on in steps of several rows, in the order of their ids, so
    that nobody reads one person's change off them.
    """
    if not rules.may_give_attributes(consultation, now):
        raise Refused(
            _("This consultation does not ask about you now. Nothing of this was saved."), code="closed"
        )
    participant = queries.get_participant(consultation, voter)
    if participant is None or participant.erased_at is not None:
        raise Refused(_("Only those who voted are asked about themselves. Nothing of this was saved."))
    asked = {
        each.name: each for each in attributes_for(consultation.attributes_asked, consultation.languages)
    }
    for name, value in said.items():
        if value and (name not in asked or value not in asked[name].keys):
            raise Refused(
                _("“%(value)s” is not one of the answers. Nothing was saved.") % {"value": value[:40]}
            )
    given = {name: value for name, value in said.items() if value}
    ParticipantAttributes.objects.filter(participant=participant).delete()
    return ParticipantAttributes.objects.create(
        participant=participant, has_declined=not given, given_on=now.date(), **given
    )


@transaction.atomic
def record_attributes(
    *, consultation: Consultation, said: Mapping[Participant, Mapping[str, str]], now: datetime
) -> int:
    """Keep at once what many said about themselves, on paper for instance; returns of how many.

    Refuses all where one value is none that is asked for. Who has said something already keeps that.
    """
    asked = {
        each.name: each for each in attributes_for(consultation.attributes_asked, consultation.languages)
    }
    for values in said.values():
        for name, value in values.items():
            if value and (name not in asked or value not in asked[name].keys):
                raise Refused(
                    _("“%(value)s” is not one of the answers. Nothing was saved.") % {"value": value[:40]}
                )
    made = ParticipantAttributes.objects.bulk_create(
        [
            ParticipantAttributes(
                participant=participant, given_on=now.date(), has_declined=not any(values.values()), **values
            )
            for participant, values in said.items()
        ],
        batch_size=100,
        ignore_conflicts=True,
    )
    return len(made)


@transaction.atomic
def erase_attributes(*, participant: Participant) -> bool:
    """Destroy all that a participant said about herself; whether there was anything. She is not asked again."""
    found = ParticipantAttributes.objects.filter(participant=participant)
    had_some = found.filter(has_declined=False).exists()
    on = found.values_list("given_on", flat=True).first()
    if on is not None:
        found.delete()
        ParticipantAttributes.objects.create(participant=participant, has_declined=True, given_on=on)
    return had_some


@transaction.atomic
def set_audience(
    *,
    consultation: Consultation,
    margins: Mapping[str, Mapping[str, float]],
    asked: Sequence[str],
    by: User,
    now: datetime,
) -> None:
    """Say whom the consultation wants to reach, and what people are asked about themselves."""
    if not rules.may_open_consultation(by):
        raise PermissionDenied
    unknown = [name for name in asked if name not in NAMES]
    if unknown:
        raise Refused(_("“%(name)s” is nothing that people can be asked.") % {"name": unknown[0]})
    after = {"margins": {name: dict(own) for name, own in margins.items()}, "attributes_asked": list(asked)}
    before = {name: getattr(consultation, name) for name in after}
    if after == before:
        return
    for name, value in after.items():
        setattr(consultation, name, value)
    consultation.save(update_fields=list(after))
    write_event(
        record=consultation.record,
        verb="audience set",
        by=by,
        now=now,
        changes={name: [before[name], after[name]] for name in after if before[name] != after[name]},
    )
