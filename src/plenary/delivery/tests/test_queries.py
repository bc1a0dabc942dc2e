from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext

from plenary.delivery import actions, queries
from plenary.delivery.models import Round, Standing
from plenary.people.tests.factories import make_user
from plenary.records.tests.factories import make_organization
from plenary.strategy.tests.factories import clause

from .factories import LATE, content, make_commitment, make_indicator, make_report, make_review, make_round

pytestmark = pytest.mark.django_db

LAST_DAY = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
BEFORE, DURING, AFTER = date(2026, 2, 1), date(2026, 3, 10), date(2026, 4, 2)
ANYBODY = AnonymousUser()


def row_of(user, day=DURING):
    return queries.list_commitments_for(user, "en", day)[0]


def frozen(round) -> Round:
    return actions.close_round(round=round, by=None, now=LATE)


@pytest.mark.parametrize(
    ("state", "day", "standing"),
    [
        (None, BEFORE, Standing.NOT_OPEN),
        (None, DURING, Standing.DUE),
        (None, date(2026, 3, 31), Standing.DUE),
        (None, AFTER, Standing.SILENT),
        ("draft", DURING, Standing.DUE),
        ("draft", AFTER, Standing.OVERDUE),
        ("returned", AFTER, Standing.OVERDUE),
        ("submitted", AFTER, Standing.SUBMITTED),
        ("accepted", AFTER, Standing.ACCEPTED),
    ],
)
def test_due_overdue_and_silent_are_computed_from_the_day(round, commitment, state, day, standing):
    report = make_report(round, commitment, state) if state else None
    assert round.standing(report, day) == standing


def test_a_frozen_round_waits_for_nobody(round, commitment):
    report = make_report(round, commitment, "draft")
    assert frozen(round).standing(report, DURING) == Standing.SILENT


def test_a_round_asks_about_commitments_that_had_begun_and_were_not_closed(round, office, commitment):
    assert round.concerns(commitment)
    made = commitment.record.created_at
    commitment.record.created_at = made + timedelta(days=400)
    assert not round.concerns(commitment), "what was promised later changes nothing that was published"
    commitment.record.created_at = made
    commitment.closed_on = date(2026, 2, 28)
    assert not round.concerns(commitment)
    commitment.closed_on, commitment.starts_on = None, date(2026, 4, 1)
    assert not round.concerns(commitment)


def test_a_round_asks_only_about_what_was_promised_by_its_closing_day(round, office, commitment, dora):
    """However early the first day of the promise lies, and though the round is still open."""
    for local, now in (("C2", LAST_DAY), ("C3", LATE)):
        make_commitment(office, clause(commitment.clause.strategy, local), now=now)
    rows = queries.list_round_rows(None, round, "en", AFTER)
    assert [row.commitment.reference for row in rows] == ["COM-1", "COM-2"]
    silent = [row.silent_in for row in queries.list_commitments_for(None, "en", AFTER)]
    assert silent == [round, round, None]
    reviewable = queries.list_commitments_to_review(dora, "en", AFTER)
    assert [each.reference for _, each in reviewable] == ["COM-1", "COM-2"]
    assert queries.get_commitment_page(None, "COM-3", "en", AFTER).chapters == []


def test_a_round_closed_early_agrees_with_its_snapshot(round, office, commitment):
    make_report(round, commitment)
    closed = actions.close_round(round=round, by=None, now=LAST_DAY - timedelta(days=10))
    make_commitment(office, clause(commitment.clause.strategy, "C2"), now=LAST_DAY)
    listed = [entry["reference"] for entry in json.loads(bytes(closed.frozen.content))["commitments"]]
    shown = queries.list_round_rows(None, closed, "en", AFTER)
    assert [row.commitment.reference for row in shown] == listed == ["COM-1"]
    assert [row.silent_in for row in queries.list_commitments_for(None, "en", AFTER)] == [None, None]


def test_a_round_that_is_opened_again_asks_about_what_was_promised_meanwhile(round, office, commitment):
    closed = frozen(round)
    meanwhile = make_commitment(office, clause(commitment.clause.strategy, "C2"), now=LATE)
    assert not closed.concerns(meanwhile)
    again = actions.reopen_round(round=closed, closes_on=date(2026, 4, 10), reason="Ill.", by=None, now=LATE)
    assert again.concerns(meanwhile)


