"""Pages that newcomers share: what they say is what everybody else reads, and nobody shares a token."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from plenary.participation import queries, tokens, voters
from plenary.participation.models import Consultation
from plenary.participation.views import first_pages
from plenary.records.models import Event

from .factories import make_consultation, make_statements

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _kept(monkeypatch):
    monkeypatch.setattr(first_pages, "is_on", True)


@pytest.fixture
def consultation():
    made = make_consultation()
    make_statements(made, "The only <one>.")  # all newcomers get it
    return made


def look(consultation, client=None, query="", accepted="en"):
    address = reverse("consultation", args=[consultation.reference])
    return (client or Client()).get(address + query, headers={"Accept-Language": accepted})


def kept(consultation):
    return queries.get_board(consultation.pk).pages


def token_of(page):
    return re.search(r'name="token" value="([^"]+)"', page.content.decode())[1]


@pytest.mark.parametrize(("query", "accepted"), [("", "en"), ("?lang=ar", "en"), ("", "fr")])
def test_a_kept_page_is_the_page_with_a_token_of_her_own(consultation, monkeypatch, query, accepted):
    pages = [look(consultation, query=query, accepted=accepted) for _ in range(2)]
    assert len(kept(consultation)) == 1
    monkeypatch.setattr(first_pages, "is_on", False)
    pages.append(look(consultation, query=query, accepted=accepted))
    made = {token_of(page) for page in pages}
    assert len(made) == 3
    assert all(tokens.read(token, consultation.pk) for token in made)
    assert len({page.content.decode().replace(token_of(page), "") for page in pages}) == 1
    given = [
        {name: value for name, value in page.headers.items() if name not in ("X-Request-ID", "Expires")}
        for page in pages
    ]
    assert given[0] == given[1] == given[2]


def test_every_card_fits_into_what_is_around_it(consultation, monkeypatch):
    make_statements(consultation, *(f"Number <{number}>." for number in range(6)))
    queries.forget_boards()
    shown = {}
    for is_on in (True, True, False):
        monkeypatch.setattr(first_pages, "is_on", is_on)
        for _ in range(25):
            page = look(consultation)
            text = page.content.decode().replace(token_of(page), "")
            shown.setdefault(re.search(r'name="statement" value="([^"]+)"', text)[1], set()).add(text)
    assert len(shown) > 1
    assert {len(texts) for texts in shown.values()} == {1}
    make_statements(consultation, "One more.")
    Event.objects.create(record=consultation.record, verb="changed", at=timezone.now())
    monkeypatch.setattr(first_pages, "is_on", True)
    assert "of 8" in look(consultation).content.decode()


def test_a_kept_page_costs_one_query(consultation, django_assert_num_queries):
    look(consultation)
    with django_assert_num_queries(1):
        assert look(consultation).status_code == 200


def test_languages_and_addresses_have_pages_of_their_own(consultation):
    for query, accepted in (("", "en"), ("", "ar"), ("?lang=fr", "en"), ("", "en")):
        assert look(consultation, query=query, accepted=accepted).status_code == 200
    assert len(kept(consultation)) == 3


def test_what_happens_is_on_the_very_next_page(consultation):
    assert 'name="value"' in look(consultation).content.decode()
    Consultation.objects.update(paused_at=timezone.now())
    Event.objects.create(record=consultation.record, verb="paused", at=timezone.now())
    assert 'name="value"' not in look(consultation).content.decode()
    Consultation.objects.update(paused_at=None, is_draft=True)
    consultation.record.visibility = "restricted"
    consultation.record.save()
    Event.objects.create(record=consultation.record, verb="changed", at=timezone.now())
    assert look(consultation).status_code == 404


def test_the_clock_makes_another_page(consultation):
    look(consultation)
    Consultation.objects.update(closes_at=timezone.now() - timedelta(seconds=1))
    queries.get_board(consultation.pk).consultation.closes_at = timezone.now() - timedelta(seconds=1)
    assert 'name="value"' not in look(consultation).content.decode()
    assert len(kept(consultation)) == 2


def test_who_is_not_new_gets_a_page_of_her_own(consultation, alice):
    look(consultation)
    before = dict(kept(consultation))
    begun = Client()
    begun.cookies[voters.COOKIE] = token = tokens.mint(consultation.pk)
    assert token_of(look(consultation, begun)) == token
    signed_in = Client()
    signed_in.force_login(alice)
    assert 'name="token"' not in look(consultation, signed_in).content.decode()
    for query in ("?via=abcdef", "?again=STM-1", "?lang=" + "x" * 60):
        assert look(consultation, query=query).status_code == 200
    assert kept(consultation) == before


def test_an_invitation_is_asked_for_each_time(consultation):
    Consultation.objects.update(access="link", link_key="key")
    assert look(consultation, query="?key=key").status_code == 200
    assert look(consultation).status_code == 200  # its record is public all the same
    assert not kept(consultation)
