"""A backup is restored into an empty home and compared, table by table, on the database under test."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tarfile
import time
from contextlib import closing
from pathlib import Path

import pytest

from plenary.site.backup import postgresql

pytestmark = pytest.mark.own_database
ADDRESS = os.environ.get("PLENARY_TEST_DATABASE_URL", "")
STRATEGY = Path(__file__).parents[1] / "demo/strategy.en.md"


class Installation:
    """A home and a database of their own, worked on by the commands as an operator does it."""

    def __init__(self, home: Path, model: Installation | None = None) -> None:
        self.home = home
        if model:
            shutil.copytree(model.home, home)
        else:
            home.mkdir(parents=True)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PLENARY_")}
        self.environment = kept | {
            "PLENARY_HOME": str(home),
            "DJANGO_SETTINGS_MODULE": "tests.hurried",  # nobody pulls the plug here
            "PYTHONPATH": str(Path(__file__).parents[4]),
        }
        if ADDRESS:
            import psycopg

            self.name = f"plenary_{time.time_ns()}"
            copied = f" TEMPLATE {model.name}" if model else ""
            with psycopg.connect(ADDRESS, autocommit=True) as database:
                database.execute(f"CREATE DATABASE {self.name}{copied}")
            self.database = ADDRESS.replace("/postgres?", f"/{self.name}?")
            self.environment["PLENARY_DATABASE_URL"] = self.database

    def run(self, *arguments: str, **options) -> subprocess.CompletedProcess[str]:
        environment = self.environment | options.pop("environment", {})
        return subprocess.run(
            [sys.executable, "-m", "plenary.site", *arguments],
            env=environment, capture_output=True, text=True, umask=0o022, **options,
        )  # fmt: skip

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "plenary.site", *arguments],
            env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    def tables(self) -> dict[str, list]:
        """Every row of every table."""
        if ADDRESS:
            import psycopg

            with psycopg.connect(self.database) as database:
                names = [name for (name,) in database.execute(postgresql.ROWS).fetchall()]
                rows = {name: database.execute(f'SELECT * FROM public."{name}"').fetchall() for name in names}
        else:
            with closing(sqlite3.connect(self.home / "plenary.sqlite3")) as database:
                query = "SELECT name FROM sqlite_master WHERE type = 'table'"
                names = [name for (name,) in database.execute(query).fetchall()]
                rows = {name: database.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}
        return {name: sorted(map(repr, found)) for name, found in rows.items()}

    def execute(self, statement: str) -> None:
        if ADDRESS:
            import psycopg

            with psycopg.connect(self.database) as database:
                database.execute(statement)
        else:
            with closing(sqlite3.connect(self.home / "plenary.sqlite3")) as database, database:
                database.execute(statement)

    def files(self) -> dict[str, bytes]:
        """What lies in the home, without database, lock and backups."""
        return {
            path.relative_to(self.home).as_posix(): path.read_bytes()
            for path in sorted(self.home.rglob("*"))
            if path.is_file() and "sqlite3" not in path.name and path.suffix not in (".lock", ".gz")
        }


@pytest.fixture(scope="module")
def full(tmp_path_factory) -> Installation:
    """An installation with a strategy, an account and an upload."""
    made = Installation(tmp_path_factory.mktemp("full") / "home")
    assert made.run("import-strategy", str(STRATEGY), "--language", "en").returncode == 0
    account = ["create-account", "ada@example.org", "--organization", "Ministry", "--password-stdin"]
    assert made.run(*account, input="a long quiet password\n").returncode == 0
    (made.home / "uploads/2026").mkdir(parents=True)
    (made.home / "uploads/2026/photo.bin").write_bytes(bytes(range(256)))
    (made.home / ".env").write_text("PLENARY_LANGUAGE=fr\n")
    return made


@pytest.fixture(scope="module")
def backup(full) -> Path:
    path = full.home.parent / "backup.tar.gz"
    done = full.run("backup", str(path))
    assert done.returncode == 0, done.stderr
    assert "keep it as secret as the server" in done.stdout
    return path


@pytest.fixture
def empty(tmp_path) -> Installation:
    return Installation(tmp_path / "home")


@pytest.fixture(scope="module")
def untouched(tmp_path_factory) -> Installation:
    """An empty one that every test leaves so."""
    return Installation(tmp_path_factory.mktemp("untouched") / "home")


def make_another(home: Path, model: Installation) -> Installation:
    """Another installation, that differs."""
    made = Installation(home, model)
    made.execute(
        "UPDATE django_content_type SET model = 'of the former' WHERE app_label = 'records' AND model = 'text'"
    )
    (made.home / "keys/secret").write_text("the former secret, long enough to be one")
    return made


@pytest.fixture
def occupied(full, tmp_path) -> Installation:
    return make_another(tmp_path / "occupied", full)


@pytest.fixture(scope="module")
def kept(full, tmp_path_factory) -> Installation:
    """Another installation, which every test leaves as it is."""
    return make_another(tmp_path_factory.mktemp("kept") / "home", full)


def rewritten(backup: Path, target: Path, change) -> Path:
    """The backup with its members changed by ``change(name, content)``, packed again."""
    with tarfile.open(backup) as old, tarfile.open(target, "w:gz") as new:
        for entry in old:
            content = change(entry.name, old.extractfile(entry).read())
            if content is not None:
                (target.parent / "member").write_bytes(content)
                new.add(target.parent / "member", entry.name)
    return target


def relisted(**facts):
    """A change of facts in the manifest."""

    def change(name, content):
        return json.dumps(json.loads(content) | facts).encode() if name == "manifest.json" else content

    return change


def test_a_backup_restored_into_an_empty_home_is_the_same_installation(full, backup, empty):
    before = full.tables()
    assert sum(map(len, before.values())) > 200
    done = empty.run("restore", str(backup))
    assert done.returncode == 0, done.stderr
    assert empty.tables() == before
    assert {name: content for name, content in empty.files().items() if name != ".env.from-backup"} == {
        name: content for name, content in full.files().items() if name != ".env"
    }
    assert (empty.home / ".env.from-backup").read_text() == "PLENARY_LANGUAGE=fr\n"
    assert ".env.from-backup" in done.stdout
    assert not list(empty.home.glob("former-*")) and not list(empty.home.glob(".restoring*"))
    assert empty.run("check").returncode == 0
    again = empty.run("backup", str(backup.with_name(f"again-{time.time_ns()}.tar.gz")))
    assert again.returncode == 0, again.stderr
    assert f"Restored into {empty.home}" in done.stdout
    assert f"Backed up {empty.home}" in again.stdout


def test_what_commands_make_is_read_by_its_owner_alone(full):
    made = [path for path in full.home.iterdir() if path.name not in (".env", "uploads")]
    assert "keys" in {path.name for path in made}
    made += (full.home / "keys").iterdir()
    assert [path for path in made if path.stat().st_mode & 0o077] == []


def test_only_its_owner_reads_a_backup(backup):
    assert backup.stat().st_mode & 0o777 == 0o600
    assert [path for path in backup.parent.iterdir() if path.name.startswith(".")] == []


def test_keys_of_the_environment_are_in_the_backup(full, tmp_path, empty):
    path = tmp_path / "backup.tar.gz"
    keys = {"PLENARY_SECRET_KEY": "s" * 60, "PLENARY_TOKEN_KEY": "t" * 60}
    assert full.run("backup", str(path), environment=keys).returncode == 0
    told = empty.run("restore", str(path), environment={"PLENARY_TOKEN_KEY": "another"})
    assert told.returncode == 0, told.stderr
    assert (empty.home / "keys/secret").read_text() == "s" * 60
    assert "PLENARY_TOKEN_KEY is set, and is not the key of the backup" in told.stdout


def test_a_dry_run_checks_and_changes_nothing(backup, kept):
    before = kept.tables(), kept.files()
    done = kept.run("restore", str(backup), "--dry-run")
    assert done.returncode == 0 and "is whole" in done.stdout
    assert (kept.tables(), kept.files()) == before


def test_what_is_there_is_not_overwritten_and_kept_aside_when_replaced(full, backup, occupied):
    former = occupied.tables(), occupied.files()
    refused = occupied.run("restore", str(backup))
    assert refused.returncode == 2 and "--replace" in refused.stderr
    assert (occupied.tables(), occupied.files()) == former
    done = occupied.run("restore", str(backup), "--replace")
    assert done.returncode == 0, done.stderr
    assert occupied.tables() == full.tables() != former[0]
    (aside,) = occupied.home.glob("former-*")
    assert (aside / "keys/secret").read_bytes() == former[1]["keys/secret"]
    assert aside.name in done.stdout
    query = "SELECT count(*) FROM {}django_content_type WHERE model = 'of the former'"
    if ADDRESS:
        import psycopg

        with psycopg.connect(occupied.database) as database:
            kept = database.execute(query.format(f"{aside.name.replace('-', '_')}.")).fetchone()
    else:
        with closing(sqlite3.connect(aside / "plenary.sqlite3")) as database:
            kept = database.execute(query.format("")).fetchone()
    assert kept == (1,)


@pytest.mark.parametrize("damage", ["cut", "bit", "member", "stranger", "missing", "empty", "text"])
def test_a_damaged_backup_is_refused_and_nothing_is_changed(backup, untouched, tmp_path, damage):
    data, path = backup.read_bytes(), tmp_path / "damaged.tar.gz"
    middle = len(data) // 2
    if damage in ("cut", "bit", "empty", "text"):
        path.write_bytes(
            {
                "cut": data[:-20],
                "bit": data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :],
                "empty": b"",
                "text": b"no backup at all",
            }[damage]
        )
    elif damage == "member":
        rewritten(
            backup, path, lambda name, content: content[:-1] + b"!" if name.startswith("uploads") else content
        )
    elif damage == "missing":
        rewritten(backup, path, lambda name, content: None if name.startswith("uploads") else content)
    else:
        rewritten(backup, path, lambda name, content: content)
        (tmp_path / "evil").write_text("evil")
        with tarfile.open(backup) as old, tarfile.open(path, "w:gz") as new:
            for entry in old:
                new.addfile(entry, old.extractfile(entry))
            new.add(tmp_path / "evil", "../evil")
    done = untouched.run("restore", str(path))
    assert done.returncode == 2
    assert "damaged or no backup" in done.stderr and "Traceback" not in done.stderr
    assert untouched.files() == {} and not (untouched.home / "plenary.sqlite3").exists()


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"format": 2}, "format 2"),
        ({"migrations": [["records", "0999_of_next_year"]], "version": "9.0"}, "made by Plenary 9.0"),
        ({"vendor": "oracle"}, "is of oracle"),
        ({"rows": {"records_record": 1}}, "differs from the backup"),
    ],
)
def test_a_backup_that_does_not_fit_is_refused_and_everything_stays(backup, kept, tmp_path, facts, told):
    before = kept.tables(), kept.files()
    path = rewritten(backup, tmp_path / "other.tar.gz", relisted(**facts))
    done = kept.run("restore", str(path), "--replace")
    assert done.returncode == 2
    assert told in done.stderr
    assert (kept.tables(), kept.files()) == before


def test_an_older_backup_is_brought_up_to_date(occupied, empty, tmp_path):
    back = occupied.run("manage", "migrate", "django_tasks_database", "0020", "--verbosity", "0")
    assert back.returncode == 0, back.stderr
    older = tmp_path / "older.tar.gz"
    assert occupied.run("backup", str(older)).returncode == 0
    told = occupied.run("migrate")
    assert told.returncode == 0 and f"Bringing {occupied.home}" in told.stdout
    done = empty.run("restore", str(older))
    assert done.returncode == 0, done.stderr
    assert "older than this version" in done.stdout
    assert empty.run("check").returncode == 0


def limit_file_size():
    """A full disk, as far as a process can tell: no file grows past this."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))


