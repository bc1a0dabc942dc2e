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
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)


@pytest.fixture
def dora(db):
    """Sits on the committee."""
    return make_user("dora", ("committee", make_organization("Review committee")))