def test_the_public_sees_ratings_once_the_round_is_frozen(round, commitment, committee, bob, dora):
    make_report(round, commitment)
    make_review(round, commitment, committee)
    row = row_of(ANYBODY)
    assert (row.self_report, row.review, row.standing) == (None, None, Standing.ACCEPTED)
    assert row_of(dora).differs and row_of(bob).differs
    frozen(round)
    row = row_of(ANYBODY)
    assert (row.self_report.self_rating, row.review.completion, row.differs) == (
        "substantial",
        "limited",
        True,
    )


def test_drafts_are_seen_by_their_organization_and_the_desk_only(
    round, commitment, alice, bob, dora, charlie
):
    report = make_report(round, commitment, "draft", by=bob)
    seen = [
        queries.get_report_for(person, report.reference, "en") is not None
        for person in (alice, bob, dora, charlie, ANYBODY)
    ]
    assert seen == [True, True, False, False, False]


def test_submitted_reports_are_seen_by_staff(round, commitment, dora, charlie):
    report = make_report(round, commitment, "submitted")
    assert queries.get_report_for(dora, report.reference, "en")
    assert not queries.get_report_for(charlie, report.reference, "en")


def test_silence_is_printed_until_the_owner_reports_again(round, commitment):
    first = frozen(round)
    assert row_of(ANYBODY, AFTER).silent_in == first
    second = make_round(commitment, opens_on=date(2026, 4, 2), closes_on=date(2026, 5, 1))
    row = row_of(ANYBODY, AFTER)
    assert (row.silent_in, row.round, row.standing) == (first, second, Standing.DUE)
    make_report(second, commitment, now=LATE)
    assert row_of(ANYBODY, AFTER).silent_in is None


def test_ratings_of_different_rounds_are_not_compared(round, commitment, committee):
    make_report(round, commitment)
    second = make_round(commitment, opens_on=date(2026, 3, 5), closes_on=date(2026, 5, 1))
    make_review(second, commitment, committee)
    assert not row_of(None).differs


def test_figures_of_several_organizations_become_one_as_the_indicator_says(office):
    youth = make_organization("Youth office")
    commitment = make_commitment(office, co_owners=[youth])
    indicators = [make_indicator(commitment, rollup=rollup) for rollup in ("sum", "mean", "latest", "none")]
    round = make_round(commitment)
    for organization, figure in ((office, Decimal(10)), (youth, Decimal(20))):
        report = actions.start_report(
            round=round, commitment=commitment, organization=organization, by=None, now=LATE
        )
        said = content(**{"self_rating": "limited"})
        said.figures.update({indicator.pk: figure for indicator in indicators})
        actions.submit_report(report=report, content=said, by=None, now=LATE)
    found = queries.list_indicators(None, commitment, "en")
    assert [indicator.points[0].value for indicator in found] == [30, 15, 20, 10]


def test_the_desk_lists_what_waits_for_whom(round, commitment, alice, bob, erik, dora):
    owed = queries.list_owed_reports(bob, "en", DURING)
    assert [(each.commitment, each.standing) for each in owed] == [(commitment, Standing.DUE)]
    assert queries.list_owed_reports(dora, "en", DURING) == []
    report = make_report(round, commitment, "submitted", by=bob)
    assert queries.list_owed_reports(bob, "en", DURING) == []
    for person in (alice, erik):
        assert queries.list_reports_to_accept(person, "en") == [report]
    assert queries.list_reports_to_accept(bob, "en") == []
    assert queries.list_commitments_to_review(dora, "en", DURING) == []
    actions.accept_report(report=report, by=alice, now=LATE)
    assert queries.list_commitments_to_review(dora, "en", DURING) == [(round, commitment)]
    make_review(round, commitment, dora.memberships.get().organization, by=dora)
    assert queries.list_commitments_to_review(dora, "en", DURING) == []


def test_what_came_back_waits_for_those_who_write(round, commitment, bob, erik):
    report = make_report(round, commitment, "returned", by=bob)
    assert [each.report for each in queries.list_owed_reports(bob, "en", DURING)] == [report]
    assert queries.list_owed_reports(erik, "en", DURING) == [], "he approves, and returned it"


def test_an_approver_who_wrote_a_report_corrects_it(round, commitment, erik):
    report = make_report(round, commitment, "returned", by=erik)
    assert [each.report for each in queries.list_owed_reports(erik, "en", DURING)] == [report]


