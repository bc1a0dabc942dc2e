"""The cast of every test: alice owns (desk), bob is a member (contributor), charlie is a stranger."""

from __future__ import annotations

from collections import Counter

import pytest
from django.conf import settings
from django.utils import translation
from tests import needs

pytest_plugins = ["e2e.chromium"]


def pytest_collection_modifyitems(config, items):
    """On PostgreSQL, what asks no database is left out: it was run on SQLite, and would say the same again."""
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        return
    asks = {"db", "transactional_db", "live_server"}
    kept, left = [], []
    for item in items:
        is_asked = item.get_closest_marker("django_db") or item.get_closest_marker("own_database")
        (kept if is_asked or asks & set(item.fixturenames) else left).append(item)
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = kept


def pytest_terminal_summary(terminalreporter):
    """Say in plain words what this run left out, and how to have it."""
    database = settings.DATABASES["default"]["ENGINE"].rpartition(".")[2]
    lines = [
        "This run used SQLite only. `make test-all` runs the suite on PostgreSQL too."
        if database == "sqlite3"
        else "This run used PostgreSQL. `make test` runs the suite on SQLite."
    ]
    reasons = Counter(report.longrepr[2] for report in terminalreporter.stats.get("skipped", []))
    for reason, count in sorted(reasons.items()):
        tests = "1 test was" if count == 1 else f"{count} tests were"
        lines.append(f"{tests} skipped: {reason.removeprefix('Skipped: ').rstrip('.')}.")
    lacking = needs.missing()
    if lacking:
        lines.append(needs.describe(lacking))
    terminalreporter.section("What was not tested", sep="-")
    terminalreporter.write("\n".join(lines) + "\n")


@pytest.fixture(autouse=True)
def _language():
    """A request in another language leaves it active; no test speaks what the one before it spoke."""
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture(autouse=True)
def _no_old_boards(monkeypatch):
    """Which card comes next, and what says the same, rest on what a process keeps by the consultation's id; tests use
    ids again.

    And many write, without an event, what a page should show the next moment.
    """
    from plenary.participation.queries import forget_boards, forget_similar
    from plenary.participation.views import first_pages

    forget_boards()
    forget_similar()
    monkeypatch.setattr(first_pages, "is_on", False)


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
