"""A crowd on the real server and a file database: nobody is refused, nothing is lost, nothing counts twice."""

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
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

pytestmark = pytest.mark.smoke
CROWD, EACH = 16, 10
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
def server(tmp_path_factory) -> Iterator[tuple[int, Path]]:
    """``plenary serve`` on a free port, with a consultation; yields the port and the database's path."""
    home = tmp_path_factory.mktemp("home")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PLENARY_")}
    environment = kept | {"PLENARY_HOME": str(home), "DJANGO_SETTINGS_MODULE": "plenary.site.settings"}
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
        yield port, home / "plenary.sqlite3"
    finally:
        process.terminate()
        process.wait(30)


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


def rows(database: Path, question: str) -> list[tuple]:
    connection = sqlite3.connect(database)
    try:
        return connection.execute(question).fetchall()
    finally:
        connection.close()


def test_sixteen_clients_cast_first_votes_at_once(server):
    port, database = server
    before = rows(database, "SELECT count(*) FROM participation_vote")[0][0]
    cards = [[card_of(port) for _ in range(EACH)] for _ in range(CROWD)]

    def cast(mine: list[dict[str, str]]) -> list[int]:
        return [ask(port, "POST", "/consultations/CON-1", card | {"value": "1"})[0] for card in mine]

    statuses = [
        status for each in at_once([lambda mine=mine: cast(mine) for mine in cards]) for status in each
    ]
    assert statuses == [200] * (CROWD * EACH)
    votes = rows(database, "SELECT id, participant_id, n FROM participation_vote")
    assert len(votes) == before + CROWD * EACH
    assert len({vote[0] for vote in votes}) == len(votes)
    assert len({vote[1] for vote in votes}) == len(votes)
    assert {vote[2] for vote in votes} == {0}
    [[people, tokens, secrets]] = rows(
        database,
        "SELECT count(*), count(DISTINCT token_hash), count(DISTINCT secret) FROM participation_participant",
    )
    assert people == tokens == secrets == len(votes)


def test_one_card_sent_many_times_at_once_is_one_vote(server):
    port, database = server
    before = rows(database, "SELECT count(*) FROM participation_vote")[0][0]
    card = card_of(port)
    sent = [
        lambda: ask(port, "POST", "/consultations/CON-1", card | {"value": "-1"})[0] for _ in range(CROWD)
    ]
    assert at_once(sent) == [200] * CROWD
    assert rows(database, "SELECT count(*) FROM participation_vote")[0][0] == before + 1


def test_of_many_different_taps_at_once_one_counts_and_the_others_are_told(server):
    port, database = server
    before = rows(database, "SELECT count(*) FROM participation_vote")[0][0]
    card = card_of(port)
    values = ["1", "-1", "0"] * 4
    tap = "/consultations/CON-1"
    statuses = at_once(
        [lambda value=value: ask(port, "POST", tap, card | {"value": value})[0] for value in values]
    )
    assert sorted(statuses) == [200] * 4 + [409] * 8
    assert rows(database, "SELECT count(*) FROM participation_vote")[0][0] == before + 1
