"""Who may use what: every address declares it, refuses the others, and is listed in docs/access.md."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import RequestFactory
from django.utils import timezone

from plenary.kit import access
from plenary.records.models import Event, Record
from plenary.site.demo.loader import Story

PAGE = Path(__file__).parents[1] / "docs" / "access.md"

# A record of the demonstration for each first part of an address.
SAMPLES = {
    "analyses": "analysis",
    "changes": "change",
    "commitments": "commitment",
    "consultations": "consultation",
    "decisions": "decision",
    "findings": "finding",
    "meetings": "meeting",
    "r": "statement",
    "reports": "report",
    "reviews": "review",
    "roles": "organization",
    "rounds": "round",
    "statements": "statement",
    "strategies": "strategy",
    "trail": "statement",
}


def fill(address: str) -> str:
    """An address of the table with a record of the demonstration in it, where it takes one."""

    def value(found: re.Match) -> str:
        converter, name = found.groups()
        if name == "local":
            return "C1"
        if converter == "int":
            return "1"
        kind = SAMPLES.get(address.split("/", 1)[0])
        sample = Record.objects.filter(kind=kind).order_by("id").last() if kind and name != "sha256" else None
        return sample.reference if sample else "x"

    return "/" + re.sub(r"<(?:(\w+):)?(\w+)>", value, address)


def pages() -> list[access.Row]:
    """The addresses that answer with pages; the API says no in its own words, and has its own test."""
    return [row for row in access.rule_table() if not row.address.startswith(("api/", "^static", "static/"))]


def test_every_address_says_who_may_use_it():
    table = access.rule_table()
    assert len(table) > 60
    assert [row.address for row in table if row.access is None] == []


def test_every_rule_of_the_table_can_be_asked():
    from plenary.kit import manifest

    rules = {row.access.rule for row in access.rule_table() if row.access and row.access.rule}
    assert len(rules) > 8
    for rule in rules:
        assert callable(manifest.resolve(f"plenary.{rule}")), rule


def test_the_table_stands_in_the_documentation():
    text = PAGE.read_text("utf-8")
    assert text.endswith(access.as_page()), "run: make docs"


def test_a_view_that_declares_nothing_is_refused_to_everybody():
    door = access.AccessMiddleware(lambda request: None)
    request = RequestFactory().get("/")
    request.resolver_match = None
    with pytest.raises(ImproperlyConfigured, match="declares no access"):
        door.process_view(request, lambda request: None, (), {})


def test_who_reads_is_not_who_sends():
    page = access.read_by(access.everyone, written_by=access.holders("desk"))
    assert not page.for_method("GET").needs_account
    assert page.for_method("POST").roles == ("desk",)
    assert str(page) == "everyone; to send: desk"


@pytest.mark.django_db
def test_nobody_passes_a_door_that_is_not_hers(client, charlie):
    """Each address that is not everyone's, asked by somebody unknown and by somebody without a role."""
    for chapter in (story := Story(now=timezone.now(), password="only for this test")).chapters():
        chapter()
    assert story.changes
    closed = [row for row in pages() if row.access.needs_account or row.access.writing]
    assert len(closed) > 25
    before = Event.objects.count()
    passed = []
    for row in closed:
        address = fill(row.address)
        for method in ("get", "post"):
            if not row.access.for_method(method.upper()).needs_account:
                continue
            client.logout()
            answer = getattr(client, method)(address)
            if not (
                (answer.status_code == 302 and answer["Location"].startswith("/account/"))
                or answer.status_code in (401, 403)
            ):
                passed.append(("unknown", method, address, answer.status_code))
            if row.access.for_method(method.upper()) == access.signed_in:
                continue
            client.force_login(charlie)
            answer = getattr(client, method)(address)
            if answer.status_code not in (403, 404, 405, 409):
                passed.append(("without a role", method, address, answer.status_code))
    assert passed == []
    assert Event.objects.count() == before, "nothing was written"


@pytest.mark.django_db
def test_what_is_everyones_asks_nobody_for_an_account(client):
    for row in pages():
        if row.access.needs_account or "GET" not in (row.methods or ("GET",)):
            continue
        if row.address.startswith("account/"):  # a later step of signing in leads back to the first one
            continue
        answer = client.get(fill(row.address))
        assert answer.status_code < 500, row.address
        assert answer.status_code not in (401, 403), row.address
        assert not answer.get("Location", "").startswith("/account/sign-in"), row.address
