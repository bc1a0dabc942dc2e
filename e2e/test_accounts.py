"""In and out: with a password, with a passkey of a virtual authenticator, and what happens to a wrong password."""

from __future__ import annotations

import pytest


@pytest.fixture
def member(view, arrive):
    return arrive(*view)


def give_a_passkey_holder(window) -> tuple:
    """A telephone or key that this browser believes to have, with a finger always on it."""
    session = window.context.new_cdp_session(window.page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    answer = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session, answer["authenticatorId"]


def sign_in(window, password: str, **outcome) -> None:
    window.type(window.page.locator("main input[type=email]"), "adviser@demo.example")
    window.type(window.page.locator("main input[type=password]").first, password)
    window.press(window.page.locator("main form[action*='sign-in'] button").first, **outcome)


def sign_out(window) -> None:
    if not window.button("Sign out", "header").is_visible():
        window.activate(window.page.locator("header button.menu"))
    window.press(window.button("Sign out", "header"))
    window.go("/")
    assert window.page.locator("header form[action$='sign-out']").count() == 0


def test_sign_in_with_a_password_and_out(member, site):
    member.go("/strategies/STR-1/changes?which=rejected")
    here = member.page.url
    member.turn_to("Sign in")
    sign_in(member, "not the password", status=422)
    assert member.page.get_by_role("alert").is_visible()
    assert member.page.locator("main input[type=email]").input_value() == "adviser@demo.example"
    sign_in(member, site.password)
    assert member.page.url == here  # back where she was, what she had chosen there included
    member.go("/desk")
    sign_out(member)
    member.go("/desk")
    assert "/account/sign-in" in member.page.url


def test_sign_in_with_a_passkey(member, site):
    session, holder = give_a_passkey_holder(member)
    member.go("/account/sign-in?next=/account")
    sign_in(member, site.password)
    member.press(member.link("Add a passkey"))
    member.type(member.page.locator("main input[name=name]"), "Phone")
    alone = member.page.locator("main input[name=passwordless]")
    if alone.count():
        alone.check()
    member.press(member.button("Make the passkey"), to_page=True)
    assert len(session.send("WebAuthn.getCredentials", {"authenticatorId": holder})["credentials"]) == 1
    member.go("/account")
    member.sees("Phone")
    sign_out(member)

    member.go("/account/sign-in")
    member.press(member.button("Sign in with a passkey"), to_page=True)
    member.go("/account")
    member.sees("adviser@demo.example")
    sign_out(member)

    session.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": holder})
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasUserVerification": True,
        "isUserVerified": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options | {"hasResidentKey": True}})
    member.go("/account/sign-in")
    member.activate(member.button("Sign in with a passkey"))
    member.page.locator("main [data-failed]").wait_for()
    member.look()
