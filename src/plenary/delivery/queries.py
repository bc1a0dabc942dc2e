"""Every read of commitments, rounds, reports and reviews. Pages take a constant number of SQL queries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import F, Prefetch, Q, QuerySet

from plenary.people.models import Role
from plenary.records.models import Organization
from plenary.records.queries import visible_to
from plenary.records.texts import with_texts
from plenary.strategy.models import Clause, Strategy

from . import rules
from .models import Commitment, Datapoint, Indicator, Report, Review, Round, Standing

if TYPE_CHECKING:
    from plenary.people.models import User
    from plenary.people.rules import Viewer

HANDED_IN = (Report.State.SUBMITTED, Report.State.ACCEPTED)


# The trail


def edges_clause_to_commitment() -> QuerySet[Any, Any]:
    """Pairs (clause, commitment) of record ids, for the trail."""
    return Commitment.objects.values_list("clause_id", "record_id")


def edges_commitment_to_report() -> QuerySet[Any, Any]:
    return Report.objects.values_list("commitment_id", "record_id")


def edges_report_to_review() -> QuerySet[Any, Any]:
    """A review looked at the reports of the same commitment in the same round."""
    return Review.objects.filter(round__reports__commitment=F("commitment")).values_list(
        "round__reports__record_id", "record_id"
    )


# Commitments


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
    user: Viewer | None, language: str, today: date, *, clause: Clause | None = None
) -> list[CommitmentRow]:
    """Commitments with both ratings and where their owners stand, in order of their numbers."""
    found = _commitments(user)
    if clause is not None:
        found = found.filter(clause=clause)
    return rows_of(list(found.order_by("record__number")), user, language, today)


def rows_of(
    commitments: Sequence[Commitment], user: Viewer | None, language: str, today: date
) -> list[CommitmentRow]:
    rows = {commitment.pk: CommitmentRow(commitment) for commitment in commitments}
    with_texts(
        commitments, language,
        title="record.title_id", owner="owner.record.title_id", clause="clause.record.title_id",
    )  # fmt: skip
    visible = visible_to(user, "record")
    by_owner = Report.objects.filter(commitment__in=rows, organization=F("commitment__owner"))
    handed_in = by_owner.filter(visible, state__in=HANDED_IN).select_related("record", "round__record")
    for report in handed_in.order_by("round__opens_on", "round_id"):
        rows[report.commitment_id].self_report = report
    reviews = Review.objects.filter(visible, commitment__in=rows).select_related("record", "round__record")
    for review in reviews.order_by("round__opens_on", "record__number"):
        rows[review.commitment_id].review = review
    # Whether somebody has reported is public in every state; what she reported is not.
    states = {
        (report.commitment_id, report.round_id): report
        for report in by_owner.only("commitment", "round", "state")
    }
    strategies = {commitment.clause.strategy_id for commitment in commitments}
    rounds = list(
        _rounds(user).filter(strategy__in=strategies, opens_on__lte=today).order_by("opens_on", "record_id")
    )
    with_texts(rounds, language, title="record.title_id")
    for row in rows.values():
        _set_standing(row, rounds, states, today)
    return list(rows.values())


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
    return _commitments(user).filter(record__reference=reference).first()


def _commitments(user: Viewer | None) -> QuerySet[Commitment]:
    return (
        Commitment.objects.filter(visible_to(user, "record"))
        .select_related("record__title", "clause__record__title", "clause__strategy__record", "owner__record")
        .prefetch_related(Prefetch("co_owners", Organization.objects.select_related("record")))
    )


@dataclass
class Point:
    """An indicator in one round: the added-up value, and every organization's figure or reason."""

    round: Round
    datapoints: list[Datapoint] = field(default_factory=list)
    value: Any = None


