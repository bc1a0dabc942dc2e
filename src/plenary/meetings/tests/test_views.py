from __future__ import annotations

from datetime import date

import pytest

from plenary.meetings.models import AgendaItem, Decision, Meeting
from plenary.records.actions import create_record
from plenary.records.tests.factories import make_source

from .factories import NOW, make_decision, make_item, make_meeting

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

MEETING = {
    "title": "Autumn",
    "language": "en",
    "kind": "committee",
    "held_on": "2026-03-10",
    "visibility": "public",
}
HTMX = {"hx-request": "true"}


def page_of(client, path, status=200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, path
    return answer.content.decode()


def test_everybody_reads_meetings_agendas_and_decisions(client, office):
    decision = make_decision(office)
    assert "Spring meeting" in page_of(client, "/meetings")
    meeting = page_of(client, "/meetings/MTG-1")
    assert (
        "A study" in meeting
        and "Publish the list." in meeting
        and '<form method="post" action' not in meeting
    )
    assert "Office of Schools" in page_of(client, f"/decisions/{decision.reference}")


def test_no_meetings_yet_says_what_comes_next(client):
    assert "The desk and the committee add them" in page_of(client, "/meetings")


def test_the_title_of_a_hidden_record_is_not_shown(client, office, dora):
    title = make_source("Secret plan").record.title
    hidden = create_record(kind="source", title=title, by=None, now=NOW, visibility="staff")
    decision = make_decision(office, make_item(record=hidden))
    for path in ("/meetings/MTG-1", f"/decisions/{decision.reference}"):
        assert "Secret plan" not in page_of(client, path)
    assert client.get("/r/DEC-1.json").json()["about"] is None
    client.force_login(dora)
    assert "Secret plan" in page_of(client, "/meetings/MTG-1")


def test_the_committee_holds_a_meeting_from_agenda_to_outcome(client, dora, office):
    client.force_login(dora)
    assert client.post("/meetings", MEETING)["location"] == "/meetings/MTG-1"
    study = make_source()
    address = f"http://testserver/r/{study.reference.lower()}"
    assert client.post("/meetings/MTG-1/agenda", {"reference": address})["location"].endswith("#agenda")
    item = AgendaItem.objects.get()
    given = {"text": "Read it.", "language": "en", "owner": office.reference, "due": "2026-11-01"}
    assert client.post(f"/meetings/MTG-1/agenda/{item.pk}/decide", given).status_code == 302
    assert "Read it." in page_of(client, "/meetings/MTG-1")
    ended = {"state": "done", "outcome": "It was read.", "language": "en"}
    assert client.post("/decisions/DEC-1/close", ended)["location"] == "/decisions/DEC-1"
    page = page_of(client, "/decisions/DEC-1")
    assert "It was read." in page and "<dt>Closed on</dt><dd>10 March 2026</dd>" in page
    assert client.post("/decisions/DEC-1/close", ended).status_code == 409


def test_what_is_wrong_is_said_beside_the_form_and_kept(client, dora, office):
    item = make_item()
    client.force_login(dora)
    assert client.post("/meetings", MEETING | {"held_on": "soon"}).status_code == 422
    unknown = client.post("/meetings/MTG-1/agenda", {"reference": "COM-99"})
    assert unknown.status_code == 422 and "no record with this reference" in unknown.content.decode()
    given = {"text": "Read it well.", "language": "en", "owner": office.reference}
    answer = client.post(f"/meetings/MTG-1/agenda/{item.pk}/decide", given)
    assert answer.status_code == 422 and "Read it well." in answer.content.decode()
    assert client.post(f"/meetings/MTG-1/agenda/{item.pk + 9}/decide", given).status_code == 404
    assert not Decision.objects.exists() and Meeting.objects.count() == 1


def test_a_day_that_has_passed_is_refused_beside_its_field(client, dora, office):
    item = make_item()
    client.force_login(dora)
    given = {"text": "Read it.", "language": "en", "owner": office.reference, "due": "2026-03-09"}
    answer = client.post(f"/meetings/MTG-1/agenda/{item.pk}/decide", given)
    assert answer.status_code == 422
    assert f'id="id_{item.pk}_due_error"' in answer.content.decode()
    assert not Decision.objects.exists()


def test_htmx_gets_the_agenda_alone(client, dora, office):
    item = make_item()
    client.force_login(dora)
    given = {"text": "Read it.", "language": "en", "owner": office.reference, "trigger": "A vote."}
    for path, data, status in (
        ("/meetings/MTG-1/agenda", {"reference": make_source("Another").reference}, 200),
        (f"/meetings/MTG-1/agenda/{item.pk}/decide", given, 200),
        (f"/meetings/MTG-1/agenda/{item.pk}/decide", given | {"owner": ""}, 422),
    ):
        answer = client.post(path, data, headers=HTMX)
        page = answer.content.decode()
        assert (
            answer.status_code == status
            and page.lstrip().startswith('<section id="agenda"')
            and "<html" not in page
        )
    assert "Another" in page and Decision.objects.count() == 1


def test_htmx_is_told_what_was_recorded_and_led_there(client, dora, office):
    item = make_item()
    client.force_login(dora)
    given = {"text": "Read it.", "language": "en", "owner": office.reference, "trigger": "A vote."}
    page = client.post(f"/meetings/MTG-1/agenda/{item.pk}/decide", given, headers=HTMX).content.decode()
    assert 'data-announce="DEC-1 was recorded."' in page
    assert '<div class="notice good" tabindex="-1" data-focus><p>DEC-1 was recorded.</p></div>' in page
    assert "data-announce" not in page_of(client, "/meetings/MTG-1")


def test_a_planned_meeting_has_an_agenda_and_no_decisions(client, dora, office):
    item = make_item(make_meeting(held_on=date(2026, 3, 22)))
    client.force_login(dora)
    page = page_of(client, "/meetings/MTG-1")
    assert "This meeting takes place on 22 March 2026." in page and "Record a decision" not in page
    given = {"text": "Read it.", "language": "en", "owner": office.reference, "due": "2026-11-01"}
    answer = client.post(f"/meetings/MTG-1/agenda/{item.pk}/decide", given)
    assert answer.status_code == 409 and "can be recorded from that day on" in answer.content.decode()
    assert not Decision.objects.exists()


def test_a_decision_asks_for_a_day_or_what_it_waits_for(client, dora):
    make_item()
    client.force_login(dora)
    page = page_of(client, "/meetings/MTG-1")
    assert "one of the two is needed" in page and "(optional)" not in page


def test_who_sees_to_a_decision_is_told_who_closes_it(client, office, bob, dora):
    make_decision(office, text="Publish the whole list of schools with every translation that there is.")
    client.force_login(bob)
    desk = page_of(client, "/desk")
    assert "See to the decision DEC-1: " in desk and "Publish the whole list" in desk
    assert "every translation" not in desk, "the link is short"
    assert "Tell them what was done in your next report." in page_of(client, "/decisions/DEC-1")
    client.force_login(dora)
    assert "Tell them what was done" not in page_of(client, "/decisions/DEC-1")
    client.logout()
    assert "Tell them what was done" not in page_of(client, "/decisions/DEC-1")


@pytest.mark.parametrize("path", ["/meetings", "/meetings/MTG-1/agenda", "/decisions/DEC-1/close"])
def test_strangers_write_nothing(client, office, charlie, path):
    make_decision(office)
    client.force_login(charlie)
    assert client.post(path, MEETING).status_code == 403
    assert Meeting.objects.count() == 1


def test_the_unsigned_are_asked_to_sign_in(client, office):
    make_decision(office)
    assert "/account/sign-in" in client.post("/decisions/DEC-1/close")["location"]


@pytest.mark.parametrize("path", ["/meetings/MTG-9", "/decisions/DEC-9"])
def test_unknown_references_are_not_found(client, path):
    assert client.get(path).status_code == 404


def test_wrong_methods_are_refused(client, office, alice):
    make_decision(office)
    client.force_login(alice)
    assert client.get("/meetings/MTG-1/agenda").status_code == 405
    assert client.post("/meetings/MTG-1").status_code == 405


def test_permalinks_answer_programs(client, office):
    make_decision(office)
    assert client.get("/r/MTG-1.json").json()["agenda"] == [{"record": "SRC-1", "decisions": ["DEC-1"]}]
    found = client.get("/r/DEC-1.json").json()
    assert (found["meeting"], found["about"], found["due"]) == ("MTG-1", "SRC-1", "2026-04-01")


def test_the_desk_shows_decisions_that_the_persons_organization_sees_to(client, office, bob):
    make_decision(office)
    client.force_login(bob)
    assert "Publish the list." in page_of(client, "/desk")
