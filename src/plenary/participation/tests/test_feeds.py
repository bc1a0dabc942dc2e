from datetime import timedelta

import pytest
from defusedxml import ElementTree
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from plenary.participation import actions
from plenary.participation.models import Consultation
from plenary.records.actions import put_translation

from .factories import make_consultation, make_statements

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
DAY = timedelta(days=1)


@pytest.fixture
def consultation():
    now = timezone.now()
    made = make_consultation(opens_at=now - DAY, closes_at=now + 9 * DAY, now=now)
    put_translation(text=made.record.title, language="fr", body="Écoles")
    made.answer_at = now + 20 * DAY
    made.save()
    make_statements(made, "Ask <first>.")
    return made


def entries(response):
    return ElementTree.fromstring(response.content).findall(f"{ATOM}entry")


def test_the_calendar_has_every_phase_with_its_days(client, consultation):
    response = client.get(reverse("consultations-calendar"))
    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    events = Calendar.from_ical(response.content).walk("VEVENT")
    assert [str(event["uid"]).split("@")[0] for event in events] == [
        f"{consultation.reference}-{phase}" for phase in ("open", "analysis", "answer")
    ]
    assert events[0].decoded("dtend") == consultation.closes_at.replace(microsecond=0)
    own = client.get(reverse("consultation-calendar", args=[consultation.reference]))
    assert len(Calendar.from_ical(own.content).walk("VEVENT")) == 3


def test_feeds_speak_the_language_asked_for(client, consultation):
    calendar = client.get(reverse("consultations-calendar"), {"lang": "fr"}).content.decode()
    assert "Écoles" in calendar
    assert "Écoles" in client.get(reverse("consultations-feed"), {"lang": "fr"}).content.decode()


def test_the_feed_tells_of_turns_with_stable_ids(client, consultation):
    first = entries(client.get(reverse("consultations-feed")))
    assert [entry.find(f"{ATOM}title").text for entry in first] == ["Schools: opened"]
    actions.close_consultation(consultation=consultation, why="Enough.", by=None, now=timezone.now())
    second = entries(client.get(reverse("consultations-feed")))
    assert [entry.find(f"{ATOM}title").text for entry in second] == [
        "Schools: closed early",
        "Schools: opened",
    ]
    assert second[1].find(f"{ATOM}id").text == first[0].find(f"{ATOM}id").text


def test_accepted_statements_are_fed_and_escaped(client, consultation):
    response = client.get(reverse("statements-feed", args=[consultation.reference]))
    found = entries(response)
    assert [entry.find(f"{ATOM}title").text for entry in found] == ["Ask <first>."]
    assert found[0].find(f"{ATOM}summary").text == "Ask &lt;first&gt;."  # which is read as HTML


@pytest.mark.parametrize("name", ["consultations-calendar", "consultations-feed"])
def test_unchanged_is_said_with_the_tag(client, consultation, name):
    first = client.get(reverse(name))
    again = client.get(reverse(name), headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert not again.content


def test_feeds_are_found_from_the_pages(client, consultation):
    page = client.get(reverse("consultation", args=[consultation.reference])).content.decode()
    assert (
        f'rel="alternate" type="application/atom+xml" href="{reverse("statements-feed", args=["CON-1"])}'
        in page
    )
    assert reverse("consultations-calendar") in client.get(reverse("consultations")).content.decode()


def test_what_is_not_for_everybody_is_in_no_feed_even_for_the_desk(client, alice, consultation):
    actions.edit_consultation(
        consultation=consultation,
        words={},
        language="en",
        settings={"access": "link"},
        by=None,
        now=timezone.now(),
    )
    client.force_login(alice)
    assert not entries(client.get(reverse("consultations-feed")))
    assert not Calendar.from_ical(client.get(reverse("consultations-calendar")).content).walk("VEVENT")
    for name in ("consultation-calendar", "statements-feed"):
        assert client.get(reverse(name, args=[consultation.reference])).status_code == 404


# The list


def test_the_list_stands_in_the_order_of_what_can_be_done(client, consultation):
    now = timezone.now()
    make_consultation(title="Over", opens_at=now - 9 * DAY, closes_at=now - DAY)
    make_consultation(title="Later", opens_at=now + DAY)
    page = client.get(reverse("consultations")).content.decode()
    places = [page.index(words) for words in ("Open now", "Schools", "Coming", "Later", "Closed", "Over")]
    assert places == sorted(places)


def test_the_list_is_filtered_by_phase_language_and_words(client, consultation):
    now = timezone.now()
    make_consultation(title="Later", opens_at=now + DAY)
    Consultation.objects.filter(pk=consultation.pk).update(languages=["fr"])
    for query, is_there in (
        ({"phase": "open"}, True),
        ({"phase": "announced"}, False),
        ({"language": "fr"}, True),
        ({"q": "scho"}, True),
        ({"q": "nothing"}, False),
    ):
        assert (
            "Schools</bdi>" in client.get(reverse("consultations"), query).content.decode()
        ) is is_there, query


def test_the_list_costs_the_same_however_long(client, consultation, django_assert_max_num_queries):
    for number in range(8):
        make_consultation(title=f"Number {number}")
    with django_assert_max_num_queries(8):
        client.get(reverse("consultations"))


def test_the_api_tells_phase_and_answer(client, consultation):
    found = client.get(f"/api/v1/consultations/{consultation.reference}").json()
    assert (found["phase"], found["access"], found["answer"]) == ("open", "open", None)
    assert {"vote", "write"} <= set(found["allowed"])
    now = timezone.now()
    actions.close_consultation(consultation=consultation, why="Enough.", by=None, now=now)
    actions.publish_reply(
        consultation=consultation, body="We will.", language="en", by=None, now=timezone.now()
    )
    found = client.get(f"/api/v1/consultations/{consultation.reference}").json()
    assert found["answer"]["text"]["body"] == "We will."
    assert client.get("/api/v1/consultations").json()["items"][0]["phase"] == "analysis"


def test_the_desk_is_told_of_drafts_and_answers_that_are_due(client, alice, consultation):
    now = timezone.now()
    make_consultation(title="Drafted", is_draft=True, opens_at=now + DAY)
    Consultation.objects.filter(pk=consultation.pk).update(
        closes_at=now - 2 * DAY, opens_at=now - 3 * DAY, answer_at=now - DAY
    )
    client.force_login(alice)
    page = client.get("/desk").content.decode()
    assert "A draft waits" in page
    assert "waits for its answer" in page


def test_a_final_round_stands_after_what_a_newcomer_can_begin(client, consultation):
    now = timezone.now()
    final = make_consultation(title="Finals", question="Which?", opens_at=now - 9 * DAY, closes_at=now - DAY)
    Consultation.objects.filter(pk=final.pk).update(final_closes_at=now + DAY)
    page = client.get(reverse("consultations")).content.decode()
    assert page.index("Schools") < page.index("Finals")
    home = client.get("/").content.decode()
    assert home.index("How should schools") < home.index("Which?")
