"""Votes counted: for pages, and for the engine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import wraps
from time import monotonic
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from plenary.participation.models import Consultation, PaperBallot, Participant, Statement, Vote
from plenary.participation.wording import Shares

from .columns import Milliseconds, read_columns
from .integrity import not_flagged

if TYPE_CHECKING:
    import numpy as np
    from django.contrib.auth.models import AnonymousUser

    from plenary.people.models import User

    Viewer = User | AnonymousUser | None
    Column = np.ndarray[Any, np.dtype[Any]]


# On what an analysis counts: accepted statements, and those merged into an accepted one.
ON_ACCEPTED = Q(statement__moderation=Statement.Moderation.ACCEPTED) | Q(
    statement__moderation=Statement.Moderation.MERGED,
    statement__counts_for__moderation=Statement.Moderation.ACCEPTED,
)
# Neither merged nor reworded: the first vote of each person is as good as her latest to count.
PLAIN = Q(moderation=Statement.Moderation.ACCEPTED, counts_for=None, asks_again_since=None)
# Where a statement's meaning was changed, the votes given before do not count until they are given again.
STILL_MEANT = (Q(statement__asks_again_since=None) | Q(at__gte=F("statement__asks_again_since"))) & (
    Q(statement__counts_for__asks_again_since=None) | Q(at__gte=F("statement__counts_for__asks_again_since"))
)
# Who was erased keeps rows that lead to nobody. They are read once a query, from an index of nearly nobody.
NOT_ERASED = ~Q(participant__in=Participant.objects.filter(erased_at__isnull=False).values("pk"))
# A paper ballot that was withdrawn keeps its votes, which count nowhere.
NOT_WITHDRAWN = ~Q(
    participant__in=PaperBallot.objects.filter(withdrawn_at__isnull=False).values("participant_id")
)
# The statement for which a vote counts: its own, or the one into which that was merged.
COUNTS_FOR = Coalesce("statement__counts_for_id", "statement_id")


def counted_votes(consultation_ids: Sequence[int] | None = None) -> QuerySet[Vote]:
    """One vote for each person and statement that an analysis counts; of those on accepted statements.

    Where nothing was merged or changed its meaning, these are the first votes, which the index alone tells.
    """
    here = Q() if consultation_ids is None else Q(statement__consultation__in=consultation_ids)
    plain = Q(statement__counts_for=None, statement__asks_again_since=None)
    return Vote.objects.filter(here, ON_ACCEPTED, NOT_WITHDRAWN, NOT_ERASED).filter(
        plain & Q(n=0) | ~plain & _latest(here) & STILL_MEANT
    )


MANY = 1_000_000
KEPT_FOR = 100  # times as long as counting took
_kept: dict[tuple[str, frozenset[int]], tuple[float, dict[int, int]]] = {}


def _kept_where_many(
    count: Callable[[Sequence[int]], dict[int, int]],
) -> Callable[[Sequence[int]], dict[int, int]]:
    """Numbers of a million are some minutes old, since every page shows them and they take seconds to count."""

    @wraps(count)
    def counted(consultation_ids: Sequence[int]) -> dict[int, int]:
        asked, begun = (count.__name__, frozenset(consultation_ids)), monotonic()
        until, numbers = _kept.get(asked, (0.0, {}))
        if begun < until:
            return numbers
        numbers = count(consultation_ids)
        if sum(numbers.values()) >= MANY:
            _kept[asked] = (begun + KEPT_FOR * (monotonic() - begun), numbers)
        return numbers

    return counted


@_kept_where_many
def count_people(consultation_ids: Sequence[int]) -> dict[int, int]:
    """How many people voted on an accepted statement, by consultation. One query.

    Whoever voted did so, but for those who voted on what was rejected, merged or reworded: only these are looked at
    vote by vote, since there may be a million of the others.
    """
    odd = Statement.objects.filter(~PLAIN, consultation__in=consultation_ids).values("pk")
    counted = Exists(Vote.objects.filter(ON_ACCEPTED, STILL_MEANT, participant=OuterRef("pk")))
    people = (
        Participant.objects.filter(
            Exists(Vote.objects.filter(participant=OuterRef("pk"))),
            consultation__in=consultation_ids,
            erased_at=None,
        )
        .exclude(Q(pk__in=Vote.objects.filter(statement__in=odd).values("participant")) & ~counted)
        .exclude(pk__in=PaperBallot.objects.filter(withdrawn_at__isnull=False).values("participant_id"))
    )
    return dict(people.order_by().values_list("consultation").annotate(count=Count("id")))


@_kept_where_many
def count_answers(consultation_ids: Sequence[int]) -> dict[int, int]:
    """How many votes an analysis counts (``counted_votes``), by consultation. Three queries.

    The first votes on statements that were neither merged nor reworded are counted in an index alone, of which those of
    the few who are gone are taken away; whatever else counts is looked at vote by vote.
    """
    plain = Statement.objects.filter(PLAIN, consultation__in=consultation_ids)
    first = Vote.objects.filter(n=0).order_by()
    of_one = first.filter(statement=OuterRef("pk")).values("statement").annotate(count=Count("id"))
    on_plain = plain.order_by().values("consultation").annotate(
        count=Sum(Coalesce(Subquery(of_one.values("count")), 0))
    )  # fmt: skip
    erased = Participant.objects.filter(erased_at__isnull=False).values("pk")
    withdrawn = PaperBallot.objects.filter(withdrawn_at__isnull=False).values("participant_id")
    gone = first.filter(
        Q(participant__in=erased) | Q(participant__in=withdrawn), statement__in=plain.values("pk")
    )
    odd = counted_votes(consultation_ids).filter(
        ~Q(statement__counts_for=None, statement__asks_again_since=None)
    )
    found: Counter[int] = Counter(dict(on_plain.values_list("consultation", "count")))
    found.subtract(_by_consultation(gone))
    found.update(_by_consultation(odd))
    return {key: count for key, count in found.items() if count}


def _by_consultation(votes: QuerySet[Vote]) -> dict[int, int]:
    counted = votes.order_by().values("statement__consultation").annotate(count=Count("id"))
    return dict(counted.values_list("statement__consultation", "count"))


def count_shares(statement_ids: Sequence[int], *, without_flagged: bool = False) -> dict[int, Shares]:
    """Counts over the latest votes, by statement, those on what was merged into it among them. Two queries.

    ``without_flagged`` leaves out whom a confirmed flag names; their votes stay as they are.
    """
    wanted = set(statement_ids)
    merged = Statement.objects.filter(counts_for__in=wanted).values_list("pk", flat=True)
    here = Q(statement__in=wanted.union(merged))
    whose = not_flagged() if without_flagged else Q()
    rows = (
        Vote.objects.filter(here, _latest(here), STILL_MEANT, NOT_WITHDRAWN, NOT_ERASED, whose)
        .values_list(COUNTS_FOR)
        .annotate(
            agree=Count("id", filter=Q(value=Vote.Value.AGREE)),
            disagree=Count("id", filter=Q(value=Vote.Value.DISAGREE)),
            passed=Count("id", filter=Q(value=Vote.Value.PASS)),
        )
    )
    return {
        statement: Shares(agree, disagree, passed)
        for statement, agree, disagree, passed in rows
        if statement in wanted
    }


def latest_votes(
    votes: QuerySet[Vote], up_to_vote_id: int | None = None, here: Q | None = None
) -> QuerySet[Vote]:
    """The votes that count: one for each person and statement, her latest.

    Revisions have no gaps, so a vote is replaced where there is an n + 1 of it. Of a family of merged statements, her
    latest vote on any of them counts; ids are in the order in which votes were given. What she said before a
    statement's meaning was changed is left out. ``here`` says once more which votes are meant, to save a look at the
    families of other consultations.
    """
    settled = Q() if up_to_vote_id is None else Q(id__lte=up_to_vote_id)
    return votes.filter(settled, _latest(here or Q(), settled), STILL_MEANT, NOT_WITHDRAWN)


def _latest(here: Q, settled: Q | None = None) -> Q:
    settled = settled or Q()
    newer = Vote.objects.filter(
        settled, participant=OuterRef("participant"), statement=OuterRef("statement"), n=OuterRef("n") + 1
    )
    # One look at all families, rather than one for each vote.
    of_families = (
        Vote.objects.filter(here, settled, STILL_MEANT, statement__counts_for__isnull=False)
        .order_by()
        .values("participant", "statement__counts_for")
        .annotate(last=Max("id"))
        .values("last")
    )
    return Q(Q(statement__counts_for=None), ~Exists(newer)) | Q(
        statement__counts_for__isnull=False, id__in=of_families
    )


def list_votes_for_analysis(
    consultation: Consultation,
    up_to_vote_id: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> tuple[Column, Column, Column, Column]:
    """Participants, statements, values (1, −1, 0) and milliseconds since 1970 as parallel arrays, in no order.

    The latest vote of each pair; of accepted statements and participants who were not erased alone. Votes on a merged
    statement stand under the one into which it was merged. Three SQL queries, four where some were merged, read in
    pieces: about 22 bytes a vote. The first two are database ids, for the engine alone: nothing publishes them.
    ``progress`` is told how many were read.
    """
    import numpy as np

    votes = Vote.objects.filter(
        statement__consultation=consultation,
        participant__consultation=consultation,
        participant__erased_at=None,
    ).filter(ON_ACCEPTED)
    here = Q(statement__consultation=consultation)
    settled = Q() if up_to_vote_id is None else Q(id__lte=up_to_vote_id)
    columns = ("participant_id", COUNTS_FOR, "value", Milliseconds(F("at")))
    # Of statements that stand by themselves all votes are read, and those that she changed are left out here: to ask
    # for each of many million votes whether there is a newer one takes the database several times as long.
    # Which stand by themselves is asked once, so that what is merged meanwhile is not read twice.
    merged = list(consultation.statements.filter(counts_for__isnull=False).values_list("pk", flat=True))
    by_itself = votes.filter(settled, STILL_MEANT, NOT_WITHDRAWN).exclude(statement__in=merged)
    in_families = latest_votes(votes.filter(statement__in=merged), up_to_vote_id, here)
    types, keep = ("i4", "i4", "i1", "i8"), _keep_latest(Vote.objects.filter(here, settled, n__gt=0))
    found = read_columns(
        by_itself.order_by().values_list(*columns, "n"), *types, keep=keep, progress=progress
    )
    others = read_columns(in_families.order_by().values_list(*columns), *types)
    people, statements, values, ms = (np.concatenate(both) for both in zip(found, others, strict=True))
    return people, statements, values, ms


def _keep_latest(changed: QuerySet[Vote]) -> Callable[[Column], Column]:
    """Which votes are their persons' latest: of those in ``changed``, the last; of all others, the first.

    For tables whose first columns are participant and statement, and whose last is the number of the revision.
    Revisions have no gaps, and what comes after ``changed`` was asked is no vote of hers yet.
    """
    import numpy as np

    person, statement, n = read_columns(
        changed.order_by().values_list("participant_id", "statement_id", "n"), "i8", "i8", "i4"
    )
    key = person << 32 | statement
    order = np.lexsort((n, key))
    key, n = key[order], n[order]
    is_last = np.append(key[1:] != key[:-1], True)[: key.size]
    key, n = key[is_last], n[is_last]

    def keep(table: Column) -> Column:
        own = table[:, 0] << 32 | table[:, 1]
        latest = np.zeros(len(own), dtype=np.int64)
        if key.size:
            at = np.minimum(np.searchsorted(key, own), key.size - 1)
            is_there = key[at] == own
            latest[is_there] = n[at[is_there]]
        return table[:, -1] == latest

    return keep


def count_votes_given(consultation: Consultation, *, after: int = 0, up_to: int | None = None) -> int:
    """How many votes were given between two ids, earlier ones and those on rejected statements among them."""
    statements = list(consultation.statements.values_list("pk", flat=True))
    settled = Q() if up_to is None else Q(id__lte=up_to)
    return Vote.objects.filter(settled, statement__in=statements, id__gt=after).count()


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
