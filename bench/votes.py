#!/usr/bin/env python3
"""What a vote costs: the complete way from the card's form to the next card, beside a bare upsert of Django's.

    python bench/votes.py [--database sqlite postgresql] [--connections 1 16 64] [--votes 3000] [--statements 100]

For each database a new one is made in a temporary folder: SQLite with WAL and synchronous FULL, PostgreSQL with
synchronous commits. Each is served as `plenary serve` does it (granian, two processes of eight threads), with the log
on, and asked over the loopback by a client of this command's own:

- **bare**: one row updated or inserted through Django's ORM, without middleware; what the framework itself costs.
- **votes**: people who voted before send their cards as the page's script does, and get the next ones.
- **first votes**: each request is somebody new.
- **page**: the whole page with a newcomer's card.
- **votes, long way**: as browsers without scripts send them, with the whole page as the answer.

CPU is that of the server's processes and the database's, in milliseconds for each request, from the system's counts;
the client's is not in it. Rates are what this machine gives while the client works beside the server. Every database's
figures are taken in one run; compare them with each other, not with those of another day.

The client keeps its own record of every vote that was acknowledged. After all rounds, the last of which is cut short by
killing the server in the middle (SIGKILL), the votes in the database are held against it.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import re
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psutil

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
WORKERS, THREADS = 2, 8
FIELD = re.compile(rb'<input type="hidden" name="(\w+)" value="([^"]*)">')
SECONDS = 20.0  # no round takes longer


# The bare upsert ------------------------------------------------------------------------------------------------


def bare_application():
    """A WSGI application: one model, one view, no middleware; the same settings of the database."""
    import django
    from django.conf import settings

    from plenary.site.environment import database_from_url

    database = database_from_url(os.environ.get("PLENARY_DATABASE_URL", ""), Path(os.environ["PLENARY_HOME"]))
    settings.configure(
        DATABASES={"default": database}, ROOT_URLCONF="bench.votes", ALLOWED_HOSTS=["*"], USE_TZ=True
    )
    django.setup()
    from django.core.handlers.wsgi import WSGIHandler

    return WSGIHandler()


def _bare_model():
    from django.db import models

    class BareVote(models.Model):
        participant = models.BigIntegerField()
        statement = models.BigIntegerField()
        value = models.SmallIntegerField()

        class Meta:
            app_label = "bench"
            unique_together = [("participant", "statement")]

        def __str__(self) -> str:
            return f"{self.value} on {self.statement}"

    return BareVote


def __getattr__(name: str):
    """The names that a server asks this module for, made when it does."""
    if name == "application":
        globals()["application"] = bare_application()
        return globals()["application"]
    if name == "urlpatterns":
        from django.http import HttpResponse
        from django.urls import path

        model = _bare_model()

        def upsert(request):
            row = model(
                participant=request.POST["participant"], statement=request.POST["statement"],
                value=request.POST["value"],
            )  # fmt: skip
            model.objects.bulk_create(
                [row],
                update_conflicts=True,
                update_fields=["value"],
                unique_fields=["participant", "statement"],
            )
            return HttpResponse("ok", headers={"Content-Length": "2"})

        globals()["urlpatterns"] = [path("bare", upsert)]
        return globals()["urlpatterns"]
    raise AttributeError(name)


# Servers --------------------------------------------------------------------------------------------------------


@contextmanager
def serving(target: str, environment: dict[str, str]) -> Iterator[Served]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = Path(environment["PLENARY_HOME"]) / "log"
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "granian", target, "--interface", "wsgi", "--port", str(port), "--workers",
             str(WORKERS), "--blocking-threads", str(THREADS), "--backlog", "2048", "--log-level", "error"],
            env=environment, cwd=ROOT, stdout=out, stderr=out, start_new_session=True,
        )  # fmt: skip
    served = Served(port, process, log)
    try:
        served.wait()
        yield served
    finally:
        served.kill()


@dataclass
class Served:
    port: int
    process: subprocess.Popen[bytes]
    log: Path

    def wait(self) -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.1)
        raise SystemExit(f"the server did not start:\n{self.log.read_text()[-2000:]}")

    def kill(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def processes(self) -> list[psutil.Process]:
        main = psutil.Process(self.process.pid)
        return [main, *main.children(recursive=True)]

    def memory(self) -> float:
        return sum(process.memory_full_info().pss for process in self.processes()) / 2**20


def cpu_of(processes: list[psutil.Process]) -> float:
    total = 0.0
    for process in processes:
        try:
            times = process.cpu_times()
            total += times.user + times.system
        except psutil.NoSuchProcess:
            pass
    return total


# The client -----------------------------------------------------------------------------------------------------


@dataclass
class Person:
    """Somebody with a token and the card that she was shown."""

    fields: dict[str, str]
    cookie: str = ""


@dataclass
class Round:
    """What came of one round."""

    times: list[float] = field(default_factory=list)
    errors: dict[str, int] = field(default_factory=dict)
    wall: float = 0.0
    cpu: float = 0.0

    def fail(self, what: str) -> None:
        self.errors[what] = self.errors.get(what, 0) + 1

    def line(self, name: str, connections: int) -> str:
        times = sorted(self.times) or [0.0]
        p50, p95, p99 = (1000 * times[min(len(times) - 1, int(len(times) * p))] for p in (0.5, 0.95, 0.99))
        errors = ", ".join(f"{count} × {what}" for what, count in self.errors.items()) or "none"
        done = max(len(self.times), 1)
        return (
            f"| {name} | {connections} | {len(self.times):,} | {1000 * self.cpu / done:.2f} | "
            f"{len(self.times) / max(self.wall, 1e-9):,.0f} | {p50:.1f} / {p95:.1f} / {p99:.1f} | {errors} |"
        )


class Line:
    """One kept connection."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def ask(self, head: bytes, body: bytes = b"") -> tuple[int, bytes]:
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port, limit=2**20)
        assert self.reader is not None
        self.writer.write(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        answer = await self.reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", answer, re.IGNORECASE)
        content = await self.reader.readexactly(int(length[1]) if length else 0)
        return int(answer[9:12]), content

    def drop(self) -> None:
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None


def head_of(method: str, path: str, extra: str = "") -> bytes:
    return (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Language: en\r\n{extra}"
        "Content-Type: application/x-www-form-urlencoded\r\n"
    ).encode()


def form_of(fields: dict[str, str]) -> bytes:
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in fields.items()).encode()


