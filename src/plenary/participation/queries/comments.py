"""Reads of comments on clauses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Min, Q, QuerySet

from plenary.participation.models import Comment, Commenter, Useful
from plenary.participation.survey_figures import useful_rank
from plenary.participation.tokens import Voter
from plenary.records.models import Text, Translation
from plenary.records.queries import visible_to
from plenary.records.texts import with_texts
from plenary.strategy.models import Clause, ClauseState, Strategy

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from plenary.people.models import User

    Viewer = User | AnonymousUser | None

ACCEPTED = Comment.Moderation.ACCEPTED


@dataclass(frozen=True)
class CommentCounts:
    """What stands on a clause's page: how many comments are shown, and the most useful of them."""

    count: int
    first: list[Comment]


def get_commenter(strategy: Strategy, voter: Voter) -> Commenter | None:
    if voter.user is not None:
        return Commenter.objects.filter(strategy=strategy, user=voter.user).first()
    return Commenter.objects.filter(strategy=strategy, token_hash=voter.token_hash).first()


def get_comment_for(user: Viewer, reference: str, language: str = "") -> Comment | None:
    found = (
        Comment.objects.filter(
            visible_to(user, "record"), visible_to(user, "clause__record"), record__reference=reference
        )
        .select_related("record__title", "clause__record", "clause__strategy__record", "answers__record")
        .first()
    )
    if found is not None and language:
        _give_words([found], language)
    return found


def get_own_or_shown(reference: str, commenter: Commenter | None) -> Comment | None:
    """A comment that everybody sees, or one of hers, waiting or not."""
    mine = Q(author=commenter) if commenter is not None else Q(pk=None)
    return (
        Comment.objects.filter(Q(moderation=ACCEPTED) | mine, record__reference=reference)
        .select_related("record", "clause__record", "clause__strategy__record", "answers__record")
        .first()
    )


def find_own_comment(author: Commenter, clause: Clause, answers: Comment | None, body: str) -> Comment | None:
    """The comment in which she said the same in the same place already."""
    return Comment.objects.filter(
        author=author, clause=clause, answers=answers, record__title__body=body
    ).first()


def stands_in_clause(clause: Clause, words: str) -> bool:
    """Whether words stand in the clause, in any version and language; spaces and capitals do not matter."""
    texts = [
        text
        for pair in ClauseState.objects.filter(clause=clause).values_list("title", "text")
        for text in pair
        if text
    ]
    bodies = [
        *Text.objects.filter(pk__in=texts).values_list("body", flat=True),
        *Translation.objects.filter(text__in=texts).values_list("body", flat=True),
    ]
    wanted = words.casefold()
    return any(wanted in " ".join(body.split()).casefold() for body in bodies)


def list_comments(
    clause: Clause, commenter: Commenter | None, language: str, *, newest: bool = False
) -> list[Comment]:
    """The shown comments on a clause and, for who wrote them, her own that wait; each with its ``thread`` of replies.

    Sorted by usefulness (``survey_figures.useful_rank``), or newest first; replies in the order of time. Each has its
    ``useful`` count, ``is_mine`` and ``is_marked``. Four queries.
    """
    mine = Q(author=commenter) if commenter is not None else Q(pk=None)
    shown: list[Any] = list(
        Comment.objects.filter(Q(moderation=ACCEPTED) | mine, clause=clause)
        .select_related("record")
        .order_by("record__number")
    )
    _give_words(shown, language)
    ranks = _rank(shown)
    marked = (
        set(
            Useful.objects.filter(commenter=commenter, comment__clause=clause).values_list(
                "comment", flat=True
            )
        )
        if commenter is not None
        else set()
    )
    for comment in shown:
        comment.useful, comment.rank = ranks[comment.pk]
        comment.is_mine = commenter is not None and comment.author_id == commenter.pk
        comment.is_marked = comment.pk in marked
        comment.thread = []
    by_pk = {comment.pk: comment for comment in shown}
    tops = []
    for comment in shown:
        above = by_pk.get(comment.answers_id) if comment.answers_id else None
        if above is not None:
            above.thread.append(comment)
        elif comment.answers_id is None:
            tops.append(comment)
    # What was withdrawn stays only where somebody replied to it.
    tops = [each for each in tops if each.record.erased_at is None or each.thread]
    if newest:
        return sorted(tops, key=lambda each: -each.record.number)
    return sorted(tops, key=lambda each: (-each.rank, -each.useful, -each.record.number))


