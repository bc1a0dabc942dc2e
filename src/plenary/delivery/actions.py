"""Every write of commitments, indicators, rounds, reports and reviews. ``by`` is None for the program itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from plenary.kit.errors import Refused
from plenary.records.actions import create_record, put_text, set_visibility, take_snapshot, write_event
from plenary.records.models import Organization, Text, Visibility
from plenary.strategy.models import Clause, Strategy

from . import rules
from .frozen import canonical_json, round_content
from .models import Commitment, Completion, Datapoint, Indicator, Report, Review, Round

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
def make_commitment(
    *,
    clause: Clause,
    owner: Organization,
    starts_on: date,
    ends_on: date,
    by: User | None,
    now: datetime,
    co_owners: Collection[Organization] = (),
    title: str = "",
    language: str = "",
) -> Commitment:
    """Somebody takes on a promise of the text. Without a title of its own it is called what the clause is called."""
    _require(rules.may_run_rounds(by))
    if clause.kind != Clause.Kind.COMMITMENT:
        raise Refused(_("Only a clause of the kind commitment can be taken on; this one is of another kind."))
    _require_order(starts_on, ends_on)
    name = put_text(title, language) if title else clause.record.title
    co_owners = [each for each in co_owners if each.pk != owner.pk]
    record = create_record(
        kind="commitment",
        title=name,
        organization=owner,
        by=by,
        now=now,
        verb="made",
        changes={
            "clause": [None, clause.reference],
            "owner": [None, owner.reference],
            "co_owners": [None, [each.reference for each in co_owners]],
            "starts_on": [None, starts_on.isoformat()],
            "ends_on": [None, ends_on.isoformat()],
        },
    )
    commitment = Commitment.objects.create(
        record=record, clause=clause, owner=owner, starts_on=starts_on, ends_on=ends_on
    )
    commitment.co_owners.set(co_owners)
    return commitment


@transaction.atomic
def close_commitment(*, commitment: Commitment, closed_on: date, by: User | None, now: datetime) -> None:
    """The promise is no longer reported on: rounds that open later leave it out."""
    _require(rules.may_run_rounds(by))
    commitment = Commitment.objects.select_for_update(of=("self",)).get(pk=commitment.pk)
    if not commitment.is_running:
        raise Refused(_("This commitment is closed already."))
    if closed_on < commitment.starts_on:
        raise Refused(_("A commitment cannot be closed before it starts."))
    commitment.closed_on = closed_on
    commitment.save(update_fields=["closed_on"])
    write_event(
        record=commitment.record,
        verb="closed",
        by=by,
        now=now,
        changes={"closed_on": [None, closed_on.isoformat()]},
    )


@transaction.atomic
def add_indicator(
    *,
    commitment: Commitment,
    name: str,
    unit: str,
    language: str,
    direction: str,
    by: User | None,
    now: datetime,
    baseline: Decimal | None = None,
    target: Decimal | None = None,
    rollup: str = Indicator.Rollup.SUM,
) -> Indicator:
    """A figure that every later report on the commitment gives, or says why it cannot."""
    _require(rules.may_run_rounds(by))
    if not commitment.is_running:
        raise Refused(_("This commitment is closed; a closed commitment takes no new indicators."))
    if baseline is not None and target is not None:
        wrong = target < baseline if direction == Indicator.Direction.INCREASE else target > baseline
        if wrong:
            raise Refused(_("The target lies on the wrong side of the baseline for this direction."))
    record = create_record(
        kind="indicator",
        title=put_text(name, language),
        organization=commitment.owner,
        by=by,
        now=now,
        verb="added",
        changes={
            "commitment": [None, commitment.reference],
            "direction": [None, direction],
            "baseline": [None, _plain(baseline)],
            "target": [None, _plain(target)],
        },
    )
    return Indicator.objects.create(
        record=record,
        commitment=commitment,
        unit=put_text(unit, language),
        direction=direction,
        baseline=baseline,
        target=target,
        rollup=rollup,
    )


# Rounds


@transaction.atomic
def open_round(
    *,
    strategy: Strategy,
    title: str,
    language: str,
    opens_on: date,
    closes_on: date,
    by: User | None,
    now: datetime,
) -> Round:
    """Ask the owners of a strategy's commitments to report between two days."""
    _require(rules.may_run_rounds(by))
    _require_order(opens_on, closes_on)
    record = create_record(
        kind="round",
        title=put_text(title, language),
        by=by,
        now=now,
        verb="opened",
        changes={
            "strategy": [None, strategy.reference],
            "opens_on": [None, opens_on.isoformat()],
            "closes_on": [None, closes_on.isoformat()],
        },
    )
    return Round.objects.create(record=record, strategy=strategy, opens_on=opens_on, closes_on=closes_on)


