"""The cast of every test: alice owns (desk), bob is a member (contributor), charlie is a stranger."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.utils import translation


@pytest.fixture(autouse=True)
def _language():
    """A request in another language leaves it active; no test speaks what the one before it spoke."""
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture
def now():
    from datetime import UTC, datetime

    return datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.fixture
def unit(db):
    """The institution's strategy unit."""
    from plenary.records.tests.factories import make_organization

    return make_organization("Strategy unit")


@pytest.fixture
def alice(unit):
    """Owns: the desk."""
    from plenary.people.tests.factories import make_user

    return make_user("alice", ("desk", unit))


@pytest.fixture
def office(db):
    """An organization that reports."""
    from plenary.records.tests.factories import make_organization

    return make_organization("Office of Schools")


@pytest.fixture
def bob(office):
    """A member: contributes for the office."""
    from plenary.people.tests.factories import make_user

    return make_user("bob", ("contributor", office))


@pytest.fixture
def charlie(db):
    """A stranger: signed in, without any role."""
    from plenary.people.tests.factories import make_user

    return make_user("charlie")
