#!/usr/bin/env python3
"""An analysis of very many people, started from the page and made by the worker: time, memory, and the pages after it.

    python bench/big_analysis.py [--people 1000000] [--statements 2000] [--votes 20000000] [--keep FOLDER] [--kill]

Simulated votes (the people of ``bench/scale.py``) are put into a new installation on SQLite, or on the PostgreSQL of
``--database URL``, whose tables must be empty. `plenary serve` then runs as it does anywhere; somebody of the desk
signs in, opens the results and asks for the analysis. Told are: how long it took and how far it said it was, the
highest memory of the worker (PSS, MiB), and of every page of the results the first and the median of further requests
in milliseconds with its size. ``--kill`` kills the worker in the middle (SIGKILL) first, and looks at what the page
says. With ``--keep`` the installation is found again, so that only the analysis is made anew.
"""

from __future__ import annotations

import argparse
import http.cookiejar
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import numpy as np
import psutil
from scale import simulated

PAGES = (
    "",
    "/report",
    "/people",
    "/map",
    "/short-list",
    "/statements",
    "/themes",
    "/time",
    "/compare",
    "/data",
)
EMAIL, PASSWORD = "desk@demo.example", "a quiet word and a lamp"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--statements", type=int, default=2_000)
    parser.add_argument("--votes", type=int, default=20_000_000)
    parser.add_argument("--database", default="", help="address of an empty PostgreSQL database")
    parser.add_argument("--keep", type=Path, help="where the installation is made and found again")
    parser.add_argument("--kill", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="plenary-big-") as scratch:
        home = (args.keep or Path(scratch)).resolve()
        os.environ |= {
            "PLENARY_HOME": str(home),
            "DJANGO_SETTINGS_MODULE": "plenary.site.settings",
            "PLENARY_ANALYSE_EVERY": "0",
        }
        if args.database:
            os.environ["PLENARY_DATABASE_URL"] = args.database
        reference = load(args)
        measure(reference, home, args.kill)


# The installation -----------------------------------------------------------------------------------------------


def load(args: argparse.Namespace) -> str:
    """The reference of the consultation, filled with votes unless it is there."""
    import django

    django.setup()
    from django.core.management import call_command

    from plenary.participation.models import Consultation

    call_command("migrate", verbosity=0)
    found = Consultation.objects.first()
    if found is not None:
        return found.reference
    start = time.perf_counter()
    consultation, statements = open_one(args.statements)
    count = fill(consultation, statements, args)
    print(f"{count:,} votes stored in {time.perf_counter() - start:.0f} s", flush=True)
    return consultation.reference


def open_one(statements: int):
    from django.utils import timezone

    from plenary.participation.actions import add_seed_statements, open_consultation
    from plenary.people.actions import create_account, grant_role
    from plenary.records.models import Organization
    from plenary.records.tests.factories import make_organization

    now = timezone.now()
    unit = Organization.objects.first() or make_organization("Strategy unit")
    desk = create_account(email=EMAIL, password=PASSWORD, name="Desk")
    grant_role(user=desk, organization=unit, role="desk", by=None, now=now)
    consultation = open_consultation(
        title="Many", question="What do very many people want?", language="en", about=None,
        opens_at=now, closes_at=None, by=None, now=now,
    )  # fmt: skip
    consultation.attributes_asked = ["age", "gender"]
    consultation.save(update_fields=["attributes_asked"])
    bodies = [f"Statement number {number} about the use of new tools." for number in range(statements)]
    made = []
    for first in range(0, statements, 500):
        made += add_seed_statements(
            consultation=consultation, statements=bodies[first : first + 500], language="en", by=None, now=now
        )
    return consultation, [statement.pk for statement in made]