def test_own_reports_are_not_offered_for_acceptance(round, commitment, erik):
    make_report(round, commitment, "submitted", by=erik)
    assert queries.list_reports_to_accept(erik, "en") == []


def test_a_late_commitment_can_be_reviewed_without_a_report(round, commitment, dora):
    assert queries.list_commitments_to_review(dora, "en", AFTER) == [(round, commitment)]


def test_edges_lead_from_the_clause_to_the_review(round, commitment, committee):
    other = make_commitment(commitment.owner, clause(commitment.clause.strategy, "C2"))
    report, _ = make_report(round, commitment), make_report(round, other)
    review = make_review(round, commitment, committee)
    assert (commitment.clause_id, commitment.pk) in queries.edges_clause_to_commitment()
    assert (commitment.pk, report.pk) in queries.edges_commitment_to_report()
    assert list(queries.edges_report_to_review()) == [(report.pk, review.pk)]


def test_pages_take_a_constant_number_of_queries(round, commitment, indicator, committee, office):
    user = make_user("watcher", ("desk", office))
    assert user.roles  # read once per request, whatever the page
    make_report(round, commitment, indicator=indicator)

    def count(read) -> int:
        with CaptureQueriesContext(connection) as captured:
            read()
        return len(captured)

    reads = {
        "list": lambda: queries.list_commitments_for(user, "en", AFTER),
        "round": lambda: queries.list_round_rows(user, round, "en", AFTER),
        "page": lambda: queries.get_commitment_page(user, commitment.reference, "en", AFTER),
        "indicators": lambda: queries.list_indicators(user, commitment, "en"),
        "owed": lambda: queries.list_owed_reports(user, "en", AFTER),
        "accept": lambda: queries.list_reports_to_accept(user, "en"),
    }
    make_review(round, commitment, committee)
    before = {name: count(read) for name, read in reads.items()}
    for local in ("C2", "C3"):
        another = make_commitment(make_organization("Office"), clause(commitment.clause.strategy, local))
        measured = make_indicator(another)
        make_report(round, another, indicator=measured)
        make_review(round, another, committee)
    make_indicator(commitment)
    later = make_round(commitment, opens_on=date(2026, 3, 2), closes_on=date(2026, 5, 1))
    make_review(later, commitment, committee)
    assert {name: count(read) for name, read in reads.items()} == before


def test_the_page_of_a_commitment_takes_nine_queries(
    round, commitment, indicator, committee, django_assert_num_queries
):
    commitment.co_owners.add(make_organization("Youth office"))
    report = make_report(round, commitment, indicator=indicator)
    review = make_review(round, commitment, committee)
    later = make_round(commitment, opens_on=date(2026, 3, 2), closes_on=date(2026, 5, 1))
    with django_assert_num_queries(9):
        page = queries.get_commitment_page(None, commitment.reference, "en", DURING)
    assert (page.row.self_report, page.row.review, page.row.round) == (report, review, later)
    assert [chapter.round for chapter in page.chapters] == [later, round]
    assert page.chapters[1].reports == [report] and page.chapters[1].reviews == [review]
    with django_assert_num_queries(0):
        said = [
            page.commitment.said["title"],
            *(each.said["name"] for each in page.commitment.responsible),
            page.chapters[0].round.said["title"],
            page.chapters[1].reports[0].said["narrative"],
            page.chapters[1].reviews[0].said["findings"],
            page.indicators[0].said["unit"],
            page.indicators[0].points[0].datapoints[0].said["organization"],
        ]
    assert [str(each) for each in said[1:]] == [
        "Office of Schools",
        "Youth office",
        "First round",
        "Courses began.",
        "Seen in two cities.",
        "people",
        "Office of Schools",
    ]


def test_the_page_of_a_commitment_agrees_with_the_list(round, commitment, committee, dora):
    """The latest round's report and review count, not the last ones written."""
    later = make_round(commitment, opens_on=date(2026, 3, 2), closes_on=date(2026, 5, 1))
    latest = make_report(later, commitment), make_review(later, commitment, committee, "complete")
    make_report(round, commitment)
    make_review(round, commitment, committee)
    for user in (None, dora, ANYBODY):
        for day in (DURING, AFTER):
            page = queries.get_commitment_page(user, commitment.reference, "en", day)
            assert page.row == row_of(user, day)
    assert (row_of(dora).self_report, row_of(dora).review) == latest