def test_a_full_disk_leaves_nothing_that_looks_whole(full, backup, empty, tmp_path):
    done = full.run("backup", str(tmp_path / "backup.tar.gz"), preexec_fn=limit_file_size)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["home"]
    refused = empty.run("restore", str(backup), preexec_fn=limit_file_size)
    assert refused.returncode in (1, 2) and "nothing was changed" in refused.stderr.lower()
    assert empty.files() == {}
    assert not list(empty.home.glob(".restoring*"))


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_killed_backup_leaves_nothing_that_looks_whole(full, empty, tmp_path, how):
    folder = tmp_path / "backups"
    folder.mkdir()
    noise = full.home / "uploads/large.bin"
    noise.write_bytes(os.urandom(60_000_000))  # seconds of packing
    try:
        process = full.start("backup", str(folder / "backup.tar.gz"))
        until = time.monotonic() + 60
        while not list(folder.glob(".*.part")) and time.monotonic() < until:
            time.sleep(0.01)
        process.send_signal(how)
        process.communicate(timeout=60)
    finally:
        noise.unlink()
    assert process.returncode != 0
    assert not (folder / "backup.tar.gz").exists()
    left = list(folder.glob(".*.part"))
    if how == signal.SIGTERM:
        assert list(folder.iterdir()) == []
    else:
        assert left and empty.run("restore", str(left[0])).returncode == 2


