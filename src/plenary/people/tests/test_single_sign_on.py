"""Single sign-on with a real OpenID Connect issuer in a process of its own, the whole authorization-code flow."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount

from plenary.people.models import User

from .conftest import PASSWORD
from .factories import make_user
from .issuer.__main__ import PASSWORD as ISSUER_PASSWORD

pytest.importorskip("allauth.idp.oidc", reason="the identity provider of allauth is a development dependency")
pytestmark = pytest.mark.django_db

CALLBACK = "http://testserver/account/with/sso/callback"


@pytest.fixture(scope="module")
def issuer(tmp_path_factory):
    """The address of an issuer that runs for as long as the tests of this file."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("issuer")
    log = (folder / "log").open("w")
    process = subprocess.Popen(
        [sys.executable, "-m", "plenary.people.tests.issuer", str(port), CALLBACK],
        env=os.environ | {"ISSUER_DATABASE": str(folder / "db.sqlite3"), "ISSUER_KEY": key.decode()},
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
    )
    ready = process.stdout.readline().strip()
    assert ready == "ready", (folder / "log").read_text()
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(10)
    process.stdout.close()
    log.close()


@pytest.fixture(autouse=True)
def sso(settings, issuer):
    settings.PLENARY_OIDC_DOMAINS = ["demo.example"]
    app = {
        "provider_id": "sso",
        "name": "League sign-on",
        "client_id": "plenary",
        "secret": "the client's secret",
        "settings": {"server_url": issuer},
    }
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}


def at_the_issuer(address, email):
    """What somebody's browser does there: follow, sign in, come back with a code. The address there."""
    browser = requests.Session()
    answer = browser.get(address)
    assert answer.status_code == 200, answer.text
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', answer.text).group(1)
    entered = {"login": email, "password": ISSUER_PASSWORD, "csrfmiddlewaretoken": token}
    answer = browser.post(answer.url, entered, allow_redirects=False)
    while answer.status_code in (302, 303):
        target = requests.compat.urljoin(answer.url, answer.headers["Location"])
        if target.startswith(CALLBACK):
            return target.removeprefix("http://testserver")
        answer = browser.get(target, allow_redirects=False)
    raise AssertionError(f"{answer.status_code} at {answer.url}: {answer.text[:500]}")


def come_through(client, email, query=""):
    lead = client.post(f"/account/with/sso{query}")
    assert lead.status_code == 302
    asked = parse_qs(urlsplit(lead["Location"]).query)
    assert asked["response_type"] == ["code"] and asked["code_challenge_method"] == ["S256"]
    return client.get(at_the_issuer(lead["Location"], email))


def test_the_page_offers_it_and_asks_before_it_goes_there(client):
    assert "Continue with League sign-on" in client.get("/account/sign-in").content.decode()
    page = client.get("/account/with/sso")
    assert page.status_code == 200 and "You go to another site" in page.content.decode()
    assert client.get("/account/with/nobody").status_code == 404


def test_an_account_with_the_address_is_signed_in_to_and_connected(client, bob):
    answer = come_through(client, "bob@demo.example", "?next=/commitments")
    assert answer["Location"] == "/commitments"
    assert client.session["_auth_user_id"] == str(bob.pk)
    kept = SocialAccount.objects.get(user=bob)
    assert set(kept.extra_data["userinfo"]) == {"sub", "email"}, "no more than is shown again"
    assert User.objects.count() == 1
    page = client.get("/account/connections").content.decode()
    assert "bob@demo.example" in page and "Disconnect" in page


def test_a_second_step_is_asked_for_here_too(client, bob, sign_in):
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    TOTP.activate(bob, generate_totp_secret())
    answer = come_through(client, "bob@demo.example")
    assert answer["Location"].startswith("/account/sign-in/code") and "_auth_user_id" not in client.session


def test_an_address_that_the_issuer_has_not_confirmed_opens_no_account_of_others(client, mailoutbox):
    make_user("unconfirmed")
    answer = come_through(client, "unconfirmed@demo.example")
    assert "_auth_user_id" not in client.session
    assert answer["Location"].startswith("/account/confirm-address")
    assert not SocialAccount.objects.exists()
    assert "There is one already" in mailoutbox[-1].body and "single sign-on" in mailoutbox[-1].body


def test_nor_does_one_of_a_domain_that_the_issuer_does_not_speak_for(client):
    owner = User.objects.create_user("elsewhere@other.example", PASSWORD)
    EmailAddress.objects.create(user=owner, email=owner.email, verified=True, primary=True)
    come_through(client, "elsewhere@other.example")
    assert "_auth_user_id" not in client.session and not SocialAccount.objects.exists()


def test_nor_an_account_that_never_confirmed_the_address_itself(client, bob):
    """Else somebody could open an account with another's address and wait for her to come through single sign-on."""
    EmailAddress.objects.filter(user=bob).update(verified=False)
    come_through(client, "bob@demo.example")
    assert "_auth_user_id" not in client.session


def test_a_newcomer_of_the_institution_gets_an_account_at_once(client, settings):
    settings.PLENARY_SIGN_UP = False
    answer = come_through(client, "fresh@demo.example")
    assert answer["Location"] == "/desk"
    fresh = User.objects.get(email="fresh@demo.example")
    assert (fresh.name, fresh.roles, fresh.has_usable_password()) == ("Fresh Face", frozenset(), False)
    assert EmailAddress.objects.get(user=fresh).verified
    client.post("/account/sign-out")
    assert come_through(client, "fresh@demo.example")["Location"] == "/desk"
    assert User.objects.count() == 1


def test_a_newcomer_from_elsewhere_confirms_the_address_or_is_told_that_it_is_closed(
    client, settings, posted, mailoutbox
):
    settings.PLENARY_SIGN_UP = False
    closed = come_through(client, "elsewhere@other.example")
    assert "Accounts are opened by invitation" in closed.content.decode() and not User.objects.exists()
    settings.PLENARY_SIGN_UP = True
    answer = come_through(client, "elsewhere@other.example")
    assert answer["Location"].startswith("/account/confirm-address") and "_auth_user_id" not in client.session
    client.post("/account/confirm-address", {"code": posted()[1]})
    assert "_auth_user_id" in client.session


def test_a_signed_in_person_connects_and_disconnects_it(client, charlie, sign_in):
    sign_in(charlie)
    answer = come_through(client, "elsewhere@other.example", "?process=connect")
    assert answer["Location"] == "/account/connections"
    connection = SocialAccount.objects.get(user=charlie)
    client.post("/account/sign-out")
    assert come_through(client, "elsewhere@other.example")["Location"] == "/desk"
    assert client.session["_auth_user_id"] == str(charlie.pk)
    sign_in(charlie)
    client.post("/account/connections", {"account": connection.pk})
    assert not SocialAccount.objects.exists()


def test_an_answer_that_was_not_asked_for_is_refused(client, bob):
    answer = client.get("/account/with/sso/callback?code=made-up&state=made-up")
    assert answer.status_code == 401 and "Single sign-on did not work" in answer.content.decode()
    lead = client.post("/account/with/sso")
    back = at_the_issuer(lead["Location"], "bob@demo.example")
    client.cookies.clear()  # somebody else's browser
    assert client.get(back).status_code == 401 and "_auth_user_id" not in client.session


def test_an_issuer_that_is_away_is_said(client, settings):
    settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["settings"]["server_url"] = (
        "http://127.0.0.1:9"
    )
    answer = client.post("/account/with/sso", follow=True)
    assert answer.status_code == 401 and "Single sign-on did not work" in answer.content.decode()