def fields_of(page: bytes) -> dict[str, str]:
    card = page.partition(b'id="card"')[2].partition(b"</form>")[0]
    return {name.decode(): value.decode() for name, value in FIELD.findall(card)}


async def drive(port: int, connections: int, total: int, watched: list[psutil.Process], act) -> Round:
    """Ask ``total`` times over so many connections; ``act(line, number)`` does one request and says what failed."""
    done, numbers, ends = Round(), iter(range(total)), time.monotonic() + SECONDS
    cpu, start = cpu_of(watched), time.monotonic()

    async def work() -> None:
        line = Line(port)
        for number in numbers:
            if time.monotonic() > ends:
                break
            began = time.monotonic()
            try:
                wrong = await act(line, number)
            except (OSError, asyncio.IncompleteReadError) as error:
                done.fail(type(error).__name__)
                line.drop()
                if done.errors[type(error).__name__] > 200:
                    break  # the server is gone
                continue
            if wrong:
                done.fail(wrong)
            else:
                done.times.append(time.monotonic() - began)
        line.drop()

    await asyncio.gather(*(work() for _ in range(connections)))
    done.wall, done.cpu = time.monotonic() - start, cpu_of(watched) - cpu
    return done


class Client:
    def __init__(self, port: int, mint, acknowledged: dict[tuple[str, str, int], int]) -> None:
        self.port, self.mint, self.acknowledged = port, mint, acknowledged
        self.address = "/consultations/CON-1"
        self.by_script = head_of("POST", self.address, "HX-Request: true\r\n")
        self.people: list[Person] = []
        self.first = ""

    async def meet(self, number: int) -> None:
        """People who voted once and hold their second card."""
        self.people = []
        line = Line(self.port)
        _status, page = await line.ask(head_of("GET", self.address))
        self.first = fields_of(page)["statement"]
        line.drop()

        async def begin(line: Line, _: int) -> str:
            person = Person({"token": self.mint(), "statement": self.first, "n": "0", "language": "en"})
            wrong = await self.vote(line, person)
            self.people.append(person)
            return wrong

        await drive(self.port, 16, number, [], begin)

    async def vote(self, line: Line, person: Person, head: bytes = b"") -> str:
        """One vote; the card in the answer is her next one."""
        value = secrets.choice(("1", "1", "-1", "0"))
        fields = person.fields | {"value": value}
        status, page = await line.ask(head or self.by_script, form_of(fields))
        if status != 200:
            return str(status)
        self.acknowledged[fields["token"], fields["statement"], int(fields["n"])] = int(value)
        card = fields_of(page)
        if "statement" not in card:
            return "no next card"
        person.fields = {"token": fields["token"]} | card
        return ""

    async def votes(
        self, connections: int, total: int, watched: list[psutil.Process], head: bytes = b""
    ) -> Round:
        free = asyncio.Queue()
        for person in self.people:
            free.put_nowait(person)

        async def act(line: Line, _: int) -> str:
            person = await free.get()
            try:
                return await self.vote(line, person, head)
            finally:
                free.put_nowait(person)

        return await drive(self.port, connections, total, watched, act)

    async def first_votes(self, connections: int, total: int, watched: list[psutil.Process]) -> Round:
        tokens = [self.mint() for _ in range(total)]

        async def act(line: Line, number: int) -> str:
            return await self.vote(
                line, Person({"token": tokens[number], "statement": self.first, "n": "0", "language": "en"})
            )

        return await drive(self.port, connections, total, watched, act)

    async def pages(self, connections: int, total: int, watched: list[psutil.Process]) -> Round:
        head = head_of("GET", self.address)

        async def act(line: Line, _: int) -> str:
            status, _page = await line.ask(head)
            return "" if status == 200 else str(status)

        return await drive(self.port, connections, total, watched, act)

    async def upserts(self, connections: int, total: int, watched: list[psutil.Process]) -> Round:
        head = head_of("POST", "/bare")

        async def act(line: Line, number: int) -> str:
            body = form_of({"participant": str(number % 997), "statement": str(number), "value": "1"})
            status, _page = await line.ask(head, body)
            return "" if status == 200 else str(status)

        return await drive(self.port, connections, total, watched, act)


