from __future__ import annotations

from typing import Any

from django.urls import reverse

from plenary.records.models import Record
from plenary.records.texts import load_texts

from . import queries


def consultation_page(record: Record) -> str:
    return reverse("consultation", args=[record.reference])


def statement_page(record: Record) -> str:
    return reverse("statement", args=[record.reference])


def consultation_data(record: Record, user: Any, language: str) -> dict[str, Any]:
    found = queries.get_consultation_for(user, record.reference, language)
    if found is None:
        return {}
    queries.with_numbers([found])
    words: Any = found
    return {
        "question": str(words.said["question"]),
        "introduction": str(words.said["introduction"]),
        "about": found.about.reference if found.about and queries.may_see_about(user, found) else None,
        "opens_at": found.opens_at.isoformat(),
        "closes_at": found.closes_at.isoformat() if found.closes_at else None,
        "licence": found.licence,
        "minimum_age": found.minimum_age,
        "participants": words.people,
        "votes": words.answers,
        "statements": words.accepted,
    }


def statement_data(record: Record, user: Any, language: str) -> dict[str, Any]:
    found = queries.get_statement_for(user, record.reference, language)
    if found is None:
        return {}
    shares = queries.count_shares([found.pk]).get(found.pk)
    original = load_texts([record.title_id], language).get(record.title_id or 0)
    return {
        "consultation": found.consultation.reference,
        "origin": found.origin,
        "moderation": found.moderation,
        "original": {"language": original.original_language, "text": original.original_body}
        if original
        else None,
        "votes": {
            "agree": shares.agree if shares else 0,
            "disagree": shares.disagree if shares else 0,
            "pass": shares.passed if shares else 0,
        },
    }
