"""Who may do what with commitments, rounds, reports and reviews. ``None`` is the program itself."""

from __future__ import annotations

from collections.abc import Container
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from plenary.kit.errors import Refused
from plenary.kit.numbers import join_words
from plenary.people.models import Role
from plenary.people.rules import is_approver_of, is_committee, is_contributor_of, is_desk
from plenary.strategy.models import Change

from .models import Commitment, Report

if TYPE_CHECKING:
    from plenary.people.rules import Viewer
    from plenary.records.models import Organization

# What a person does to a report to become one of its authors.
AUTHORING = ("started", "saved", "submitted")


def may_run_rounds(user: Viewer | None) -> bool:
    """Make commitments, add indicators, open, close and reopen rounds."""
    return user is None or is_desk(user)


def may_report_for(user: Viewer | None, organization: Organization) -> bool:
    return user is None or is_contributor_of(user, organization)


def may_decide_on_report(user: Viewer | None, report: Report) -> bool:
    """Accept or return it: the desk, or who approves for the organization."""
    return user is None or is_desk(user) or is_approver_of(user, report.organization)


def is_author_of(user: Viewer | None, report: Report) -> bool:
    """Whether the person started, saved or submitted the report; its history knows. One query."""
    if user is None or not user.is_authenticated:
        return False
    return (
        user.pk == report.written_by_id
        or report.record.events.filter(actor=user, verb__in=AUTHORING).exists()
    )


def may_accept_report(user: Viewer | None, report: Report) -> bool:
    """Nobody accepts a report that she wrote herself."""
    return may_decide_on_report(user, report) and not is_author_of(user, report)


def bodies_of(user: Viewer | None) -> frozenset[int]:
    """Ids of the committees on which the person sits."""
    if user is None or not user.is_authenticated:
        return frozenset()
    return frozenset(held_in for role, held_in in user.roles if role == Role.COMMITTEE)


def may_review(user: Viewer | None, commitment: Commitment, written: Container[int] | None = None) -> bool:
    """A committee member who neither reports for an owner of the commitment nor ever wrote a report of it.

    ``written``: ids of the commitments on which the person wrote a report, where they are at hand.
    """
    if user is None:
        return True
    if not user.is_authenticated or not is_committee(user):
        return False
    if any(is_contributor_of(user, each) for each in commitment.responsible):
        return False
    if written is not None:
        return commitment.pk not in written
    return not Report.objects.filter(
        commitment=commitment, record__events__actor=user, record__events__verb__in=AUTHORING
    ).exists()


def keep_clauses_with_commitments(change: Change, now: datetime) -> None:
    """Guard: a clause whose commitments are still running is not removed."""
    if change.operation != Change.Operation.REMOVE or change.clause_id is None:
        return
    running = Commitment.objects.filter(clause_id=change.clause_id, closed_on=None).select_related("record")
    names = [commitment.reference for commitment in running.order_by("record__number")]
    if names:
        raise Refused(
            _(
                "This clause carries commitments that are still running: %(names)s. Close them first, then remove it."
            )
            % {"names": join_words(names)},
            code="clause_has_commitments",
        )
