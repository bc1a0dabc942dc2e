"""A database that does not answer, for real: pages, pieces of pages and programs are told so, in their language."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, OperationalError, connections, transaction
from django.test import Client

from plenary.kit import error_pages


@pytest.fixture
def gone(django_db_blocker, tmp_path):
    """The connection leads nowhere: to a folder that is not there, or a port where nobody listens."""
    kept = connections[DEFAULT_DB_ALIAS]
    lost = connections.create_connection(DEFAULT_DB_ALIAS)
    nowhere = {"HOST": "127.0.0.1", "PORT": "1"}
    if lost.vendor == "sqlite":
        nowhere = {"NAME": str(tmp_path / "moved" / "plenary.sqlite3")}
    lost.settings_dict = lost.settings_dict | nowhere
    with django_db_blocker.unblock():
        with pytest.raises(OperationalError):
            lost.ensure_connection()
        connections[DEFAULT_DB_ALIAS] = lost
        yield
        connections[DEFAULT_DB_ALIAS] = kept


@pytest.fixture
def client():
    return Client(raise_request_exception=False)


def test_a_page_says_so_and_when_to_come_back(gone, client):
    answer = client.get("/")
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0
    assert "no-store" in answer["Cache-Control"]
    assert "We cannot reach our records just now" in answer.content.decode()


def test_the_page_speaks_the_readers_language(gone, client):
    client.cookies["django_language"] = "ar"
    assert '<html lang="ar" dir="rtl">' in client.get("/strategies").content.decode()
    client.cookies.clear()
    page = client.get("/strategies", headers={"Accept-Language": "ru, en;q=0.5"}).content.decode()
    assert '<html lang="ru" dir="ltr">' in page


def test_so_does_who_has_a_session_that_cannot_be_read(gone, client):
    client.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32
    for address in ("/", "/desk"):
        answer = client.get(address)
        assert answer.status_code == 503 and "Set-Cookie" not in answer


def test_a_piece_of_a_page_gets_a_notice(gone, client):
    answer = client.get("/commitments", headers={"HX-Request": "true"})
    assert answer.status_code == 503
    assert answer["HX-Retarget"] == "#notices"
    assert "<html" not in answer.content.decode() and 'role="alert"' in answer.content.decode()


def test_a_program_gets_problem_details(gone, client):
    answer = client.get("/r/STR-1", headers={"Accept": "application/json"})
    assert answer.status_code == 503
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json() | {"request_id": ""} == {
        "type": "about:blank", "title": "Service Unavailable", "status": 503, "request_id": "",
    }  # fmt: skip


def test_a_file_that_was_moved_away_leaves_an_empty_one_behind(client, django_db_blocker, tmp_path):
    """Opened anew, SQLite makes the file that it does not find."""
    kept = connections[DEFAULT_DB_ALIAS]
    if kept.vendor != "sqlite":
        pytest.skip("only SQLite has a file to move")
    moved = connections.create_connection(DEFAULT_DB_ALIAS)
    moved.settings_dict = moved.settings_dict | {"NAME": str(tmp_path / "plenary.sqlite3")}
    with django_db_blocker.unblock():
        connections[DEFAULT_DB_ALIAS] = moved
        assert client.get("/").status_code == 503
        moved.close()
        connections[DEFAULT_DB_ALIAS] = kept


@pytest.mark.django_db
def test_a_mistake_in_a_query_is_ours_and_no_database_that_is_gone():
    with (
        pytest.raises(DatabaseError) as mistake,
        transaction.atomic(),
        connections[DEFAULT_DB_ALIAS].cursor() as cursor,
    ):
        cursor.execute("SELECT nothing FROM nowhere")
    assert not error_pages.is_database_gone(mistake.value)


def test_only_a_database_is_called_gone(rf):
    assert error_pages.is_database_gone(OperationalError("no route"))
    assert not error_pages.is_database_gone(ValueError("a mistake of ours"))
    try:
        raise ValueError("a mistake of ours")
    except ValueError:
        assert error_pages.broken(rf.get("/")).status_code == 500
