"""Decisions about statements. Every one is an event with its reason; votes stay stored whatever is decided."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from plenary.kit.errors import Refused
from plenary.participation import queries, rules
from plenary.participation.models import Appeal, Consultation, Rewording, Statement
from plenary.participation.tokens import Voter
from plenary.participation.wording import MAX_APPEAL, MAX_LENGTH, same_words, tidy
from plenary.records.actions import carry_translations, put_text, set_title, set_visibility, write_event
from plenary.records.models import Text

from .statements import seen_by

if TYPE_CHECKING:
    from plenary.people.models import User

State = Statement.Moderation
# What each decision is called in the history.
VERBS = {State.ACCEPTED: "accepted", State.REJECTED: "rejected", State.WAITING: "put back"}


@transaction.atomic
def moderate_statements(
    *, statements: Sequence[Statement], decision: str, reason: str, by: User | None, now: datetime
) -> int:
    """Accept or reject statements, or put them back into the queue; returns how many changed.

    A rejection says why. Votes on them stay stored.
    """
    if decision not in VERBS:
        raise Refused(_("A statement is accepted, rejected, or put back into the queue."))
    reason = reason.strip() if decision == State.REJECTED else ""
    if decision == State.REJECTED and not reason:
        raise Refused(_("Say why you reject: the author can be told, and the record keeps it."))
    changed = [item for item in statements if item.moderation != decision]
    for item in changed:
        _refuse_erased(item)
        if item.moderation == State.MERGED:
            raise Refused(
                _("%(statement)s was merged into another. Separate them first.")
                % {"statement": item.reference}
            )
    appealed = queries.list_waiting_appeals(changed)
    if appealed:
        raise Refused(
            _("An appeal about %(statement)s waits. Decide the appeal.")
            % {"statement": appealed[0].statement.reference}
        )
    for item in changed:
        _decide(item, decision, reason, VERBS[State(decision)], by, now)
    return len(changed)


def _refuse_erased(statement: Statement) -> None:
    if statement.moderation == State.ERASED:
        raise Refused(
            _("%(statement)s was withdrawn by its author and stays so.") % {"statement": statement.reference}
        )


def _decide(
    statement: Statement, state: str, reason: str, verb: str, by: User | None, now: datetime, **more: Any
) -> None:
    changes: dict[str, Any] = {"moderation": [statement.moderation, state]}
    if reason != statement.moderation_reason:
        changes["reason"] = [statement.moderation_reason, reason]
    statement.moderation, statement.moderation_reason = state, reason
    statement.save(update_fields=["moderation", "moderation_reason"])
    set_visibility(record=statement.record, visibility=seen_by(statement.consultation, state))
    write_event(record=statement.record, verb=verb, by=by, now=now, changes=changes | more)


@transaction.atomic
def undo_moderation(*, statements: Sequence[Statement], by: User, now: datetime) -> int:
    """Take back one's own last decision about each statement; returns how many changed. Both stay in the history."""
    last = queries.last_decisions(statements)
    undone = 0
    for item in statements:
        event = last.get(item.pk)
        if event is None or event.actor_id != by.pk or event.verb not in VERBS.values():
            continue
        before, after = event.changes["moderation"]
        if item.moderation != after:
            continue
        reason = event.changes.get("reason", [item.moderation_reason])[0]
        _decide(item, before, reason, "decision undone", by, now)
        undone += 1
    if not undone:
        raise Refused(_("There is nothing to undo here: the last decision was not yours, or was undone."))
    return undone


# Merging


