"""Reads for what is printed, entered from paper, and told of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q, QuerySet

from plenary.participation.models import (
    Consultation,
    PaperBallot,
    Statement,
)
from plenary.records.texts import with_texts

from .consultations import CONSULTATION_WORDS

if TYPE_CHECKING:
    pass


def withdrawn_participants() -> QuerySet[Any, Any]:
    """Ids of those whose paper ballot was withdrawn: their votes are stored and count nowhere."""
    return PaperBallot.objects.filter(withdrawn_at__isnull=False).values("participant_id")


def list_statements_for_paper(
    consultation: Consultation, language: str, *, references: Sequence[str] = (), fewest: int = 0
) -> list[Statement]:
    """Accepted statements with their words, by number: all, those named, or the ``fewest`` voted on. Two queries."""
    found = Statement.objects.filter(consultation=consultation, moderation=Statement.Moderation.ACCEPTED)
    if references:
        found = found.filter(record__reference__in=references)
    elif fewest:
        order = found.annotate(answers=Count("votes", filter=Q(votes__n=0))).order_by(
            "answers", "record__number"
        )
        found = found.filter(pk__in=list(order.values_list("pk", flat=True)[:fewest]))
    statements = list(found.select_related("record").order_by("record__number"))
    with_texts(statements, language, text="record.title_id")
    return statements


def with_words(consultation: Consultation, language: str) -> Consultation:
    """Give a consultation its words in a language. One query."""
    with_texts([consultation], language, **CONSULTATION_WORDS)
    return consultation
