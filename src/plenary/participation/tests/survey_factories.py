from __future__ import annotations

from typing import Any

from plenary.participation.actions import (
    Phrase,
    QuestionSpec,
    answer_survey,
    create_survey,
    publish_survey,
)
from plenary.participation.models import Survey
from plenary.participation.tokens import Voter
from plenary.records.tests.factories import NOW

from .factories import make_consultation, make_voter

ALL_KINDS = (
    QuestionSpec(
        "choice",
        Phrase("Do you use it?", {"fr": "L’utilisez-vous ?"}),
        is_required=True,
        options=["yes", "no"],
    ),
    QuestionSpec("scale", "How well does it work?", lowest=1, highest=5, depends_on=1, depends_values=[1]),
    QuestionSpec("several", "Where?", options=["home", "school", "work"]),
    QuestionSpec("ranking", "What matters most?", options=["price", "privacy", "speed"]),
    QuestionSpec("text", "What else?"),
)


def make_survey(questions: Any = ALL_KINDS, *, published: bool = True, **changes: Any) -> Survey:
    """One question of every kind, published in an open consultation."""
    consultation = changes.pop("consultation", None) or make_consultation()
    facts: dict[str, Any] = {"title": "Tools", "language": "en", "by": None, "now": NOW} | changes
    survey = create_survey(consultation=consultation, questions=questions, **facts)
    if published:
        publish_survey(survey=survey, by=None, now=NOW)
    return survey


def answer(survey: Survey, given: dict[int, Any], voter: Voter | None = None) -> Voter:
    voter = voter or make_voter(survey.consultation)
    answer_survey(survey=survey, voter=voter, given=given, language="en", now=NOW)
    return voter
