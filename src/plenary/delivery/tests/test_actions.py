from __future__ import annotations

import hashlib
import json
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from plenary.delivery import actions
from plenary.delivery.frozen import canonical_json, round_content
from plenary.delivery.models import Commitment, Report, Round
from plenary.kit.errors import Refused
from plenary.people.actions import grant_role
from plenary.records.models import Event
from plenary.records.tests.factories import make_organization
from plenary.strategy.actions import accept_change
from plenary.strategy.tests.factories import clause, make_change, make_ready

from .factories import (
    LATE,
    NOW,
    content,
    make_clause,
    make_commitment,
    make_indicator,
    make_report,
    make_review,
    make_round,
)

pytestmark = pytest.mark.django_db


def verbs(thing) -> list[str]:
    return list(Event.objects.filter(record=thing.record).order_by("id").values_list("verb", flat=True))


# Commitments and indicators


def test_a_commitment_is_called_what_its_clause_is_called(office):
    commitment = make_commitment(office)
    assert commitment.record.title_id == commitment.clause.record.title_id
    assert (commitment.reference, verbs(commitment)) == ("COM-1", ["made"])


def test_only_a_promise_can_be_taken_on(office):
    with pytest.raises(Refused, match="kind commitment"):
        make_commitment(office, make_clause("P1"))
    assert not Commitment.objects.exists()


def test_a_commitment_does_not_end_before_it_starts(office):
    with pytest.raises(Refused):
        make_commitment(office, starts_on=date(2026, 2, 1), ends_on=date(2026, 1, 1))


def test_only_the_desk_makes_commitments(office, bob, alice):
    promise = make_clause()
    with pytest.raises(PermissionDenied):
        make_commitment(office, promise, by=bob)
    assert make_commitment(office, promise, by=alice).record.events.get().actor == alice


def test_a_target_lies_on_the_better_side_of_the_baseline(commitment, now):
    with pytest.raises(Refused, match="wrong side"):
        make_indicator(commitment, direction="decrease")
    assert verbs(make_indicator(commitment)) == ["added"]


def test_a_commitment_is_closed_once(commitment, alice, now):
    actions.close_commitment(commitment=commitment, closed_on=date(2026, 3, 5), by=alice, now=now)
    commitment.refresh_from_db()
    assert not commitment.is_running and verbs(commitment) == ["made", "closed"]
    with pytest.raises(Refused, match="already"):
        actions.close_commitment(commitment=commitment, closed_on=date(2026, 3, 6), by=alice, now=now)


# Reports


def test_a_report_is_started_once_and_seen_by_its_organization_only(round, commitment, office, bob, now):
    asked = {"round": round, "commitment": commitment, "organization": office, "by": bob, "now": now}
    report = actions.start_report(**asked)
    assert actions.start_report(**asked).pk == report.pk
    assert (report.record.visibility, verbs(report)) == ("organization", ["started"])


def test_a_stranger_and_another_organization_cannot_report(
    round, commitment, office, unit, charlie, alice, now
):
    for person in (charlie, alice):
        with pytest.raises(PermissionDenied):
            actions.start_report(round=round, commitment=commitment, organization=office, by=person, now=now)
    with pytest.raises(Refused, match="owner and the co-owners"):
        actions.start_report(round=round, commitment=commitment, organization=unit, by=None, now=now)


def test_a_draft_may_have_gaps_and_keeps_numbers_exactly(round, commitment, indicator, bob, now):
    report = make_report(round, commitment, "draft", by=bob)
    figures = content(indicator, Decimal("12.3456"), self_rating="", narrative="")
    report = actions.save_report(report=report, content=figures, by=bob, now=now)
    assert report.datapoints.get().value == Decimal("12.3456")
    event = report.record.events.latest("id")
    assert (event.verb, event.changes) == ("saved", {"figures": {"IND-1": [None, "12.3456"]}})
    actions.save_report(report=report, content=figures, by=bob, now=now)
    assert verbs(report) == ["started", "saved"], "saving the same again is no event"


def test_a_reason_takes_the_place_of_a_number(round, commitment, indicator, bob, now):
    report = make_report(round, commitment, "draft", by=bob)
    for figure in (Decimal(3), "Not counted yet."):
        actions.save_report(report=report, content=content(indicator, figure), by=bob, now=now)
    row = report.datapoints.get()
    assert (row.value, row.missing_reason) == (None, "Not counted yet.")
    actions.save_report(report=report, content=content(indicator, ""), by=bob, now=now)
    assert not report.datapoints.exists()


