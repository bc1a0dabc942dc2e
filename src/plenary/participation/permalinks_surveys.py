"""Where surveys and comments are shown, and what their JSON says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import prefetch_related_objects
from django.urls import reverse
from django.utils import timezone

from plenary.records.models import Record
from plenary.records.texts import load_texts, said_as_data

from . import queries
from .models import Comment


def survey_page(record: Record) -> str:
    return reverse("survey", args=[record.reference])


def comment_page(record: Record) -> str:
    return reverse("comment", args=[record.reference])


def survey_rows(records: Sequence[Record], user: Any, language: str) -> list[dict[str, Any]]:
    prefetch_related_objects(records, "survey__consultation__record", "survey__repeats__record")
    return [_survey_facts(record.survey) for record in records]


def _survey_facts(survey: Any) -> dict[str, Any]:
    return {
        "consultation": survey.consultation.reference,
        "repeats": survey.repeats.reference if survey.repeats else None,
    }


def survey_data(record: Record, user: Any, language: str) -> dict[str, Any]:
    found = queries.get_survey_for(user, record.reference, language)
    if found is None:
        return {}
    people = queries.count_participants([found.consultation_id])
    return {
        **_survey_facts(found),
        "introduction": said_as_data(found.said["introduction"]),
        "is_running": queries.is_running(found.consultation, timezone.now()),
        "took_part": people.get(found.consultation_id, 0),
        "questions": [_result(each) for each in queries.get_results(found, language, texts=50)],
    }


def _result(result: queries.QuestionResult) -> dict[str, Any]:
    question = result.question
    depends: Any = getattr(question, "depends", None)
    return {
        "number": question.number,
        "kind": question.kind,
        "wording": said_as_data(question.said["wording"]),
        "is_required": question.is_required,
        "lowest": question.lowest,
        "highest": question.highest,
        "depends_on": depends.number if depends is not None else None,
        "depends_values": question.depends_values,
        "asked": result.asked,
        "answered": result.answered,
        "mean": _figure(result.mean),
        "options": [
            {
                "number": option.number,
                "words": option.said if isinstance(option.said, str) else option.said.body,
                "count": option.count,
                "share": _figure(option.share),
                "mean_place": _figure(option.place),
            }
            for option in result.options
        ],
        "texts": [said_as_data(answer.said["text"]) for answer in result.texts],
    }


def _figure(figure: Any) -> dict[str, Any] | None:
    if figure is None or figure.value is None:
        return None
    return {"value": figure.value, "low": figure.low, "high": figure.high}


def comment_rows(records: Sequence[Record], user: Any, language: str) -> list[dict[str, Any]]:
    prefetch_related_objects(records, "comment__clause__record", "comment__answers__record")
    counts = queries.count_marks([record.pk for record in records])
    return [_comment_facts(record.comment, counts) for record in records]


def _comment_facts(comment: Comment, counts: dict[int, int]) -> dict[str, Any]:
    return {
        "clause": comment.clause.reference,
        "answers": comment.answers.reference if comment.answers else None,
        "stance": comment.stance or None,
        "quoted": comment.quoted or None,
        "moderation": comment.moderation,
        "useful": counts.get(comment.pk, 0),
    }


def comment_data(record: Record, user: Any, language: str) -> dict[str, Any]:
    found = queries.get_comment_for(user, record.reference, language)
    if found is None:
        return {}
    words = load_texts([record.title_id], language).get(record.title_id or 0)
    return {**_comment_facts(found, queries.count_marks([found.pk])), "words": said_as_data(words)}
