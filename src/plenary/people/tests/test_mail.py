"""Mails leave through a real server, which asks for a password, and arrive in plain words."""

from __future__ import annotations

import base64
import email
import email.policy
import socketserver
import threading

import pytest
from django.utils import translation

from plenary.people import mails
from plenary.site.environment import SettingsError, email_from_url, origin_of


class Conversation(socketserver.StreamRequestHandler):
    """As much of SMTP (RFC 5321) and AUTH PLAIN (RFC 4954) as one mail needs."""

    timeout = 10  # a client that says nothing more

    def handle(self):
        say = lambda line: self.wfile.write(f"{line}\r\n".encode())  # noqa: E731 — a name for what follows
        say("220 post.example ready")
        while line := self.rfile.readline().decode().strip():
            verb = line.upper().split(" ")[0]
            if verb == "EHLO":
                say("250-post.example")
                say("250 AUTH PLAIN")
            elif verb == "AUTH":
                given = base64.b64decode(line.split(" ")[2]).decode().split("\0")
                self.server.signed_in = given[1:]
                if given[1:] != ["plenary", "p@ss word"]:
                    say("535 no")
                    return
                say("235 welcome")
            elif verb == "DATA":
                say("354 go on")
                lines = []
                while (part := self.rfile.readline()) != b".\r\n":
                    lines.append(part)
                self.server.mails.append(b"".join(lines))
                say("250 taken")
            elif verb == "QUIT":
                say("221 bye")
                return
            else:
                self.server.heard.append(line)
                say("250 fine")


@pytest.fixture
def post():
    with socketserver.TCPServer(("127.0.0.1", 0), Conversation) as server:
        server.mails, server.heard, server.signed_in = [], [], None
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


CONTEXT = {"code": "123456", "current_site": {"domain": "plenary.example"}}


def use(settings, url):
    for name, value in email_from_url(url).items():
        setattr(settings, name, value)


def test_a_mail_arrives_through_a_server_with_a_password(post, settings):
    port = post.server_address[1]
    use(settings, f"smtp://plenary:p%40ss%20word@127.0.0.1:{port}?starttls=no")
    settings.DEFAULT_FROM_EMAIL = "Plenary <plenary@demo.example>"
    with translation.override("en"):
        mails.send("code", "ada@demo.example", CONTEXT)
    assert post.signed_in == ["plenary", "p@ss word"]
    assert [line.split(":")[1].split()[0] for line in post.heard] == [
        "<plenary@demo.example>",
        "<ada@demo.example>",
    ]
    message = email.message_from_bytes(post.mails[0], policy=email.policy.default)
    assert message["To"] == "ada@demo.example" and message["From"] == "Plenary <plenary@demo.example>"
    assert message.get_content_type() == "text/plain"
    body = message.get_content()
    assert "123456" in body and "<" not in body and "&" not in body


def test_a_server_that_refuses_is_not_an_error_of_the_page(post, settings, caplog):
    use(settings, f"smtp://plenary:wrong@127.0.0.1:{post.server_address[1]}?starttls=no")
    with pytest.raises(mails.NotSent):
        mails.send("code", "ada@demo.example", CONTEXT)
    assert "SMTPAuthenticationError" in caplog.text and "ada@" not in caplog.text


@pytest.mark.parametrize("kind", sorted(mails.SUBJECTS))
@pytest.mark.parametrize("language", ["en", "ar", "zh-hans"])
def test_every_mail_is_plain_text_in_every_language(mailoutbox, kind, language):
    import datetime

    context = CONTEXT | {
        "organization": "Schools & <Trades>",
        "what": "It's done",
        "expires_at": datetime.datetime(2026, 5, 3, tzinfo=datetime.UTC),
        "timestamp": datetime.datetime(2026, 5, 3, tzinfo=datetime.UTC),
    }
    mails.send(kind, "ada@demo.example", context, language=language)
    (message,) = mailoutbox
    assert message.subject and "\n" not in message.subject
    assert "&amp;" not in message.body and "&#x27;" not in message.body and "plenary.example" in message.body
    assert message.content_subtype == "plain" and not message.attachments


def test_addresses_of_mail_servers():
    assert email_from_url("")["EMAIL_BACKEND"].endswith("console.EmailBackend")
    secure = email_from_url("smtps://ann:p%40ss@post.example")
    assert (secure["EMAIL_PORT"], secure["EMAIL_USE_SSL"], secure["EMAIL_USE_TLS"]) == (465, True, False)
    assert secure["EMAIL_HOST_PASSWORD"] == "p@ss"
    assert email_from_url("smtp://ann:x@post.example")["EMAIL_USE_TLS"] is True
    assert email_from_url("smtp://relay.example")["EMAIL_PORT"] == 25
    for wrong in ("post.example", "imap://x", "smtp://", "smtp://host:port"):
        with pytest.raises(SettingsError, match="PLENARY_EMAIL_URL"):
            email_from_url(wrong)


def test_addresses_of_issuers():
    assert origin_of("https://id.example:8443/realms/x") == "https://id.example:8443"
    with pytest.raises(SettingsError, match="PLENARY_OIDC_ISSUER"):
        origin_of("id.example")
