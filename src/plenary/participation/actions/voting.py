"""Votes are only ever added; they are their own log, so one vote writes no event."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.utils.translation import gettext as _

from plenary.kit.errors import Refused
from plenary.participation import queries, rules
from plenary.participation.models import Consultation, Participant, Statement, Vote
from plenary.participation.phases import Act
from plenary.participation.tokens import Voter
from plenary.records.actions import write_event

if TYPE_CHECKING:
    from plenary.people.models import User

# A card may have been opened before its statement was merged: the vote is stored, and counts for the one that is left.
TAKES_VOTES = (Statement.Moderation.ACCEPTED, Statement.Moderation.MERGED)
# One statement, so that no deletion, rejection or second tap can come between looking and writing. It writes nothing
# where the statement is not open to votes, where this revision exists already, or where the one before it is missing.
INSERT_VOTE = """
    INSERT INTO participation_vote (participant_id, statement_id, n, value, language, at)
    SELECT %(participant)s, statement.record_id, %(n)s, %(value)s, %(language)s, %(at)s
    FROM participation_statement statement
    JOIN records_record record ON record.id = statement.record_id
    WHERE record.reference = %(statement)s
      AND statement.consultation_id = %(consultation)s
      AND statement.moderation IN ('accepted', 'merged')
      AND (%(n)s = 0 OR EXISTS (
        SELECT 1 FROM participation_vote earlier
        WHERE earlier.participant_id = %(participant)s
          AND earlier.statement_id = statement.record_id
          AND earlier.n = %(n)s - 1))
    ON CONFLICT (participant_id, statement_id, n) DO NOTHING
"""
# What she went past before this vote. Only what is open to votes here: the list comes from her form.
INSERT_SEEN = """
    INSERT INTO participation_seen (participant_id, statement_id, at)
    SELECT %s, statement.record_id, %s
    FROM participation_statement statement
    JOIN records_record record ON record.id = statement.record_id
    WHERE statement.consultation_id = %s AND statement.moderation = 'accepted' AND record.reference IN ({names})
    ON CONFLICT (participant_id, statement_id) DO NOTHING
"""
INSERT_VOTES = """
    INSERT INTO participation_vote (participant_id, statement_id, n, value, language, at)
    VALUES (%s, %s, %s, %s, %s, %s)
