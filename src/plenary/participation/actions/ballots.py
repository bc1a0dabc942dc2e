"""The final round: the desk sets its short list, people send their ballots. Their answers are votes like all others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.utils.translation import gettext as _

from plenary.kit.errors import Refused
from plenary.participation import queries, rules
from plenary.participation.models import BallotEntry, BallotSent, Consultation, Participant, Statement, Vote
from plenary.participation.phases import Act, Phase
from plenary.participation.tokens import Voter
from plenary.records.actions import write_event

from .voting import INSERT_VOTE, ensure_participant, require_account

if TYPE_CHECKING:
    from plenary.people.models import User

FEWEST, MOST = 3, 12
"""Statements of a ballot: with fewer there is nothing to weigh, more are not read to the end on one page."""


@transaction.atomic
def set_ballot(
    *, consultation: Consultation, statements: Sequence[Statement], by: User | None, now: datetime
) -> None:
    """Choose the short list, in its order. It can be changed until somebody has sent a ballot."""
    if queries.is_ballot_begun(consultation) or consultation.phase_at(now) not in (
        Phase.ANNOUNCED,
        Phase.OPEN,
        Phase.FINAL,
    ):
        raise Refused(_("People have answered this ballot already, or the round is over: it stays as it is."))
    if not FEWEST <= len(statements) <= MOST:
        raise Refused(
            _("A ballot has %(fewest)s to %(most)s statements; %(count)s are chosen.")
            % {"fewest": FEWEST, "most": MOST, "count": len(statements)}
        )
    if len({item.pk for item in statements}) < len(statements) or any(
        item.consultation_id != consultation.pk or item.moderation != Statement.Moderation.ACCEPTED
        for item in statements
    ):
        raise Refused(_("A ballot holds accepted statements of this consultation, each once."))
    before = [item.reference for item in queries.list_ballot(consultation)]
    after = [item.reference for item in statements]
    if before == after:
        return
    BallotEntry.objects.filter(consultation=consultation).delete()
    BallotEntry.objects.bulk_create(
        BallotEntry(consultation=consultation, statement=item, position=place)
        for place, item in enumerate(statements, start=1)
    )
    write_event(
        record=consultation.record, verb="ballot set", by=by, now=now, changes={"ballot": [before, after]}
    )


@transaction.atomic
def send_ballot(
    *,
    consultation: Consultation,
    voter: Voter,
    answers: Mapping[str, int],
    languages: Mapping[str, str],
    now: datetime,
) -> int:
    """Add what she answered as votes, all or none, and return how many stand newly. What she left out stays as it was.

    ``answers`` are values by reference of statement, ``languages`` in which each was read. It may be sent again until
    the round ends; equal answers write nothing.
    """
    if not rules.may_vote_finally(consultation, now):
        raise Refused(
            _(
                "The final round is not open now. Your ballot was not counted; what you answered before stands."
            ),
            code="closed",
        )
    require_account(consultation=consultation, voter=voter, act=Act.VOTE_FINALLY)
    entries = {item.reference: item for item in queries.list_ballot(consultation)}
    if not entries or not answers.keys() <= entries.keys() or not set(answers.values()) <= {-1, 0, 1}:
        raise Refused(
            _("This ballot is not the present one. Nothing was counted; here it is as it stands now."),
            code="changed",
        )
    participant = ensure_participant(consultation=consultation, voter=voter, now=now)
    # Two ballots of hers at once follow one another, so that revisions have no gaps and none is lost.
    Participant.objects.select_for_update().get(pk=participant.pk)
    known = queries.list_answers(participant)
    at = Vote._meta.get_field("at").get_db_prep_value(now, connection)
    written = 0
    with connection.cursor() as cursor:
        for reference, value in answers.items():
            statement = entries[reference]
            answer = known.get(statement.pk)
            changed = statement.asks_again_since
            stands = answer is not None and (changed is None or answer.at >= changed)
            if stands and answer is not None and answer.value == value:
                continue
            cursor.execute(
                INSERT_VOTE,
                {
                    "participant": participant.pk,
                    "consultation": consultation.pk,
                    "statement": reference,
                    "n": 0 if answer is None else answer.n + 1,
                    "value": value,
                    "language": languages.get(reference, ""),
                    "at": at,
                },
            )
            written += cursor.rowcount
    sent, is_new = BallotSent.objects.get_or_create(
        participant=participant, defaults={"first_at": now, "last_at": now}
    )
    if not is_new:
        sent.last_at = now
        sent.save(update_fields=["last_at"])
    return written
