"""What waits for whom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.db.models import F, Q

from plenary.people.models import Role
from plenary.records.models import Organization
from plenary.records.texts import with_texts

from .. import rules
from ..models import Commitment, Report, Review, Round, Standing
from .reports import HANDED_IN
from .rounds import list_rounds_for
from .visible import visible_commitments, visible_reports

if TYPE_CHECKING:
    from plenary.people.models import User


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
    commitments = list(visible_commitments(user).filter(concerned).distinct().order_by("record__number"))
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
                if report and report.state == Report.State.RETURNED and not _writes(user, report):
                    continue
                standing = round.standing(report, today)
                if standing not in (Standing.SUBMITTED, Standing.ACCEPTED):
                    owed.append(Owed(commitment, round, organization, standing, report))
    with_texts([each.organization for each in owed], language, name="record.title_id")
    return owed


def _writes(user: User, report: Report) -> bool:
    """Whether a report that came back is the person's to correct; who only approves returned it, or could have."""
    return user.pk == report.written_by_id or (Role.CONTRIBUTOR, report.organization_id) in user.roles


def list_reports_to_accept(user: User, language: str) -> list[Report]:
    """Submitted reports that the person may accept: not her own."""
    found = visible_reports(user).filter(state=Report.State.SUBMITTED, round__frozen=None)
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
        for commitment in visible_commitments(user).filter(
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


def list_open_rounds(user: User, language: str, today: date) -> list[tuple[Round, int]]:
    """Rounds that are not closed, the earliest first, each with how many owners have not handed in a report."""
    rounds = [round for round in list_rounds_for(user, language) if round.frozen_id is None]
    commitments = list(
        visible_commitments(user).filter(clause__strategy__in={each.strategy_id for each in rounds})
    )
    handed_in = set(
        Report.objects.filter(
            round__in=rounds, state__in=HANDED_IN, organization=F("commitment__owner")
        ).values_list("round_id", "commitment_id")
    )
    return [
        (
            round,
            sum(
                round.strategy_id == commitment.clause.strategy_id
                and round.concerns(commitment)
                and (round.pk, commitment.pk) not in handed_in
                for commitment in commitments
            ),
        )
        for round in sorted(rounds, key=lambda each: (each.closes_on, each.pk))
    ]


def reviewable_by(user: User) -> Callable[[Commitment], bool]:
    """``rules.may_review`` for many commitments with one query."""
    written = set(
        Report.objects.filter(
            record__events__actor=user, record__events__verb__in=rules.AUTHORING
        ).values_list("commitment_id", flat=True)
    )
    return lambda commitment: rules.may_review(user, commitment, written)