def list_indicators(user: Viewer | None, commitment: Commitment, language: str) -> list[Indicator]:
    """A commitment's indicators, each with ``points`` from the reports that the reader may see, oldest first."""
    indicators = list(commitment.indicators.select_related("record").order_by("record__number"))
    with_texts(indicators, language, title="record.title_id", unit="unit_id")
    datapoints = list(
        Datapoint.objects.filter(
            visible_to(user, "report__record"), indicator__in=indicators, report__state__in=HANDED_IN
        )
        .select_related("report__round__record", "report__organization__record", "report__record")
        .order_by("report__round__opens_on", "report__round_id", "report__record__number")
    )
    with_texts(
        datapoints, language,
        round="report.round.record.title_id", organization="report.organization.record.title_id",
    )  # fmt: skip
    for indicator in indicators:
        points: dict[int, Point] = {}
        for row in datapoints:
            if row.indicator_id == indicator.pk:
                points.setdefault(row.report.round_id, Point(row.report.round)).datapoints.append(row)
        indicator.points = list(points.values())
        for point in indicator.points:
            point.value = _rolled_up(indicator, point.datapoints, commitment.owner_id)
    return indicators


def _rolled_up(indicator: Indicator, datapoints: Sequence[Datapoint], owner: int) -> Any:
    """One figure of several organizations' as the indicator says; the owner's alone where they are not added up."""
    values = [row.value for row in datapoints if row.value is not None]
    if indicator.rollup == Indicator.Rollup.NONE:
        values = [
            row.value for row in datapoints if row.value is not None and row.report.organization_id == owner
        ]
    if not values:
        return None
    if indicator.rollup == Indicator.Rollup.SUM:
        return sum(values)
    if indicator.rollup == Indicator.Rollup.MEAN:
        return round(sum(values) / len(values), 4)
    return values[-1]


@dataclass
class Chapter:
    """A commitment in one round: who reported, and how it was reviewed."""

    round: Round
    standing: Standing
    reports: list[Report] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)


def list_chapters(user: Viewer | None, commitment: Commitment, language: str, today: date) -> list[Chapter]:
    """The rounds that asked about a commitment, newest first, with the reports and reviews that the reader may see."""
    rounds = list(
        _rounds(user)
        .filter(strategy=commitment.clause.strategy_id, opens_on__lte=today)
        .order_by("-opens_on", "-record_id")
    )
    with_texts(rounds, language, title="record.title_id")
    owners = {
        report.round_id: report
        for report in commitment.reports.filter(organization=commitment.owner_id).only(
            "round", "state", "commitment"
        )
    }
    reports = list_reports_for(user, language, commitment=commitment)
    reviews = list_reviews_for(user, language, commitment=commitment)
    return [
        Chapter(
            round,
            round.standing(owners.get(round.pk), today),
            [report for report in reports if report.round_id == round.pk],
            [review for review in reviews if review.round_id == round.pk],
        )
        for round in rounds
        if round.concerns(commitment)
    ]


def name_owners(commitment: Commitment, language: str) -> None:
    """Give the owner and the co-owners their names: ``organization.said.name``."""
    with_texts(commitment.responsible, language, name="record.title_id")


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


# Rounds


def name_round(round: Round, language: str) -> Round:
    with_texts([round], language, title="record.title_id", strategy="strategy.record.title_id")
    return round


def _rounds(user: Viewer | None) -> QuerySet[Round]:
    return Round.objects.filter(visible_to(user, "record")).select_related(
        "record", "strategy__record", "frozen"
    )


def list_rounds_for(user: Viewer | None, language: str) -> list[Round]:
    found = list(_rounds(user).order_by("-opens_on", "-record_id"))
    with_texts(found, language, title="record.title_id", strategy="strategy.record.title_id")
    return found


def get_round_for(user: Viewer | None, reference: str) -> Round | None:
    return _rounds(user).filter(record__reference=reference).first()


def list_snapshots(round: Round) -> list[Any]:
    """What the round published, newest first, without the bytes."""
    return list(round.snapshots.defer("content").order_by("-id"))


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
        for commitment in _commitments(user)
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


