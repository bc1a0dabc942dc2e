"""A PostgreSQL of one's own for the length of a command: made in a temporary folder, gone afterwards.

    python -m tests.postgres pytest -n 2

It listens on a socket in its folder and nowhere else, and is told to the command by ``PLENARY_TEST_DATABASE_URL``.
What was written need not survive a power cut, so nothing waits for the disk.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.needs import NEEDS, describe, postgres_programs

OWNER = "plenary"
PATIENCE = 60.0  # seconds until it must answer, and until it must have ended


class Unavailable(Exception):
    """PostgreSQL cannot be started; the message says why."""


def _user() -> str | None:
    """Whom the server runs as: root may not run it."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in known), None)


@contextmanager
def running(*, durable: bool = False) -> Iterator[str]:
    """The address of a new, empty server, which ends with the block; ``durable`` where commits wait for the disk."""
    programs = postgres_programs()
    if programs is None:
        raise Unavailable(describe([need for need in NEEDS if need.name == "PostgreSQL"]))
    user = _user()
    folder = Path(tempfile.mkdtemp(prefix="plenary-pg-"))
    try:
        if user:
            shutil.chown(folder, user)
        folder.chmod(0o711)  # others reach the socket in it, and nothing else
        with _server(programs, folder, user, durable):
            yield f"postgresql://{OWNER}@/postgres?host={folder}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _server(programs: Path, folder: Path, user: str | None, durable: bool) -> Iterator[None]:
    data = folder / "data"
    as_user = {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []} if user else {}
    made = subprocess.run(
        [programs / "initdb", "--pgdata", data, "--username", OWNER, "--auth", "trust", "--no-sync",
         "--encoding", "UTF8", "--locale", "C.UTF-8"],
        cwd=folder, capture_output=True, text=True, check=False, **as_user,
    )  # fmt: skip
    if made.returncode:
        raise Unavailable(f"initdb failed:\n{made.stdout}{made.stderr}")
    options = {
        "listen_addresses": "",
        "unix_socket_directories": str(folder),
        **({} if durable else {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}),
        "max_connections": "200",
        # What a test writes is never committed: to the planner, autovacuum would make it an empty table.
        **({} if durable else {"autovacuum": "off"}),
        "dynamic_shared_memory_type": "mmap",  # containers have little of the shared memory that it would take
    }
    with (folder / "log").open("w+b") as log:
        server = subprocess.Popen(
            [programs / "postgres", "-D", data, *(f"--{name}={value}" for name, value in options.items())],
            cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, **as_user,
        )  # fmt: skip
        try:
            _wait_for(programs, folder, server)
            yield
        finally:
            if server.poll() is None:
                server.send_signal(signal.SIGINT)  # ends at once, throwing out whoever is still connected
            server.wait(PATIENCE)


def _wait_for(programs: Path, folder: Path, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE
    while server.poll() is None and time.monotonic() < until:
        asked = [programs / "pg_isready", "--quiet", "--host", folder, "--username", OWNER]
        if subprocess.run(asked, check=False).returncode == 0:
            return
        time.sleep(0.1)
    raise Unavailable(f"PostgreSQL did not start:\n{(folder / 'log').read_text(errors='replace')}")


def main(command: list[str]) -> int:
    if not command:
        print(__doc__, file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the server ends with us
    try:
        with running() as address:
            return subprocess.run(
                command, env=os.environ | {"PLENARY_TEST_DATABASE_URL": address}, check=False
            ).returncode
    except Unavailable as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