def fill(consultation, statements: list[int], args: argparse.Namespace) -> int:
    """People, what they said about themselves, and their votes, as rows."""
    from django.db import connection, transaction
    from django.utils import timezone

    from plenary.participation.attributes import ATTRIBUTES
    from plenary.participation.models import Participant, ParticipantAttributes

    now, day = timezone.now(), timezone.now().date()
    places = np.array(statements)
    rng = np.random.default_rng(2)
    values = {attribute.name: [value.key for value in attribute.values] for attribute in ATTRIBUTES}
    stamp, count = now.strftime("%Y-%m-%d %H:%M:%S.%f"), 0
    insert = (
        "INSERT INTO participation_vote (participant_id, statement_id, n, value, language, at) "
        "VALUES (%s, %s, 0, %s, 'en', %s)"
    )
    for votes in simulated(args.people, args.statements, args.votes):
        with transaction.atomic():
            made = Participant.objects.bulk_create(
                [Participant(consultation=consultation, terms="1", since=day) for _ in range(votes.shape[0])],
                batch_size=20_000,
            )
            said = rng.random(votes.shape[0]) < 0.4
            ParticipantAttributes.objects.bulk_create(
                [
                    ParticipantAttributes(
                        participant=one,
                        age=str(rng.choice(values["age"])),
                        gender=str(rng.choice(values["gender"])),
                        given_on=day,
                    )
                    for one, has in zip(made, said.tolist(), strict=True)
                    if has
                ],
                batch_size=20_000,
            )
            people = np.array([one.pk for one in made])[votes.rows].tolist()
            rows = zip(people, places[votes.indices].tolist(), votes.values.tolist(), strict=True)
            put(connection, insert, rows, stamp)
        count += votes.size
        print(f"  {count:,} votes", end="\r", flush=True)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return count


def put(connection, insert: str, rows, stamp: str) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            names = "participant_id, statement_id, n, value, language, at"
            with cursor.copy(f"COPY participation_vote ({names}) FROM STDIN") as copy:
                for participant, statement, value in rows:
                    copy.write_row((participant, statement, 0, value, "en", stamp + "+00"))
        else:
            cursor.db.connection.executemany(
                insert.replace("%s", "?"), ((one, two, value, stamp) for one, two, value in rows)
            )


# The analysis ---------------------------------------------------------------------------------------------------


class Browser:
    """Somebody of the desk."""

    def __init__(self, port: int) -> None:
        self.root = f"http://localhost:{port}"
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))

    def get(self, path: str) -> str:
        with self.opener.open(self.root + path, timeout=600) as answer:
            return answer.read().decode()

    def post(self, path: str, page: str, **fields: str) -> str:
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert found is not None, "a page without a form"
        data = urllib.parse.urlencode({"csrfmiddlewaretoken": found[1], **fields}).encode()
        asked = urllib.request.Request(self.root + path, data, {"Referer": self.root + path})
        with self.opener.open(asked, timeout=600) as answer:
            return answer.read().decode()

    def sign_in(self) -> None:
        page = self.get("/account/sign-in")
        self.post("/account/sign-in", page, login=EMAIL, password=PASSWORD)


class Watch(threading.Thread):
    """The highest memory of the worker and of the server's processes, looked at five times a second."""

    def __init__(self, root: psutil.Process) -> None:
        super().__init__(daemon=True)
        self.root, self.worker, self.server, self.goes_on = root, 0.0, 0.0, True

    def run(self) -> None:
        while self.goes_on:
            server = 0.0
            for process in [self.root, *self.root.children(recursive=True)]:
                try:
                    size = process.memory_full_info().pss / 2**20
                    if is_worker(process):
                        self.worker = max(self.worker, size)
                    else:
                        server += size
                except psutil.Error:
                    continue
            self.server = max(self.server, server)
            time.sleep(0.2)


def is_worker(process: psutil.Process) -> bool:
    return "work" in process.cmdline()[-2:]


