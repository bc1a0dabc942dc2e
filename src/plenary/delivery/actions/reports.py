"""A report's way: begun, saved, handed in, returned or accepted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from plenary.kit.errors import Refused
from plenary.kit.numbers import join_words
from plenary.records.actions import create_record, put_text, set_visibility, write_event
from plenary.records.models import Organization, Text, Visibility

from .. import rules
from ..models import Commitment, Completion, Datapoint, Indicator, Report, Round
from .shared import locked_round, plain, require, require_open

if TYPE_CHECKING:
    from plenary.people.models import User


@dataclass(frozen=True)
class ReportContent:
    """What a report says. ``figures``: indicator id → its value, or the words why there is none."""

    self_rating: str
    narrative: str
    language: str
    figures: Mapping[int, Decimal | str]


@transaction.atomic
def start_report(
    *, round: Round, commitment: Commitment, organization: Organization, by: User | None, now: datetime
) -> Report:
    """The organization's draft on this commitment in this round; where it has one already, that one."""
    require(rules.may_report_for(by, organization))
    round = locked_round(round)  # two clicks at once find one another here
    known = Report.objects.filter(round=round, commitment=commitment, organization=organization).first()
    if known is not None:
        return known
    require_open(round, timezone.localdate(now))
    if commitment.clause.strategy_id != round.strategy_id or not round.concerns(commitment):
        raise Refused(_("This round does not ask about this commitment."))
    if organization not in commitment.responsible:
        raise Refused(_("Only the owner and the co-owners report on a commitment."))
    record = create_record(
        kind="report",
        title=commitment.record.title,
        visibility=Visibility.ORGANIZATION,
        organization=organization,
        by=by,
        now=now,
        verb="started",
        changes={"round": [None, round.reference], "commitment": [None, commitment.reference]},
    )
    return Report.objects.create(
        record=record, round=round, commitment=commitment, organization=organization, written_by=by
    )


@transaction.atomic
def save_report(*, report: Report, content: ReportContent, by: User | None, now: datetime) -> Report:
    """Keep the draft as it is, complete or not."""
    report = _writable(report, by, now)
    changes = _write_content(report, content)
    if changes:
        write_event(record=report.record, verb="saved", by=by, now=now, changes=changes)
    return report


@transaction.atomic
def submit_report(
    *, report: Report, by: User | None, now: datetime, content: ReportContent | None = None
) -> Report:
    """Hand the report in, with what was last saved or with this content. It must be complete."""
    report = _writable(report, by, now)
    changes = _write_content(report, content) if content else {}
    missing = _what_is_missing(report)
    if missing:
        raise Refused(
            _("The report is not complete. It still needs: %(list)s.") % {"list": join_words(missing)}
        )
    changes["state"] = [report.state, Report.State.SUBMITTED.value]
    # The reason of an earlier return stays: whoever accepts sees what was asked for.
    report.state, report.submitted_at = Report.State.SUBMITTED, now
    report.save(update_fields=["state", "submitted_at"])
    set_visibility(record=report.record, visibility=Visibility.STAFF)
    write_event(record=report.record, verb="submitted", by=by, now=now, changes=changes)
    return report


@transaction.atomic
def return_report(*, report: Report, reason: str, by: User | None, now: datetime) -> Report:
    """Ask the organization for another version, and say why."""
    require(rules.may_decide_on_report(by, report))
    report = _locked_report(report)
    require_open(report.round, timezone.localdate(now))
    if report.state not in (Report.State.SUBMITTED, Report.State.ACCEPTED):
        raise Refused(_("Only a report that was handed in can be returned."))
    if not reason.strip():
        raise Refused(_("Say what should change; the organization needs the reason."))
    changes = {"state": [report.state, Report.State.RETURNED.value], "reason": [None, reason]}
    report.state, report.return_reason = Report.State.RETURNED, reason
    report.save(update_fields=["state", "return_reason"])
    set_visibility(record=report.record, visibility=Visibility.ORGANIZATION)
    write_event(record=report.record, verb="returned", by=by, now=now, changes=changes)
    return report


