"""Attempts are counted, in every process, and nobody's address is kept for it."""

from __future__ import annotations

import base64
import logging
import pickle
import zlib
from datetime import UTC, datetime, timedelta

import pytest
from django.apps import apps
from django.core.cache import cache
from django.db import connection
from django.test import Client

from plenary.people import clients

from .conftest import PASSWORD
from .factories import make_user

pytestmark = pytest.mark.django_db

ADDRESS = "203.0.113.77"


def try_to_sign_in(client, times, email="bob@demo.example", **headers):
    for _ in range(times):
        answer = client.post(
            "/account/sign-in", {"login": email, "password": "guess"}, REMOTE_ADDR=ADDRESS, headers=headers
        )
    return answer


def test_after_five_wrong_passwords_an_account_is_left_alone_for_a_while(client, bob):
    assert try_to_sign_in(client, 5).status_code == 422
    sixth = try_to_sign_in(client, 1)
    assert sixth.status_code == 429
    page = sixth.content.decode()
    assert "<h1>" in page and "Wait a few minutes" in page and "choose a new password" in page
    right = client.post("/account/sign-in", {"login": bob.email, "password": PASSWORD})
    assert right.status_code == 429, "the limit holds for the right password too, else it would tell it"
    assert "_auth_user_id" not in client.session


def test_programs_and_pieces_of_pages_are_told_in_their_own_form(client, bob):
    try_to_sign_in(client, 5)
    problem = try_to_sign_in(client, 1, accept="application/json")
    assert problem.status_code == 429 and problem.json()["status"] == 429
    piece = try_to_sign_in(client, 1, hx_request="true")
    assert piece.status_code == 429 and piece["HX-Retarget"] == "#notices"


def test_one_place_cannot_try_many_accounts(client):
    for number in range(10):
        try_to_sign_in(client, 1, email=f"person{number}@demo.example")
    assert try_to_sign_in(client, 1, email="another@demo.example").status_code == 429
    elsewhere = client.post(
        "/account/sign-in", {"login": "x@demo.example", "password": "x"}, REMOTE_ADDR="198.51.100.4"
    )
    assert elsewhere.status_code == 422, "looked at, and wrong"


def test_many_new_accounts_from_one_place_are_stopped(client):
    for number in range(21):
        answer = client.post(
            "/account/sign-up",
            {"email": f"n{number}@demo.example", "password1": "short"},
            REMOTE_ADDR=ADDRESS,
        )
    assert answer.status_code == 429
    assert "too quick" in answer.content.decode()


def test_attempts_are_counted_where_every_process_sees_them(client, bob):
    try_to_sign_in(client, 1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM shared_cache WHERE cache_key LIKE %s", ["%login_failed%"])
        assert cursor.fetchone()[0] >= 1


def everything_stored() -> str:
    """Every row of every table, with what is packed in sessions and in the cache unpacked."""
    parts = []
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        for table in tables:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            parts += [repr(row) for row in cursor.fetchall()]
        assert {"shared_cache", "django_session", "usersessions_usersession"} <= set(tables)
        cursor.execute("SELECT value FROM shared_cache")
        parts += [repr(pickle.loads(base64.b64decode(row[0]))) for row in cursor.fetchall()]
    for session in apps.get_model("sessions", "Session").objects.all():
        parts.append(repr(session.get_decoded()))
        payload = session.session_data.split(":")[0].removeprefix(".")
        parts.append(repr(zlib.decompress(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))))
    return "\n".join(parts)


@pytest.mark.parametrize("proxies", [0, 1])
def test_no_address_is_stored_anywhere(settings, bob, caplog, proxies):
    """After wrong and right sign-ins, a sign-up, a reset and a vote-free visit: neither readable nor packed."""
    settings.PLENARY_PROXIES = proxies
    sent = (
        {"REMOTE_ADDR": "10.0.0.9", "HTTP_X_FORWARDED_FOR": ADDRESS} if proxies else {"REMOTE_ADDR": ADDRESS}
    )
    client = Client(HTTP_USER_AGENT="Mozilla/5.0 (X11; Linux x86_64; rv:140.7) Gecko Firefox/140.7", **sent)
    with caplog.at_level(logging.DEBUG):
        try_address = {"login": bob.email, "password": "wrong"}
        client.post("/account/sign-in", try_address)
        client.post("/account/sign-in", try_address | {"password": PASSWORD})
        assert client.get("/account/sessions").status_code == 200
        client.post("/account/password", {"oldpassword": PASSWORD, "password1": "nine blue kettles"})
        client.post("/account/sign-out")
        client.post("/account/forgotten", {"email": bob.email})
        client.post("/account/sign-up", {"email": "new@demo.example", "password1": "seven grey herons"})
        client.get("/nowhere")
    stored = everything_stored()
    assert "Firefox, Linux" in stored and "login" in stored  # the search looks where things are kept
    for trace in (ADDRESS, "203.0.113", "cb00714d", "140.7", str(int.from_bytes(bytes([203, 0, 113, 77])))):
        assert trace not in stored, trace
    assert ADDRESS not in caplog.text and bob.email not in caplog.text


def request_from(rf, address, forwarded=None):
    return rf.get("/", REMOTE_ADDR=address, **({"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}))


def test_a_pseudonym_tells_clients_apart_and_changes_with_the_day(rf, monkeypatch):
    first = clients.pseudonym(request_from(rf, ADDRESS))
    assert clients.pseudonym(request_from(rf, ADDRESS)) == first
    assert clients.pseudonym(request_from(rf, "203.0.113.78")) != first
    key = cache.get("people.clients.key")

    class Tomorrow(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + timedelta(days=1)

    monkeypatch.setattr(clients, "datetime", Tomorrow)
    assert clients.pseudonym(request_from(rf, ADDRESS)) != first
    assert cache.get("people.clients.key") != key, "the old day's key is gone for good"
    assert datetime.now(UTC)


def test_a_network_of_ipv6_is_one_client(rf):
    one = clients.pseudonym(request_from(rf, "2001:db8:1:2::5"))
    assert clients.pseudonym(request_from(rf, "2001:db8:1:2:ffff::9")) == one
    assert clients.pseudonym(request_from(rf, "2001:db8:1:3::5")) != one


def test_only_our_own_proxies_are_believed(rf, settings):
    settings.PLENARY_PROXIES = 0
    assert clients.address_of(request_from(rf, "10.0.0.9", ADDRESS)) == "10.0.0.9"
    settings.PLENARY_PROXIES = 1
    assert clients.address_of(request_from(rf, "10.0.0.9", f"1.2.3.4, {ADDRESS}")) == ADDRESS
    settings.PLENARY_PROXIES = 2
    assert clients.address_of(request_from(rf, "10.0.0.9", f"{ADDRESS}, 10.0.0.8")) == ADDRESS
    assert clients.address_of(request_from(rf, "10.0.0.9", ADDRESS)) == "10.0.0.9"
    assert clients.pseudonym(request_from(rf, "")) and clients.pseudonym(request_from(rf, "nonsense"))


def test_devices_are_named_coarsely():
    safari = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Safari/604.1"
    edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36 Edg/140.0"
    assert clients.device(safari) == "Safari, iPhone"
    assert clients.device(edge) == "Edge, Windows"
    assert clients.device("curl/8.5") == ""


def test_strangers_get_no_cookie_from_these_pages_either(client):
    make_user("dora")
    for address in ("/", "/strategies", "/style"):
        assert not client.get(address).cookies
