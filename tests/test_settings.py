from __future__ import annotations

import pytest

from plenary.site.environment import Environment, SettingsError, database_from_url, kept_secret


def test_booleans_are_strict():
    assert Environment({"A": "Yes"}).boolean("A", False) is True
    assert Environment({"A": "off"}).boolean("A", True) is False
    assert Environment({}).boolean("A", True) is True
    with pytest.raises(SettingsError, match="A is 'maybe', but it must be true or false"):
        Environment({"A": "maybe"}).boolean("A", True)


def test_numbers_are_strict():
    assert Environment({"A": " 12 "}).integer("A", 1) == 12
    with pytest.raises(SettingsError, match="whole number"):
        Environment({"A": "12MB"}).integer("A", 1)


def test_a_word_is_one_of_those_that_are_known():
    words = ("plain", "json")
    assert Environment({"A": "JSON"}).choice("A", "plain", words) == "json"
    assert Environment({}).choice("A", "plain", words) == "plain"
    with pytest.raises(SettingsError, match="A is 'xml', but it must be one of plain, json"):
        Environment({"A": "xml"}).choice("A", "plain", words)


def test_the_environment_wins_over_the_file(tmp_path):
    dotenv = tmp_path / ".env"
    dotenv.write_text("# ours\nA=file\nexport B='two words'\n", "utf-8")
    env = Environment({"A": "environment"}, dotenv)
    assert (env.text("A"), env.text("B")) == ("environment", "two words")
    dotenv.write_text("just words\n", "utf-8")
    with pytest.raises(SettingsError, match="line 1"):
        Environment({}, dotenv)


def test_database_addresses(tmp_path):
    settings = database_from_url("postgresql://ann:p%40ss@db.example:5433/plenary?sslmode=require", tmp_path)
    assert (settings["NAME"], settings["PASSWORD"], settings["PORT"]) == ("plenary", "p@ss", "5433")
    assert settings["OPTIONS"] == {"connect_timeout": "5", "sslmode": "require"}
    assert database_from_url("", tmp_path)["NAME"] == str(tmp_path / "plenary.sqlite3")
    for wrong in ("mysql://x/y", "postgresql://host", "nonsense"):
        with pytest.raises(SettingsError, match="PLENARY_DATABASE_URL"):
            database_from_url(wrong, tmp_path)


def test_a_secret_is_made_once_and_only_its_owner_reads_it(tmp_path):
    path = tmp_path / "keys" / "secret"
    first = kept_secret(path)
    assert len(first) > 40 and kept_secret(path) == first
    assert path.stat().st_mode & 0o077 == 0
    assert list(path.parent.iterdir()) == [path]


def test_tests_never_touch_an_installation(settings):
    assert "plenary-tests-" in str(settings.PLENARY_HOME)
    assert "immediate" in settings.TASKS["default"]["BACKEND"]
