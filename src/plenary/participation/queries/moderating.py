"""Reads of what was decided about statements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Max, QuerySet

from plenary.participation.models import Appeal, Consultation, Rewording, Statement
from plenary.participation.wording import reason_in_words
from plenary.people.models import Membership, Role
from plenary.records.models import Event, Visibility
from plenary.records.texts import with_texts

from .cards import get_participant
from .routing import get_board
from .similar import list_pairs, search_alike
from .statements import with_shares

if TYPE_CHECKING:
    from plenary.participation.tokens import Voter
    from plenary.people.models import User

# The events that are decisions about a statement, as the public log lists them.
DECISIONS = (
    "accepted",
    "rejected",
    "put back",
    "decision undone",
    "merged",
    "separated",
    "reworded",
    "language corrected",
    "marked as about people",
    "marked as a view",
    "appealed",
    "appeal upheld",
    "appeal dismissed",
)


def last_decisions(statements: Iterable[Statement]) -> dict[int, Event]:
    """The last decision about each statement, by its id. One query."""
    ids = [statement.pk for statement in statements]
    last = (
        Event.objects.filter(record__in=ids, verb__in=DECISIONS)
        .order_by()
        .values("record")
        .annotate(last=Max("id"))
        .values("last")
    )
    return {event.record_id: event for event in Event.objects.filter(id__in=last)}


def list_decisions(consultation: Consultation) -> QuerySet[Event]:
    """Every decision about a consultation's statements, the newest first."""
    return (
        Event.objects.filter(record__statement__consultation=consultation, verb__in=DECISIONS)
        .select_related("record", "actor")
        .order_by("-id")
    )


def list_decisions_about(statement: Statement) -> list[Event]:
    """The history of one statement, the oldest first."""
    found = Event.objects.filter(record=statement.pk, verb__in=("written", "added", "imported", *DECISIONS))
    return list(found.select_related("actor").order_by("id"))


def list_rewordings(statement: Statement) -> list[Rewording]:
    """Its earlier words, the oldest first."""
    return list(
        Rewording.objects.filter(statement=statement).select_related("before", "after").order_by("id")
    )


def list_merged_into(statement: Statement, language: str) -> list[Statement]:
    """What was merged into it, one step away, with its words."""
    found = list(
        Statement.objects.filter(duplicate_of=statement).select_related("record").order_by("record__number")
    )
    with_texts(found, language, text="record.title_id")
    return found


def count_reasons(consultation: Consultation) -> dict[str, int]:
    """How many statements stand rejected for each of the reasons that are offered, and for others under ""."""
    counts: dict[str, int] = {}
    rows = (
        Statement.objects.filter(consultation=consultation, moderation=Statement.Moderation.REJECTED)
        .values_list("moderation_reason")
        .annotate(Count("record"))
    )
    for stored, count in rows:
        known = stored.partition(": ")[0]
        counts[known] = counts.get(known, 0) + count
    return counts


def get_own_statement(consultation: Consultation, voter: Voter, reference: str) -> Statement | None:
    """A statement that she wrote here, whatever became of it."""
    author = get_participant(consultation, voter)
    if author is None:
        return None
    return (
        Statement.objects.filter(consultation=consultation, author=author, record__reference=reference)
        .select_related("record__title", "consultation__record")
        .first()
    )


# Appeals


def list_appeals(consultation: Consultation) -> QuerySet[Appeal]:
    """Those that wait first, the oldest on top, then those decided."""
    return (
        Appeal.objects.filter(statement__consultation=consultation)
        .select_related("statement__record", "statement__consultation", "decided_by")
        .order_by("decided_at", "id")
    )


def get_appeal(consultation: Consultation, reference: str) -> Appeal | None:
    """The appeal about a statement of this consultation."""
    return list_appeals(consultation).filter(statement__record__reference=reference).first()


def list_waiting_appeals(statements: Sequence[Statement]) -> list[Appeal]:
    found = Appeal.objects.filter(
        statement__in=[item.pk for item in statements], outcome=Appeal.Outcome.WAITING
    )
    return list(found.select_related("statement__record"))


