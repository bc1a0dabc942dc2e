from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import prefetch_related_objects
from django.urls import reverse
from django.utils import timezone

from plenary.records.models import Record
from plenary.records.texts import load_texts, said_as_data, with_texts

from . import queries
from .models import Statement, Submission
from .phases import Act
from .wording import Shares


def consultation_page(record: Record) -> str:
    return reverse("consultation", args=[record.reference])


def statement_page(record: Record) -> str:
    return reverse("statement", args=[record.reference])


def consultation_rows(records: Sequence[Record], user: Any, language: str) -> list[dict[str, Any]]:
    prefetch_related_objects(records, "consultation")
    found: list[Any] = queries.with_numbers([record.consultation for record in records])
    with_texts(found, language, question="question_id")
    return [
        {
            "question": said_as_data(each.said["question"]),
            "phase": each.phase_at(timezone.now()).value,
            "is_paused": each.paused_at is not None,
            "opens_at": each.opens_at.isoformat(),
            "closes_at": each.closes_at.isoformat() if each.closes_at else None,
            **_numbers(each),
        }
        for each in found
    ]


def statement_rows(records: Sequence[Record], user: Any, language: str) -> list[dict[str, Any]]:
    prefetch_related_objects(records, "statement__consultation__record", "statement__duplicate_of__record")
    shares = queries.count_shares([record.pk for record in records])
    return [
        {
            "consultation": record.statement.consultation.reference,
            "origin": record.statement.origin,
            "is_meta": record.statement.is_meta,
            **_moderation(record.statement),
            "votes": _votes(shares.get(record.pk, Shares())),
        }
        for record in records
    ]


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _numbers(consultation: Any) -> dict[str, int]:
    return {
        "participants": consultation.people,
        "votes": consultation.answers,
        "statements": consultation.accepted,
    }


def _moderation(statement: Statement) -> dict[str, Any]:
    since = statement.asks_again_since
    return {
        "moderation": statement.moderation,
        "reason": statement.moderation_reason or None,
        "duplicate_of": statement.duplicate_of.reference if statement.duplicate_of else None,
        "asks_again_since": since.isoformat() if since else None,
    }


def _votes(shares: Shares) -> dict[str, int]:
    return {"agree": shares.agree, "disagree": shares.disagree, "pass": shares.passed}


def consultation_data(record: Record, user: Any, language: str) -> dict[str, Any]:
    found = queries.get_consultation_for(user, record.reference, language)
    if found is None:
        return {}
    queries.with_numbers([found])
    words: Any = found
    now = timezone.now()
    reply: Any = queries.get_reply(found, language, user) if found.allows(Act.REPLY, now) else None
    return {
        "phase": found.phase_at(now).value,
        "is_paused": found.paused_at is not None,
        "access": found.access,
        "voting_by": found.voting_by,
        "writing_by": found.writing_by,
        "moderation": found.moderation,
        "languages": found.languages,
        "final_closes_at": _moment(found.final_closes_at),
        "answer_at": _moment(found.answer_at),
        "ends_at": _moment(found.ends_at),
        "allowed": sorted(act.value for act in Act if found.allows(act, now)),
        "repeats": queries.get_repeated(user, found),
        "on_paper": queries.count_offline(found),
        "answer": {
            "text": said_as_data(reply.said["text"]),
            "at": reply.at.isoformat(),
            "leads_to": [each.reference for each in reply.links],
        }
        if reply
        else None,
        "question": said_as_data(words.said["question"]),
        "introduction": said_as_data(words.said["introduction"]),
        "about": found.about.reference if found.about and queries.may_see_about(user, found) else None,
        "opens_at": found.opens_at.isoformat(),
        "closes_at": found.closes_at.isoformat() if found.closes_at else None,
        "licence": found.licence,
        "minimum_age": found.minimum_age,
        **_numbers(found),
    }


def statement_data(record: Record, user: Any, language: str) -> dict[str, Any]:
    found = queries.get_statement_for(user, record.reference, language)
    if found is None:
        return {}
    shares = queries.count_shares([found.pk]).get(found.pk)
    wording = load_texts([record.title_id], language).get(record.title_id or 0)
    return {
        "consultation": found.consultation.reference,
        "origin": found.origin,
        "is_meta": found.is_meta,
        **_moderation(found),
        "wording": said_as_data(wording),
        "merged": [item.reference for item in queries.list_merged_into(found, language)],
        "earlier": [
            {
                "body": None if each.hides_before else each.before.body,
                "until": each.at.isoformat(),
                "meaning_changed": each.changes_meaning,
            }
            for each in queries.list_rewordings(found)
        ],
        "heard_at": [_heard_at(each.submission) for each in queries.list_provenance(found)],
        "raised_hands": [
            {
                **_heard_at(each.submission),
                "agree": each.agree,
                "disagree": each.disagree,
                "pass": each.passed,
            }
            for each in queries.list_hands(found)
        ],
        "votes": _votes(shares or Shares()),
    }


def question_page(record: Record) -> str:
    return reverse("question", args=[record.reference])


def question_rows(records: Sequence[Record], user: Any, language: str) -> list[dict[str, Any]]:
    prefetch_related_objects(records, "collectivequestion")
    found = queries.describe_questions([record.collectivequestion for record in records], user, language)
    return [_question(each) for each in found]


def _question(question: Any) -> dict[str, Any]:
    return {
        "question": said_as_data(question.said["question"]),
        "concern": question.concern,
        "answered_at": question.answered_at.isoformat() if question.answered_at else None,
        "consultations": question.asked_in,
        "for": question.supporting,
        "against": question.contradicting,
    }


def question_data(record: Record, user: Any, language: str) -> dict[str, Any]:
    found: Any = queries.get_question_for(user, record.reference, language)
    if found is None:
        return {}
    about = queries.list_consultations_about(user, record, language)
    views = queries.list_views(user, found, language)
    return {
        **_question(found),
        "background": said_as_data(found.said["background"]),
        "answer": said_as_data(found.said["answer"]),
        "asked_in": [each.reference for each in about],
        "answered_in": [each.reference for each in queries.list_clauses_answering(found, language)],
        "views": [
            {"source": link.source.reference, "stance": link.stance, "quote": link.quote or None}
            for link in (*views.supporting, *views.contradicting, *views.around)
        ],
    }


def _heard_at(submission: Submission) -> dict[str, str]:
    return {
        "kind": submission.kind,
        "day": submission.held_on.isoformat(),
        "place": submission.place,
        "organization": submission.organization,
    }
