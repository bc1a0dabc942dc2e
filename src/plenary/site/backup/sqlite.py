"""SQLite: copied by its own backup interface, which gives one moment of the database while others write to it."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from django.db import connection

from . import Contents, Refusal
from .moves import Moves

BESIDE = ("", "-wal", "-shm", "-journal")


def save(target: Path) -> Contents:
    """Copy the database as it is at one moment into a file that stands alone."""
    connection.ensure_connection()
    with closing(sqlite3.connect(target)) as copy:
        connection.connection.backup(copy)  # all pages in one step: one moment, and no writer waits for it
        copy.execute("PRAGMA journal_mode=DELETE")
    target.chmod(0o600)
    return contents(target)


def contents(path: Path) -> Contents:
    """Migrations and number of rows of every table."""
    with closing(sqlite3.connect(path)) as database:
        names = [
            name
            for (name,) in database.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~'"
            )
        ]
        quoted = {name: '"' + name.replace('"', '""') + '"' for name in names}
        return {
            "server": 0,
            "migrations": [
                list(row)
                for row in database.execute("SELECT app, name FROM django_migrations ORDER BY app, name")
            ],
            "rows": {
                name: database.execute(f"SELECT count(*) FROM {quoted[name]}").fetchone()[0]  # noqa: S608
                for name in sorted(names)
            },
        }


def check(staged: Path, server: int) -> None:
    """Is the unpacked database whole?"""
    with closing(sqlite3.connect(staged)) as database:
        found = [row[0] for row in database.execute("PRAGMA integrity_check")]
        astray = database.execute("PRAGMA foreign_key_check").fetchall()
    if found != ["ok"] or astray:
        raise Refusal(
            f"The database in the backup is not consistent ({found[0]}; {len(astray)} rows lead nowhere)."
        )


def is_occupied() -> bool:
    """Whether there is a database with a table. One that cannot be read counts as one; none is made by looking."""
    path = Path(connection.settings_dict["NAME"])
    if not path.exists() or not path.stat().st_size:
        return False
    try:
        with closing(sqlite3.connect(path)) as database:
            return bool(database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
    except sqlite3.Error:
        return True


def refuse_if_in_use() -> None:
    """Servers and workers of this home hold its lock; there is nobody else."""


def put_in_place(staged: Path, stamp: str) -> Moves:
    """Move the database that is there aside, and the restored one to its place."""
    path = Path(connection.settings_dict["NAME"])
    waiting = path.with_name(f".{path.name}.{os.getpid()}.restored")
    try:
        shutil.move(staged, waiting)  # copies where the database is on another disk than the home
        moves = Moves(path.parent / f"former-{stamp}")
        try:
            for ending in BESIDE:
                moves.aside(path.with_name(path.name + ending))
            moves.into_place(waiting, path)
        except BaseException:
            moves.undo()
            raise
    finally:
        waiting.unlink(missing_ok=True)
    return moves


def restored() -> Contents:
    """What the database in place holds."""
    return contents(Path(connection.settings_dict["NAME"]))


def former(stamp: str) -> str:
    """Where the former database is, and how to be rid of it."""
    path = Path(connection.settings_dict["NAME"]).parent / f"former-{stamp}"
    return f"The former database is in {path}; remove that folder when you no longer need it."