def test_nothing_is_restored_under_a_running_worker(backup, occupied):
    worker = occupied.start("work")
    try:
        until = time.monotonic() + 60
        while not (occupied.home / "worker-alive").exists() and time.monotonic() < until:
            time.sleep(0.1)
        refused = occupied.run("restore", str(backup), "--replace")
        assert refused.returncode == 2 and "Stop `plenary serve`" in refused.stderr
    finally:
        worker.terminate()
        worker.communicate(timeout=60)
    assert occupied.run("restore", str(backup), "--replace").returncode == 0


def test_an_existing_file_is_never_written_over(full, backup):
    before = backup.read_bytes()
    done = full.run("backup", str(backup))
    assert done.returncode == 1 and "is there already" in done.stderr
    assert backup.read_bytes() == before


def test_an_empty_installation_has_nothing_to_back_up(empty, tmp_path):
    assert empty.run("check").returncode == 1
    assert list(empty.home.iterdir()) == [], "looking makes nothing"
    if not ADDRESS:
        empty.execute("PRAGMA user_version = 1")  # a database, without a table
    done = empty.run("backup")
    assert done.returncode == 1
    assert f"nothing to back up in {empty.home}: the database is empty. Set PLENARY_HOME" in done.stderr
    assert {path.suffix for path in empty.home.iterdir()} <= {".sqlite3"}


