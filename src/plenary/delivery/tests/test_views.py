from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from plenary.delivery import actions, queries
from plenary.delivery.models import Commitment, Indicator, Report, Review, Round
from plenary.meetings.tests.factories import make_decision, make_item, make_meeting
from plenary.records.tests.factories import make_organization
from plenary.strategy.tests.factories import clause, make_version

from .factories import LATE, make_commitment, make_indicator, make_report, make_review, make_round

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def page_of(client, path, status=200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, path
    return answer.content.decode()


# Reading


def test_the_list_says_both_ratings_and_who_is_silent(client, round, commitment, committee, unit):
    make_commitment(unit, clause(commitment.clause.strategy, "C2"))
    make_report(round, commitment)
    make_review(round, commitment, committee)
    actions.close_round(round=round, by=None, now=LATE)
    page = page_of(client, "/commitments")
    assert "substantial" in page and "limited" in page and "≠" in page and "silent" in page
    assert "COM-1" in page and "COM-2" in page
    assert "COM-2" not in page_of(client, "/commitments?show=differ")
    assert "COM-1" not in page_of(client, "/commitments?show=silent")


def test_htmx_gets_the_table_alone(client, commitment):
    page = client.get("/commitments?show=all", headers={"hx-request": "true"}).content.decode()
    assert page.lstrip().startswith('<div id="commitments">') and "<html" not in page


def test_an_empty_list_says_what_comes_next(client):
    assert "The desk makes one" in page_of(client, "/commitments")
    assert "the desk opens the first one" in page_of(client, "/rounds")


def test_every_page_of_a_published_round_is_public(client, round, commitment, indicator, committee):
    report = make_report(round, commitment, indicator=indicator)
    review = make_review(round, commitment, committee)
    closed = actions.close_round(round=round, by=None, now=LATE)
    page = page_of(client, "/commitments/COM-1")
    assert "Trained hands" in page and "40" in page and "<svg" in page and report.reference in page
    assert "Courses began." in page_of(client, f"/reports/{report.reference}")
    assert "Seen in two cities." in page_of(client, f"/reviews/{review.reference}")
    assert closed.frozen.sha256 in page_of(client, "/rounds/RND-1")
    answer = client.get(f"/rounds/RND-1/snapshots/{closed.frozen.sha256}.json")
    assert answer.content == bytes(closed.frozen.content)


@pytest.mark.parametrize("path", ["/commitments/COM-9", "/rounds/RND-9", "/reports/REP-9", "/reviews/REV-9"])
def test_unknown_references_are_not_found(client, path):
    assert client.get(path).status_code == 404


def test_strangers_do_not_see_what_is_not_published(client, round, commitment, committee, charlie):
    make_report(round, commitment)
    make_review(round, commitment, committee)
    client.force_login(charlie)
    for path in ("/reports/REP-1", "/reviews/REV-1", f"/rounds/RND-1/snapshots/{'0' * 64}.json"):
        assert client.get(path).status_code == 404
    assert "Courses began." not in page_of(client, "/commitments/COM-1")


def test_a_commitment_begins_with_its_promise_who_answers_for_it_and_how_to_follow_it(
    client, commitment, indicator, charlie
):
    page = page_of(client, "/commitments/COM-1")
    top = page[: page.index('id="indicators"')]
    promise = queries.get_promise(commitment, "en", date(2026, 3, 10))
    assert promise and promise.body in top and "/strategies/STR-1/C1" in top and "Office of Schools" in top
    assert "With an account you can follow what becomes of this." in top
    client.force_login(charlie)
    page = page_of(client, "/commitments/COM-1")
    assert "Follow what becomes of this" in page[: page.index('id="indicators"')]
    page = client.post("/r/COM-1/follow", follow=True).content.decode()
    assert "You follow this" in page[: page.index('id="indicators"')] and page.count('id="following"') == 1


def test_days_of_a_picture_are_written_as_the_language_writes_them(client, round, commitment, indicator):
    make_report(round, commitment, indicator=indicator)
    actions.close_round(round=round, by=None, now=LATE)
    client.cookies["django_language"] = "zh-hans"
    page = page_of(client, "/commitments/COM-1")
    assert "2026年3月" in page and "三月 2026" not in page


def test_permalinks_answer_programs(client, round, commitment, indicator, committee):
    make_report(round, commitment, indicator=indicator)
    make_review(round, commitment, committee)
    actions.close_round(round=round, by=None, now=LATE)
    found = client.get("/r/COM-1.json").json()
    assert (found["self_rating"], found["committee_rating"]) == ("substantial", "limited")
    assert found["ratings_differ"]
    assert found["indicators"][0]["figures"][0]["value"] == "40"
    assert client.get("/r/IND-1.json").json()["commitment"] == "COM-1"
    assert client.get("/r/RND-1.json").json()["commitments"][0]["standing"] == "accepted"
    assert client.get("/r/REP-1.json").json()["figures"][0]["value"] == "40"
    assert client.get("/r/REV-1.json").json()["completion"] == "limited"
    assert client.get("/r/IND-1")["location"] == "/commitments/COM-1#IND-1"
    for reference in ("COM-1", "RND-1", "REP-1", "REV-1"):
        assert client.get(client.get(f"/r/{reference}")["location"]).status_code == 200


# The desk


def test_the_desk_makes_a_commitment_from_a_clause(client, alice, office):
    make_version()
    client.force_login(alice)
    assert '<option value="STR-1.C2" selected>' in page_of(client, "/commitments/new?clause=STR-1.C2")
    given = {
        "clause": "STR-1.C2",
        "owner": office.reference,
        "starts_on": "2026-01-01",
        "ends_on": "2026-12-31",
    }
    answer = client.post("/commitments/new", given | {"language": "en"})
    assert answer["location"] == "/commitments/COM-1"
    assert Commitment.objects.get().clause.reference == "STR-1.C2"


def test_a_wrong_period_is_shown_beside_its_field_and_nothing_is_lost(client, alice, office):
    make_version()
    client.force_login(alice)
    given = {"clause": "STR-1.C1", "owner": office.reference, "title": "My title", "language": "en"}
    answer = client.post("/commitments/new", given | {"starts_on": "2026-12-31", "ends_on": "2026-01-01"})
    page = answer.content.decode()
    assert answer.status_code == 422 and "before the first" in page and "My title" in page
    assert not Commitment.objects.exists()


def test_the_desk_adds_an_indicator_with_a_decimal_comma(client, alice, commitment):
    client.force_login(alice)
    given = {
        "name": "Waiting time",
        "unit": "days",
        "language": "en",
        "direction": "decrease",
        "rollup": "mean",
    }
    client.post("/commitments/COM-1/indicators/new", given | {"baseline": "٩٫٥", "target": "1,5"})
    indicator = Indicator.objects.get()
    assert (str(indicator.baseline), str(indicator.target)) == ("9.5000", "1.5000")


def test_the_desk_opens_closes_and_reopens_a_round(client, alice, commitment, monkeypatch):
    client.force_login(alice)
    given = {"strategy": "STR-1", "title": "Spring", "language": "en", "opens_on": "2026-03-01"}
    assert client.post("/rounds/new", given | {"closes_on": "2026-03-31"})["location"] == "/rounds/RND-1"
    early = client.post("/rounds/RND-1/close")
    assert early.status_code == 409 and "31 March 2026" in early.content.decode()
    monkeypatch.setattr("django.utils.timezone.now", lambda: LATE)
    client.force_login(alice)
    assert "past its day, still open" in client.get("/rounds/RND-1").content.decode()
    assert client.post("/rounds/RND-1/close").status_code == 302
    assert client.post("/rounds/RND-1/reopen", {"closes_on": "2026-04-20", "reason": ""}).status_code == 422
    assert (
        client.post("/rounds/RND-1/reopen", {"closes_on": "2026-04-20", "reason": "Ill."}).status_code == 302
    )
    assert Round.objects.get().closes_on == date(2026, 4, 20)


def test_a_closing_day_that_has_passed_is_refused_beside_its_field(client, alice, commitment):
    client.force_login(alice)
    given = {"strategy": "STR-1", "title": "Spring", "language": "en", "opens_on": "2026-03-01"}
    answer = client.post("/rounds/new", given | {"closes_on": "2026-03-09"})
    assert answer.status_code == 422 and 'id="id_closes_on_error"' in answer.content.decode()
    assert not Round.objects.exists()


def test_a_round_that_was_published_does_not_change_afterwards(client, round, commitment, unit):
    """Neither by a promise made later with an earlier first day, nor by one closed with an earlier day."""
    actions.close_round(round=round, by=None, now=LATE)
    paths = ("/rounds/RND-1", "/r/RND-1.json")
    before = [page_of(client, path) for path in paths]
    make_commitment(unit, clause(commitment.clause.strategy, "C2"), now=LATE)
    actions.close_commitment(commitment=commitment, closed_on=date(2026, 2, 1), by=None, now=LATE)
    assert [page_of(client, path) for path in paths] == before
    assert "COM-2" not in page_of(client, "/commitments?show=silent")
    assert "A report was due" not in page_of(client, "/commitments/COM-2")


def test_the_desk_closes_a_commitment(client, alice, commitment):
    client.force_login(alice)
    assert client.get("/commitments/COM-1/close").status_code == 200
    assert client.post("/commitments/COM-1/close", {"closed_on": "2026-03-10"}).status_code == 302
    assert client.post("/commitments/COM-1/close", {"closed_on": "2026-03-10"}).status_code == 409


GUARDED = [
    "/commitments/new",
    "/commitments/COM-1/indicators/new",
    "/commitments/COM-1/close",
    "/rounds/new",
    "/commitments/COM-1/review",
]
POSTED = ["/rounds/RND-1/close", "/rounds/RND-1/reopen"]


@pytest.mark.parametrize("path", [*GUARDED, *POSTED])
def test_strangers_are_refused(client, round, charlie, path):
    method = client.post if path in POSTED else client.get
    assert "/account/sign-in" in method(path)["location"]
    client.force_login(charlie)
    assert method(path).status_code == 403


@pytest.mark.parametrize(
    "path", [*POSTED, "/commitments/COM-1/reports", "/reports/REP-1/accept", "/reports/REP-1/return"]
)
def test_writing_pages_do_not_answer_get(client, round, commitment, alice, path):
    make_report(round, commitment, "submitted")
    client.force_login(alice)
    assert client.get(path).status_code == 405


# Reporting


@pytest.fixture
def writing(client, round, commitment, indicator, bob):
    """bob has begun his report; the address of its form."""
    client.force_login(bob)
    answer = client.post(
        "/commitments/COM-1/reports", {"round": "RND-1", "organization": commitment.owner.reference}
    )
    assert answer["location"] == "/reports/REP-1/edit"
    return answer["location"]


SAID = {"self_rating": "limited", "narrative": "دُرّب الموظفون.", "language": "ar", "why-IND-1": ""}


def test_a_contributor_writes_and_hands_in_a_report(client, writing):
    assert "Write the report" in page_of(client, writing)
    client.post(writing, SAID | {"value-IND-1": "٤٥٫٥", "do": "save"})
    page = page_of(client, writing)
    assert 'value="45.5"' in page and "دُرّب الموظفون." in page
    answer = client.post(writing, SAID | {"value-IND-1": "45,5", "do": "submit"})
    assert answer["location"] == "/reports/REP-1"
    report = Report.objects.get()
    assert (report.state, str(report.datapoints.get().value)) == ("submitted", "45.5000")
    assert report.narrative.source_language == "ar"
    assert client.get(writing)["location"] == "/reports/REP-1", "what was handed in is read, not written"


@pytest.mark.parametrize("typed", ["about ten", "6,140", "1.23456"])
def test_words_in_a_number_field_are_refused_beside_it_and_nothing_is_lost(client, writing, typed):
    answer = client.post(writing, SAID | {"value-IND-1": typed, "do": "submit"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="id_value-IND-1_error"' in page and f'value="{typed}"' in page and "دُرّب الموظفون." in page
    assert Report.objects.get().narrative is None


@pytest.mark.parametrize("typed", ["about ten", "6,140", "1.23456"])
def test_a_draft_keeps_everything_but_the_figure_that_cannot_be_read(
    client, writing, commitment, indicator, typed
):
    other = make_indicator(commitment, name="Courses held", unit="courses")
    figures = {f"value-{indicator.reference}": "40", f"value-{other.reference}": "3"}
    client.post(writing, SAID | figures | {"do": "save"})
    figures |= {f"value-{indicator.reference}": typed, f"value-{other.reference}": "4"}
    answer = client.post(writing, SAID | figures | {"narrative": "Thirty desks answer.", "do": "save"})
    page = answer.content.decode()
    assert answer.status_code == 422 and "Nothing was changed" not in page
    assert "Your draft is kept, without the figures that are marked here." in page
    assert 'id="id_value-IND-1_error"' in page and "This is not kept in the draft." in page
    assert f'value="{typed}"' in page
    report = Report.objects.get()
    assert (report.narrative.body, report.self_rating) == ("Thirty desks answer.", "limited")
    kept = dict(report.datapoints.values_list("indicator__record__reference", "value"))
    assert kept == {indicator.reference: 40, other.reference: 4}, "what was kept before is not undone"
    assert "Thirty desks answer." in page_of(client, writing)


def test_a_draft_that_is_wrong_elsewhere_keeps_nothing_and_says_so(client, writing):
    wrong = SAID | {"value-IND-1": "about ten", "language": "xx", "do": "save"}
    page = client.post(writing, wrong).content.decode()
    assert "Nothing was changed yet." in page and "not kept in the draft" not in page
    assert 'id="id_value-IND-1_error"' in page and Report.objects.get().narrative is None


def test_an_unlikely_figure_is_asked_back_once(client, writing, commitment):
    share = make_indicator(commitment, name="Answered in a day", unit="%", target=Decimal(90))
    given = SAID | {"value-IND-1": "40", "do": "submit"}
    value, sure = f"value-{share.reference}", f"sure-{share.reference}"
    for more in (
        {value: "180"},
        {value: "-1"},
        {value: "1800", sure: "180"},  # confirms another figure
        {value: "80", "value-IND-1": "-3"},
    ):
        answer = client.post(writing, given | more)
        page = answer.content.decode()
        assert answer.status_code == 422 and "confirm that it is right" in page, more
    assert "You entered -3 people." in page
    assert client.post(writing, given | {value: "180", "do": "save"}).status_code == 302, "a draft may say so"
    answer = client.post(writing, given | {value: "180", sure: "180"})
    assert answer["location"] == "/reports/REP-1"


def test_the_form_says_what_was_reported_last(client, round, commitment, indicator, bob):
    make_report(round, commitment, indicator=indicator, figure=Decimal(71))
    make_round(commitment, title="Second", opens_on=date(2026, 3, 5))
    client.force_login(bob)
    begun = {"round": "RND-2", "organization": commitment.owner.reference}
    address = client.post("/commitments/COM-1/reports", begun)["location"]
    page = page_of(client, address)
    assert "Last reported: 71." in page
    assert "(optional)" not in page and "Needed where no number stands above." in page


def test_what_is_handed_in_must_be_complete(client, writing):
    answer = client.post(writing, {"language": "en", "do": "submit"})
    page = answer.content.decode()
    assert answer.status_code == 422
    for words in ("Choose how far you are.", "Say what was done.", "say below why there is none"):
        assert words in page
    both = client.post(writing, SAID | {"value-IND-1": "3", "why-IND-1": "Not counted.", "do": "save"})
    assert "not both" in both.content.decode()
    reason = SAID | {"value-IND-1": "", "why-IND-1": "Not counted.", "do": "submit"}
    assert client.post(writing, reason)["location"] == "/reports/REP-1"


def test_others_cannot_write_a_report(client, writing, charlie, dora, alice):
    for person, status in ((charlie, 404), (dora, 404), (alice, 403)):
        client.force_login(person)
        assert client.get(writing).status_code == status
        assert client.post(writing, SAID | {"do": "save"}).status_code == status
    assert (
        client.post("/commitments/COM-1/reports", {"round": "RND-1", "organization": "ORG-99"}).status_code
        == 404
    )


def test_the_desk_returns_and_accepts(client, round, commitment, bob, alice):
    make_report(round, commitment, "submitted", by=bob)
    client.force_login(alice)
    assert "Accept it" in page_of(client, "/reports/REP-1")
    assert client.post("/reports/REP-1/return", {"reason": ""}).status_code == 422
    assert client.post("/reports/REP-1/return", {"reason": "Who was trained?"}).status_code == 302
    client.force_login(bob)
    assert "Who was trained?" in page_of(client, "/reports/REP-1/edit")
    actions.submit_report(report=Report.objects.get(), by=bob, now=LATE)
    page = page_of(client, "/reports/REP-1")
    assert "An approver of your organization or the desk accepts it" in page
    assert "<dt>Who sees it</dt><dd>signed-in staff</dd>" in page and "It was returned before" not in page
    assert client.post("/reports/REP-1/accept").status_code == 403
    client.force_login(alice)
    page = page_of(client, "/reports/REP-1")
    assert "It was returned before, because:" in page and "Who was trained?" in page
    assert "An approver of your organization" not in page
    assert client.post("/reports/REP-1/accept").status_code == 302
    assert client.post("/reports/REP-1/accept").status_code == 409


def test_an_author_is_told_that_somebody_else_accepts(client, round, commitment, erik):
    make_report(round, commitment, "submitted", by=erik)
    client.force_login(erik)
    page = page_of(client, "/reports/REP-1")
    assert "somebody else accepts it" in page and "Accept it" not in page
    assert client.post("/reports/REP-1/accept").status_code == 409


# Reviewing


def test_the_committee_reviews_by_form(client, round, commitment, committee, dora):
    make_report(round, commitment)
    client.force_login(dora)
    assert "Courses began." in page_of(client, "/commitments/COM-1/review?round=RND-1")
    given = {"round": "RND-1", "body": committee.reference, "completion": "limited", "language": "en"}
    assert client.post("/commitments/COM-1/review", given).status_code == 422
    answer = client.post(
        "/commitments/COM-1/review", given | {"result": "marginal", "findings": "Two cities."}
    )
    assert answer["location"] == "/reviews/REV-1" and Review.objects.get().completion == "limited"
    page = page_of(client, "/reviews/REV-1")
    assert "≠" in page and '<a href="/commitments/COM-1/review?round=RND-1">Write it anew</a>' in page
    assert "Two cities." in page_of(client, "/commitments/COM-1/review?round=RND-1"), "it can be written anew"


# In other modules' pages


def test_the_clause_shows_its_commitments_and_offers_the_desk_one_more(client, commitment, alice):
    assert "COM-1" in page_of(client, "/strategies/STR-1/C1")
    client.force_login(alice)
    assert "/commitments/new?clause=STR-1.C2" in page_of(client, "/strategies/STR-1/C2")


def test_home_and_desk_show_what_was_promised_and_what_waits(client, round, commitment, bob):
    assert "What we promised" in page_of(client, "/")
    client.force_login(bob)
    page = page_of(client, "/desk")
    assert "Report on" in page and f"/commitments/{commitment.reference}" in page


def test_pages_carry_no_inline_code(client, round, commitment, indicator):
    make_report(round, commitment, indicator=indicator)
    page = page_of(client, "/commitments/COM-1")
    assert " style=" not in page and "<script>" not in page and " onclick=" not in page


def test_the_commitment_shows_decisions_on_it_and_on_its_reports(client, round, commitment, office, unit):
    report = make_report(round, commitment)
    meeting = make_meeting()
    make_decision(office, make_item(meeting, commitment.record), text="About the promise.")
    make_decision(office, make_item(meeting, report.record), text="About the report.")
    make_decision(unit, make_item(meeting), text="About something else.")
    page = page_of(client, "/commitments/COM-1")
    assert (
        "About the promise." in page and "About the report." in page and "About something else." not in page
    )


def test_pages_take_a_constant_number_of_queries(client, round, commitment, committee, alice):
    def counts() -> list[int]:
        found = []
        for path in (
            "/commitments",
            "/commitments/COM-1",
            "/rounds",
            "/rounds/RND-1",
            "/meetings/MTG-1",
            "/desk",
        ):
            with CaptureQueriesContext(connection) as captured:
                page_of(client, path)
            found.append(len(captured))
        return found

    meeting = make_meeting()
    client.force_login(alice)

    def grow(promised) -> None:
        owner = make_organization("Another office")
        measured = make_indicator(promised)
        make_report(round, promised, "submitted", indicator=measured)
        review = make_review(round, promised, committee)
        make_decision(owner, make_item(meeting, review.record))

    grow(commitment)
    make_decision(alice.memberships.get().organization, make_item(meeting, commitment.record))
    before = counts()
    for local in ("C2", "C3"):
        grow(make_commitment(make_organization("Office"), clause(commitment.clause.strategy, local)))
    later = make_round(commitment, opens_on=date(2026, 3, 2))
    make_report(later, commitment, "submitted", indicator=commitment.indicators.get())
    assert counts() == before


def test_the_page_of_a_commitment_takes_few_queries(
    client, round, commitment, indicator, committee, office, dora, django_assert_max_num_queries
):
    commitment.co_owners.add(make_organization("Youth office"))
    make_report(round, commitment, indicator=indicator)
    make_review(round, commitment, committee)
    make_decision(office, make_item(make_meeting(), commitment.record))
    client.force_login(dora)
    with django_assert_max_num_queries(20):
        page_of(client, "/commitments/COM-1")


# Filters in the address


def test_the_list_is_filtered_by_words_owner_and_ratings(client, round, commitment, committee, unit):
    other = make_commitment(unit, commitment.clause)
    make_report(round, commitment)
    page = page_of(client, f"/commitments?owner={commitment.owner.reference}")
    assert f"/commitments/{commitment.reference}" in page and f"/commitments/{other.reference}" not in page
    assert "All (1)" in page, "the tabs count what is left"
    assert f"/commitments/{other.reference}" in page_of(client, f"/commitments?q={other.reference.lower()}")
    assert "No commitment is like that" in page_of(client, "/commitments?q=nothing+of+the+kind")
    assert f"/commitments/{other.reference}" in page_of(client, "/commitments?self=unheard-of"), (
        "no such rating"
    )


def test_the_tabs_keep_the_filters(client, round, commitment):
    page = page_of(client, f"/commitments?owner={commitment.owner.reference}&page=1")
    assert f'href="?owner={commitment.owner.reference}&amp;show=silent"' in page
