"""A vote in as few steps as there can be: on PostgreSQL one statement, on SQLite one read and what is written.

A newcomer's first vote goes the same way, with her participant in the same transaction; a token is all she has here.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

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
# Write nothing where the statement takes no votes, where the revision exists or the one before it is missing, or where
# anything at all happened on the site since the rule was asked: then the vote goes the long way.
INSERT_NEWCOMER = """
    INSERT INTO participation_participant (consultation_id, token_hash, secret, terms, imported_as, since)
    SELECT %s, %s, %s, %s, '', %s
    FROM participation_statement statement
    WHERE statement.record_id = %s AND statement.moderation = 'accepted'
      AND (SELECT max(id) FROM records_event) = %s
    ON CONFLICT DO NOTHING
"""
INSERT_KNOWN = """
    INSERT INTO participation_vote (participant_id, statement_id, n, value, language, at)
    SELECT %s, statement.record_id, %s, %s, %s, %s
    FROM participation_statement statement
    WHERE statement.record_id = %s AND statement.moderation = 'accepted'
      AND (SELECT max(id) FROM records_event) = %s
    ON CONFLICT (participant_id, statement_id, n) DO NOTHING
"""
# All of it at once, on the same conditions. Two first votes of one newcomer: whoever comes second writes nothing.
AT_ONCE = """
    WITH shown AS (
        SELECT statement.record_id AS id
        FROM participation_statement statement
        WHERE statement.record_id = %(statement)s::bigint AND statement.moderation = 'accepted'
          AND (SELECT max(id) FROM records_event) = %(event)s::bigint
    ), known AS (
        SELECT id FROM participation_participant
        WHERE consultation_id = %(consultation)s::bigint AND token_hash = %(token_hash)s::bytea
    ), begun AS (
        INSERT INTO participation_participant (consultation_id, token_hash, secret, terms, imported_as, since)
        SELECT %(consultation)s::bigint, %(token_hash)s::bytea, %(secret)s::bytea, %(terms)s, '', %(since)s::date
        FROM shown WHERE %(n)s::int = 0 AND NOT EXISTS (SELECT 1 FROM known)
        ON CONFLICT DO NOTHING
        RETURNING id
    ), hers AS (
        SELECT vote.statement_id FROM participation_vote vote WHERE vote.participant_id = (SELECT id FROM known)
    ), taken AS (
        INSERT INTO participation_vote (participant_id, statement_id, n, value, language, at)
        SELECT who.id, shown.id, %(n)s::int, %(value)s::smallint, %(language)s, %(at)s::timestamptz
        FROM (SELECT id FROM known UNION ALL SELECT id FROM begun) who, shown
        WHERE %(n)s::int = (SELECT count(*) FROM hers WHERE hers.statement_id = shown.id)
        ON CONFLICT (participant_id, statement_id, n) DO NOTHING
        RETURNING participant_id
    )
    SELECT taken.participant_id,
           ARRAY(SELECT statement_id FROM hers),
           ARRAY(SELECT seen.statement_id FROM participation_seen seen
                 WHERE seen.participant_id = (SELECT id FROM known) ORDER BY seen.id),
           (SELECT has_declined FROM participation_participantattributes attributes
            WHERE attributes.participant_id = (SELECT id FROM known))
    FROM taken
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
    if seen:
        given = {
            "statement": statement,
            "n": n,
            "value": value,
            "language": language,
            "now": now,
            "seen": seen,
        }
        taken = commit_together(lambda: _take(board, voter, given))
        return None if taken is None or taken.is_conflict else _taken(_read(board, voter), pk)
    card = _Card(board, voter, pk, n, value, language, now)
    return _at_once(card) if connection.vendor == "postgresql" else _in_steps(card)


@dataclass(frozen=True, slots=True)
class _Card:
    """What she sent."""

    board: Board
    voter: Voter
    statement: int
    n: int
    value: int
    language: str
    now: datetime


def _at_once(card: _Card) -> Taken | None:
    """One statement, which is a transaction by itself; the database keeps its plan for as long as the connection."""
    from django.db.backends.postgresql.base import ServerBindingCursor

    # Numbers are sent as text: psycopg would choose their types by their sizes, and each choice needs a plan.
    params = {
        "statement": str(card.statement),
        "event": str(card.board.event),
        "consultation": str(card.board.consultation_id),
        "token_hash": card.voter.token_hash,
        "secret": secrets.token_bytes(32),
        "terms": card.board.consultation.terms,
        "since": card.now.date(),
        "n": str(card.n),
        "value": str(card.value),
        "language": card.language,
        "at": card.now,
    }
    connection.ensure_connection()
    psycopg_connection: Any = connection.connection
    make_cursor: Any = ServerBindingCursor
    psycopg_connection.prepare_threshold = 0
    with connection.wrap_database_errors, make_cursor(psycopg_connection) as cursor:
        row = cursor.execute(AT_ONCE, params).fetchone()
    if row is None:
        return None
    return Taken(row[0], {*row[1], card.statement}, row[2], row[3])


def _in_steps(card: _Card) -> Taken | None:
    """For SQLite, where a step costs little and what waits for the disk is shared with others."""
    rows = _read(card.board, card.voter)
    if card.n != sum(row[1] == card.statement and row[2] >= 0 for row in rows):
        return None
    at = Vote._meta.get_field("at").get_db_prep_value(card.now, connection)
    vote = [card.n, card.value, card.language, at, card.statement, card.board.event]
    if not rows:
        begun = commit_together(lambda: _begin(card, vote))
        return Taken(begun, {card.statement}, [], None) if begun else None
    return _taken(rows, card.statement) if commit_together(lambda: _insert([rows[0][0], *vote])) else None


def _begin(card: _Card, vote: list[Any]) -> int | None:
    """The id of the new participant, who has voted; None where somebody was there before."""
    newcomer = [
        card.board.consultation_id,
        card.voter.token_hash,
        secrets.token_bytes(32),
        card.board.consultation.terms,
        card.now.date(),
        card.statement,
        card.board.event,
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(INSERT_NEWCOMER, newcomer)
        if cursor.rowcount != 1:
            return None
        begun = int(cursor.lastrowid)
        cursor.execute(INSERT_KNOWN, [begun, *vote])
    return begun


def _insert(vote: list[Any]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(INSERT_KNOWN, vote)
        return bool(cursor.rowcount == 1)


def _read(board: Board, voter: Voter) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(HER_ACTS, [board.consultation_id, voter.token_hash] * 2)
        return cursor.fetchall()


def _taken(rows: list[Any], statement: int) -> Taken:
    votes = {row[1] for row in rows if row[2] is not None and row[2] >= 0}
    passed = sorted((row for row in rows if row[2] is not None and row[2] < 0), key=lambda row: -row[2])
    declined = next((bool(row[3]) for row in rows if row[3] is not None), None)
    return Taken(rows[0][0], votes | {statement}, [row[1] for row in passed], declined)


def _take(board: Board, voter: Voter, given: dict[str, Any]) -> VoteTaken | None:
    """A vote with more to store, unless something happened since the rule could be asked."""
    if last_event() != board.event:
        return None
    return take_vote(consultation=board.consultation, voter=voter, **given)
