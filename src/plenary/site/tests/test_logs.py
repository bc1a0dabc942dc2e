"""The log tells what happened to which request, and nothing of who asked and what they wrote."""

from __future__ import annotations

import io
import json
import logging
import re

import pytest
from django.test import Client

from plenary.site.logs import PlainFormatter, RequestFilter, StructuredFormatter, scrub

pytestmark = [pytest.mark.django_db, pytest.mark.urls("plenary.site.tests.crashing_urls")]

PERSONAL = {
    "address": "203.0.113.77",
    "email": "Ada.Lovelace@example.org",
    "query token": "q-token-4711",
    "path token": "p-token-0815",
    "words": "we never had a ferry here",
    "cookie": "cookie-of-a-person",
    "browser": "Browser of one person",
    "referrer": "came-from-here",
    "bearer": "api-key-of-hers",
}


@pytest.fixture(params=["json", "plain"])
def log(request):
    """What the product's handler writes while the test runs."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.addFilter(RequestFilter())
    handler.setFormatter(
        StructuredFormatter()
        if request.param == "json"
        else PlainFormatter("{asctime} {levelname} {name}: {message}", style="{")
    )
    logging.getLogger().addHandler(handler)
    yield written
    logging.getLogger().removeHandler(handler)


@pytest.fixture
def client():
    return Client(
        raise_request_exception=False,
        REMOTE_ADDR=PERSONAL["address"],
        HTTP_X_FORWARDED_FOR=PERSONAL["address"],
        HTTP_USER_AGENT=PERSONAL["browser"],
        HTTP_REFERER=f"https://{PERSONAL['referrer']}.example/",
        HTTP_AUTHORIZATION=f"Bearer {PERSONAL['bearer']}",
        HTTP_COOKIE=f"plenary={PERSONAL['cookie']}",
    )


def leaks(written: str) -> list[str]:
    return [name for name, value in PERSONAL.items() if value.lower() in written.lower()]


def test_a_request_is_one_line_that_names_the_route(client, log):
    answer = client.get(f"/?token={PERSONAL['query token']}")
    lines = log.getvalue().splitlines()
    assert len(lines) == 1
    assert leaks(log.getvalue()) == []
    number = answer["X-Request-ID"]
    if lines[0].startswith("{"):
        line = json.loads(lines[0])
        assert isinstance(line.pop("milliseconds"), int) and line.pop("time")
        assert re.fullmatch(r"GET home 200 in \d+ ms", line.pop("message"))
        assert line == {
            "level": "INFO", "logger": "plenary.requests", "request_id": number,
            "method": "GET", "route": "home", "status": 200,
        }  # fmt: skip
    else:
        assert re.search(rf"INFO plenary\.requests: GET home 200 in \d+ ms \[{number}\]$", lines[0])


def test_a_crash_tells_where_and_not_what_was_typed(client, log):
    answer = client.post(
        f"/crash/{PERSONAL['path token']}?token={PERSONAL['query token']}",
        {"words": PERSONAL["words"], "email": PERSONAL["email"]},
    )
    assert answer.status_code == 500
    written = log.getvalue()
    assert leaks(written) == []
    assert "the contents of a local variable" not in written.replace('secret_local = "', "")
    assert "crashing_urls.py" in written and "in crash" in written
    assert "RuntimeError: could not file" in written
    assert "ValueError: invalid literal for int()" in written, "what led to it is told too"
    assert f'quote the number <code dir="ltr">{answer["X-Request-ID"]}</code>' in answer.content.decode()
    assert written.count(answer["X-Request-ID"]) == 2, "the error and the request's line"


def test_a_crash_over_json_tells_no_names(client, log):
    body = json.dumps({"name": PERSONAL["words"], "more": [{"email": PERSONAL["email"]}]})
    assert client.post("/crash-in-json", body, content_type="application/json").status_code == 500
    assert leaks(log.getvalue()) == []
    assert "RuntimeError: no place for ‹removed›" in log.getvalue()


def test_an_error_of_the_database_still_says_what_is_wrong(client, log):
    assert client.get("/crash-in-the-database").status_code == 500
    assert "nothing_of_the_kind" in log.getvalue()


def test_lines_of_the_modules_are_scrubbed_too(client, log):
    client.get("/warn")
    assert "mail to ‹removed› from ‹removed› failed" in log.getvalue()


@pytest.mark.parametrize("address", ["/consultations/CON-99/t-{path token}", "/r/{path token}"])
def test_an_address_that_is_not_there_is_not_repeated(client, log, address):
    answer = client.get(address.format(**PERSONAL) + f"?{PERSONAL['query token']}")
    assert answer.status_code == 404
    assert leaks(log.getvalue()) == []
    assert len(log.getvalue().splitlines()) == 1


@pytest.mark.parametrize(
    ("given", "is_kept"),
    [
        ("0af7651916cd43dd8448eb211c80319c", True),
        ("7c1d2f3e-7d54-4f7e-9d2a-0a4f0c1b2d3e", True),
        ("ada@example.org", False),
        ("203.0.113.77.203.0.113.77", False),
        ("a" * 65, False),
        ("0af7651916cd43dd\nINFO forged", False),
    ],
)
def test_a_number_from_the_proxy_is_kept_where_it_is_one(client, given, is_kept):
    answer = client.get("/health", headers={"X-Request-ID": given})
    assert (answer["X-Request-ID"] == given) is is_kept
    assert re.fullmatch(r"[0-9a-f-]{32,36}", answer["X-Request-ID"])


def test_static_files_and_unknown_methods_have_no_line_breaks_of_their_own(client, log):
    client.get("/static/kit/plenary.css")
    client.generic("ADA@EXAMPLE.ORG", "/")
    assert "GET (static file) 200" in log.getvalue()
    assert "(other) " in log.getvalue() and "ADA" not in log.getvalue()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("at 12:30:45 on 2026-03-02", "at 12:30:45 on 2026-03-02"),
        ("version 5.2.1 of STR-1.C3@2", "version 5.2.1 of ‹removed›"),
        ("from 192.0.2.1:443", "from ‹removed›:443"),
        ("from fe80::1 and ::1", "from ‹removed› and ‹removed›"),
        ("postgresql://ann:secret@db/x", "‹removed›"),
        ("/sign-in?next=/desk&email=x", "/sign-in?‹removed›"),
    ],
)
def test_what_is_struck_out(text, told):
    assert scrub(text) == told


def test_postgresql_quotes_no_row():
    from plenary.site.logs import describe_error

    error = ValueError(
        'duplicate key\nDETAIL:  Key (name)=(Ada King) already exists.\n"Ada King" and "people_user"'
    )
    assert describe_error(error).splitlines() == [
        "ValueError: duplicate key",
        "'‹removed›' and \"people_user\"",
    ]
