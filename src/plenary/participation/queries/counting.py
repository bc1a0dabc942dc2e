"""Votes counted: for pages, and for the engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from plenary.participation.models import Consultation, Participant, Statement, Vote
from plenary.participation.wording import Shares

if TYPE_CHECKING:
    import numpy as np
    from django.contrib.auth.models import AnonymousUser

    from plenary.people.models import User

    Viewer = User | AnonymousUser | None
    Column = np.ndarray[Any, np.dtype[Any]]


def counted_votes() -> QuerySet[Vote]:
    """First votes on accepted statements: one for each person and statement that an analysis counts."""
    return Vote.objects.filter(n=0, statement__moderation=Statement.Moderation.ACCEPTED)


def count_people(consultation_ids: Sequence[int]) -> dict[int, int]:
    """How many people voted on an accepted statement, by consultation. One query."""
    voted = Exists(counted_votes().filter(participant=OuterRef("pk")))
    rows = Participant.objects.filter(voted, consultation__in=consultation_ids).values_list("consultation")
    return dict(rows.annotate(Count("id")))


def count_shares(statement_ids: Sequence[int]) -> dict[int, Shares]:
    """Counts over the latest votes, by statement. One aggregate."""
    rows = (
        latest_votes(Vote.objects.filter(statement__in=statement_ids))
        .values_list("statement_id")
        .annotate(
            agree=Count("id", filter=Q(value=Vote.Value.AGREE)),
            disagree=Count("id", filter=Q(value=Vote.Value.DISAGREE)),
            passed=Count("id", filter=Q(value=Vote.Value.PASS)),
        )
    )
    return {statement: Shares(agree, disagree, passed) for statement, agree, disagree, passed in rows}


def latest_votes(votes: QuerySet[Vote], up_to_vote_id: int | None = None) -> QuerySet[Vote]:
    """The votes that no later revision replaced; revisions have no gaps, so the next one is n + 1."""
    newer = Vote.objects.filter(
        participant=OuterRef("participant"), statement=OuterRef("statement"), n=OuterRef("n") + 1
    )
    if up_to_vote_id is not None:
        votes, newer = votes.filter(id__lte=up_to_vote_id), newer.filter(id__lte=up_to_vote_id)
    return votes.filter(~Exists(newer))


def list_votes_for_analysis(
    consultation: Consultation, up_to_vote_id: int | None = None
) -> tuple[Column, Column, Column]:
    """Participants, statements and values (1, −1, 0) as parallel arrays: the latest vote of each pair.

    Only accepted statements and participants who were not erased, in order of participant and statement. One SQL
    query, read in pieces. The first two are database ids, for the engine alone: nothing publishes them.
    """
    import numpy as np

    votes = Vote.objects.filter(
        statement__consultation=consultation,
        statement__moderation=Statement.Moderation.ACCEPTED,
        participant__consultation=consultation,
        participant__erased_at=None,
    )
    rows = (
        latest_votes(votes, up_to_vote_id)
        .order_by("participant_id", "statement_id")
        .values_list("participant_id", "statement_id", "value")
    )
    table = np.fromiter(rows.iterator(chunk_size=10_000), dtype=np.dtype((np.int64, 3)))
    return table[:, 0].copy(), table[:, 1].copy(), table[:, 2].astype(np.int8)


def last_vote_id(consultation: Consultation) -> int:
    """The id up to which the consultation's votes are settled; 0 where there are none.

    PostgreSQL gives ids before the commit, so a smaller one may become visible after a larger one: the lock waits for
    the writers that hold such an id. On SQLite there is one writer at a time, and ids are in the order of commits.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"LOCK TABLE {Vote._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")
        found = Vote.objects.filter(statement__consultation=consultation).aggregate(last=Max("id"))
    return found["last"] or 0
