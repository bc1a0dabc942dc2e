"""The register of questions: raising one, its words, what speaks for and against, the clauses and the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from plenary.kit.errors import Refused
from plenary.participation.models import CollectiveQuestion
from plenary.records.actions import create_record, link_evidence, put_text, set_title, write_event
from plenary.records.models import EvidenceLink, Record, Stance, Text
from plenary.strategy.models import Clause
from plenary.strategy.rules import counts_as_evidence

if TYPE_CHECKING:
    from plenary.people.models import User

Words = Mapping[str, str]
"""The same words by language, beyond the language in which they are written."""


@transaction.atomic
def raise_question(
    *,
    question: str,
    language: str,
    concern: str,
    by: User | None,
    now: datetime,
    background: str = "",
    raised_in: Record | None = None,
    translations: Words | None = None,
    background_translations: Words | None = None,
) -> CollectiveQuestion:
    """Put a question on the register; ``raised_in`` is the record in which it came up, if there is one."""
    if not question.strip():
        raise Refused(_("Write the question first."))
    record = create_record(
        kind="collectivequestion",
        title=put_text(question.strip(), language, translations),
        by=by,
        now=now,
        verb="raised",
        changes={"concern": [None, concern], "raised in": [None, raised_in.reference if raised_in else None]},
    )
    return CollectiveQuestion.objects.create(
        record=record,
        concern=concern,
        background=_text(background, language, background_translations),
        raised_in=raised_in,
    )


def _text(body: str, language: str, translations: Words | None = None) -> Text | None:
    return put_text(body.strip(), language, translations) if body.strip() else None


@transaction.atomic
def edit_question(
    *,
    question: CollectiveQuestion,
    words: str,
    background: str,
    language: str,
    concern: str,
    by: User | None,
    now: datetime,
) -> bool:
    """Give a question other words; the history keeps the earlier ones. False where nothing differs."""
    if not words.strip():
        raise Refused(_("Write the question first."))
    changes: dict[str, list[str | None]] = {}
    title = question.record.title
    assert title is not None
    if title.body != words.strip():
        changes["question"] = [title.body, words.strip()]
        set_title(record=question.record, title_id=put_text(words.strip(), language).pk)
    before = question.background.body if question.background else ""
    if before != background.strip():
        changes["background"] = [before, background.strip()]
        question.background = _text(background, language)
    if question.concern != concern:
        changes["concern"] = [question.concern, concern]
        question.concern = concern
    if changes:
        question.save(update_fields=["background", "concern"])
        write_event(record=question.record, verb="edited", by=by, now=now, changes=changes)
    return bool(changes)


@transaction.atomic
def add_view(
    *,
    question: CollectiveQuestion,
    source: Record,
    stance: str,
    by: User | None,
    now: datetime,
    quote: str = "",
) -> EvidenceLink:
    """Put a view for or against on the register: something said, found, learned or decided that everybody can see."""
    if stance != Stance.CONTEXT and not counts_as_evidence(source):
        raise Refused(
            _(
                "%(reference)s cannot stand for or against: that takes a finding, a statement, a source or a "
                "decision that everybody can see. It can be linked as context."
            )
            % {"reference": source.reference}
        )
    return link_evidence(
        source=source, target=question.record, stance=stance, by=by, now=now, quote=quote.strip()
    )


@transaction.atomic
def answer_question(
    *,
    question: CollectiveQuestion,
    answer: str,
    language: str,
    clauses: Sequence[Clause],
    by: User | None,
    now: datetime,
    translations: Words | None = None,
) -> None:
    """Say what the answer is and in which clauses the text gives it. A later answer takes its place; both are kept."""
    if not answer.strip():
        raise Refused(_("Say what the answer is, and on what it rests."))
    before = question.answer.body if question.answer else None
    question.answer = _text(answer, language, translations)
    question.answered_at = now
    question.save(update_fields=["answer", "answered_at"])
    question.clauses.set(clauses)
    changes = {
        "answer": [before, answer.strip()],
        "clauses": [None, ", ".join(clause.reference for clause in clauses)],
    }
    write_event(record=question.record, verb="answered", by=by, now=now, changes=changes)