@transaction.atomic
def close_round(*, round: Round, by: User | None, now: datetime) -> Round:
    """Freeze what was reported, reviewed and left unsaid, and publish it."""
    _require(rules.may_run_rounds(by))
    round = _locked_round(round)
    today = timezone.localdate(now)
    _require_open(round, today)
    waiting = round.reports.filter(state=Report.State.SUBMITTED).order_by("record__number")
    names = list(waiting.values_list("record__reference", flat=True))
    if names:
        message = _(
            "These reports wait for a decision: %(names)s. Accept or return them, then close the round."
        )
        raise Refused(message % {"names": ", ".join(names)})
    content = round_content(round, now)
    if today <= round.closes_on and any(entry["silent"] for entry in content["commitments"]):
        message = _("Owners may still report until %(day)s. The round can be closed after that day.")
        raise Refused(message % {"day": round.closes_on.isoformat()})
    snapshot = take_snapshot(content=canonical_json(content), now=now)
    round.frozen = snapshot
    round.save(update_fields=["frozen"])
    round.snapshots.add(snapshot)
    for report in round.reports.filter(state=Report.State.ACCEPTED).select_related("record"):
        set_visibility(record=report.record, visibility=Visibility.PUBLIC)
    for review in round.reviews.select_related("record"):
        set_visibility(record=review.record, visibility=Visibility.PUBLIC)
    write_event(
        record=round.record, verb="closed", by=by, now=now, changes={"snapshot": [None, snapshot.sha256]}
    )
    return round


@transaction.atomic
def reopen_round(*, round: Round, closes_on: date, reason: str, by: User | None, now: datetime) -> Round:
    """Take reports again. What was published stays published; closing again freezes a snapshot beside it."""
    _require(rules.may_run_rounds(by))
    round = _locked_round(round)
    if round.frozen is None:
        raise Refused(_("This round is open already."))
    if closes_on < timezone.localdate(now):
        raise Refused(_("The new closing day has passed already."))
    if not reason.strip():
        raise Refused(_("Say why the round is opened again; the reason stays in its history."))
    changes = {
        "snapshot": [round.frozen.sha256, None],
        "closes_on": [round.closes_on.isoformat(), closes_on.isoformat()],
        "reason": [None, reason],
    }
    round.frozen, round.closes_on = None, closes_on
    round.save(update_fields=["frozen", "closes_on"])
    write_event(record=round.record, verb="reopened", by=by, now=now, changes=changes)
    return round


# Reports


@transaction.atomic
def start_report(
    *, round: Round, commitment: Commitment, organization: Organization, by: User | None, now: datetime
) -> Report:
    """The organization's draft on this commitment in this round; where it has one already, that one."""
    _require(rules.may_report_for(by, organization))
    round = _locked_round(round)  # two clicks at once find one another here
    known = Report.objects.filter(round=round, commitment=commitment, organization=organization).first()
    if known is not None:
        return known
    _require_open(round, timezone.localdate(now))
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
            _("The report is not complete. It still needs: %(list)s.") % {"list": ", ".join(missing)}
        )
    changes["state"] = [report.state, Report.State.SUBMITTED.value]
    report.state, report.submitted_at, report.return_reason = Report.State.SUBMITTED, now, ""
    report.save(update_fields=["state", "submitted_at", "return_reason"])
    set_visibility(record=report.record, visibility=Visibility.STAFF)
    write_event(record=report.record, verb="submitted", by=by, now=now, changes=changes)
    return report


