"""The demonstration, served for real: the same command, server, static files and headers as an operator's.

The story is loaded once in a run. Every process of the run (pytest-xdist) copies that home and serves the copy on a
port of its own; before each test the copy's database is put back to what it was.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from importlib import import_module
from pathlib import Path
from urllib.parse import urlencode

from plenary.site.modules import LAYERS

SOURCE = Path(__file__).parents[1]
ROLES = ("desk", "committee", "contributor", "approver", "administrator")


def environment(home: Path) -> dict[str, str]:
    """The environment of an installation in ``home``: nothing of the tests' own settings is passed on."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PLENARY_") and name != "DJANGO_SETTINGS_MODULE"
    }
    return kept | {"PLENARY_HOME": str(home), "PYTHONPATH": str(SOURCE / "src")}


def prepare(shared: Path) -> Path:
    """A home with the story in it, made by the first process that asks; the others wait for it."""
    home = shared / "demonstration"
    with (shared / "demonstration.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "ready").exists():
            command = [sys.executable, "-m", "plenary.site", "demo", "--no-serve"]
            done = subprocess.run(command, env=environment(home), capture_output=True, text=True)
            assert done.returncode == 0, done.stderr
            (home / "ready").touch()
    return home


CONSUMERS = sum(
    len(import_module(f"plenary.{name}.module").MODULE.consumers) for layer in LAYERS for name in layer
)
UP_TO_DATE = """
    SELECT count(*) FROM records_consumercursor WHERE position >= (SELECT max(id) FROM records_event)
"""
UNDONE = "SELECT count(*) FROM django_tasks_database_dbtaskresult WHERE status IN ('READY', 'RUNNING')"


class Site:
    """A running installation. ``url`` is its address, ``password`` that of its fictional accounts."""

    def __init__(self, home: Path, in_order: Path | None = None) -> None:
        self.home = home
        self.in_order = in_order
        """Where names of pages are kept that axe found in order (``chromium.axe_findings``)."""
        self.database = home / "plenary.sqlite3"
        self.password = (home / "demonstration-password").read_text("utf-8").strip()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.host = f"localhost:{self.port}"  # a name, since a passkey is made for a name
        self.url = f"http://{self.host}"
        self.log = home / "server.log"
        self.sessions: dict[str, str] = {}

    def start(self) -> None:
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "plenary.site", "serve", "--port", str(self.port)],
                env=environment(self.home), stdout=log, stderr=log,
            )  # fmt: skip
        self._wait_for(self._answers)
        for role in ROLES:
            self.sessions[role] = self._sign_in(f"{role}@demo.example")
        # What the worker makes of the demonstration's events is there once, not again after every test.
        self._wait_for(lambda: self.one(UP_TO_DATE) == CONSUMERS)
        self._wait_for(lambda: not self.one(UNDONE))
        self.kept = self.home / "kept.sqlite3"
        copy(self.database, self.kept)

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _wait_for(self, is_so: Callable[[], bool]) -> None:
        until = time.monotonic() + 60
        while not is_so():
            assert self.process.poll() is None and time.monotonic() < until, self.log.read_text("utf-8")
            time.sleep(0.1)

    def put_back(self) -> None:
        """The database as it was after the start; the server goes on running and sees it from the next query on.

        Not while the worker is at a task, whose row would go away under it.
        """
        self._wait_for(lambda: not self.one(UNDONE))
        copy(self.kept, self.database)

    def one(self, query: str, *values: object) -> object:
        """The first value of a row, read beside the server."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as connection:
            row = connection.execute(query, values).fetchone()
        return row[0] if row else None

    def _answers(self) -> bool:
        try:
            return self._ask("GET", "/health")[0] == 200
        except OSError:
            return False

    def _sign_in(self, email: str) -> str:
        """The cookie of a session, got by the form as a browser sends it; journeys of others begin after it."""
        path = "/account/sign-in"
        _, html, cookies = self._ask("GET", path)
        fields = {}
        for tag in re.findall(r"<input\b[^>]*>", html.split("<main")[1]):
            told = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
            kind = told.get("type", "text")
            if kind in ("text", "email", "password", "hidden") and "name" in told:
                typed = {"hidden": told.get("value", ""), "password": self.password}.get(kind, email)
                fields[told["name"]] = typed
        _, html, cookies = self._ask("POST", path, fields, cookies)
        assert "sessionid" in cookies, html
        return cookies["sessionid"]

    def _ask(
        self,
        method: str,
        path: str,
        fields: dict[str, str] | None = None,
        cookies: dict[str, str] | None = None,
    ) -> tuple[int, str, dict[str, str]]:
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            headers = {"Host": self.host, "Origin": self.url}
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in (cookies or {}).items())
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            connection.request(method, path, urlencode(fields or {}), headers)
            answer = connection.getresponse()
            jar = SimpleCookie()
            for line in answer.headers.get_all("Set-Cookie") or []:
                jar.load(line)
            return (
                answer.status,
                answer.read().decode("utf-8"),
                {name: morsel.value for name, morsel in jar.items()},
            )


def copy(source: Path, target: Path) -> None:
    """SQLite's own copy: whole, also where others have the target open."""
    with closing(sqlite3.connect(source)) as read, closing(sqlite3.connect(target, timeout=30)) as write:
        read.backup(write)


def copy_home(prepared: Path, to: Path) -> Path:
    shutil.copytree(prepared, to, ignore=shutil.ignore_patterns("*-wal", "*-shm", "plenary.sqlite3"))
    copy(prepared / "plenary.sqlite3", to / "plenary.sqlite3")
    return to
