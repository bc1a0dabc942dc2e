"""Settings of every test run, and the cast: alice owns (desk), bob is a member (contributor), charlie is a stranger."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

# Before Django reads its settings: tests never touch an installation's data.
_home = tempfile.mkdtemp(prefix="plenary-tests-")
atexit.register(shutil.rmtree, _home, ignore_errors=True)
os.environ["PLENARY_HOME"] = _home
os.environ["PLENARY_WORKER"] = "false"

import pytest  # noqa: E402


@pytest.fixture(autouse=True)
def _quick_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


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
