"""The vote of somebody who voted before, in as few steps as there can be: one read of what she did, one INSERT."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from plenary.kit.together import commit_together
from plenary.participation import rules
from plenary.participation.models import Vote
from plenary.participation.queries import Board, last_event
from plenary.participation.tokens import Voter

from .voting import VoteTaken, take_vote

# What she did: her votes with their numbers, with numbers below nothing what she went past, and whether she was asked
# about herself and said nothing.
HER_ACTS = """
    SELECT participant.id, vote.statement_id, vote.n, attributes.has_declined
    FROM participation_participant participant
    LEFT JOIN participation_participantattributes attributes ON attributes.participant_id = participant.id
    LEFT JOIN participation_vote vote ON vote.participant_id = participant.id
    WHERE participant.consultation_id = %s AND participant.token_hash = %s
    UNION ALL
    SELECT participant.id, seen.statement_id, -seen.id, NULL
    FROM participation_participant participant
    JOIN participation_seen seen ON seen.participant_id = participant.id
    WHERE participant.consultation_id = %s AND participant.token_hash = %s
"""
# Writes nothing where the statement takes no votes, where the revision exists or the one before it is missing, or where
# anything at all happened on the site since the rule was asked: then the vote goes the long way.
INSERT_KNOWN = """
    INSERT INTO participation_vote (participant_id, statement_id, n, value, language, at)
    SELECT %s, statement.record_id, %s, %s, %s, %s
    FROM participation_statement statement
    WHERE statement.record_id = %s AND statement.moderation = 'accepted'
      AND (SELECT max(id) FROM records_event) = %s
    ON CONFLICT (participant_id, statement_id, n) DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """Her vote stands and is durable; what she did, with it."""

    participant_id: int
    votes: set[int]
    """Statements that she voted on."""
    passed: list[int]
    """Statements that she went past."""
    has_declined: bool | None
    """To say something about herself; None where she was not asked yet."""


def take_vote_quickly(
    *,
    board: Board,
    voter: Voter,
    statement: str,
    n: int,
    value: int,
    language: str,
    now: datetime,
    seen: Sequence[str],
) -> Taken | None:
    """Add a vote as ``take_vote`` does, or return None where that has to look at it: a refusal, a conflict, an error.

    The rule is asked about the consultation as the board has it; the INSERT writes only if no event came since.
    """
    pk = board.ids.get(statement)
    if pk is None or not rules.may_vote(board.consultation, now):
        return None
    params = [board.consultation_id, voter.token_hash] * 2
    rows = _execute(HER_ACTS, params, lambda cursor: cursor.fetchall())
    if not rows or seen:
        given = {
            "statement": statement,
            "n": n,
            "value": value,
            "language": language,
            "now": now,
            "seen": seen,
        }
        taken = commit_together(lambda: _take(board, voter, given))
        if taken is None or taken.is_conflict:
            return None
        if taken.is_written and not rows and not seen:
            return Taken(taken.participant_id, {pk}, [], None)
        rows = _execute(HER_ACTS, params, lambda cursor: cursor.fetchall())
    else:
        before = [row[2] for row in rows if row[1] == pk and row[2] >= 0]
        if n != len(before):
            return None
        at = Vote._meta.get_field("at").get_db_prep_value(now, connection)
        row = [rows[0][0], n, value, language, at, pk, board.event]
        if not _write(INSERT_KNOWN, row):
            return None
    votes = {row[1] for row in rows if row[2] is not None and row[2] >= 0}
    votes.add(pk)
    passed = sorted((row for row in rows if row[2] is not None and row[2] < 0), key=lambda row: -row[2])
    declined = next((bool(row[3]) for row in rows if row[3] is not None), None)
    return Taken(rows[0][0], votes, [row[1] for row in passed], declined)


def _take(board: Board, voter: Voter, given: dict[str, Any]) -> VoteTaken | None:
    """A newcomer's vote, or one with more to store, unless something happened since the rule could be asked."""
    if last_event() != board.event:
        return None
    return take_vote(consultation=board.consultation, voter=voter, **given)


def _write(sql: str, params: list[Any]) -> bool:
    def insert() -> bool:
        return bool(_execute(sql, params, lambda cursor: cursor.rowcount == 1))

    if connection.vendor == "sqlite":
        return commit_together(insert)
    return insert()  # a statement alone is a transaction


def _execute(sql: str, params: list[Any], then: Callable[[Any], Any]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return then(cursor)
