from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from plenary.kit.errors import Refused
from plenary.participation import actions, queries, tokens
from plenary.participation.models import Consultation, Participant, Vote
from plenary.participation.tokens import Voter
from plenary.people.models import Role
from plenary.people.tests.factories import make_user
from plenary.records.models import Visibility
from plenary.records.tests.factories import NOW, make_organization

from .factories import cast, make_consultation, make_statements, make_voter
from .test_views import fields_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def consultation():
    return make_consultation(opens_at=NOW - timedelta(hours=1))


@pytest.fixture
def statement(consultation):
    return make_statements(consultation, "One.", "Two.")[0]


@pytest.fixture
def close(consultation, statement):
    """Make it a consultation for some."""

    def closing(access, **changes):
        for name, value in {"access": access, "link_key": "k" * 43, **changes}.items():
            setattr(consultation, name, value)
        consultation.save()
        for record in (consultation.record, *(each.record for each in consultation.statements.all())):
            record.visibility = Visibility.ORGANIZATION
            record.save()
        return reverse("consultation", args=[consultation.reference])

    return closing


def everywhere(consultation, statement):
    """Every address at which one might learn of it."""
    return [
        reverse("consultation", args=[consultation.reference]),
        reverse("consultation-statements", args=[consultation.reference]),
        reverse("write-statement", args=[consultation.reference]),
        reverse("consultation-results", args=[consultation.reference]),
        reverse("statement", args=[statement.reference]),
        f"/r/{consultation.reference}",
        f"/r/{consultation.reference}.json",
        f"/r/{statement.reference}.json",
        f"/api/v1/consultations/{consultation.reference}",
        f"/api/v1/consultations/{consultation.reference}/statements",
        f"/api/v1/statements/{statement.reference}",
        f"/api/v1/records/{consultation.reference}/events",
    ]


@pytest.mark.parametrize("access", ["link", "invited", "members"])
def test_strangers_find_it_nowhere(client, charlie, consultation, statement, close, access):
    close(access)
    for login in (False, True):
        if login:
            client.force_login(charlie)
        for address in everywhere(consultation, statement):
            assert client.get(address).status_code == 404, address
        for address in (
            "/",
            "/consultations",
            "/api/v1/consultations",
            "/api/v1/statements",
            "/api/v1/records",
        ):
            page = client.get(address).content.decode()
            assert consultation.reference not in page, address
            assert "Schools" not in page, address


def test_a_draft_is_for_the_desk_whoever_has_a_key(client, alice, consultation, close):
    url = close("link", is_draft=True)
    assert client.get(f"{url}?key={'k' * 43}").status_code == 404
    client.force_login(alice)
    assert b"A draft" in client.get(url).content


# By link


def test_a_link_opens_it_and_is_remembered(client, consultation, statement, close):
    url = close("link")
    response = client.get(f"{url}?key={'k' * 43}")
    assert response.status_code == 200
    assert client.post(f"{url}?key={'k' * 43}", fields_of(response) | {"value": "1"}).status_code == 200
    for address in (
        url,
        *everywhere(consultation, statement)[1:2],
        reverse("statement", args=[statement.reference]),
    ):
        assert client.get(address).status_code == 200, address
    assert Vote.objects.count() == 1


def test_without_cookies_the_link_goes_along_with_the_form(consultation, close):
    url = close("link")
    page = Client().get(f"{url}?key={'k' * 43}&lang=en")
    assert f'action="{url}?lang=en&amp;key={"k" * 43}"' in page.content.decode()


@pytest.mark.parametrize("key", ["", "wrong", "k" * 42, "é" * 43])
def test_a_wrong_key_opens_nothing_and_says_what_to_do(client, consultation, close, key):
    url = close("link")
    response = client.get(url, {"key": key})
    assert response.status_code == 404
    assert (
        "ask whoever sent it" if key else "Some consultations are only for those"
    ) in response.content.decode()
    assert not response.cookies


def test_a_new_key_ends_the_old_pass(client, consultation, close):
    url = close("link")
    client.get(f"{url}?key={'k' * 43}")
    assert client.get(url).status_code == 200
    close("link", link_key="n" * 43)
    assert client.get(url).status_code == 404


def test_a_pass_opens_one_consultation_alone():
    signed = tokens.mint_pass(1, "key")
    assert tokens.opens(signed, 1, "key")
    assert not tokens.opens(signed, 2, "key")
    assert not tokens.opens(signed, 1, "other")
    assert not tokens.opens(f"{signed}x", 1, "key")


# By membership


def test_members_find_it_in_their_lists(client, consultation, statement, close):
    ours = make_organization("Port")
    dora = make_user("dora", (Role.CONTRIBUTOR, ours))
    url = close("members")
    client.force_login(dora)
    assert client.get(url).status_code == 404
    consultation.members.add(ours)
    assert client.get(url).status_code == 200
    assert client.get(reverse("statement", args=[statement.reference])).status_code == 200
    assert consultation.reference in client.get("/consultations").content.decode()
    fields = fields_of(client.get(url))
    assert (
        client.post(url, fields | {"value": "1"}, headers={"Sec-Fetch-Site": "same-origin"}).status_code < 400
    )
    assert Vote.objects.count() == 1


# By account


def test_who_must_sign_in_is_led_there_and_back(client, bob, consultation, statement):
    Consultation.objects.update(voting_by="account")
    url = reverse("consultation", args=[consultation.reference])
    page = client.get(url).content.decode()
    assert f"?next={url}" in page
    assert 'name="value"' not in page
    client.force_login(bob)
    assert 'name="value"' in client.get(url).content.decode()


def test_who_must_sign_in_does_not_vote_without(consultation, statement):
    consultation.voting_by = "account"
    with pytest.raises(Refused, match="sign in first"):
        cast(statement, voter=make_voter(consultation))
    assert not Participant.objects.exists()


def test_who_must_sign_in_does_not_write_without(consultation):
    consultation.writing_by = "account"
    with pytest.raises(Refused, match="sign in first"):
        actions.write_statement(
            consultation=consultation,
            voter=make_voter(consultation),
            body="Yes.",
            language="en",
            now=timezone.now(),
        )
    assert not Participant.objects.exists()


def test_nobody_votes_uninvited(consultation, statement, bob):
    consultation.access = "invited"
    for voter in (make_voter(consultation), Voter(user=bob)):
        with pytest.raises(Refused, match="invited"):
            cast(statement, voter=voter)
    assert not Participant.objects.exists()


# Statements


@pytest.mark.parametrize("moderation", ["accepted", "waiting", "rejected"])
def test_a_statement_is_seen_by_no_more_than_its_consultation(moderation):
    whole = make_consultation()
    whole.record.visibility = Visibility.ORGANIZATION
    assert actions.seen_by(whole, moderation) == Visibility.ORGANIZATION
    whole.record.visibility = Visibility.STAFF
    assert actions.seen_by(whole, moderation) == Visibility.STAFF


def test_looking_costs_one_query_more_for_who_has_a_key(consultation, close, django_assert_num_queries):
    close("link")
    with django_assert_num_queries(1):
        assert queries.get_consultation_for(None, consultation.reference)
    from django.contrib.auth.models import AnonymousUser

    with django_assert_num_queries(1):
        assert queries.get_consultation_for(
            AnonymousUser(), consultation.reference, keys=queries.Keys(link="k" * 43)
        )