def test_an_incomplete_report_is_not_handed_in_and_nothing_of_it_is_written(
    round, commitment, indicator, bob, now
):
    report = make_report(round, commitment, "draft", by=bob)
    with pytest.raises(Refused, match="your rating, what was done, IND-1"):
        actions.submit_report(report=report, by=bob, now=now)
    with pytest.raises(Refused, match="IND-1"):
        actions.submit_report(report=report, content=content(), by=bob, now=now)
    report.refresh_from_db()
    assert (report.state, report.self_rating, verbs(report)) == ("draft", "", ["started"])


def test_a_report_that_was_handed_in_is_for_staff_and_cannot_be_changed(round, commitment, bob, now):
    report = make_report(round, commitment, "submitted", by=bob)
    assert (report.state, report.record.visibility, report.submitted_at) == ("submitted", "staff", NOW)
    with pytest.raises(Refused, match="handed in"):
        actions.save_report(report=report, content=content(narrative="Other words."), by=bob, now=now)


def test_a_returned_report_goes_back_to_its_organization_with_the_reason(round, commitment, bob, alice, now):
    report = make_report(round, commitment, "submitted", by=bob)
    with pytest.raises(Refused, match="should change"):
        actions.return_report(report=report, reason=" ", by=alice, now=now)
    report = actions.return_report(report=report, reason="Say who was trained.", by=alice, now=now)
    assert (report.state, report.record.visibility) == ("returned", "organization")
    report = actions.submit_report(report=report, by=bob, now=now)
    assert report.return_reason == "Say who was trained.", "whoever accepts sees what was asked for"
    assert verbs(report) == ["started", "submitted", "returned", "submitted"]


def test_nobody_accepts_her_own_report_however_she_had_a_hand_in_it(round, commitment, bob, erik, alice, now):
    report = make_report(round, commitment, "draft", by=bob)
    actions.save_report(report=report, content=content(narrative="By the approver."), by=erik, now=now)
    actions.submit_report(report=report, by=bob, now=now)
    with pytest.raises(Refused, match="somebody else"):
        actions.accept_report(report=report, by=erik, now=now)
    with pytest.raises(PermissionDenied):
        actions.accept_report(report=report, by=bob, now=now)
    assert actions.accept_report(report=report, by=alice, now=now).state == "accepted"


def test_an_approver_accepts_what_a_colleague_wrote(round, commitment, bob, erik, now):
    report = make_report(round, commitment, "submitted", by=bob)
    report = actions.accept_report(report=report, by=erik, now=now)
    assert (report.state, report.record.visibility) == ("accepted", "staff")
    with pytest.raises(Refused):
        actions.accept_report(report=report, by=erik, now=now)


def test_a_round_takes_reports_from_its_first_day_until_it_is_frozen(commitment, office, bob):
    round = make_round(commitment, opens_on=date(2026, 3, 20))
    with pytest.raises(Refused, match="opens on 20 March 2026"):
        make_report(round, commitment, "draft", by=bob)
    report = make_report(round, commitment, "accepted", by=bob, now=LATE)
    assert report.state == "accepted", "late is better than silent"


# Reviews


def test_the_committee_judges_for_itself(round, commitment, committee, dora):
    make_report(round, commitment)
    review = make_review(round, commitment, committee, by=dora)
    assert (review.completion, review.record.visibility, verbs(review)) == ("limited", "staff", ["reviewed"])
    again = make_review(round, commitment, committee, "complete", by=dora)
    assert (again.pk, again.completion, verbs(again)) == (review.pk, "complete", ["reviewed", "revised"])


def test_nobody_reviews_what_she_or_her_organization_reported(
    round, commitment, committee, bob, dora, charlie
):
    grant_role(user=bob, organization=committee, role="committee", by=None, now=NOW)
    for person in (bob, charlie):
        with pytest.raises(PermissionDenied):
            make_review(round, commitment, committee, by=person)


def test_a_review_is_written_for_a_committee_of_ones_own(round, commitment, unit, dora):
    with pytest.raises(PermissionDenied):
        make_review(round, commitment, unit, by=dora)


# Closing a round