@transaction.atomic
def merge_statement(*, statement: Statement, into: Statement, by: User | None, now: datetime) -> None:
    """Take a duplicate out of the pool; the votes on it count for the other from now on.

    Nothing is moved or deleted: who voted on both is counted once, by her latest vote, and separating them restores
    what was.
    """
    if statement.pk == into.pk:
        raise Refused(_("A statement cannot be merged into itself."))
    if statement.consultation_id != into.consultation_id:
        raise Refused(_("Both statements must belong to one consultation."))
    for item in (statement, into):
        _refuse_erased(item)
        if item.moderation == State.MERGED:
            raise Refused(_("%(statement)s was merged already.") % {"statement": item.reference})
        if item.moderation == State.REJECTED:
            raise Refused(_("%(statement)s was rejected. Accept it first.") % {"statement": item.reference})
    changes = {
        "moderation": [statement.moderation, State.MERGED],
        "duplicate_of": [None, into.reference],
    }
    statement.duplicate_of, statement.merged_from = into, statement.moderation
    statement.moderation = State.MERGED
    statement.save(update_fields=["duplicate_of", "merged_from", "moderation"])
    _settle_families(statement)
    write_event(record=statement.record, verb="merged", by=by, now=now, changes=changes)


@transaction.atomic
def separate_statement(*, statement: Statement, by: User | None, now: datetime) -> None:
    """Undo a merge: the statement is what it was, with its own votes, and so is the other."""
    if statement.duplicate_of is None:
        raise Refused(_("%(statement)s is not merged.") % {"statement": statement.reference})
    changes = {
        "moderation": [State.MERGED, statement.merged_from],
        "duplicate_of": [statement.duplicate_of.reference, None],
    }
    statement.moderation, statement.merged_from = statement.merged_from, ""
    statement.duplicate_of = None
    statement.save(update_fields=["duplicate_of", "merged_from", "moderation"])
    _settle_families(statement)
    write_event(record=statement.record, verb="separated", by=by, now=now, changes=changes)


def _settle_families(statement: Statement) -> None:
    """Write down for which statement the votes on each count, where statements were merged one into the other."""
    here = Statement.objects.filter(consultation=statement.consultation_id)
    into = dict(here.exclude(duplicate_of=None).values_list("pk", "duplicate_of_id"))
    wanted: dict[int, int] = {}
    for pk, top in into.items():
        while top in into:
            top = into[top]
        wanted[pk] = wanted[top] = top
    stored = dict(here.exclude(counts_for=None).values_list("pk", "counts_for_id"))
    for pk in wanted.keys() | stored.keys():
        if wanted.get(pk) != stored.get(pk):
            Statement.objects.filter(pk=pk).update(counts_for=wanted.get(pk))
    statement.counts_for_id = wanted.get(statement.pk)


# Other words


@transaction.atomic
def reword_statement(
    *,
    statement: Statement,
    body: str,
    changes_meaning: bool,
    by: User | None,
    now: datetime,
    hides_before: bool = False,
) -> Rewording:
    """Give a statement other words; the earlier ones are kept.

    Where the meaning changes, the votes given before stay stored but do not count until they are given again.
    """
    body = tidy(body)
    before = statement.record.title
    assert before is not None
    _refuse_erased(statement)
    if statement.moderation == State.MERGED:
        raise Refused(_("This statement was merged into another. Separate them first."))
    if not body:
        raise Refused(_("Write the statement first."))
    if len(body) > MAX_LENGTH:
        raise Refused(_("A statement has at most %(count)s characters.") % {"count": MAX_LENGTH})
    if body == before.body:
        raise Refused(_("These are the same words as before."))
    after = put_text(body, before.source_language)
    carry_translations(before=before, after=after, still_true=same_words(body) == same_words(before.body))
    set_title(record=statement.record, title_id=after.pk)
    if changes_meaning:
        statement.asks_again_since = now
        statement.save(update_fields=["asks_again_since"])
    changes = {"text": [before.pk, after.pk], "changes_meaning": [None, changes_meaning]}
    write_event(record=statement.record, verb="reworded", by=by, now=now, changes=changes)
    return Rewording.objects.create(
        statement=statement,
        before=before,
        after=after,
        changes_meaning=changes_meaning,
        hides_before=hides_before,
        by=by,
        at=now,
    )


