from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from plenary.participation import works
from plenary.participation.phases import Act, Phase
from plenary.participation.works import Work
from plenary.records.tests.factories import NOW

from .factories import make_consultation, make_statements

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def consultation():
    now = timezone.now()
    return make_consultation(opens_at=now - timedelta(hours=1), closes_at=now + timedelta(days=3))


@pytest.fixture
def url(consultation):
    return reverse("manage-consultation", args=[consultation.reference])


# Phases


def dated(**days):
    made = make_consultation(opens_at=NOW, closes_at=NOW + 10 * DAY)
    for name, count in days.items():
        setattr(made, name, NOW + count * DAY)
    return made


def test_phases_follow_each_other_without_a_gap():
    found = dated(final_closes_at=20, answer_at=30, ends_at=40)
    assert [span.phase for span in found.spans()] == list(Phase)
    for before, after in zip(found.spans(), found.spans()[1:], strict=False):
        assert before.ends_at == after.starts_at
    days = {-1: "announced", 0: "open", 9: "open", 10: "final", 20: "analysis", 30: "answer", 40: "closed"}
    assert {day: found.phase_at(NOW + day * DAY).value for day in days} == days


@pytest.mark.parametrize(
    ("dates", "day", "phase"),
    [
        ({}, 11, "closed"),
        ({"answer_at": 30}, 11, "analysis"),
        ({"answer_at": 30}, 31, "answer"),
        ({"final_closes_at": 20}, 11, "final"),
        ({"final_closes_at": 20}, 21, "closed"),
        ({"final_closes_at": 5}, 11, "closed"),
        ({"answer_at": 30, "ends_at": 35}, 36, "closed"),
        ({"ends_at": 35}, 20, "closed"),
    ],
)
def test_a_date_that_is_not_set_brings_no_phase(dates, day, phase):
    assert dated(**dates).phase_at(NOW + day * DAY) == phase


def test_without_an_end_it_stays_open():
    found = make_consultation(opens_at=NOW, closes_at=None)
    assert found.phase_at(NOW + 1000 * DAY) == Phase.OPEN
    assert [span.phase for span in found.spans()] == [Phase.ANNOUNCED, Phase.OPEN]


# The page


def test_the_desk_sees_phases_and_work(client, alice, consultation, url):
    make_statements(consultation)
    client.force_login(alice)
    page = client.get(url).content.decode()
    assert "Manage this consultation" in page
    assert 'aria-current="step"' in page
    assert reverse("moderation", args=[consultation.reference]) in page
    assert url in client.get(reverse("consultation", args=[consultation.reference])).content.decode()


def test_only_the_desk_manages(client, bob, charlie, consultation, url):
    assert client.get(url).status_code == 302
    for user in (bob, charlie):
        client.force_login(user)
        assert client.get(url).status_code == 403
        assert url not in client.get(reverse("consultation", args=[consultation.reference])).content.decode()


def test_an_unknown_consultation_and_another_method(client, alice, url):
    client.force_login(alice)
    assert client.get(reverse("manage-consultation", args=["CON-999"])).status_code == 404
    assert client.post(url).status_code == 405


def test_work_says_what_waits_and_what_the_phase_lets_happen(consultation, monkeypatch):
    wait = "plenary.participation.queries.count_waiting"
    lines = (
        Work("a", "moderation", act=Act.MODERATE, waits=wait),
        Work("b", "moderation", act=Act.VOTE_FINALLY),
        Work("c", "not-installed"),
    )
    monkeypatch.setattr(works, "WORKS", lines)
    found = works.list_works(consultation, timezone.now())
    assert [(each.work.label, each.is_allowed, each.count) for each in found] == [
        ("a", True, 0),
        ("b", False, 0),
    ]