def test_closing_freezes_and_publishes_and_names_the_silent(
    round, commitment, indicator, office, committee, alice
):
    silent = make_commitment(make_organization("Office of Harbours"), promise_of(commitment, "C2"))
    report = make_report(round, commitment, indicator=indicator)
    review = make_review(round, commitment, committee)
    closed = actions.close_round(round=round, by=alice, now=LATE)
    frozen = bytes(closed.frozen.content)
    assert hashlib.sha256(frozen).hexdigest() == closed.frozen.sha256
    found = json.loads(frozen)
    assert (
        frozen
        == (json.dumps(found, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n").encode()
    )
    first, second = found["commitments"]
    assert first["reports"][0]["figures"][0]["value"] == "40"
    assert first["reviews"][0]["completion"] == "limited"
    assert (first["silent"], second["silent"]) == ([], [silent.owner.reference])
    for thing in (report, review):
        thing.record.refresh_from_db()
        assert thing.record.visibility == "public"
    assert round.record.events.latest("id").changes == {"snapshot": [None, closed.frozen.sha256]}


def promise_of(commitment, local):
    return clause(commitment.clause.strategy, local)


def test_a_round_with_reports_to_decide_on_stays_open(round, commitment, alice):
    make_report(round, commitment, "submitted")
    with pytest.raises(Refused, match="REP-1"):
        actions.close_round(round=round, by=alice, now=LATE)


def test_nobody_is_called_silent_before_the_day_has_passed(round, commitment, alice, now):
    with pytest.raises(Refused, match="until 31 March 2026"):
        actions.close_round(round=round, by=alice, now=now)
    make_report(round, commitment)
    assert actions.close_round(round=round, by=alice, now=now).frozen is not None


def test_a_draft_is_neither_frozen_nor_published(round, commitment, alice, bob):
    report = make_report(round, commitment, "draft", by=bob)
    closed = actions.close_round(round=round, by=alice, now=LATE)
    (entry,) = json.loads(bytes(closed.frozen.content))["commitments"]
    assert (entry["reports"], entry["silent"]) == ([], [commitment.owner.reference])
    report.record.refresh_from_db()
    assert report.record.visibility == "organization"


def test_a_reopened_round_makes_a_new_snapshot_beside_the_old(round, commitment, alice, bob):
    first = actions.close_round(round=round, by=alice, now=LATE).frozen
    reopened = {"closes_on": date(2026, 4, 10), "by": alice, "now": LATE}
    with pytest.raises(Refused, match="Say why"):
        actions.reopen_round(round=round, reason="", **reopened)
    actions.reopen_round(round=round, reason="The office was ill.", **reopened)
    report = make_report(round, commitment, by=bob, now=LATE)
    second = actions.close_round(round=round, by=alice, now=LATE).frozen
    assert list(round.snapshots.order_by("id")) == [first, second] and first.sha256 != second.sha256
    assert bytes(first.content).count(report.reference.encode()) == 0
    assert verbs(round) == ["opened", "closed", "reopened", "closed"]


def test_a_closed_round_takes_nothing_and_closes_once(round, commitment, alice, committee):
    actions.close_round(round=round, by=alice, now=LATE)
    for write in (
        lambda: make_report(round, commitment, now=LATE),
        lambda: make_review(round, commitment, committee, now=LATE),
        lambda: actions.close_round(round=round, by=alice, now=LATE),
    ):
        with pytest.raises(Refused, match="closed"):
            write()


def test_only_the_desk_opens_and_closes_rounds(round, commitment, bob, dora):
    for person in (bob, dora):
        with pytest.raises(PermissionDenied):
            actions.close_round(round=round, by=person, now=LATE)
        with pytest.raises(PermissionDenied):
            make_round(commitment, by=person)


def test_no_round_opens_whose_closing_day_has_passed(commitment, now):
    with pytest.raises(Refused, match="has passed"):
        make_round(commitment, closes_on=now.date() - timedelta(days=1))
    assert not Round.objects.exists()
    assert make_round(commitment, closes_on=now.date()).closes_on == now.date()


def test_the_same_round_freezes_to_the_same_bytes(round, commitment, indicator, committee):
    make_report(round, commitment, indicator=indicator)
    make_review(round, commitment, committee)
    with CaptureQueriesContext(connection) as first:
        once = canonical_json(round_content(round, NOW))
    make_report(round, make_commitment(make_organization("Another"), promise_of(commitment, "C3")))
    with CaptureQueriesContext(connection) as second:
        canonical_json(round_content(round, NOW))
    assert once == canonical_json(json.loads(once))
    assert len(first) == len(second)


# The guard


def test_a_clause_with_running_commitments_is_not_removed(commitment, alice, now):
    change = make_ready(make_change(commitment.clause.strategy, of="C1", operation="remove"))
    with pytest.raises(Refused, match="COM-1"):
        accept_change(change=change, by=None, now=now)
    change.refresh_from_db()
    assert change.state == "reviewed"
    actions.close_commitment(commitment=commitment, closed_on=date(2026, 3, 9), by=alice, now=now)
    accept_change(change=change, by=None, now=now)
    change.refresh_from_db()
    assert change.state == "accepted"


def test_other_words_for_a_clause_with_commitments_are_fine(commitment, now):
    change = make_ready(make_change(commitment.clause.strategy, of="C1"))
    accept_change(change=change, by=None, now=now)
    assert Report.objects.count() == 0
