"""Runs the two processes of an installation side by side: the web server and the background worker."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from types import FrameType

from django.db import connection

from . import assets, database
from .in_use import InUse, using_home

BACKLOG = 2048  # connections that may wait while all threads are busy
THREADS = 8  # per server process; more of them only wait for Python's lock
GRACE = 20  # seconds that requests under way get when the server is told to end
PATIENCE = 30.0  # seconds that a process gets to end by itself


def prepare(host: str, port: int) -> int:
    """Look before the start: is the port free, is the database of this version? An empty database is made.

    Returns 0, or the exit code after having said on standard error what is wrong.
    """
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        print(
            f"plenary: cannot listen on {host}:{port} ({error.strerror}). Try --port with another number.",
            file=sys.stderr,
        )
        return 1
    if not database.is_ready():
        return 1
    connection.close()
    try:
        assets.folder()
    except OSError as error:
        print(f"plenary: style sheets cannot be put into PLENARY_HOME ({error.strerror}).", file=sys.stderr)
        return 1
    return 0


def serve(*, host: str, port: int, workers: int) -> int:
    """Serve until told to end; a worker that ends unasked is started again, a server that does ends us."""
    try:
        with using_home(alone=False):
            return _serve(host=host, port=port, workers=workers)
    except InUse as error:
        print(f"plenary: {error}", file=sys.stderr)
        return 1


def _serve(*, host: str, port: int, workers: int) -> int:
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    web = subprocess.Popen(
        [
            sys.executable, "-m", "granian", "plenary.site.wsgi:application",
            "--interface", "wsgi", "--host", host, "--port", str(port),
            "--workers", str(workers), "--blocking-threads", str(THREADS),
            "--backlog", str(BACKLOG), "--workers-kill-timeout", str(GRACE), "--respawn-failed-workers",
            "--log-level", "error",
        ],
        env=environment,
    )  # fmt: skip
    background = _start_worker(environment)
    told = False

    def end(signal_number: int, frame: FrameType | None) -> None:
        nonlocal told
        told = True

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    while not told and web.poll() is None:
        if background.poll() is not None:
            print("plenary: the background worker ended; starting it again", file=sys.stderr)
            background = _start_worker(environment)
        time.sleep(0.2)
    for process in (web, background):
        process.terminate()
    for process in (web, background):
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    return 0 if told else 1


def _start_worker(environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "plenary.site", "work"], env=environment)
