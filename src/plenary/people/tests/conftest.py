from __future__ import annotations

import re

import pytest
from django.core import mail

PASSWORD = "a quiet word"


@pytest.fixture(autouse=True)
def _mails_speak_to_people(mailoutbox):
    """Whatever a test here has sent: no code of the program, no place that was left empty."""
    yield
    for message in mailoutbox:
        for text in (message.subject, message.body):
            assert not re.search(r"functools|<[a-z]|\bobject at\b|\bNone\b|[{}]|%\(", text), text


@pytest.fixture
def sign_in(client):
    """Sign in as people do: by the page."""

    def through_the_page(user, next="", **headers):
        client.logout()
        address = f"/account/sign-in?next={next}" if next else "/account/sign-in"
        return client.post(address, {"login": user.email, "password": PASSWORD}, headers=headers)

    return through_the_page


@pytest.fixture
def posted():
    """The newest mail: its text, the code that stands in it, and the addresses in it."""

    def newest():
        message = mail.outbox[-1]
        code = re.search(r"^ {4}(\d{6})$", message.body, re.MULTILINE)
        links = re.findall(r"https?://\S+", message.body)
        return message, code.group(1) if code else "", links

    return newest
