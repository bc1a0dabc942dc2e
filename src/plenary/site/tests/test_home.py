"""The first page: the whole line in one screen, at the same cost for one of each thing and for ten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from plenary.delivery.actions import close_round
from plenary.delivery.tests.factories import (
    make_commitment,
    make_indicator,
    make_report,
    make_review,
    make_round,
)
from plenary.insight.tests.factories import analyse, make_two_camps
from plenary.people.tests.factories import make_user
from plenary.records.tests.factories import make_organization
from plenary.strategy.tests.factories import MARKDOWN, adopt, clause, make_accepted, make_version

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_clock")]
LIMIT = 20
TODAY = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)


@pytest.fixture
def _clock(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: TODAY)


def make_year(number: int) -> None:
    """A strategy that was changed, asked about, analysed, promised from, reported on and reviewed."""
    strategy = make_version(f"{MARKDOWN}\n\nPart {number}.\n").strategy
    make_accepted(strategy)
    adopt(strategy, TODAY.date())
    analyse(make_two_camps(closes_at=TODAY + timedelta(days=9)))
    commitment = make_commitment(make_organization(f"Office {number}"), clause(strategy, "C1"))
    indicator = make_indicator(commitment)
    round = make_round(commitment)
    make_report(round, commitment, indicator=indicator)
    make_review(round, commitment, make_organization(f"Committee {number}"))
    close_round(round=round, by=None, now=TODAY + timedelta(days=30))


def count(client) -> int:
    with CaptureQueriesContext(connection) as captured:
        page = client.get("/")
    assert page.status_code == 200
    return len(captured)


def test_home_costs_the_same_for_one_and_for_ten_of_each(client, office):
    make_year(0)
    member = make_user("dora", ("contributor", office), ("committee", office))
    strangers = count(client)
    client.force_login(member)
    members = count(client)
    assert strangers <= LIMIT and members <= LIMIT
    client.logout()
    for number in range(1, 10):
        make_year(number)
    assert count(client) == strangers
    client.force_login(member)
    assert count(client) == members


def test_home_tells_the_whole_line_and_asks_for_one_thing(client):
    make_year(0)
    page = client.get("/").content.decode()
    order = [
        "Tools for everyone",
        "Open now",
        "2 principles",
        "What we promised",
        "What changed",
        "What we heard",
    ]
    places = [page.index(words) for words in order]
    assert places == sorted(places)
    assert page.count('class="button"') == 1, "one main action"
    assert "32 people have voted" in page
    assert "substantial" in page, "both ratings"


def test_home_names_the_other_open_questions_after_the_first(client):
    for days in (30, 3, 20, 10, 40):
        make_two_camps(question=f"Ends in {days} days?", closes_at=TODAY + timedelta(days=days))
    page = client.get("/").content.decode()
    shown = [page.find(f"Ends in {days} days?") for days in (3, 10, 20, 30)]
    assert -1 not in shown and shown == sorted(shown)
    assert "Ends in 40 days?" not in page
    assert "All 5 open questions" in page
