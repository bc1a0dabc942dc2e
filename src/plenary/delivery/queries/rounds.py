"""Rounds, and where every commitment stands in one."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import F

from plenary.records.queries import visible_to
from plenary.records.texts import with_texts
from plenary.strategy.models import Strategy

from ..models import Commitment, Report, Review, Round, Standing
from .reports import list_reports_for
from .reviews import list_reviews_for
from .visible import visible_commitments, visible_rounds

if TYPE_CHECKING:
    from plenary.people.rules import Viewer


def name_round(round: Round, language: str) -> Round:
    with_texts([round], language, title="record.title_id", strategy="strategy.record.title_id")
    return round


def list_rounds_for(user: Viewer | None, language: str) -> list[Round]:
    found = list(visible_rounds(user).order_by("-opens_on", "-record_id"))
    with_texts(found, language, title="record.title_id", strategy="strategy.record.title_id")
    return found


def list_rounds_begun(user: Viewer | None, commitments: Iterable[Commitment], today: date) -> list[Round]:
    """The rounds of the commitments' strategies that opened by a day, oldest first."""
    strategies = {commitment.clause.strategy_id for commitment in commitments}
    return list(
        visible_rounds(user)
        .filter(strategy__in=strategies, opens_on__lte=today)
        .order_by("opens_on", "record_id")
    )


def get_round_for(user: Viewer | None, reference: str) -> Round | None:
    return visible_rounds(user).filter(record__reference=reference).first()


def list_snapshots(round: Round) -> list[Any]:
    """What the round published, newest first, without the bytes."""
    return list(round.snapshots.defer("content").order_by("-id"))


def map_frozen(rounds: Collection[int]) -> dict[int, str]:
    """Ids of closed rounds → SHA-256 of what each published last, without the bytes."""
    return dict(Round.objects.filter(pk__in=rounds, frozen__isnull=False).values_list("pk", "frozen__sha256"))


def get_snapshot(round: Round, sha256: str) -> Any:
    return round.snapshots.filter(sha256=sha256).first()


@dataclass
class RoundRow:
    """A commitment in a round: where its owner stands, and what the reader may see of it."""

    commitment: Commitment
    standing: Standing
    reports: list[Report]
    reviews: list[Review]


def list_round_rows(user: Viewer | None, round: Round, language: str, today: date) -> list[RoundRow]:
    commitments = [
        commitment
        for commitment in visible_commitments(user)
        .filter(clause__strategy=round.strategy_id)
        .order_by("record__number")
        if round.concerns(commitment)
    ]
    with_texts(commitments, language, title="record.title_id", owner="owner.record.title_id")
    owners = {
        report.commitment_id: report
        for report in round.reports.filter(organization=F("commitment__owner")).only(
            "commitment", "state", "round"
        )
    }
    reports = list_reports_for(user, language, round=round)
    reviews = list_reviews_for(user, language, round=round)
    return [
        RoundRow(
            commitment,
            round.standing(owners.get(commitment.pk), today),
            [report for report in reports if report.commitment_id == commitment.pk],
            [review for review in reviews if review.commitment_id == commitment.pk],
        )
        for commitment in commitments
    ]


def list_strategies(user: Viewer | None, language: str) -> list[Strategy]:
    found = list(
        Strategy.objects.filter(visible_to(user, "record"))
        .select_related("record")
        .order_by("record__number")
    )
    with_texts(found, language, title="record.title_id")
    return found


def list_rounds_to_review(
    user: Viewer | None, commitment: Commitment, language: str, today: date
) -> list[Round]:
    """Open rounds that ask about a commitment, newest first."""
    return [
        round
        for round in list_rounds_for(user, language)
        if round.strategy_id == commitment.clause.strategy_id
        and round.takes_reports(today)
        and round.concerns(commitment)
    ]