@transaction.atomic
def return_report(*, report: Report, reason: str, by: User | None, now: datetime) -> Report:
    """Ask the organization for another version, and say why."""
    _require(rules.may_decide_on_report(by, report))
    report = _locked_report(report)
    _require_open(report.round, timezone.localdate(now))
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
    _require(rules.may_decide_on_report(by, report))
    report = _locked_report(report)
    if rules.is_author_of(by, report):
        raise Refused(_("You wrote this report; somebody else accepts it."), code="own_report")
    _require_open(report.round, timezone.localdate(now))
    if report.state != Report.State.SUBMITTED:
        raise Refused(_("Only a report that was handed in can be accepted."))
    report.state = Report.State.ACCEPTED
    report.save(update_fields=["state"])
    changes = {"state": [Report.State.SUBMITTED.value, Report.State.ACCEPTED.value]}
    write_event(record=report.record, verb="accepted", by=by, now=now, changes=changes)
    return report


# Reviews


@transaction.atomic
def review_commitment(
    *,
    round: Round,
    commitment: Commitment,
    body: Organization,
    completion: str,
    result: str,
    findings: str,
    language: str,
    by: User | None,
    now: datetime,
) -> Review:
    """The body's own judgement beside the owners'. Until the round is closed, it may be written anew."""
    _require(rules.may_review(by, commitment) and (by is None or body.pk in rules.bodies_of(by)))
    round = _locked_round(round)
    _require_open(round, timezone.localdate(now))
    if commitment.clause.strategy_id != round.strategy_id or not round.concerns(commitment):
        raise Refused(_("This round does not ask about this commitment."))
    text = put_text(findings, language)
    review = (
        Review.objects.filter(round=round, commitment=commitment, body=body).select_related("record").first()
    )
    if review is not None:
        changes = {
            "completion": [review.completion, completion],
            "result": [review.result, result],
            "findings": [review.findings_id, text.pk],
        }
        review.completion, review.result, review.findings, review.reviewed_by = completion, result, text, by
        review.save()
        set_visibility(record=review.record, visibility=Visibility.STAFF)
        write_event(record=review.record, verb="revised", by=by, now=now, changes=changes)
        return review
    record = create_record(
        kind="review",
        title=commitment.record.title,
        visibility=Visibility.STAFF,
        organization=body,
        by=by,
        now=now,
        verb="reviewed",
        changes={
            "round": [None, round.reference],
            "commitment": [None, commitment.reference],
            "completion": [None, completion],
            "result": [None, result],
        },
    )
    return Review.objects.create(
        record=record,
        round=round,
        commitment=commitment,
        body=body,
        completion=completion,
        result=result,
        findings=text,
        reviewed_by=by,
    )


# What the actions above share


def _require(allowed: bool) -> None:
    if not allowed:
        raise PermissionDenied


def _require_order(first: date, last: date) -> None:
    if last < first:
        raise Refused(_("The last day lies before the first."))


def _require_open(round: Round, today: date) -> None:
    if round.frozen_id is not None:
        raise Refused(_("This round is closed. What it froze stays as it is; the desk can open it again."))
    if not round.takes_reports(today):
        raise Refused(_("This round opens on %(day)s.") % {"day": round.opens_on.isoformat()})


def _locked_round(round: Round) -> Round:
    return Round.objects.select_for_update(of=("self",)).select_related("record", "frozen").get(pk=round.pk)


def _locked_report(report: Report) -> Report:
    """The row as it is now; its round is locked too, so that nothing changes while the round is being frozen."""
    _locked_round(report.round)
    return (
        Report.objects.select_for_update(of=("self",))
        .select_related("record", "round__record", "commitment", "organization", "narrative")
        .get(pk=report.pk)
    )


def _writable(report: Report, by: User | None, now: datetime) -> Report:
    _require(rules.may_report_for(by, report.organization))
    report = _locked_report(report)
    _require_open(report.round, timezone.localdate(now))
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
        before = (_plain(row.value) or row.missing_reason) if row else None
        value, reason = (figure, "") if isinstance(figure, Decimal) else (None, figure.strip())
        after = _plain(value) or reason or None
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


def _plain(value: Decimal | None) -> str | None:
    """A number for the history, equal for equal numbers."""
    return None if value is None else format(value.normalize(), "f")
