"""What translators find of consultations, and in which languages they are read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from django.core.cache import caches
from django.db.models import Count

from plenary.kit.manifest import Piece
from plenary.participation.models import CollectiveQuestion, Consultation, Reply, Statement, Vote
from plenary.participation.phases import Phase
from plenary.records.queries import visible_to

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from plenary.people.models import User

    Viewer = User | AnonymousUser | None

SHOWN_SECONDS = 60  # how old the counts may be by which translators are shown what is read most
# Of a question that nobody translated, no statement is read.
_FIRST = 1_000_000_000


def texts(user: Viewer, now: datetime) -> Iterator[Piece]:
    """What consultations ask and answer, accepted statements, and the register of questions. Five queries."""
    consultations = list(
        Consultation.objects.filter(visible_to(user, "record"))
        .select_related("record")
        .order_by("-opens_at", "-record__number")
    )
    open_now = [
        each.pk for each in consultations if each.phase_at(now) in (Phase.ANNOUNCED, Phase.OPEN, Phase.FINAL)
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
