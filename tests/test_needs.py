"""What a machine lacks is said in plain words, with the command that brings it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from tests import needs

SCRIPT = Path(needs.__file__)


def ask(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the script on a machine whose PATH leads nowhere."""
    return subprocess.run(
        [sys.executable, "-I", str(SCRIPT), *arguments],
        env={"PATH": str(tmp_path)}, capture_output=True, text=True,
    )  # fmt: skip


def test_a_bare_machine_is_told_what_to_install(tmp_path):
    told = ask(tmp_path)
    assert told.returncode == 1
    assert "Missing here: Chromium, for the pages in a browser." in told.stderr
    assert "apt-get install" in told.stderr and "fonts-noto-cjk" in told.stderr and "gettext" in told.stderr


def test_the_packages_can_be_handed_to_a_package_manager(tmp_path):
    told = ask(tmp_path, "--packages")
    assert told.returncode == 0
    assert {"chromium", "fonts-noto-core", "gettext"} <= set(told.stdout.split())


def test_nothing_is_said_where_nothing_is_missing(monkeypatch, capsys):
    monkeypatch.setattr(
        needs, "NEEDS", (needs.Need("Python", "python3", "everything", lambda: sys.executable),)
    )
    assert needs.main() == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.django_db
def test_the_database_is_the_one_that_was_asked_for():
    import os

    asked = os.environ.get("PLENARY_TEST_DATABASE_URL", "")
    assert connection.vendor == ("postgresql" if asked.startswith("postgres") else "sqlite")
