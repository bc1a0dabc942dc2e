"""Reviews: what a committee sees of a commitment in a round."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import F, QuerySet

from plenary.records.models import Organization
from plenary.records.texts import with_texts

from .. import rules
from ..models import Commitment, Review, Round
from .visible import visible_reviews

if TYPE_CHECKING:
    from plenary.people.rules import Viewer

REVIEW_TEXTS = {
    "title": "record.title_id",
    "body": "body.record.title_id",
    "round": "round.record.title_id",
    "findings": "findings_id",
}


def edges_report_to_review() -> QuerySet[Any, Any]:
    """A review looked at the reports of the same commitment in the same round."""
    return Review.objects.filter(round__reports__commitment=F("commitment")).values_list(
        "round__reports__record_id", "record_id"
    )


def list_reviews_for(user: Viewer | None, language: str, **filters: Any) -> list[Review]:
    found = list(visible_reviews(user).filter(**filters).order_by("record__number"))
    with_texts(found, language, **REVIEW_TEXTS)
    return found


def get_review_for(user: Viewer | None, reference: str, language: str) -> Review | None:
    found = list_reviews_for(user, language, record__reference=reference)
    return found[0] if found else None


def list_bodies_of(user: Viewer, language: str) -> list[Organization]:
    """The committees for which the person may write a review."""
    found = list(
        Organization.objects.filter(pk__in=rules.bodies_of(user))
        .select_related("record")
        .order_by("record__number")
    )
    with_texts(found, language, name="record.title_id")
    return found


def get_own_review(user: Viewer | None, commitment: Commitment, round: Round | None) -> Review | None:
    """What one of the person's committees recorded in that round already."""
    found = Review.objects.filter(commitment=commitment, round=round, body__in=rules.bodies_of(user))
    return (
        found.select_related("findings", "body__record").order_by("record__number").first() if round else None
    )