@transaction.atomic
def accept_report(*, report: Report, by: User | None, now: datetime) -> Report:
    """The report counts. Staff see it now, the public when the round is closed."""
    require(rules.may_decide_on_report(by, report))
    report = _locked_report(report)
    if rules.is_author_of(by, report):
        raise Refused(_("You wrote this report; somebody else accepts it."), code="own_report")
    require_open(report.round, timezone.localdate(now))
    if report.state != Report.State.SUBMITTED:
        raise Refused(_("Only a report that was handed in can be accepted."))
    report.state = Report.State.ACCEPTED
    report.save(update_fields=["state"])
    changes = {"state": [Report.State.SUBMITTED.value, Report.State.ACCEPTED.value]}
    write_event(record=report.record, verb="accepted", by=by, now=now, changes=changes)
    return report


def _locked_report(report: Report) -> Report:
    """The row as it is now; its round is locked too, so that nothing changes while the round is being frozen."""
    locked_round(report.round)
    return (
        Report.objects.select_for_update(of=("self",))
        .select_related("record", "round__record", "commitment", "organization", "narrative")
        .get(pk=report.pk)
    )


def _writable(report: Report, by: User | None, now: datetime) -> Report:
    require(rules.may_report_for(by, report.organization))
    report = _locked_report(report)
    require_open(report.round, timezone.localdate(now))
    if not report.is_writable:
        raise Refused(_("This report was handed in. It can be changed once it is returned."))
    return report


def _write_content(report: Report, content: ReportContent) -> dict[str, Any]:
    """Write what differs and return it as an event's changes."""
    changes: dict[str, Any] = {}
    if content.self_rating and content.self_rating not in Completion.values:
        raise Refused(_("A rating is one of the five steps from no evidence to complete."))
    if content.self_rating != report.self_rating:
        if not content.self_rating and report.state != Report.State.DRAFT:
            raise Refused(_("Rate the commitment; a report that was handed in once always carries a rating."))
        changes["self_rating"] = [report.self_rating, content.self_rating]
        report.self_rating = content.self_rating
    if _wording(report.narrative) != (content.narrative, content.language if content.narrative else ""):
        before = report.narrative_id
        report.narrative = put_text(content.narrative, content.language) if content.narrative else None
        changes["narrative"] = [before, report.narrative_id]
    report.save(update_fields=["self_rating", "narrative"])
    figures = _write_figures(report, content.figures)
    return changes | ({"figures": figures} if figures else {})


def _wording(text: Text | None) -> tuple[str, str]:
    return (text.body, text.source_language) if text else ("", "")


def _write_figures(report: Report, figures: Mapping[int, Decimal | str]) -> dict[str, list[str | None]]:
    """One row per indicator with a number or a reason; an empty figure removes the row."""
    changes: dict[str, list[str | None]] = {}
    known = {row.indicator_id: row for row in report.datapoints.all()}
    for indicator in Indicator.objects.filter(commitment=report.commitment).select_related("record"):
        figure = figures.get(indicator.pk, "")
        row = known.get(indicator.pk)
        before = (plain(row.value) or row.missing_reason) if row else None
        value, reason = (figure, "") if isinstance(figure, Decimal) else (None, figure.strip())
        after = plain(value) or reason or None
        if before == after:
            continue
        changes[indicator.reference] = [before, after]
        if after is None:
            report.datapoints.filter(indicator=indicator).delete()
        else:
            Datapoint.objects.update_or_create(
                report=report, indicator=indicator, defaults={"value": value, "missing_reason": reason}
            )
    return changes


def _what_is_missing(report: Report) -> list[str]:
    missing = [] if report.self_rating else [_("your rating")]
    if report.narrative_id is None:
        missing.append(_("what was done"))
    unanswered = Indicator.objects.filter(commitment=report.commitment).exclude(datapoints__report=report)
    return missing + list(unanswered.order_by("record__number").values_list("record__reference", flat=True))