def test_a_home_that_is_not_there_is_named_and_not_made(empty, backup, tmp_path):
    empty.home.rmdir()
    told = empty.run("backup")
    assert told.returncode == 1
    assert f"There is nothing to back up in {empty.home}: there is no such folder." in told.stderr
    told = empty.run("check")
    assert told.returncode == 1 and told.stdout == ""
    assert str(empty.home) in told.stderr and "no such folder" in told.stderr
    told = empty.run("restore", str(tmp_path / "missing.tar.gz"))
    assert told.returncode == 2 and "There is no file" in told.stderr
    told = empty.run("restore", str(backup), "--dry-run")
    assert told.returncode == 0 and f"Nothing was changed in {empty.home}" in told.stdout
    assert not empty.home.exists()


def test_a_backup_that_is_not_there_is_said_before_what_is(kept, tmp_path):
    done = kept.run("restore", str(tmp_path / "missing.tar.gz"))
    assert done.returncode == 2 and "There is no file" in done.stderr


def test_a_key_that_is_nowhere_is_not_made_up(occupied, empty, tmp_path):
    (occupied.home / "keys/factors").unlink()
    done = occupied.run("backup", str(tmp_path / "backup.tar.gz"))
    assert done.returncode == 0 and "without PLENARY_FACTOR_KEY" in done.stdout
    assert empty.run("restore", str(tmp_path / "backup.tar.gz")).returncode == 0
    assert {path.name for path in (empty.home / "keys").iterdir()} == {"secret", "tokens"}


@pytest.mark.skipif(not ADDRESS, reason="only PostgreSQL has tools that may be missing")
def test_missing_tools_are_named_with_their_package(full, tmp_path, monkeypatch):
    monkeypatch.setattr(postgresql, "Path", lambda _: tmp_path)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(postgresql.Refusal, match=r"needs pg_dump of PostgreSQL 15 .* postgresql-client-15"):
        postgresql._tool("pg_dump", 15)


@pytest.mark.skipif(not ADDRESS, reason="only PostgreSQL serves other machines")
def test_nothing_is_restored_under_a_server_elsewhere(backup, empty):
    import psycopg

    with psycopg.connect(empty.database):
        refused = empty.run("restore", str(backup))
    assert refused.returncode == 2 and "1 other connections" in refused.stderr
