"""What translators find of commitments, their reports and reviews."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from plenary.kit.manifest import Piece
from plenary.records.queries import visible_to

from ..models import Commitment, Indicator, Report, Review, Round

if TYPE_CHECKING:
    from plenary.people.rules import Viewer


def texts(user: Viewer | None, now: datetime) -> Iterator[Piece]:
    """Names and units, and what accepted reports and reviews say. Five queries."""
    commitments = Commitment.objects.filter(visible_to(user, "record"), record__title__isnull=False)
    for pk, title in commitments.order_by("record__number").values_list("record_id", "record__title_id"):
        yield Piece(title, pk, 0)
    indicators = Indicator.objects.filter(visible_to(user, "commitment__record"))
    for pk, title, unit in indicators.order_by("record__number").values_list(
        "record_id", "record__title_id", "unit_id"
    ):
        if title:
            yield Piece(title, pk, 0)
        yield Piece(unit, pk, 0, "unit")
    rounds = Round.objects.filter(visible_to(user, "record"), record__title__isnull=False)
    for pk, title in rounds.order_by("-record__number").values_list("record_id", "record__title_id"):
        yield Piece(title, pk, 0)
    reports = Report.objects.filter(
        visible_to(user, "record"), state=Report.State.ACCEPTED, narrative__isnull=False
    )
    for pk, narrative in reports.order_by("-record__number").values_list("record_id", "narrative_id"):
        yield Piece(narrative, pk, 0, "narrative")
    reviews = Review.objects.filter(visible_to(user, "record"))
    for pk, findings in reviews.order_by("-record__number").values_list("record_id", "findings_id"):
        yield Piece(findings, pk, 0, "findings")
