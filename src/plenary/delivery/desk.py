"""What waits around commitments, and for whom."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from plenary.kit.desk import Task, Urgency
from plenary.kit.languages import content_language
from plenary.kit.templatetags.kit import said
from plenary.people.rules import is_committee, is_staff

from . import queries, rules
from .models import Report, Standing

if TYPE_CHECKING:
    from plenary.people.models import User


def desk(request: HttpRequest, now: datetime) -> Iterator[Task]:
    """Reports to write and to accept, commitments to review, rounds to close, and owners who are silent."""
    user, language, today = request.user, content_language(request), timezone.localdate(now)
    if not user.is_authenticated or not is_staff(user):
        return
    yield from _to_write(user, language, today)
    yield from _to_accept(user, language)
    for round, commitment in queries.list_commitments_to_review(user, language, today):
        address = reverse("review-commitment", args=[commitment.reference])
        yield Task(
            Urgency.OVERDUE if round.closes_on < today else Urgency.DUE,
            _("Review how {about} is kept"),
            f"{address}?round={round.reference}",
            about=commitment.said["title"],
            note=round.said["title"],
            day=round.closes_on,
        )
    if rules.may_run_rounds(user) or is_committee(user):
        yield from _rounds(user, language, today)
    if rules.may_run_rounds(user):
        yield Task(Urgency.BEGIN, _("Open a reporting round"), reverse("open-round"))
        yield Task(Urgency.BEGIN, _("Turn a clause into a commitment"), reverse("new-commitment"))


def _to_write(user: User, language: str, today: date) -> Iterator[Task]:
    for owed in queries.list_owed_reports(user, language, today):
        report = owed.report
        if report is None:
            address, words = reverse("commitment", args=[owed.commitment.reference]), _("Report on {about}")
        elif report.state == Report.State.RETURNED:
            address, words = _edit(report), _("Correct the report on {about}, which came back")
        else:
            address, words = _edit(report), _("Finish the report on {about} and hand it in")
        yield Task(
            Urgency.DUE if owed.standing == Standing.DUE else Urgency.OVERDUE,
            words,
            address,
            about=owed.commitment.said["title"],
            note=format_html(
                "{} · {}",
                said(owed.organization.said["name"]),
                said(owed.round.said["title"]),
            ),
            day=owed.round.closes_on,
        )


def _edit(report: Report) -> str:
    return reverse("edit-report", args=[report.reference])


def _to_accept(user: User, language: str) -> Iterator[Task]:
    for report in queries.list_reports_to_accept(user, language):
        yield Task(
            Urgency.WAITING,
            _("Accept or return the report {about}"),
            reverse("report", args=[report.reference]),
            about=report.said["title"],
            note=report.said["organization"],
            day=timezone.localdate(report.submitted_at) if report.submitted_at else None,
        )


def _rounds(user: User, language: str, today: date) -> Iterator[Task]:
    """Open rounds: who is silent in them, when they open and end, and for who runs them that they wait to be closed."""
    for round, missing in queries.list_open_rounds(user, language, today):
        address, title = reverse("round", args=[round.reference]), round.said["title"]
        if today < round.opens_on:
            yield Task(Urgency.AHEAD, _("{about} opens for reports"), address, title, day=round.opens_on)
            continue
        if today <= round.closes_on:
            words = (
                ngettext(
                    "{about} is due: %(count)s owner has yet to report",
                    "{about} is due: %(count)s owners have yet to report",
                    missing,
                )
                % {"count": missing}
                if missing
                else _("{about} is due: every owner has reported")
            )
            yield Task(Urgency.AHEAD, words, address, title, day=round.closes_on)
            continue
        if missing:
            words = ngettext(
                "%(count)s owner has not reported in {about}",
                "%(count)s owners have not reported in {about}",
                missing,
            )
            day = round.closes_on
            yield Task(Urgency.SILENT, words % {"count": missing}, address, title, day=day, count=missing)
        if rules.may_run_rounds(user):
            yield Task(
                Urgency.OVERDUE,
                _("{about} is past its day: close it, and publish what was reported"),
                address,
                title,
                day=round.closes_on,
            )