def measure(reference: str, home: Path, kill: bool) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (home / "log").open("ab") as log:
        served = subprocess.Popen(
            [sys.executable, "-m", "plenary.site", "serve", "--port", str(port)],
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        wait(port)
        desk = Browser(port)
        desk.sign_in()
        root = psutil.Process(served.pid)
        if kill:
            interrupted(desk, root, reference)
        watch = Watch(root)
        watch.start()
        analyse(desk, reference)
        watch.goes_on = False
        print(f"highest memory: worker {watch.worker:,.0f} MiB, server {watch.server:,.0f} MiB")
        look(desk, reference, root)
    finally:
        served.send_signal(signal.SIGTERM)
        try:
            served.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(served.pid, signal.SIGKILL)


def wait(port: int) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(f"http://localhost:{port}/", timeout=30).close()
            return
        except OSError:
            time.sleep(0.5)
    raise SystemExit("the server did not start; see the log in its home")


def ask(desk: Browser, reference: str) -> str:
    """Press the button; returns the address of the analysis."""
    page = desk.get(f"/consultations/{reference}/results")
    answer = desk.post(f"/consultations/{reference}/analyses", page)
    found = re.findall(r"/analyses/([A-Z]+-\d+)", answer)
    assert found, "no analysis was begun"
    return f"/analyses/{found[0]}"


def analyse(desk: Browser, reference: str) -> None:
    start = time.perf_counter()
    address = ask(desk, reference)
    said: list[str] = []
    while True:
        page = desk.get(address)
        far = re.search(r'<progress[^>]*value="([\d.]+)"', page)
        if far and far[1] not in said[-1:]:
            said.append(far[1])
            print(f"  {time.perf_counter() - start:6.1f} s: {far[1]}", flush=True)
        elif far is None and 'hx-trigger="every 3s"' not in page:
            break
        time.sleep(1)
    print(f"analysed in {time.perf_counter() - start:.0f} s", flush=True)
    if "result.json" not in page:
        raise SystemExit("the analysis failed: " + " ".join(re.findall(r'notice bad"><p>([^<]+)', page)))


def interrupted(desk: Browser, root: psutil.Process, reference: str) -> None:
    """The worker killed in the middle: nothing half-written, and the page says so."""
    address = ask(desk, reference)
    while "<progress" not in desk.get(address):
        time.sleep(0.5)
    time.sleep(5)
    worker = next(one for one in root.children(recursive=True) if is_worker(one))
    worker.kill()
    start = time.perf_counter()
    print(f"killed worker {worker.pid}", flush=True)
    while "notice bad" not in (page := desk.get(address)):
        time.sleep(5)
    said = re.sub(r"<[^>]+>", " ", page[page.index('class="notice bad"') - 1 :][:400])
    print(f"{time.perf_counter() - start:.0f} s later the page says:", " ".join(said.split())[:200])


def look(desk: Browser, reference: str, root: psutil.Process) -> None:
    print(f"{'page':14}{'first ms':>10}{'median ms':>11}{'kB':>8}")
    for name in PAGES:
        times, page = [], ""
        for _ in range(8):
            start = time.perf_counter()
            try:
                page = desk.get(f"/consultations/{reference}/results{name}")
            except urllib.error.HTTPError as error:
                page = f"{error.code}"
            times.append(1000 * (time.perf_counter() - start))
        known = statistics.median(times[1:])
        what = f"{len(page.encode()) / 1000:8.1f}" if len(page) > 3 else f"{page:>8}"
        print(f"{name or '/':14}{times[0]:10.0f}{known:11.1f}{what}", flush=True)
    start = time.perf_counter()
    with desk.opener.open(desk.root + package(desk, reference), timeout=600) as answer:
        size = sum(len(piece) for piece in iter(lambda: answer.read(1 << 20), b""))
    print(f"package: {size / 1e6:,.0f} MB in {time.perf_counter() - start:.1f} s")
    memory = sum(one.memory_full_info().pss for one in [root, *root.children(recursive=True)])
    print(f"memory of all processes afterwards: {memory / 2**20:,.0f} MiB")


def package(desk: Browser, reference: str) -> str:
    start, found = time.perf_counter(), None
    while found is None:
        assert time.perf_counter() - start < 600, "no package is offered"
        page = desk.get(f"/consultations/{reference}/results/data")
        found = re.search(r'href="([^"]+package\.zip)"', page)
        time.sleep(0.5)
    print(f"package offered after another {time.perf_counter() - start:.0f} s")
    return found[1]


if __name__ == "__main__":
    main()
