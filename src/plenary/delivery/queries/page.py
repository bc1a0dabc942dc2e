"""All that the page of one commitment shows, with its texts together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from plenary.records.models import Organization
from plenary.records.texts import EMPTY, load_texts

from .. import rules
from ..models import Commitment, Indicator, Report, Review, Round, Standing
from .commitments import (
    COMMITMENT_TEXTS,
    CommitmentRow,
    get_commitment_for,
    make_rows,
    states_of_owners,
)
from .indicators import DATAPOINT_TEXTS, INDICATOR_TEXTS, load_indicators
from .reports import HANDED_IN, REPORT_TEXTS
from .reviews import REVIEW_TEXTS
from .rounds import list_rounds_begun
from .visible import visible_reports, visible_reviews

if TYPE_CHECKING:
    from plenary.people.rules import Viewer


@dataclass
class Chapter:
    """A commitment in one round: who reported, and how it was reviewed."""

    round: Round
    standing: Standing
    reports: list[Report] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)


@dataclass
class CommitmentPage:
    """A commitment with its ratings, its rounds (newest first) and its indicators."""

    row: CommitmentRow
    chapters: list[Chapter]
    indicators: list[Indicator]

    @property
    def commitment(self) -> Commitment:
        return self.row.commitment


def get_commitment_page(
    user: Viewer | None, reference: str, language: str, today: date
) -> CommitmentPage | None:
    """A commitment, the rounds that asked about it, its indicators, and what the reader may see of them.

    Nine SQL queries, however many reports and figures there are.
    """
    commitment = get_commitment_for(user, reference)
    if commitment is None:
        return None
    rounds = list_rounds_begun(user, [commitment], today)
    states = states_of_owners([commitment])
    reports = list(visible_reports(user).filter(commitment=commitment).order_by("record__number"))
    reviews = list(visible_reviews(user).filter(commitment=commitment).order_by("record__number"))
    indicators, datapoints = load_indicators(user, commitment)
    _give_texts(
        language,
        ([commitment], COMMITMENT_TEXTS),
        (commitment.responsible, {"name": "record.title_id"}),
        (rounds, {"title": "record.title_id"}),
        (reports, REPORT_TEXTS),
        (reviews, REVIEW_TEXTS),
        (indicators, INDICATOR_TEXTS),
        (datapoints, DATAPOINT_TEXTS),
    )
    by_owner = [
        report
        for report in reports
        if report.organization_id == commitment.owner_id and report.state in HANDED_IN
    ]
    [row] = make_rows(
        [commitment],
        rounds=rounds,
        self_reports=sorted(by_owner, key=lambda each: (each.round.opens_on, each.round_id)),
        reviews=sorted(reviews, key=lambda each: (each.round.opens_on, each.record.number)),
        states=states,
        today=today,
    )
    chapters = [
        Chapter(
            round,
            round.standing(states.get((commitment.pk, round.pk)), today),
            [report for report in reports if report.round_id == round.pk],
            [review for review in reviews if review.round_id == round.pk],
        )
        for round in reversed(rounds)
        if round.concerns(commitment)
    ]
    return CommitmentPage(row, chapters, indicators)


def _give_texts(language: str, *groups: tuple[Sequence[Any], Mapping[str, str]]) -> None:
    """``with_texts`` for rows of several kinds, each with its own paths: one SQL query for all of them."""
    wanted = [
        (row, name, attrgetter(path)(row))
        for rows, paths in groups
        for row in rows
        for name, path in paths.items()
    ]
    texts = load_texts((text_id for _, _, text_id in wanted), language)
    for row, name, text_id in wanted:
        row.said = getattr(row, "said", {}) | {name: texts.get(text_id, EMPTY)}


def list_places_to_report(
    user: Viewer, commitment: Commitment, chapters: Sequence[Chapter], today: date
) -> list[tuple[Round, Organization, Report | None]]:
    """Where the person may write: (open round, organization, the report begun or handed in, if any)."""
    return [
        (
            chapter.round,
            organization,
            next((report for report in chapter.reports if report.organization_id == organization.pk), None),
        )
        for chapter in chapters
        if chapter.round.takes_reports(today)
        for organization in commitment.responsible
        if rules.may_report_for(user, organization)
    ]
