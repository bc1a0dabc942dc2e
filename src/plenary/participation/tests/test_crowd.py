"""A crowd on the real server: nobody is refused, nothing is lost, nothing counts twice.

On a database in a file, and on PostgreSQL where the tests run on it (``python -m tests.postgres``).
"""

from __future__ import annotations

import http.client
import os
import re
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

import pytest

pytestmark = pytest.mark.smoke
CROWD, EACH = 16, 10
LIMIT = 40  # statements from one address in a minute: a class, and few enough for a slow machine to reach
POSTGRES = os.environ.get("PLENARY_TEST_DATABASE_URL", "")
Ask = Callable[[str], list[tuple]]
SEED = """
import django; django.setup()
from datetime import timedelta
from django.utils import timezone
from plenary.participation.actions import open_consultation
now = timezone.now()
open_consultation(title="Schools", question="How?", language="en", about=None, opens_at=now - timedelta(hours=1),
                  closes_at=None, by=None, now=now, seeds=["One.", "Two.", "Three."])
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[tuple[int, Ask]]:
    """``plenary serve`` on a free port, with a consultation; yields the port and what asks its database."""
    home = tmp_path_factory.mktemp("home")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PLENARY_")}
    environment = kept | {"PLENARY_HOME": str(home), "DJANGO_SETTINGS_MODULE": "plenary.site.settings"}
    database = new_postgres() if POSTGRES else ""
    environment["PLENARY_STATEMENTS_PER_MINUTE"] = str(LIMIT)
    if database:
        environment["PLENARY_DATABASE_URL"] = database

    def rows(question: str) -> list[tuple]:
        with closing(connect(database, home)) as connection:
            return connection.execute(question).fetchall()

    subprocess.run(
        [sys.executable, "-m", "plenary.site", "migrate"], env=environment, check=True, capture_output=True
    )
    subprocess.run([sys.executable, "-c", SEED], env=environment, check=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "plenary.site", "serve", "--port", str(port)], env=environment
    )
    try:
        _wait_for(port, process)
        yield port, rows
    finally:
        process.terminate()
        process.wait(30)
        if database:
            drop_postgres(database)


def new_postgres() -> str:
    """The address of an empty database beside the tests' own."""
    import psycopg

    whole = urlsplit(POSTGRES)
    name = f"crowd_{os.getpid()}"
    with psycopg.connect(POSTGRES, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return urlunsplit(whole._replace(path=f"/{name}"))


def drop_postgres(address: str) -> None:
    import psycopg

    with psycopg.connect(POSTGRES, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{urlsplit(address).path[1:]}" WITH (FORCE)')


def connect(address: str, home: Path) -> Any:
    if not address:
        return sqlite3.connect(home / "plenary.sqlite3")
    import psycopg

    return psycopg.connect(address)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        try:
            if ask(port, "GET", "/health")[0] == 200:
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail("the server did not answer")


def ask(port: int, method: str, path: str, fields: dict[str, str] | None = None) -> tuple[int, str]:
    """One request on a connection of its own, without cookies."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        body = urlencode(fields) if fields is not None else None
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def card_of(port: int) -> dict[str, str]:
    """The hidden fields of a newcomer's first card."""
    status, page = ask(port, "GET", "/consultations/CON-1")
    assert status == 200
    return dict(
        re.findall(
            r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.split("</form>\n</section>")[0]
        )
    )


def at_once(work: list) -> list:
    """Run the callables, each in a thread, all released at the same moment."""
    gate, results = threading.Barrier(len(work)), []

    def run(do) -> None:
        gate.wait()
        results.append(do())

    threads = [threading.Thread(target=run, args=(do,)) for do in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_sixteen_clients_cast_first_votes_at_once(server):
    port, rows = server
    before = rows("SELECT count(*) FROM participation_vote")[0][0]
    cards = [[card_of(port) for _ in range(EACH)] for _ in range(CROWD)]

    def cast(mine: list[dict[str, str]]) -> list[int]:
        return [ask(port, "POST", "/consultations/CON-1", card | {"value": "1"})[0] for card in mine]

    statuses = [
        status for each in at_once([lambda mine=mine: cast(mine) for mine in cards]) for status in each
    ]
    assert statuses == [200] * (CROWD * EACH)
    votes = rows("SELECT id, participant_id, n FROM participation_vote")
    assert len(votes) == before + CROWD * EACH
    assert len({vote[0] for vote in votes}) == len(votes)
    assert len({vote[1] for vote in votes}) == len(votes)
    assert {vote[2] for vote in votes} == {0}
    [[people, tokens, secrets]] = rows(
        "SELECT count(*), count(DISTINCT token_hash), count(DISTINCT secret) FROM participation_participant",
    )
    assert people == tokens == secrets == len(votes)


def test_one_card_sent_many_times_at_once_is_one_vote(server):
    port, rows = server
    before = rows("SELECT count(*) FROM participation_vote")[0][0]
    card = card_of(port)
    sent = [
        lambda: ask(port, "POST", "/consultations/CON-1", card | {"value": "-1"})[0] for _ in range(CROWD)
    ]
    assert at_once(sent) == [200] * CROWD
    assert rows("SELECT count(*) FROM participation_vote")[0][0] == before + 1


def test_of_many_different_taps_at_once_one_counts_and_the_others_are_told(server):
    port, rows = server
    before = rows("SELECT count(*) FROM participation_vote")[0][0]
    card = card_of(port)
    values = ["1", "-1", "0"] * 4
    tap = "/consultations/CON-1"
    statuses = at_once(
        [lambda value=value: ask(port, "POST", tap, card | {"value": value})[0] for value in values]
    )
    assert sorted(statuses) == [200] * 4 + [409] * 8
    assert rows("SELECT count(*) FROM participation_vote")[0][0] == before + 1


def test_sixteen_newcomers_write_at_once_and_each_sentence_is_there(server):
    """One address: a class in one room, whose statements are not taken for a flood."""
    port, rows = server
    forms = [own_form_of(port) for _ in range(CROWD * 2)]
    bodies = [f"Pupil {number} of this class wants something else." for number in range(len(forms))]
    address = "/consultations/CON-1/statements/new"
    statuses = at_once(
        [
            lambda form=form, body=body: ask(
                port, "POST", address, form | {"body": body, "language": "en", "sure": "yes"}
            )[0]
            for form, body in zip(forms, bodies, strict=True)
        ]
    )
    assert statuses == [200] * len(forms)
    kept = rows(
        "SELECT text.body, statement.author_id FROM participation_statement statement"
        " JOIN records_record record ON record.id = statement.record_id"
        " JOIN records_text text ON text.id = record.title_id WHERE statement.author_id IS NOT NULL"
    )
    assert sorted(body for body, _ in kept) == sorted(bodies)
    assert len({author for _, author in kept}) == len(forms)


def own_form_of(port: int) -> dict[str, str]:
    """What a newcomer's form for a statement carries."""
    status, page = ask(port, "GET", "/consultations/CON-1/statements/new")
    assert status == 200
    form = next(each for each in page.split("<form")[1:] if 'name="body"' in each)
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form))


def test_a_flood_from_one_address_is_bounded_and_votes_go_on(server):
    """Tokens cost nothing, so each statement of the flood comes with a new one."""
    port, rows = server
    count = "SELECT count(*) FROM participation_statement"
    before = rows(count)[0][0]
    address = "/consultations/CON-1/statements/new"

    def flood(number: int) -> list[int]:
        return [
            ask(
                port, "POST", address,
                own_form_of(port)
                | {"body": f"Flood {number} {turn} of many words.", "language": "en", "sure": "yes"},
            )[0]
            for turn in range(12)
        ]  # fmt: skip

    begun = time.time()
    sent = [status for each in at_once([lambda at=at: flood(at) for at in range(CROWD)]) for status in each]
    minutes = int(time.time() // 60) - int(begun // 60) + 1
    assert set(sent) == {200, 429}
    assert rows(count)[0][0] - before == sent.count(200), "what was refused is not there, what was taken is"
    assert sent.count(200) <= LIMIT * minutes, "also where sixteen send at once"
    card = card_of(port)
    assert ask(port, "POST", "/consultations/CON-1", card | {"value": "1"})[0] == 200