"""
BATCH = 5_000


@dataclass(frozen=True)
class VoteTaken:
    """What became of a vote: it stands, now or since an earlier try, or another answer stands in its place."""

    value: int
    """Her present answer to the statement."""
    n: int
    is_conflict: bool = False
    """Another answer of hers stands under this number: hers was not counted, and she should be asked."""
    is_written: bool = field(default=False, compare=False)
    """It was written now; a retry of a vote that stands already writes nothing."""
    participant_id: int = field(default=0, compare=False)
    """Whose it is, where it was written now."""


@transaction.atomic
def take_vote(
    *,
    consultation: Consultation,
    voter: Voter,
    statement: str,
    n: int,
    value: int,
    language: str,
    now: datetime,
    seen: Sequence[str] = (),
) -> VoteTaken:
    """Add a vote, and with the first one its participant, in one transaction.

    ``statement`` is a reference; ``n`` is the revision that her card would write. The same n with an equal value is a
    retry and a success; with another value the first one stands. ``seen`` are statements that she went past before.
    """
    if not rules.may_vote(consultation, now):
        raise Refused(
            _("This consultation is not open for votes now. Your vote was not counted."), code="closed"
        )
    if value not in Vote.Value.values:
        raise Refused(_("This is not an answer to a statement."))
    require_account(consultation=consultation, voter=voter, act=Act.VOTE)
    participant = ensure_participant(consultation=consultation, voter=voter, now=now)
    at = Vote._meta.get_field("at").get_db_prep_value(now, connection)
    with connection.cursor() as cursor:
        if seen:
            names = ", ".join(["%s"] * len(seen))
            cursor.execute(INSERT_SEEN.format(names=names), [participant.pk, at, consultation.pk, *seen])
        cursor.execute(
            INSERT_VOTE,
            {
                "participant": participant.pk,
                "consultation": consultation.pk,
                "statement": statement,
                "n": n,
                "value": value,
                "language": language,
                "at": at,
            },
        )
        if cursor.rowcount == 1:
            return VoteTaken(value, n, participant_id=participant.pk, is_written=True)
    return _standing_vote(participant, consultation, statement, n, value)


def _standing_vote(
    participant: Participant, consultation: Consultation, statement: str, n: int, value: int
) -> VoteTaken:
    """Why nothing was written: a retry, another answer, or a statement that takes no votes."""
    votes = dict(
        Vote.objects.filter(
            participant=participant,
            statement__record__reference=statement,
            statement__consultation=consultation,
            statement__moderation__in=TAKES_VOTES,
        ).values_list("n", "value")
    )
    if not votes:
        raise Refused(
            _("This statement is not open for votes any more. Your vote was not counted."), code="gone"
        )
    latest = max(votes)
    return VoteTaken(votes[latest], latest, is_conflict=votes.get(n) != value)


def require_account(*, consultation: Consultation, voter: Voter, act: Act) -> None:
    """Refuse who is not signed in, where this consultation takes such an act from accounts alone."""
    if rules.must_sign_in(consultation, act, has_account=voter.user is not None):
        raise Refused(
            _(
                "This consultation asks everybody to sign in first, so nothing was counted. Sign in, and go on here."
            ),
            code="account",
        )


def ensure_participant(*, consultation: Consultation, voter: Voter, now: datetime) -> Participant:
    """The participant behind a token or an account; made with her first act. Any number of tries make one."""
    participant = queries.get_participant(consultation, voter)
    if participant is None and consultation.access == Consultation.Access.INVITED:
        # An invitation made its participant when its code was used: nobody else takes part.
        raise Refused(
            _(
                "Only those who were invited take part here, so nothing was counted. Enter the code of your "
                "invitation under “Take part”, and go on here."
            ),
            code="invited",
        )
    if participant is None:
        newcomer = Participant(
            consultation=consultation,
            token_hash=voter.token_hash,
            user=voter.user,
            secret=secrets.token_bytes(32),
            terms=consultation.terms,
            since=now.date(),
        )
        # INSERT … ON CONFLICT DO NOTHING: whoever comes second waits for the first and finds her row.
        Participant.objects.bulk_create([newcomer], ignore_conflicts=True)
        participant = queries.get_participant(consultation, voter)
        assert participant is not None
    return participant


@dataclass(frozen=True)
class BulkVote:
    """One row of many. ``participant`` is any key that tells people of one call apart."""

    participant: str
    statement_id: int
    value: int
    at: datetime
    language: str = ""


@transaction.atomic
def record_votes(
    *,
    consultation: Consultation,
    votes: Sequence[BulkVote],
    by: User | None,
    now: datetime,
    others: Iterable[str] = (),
    keep_keys: bool = False,
    progress: Callable[[int], None] | None = None,
) -> dict[str, Participant]:
    """Add many people's votes at once, in the order given, and return the participants by their keys.

    Every key becomes a new participant without a token; ``others`` are keys of people who cast no vote; ``keep_keys``
    stores the keys as ids of an import. A repeated pair of participant and statement is a revision.
    """
    participants = _add_participants(consultation, votes, others, now, keep_keys)
    known = set(Statement.objects.filter(consultation=consultation).values_list("pk", flat=True))
    revisions: dict[tuple[str, int], int] = {}
    prepare = Vote._meta.get_field("at").get_db_prep_value
    rows = []
    for vote in votes:
        if vote.statement_id not in known or vote.value not in (-1, 0, 1):
            raise Refused(f"Not a vote of this consultation: {vote}")
        key = (vote.participant, vote.statement_id)
        n = revisions[key] = revisions.get(key, -1) + 1
        participant = participants[vote.participant].pk
        rows.append(
            (participant, vote.statement_id, n, vote.value, vote.language, prepare(vote.at, connection))
        )
    with connection.cursor() as cursor:
        for start in range(0, len(rows), BATCH):
            batch = rows[start : start + BATCH]
            cursor.executemany(INSERT_VOTES, batch)
            if progress is not None:
                progress(len(batch))
    changes = {"participants": [None, len(participants)], "votes": [None, len(rows)]}
    write_event(record=consultation.record, verb="votes recorded", by=by, now=now, changes=changes)
    return participants


def _add_participants(
    consultation: Consultation,
    votes: Sequence[BulkVote],
    others: Iterable[str],
    now: datetime,
    keep_keys: bool,
) -> dict[str, Participant]:
    since = {key: now.date() for key in others}
    for vote in votes:
        day = vote.at.date()
        since[vote.participant] = min(day, since.get(vote.participant, day))
    made = Participant.objects.bulk_create(
        [
            Participant(
                consultation=consultation,
                secret=secrets.token_bytes(32),
                terms=consultation.terms,
                imported_as=key if keep_keys else "",
                since=day,
            )
            for key, day in since.items()
        ],
        batch_size=500,
    )
    return dict(zip(since, made, strict=True))
