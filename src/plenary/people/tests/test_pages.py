"""Every page of accounts is one of ours: in our base, with our fields, in every language, with nothing inline."""

from __future__ import annotations

import re
import time

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.socialaccount.models import SocialAccount
from django.template.loader import get_template

from plenary.kit import access
from plenary.people import urls

from .authenticator import Device, options_on
from .conftest import PASSWORD
from .factories import make_user

pytestmark = pytest.mark.django_db

OF_STRANGERS = [
    "/account/sign-in",
    "/account/sign-up",
    "/account/sign-up/passkey",
    "/account/closed",
    "/account/forgotten",
    "/account/forgotten/sent",
    "/account/forgotten/done",
    "/account/forgotten/1-made-up",
    "/account/invitation/made-up",
    "/account/with/cancelled",
    "/account/with/error",
    "/account/with/sso",
]
OF_PEOPLE = [
    "/account",
    "/account/sign-out",
    "/account/addresses",
    "/account/password",
    "/account/app/remove",
    "/account/codes",
    "/account/codes/new",
    "/account/passkeys/add",
    "/account/passkeys/{passkey}/rename",
    "/account/passkeys/{passkey}/remove",
    "/account/sessions",
    "/account/confirm",
    "/account/confirm/code",
    "/account/confirm/passkey",
    "/account/connections",
    "/account/erase",
]
# Steps of signing in and up, which have tests of their own; addresses that take a form or answer with a file.
OTHERS = {
    "account/news",
    "account/news/stop/<str:key>",
    "account/sign-in/code",
    "account/sign-in/passkey",
    "account/sign-up/passkey/make",
    "account/confirm-address",
    "account/codes/download",
    "account/with/sign-up",
    "account/with/<slug:provider_id>/callback",
    "account/sessions/<int:pk>/end",
    "account/tokens",  # in test_tokens
    "account/tokens/<int:number>/revoke",
    "account/sessions/end-others",
    "account/password/set",  # for who has none
    "account/app",  # for who has none
}


@pytest.fixture
def sso(settings):
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "APPS": [
                {
                    "provider_id": "sso",
                    "name": "League sign-on",
                    "client_id": "plenary",
                    "secret": "x",
                    "settings": {"server_url": "https://id.example"},
                }
            ]
        }
    }


@pytest.fixture
def equipped(client, sso, sign_in):
    """Somebody with everything that an account can have, signed in: the passkey."""
    user = make_user("petra")
    sign_in(user)
    made = Device().make(options_on(client.get("/account/passkeys/add").content.decode()))
    client.post("/account/passkeys/add", {"name": "Key <b>", "passwordless": "on", "credential": made})
    TOTP.activate(user, generate_totp_secret())
    EmailAddress.objects.create(user=user, email="petra@home.example", verified=True)
    SocialAccount.objects.create(
        user=user, provider="sso", uid="1", extra_data={"userinfo": {"email": "petra@id.example"}}
    )
    return Authenticator.objects.get(user=user, type="webauthn")


def check(client, address, language):
    client.cookies["django_language"] = language
    answer = client.get(address)
    assert answer.status_code in (200, 401, 404), (address, answer.status_code, answer.get("Location"))
    page = answer.content.decode()
    assert page.startswith("<!doctype html>") and 'class="masthead"' in page and page.count("<h1") == 1
    assert f'lang="{language}"' in page.split("\n")[1] or f'<html lang="{language}"' in page
    # data for our script may stand inline, since nothing of it runs
    assert not re.search(r"<script(?![^>]*\ssrc=)(?![^>]*type=\"application/json\")", page), address
    assert not re.search(r"\son\w+=|<style|\sstyle=", page), address
    assert "placeholder=" not in page, address
    for field in re.findall(r"<input[^>]*type=\"(?:password|email)\"[^>]*>", page):
        assert "autocomplete=" in field, field
    return page


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("address", OF_STRANGERS)
def test_pages_for_strangers_are_ours(client, sso, address, language):
    check(client, address, language)


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("address", OF_PEOPLE)
def test_pages_for_people_are_ours(client, equipped, address, language):
    page = check(client, address.format(passkey=equipped.pk), language)
    assert "Key <b>" not in page


def test_who_has_no_password_sets_one(client, equipped):
    equipped.user.set_unusable_password()
    equipped.user.save()
    client.get("/account/sign-out")
    client.force_login(equipped.user)
    session = client.session
    who = {"account_authentication_methods_user": str(equipped.user.pk)}
    session.update(who | {"account_authentication_methods": [{"method": "mfa", "at": time.time()}]})
    session.save()
    assert client.get("/account/password")["Location"] == "/account/password/set"
    check(client, "/account/password/set", "en")
    assert "Set a password" in client.get("/account").content.decode()


def test_no_address_of_accounts_is_without_a_test():
    tested = set(OF_STRANGERS) | {address.replace("{passkey}", "<int:pk>") for address in OF_PEOPLE}
    samples = {
        "<base36:uidb36>-<str:key>": "1-made-up",
        "<str:token>": "made-up",
        "<slug:provider_id>": "sso",
    }
    for pattern in urls.urlpatterns:
        route = str(pattern.pattern)
        if not route.startswith("account") or route in OTHERS:
            continue
        for part, sample in samples.items():
            route = route.replace(part, sample)
        assert f"/{route}" in tested, route


def test_no_page_of_allauth_itself_can_be_reached():
    """Each template that a reachable view of allauth names is found among ours."""
    names = set()
    for row in access.rule_table():
        view = getattr(row.view, "view_class", None)
        template = getattr(view, "template_name", None)
        if view and template and view.__module__.startswith("allauth."):
            names.add(template)
    names |= {"socialaccount/login.html", "account/signup_closed.html"}
    assert len(names) > 20
    stock = {name for name in names if "/plenary/people/templates/" not in get_template(name).origin.name}
    # Not shown by our settings: codes instead of links, one account page instead of a list, a file of bare codes.
    assert stock == {"mfa/recovery_codes/download.txt"}


def test_signing_in_keeps_what_it_costs(client, bob, django_assert_max_num_queries):
    """Ordinary pages read no more than before there were accounts of this kind; a stranger's read no session."""
    with django_assert_max_num_queries(1):
        client.get("/style")
    client.post("/account/sign-in", {"login": bob.email, "password": PASSWORD})
    with django_assert_max_num_queries(3):  # session, account, roles
        client.get("/style")


@pytest.mark.parametrize(("path", "here"), [("/account", "page"), ("/account/tokens", "true")])
def test_the_masthead_says_where_one_is(client, bob, path, here):
    client.force_login(bob)
    page = client.get(path).content.decode()
    assert f'<a href="/account" aria-current="{here}">' in page


def test_an_account_is_erased_once_its_person_is_sure(client, equipped, settings, tmp_path):
    settings.PLENARY_HOME = tmp_path
    assert client.post("/account/erase").status_code == 422
    assert type(equipped.user).objects.filter(pk=equipped.user.pk).exists()
    assert client.post("/account/erase", {"sure": "on"})["Location"] == "/"
    assert not type(equipped.user).objects.filter(pk=equipped.user.pk).exists()
    assert client.get("/account").status_code == 302
