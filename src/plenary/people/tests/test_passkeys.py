"""Passkeys, with a device in software that really signs; a browser's own is tried in the journeys."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator

from plenary.people.models import User

from .authenticator import Device, options_on

pytestmark = pytest.mark.django_db


@pytest.fixture
def device(client, bob, sign_in):
    """Bob's, added on its page. He is signed in."""
    sign_in(bob)
    made = Device()
    page = client.get("/account/passkeys/add").content.decode()
    entered = {"name": "Telephone", "passwordless": "on", "credential": made.make(options_on(page))}
    assert client.post("/account/passkeys/add", entered)["Location"] == "/account/codes"
    return made


def ask(client):
    return client.get("/account/sign-in/passkey", headers={"accept": "application/json"}).json()[
        "request_options"
    ]


def test_a_passkey_signs_in_alone_and_leads_to_where_one_wanted_to_go(client, bob, device):
    assert "Telephone" in client.get("/account").content.decode()
    client.logout()
    sent = {"credential": device.use(ask(client)), "next": "/commitments"}
    answer = client.post("/account/sign-in/passkey", sent)
    assert answer["Location"] == "/commitments" and client.session["_auth_user_id"] == str(bob.pk)
    client.logout()
    answer = client.post("/account/sign-in/passkey", {"credential": device.use(ask(client))})
    assert answer["Location"] == "/desk"


def test_what_was_signed_for_another_time_or_by_another_device_opens_nothing(client, device):
    client.logout()
    used = device.use(ask(client))
    assert client.post("/account/sign-in/passkey", {"credential": used})["Location"] == "/desk"
    client.logout()
    ask(client)
    stranger = Device()
    stranger.id, stranger.owner = device.id, device.owner
    for credential in (used, stranger.use(ask(client)), "{}", "not json"):
        answer = client.post("/account/sign-in/passkey", {"credential": credential})
        assert answer["Location"] == "/account/sign-in" and "_auth_user_id" not in client.session


def test_after_the_password_the_passkey_is_the_second_step(client, bob, device, sign_in):
    assert sign_in(bob)["Location"].startswith("/account/sign-in/code")
    page = client.get("/account/sign-in/code").content.decode()
    answer = client.post("/account/sign-in/code", {"credential": device.use(options_on(page))})
    assert answer["Location"] == "/desk" and "_auth_user_id" in client.session


def test_a_passkey_is_renamed_and_removed(client, bob, device):
    passkey = Authenticator.objects.get(user=bob, type="webauthn")
    assert (
        client.post(f"/account/passkeys/{passkey.pk}/rename", {"name": "Old telephone"})["Location"]
        == "/account"
    )
    assert "Old telephone" in client.get("/account").content.decode()
    assert client.post(f"/account/passkeys/{passkey.pk}/remove")["Location"] == "/account"
    assert not Authenticator.objects.filter(pk=passkey.pk).exists()


def test_nobody_touches_somebody_elses_passkey(client, charlie, device, sign_in):
    passkey = Authenticator.objects.get(type="webauthn")
    sign_in(charlie)
    for step in ("rename", "remove"):
        assert client.post(f"/account/passkeys/{passkey.pk}/{step}", {"name": "x"}).status_code == 404


def test_an_account_is_opened_with_a_passkey_and_no_password(client, posted):
    client.post("/account/sign-up/passkey", {"email": "key@demo.example", "name": "Kay"})
    client.post("/account/confirm-address", {"code": posted()[1]})
    page = client.get("/account/sign-up/passkey/make").content.decode()
    made = Device()
    sent = {"name": "Laptop", "credential": made.make(options_on(page))}
    answer = client.post("/account/sign-up/passkey/make", sent)
    assert answer["Location"] in ("/desk", "/account/codes")
    kay = User.objects.get(email="key@demo.example")
    assert client.session["_auth_user_id"] == str(kay.pk) and not kay.has_usable_password()
    client.logout()
    client.post("/account/sign-in/passkey", {"credential": made.use(ask(client))})
    assert client.session["_auth_user_id"] == str(kay.pk)