# Rounds ---------------------------------------------------------------------------------------------------------

SEED = """
import django, os; django.setup()
from datetime import timedelta
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
call_command("migrate", verbosity=0)
from plenary.participation.actions import open_consultation
now = timezone.now()
open_consultation(title="Schools", question="How should schools test new tools?", language="en", about=None,
                  opens_at=now - timedelta(hours=1), closes_at=None, by=None, now=now,
                  seeds=[f"Idea number {n}: try it for a year first." for n in range(int(os.environ["MANY"]))])
with connection.cursor() as cursor:
    cursor.execute("CREATE TABLE bench_barevote (id %s, participant bigint, statement bigint, value smallint, "
                   "UNIQUE (participant, statement))" % ("bigserial PRIMARY KEY" if connection.vendor == "postgresql"
                   else "integer PRIMARY KEY AUTOINCREMENT"))
"""


@contextmanager
def database(kind: str, home: Path) -> Iterator[tuple[str, list[psutil.Process]]]:
    """Its address for the settings, and its processes. SQLite has none: it works in those of the server."""
    if kind == "sqlite":
        yield "", []
        return
    from tests.postgres import running

    before = {process.pid for process in psutil.Process().children(recursive=True)}
    with running(durable=True) as url:
        mine = [process for process in psutil.Process().children() if process.pid not in before]
        yield url, mine


def with_children(roots: list[psutil.Process]) -> list[psutil.Process]:
    return [process for root in roots for process in (root, *root.children(recursive=True))]


def measure(kind: str, options: argparse.Namespace) -> None:
    home = Path(tempfile.mkdtemp(prefix="plenary-votes-"))
    try:
        with database(kind, home) as (url, engines):
            kept = {name: value for name, value in os.environ.items() if not name.startswith("PLENARY_")}
            environment = kept | {
                "PLENARY_HOME": str(home), "PLENARY_DATABASE_URL": url, "PLENARY_WORKER": "false",
                "DJANGO_SETTINGS_MODULE": "plenary.site.settings", "MANY": str(options.statements),
                "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
            }  # fmt: skip
            subprocess.run([sys.executable, "-c", SEED], env=environment, check=True, cwd=ROOT)
            asyncio.run(_measure(kind, options, environment, engines, url))
    finally:
        shutil.rmtree(home, ignore_errors=True)


