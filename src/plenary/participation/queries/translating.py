"""What translators find of consultations, and in which languages they are read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from django.core.cache import caches
from django.db.models import Count

from plenary.kit.manifest import Piece
from plenary.participation.models import (
    CollectiveQuestion,
    Comment,
    Consultation,
    Reply,
    Statement,
    Survey,
    SurveyAnswer,
    SurveyOption,
    SurveyQuestion,
    Vote,
)
from plenary.participation.phases import Phase
from plenary.records.queries import visible_to

from .surveys import latest

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from plenary.people.models import User

    Viewer = User | AnonymousUser | None

SHOWN_SECONDS = 60  # how old the counts may be by which translators are shown what is read most
# Of a question that nobody translated, no statement is read.
_FIRST = 1_000_000_000


def texts(user: Viewer, now: datetime) -> Iterator[Piece]:
    """What consultations ask and answer, their surveys, accepted statements and comments, the register. Ten queries."""
    consultations = list(
        Consultation.objects.filter(visible_to(user, "record"))
        .select_related("record")
        .order_by("-opens_at", "-record__number")
    )
    open_now = [
        each.pk
        for each in consultations
        if each.phase_at(now) in (Phase.ANNOUNCED, Phase.OPEN, Phase.FINAL) and not each.is_draft
    ]
    languages = {each.pk: tuple(each.languages) for each in consultations}
    for each in consultations:
        parts = {
            "question": each.question_id,
            "title": each.record.title_id,
            "introduction": each.introduction_id,
        }
        for part, pk in parts.items():
            if pk:
                urgent = each.pk in open_now
                yield Piece(pk, each.pk, each.pk, part, urgent, _FIRST, languages[each.pk])
    answers: dict[int, list[int]] = {}
    replies = Reply.objects.filter(consultation__in=languages).order_by("id")
    for pk, answer in replies.values_list("consultation_id", "text_id"):
        answers.setdefault(pk, []).append(answer)
    for pk, (*before, answer) in answers.items():
        earlier = before[-1] if before else None
        yield Piece(answer, pk, pk, "answer", languages=languages[pk], earlier=earlier)
    yield from _surveys(user, open_now, languages)
    shown = _count_shown(open_now)
    rows = (
        Statement.objects.filter(
            visible_to(user, "record"),
            consultation__in=languages,
            moderation=Statement.Moderation.ACCEPTED,
            record__title__isnull=False,
        )
        .order_by("record__number")
        .values_list("record_id", "record__title_id", "consultation_id")
    )
    for pk, title, whole in rows:
        yield Piece(title, pk, whole, "statement", whole in open_now, shown.get(pk, 0), languages[whole])
    yield from _questions(user)
    comments = Comment.objects.filter(visible_to(user, "record"), moderation=Comment.Moderation.ACCEPTED)
    comments = comments.filter(record__title__isnull=False).order_by("-record__number")
    for pk, title, strategy in comments.values_list("record_id", "record__title_id", "clause__strategy_id"):
        yield Piece(title, pk, strategy, "comment")


def _surveys(user: Viewer, open_now: list[int], languages: dict[int, tuple[str, ...]]) -> Iterator[Piece]:
    """Questions with the answers to choose, and the answers in words that are shown. Four queries."""
    surveys = Survey.objects.filter(visible_to(user, "record"), consultation__in=languages)
    wholes: dict[int, int] = {}

    def piece(text: int, survey: int, part: str, weight: int = _FIRST - 1) -> Piece:
        whole = wholes[survey]
        return Piece(text, survey, whole, part, whole in open_now, weight, languages[whole])

    rows = surveys.order_by("record__number")
    for pk, whole, *found in rows.values_list(
        "record_id", "consultation_id", "record__title_id", "introduction_id"
    ):
        wholes[pk] = whole
        yield from (
            piece(text, pk, part) for part, text in zip(("title", "introduction"), found, strict=True) if text
        )
    questions = SurveyQuestion.objects.filter(survey__in=wholes, removed_at=None).order_by("survey", "place")
    parts = ("question", "hint", "scale", "scale")
    for pk, *found in questions.values_list(
        "survey_id", "wording_id", "help_id", "lowest_label_id", "highest_label_id"
    ):
        yield from (piece(text, pk, part) for part, text in zip(parts, found, strict=True) if text)
    options = SurveyOption.objects.filter(question__survey__in=wholes, question__removed_at=None)
    for pk, text in options.order_by("question__place", "number").values_list(
        "question__survey_id", "words_id"
    ):
        yield piece(text, pk, "option")
    accepted = SurveyAnswer.Moderation.ACCEPTED
    said = latest(SurveyAnswer.objects.filter(question__survey__in=wholes, moderation=accepted)).exclude(
        text=None
    )
    for pk, text in said.order_by("id").values_list("question__survey_id", "text_id"):
        yield piece(text, pk, "said", 0)


def _questions(user: Viewer) -> Iterator[Piece]:
    """The register of questions that need a collective answer. One query."""
    found = CollectiveQuestion.objects.filter(visible_to(user, "record")).order_by("-record__number")
    rows = found.values_list("record_id", "record__title_id", "background_id", "answer_id")
    for record, *texts_of_it in rows:
        for part, pk in zip(("question", "background", "answer"), texts_of_it, strict=True):
            if pk:
                yield Piece(pk, record, 0, part)


def _count_shown(consultations: list[int]) -> dict[int, int]:
    """How often statements of these consultations were voted on, lately."""
    key = f"participation.shown.{'.'.join(map(str, sorted(consultations)))}"[:200]
    counts: dict[int, int] | None = caches["local"].get(key)
    if counts is None:
        votes = Vote.objects.filter(n=0, statement__consultation__in=consultations)
        counts = dict(votes.values_list("statement").annotate(Count("id"))) if consultations else {}
        caches["local"].set(key, counts, SHOWN_SECONDS)
    return counts