@transaction.atomic
def correct_language(*, statement: Statement, language: str, by: User | None, now: datetime) -> Text:
    """Say in which language a statement is written: the same words as another text, translations kept."""
    before = statement.record.title
    assert before is not None
    if before.source_language == language:
        return before
    after = put_text(before.body, language)
    carry_translations(before=before, after=after, still_true=True)
    set_title(record=statement.record, title_id=after.pk)
    changes = {"language": [before.source_language, language]}
    write_event(record=statement.record, verb="language corrected", by=by, now=now, changes=changes)
    return after


@transaction.atomic
def mark_meta(*, statements: Sequence[Statement], is_meta: bool, by: User | None, now: datetime) -> int:
    """Say whether statements are about the people who vote ("I live here") or views; returns how many changed.

    They are asked and counted as before. Analyses from now on make no group, no shared point and no division of what
    is about people.
    """
    changed = [item for item in statements if item.is_meta != is_meta]
    verb = "marked as about people" if is_meta else "marked as a view"
    for item in changed:
        _refuse_erased(item)
        item.is_meta = is_meta
        item.save(update_fields=["is_meta"])
        write_event(
            record=item.record, verb=verb, by=by, now=now, changes={"is_meta": [not is_meta, is_meta]}
        )
    return len(changed)


# Appeals


@transaction.atomic
def appeal(
    *, consultation: Consultation, statement: Statement, voter: Voter, text: str, now: datetime
) -> Appeal:
    """The author of a rejected statement asks, once, for it to be read again. Her words are in no event."""
    text = text.strip()
    author = queries.get_participant(consultation, voter)
    if author is None or statement.author_id != author.pk or statement.consultation_id != consultation.pk:
        raise Refused(_("You can appeal only about what you wrote yourself."))
    if not rules.may_appeal(consultation, now):
        raise Refused(_("Appeals are not taken any more. Yours was not saved."), code="closed")
    if statement.moderation != State.REJECTED:
        raise Refused(_("This statement is not rejected."))
    if not text:
        raise Refused(_("Say why the decision was wrong."))
    if len(text) > MAX_APPEAL:
        raise Refused(_("An appeal has at most %(count)s characters.") % {"count": MAX_APPEAL})
    known = Appeal.objects.filter(statement=statement).first()
    if known is not None and known.text == text:
        return known  # a second tap
    if known is not None:
        raise Refused(_("You appealed about this statement already. There is one appeal for each."))
    made = Appeal.objects.create(statement=statement, text=text, at=now)
    write_event(record=statement.record, verb="appealed", by=None, now=now)
    return made


@transaction.atomic
def decide_appeal(*, appeal: Appeal, outcome: str, reason: str, by: User, now: datetime) -> None:
    """Uphold or dismiss an appeal, with a reason. Whoever rejected the statement leaves it to somebody else."""
    reason = reason.strip()
    if outcome not in (Appeal.Outcome.UPHELD, Appeal.Outcome.DISMISSED):
        raise Refused(_("Choose whether the statement is accepted or the rejection stands."))
    if appeal.outcome != Appeal.Outcome.WAITING:
        raise Refused(_("This appeal was decided already."))
    if not reason:
        raise Refused(_("Say why: the author is told, and the record keeps it."))
    if queries.must_leave_appeal(appeal, by):
        raise Refused(_("You rejected this statement yourself. Somebody else decides the appeal."))
    appeal.outcome, appeal.reason, appeal.decided_by, appeal.decided_at = outcome, reason, by, now
    appeal.save(update_fields=["outcome", "reason", "decided_by", "decided_at"])
    why = {"appeal": [None, reason]}
    if outcome == Appeal.Outcome.UPHELD:
        _decide(appeal.statement, State.ACCEPTED, "", "appeal upheld", by, now, **why)
    else:
        write_event(record=appeal.statement.record, verb="appeal dismissed", by=by, now=now, changes=why)
