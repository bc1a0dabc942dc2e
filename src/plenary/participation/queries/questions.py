"""Reads of the register of questions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q

from plenary.participation.models import CollectiveQuestion, Consultation
from plenary.records.models import Record, Stance
from plenary.records.queries import list_evidence_for, named_with, visible_to
from plenary.records.texts import with_texts
from plenary.strategy.models import Clause

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet

    from plenary.people.models import User
    from plenary.records.models import EvidenceLink

    Viewer = User | AnonymousUser | None


def list_questions_for(
    user: Viewer, *, concern: str = "", state: str = "", words: str = ""
) -> QuerySet[CollectiveQuestion]:
    """The register, what waits for an answer first, then the newest; a page of it goes through ``describe``."""
    found = CollectiveQuestion.objects.filter(visible_to(user, "record"))
    if concern:
        found = found.filter(concern=concern)
    if state:
        found = found.filter(answer__isnull=state == "open")
    if words:
        found = found.filter(named_with(words))
    return found.select_related("record").order_by("answered_at", "-record__number")


def describe_questions(
    questions: Iterable[CollectiveQuestion], user: Viewer, language: str
) -> list[CollectiveQuestion]:
    """Give each its words and ``supporting``, ``contradicting``, ``asked_in`` and ``answered_in``. Four queries."""
    found = list(questions)
    with_texts(found, language, question="record.title_id", background="background_id", answer="answer_id")
    ids = [question.pk for question in found]
    views = {stance: _views(user, ids, stance) for stance in (Stance.SUPPORTS, Stance.CONTRADICTS)}
    asked = dict(
        Consultation.objects.filter(visible_to(user, "record"), about__in=ids)
        .values_list("about")
        .annotate(Count("record"))
    )
    answered = dict(
        CollectiveQuestion.clauses.through.objects.filter(collectivequestion__in=ids)
        .values_list("collectivequestion")
        .annotate(Count("clause"))
    )
    for question in found:
        target: Any = question
        target.supporting = views[Stance.SUPPORTS].get(question.pk, 0)
        target.contradicting = views[Stance.CONTRADICTS].get(question.pk, 0)
        target.asked_in = asked.get(question.pk, 0)
        target.answered_in = answered.get(question.pk, 0)
    return found


def _views(user: Viewer, ids: Sequence[int], stance: str) -> dict[int, int]:
    rows = Record.objects.filter(visible_to(user), evidence_for__target__in=ids, evidence_for__stance=stance)
    return dict(rows.values_list("evidence_for__target").annotate(Count("pk")))


def get_question_for(user: Viewer, reference: str, language: str = "") -> CollectiveQuestion | None:
    """One question of the register, or None where there is none that she may see."""
    found = (
        CollectiveQuestion.objects.filter(visible_to(user, "record"), record__reference=reference)
        .select_related("record__title", "background", "answer", "raised_in")
        .first()
    )
    if found is not None and language:
        describe_questions([found], user, language)
        if found.raised_in is not None:
            with_texts([found.raised_in], language, title="title_id")
    return found


@dataclass(frozen=True)
class Views:
    """What is put forward on a question; ``link.said["title"]`` is the source's title."""

    supporting: list[EvidenceLink]
    contradicting: list[EvidenceLink]
    around: list[EvidenceLink]


def list_views(user: Viewer, question: CollectiveQuestion, language: str) -> Views:
    links = list_evidence_for(user, question.record, language)
    by_stance: dict[str, list[EvidenceLink]] = {stance: [] for stance in Stance.values}
    for link in links:
        by_stance[link.stance].append(link)
    return Views(by_stance[Stance.SUPPORTS], by_stance[Stance.CONTRADICTS], by_stance[Stance.CONTEXT])


def list_clauses_answering(question: CollectiveQuestion, language: str) -> list[Clause]:
    """The clauses in which the text answers a question, in the order of their references."""
    found = list(question.clauses.select_related("record").order_by("record__number"))
    with_texts(found, language, title="record.title_id")
    return found


def list_questions_about(user: Viewer, clause: Record, language: str) -> list[CollectiveQuestion]:
    """The questions that a clause answers, and those that came up in it."""
    found = list(
        CollectiveQuestion.objects.filter(
            visible_to(user, "record"), Q(clauses=clause.pk) | Q(raised_in=clause)
        )
        .select_related("record")
        .order_by("record__number")
        .distinct()
    )
    with_texts(found, language, question="record.title_id")
    return found


def edges_question_to_clause() -> QuerySet[Any, Any]:
    """Pairs (question, clause) of record ids."""
    return CollectiveQuestion.clauses.through.objects.values_list("collectivequestion_id", "clause_id")


def edges_record_to_question() -> QuerySet[Any, Any]:
    """Pairs (where it came up, question) of record ids."""
    return CollectiveQuestion.objects.filter(raised_in__isnull=False).values_list("raised_in_id", "record_id")


def edges_about_to_consultation() -> QuerySet[Any, Any]:
    """Pairs (question, consultation about it) of record ids."""
    return Consultation.objects.filter(about__kind="collectivequestion").values_list("about_id", "record_id")
