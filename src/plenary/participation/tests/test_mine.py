"""«My part»: what somebody wrote and voted, for her alone."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from plenary.participation import actions, tokens
from plenary.participation.models import Statement
from plenary.participation.tokens import Voter

from .factories import cast, make_consultation, make_statements
from .test_views import OURS, fields_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def consultation():
    now = timezone.now()
    return make_consultation(closes_at=now + timedelta(days=3))


@pytest.fixture
def statements(consultation):
    return make_statements(consultation, "One.", "Two.")


@pytest.fixture
def address(consultation):
    return reverse("mine", args=[consultation.reference])


def write(consultation, voter, body="Teachers choose."):
    return actions.write_statement(
        consultation=consultation, voter=voter, body=body, language="en", now=timezone.now()
    )


@pytest.fixture
def token(consultation):
    return tokens.mint(consultation.pk)


@pytest.fixture
def voter(consultation, token):
    return Voter(token_hash=tokens.read(token, consultation.pk))


def test_her_cookie_leads_to_what_she_said(client, consultation, statements, address):
    url = reverse("consultation", args=[consultation.reference])
    client.post(url, fields_of(client.get(url)) | {"value": "1"})
    page = client.get(address).content.decode()
    assert "You voted on 1 statement." in page
    assert "Change your answer" in page
    assert "You wrote no statement here." in page


def test_a_token_in_a_form_leads_there_without_a_cookie(
    client, consultation, statements, address, voter, token
):
    cast(statements[0], 1, voter)
    own = write(consultation, voter)
    page = client.post(address, {"token": token}).content.decode()
    assert "Teachers choose." in page
    assert "waiting" in page
    assert f'value="{token}"' in page
    actions.moderate_statements(
        statements=[own], decision="rejected", reason="off-topic: schools only", by=None, now=timezone.now()
    )
    page = client.post(address, {"token": token}).content.decode()
    assert "It does not answer the question: schools only" in page
    assert "It was not accepted." in page


def test_an_account_leads_there_too_and_to_nobody_elses(
    client, consultation, statements, address, alice, bob
):
    write(consultation, Voter(user=alice))
    client.force_login(alice)
    assert "Teachers choose." in client.get(address).content.decode()
    assert client.post(address, headers=OURS).status_code == 200
    client.force_login(bob)
    assert "Teachers choose." not in client.get(address).content.decode()


@pytest.mark.parametrize("sent", [{}, {"token": "forged"}, {"token": "a:b:c"}])
def test_a_forged_token_leads_nowhere(client, address, sent):
    response = client.post(address, sent)
    assert response.status_code == 422
    assert "we do not know whose it is" in response.content.decode()


def test_a_token_of_another_consultation_leads_nowhere(client, address, consultation):
    other = make_consultation()
    token = tokens.mint(other.pk)
    write(other, Voter(token_hash=tokens.read(token, other.pk)))
    response = client.post(address, {"token": token})
    assert response.status_code == 422
    assert "Teachers choose." not in response.content.decode()


def test_strangers_see_an_empty_page_and_wrong_references_none(client, address, statements):
    response = client.get(address)
    assert response.status_code == 200
    assert "Nothing is known here" in response.content.decode()
    assert "no-store" in response.headers["Cache-Control"]
    assert not response.cookies
    assert client.put(address).status_code == 405
    assert client.get(reverse("mine", args=["CON-999"])).status_code == 404


def test_any_number_of_statements_costs_the_same(
    client, consultation, statements, address, voter, token, django_assert_max_num_queries
):
    for number in range(4):
        write(consultation, voter, f"Idea {number}.")
    Statement.objects.update(moderation="accepted")
    for statement in statements:
        cast(statement, 1, voter)
    with django_assert_max_num_queries(16):
        client.post(address, {"token": token})


def test_votes_cannot_be_changed_once_it_is_closed(client, consultation, statements, address, voter, token):
    cast(statements[0], 1, voter)
    consultation.closes_at = timezone.now() - timedelta(minutes=1)
    consultation.save()
    page = client.post(address, {"token": token}).content.decode()
    assert "Votes can no longer be changed." in page
    assert "Change your answer" not in page


def test_the_end_of_the_cards_leads_there(client, consultation, statements):
    url = reverse("consultation", args=[consultation.reference])
    response = client.get(url)
    for _each in statements:
        response = client.post(url, fields_of(response) | {"value": "1"}, follow=True, headers=OURS)
    assert reverse("mine", args=[consultation.reference]) in response.content.decode()
