"""What a person may see of each kind, with the rows beside it that every page of it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Prefetch, Q, QuerySet

from plenary.records.models import Organization
from plenary.records.queries import visible_to

from ..models import Commitment, Report, Review, Round

if TYPE_CHECKING:
    from plenary.people.rules import Viewer


def visible_commitments(user: Viewer | None) -> QuerySet[Commitment]:
    return (
        Commitment.objects.filter(visible_to(user, "record"))
        .select_related("record__title", "clause__record__title", "clause__strategy__record", "owner__record")
        .prefetch_related(Prefetch("co_owners", Organization.objects.select_related("record")))
    )


def visible_rounds(user: Viewer | None) -> QuerySet[Round]:
    return Round.objects.filter(visible_to(user, "record")).select_related(
        "record", "strategy__record", "frozen"
    )


def visible_reports(user: Viewer | None) -> QuerySet[Report]:
    return Report.objects.filter(visible_to(user, "record")).select_related(
        "record", "round__record", "round__strategy", "organization__record", "narrative",
        "commitment__record", "commitment__clause__record", "commitment__owner__record",
    )  # fmt: skip


def visible_reviews(user: Viewer | None) -> QuerySet[Review]:
    return Review.objects.filter(visible_to(user, "record")).select_related(
        "record", "round__record", "body__record",
        "commitment__record", "commitment__clause__record", "commitment__owner__record",
    )  # fmt: skip


# Filters of records, for programs


def commitments_in(clause: str | None = None, owner: str | None = None) -> Q:
    """Commitments on one clause, of one owner, where their references are given."""
    where = Q(commitment__isnull=False)
    if clause:
        where &= Q(commitment__clause__record__reference=clause)
    return where & Q(commitment__owner__record__reference=owner) if owner else where


def reports_in(round: str | None = None, commitment: str | None = None) -> Q:
    return _in("report", round, commitment)


def reviews_in(round: str | None = None, commitment: str | None = None) -> Q:
    return _in("review", round, commitment)


def _in(kind: str, round: str | None, commitment: str | None) -> Q:
    where = Q(**{f"{kind}__isnull": False})
    if round:
        where &= Q(**{f"{kind}__round__record__reference": round})
    return where & Q(**{f"{kind}__commitment__record__reference": commitment}) if commitment else where