# Reports and reviews


def list_reports_for(user: Viewer | None, language: str, **filters: Any) -> list[Report]:
    found = list(_reports(user).filter(**filters).order_by("record__number"))
    with_texts(
        found, language,
        title="record.title_id", organization="organization.record.title_id",
        round="round.record.title_id", narrative="narrative_id",
    )  # fmt: skip
    return found


def get_report_for(user: Viewer | None, reference: str, language: str) -> Report | None:
    """A report with its texts and its ``figures``, one per indicator of its commitment, answered or not."""
    found = list_reports_for(user, language, record__reference=reference)
    if not found:
        return None
    report = found[0]
    report.figures = list_figures(report, language)
    return report


@dataclass(frozen=True)
class Figure:
    indicator: Indicator
    datapoint: Datapoint | None


def list_figures(report: Report, language: str) -> list[Figure]:
    indicators = list(
        Indicator.objects.filter(commitment=report.commitment_id)
        .select_related("record")
        .order_by("record__number")
    )
    with_texts(indicators, language, title="record.title_id", unit="unit_id")
    known = {row.indicator_id: row for row in report.datapoints.all()}
    return [Figure(indicator, known.get(indicator.pk)) for indicator in indicators]


def _reports(user: Viewer | None) -> QuerySet[Report]:
    return Report.objects.filter(visible_to(user, "record")).select_related(
        "record", "round__record", "round__strategy", "organization__record", "narrative",
        "commitment__record", "commitment__clause__record", "commitment__owner__record",
    )  # fmt: skip


def list_reviews_for(user: Viewer | None, language: str, **filters: Any) -> list[Review]:
    found = list(
        Review.objects.filter(visible_to(user, "record"), **filters)
        .select_related(
            "record", "round__record", "body__record",
            "commitment__record", "commitment__clause__record", "commitment__owner__record",
        )
        .order_by("record__number")
    )  # fmt: skip
    with_texts(
        found, language,
        title="record.title_id", body="body.record.title_id",
        round="round.record.title_id", findings="findings_id",
    )  # fmt: skip
    return found


def get_review_for(user: Viewer | None, reference: str, language: str) -> Review | None:
    found = list_reviews_for(user, language, record__reference=reference)
    return found[0] if found else None


# The desk: what waits for whom


@dataclass(frozen=True)
class Owed:
    """A report that one of the reader's organizations owes."""

    commitment: Commitment
    round: Round
    organization: Organization
    standing: Standing
    report: Report | None


def list_owed_reports(user: User, language: str, today: date) -> list[Owed]:
    """What the person's organizations owe and have not handed in, and what they began as co-owners."""
    mine = [held_in for role, held_in in user.roles if role in (Role.CONTRIBUTOR, Role.APPROVER)]
    if not mine:
        return []
    concerned = Q(owner__in=mine) | Q(co_owners__in=mine)
    commitments = list(_commitments(user).filter(concerned).distinct().order_by("record__number"))
    with_texts(commitments, language, title="record.title_id")
    rounds = [round for round in list_rounds_for(user, language) if round.takes_reports(today)]
    reports = {
        (report.commitment_id, report.round_id, report.organization_id): report
        for report in Report.objects.filter(round__in=rounds, organization__in=mine).select_related("record")
    }
    owed = []
    for round in sorted(rounds, key=lambda each: each.closes_on):
        for commitment in commitments:
            if commitment.clause.strategy_id != round.strategy_id or not round.concerns(commitment):
                continue
            for organization in commitment.responsible:
                report = reports.get((commitment.pk, round.pk, organization.pk))
                if organization.pk not in mine or (organization.pk != commitment.owner_id and report is None):
                    continue
                standing = round.standing(report, today)
                if standing not in (Standing.SUBMITTED, Standing.ACCEPTED):
                    owed.append(Owed(commitment, round, organization, standing, report))
    with_texts([each.organization for each in owed], language, name="record.title_id")
    return owed