def count_waiting_appeals(consultation: Consultation) -> int:
    return Appeal.objects.filter(statement__consultation=consultation, outcome=Appeal.Outcome.WAITING).count()


def must_leave_appeal(appeal: Appeal, user: User) -> bool:
    """Whether she rejected the statement herself and there is somebody else who could decide."""
    first = Event.objects.filter(record=appeal.statement_id, verb="rejected").order_by("-id").first()
    if first is None or first.actor_id != user.pk:
        return False
    others = Membership.objects.filter(role__in=(Role.DESK, Role.ADMINISTRATOR), user__is_active=True)
    return others.exclude(user=user).exists()


def count_appeals(consultation: Consultation) -> dict[str, int]:
    """How many appeals wait, were upheld, were dismissed."""
    rows = Appeal.objects.filter(statement__consultation=consultation).values_list("outcome")
    counts = dict(rows.annotate(Count("id")))
    return {outcome: counts.get(outcome, 0) for outcome in Appeal.Outcome.values}


def with_first_decisions(appeals: list[Appeal], user: User, language: str) -> list[Appeal]:
    """Give each appeal's statement its words, and whether this person must leave it (``must_leave``)."""
    with_texts([appeal.statement for appeal in appeals], language, text="record.title_id")
    last: dict[int, int | None] = {}
    rejected = Event.objects.filter(record__in=[each.statement_id for each in appeals], verb="rejected")
    for record, actor in rejected.order_by("id").values_list("record", "actor"):
        last[record] = actor
    others = Membership.objects.filter(role__in=(Role.DESK, Role.ADMINISTRATOR), user__is_active=True)
    has_others = others.exclude(user=user).exists()
    for appeal in appeals:
        appeal.must_leave = has_others and last.get(appeal.statement_id) == user.pk  # type: ignore[attr-defined]
    return appeals


def tell_decisions(events: list[Event], language: str) -> list[Event]:
    """Give each decision its ``reason`` in the reader's language, and its statement's words where all may read them.

    Two queries, whatever their number.
    """
    statements = {
        item.pk: item
        for item in Statement.objects.filter(pk__in=[event.record_id for event in events]).select_related(
            "record", "duplicate_of__record"
        )
    }
    with_texts(list(statements.values()), language, text="record.title_id")
    for event in events:
        item = statements[event.record_id]
        changes = event.changes
        stored = changes.get("appeal", changes.get("reason", [None, ""]))[1] or ""
        target: Any = event
        target.reason = reason_in_words(stored) if event.verb in _WITH_REASON else ""
        target.said = item.said["text"] if item.record.visibility == Visibility.PUBLIC else None
        target.into = changes["duplicate_of"][1] if event.verb == "merged" else ""
        target.changes_meaning = changes.get("changes_meaning", [None, False])[1]
    return events


_WITH_REASON = ("rejected", "appeal upheld", "appeal dismissed")


def list_pairs_with_words(
    consultation: Consultation, language: str, first: Statement | None = None
) -> list[tuple[Statement, Statement, int]]:
    """Accepted statements that say nearly the same, the likest first: the older, the newer, and how like in percent.

    With ``first``, what is most like that one. In whatever language they were written or translated into.
    """
    board = get_board(consultation.pk)
    if first is not None and first.record.title is not None:
        text = first.record.title
        alike = search_alike(consultation, text.body, text.source_language, at_least=0.25, limit=12)
        rows = [(pk, first.pk, likeness) for pk, likeness in alike if pk != first.pk]
    else:
        best: dict[tuple[int, int], float] = {}
        for tag in sorted({*board.languages.values()}):
            for one, other, likeness in list_pairs(consultation, tag):
                best[one, other] = max(likeness, best.get((one, other), 0.0))
        rows = sorted(((*pair, likeness) for pair, likeness in best.items()), key=lambda row: -row[2])[:50]
    wanted = {pk for row in rows for pk in row[:2]}
    found = with_shares(Statement.objects.filter(pk__in=wanted).select_related("record"), language)
    by_id = {item.pk: item for item in found}
    return [(by_id[one], by_id[other], round(100 * likeness)) for one, other, likeness in rows]
