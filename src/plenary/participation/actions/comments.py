"""Comments on clauses: writing, reading before they are shown, finding useful, and taking back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from plenary.kit.errors import Refused
from plenary.participation import queries
from plenary.participation.models import Comment, Commenter, Useful
from plenary.participation.survey_wording import check_length, tidy_lines
from plenary.participation.tokens import Voter
from plenary.records.actions import (
    bury_title,
    create_record,
    forget_words_in_events,
    put_text,
    set_visibility,
    write_event,
)
from plenary.records.models import Visibility
from plenary.strategy.models import Clause, Strategy, Version

if TYPE_CHECKING:
    from plenary.people.models import User

SEEN_BY = {
    Comment.Moderation.WAITING: Visibility.STAFF,
    Comment.Moderation.ACCEPTED: Visibility.PUBLIC,
    Comment.Moderation.REJECTED: Visibility.STAFF,
}


@transaction.atomic
def write_comment(
    *,
    clause: Clause,
    voter: Voter,
    body: str,
    language: str,
    now: datetime,
    stance: str = "",
    quoted: str = "",
    answers: Comment | None = None,
    version: Version | None = None,
) -> Comment:
    """What somebody says of a clause, or in reply to a comment on it; it waits until it was read.

    ``quoted`` are words of the clause, in any of its languages. Replies go one level deep: a reply to a reply answers
    the comment above it. The same words again are one comment. The history does not say who wrote it.
    """
    body, quoted = tidy_lines(body), " ".join(tidy_lines(quoted).split())
    if not body:
        raise Refused(_("Write your comment first."))
    check_length(body)
    if stance not in Comment.Stance.values:
        raise Refused(_("A comment is for it, against it, or neither."))
    if quoted and not queries.stands_in_clause(clause, quoted):
        raise Refused(
            _("These words do not stand in the clause. Copy them from it, or leave the field empty.")
        )
    if answers is not None:
        answers = answers.answers or answers
        if answers.clause_id != clause.pk or answers.moderation != Comment.Moderation.ACCEPTED:
            raise Refused(_("This comment cannot be replied to now. Your reply was not saved."))
        if answers.record.erased_at is not None:
            raise Refused(_("This comment was withdrawn by its author. Your reply was not saved."))
    author = ensure_commenter(strategy=clause.strategy, voter=voter, now=now)
    known = queries.find_own_comment(author, clause, answers, body)
    if known is not None:
        return known  # a second tap
    record = create_record(
        kind="comment",
        title=put_text(body, language),
        by=None,
        now=now,
        visibility=Visibility.STAFF,
        verb="written",
        changes={"clause": [None, clause.reference]},
    )
    return Comment.objects.create(
        record=record,
        clause=clause,
        version=version,
        author=author,
        answers=answers,
        quoted=quoted,
        stance="" if answers is not None else stance,
    )


def ensure_commenter(*, strategy: Strategy, voter: Voter, now: datetime) -> Commenter:
    """Who comments on a strategy by this token or account; made with her first act. Any number of tries make one."""
    found = queries.get_commenter(strategy, voter)
    if found is None:
        newcomer = Commenter(
            strategy=strategy, token_hash=voter.token_hash, user=voter.user, since=now.date()
        )
        Commenter.objects.bulk_create([newcomer], ignore_conflicts=True)
        found = queries.get_commenter(strategy, voter)
        assert found is not None
    return found


@transaction.atomic
def moderate_comments(
    *, comments: Sequence[Comment], decision: str, reason: str, by: User | None, now: datetime
) -> int:
    """Accept or reject comments; returns how many changed. A rejection says why."""
    if decision not in (Comment.Moderation.ACCEPTED, Comment.Moderation.REJECTED):
        raise Refused(_("A comment is accepted or rejected."))
    reason = reason.strip()
    if decision == Comment.Moderation.REJECTED and not reason:
        raise Refused(_("Say why you reject: the author can be told, and the record keeps it."))
    if decision == Comment.Moderation.ACCEPTED:
        reason = ""
    changed = 0
    for comment in comments:
        if comment.moderation == decision or comment.record.erased_at is not None:
            continue
        changes: dict[str, list[Any]] = {"moderation": [comment.moderation, decision]}
        if reason:
            changes["reason"] = [comment.moderation_reason or None, reason]
        comment.moderation, comment.moderation_reason = decision, reason
        if decision == Comment.Moderation.ACCEPTED and comment.shown_at is None:
            comment.shown_at = now
        comment.save(update_fields=["moderation", "moderation_reason", "shown_at"])
        set_visibility(record=comment.record, visibility=SEEN_BY[Comment.Moderation(decision)])
        write_event(record=comment.record, verb=decision, by=by, now=now, changes=changes)
        changed += 1
    return changed


@transaction.atomic
def mark_useful(*, comment: Comment, voter: Voter, useful: bool, now: datetime) -> None:
    """Say that a comment is useful, once, or take that back. Marks are no events: they are like votes."""
    if comment.moderation != Comment.Moderation.ACCEPTED or comment.record.erased_at is not None:
        raise Refused(_("This comment is not shown any more. Nothing was saved."))
    commenter = ensure_commenter(strategy=comment.clause.strategy, voter=voter, now=now)
    if comment.author_id == commenter.pk:
        raise Refused(_("This comment is yours: others say whether it is useful."))
    if useful:
        Useful.objects.bulk_create(
            [Useful(comment=comment, commenter=commenter, at=now)], ignore_conflicts=True
        )
    else:
        Useful.objects.filter(comment=comment, commenter=commenter).delete()


@transaction.atomic
def withdraw_comment(*, comment: Comment, voter: Voter, now: datetime) -> None:
    """Take one's own comment back: its words are destroyed, its place stays with the replies to it."""
    commenter = queries.get_commenter(comment.clause.strategy, voter)
    if commenter is None or comment.author_id != commenter.pk:
        raise Refused(_("Only who wrote a comment can withdraw it."))
    _tombstone([comment], now)


@transaction.atomic
def tombstone_comments(*, commenters: Iterable[Commenter], now: datetime) -> int:
    """Destroy what these people wrote in comments, and their marks; returns how many comments. Whoever erases an
    account calls it inside the same transaction, with ``user.commenting.all()``."""
    found = list(commenters)
    comments = list(Comment.objects.filter(author__in=found).select_related("record__title"))
    _tombstone([comment for comment in comments if comment.record.erased_at is None], now)
    Useful.objects.filter(commenter__in=found).delete()
    Commenter.objects.filter(pk__in=[each.pk for each in found]).update(
        token_hash=None, user=None, erased_at=now
    )
    return len(comments)


def _tombstone(comments: Sequence[Comment], now: datetime) -> None:
    """A tombstone in the place of the words, in the history as well (the reasons of moderators may quote them)."""
    for comment in comments:
        bury_title(record=comment.record, now=now)
        forget_words_in_events(record=comment.record, kept=("clause", "moderation"))
        comment.quoted, comment.stance, comment.author = "", "", None
        if comment.moderation == Comment.Moderation.REJECTED:
            comment.moderation_reason = "withdrawn"
        comment.save(update_fields=["quoted", "stance", "author", "moderation_reason"])
        write_event(record=comment.record, verb="withdrawn", by=None, now=now)
