from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction

from plenary.people import actions, rules
from plenary.people.models import User

from .factories import make_user

pytestmark = pytest.mark.django_db


def test_an_address_is_one_account_whatever_its_capitals():
    make_user("ada")
    with pytest.raises(IntegrityError), transaction.atomic():
        actions.create_account(email="ADA@Demo.example", password="x")
    assert User.objects.get_by_natural_key("Ada@demo.EXAMPLE").name == "ada"


def test_an_account_without_a_name_shows_its_number_never_its_address():
    user = actions.create_account(email="secret@demo.example", password="x")
    assert "secret" not in str(user)


def test_roles_hold_in_their_organization(alice, bob, charlie, office, unit):
    assert rules.is_desk(alice) and not rules.is_desk(bob) and not rules.is_desk(charlie)
    assert rules.is_contributor_of(bob, office) and not rules.is_contributor_of(bob, unit)
    assert not rules.is_approver_of(bob, office)
    assert rules.is_staff(bob) and not rules.is_staff(charlie) and not rules.is_staff(AnonymousUser())


def test_a_granted_role_is_written_once_without_naming_the_person(now, charlie, office):
    for _ in range(2):
        actions.grant_role(user=charlie, organization=office, role="approver", by=None, now=now)
    assert rules.is_approver_of(charlie, office)
    event = office.record.events.get(verb="role granted")
    assert event.changes == {"role": [None, "approver"], "user": "changed"}


def test_signing_in_leads_on_to_where_one_wanted_to_go(client, bob):
    answer = client.post(
        "/account/sign-in?next=/commitments", {"login": "bob@demo.example", "password": "a quiet word"}
    )
    assert answer.status_code == 302
    assert answer["location"] == "/commitments"


def test_signing_in_goes_nowhere_else_and_says_what_is_wrong(client, bob):
    wrong = client.post("/account/sign-in", {"login": "bob@demo.example", "password": "wrong"})
    assert wrong.status_code == 422 and not wrong.wsgi_request.user.is_authenticated
    answer = client.post(
        "/account/sign-in?next=https://elsewhere.example/",
        {"login": "BOB@demo.example", "password": "a quiet word"},
    )
    assert answer["location"] == "/desk"


def test_accounts_that_were_there_before_count_as_confirmed(bob):
    """The migration, on an account without an address of its own and on one that has some already."""
    from importlib import import_module

    from allauth.account.models import EmailAddress
    from django.apps import apps

    old = User.objects.create_user("old@demo.example", "a quiet word")
    migration = import_module("plenary.people.migrations.0004_accounts")
    for _ in range(2):
        migration.confirm_addresses(apps, None)
    address = EmailAddress.objects.get(user=old)
    assert (address.email, address.verified, address.primary) == ("old@demo.example", True, True)
    assert EmailAddress.objects.filter(user=bob).count() == 1
