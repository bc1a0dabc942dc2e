"""Opening an account, confirming its address, and getting back in when the password is forgotten."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache

from plenary.people.models import User

from .conftest import PASSWORD
from .factories import make_user

pytestmark = pytest.mark.django_db

NEW = {"email": "New.Person@demo.example", "name": "Nadia", "password1": "seven grey herons"}


def test_a_code_from_the_mail_opens_the_account_and_signs_in(client, posted):
    answer = client.post("/account/sign-up?next=/commitments", NEW | {"next": "/commitments"})
    assert answer["Location"].startswith("/account/confirm-address")
    assert "_auth_user_id" not in client.session
    message, code, _links = posted()
    assert message.to == ["new.person@demo.example"]
    page = client.get(answer["Location"]).content.decode()
    assert "new.person@demo.example" in page and 'autocomplete="one-time-code"' in page
    done = client.post("/account/confirm-address", {"code": code})
    assert done["Location"] == "/commitments"
    user = User.objects.get(email="new.person@demo.example")
    assert client.session["_auth_user_id"] == str(user.pk)
    assert (user.name, user.roles) == ("Nadia", frozenset())
    assert EmailAddress.objects.get(user=user).verified


def test_a_wrong_code_signs_nobody_in(client, posted):
    client.post("/account/sign-up", NEW)
    code = posted()[1]
    wrong = "000000" if code != "000000" else "111111"
    page = client.post("/account/confirm-address", {"code": wrong})
    assert "This code is not right" in page.content.decode()
    assert "_auth_user_id" not in client.session


def test_who_left_before_the_code_gets_another_by_signing_in(client, posted):
    client.post("/account/sign-up", NEW)
    first = posted()[1]
    client.cookies.clear()
    cache.clear()  # ten seconds later: mails to one address keep that distance
    answer = client.post("/account/sign-in", {"login": NEW["email"], "password": NEW["password1"]})
    assert answer["Location"].startswith("/account/confirm-address")
    assert len(mail.outbox) == 2 and posted()[1] != ""
    client.post("/account/confirm-address", {"code": posted()[1]})
    assert "_auth_user_id" in client.session and first


def test_a_second_account_for_an_address_is_not_opened_and_not_betrayed(client, bob, posted):
    answer = client.post("/account/sign-up", NEW | {"email": "BOB@demo.example"})
    assert answer["Location"].startswith("/account/confirm-address")  # as if it were new
    assert User.objects.filter(email__iexact="bob@demo.example").count() == 1
    message, code, links = posted()
    assert not code and "There is one already" in message.body
    assert any("/account/forgotten" in link for link in links)


def test_a_weak_password_is_said_and_nothing_is_opened(client):
    page = client.post("/account/sign-up", NEW | {"password1": "12345678"})
    assert 'role="alert"' in page.content.decode()
    assert not User.objects.exists() and not mail.outbox


def test_where_accounts_are_by_invitation_the_page_says_so(client, settings):
    settings.PLENARY_SIGN_UP = False
    for address in ("/account/sign-up", "/account/sign-up/passkey"):
        assert "Accounts are opened by invitation" in client.get(address).content.decode()
    client.post("/account/sign-up", NEW)
    assert not User.objects.exists()


def test_signing_up_by_passkey_asks_for_no_password(client, posted):
    page = client.get("/account/sign-up/passkey").content.decode()
    assert 'name="email"' in page and 'name="password1"' not in page
    client.post("/account/sign-up/passkey", {"email": "key@demo.example"})
    answer = client.post("/account/confirm-address", {"code": posted()[1]})
    assert answer["Location"] == "/account/sign-up/passkey/make"
    page = client.get("/account/sign-up/passkey/make").content.decode()
    assert 'data-passkey="create"' in page and 'id="passkey-options"' in page
    assert "_auth_user_id" not in client.session


def test_mails_speak_the_language_of_the_page(client, posted):
    from django.utils import translation

    client.cookies["django_language"] = "fr"
    with translation.override("fr"):
        client.post("/account/forgotten", {"email": make_user("dora").email})
    assert "Plenary" in posted()[0].body
    assert "\n\n" in posted()[0].body and "<" not in posted()[0].body


def test_a_forgotten_password_is_replaced_by_the_link_in_a_mail(client, posted):
    dora = make_user("dora")
    answer = client.post("/account/forgotten", {"email": "Dora@demo.example"})
    assert answer["Location"] == "/account/forgotten/sent"
    (link,) = [each for each in posted()[2] if "/account/forgotten/" in each]
    form = client.get(link.removeprefix("http://testserver"), follow=True)
    address = form.redirect_chain[-1][0]
    assert "set-password" in address and 'autocomplete="new-password"' in form.content.decode()
    done = client.post(address, {"password1": "nine blue kettles"})
    assert done["Location"] == "/account/forgotten/done"
    page = client.get("/account/forgotten/done").content.decode()
    assert page.count("new password is set") == 2, "title and heading, and no message besides"
    assert "Sign in with it" in client.get(done["Location"]).content.decode()
    dora.refresh_from_db()
    assert dora.check_password("nine blue kettles")
    assert "was replaced" in mail.outbox[-1].body
    again = client.get(link.removeprefix("http://testserver"), follow=True)
    assert "has been used or is too old" in again.content.decode()


def test_a_stranger_to_the_site_learns_by_mail_only_that_there_is_no_account(client, posted):
    answer = client.post("/account/forgotten", {"email": "who@demo.example"})
    assert answer["Location"] == "/account/forgotten/sent"
    assert "There is no account" in posted()[0].body


def test_a_password_is_changed_where_the_old_one_is_known(client, bob, sign_in):
    sign_in(bob)
    wrong = client.post("/account/password", {"oldpassword": "x", "password1": "nine blue kettles"})
    assert "not your current password" in wrong.content.decode()
    answer = client.post("/account/password", {"oldpassword": PASSWORD, "password1": "nine blue kettles"})
    assert answer["Location"] == "/account"
    assert "_auth_user_id" in client.session
    bob.refresh_from_db()
    assert bob.check_password("nine blue kettles")
    assert "password of your account was changed" in mail.outbox[-1].body


def test_a_second_address_is_added_confirmed_and_made_the_main_one(client, bob, sign_in, posted):
    sign_in(bob)
    answer = client.post("/account/addresses", {"email": "bob@home.example", "action_add": ""})
    assert answer["Location"] == "/account/confirm-address"
    assert client.post("/account/confirm-address", {"code": posted()[1]})["Location"] == "/account/addresses"
    page = client.get("/account/addresses").content.decode()
    assert "bob@home.example" in page and "Make it the main address" in page
    client.post("/account/addresses", {"email": "bob@home.example", "action_primary": ""})
    bob.refresh_from_db()
    assert bob.email == "bob@home.example"
    assert mail.outbox[-1].to == ["bob@demo.example"], "the old address is told"


def test_a_mail_server_that_is_away_is_said(client, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 9, 2
    answer = client.post("/account/sign-up", NEW)
    assert answer.status_code == 503
    assert "We could not send the e-mail" in answer.content.decode()
