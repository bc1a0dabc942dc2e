"""What protects an account beyond the password: an authenticator app, recovery codes, and where it is signed in."""

from __future__ import annotations

import re
import time
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.usersessions.models import UserSession
from django.core import mail
from django.test import Client

from plenary.site.cli import main

from .conftest import PASSWORD

pytestmark = pytest.mark.django_db

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"
CHROME = (
    "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36"
)


def code_of(secret: str, steps: int = 0) -> str:
    """What an authenticator app shows for the secret."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


@pytest.fixture
def with_app(client, bob, sign_in, django_capture_on_commit_callbacks):
    """Bob, signed in, with an authenticator app; its secret."""
    sign_in(bob)
    page = client.get("/account/app").content.decode()
    assert 'src="data:image/svg+xml' in page
    secret = parse_qs(urlsplit(re.search(r'href="(otpauth:[^"]+)"', page).group(1)).query)["secret"][0]
    fours = re.findall(r"<span>(\w{4})</span>", page)
    assert "".join(fours) == secret, "the key to type, four characters at a time"
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post("/account/app", {"code": code_of(secret)})
    assert answer["Location"] == "/account/codes"
    assert any("authenticator app was set up" in message.body for message in mail.outbox)
    return secret


def test_setting_up_an_app_brings_recovery_codes(client, with_app):
    page = client.get("/account/codes").content.decode()
    codes = re.findall(r"<li><code>(\d{8})</code></li>", page)
    assert len(codes) == 10
    assert client.get("/account/codes/download").content.decode().split() == codes
    account = client.get("/account").content.decode()
    assert "10 codes are left" in account and "Your password alone" not in account


def test_the_app_is_asked_for_after_the_password(client, bob, with_app, sign_in):
    answer = sign_in(bob, next="/commitments")
    assert answer["Location"].startswith("/account/sign-in/code") and "_auth_user_id" not in client.session
    page = client.get("/account/sign-in/code").content.decode()
    assert 'autocomplete="one-time-code"' in page and "data-passkey" not in page, "he has no passkey"
    wrong = client.post("/account/sign-in/code", {"code": "000000"})
    assert wrong.status_code == 422
    assert "This code is not right" in wrong.content.decode() and "_auth_user_id" not in client.session
    done = client.post("/account/sign-in/code", {"code": code_of(with_app, steps=1)})
    assert done["Location"] == "/commitments" and "_auth_user_id" in client.session


def test_a_code_of_the_app_is_good_once(client, bob, with_app, sign_in):
    sign_in(bob)
    code = code_of(with_app, steps=1)
    client.post("/account/sign-in/code", {"code": code})
    sign_in(bob)
    client.post("/account/sign-in/code", {"code": code})
    assert "_auth_user_id" not in client.session


def test_a_recovery_code_lets_in_once(client, bob, with_app, sign_in):
    page = client.get("/account/codes").content.decode()
    code = re.findall(r"<code>(\d{8})</code>", page)[0]
    sign_in(bob)
    assert client.post("/account/sign-in/code", {"code": code})["Location"] == "/desk"
    sign_in(bob)
    client.post("/account/sign-in/code", {"code": code})
    assert "_auth_user_id" not in client.session


def test_new_codes_end_the_old_ones(client, with_app):
    old = client.get("/account/codes/download").content.decode().split()
    assert client.post("/account/codes/new")["Location"] == "/account/codes"
    new = client.get("/account/codes/download").content.decode().split()
    assert len(new) == 10 and not set(old) & set(new)


def test_removing_the_app_is_possible_and_told(client, bob, with_app):
    assert client.post("/account/app/remove")["Location"] == "/account"
    assert not Authenticator.objects.filter(user=bob).exists()
    assert "authenticator app was removed" in mail.outbox[-1].body


def test_the_database_alone_gives_no_codes(bob, with_app):
    for factor in Authenticator.objects.filter(user=bob):
        assert with_app not in str(factor.data)
    from plenary.people.adapters import SecondFactorAdapter

    stored = Authenticator.objects.get(user=bob, type="totp").data["secret"]
    assert SecondFactorAdapter().decrypt(stored) == with_app


def test_a_lost_key_is_said_at_every_place_that_needs_it(client, bob, with_app, sign_in, settings, caplog):
    settings.PLENARY_FACTOR_KEY = "another"
    assert client.get("/account").status_code == 200
    codes = client.get("/account/codes")
    assert codes.status_code == 503 and "ask the people who run this site" in codes.content.decode()
    sign_in(bob)
    refused = client.post("/account/sign-in/code", {"code": code_of(with_app, steps=1)})
    assert refused.status_code == 422 and "has lost the key" in refused.content.decode()
    assert "_auth_user_id" not in client.session and "keys/factors" in caplog.text


def test_the_console_lets_somebody_in_who_lost_everything(client, bob, with_app, sign_in, capsys):
    assert main(["reset-second-factor", "nobody@demo.example"]) == 2
    assert "no account" in capsys.readouterr().err and Authenticator.objects.filter(user=bob).count() == 2
    assert main(["reset-second-factor", "Bob@demo.example"]) == 0
    assert not Authenticator.objects.filter(user=bob).exists()
    assert sign_in(bob, next="/commitments")["Location"] == "/commitments"
    assert main(["reset-second-factor", "bob@demo.example"]) == 0
    assert "nothing was changed" in capsys.readouterr().out


def test_what_weakens_an_account_asks_for_the_password_again(client, bob):
    client.force_login(bob)  # signed in long ago, as far as the session knows
    answer = client.get("/account/app")
    assert answer["Location"].startswith("/account/confirm")
    page = client.get(answer["Location"]).content.decode()
    assert "Is it you?" in page
    wrong = client.post(answer["Location"], {"password": "x"})
    assert "This is not your password" in wrong.content.decode()
    assert client.post(answer["Location"], {"password": PASSWORD})["Location"] == "/account/app"
    assert client.get("/account/app").status_code == 200


def test_sessions_are_listed_by_device_and_ended(client, bob, sign_in):
    sign_in(bob, user_agent=FIREFOX)
    other = Client(headers={"user-agent": CHROME})
    other.post("/account/sign-in", {"login": bob.email, "password": PASSWORD})
    page = client.get("/account/sessions").content.decode()
    assert "Firefox, Windows" in page and "Chrome, Android" in page and "this device" in page
    assert other.get("/account").status_code == 200
    there = UserSession.objects.get(user=bob, user_agent="Chrome, Android")
    assert client.post(f"/account/sessions/{there.pk}/end")["Location"] == "/account/sessions"
    assert other.get("/account")["Location"].startswith("/account/sign-in")
    assert client.get("/account").status_code == 200


def test_all_other_sessions_end_at_once(client, bob, sign_in):
    others = [Client(), Client()]
    for each in others:
        each.post("/account/sign-in", {"login": bob.email, "password": PASSWORD})
    sign_in(bob)
    page = client.post("/account/sessions/end-others", follow=True).content.decode()
    assert "2 other devices are signed out" in page
    assert [each.get("/account").status_code for each in others] == [302, 302]
    assert client.get("/account").status_code == 200


def test_nobody_ends_somebody_elses_session(client, bob, charlie, sign_in):
    there = Client()
    there.post("/account/sign-in", {"login": bob.email, "password": PASSWORD})
    session = UserSession.objects.get(user=bob)
    sign_in(charlie)
    assert client.post(f"/account/sessions/{session.pk}/end").status_code == 404
    assert there.get("/account").status_code == 200


def test_a_name_is_changed_on_the_account_page(client, bob, sign_in):
    sign_in(bob)
    assert client.post("/account", {"name": "Robert"})["Location"] == "/account"
    bob.refresh_from_db()
    assert bob.name == "Robert"
    assert client.post("/account", {"name": "x" * 151}).status_code == 422
