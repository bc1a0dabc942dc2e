"""``plenary import-strategy``: what is printed, what is written, and how it says no."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from plenary.site import cli
from plenary.strategy.models import Strategy

from .factories import MARKDOWN


@pytest.fixture
def file(tmp_path) -> Path:
    path = tmp_path / "strategy.md"
    path.write_text(MARKDOWN, "utf-8")
    return path


def run(*arguments: str) -> int:
    return cli.main(["import-strategy", *arguments])


def test_a_dry_run_prints_the_outline_and_writes_nothing(file, capsys):
    # No database fixture: touching one would fail.
    assert run(str(file), "--language", "en", "--dry-run") == 0
    out = capsys.readouterr().out
    assert "1 goal, 2 principles, 3 commitments" in out
    assert "C2   2 Ask before" in out and "nothing was written" in out


def test_a_dry_run_makes_no_folder(file, tmp_path):
    home = tmp_path / "home"
    command = [
        sys.executable,
        "-m",
        "plenary.site",
        "import-strategy",
        str(file),
        "--language",
        "en",
        "--dry-run",
    ]
    environment = {**os.environ, "PLENARY_HOME": str(home)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert not home.exists()


def test_json_is_the_only_output(file, capsys):
    assert run(str(file), "--language", "en", "--dry-run", "--json") == 0
    captured = capsys.readouterr()
    tree = json.loads(captured.out)
    assert [clause["ref"] for clause in tree["clauses"]] == ["G1", "S1", "S2", "S3"]
    assert captured.err == ""


@pytest.mark.django_db
def test_importing_writes_version_1_and_the_same_file_again_writes_nothing(file, capsys):
    assert run(str(file), "--language", "en", "--adopted-on", "2025-11-01") == 0
    assert "Imported as STR-1, Version 1" in capsys.readouterr().out
    assert str(Strategy.objects.get().versions.get().adopted_on) == "2025-11-01"
    assert run(str(file), "--language", "en") == 0
    assert "it is STR-1" in capsys.readouterr().out
    assert run(str(file), "--language", "en", "--json") == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["strategy"] == "STR-1" and "it is STR-1" in captured.err
    assert Strategy.objects.count() == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere.md", "--language", "en"], "there is no such file"),
        ([".", "--language", "en"], "this is a folder"),
        (["FILE", "--language", "not a tag"], "no language tag"),
        (["FILE", "--language", "en", "--adopted-on", "yesterday"], "is no date"),
        (["FILE", "--language", "en", "--adopted-on", "2999-01-01"], "is in the future"),
    ],
)
def test_wrong_use_is_refused_with_what_to_do(file, capsys, arguments, words):
    assert run(*[str(file) if part == "FILE" else part for part in arguments], "--dry-run") == 2
    captured = capsys.readouterr()
    assert words in captured.err and captured.out == ""


@pytest.mark.django_db
@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n\x00\x00", b"# Title\n\nNothing is promised.\n"])
def test_files_that_are_no_strategy_are_refused_and_nothing_is_written(tmp_path, capsys, content):
    path = tmp_path / "bad.md"
    path.write_bytes(content)
    assert run(str(path), "--language", "en", "--json") == 2
    captured = capsys.readouterr()
    assert captured.err.startswith(f"plenary: {path}") and captured.out == ""
    assert not Strategy.objects.exists()


def test_a_file_above_the_limit_is_refused(file, capsys, monkeypatch):
    monkeypatch.setenv("PLENARY_UPLOAD_LIMIT", "50")
    assert run(str(file), "--language", "en", "--dry-run") == 2
    assert "larger than 50 bytes" in capsys.readouterr().err


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_refused(file, capsys):
    file.chmod(0)
    assert run(str(file), "--language", "en", "--dry-run") == 2
    assert "cannot be read" in capsys.readouterr().err