def list_reports_to_accept(user: User, language: str) -> list[Report]:
    """Submitted reports that the person may accept: not her own."""
    found = _reports(user).filter(state=Report.State.SUBMITTED, round__frozen=None)
    if not rules.may_run_rounds(user):
        approves = [held_in for role, held_in in user.roles if role == Role.APPROVER]
        if not approves:
            return []
        found = found.filter(organization__in=approves)
    own = Report.objects.filter(record__events__actor=user, record__events__verb__in=rules.AUTHORING)
    reports = list(found.exclude(pk__in=own.values("pk")).order_by("submitted_at"))
    with_texts(reports, language, title="record.title_id", organization="organization.record.title_id")
    return reports


def list_commitments_to_review(user: User, language: str, today: date) -> list[tuple[Round, Commitment]]:
    """Commitments of open rounds that were reported, or are late, and that the person's committee has yet to review."""
    bodies = rules.bodies_of(user)
    if not bodies:
        return []
    rounds = [round for round in list_rounds_for(user, language) if round.takes_reports(today)]
    reviewed = set(
        Review.objects.filter(round__in=rounds, body__in=bodies).values_list("round_id", "commitment_id")
    )
    reported = set(
        Report.objects.filter(round__in=rounds, state=Report.State.ACCEPTED).values_list(
            "round_id", "commitment_id"
        )
    )
    may = reviewable_by(user)
    found = [
        (round, commitment)
        for commitment in _commitments(user).filter(
            clause__strategy__in={each.strategy_id for each in rounds}
        )
        for round in rounds
        if round.strategy_id == commitment.clause.strategy_id
        and round.concerns(commitment)
        and (round.pk, commitment.pk) not in reviewed
        and ((round.pk, commitment.pk) in reported or today > round.closes_on)
        and may(commitment)
    ]
    with_texts([commitment for _, commitment in found], language, title="record.title_id")
    return sorted(found, key=lambda pair: (pair[0].closes_on, pair[1].record.number))


def reviewable_by(user: User) -> Callable[[Commitment], bool]:
    """``rules.may_review`` for many commitments with one query."""
    written = set(
        Report.objects.filter(
            record__events__actor=user, record__events__verb__in=rules.AUTHORING
        ).values_list("commitment_id", flat=True)
    )
    return lambda commitment: rules.may_review(user, commitment, written)


# Choices of forms


def list_clauses_to_take_on(user: Viewer | None, language: str) -> list[Clause]:
    """Clauses of the kind commitment, by strategy."""
    found = list(
        Clause.objects.filter(visible_to(user, "record"), kind=Clause.Kind.COMMITMENT)
        .select_related("record__title", "strategy__record")
        .order_by("strategy__record__number", "record__number")
    )
    with_texts(found, language, title="record.title_id")
    return found


def list_strategies(user: Viewer | None, language: str) -> list[Strategy]:
    found = list(
        Strategy.objects.filter(visible_to(user, "record"))
        .select_related("record")
        .order_by("record__number")
    )
    with_texts(found, language, title="record.title_id")
    return found


def list_bodies_of(user: Viewer, language: str) -> list[Organization]:
    """The committees for which the person may write a review."""
    found = list(
        Organization.objects.filter(pk__in=rules.bodies_of(user))
        .select_related("record")
        .order_by("record__number")
    )
    with_texts(found, language, name="record.title_id")
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


def get_own_review(user: Viewer | None, commitment: Commitment, round: Round | None) -> Review | None:
    """What one of the person's committees recorded in that round already."""
    found = Review.objects.filter(commitment=commitment, round=round, body__in=rules.bodies_of(user))
    return (
        found.select_related("findings", "body__record").order_by("record__number").first() if round else None
    )
