"""Probes answer plainly: alive, ready, or not ready and when to ask again."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest
from django.db.migrations.recorder import MigrationRecorder

from plenary.site import probes
from plenary.site.worker import work


def test_health_touches_nothing(client):
    """Without the database mark, a query would fail this test."""
    answer = client.get("/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_ready_says_what_works(client):
    work(once=True)
    answer = client.get("/ready")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "database": "ok", "migrations": "ok", "worker": "ok"}


@pytest.mark.django_db
def test_an_older_database_is_not_ready(client):
    MigrationRecorder.Migration.objects.filter(app="records").delete()
    answer = client.get("/ready")
    assert answer.status_code == 503
    assert answer["Retry-After"] == "10"
    assert (answer.json()["status"], answer.json()["migrations"]) == ("not ready", "pending")


@pytest.mark.django_db
def test_a_silent_worker_is_reported_and_takes_no_server_out_of_service(client):
    work(once=True)
    long_ago = time.time() - probes.LATE - 1
    os.utime(probes._sign(), (long_ago, long_ago))
    answer = client.get("/ready")
    assert (answer.status_code, answer.json()["worker"]) == (200, "late")


def test_a_database_that_does_not_answer(tmp_path):
    """In a process of its own, against a port where nobody listens."""
    pytest.importorskip("psycopg")
    asked = (
        "import django; django.setup()\n"
        "from django.test import Client\n"
        "for path in ('/health', '/ready'):\n"
        "    answer = Client(HTTP_HOST='localhost').get(path)\n"
        "    print(answer.status_code, answer.content.decode(), answer.get('Retry-After'))\n"
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PLENARY_")}
    done = subprocess.run(
        [sys.executable, "-c", asked],
        env=kept | {
            "PLENARY_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "plenary.site.settings",
            "PLENARY_DATABASE_URL": "postgresql://ann:her-secret@127.0.0.1:1/plenary",
        },
        capture_output=True, text=True,
    )  # fmt: skip
    health, ready = done.stdout.splitlines()
    assert health == '200 {"status": "ok"} None'
    assert ready.startswith("503 ") and ready.endswith(" 10")
    assert '"database": "unreachable"' in ready
    assert "her-secret" not in done.stdout + done.stderr


@pytest.mark.django_db
@pytest.mark.parametrize("path", probes.PATHS)
def test_probes_need_neither_tls_nor_a_name(client, settings, path):
    settings.SECURE_SSL_REDIRECT = True
    settings.ALLOWED_HOSTS = ["plenary.example.org"]
    answer = client.get(path, headers={"host": "10.0.0.7:8000"})
    assert answer.status_code == 200
    assert client.get("/style", headers={"host": "10.0.0.7:8000"}).status_code == 400


@pytest.mark.parametrize("path", probes.PATHS)
def test_probes_are_reads(client, path):
    assert client.post(path).status_code == 405
