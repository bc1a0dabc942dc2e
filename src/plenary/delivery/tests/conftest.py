from __future__ import annotations

import pytest

from plenary.people.tests.factories import make_user
from plenary.records.tests.factories import make_organization

from . import factories


@pytest.fixture
def now():
    return factories.NOW


@pytest.fixture
def clock(monkeypatch, now):
    """Pages take the time from the clock; here it stands still within the round."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)


@pytest.fixture
def commitment(office):
    return factories.make_commitment(office)


@pytest.fixture
def indicator(commitment):
    return factories.make_indicator(commitment)


@pytest.fixture
def round(commitment):
    return factories.make_round(commitment)


@pytest.fixture
def committee(db):
    return make_organization("Review committee")


@pytest.fixture
def dora(committee):
    """Sits on the committee."""
    return make_user("dora", ("committee", committee))


@pytest.fixture
def erik(office):
    """Approves for the office."""
    return make_user("erik", ("approver", office))