async def _measure(kind, options, environment, engines, url) -> None:
    acknowledged: dict[tuple[str, str, int], int] = {}
    mint = minter(environment)
    print(f"\n## {kind}, {options.statements:,} statements\n")
    print("| path | connections | requests | CPU ms | rate/s | p50 / p95 / p99 ms | errors |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    bare_environment = {
        name: value for name, value in environment.items() if name != "DJANGO_SETTINGS_MODULE"
    }
    with (
        serving("bench.votes:application", bare_environment) as bare,
        serving("plenary.site.wsgi:application", environment) as served,
    ):
        client, plain = Client(served.port, mint, acknowledged), Client(bare.port, mint, {})
        # Unmeasured: connections, and every card rendered once in each process. Enough people that nobody ends.
        warm = 6 * options.statements
        needed = warm + len(options.connections) * options.votes * 1.2 + 2000
        await client.meet(int(64 + needed / max(1, options.statements - 3)))
        await client.votes(16, warm, [])
        await client.pages(8, 64, [])
        await plain.upserts(8, 64, [])
        for connections in options.connections:
            count = options.votes if connections > 1 else max(200, options.votes // 4)
            for name, target, act, requests in (
                ("bare upsert", bare, plain.upserts, count),
                ("votes", served, client.votes, count),
                ("first votes", served, client.first_votes, count // 2),
                ("page", served, client.pages, count // 10),
            ):
                watched = with_children([*target.processes()[:1], *engines])
                print((await act(connections, requests, watched)).line(name, connections), flush=True)
        watched = with_children([*served.processes()[:1], *engines])
        by_form = head_of("POST", client.address)
        print(
            (await client.votes(16, options.votes // 10, watched, by_form)).line("long way", 16), flush=True
        )
        print(f"\nMemory of the server: {served.memory():.0f} MiB (bare: {bare.memory():.0f} MiB).")
        killing = asyncio.create_task(_kill_soon(served))
        cut = await client.votes(16, options.votes, [])
        await killing
        print(f"Killed in the middle, after {len(cut.times):,} votes of the last round.")
    stored = stored_votes(kind, environment, url)
    lost = sum(stored.get(key) != value for key, value in hashed(acknowledged).items())
    print(
        f"Acknowledged: {len(acknowledged):,} votes; missing or different in the database: {lost}; "
        f"written but not acknowledged: {len(stored) - len(acknowledged)}."
    )
    if lost:
        raise SystemExit("Votes that were acknowledged are gone.")


async def _kill_soon(served: Served) -> None:
    await asyncio.sleep(0.7)
    served.kill()


def minter(environment: dict[str, str]):
    """Tokens as cards carry them; made here so that no page has to be asked for each."""
    from django.core.signing import Signer

    key = (Path(environment["PLENARY_HOME"]) / "keys" / "tokens").read_text().strip()
    pk = int(subprocess.run(
        [sys.executable, "-c", "import django; django.setup(); from plenary.participation.models import Consultation; "
         "print(Consultation.objects.get().pk)"],
        env=environment, check=True, capture_output=True, text=True, cwd=ROOT,
    ).stdout)  # fmt: skip
    signer = Signer(key=key, salt=f"plenary.participation.token.{pk}", fallback_keys=[])
    return lambda: signer.sign(secrets.token_urlsafe(32))


def hashed(acknowledged: dict[tuple[str, str, int], int]) -> dict[tuple[bytes, str, int], int]:
    import base64
    import hashlib

    return {
        (
            hashlib.sha256(base64.urlsafe_b64decode(token.partition(":")[0] + "=")).digest(),
            statement,
            n,
        ): value
        for (token, statement, n), value in acknowledged.items()
    }


def stored_votes(kind: str, environment: dict[str, str], url: str) -> dict[tuple[bytes, str, int], int]:
    question = (
        "SELECT p.token_hash, r.reference, v.n, v.value FROM participation_vote v "
        "JOIN participation_participant p ON p.id = v.participant_id JOIN records_record r ON r.id = v.statement_id"
    )
    if kind == "sqlite":
        with sqlite3.connect(Path(environment["PLENARY_HOME"]) / "plenary.sqlite3") as connection:
            rows = connection.execute(question).fetchall()
    else:
        import psycopg

        with psycopg.connect(url) as connection:
            rows = connection.execute(question).fetchall()
    return {(bytes(row[0]), row[1], row[2]): row[3] for row in rows}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--database", nargs="+", choices=["sqlite", "postgresql"], default=["sqlite", "postgresql"]
    )
    parser.add_argument("--connections", nargs="+", type=int, default=[1, 16, 64])
    parser.add_argument("--votes", type=int, default=3000, help="requests of a round")
    parser.add_argument("--statements", type=int, default=100)
    options = parser.parse_args()
    from django.conf import settings

    settings.configure()
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start"
    )
    for kind in options.database:
        measure(kind, options)


if __name__ == "__main__":
    main()
