"""Commitments with both ratings and where their owners stand."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from django.db.models import BooleanField, Case, F, Q, QuerySet, When

from plenary.records.queries import visible_to
from plenary.records.texts import EMPTY, Said, first_paragraph, load_texts, with_texts
from plenary.strategy.models import Clause
from plenary.strategy.queries import get_current_version, get_shown_state

from ..models import Commitment, Report, Review, Round, Standing
from .reports import HANDED_IN
from .rounds import list_rounds_begun
from .visible import visible_commitments

if TYPE_CHECKING:
    from plenary.people.rules import Viewer

COMMITMENT_TEXTS = {
    "title": "record.title_id",
    "owner": "owner.record.title_id",
    "clause": "clause.record.title_id",
}


def edges_clause_to_commitment() -> QuerySet[Any, Any]:
    """Pairs (clause, commitment) of record ids, for the trail."""
    return Commitment.objects.values_list("clause_id", "record_id")


def get_promise(commitment: Commitment, language: str, today: date) -> Said:
    """How the clause that was taken on begins, as it reads today."""
    clause = commitment.clause
    state = get_shown_state(clause, get_current_version(clause.strategy, today), language)
    return first_paragraph(state.said["text"]) if state else EMPTY


@dataclass
class CommitmentRow:
    """A commitment with what its owner and the committee say of it, each as of the latest round that says it."""

    commitment: Commitment
    self_report: Report | None = None
    review: Review | None = None
    round: Round | None = None
    """The latest round that asks about it."""
    standing: Standing | None = None
    """Of the owner in that round."""
    silent_in: Round | None = None
    """The latest round in which the owner was silent, where she has not reported since."""

    @property
    def differs(self) -> bool:
        """Owner and committee rate the same round differently."""
        return (
            self.self_report is not None
            and self.review is not None
            and self.self_report.round_id == self.review.round_id
            and self.self_report.self_rating != self.review.completion
        )


def list_commitments_for(
    user: Viewer | None,
    language: str,
    today: date,
    *,
    clause: Clause | None = None,
    among: Collection[int] | None = None,
) -> list[CommitmentRow]:
    """Commitments with both ratings and where their owners stand, in order of their numbers.

    ``among``: only those with these ids, and with their co-owners.
    """
    found = visible_commitments(user)
    # Where nobody asks for certain ones, rows tell of owners alone.
    found = found.prefetch_related(None) if among is None else found.filter(pk__in=among)
    if clause is not None:
        found = found.filter(clause=clause)
    return rows_of(list(found.order_by("record__number")), user, language, today)


def rows_of(
    commitments: Sequence[Commitment], user: Viewer | None, language: str, today: date
) -> list[CommitmentRow]:
    """Five queries whatever the number of commitments, rounds, reports and reviews."""
    visible = visible_to(user, "record")
    rounds = list_rounds_begun(user, commitments, today)
    _with_titles(commitments, rounds, language)
    is_shown = Case(
        When(visible & Q(state__in=HANDED_IN), then=True), default=False, output_field=BooleanField()
    )
    reports = list(
        _reports_by_owners(commitments)
        .annotate(is_shown=is_shown)
        .select_related("record", "round__record")
        .order_by("round__opens_on", "round_id")
    )
    reviews = Review.objects.filter(visible, commitment__in=commitments)
    return make_rows(
        commitments,
        rounds=rounds,
        self_reports=[report for report in reports if report.is_shown],
        reviews=reviews.select_related("record", "round__record").order_by(
            "round__opens_on", "record__number"
        ),
        states={(report.commitment_id, report.round_id): report for report in reports},
        today=today,
    )


def _with_titles(commitments: Sequence[Commitment], rounds: Sequence[Round], language: str) -> None:
    """What commitments, their owners and clauses, and rounds are called, in one query."""
    readers = {name: attrgetter(path) for name, path in COMMITMENT_TEXTS.items()}
    named = [(item, {name: read(item) for name, read in readers.items()}) for item in commitments]
    named_rounds = [(item, {"title": item.record.title_id}) for item in rounds]
    texts = load_texts((pk for _, ids in (*named, *named_rounds) for pk in ids.values()), language)
    for item, ids in (*named, *named_rounds):
        item.said = {name: texts.get(pk or 0, EMPTY) for name, pk in ids.items()}


def make_rows(
    commitments: Iterable[Commitment],
    *,
    rounds: Sequence[Round],
    self_reports: Iterable[Report],
    reviews: Iterable[Review],
    states: dict[tuple[int, int], Report],
    today: date,
) -> list[CommitmentRow]:
    """Rows of what was read already; rounds, owners' reports and reviews come oldest round first. No query."""
    rows = {commitment.pk: CommitmentRow(commitment) for commitment in commitments}
    for report in self_reports:
        rows[report.commitment_id].self_report = report
    for review in reviews:
        rows[review.commitment_id].review = review
    for row in rows.values():
        _set_standing(row, rounds, states, today)
    return list(rows.values())


def states_of_owners(commitments: Sequence[Commitment]) -> dict[tuple[int, int], Report]:
    """Ids (commitment, round) → the owner's report there, with its state alone.

    Whether somebody has reported is public in every state; what she reported is not.
    """
    return {
        (report.commitment_id, report.round_id): report
        for report in _reports_by_owners(commitments).only("commitment", "round", "state")
    }


def _reports_by_owners(commitments: Sequence[Commitment]) -> QuerySet[Report]:
    return Report.objects.filter(commitment__in=commitments, organization=F("commitment__owner"))


def _set_standing(
    row: CommitmentRow, rounds: Iterable[Round], states: dict[tuple[int, int], Report], today: date
) -> None:
    for round in rounds:
        if round.strategy_id != row.commitment.clause.strategy_id or not round.concerns(row.commitment):
            continue
        row.round, row.standing = round, round.standing(states.get((row.commitment.pk, round.pk)), today)
        if row.standing == Standing.SILENT:
            row.silent_in = round
        elif row.standing in (Standing.SUBMITTED, Standing.ACCEPTED):
            row.silent_in = None


def get_commitment_for(user: Viewer | None, reference: str) -> Commitment | None:
    return visible_commitments(user).filter(record__reference=reference).first()


def list_clauses_to_take_on(user: Viewer | None, language: str) -> list[Clause]:
    """Clauses of the kind commitment, by strategy."""
    found = list(
        Clause.objects.filter(visible_to(user, "record"), kind=Clause.Kind.COMMITMENT)
        .select_related("record__title", "strategy__record")
        .order_by("strategy__record__number", "record__number")
    )
    with_texts(found, language, title="record.title_id")
    return found
