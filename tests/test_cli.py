from __future__ import annotations

import io

import pytest

from plenary.people.models import User
from plenary.site.cli import COMMANDS, build_parser, main


def test_help_teaches_every_command(capsys):
    _parser, commands = build_parser()
    assert len(commands) == len(COMMANDS)
    for module in commands.values():
        assert module.HELP.endswith((".", "…")), module.NAME
    assert main([]) == 2
    assert "plenary demo" in capsys.readouterr().out


def test_wrong_usage_is_exit_code_2():
    for arguments in (
        ["no-such-command"],
        ["serve", "--port", "0"],
        ["serve", "--port", "x"],
        ["import-strategy"],
    ):
        with pytest.raises(SystemExit) as stopped:
            main(arguments)
        assert stopped.value.code == 2, arguments


@pytest.mark.django_db
def test_the_first_administrator(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO("a long quiet password\n"))
    arguments = ["create-account", "Ada@example.org", "--organization", "Ministry", "--password-stdin"]
    assert main(arguments) == 0
    user = User.objects.get(email="ada@example.org")
    assert user.has_role("administrator") and user.check_password("a long quiet password")
    assert main(arguments) == 2
    assert "already" in capsys.readouterr().err


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "password", "message"),
    [
        (["not-an-address"], "a long quiet password", "valid"),
        (["ada@example.org"], "1234", "short"),
        (["ada@example.org", "--role", "king"], "a long quiet password", "no role 'king'"),
    ],
)
def test_an_account_that_cannot_be_is_refused_before_anything_is_written(
    arguments, password, message, monkeypatch, capsys
):
    monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))
    assert main(["create-account", *arguments, "--organization", "Ministry", "--password-stdin"]) == 2
    assert message in capsys.readouterr().err
    assert not User.objects.exists()


def test_a_wrong_setting_stops_the_start_and_names_itself(tmp_path):
    import os
    import subprocess
    import sys

    environment = {**os.environ, "PLENARY_HOME": str(tmp_path), "PLENARY_DEBUG": "perhaps"}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    done = subprocess.run(
        [sys.executable, "-m", "plenary.site", "check"], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "PLENARY_DEBUG is 'perhaps'" in done.stderr and "Traceback" not in done.stderr


def test_a_home_where_nothing_can_be_written_is_named(tmp_path):
    import os
    import subprocess
    import sys

    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    environment = {**os.environ, "PLENARY_HOME": str(blocked / "home")}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    done = subprocess.run(
        [sys.executable, "-m", "plenary.site", "migrate"], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "PLENARY_HOME is" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.django_db
def test_what_is_unsafe_in_public_is_said_with_the_setting_that_mends_it(capsys):
    assert main(["check", "--deploy"]) == 1
    told = capsys.readouterr()
    assert "PLENARY_HTTPS=true" in told.err and told.out == ""


@pytest.mark.django_db
def test_everything_that_is_wrong_is_in_one_list(monkeypatch, capsys):
    monkeypatch.setattr("plenary.site.database.pending_migrations", lambda: 3)
    assert main(["check", "--deploy"]) == 1
    told = capsys.readouterr()
    head, *rest = told.err.splitlines()
    assert told.out == "" and head.startswith("To mend in /")
    assert all(line.startswith("- ") for line in rest)
    assert "3 migrations behind" in rest[0] and "PLENARY_HTTPS=true" in told.err


@pytest.mark.django_db
def test_one_line_where_all_is_well(capsys):
    assert main(["check"]) == 0
    told = capsys.readouterr()
    assert told.err == "" and told.out.startswith("In order: /") and told.out.count("\n") == 1
    assert main(["migrate"]) == 0
    assert "of this version already" in capsys.readouterr().out