def get_comment_counts(clause: Clause, language: str, limit: int = 3) -> CommentCounts:
    """For the clause's own page. Three queries."""
    shown: list[Any] = list(
        Comment.objects.filter(
            clause=clause, moderation=ACCEPTED, record__erased_at=None
        ).select_related("record")
    )  # fmt: skip
    tops = [comment for comment in shown if comment.answers_id is None]
    ranks = _rank(shown) if tops else {}
    tops.sort(key=lambda each: (-ranks[each.pk][1], -ranks[each.pk][0], -each.record.number))
    first = tops[:limit]
    for comment in first:
        comment.useful = ranks[comment.pk][0]
    with_texts(first, language, text="record.title_id")
    return CommentCounts(len(shown), first)


def _rank(comments: Sequence[Comment]) -> dict[int, tuple[int, float]]:
    """Comment → (marks, rank). Who marked anything on the clause since a comment stood could have marked it too."""
    marks: list[tuple[int, int, datetime]] = list(
        Useful.objects.filter(comment__in=[comment.pk for comment in comments]).values_list(
            "comment", "commenter", "at"
        )
    )
    last: dict[int, datetime] = {}
    counts: dict[int, int] = {}
    for comment, commenter, at in marks:
        counts[comment] = counts.get(comment, 0) + 1
        last[commenter] = max(at, last.get(commenter, at))
    found = {}
    for each in comments:
        count = counts.get(each.pk, 0)
        since = each.shown_at
        people = sum(1 for at in last.values() if since is None or at >= since)
        found[each.pk] = (count, useful_rank(min(count, people), people))
    return found


def list_comments_in(moderation: str) -> QuerySet[Comment]:
    """Comments in one state, oldest first; a page of them goes through ``with_clauses``."""
    return (
        Comment.objects.filter(moderation=moderation, record__erased_at=None)
        .select_related("record", "clause__record", "clause__strategy__record", "answers__record")
        .order_by("record__number")
    )


def with_comment_words(comments: Iterable[Comment], language: str) -> list[Comment]:
    found = list(comments)
    _give_words(found, language)
    return found


def count_comments_in() -> dict[str, int]:
    counts = dict(
        Comment.objects.filter(record__erased_at=None).values_list("moderation").annotate(Count("record"))
    )
    return {state: counts.get(state, 0) for state in Comment.Moderation.values}


def count_waiting_comments() -> tuple[int, datetime | None]:
    """How many comments wait to be read, and since when."""
    found = Comment.objects.filter(moderation=Comment.Moderation.WAITING, record__erased_at=None).aggregate(
        count=Count("record"), oldest=Min("record__created_at")
    )
    return found["count"], found["oldest"]


def list_comments_to_moderate(references: Sequence[str]) -> list[Comment]:
    return list(Comment.objects.filter(record__reference__in=references).select_related("record"))


def count_marks(comments: Sequence[int]) -> dict[int, int]:
    """How many people found each comment useful. One query."""
    rows = Useful.objects.filter(comment__in=comments).values_list("comment")
    return dict(rows.annotate(Count("id")))


def comments_on(clause: Clause) -> Q:
    """The filter of records that are the shown comments on a clause."""
    return Q(comment__clause=clause, comment__moderation=ACCEPTED)


def edges_clause_to_comment() -> QuerySet[Any, Any]:
    """Pairs (clause, comment) of record ids."""
    return Comment.objects.filter(answers=None).values_list("clause_id", "record_id")


def edges_comment_to_reply() -> QuerySet[Any, Any]:
    """Pairs (comment, reply) of record ids."""
    return Comment.objects.exclude(answers=None).values_list("answers_id", "record_id")


def _give_words(comments: Sequence[Comment], language: str) -> None:
    with_texts(comments, language, text="record.title_id")
