"""A whole installation in one file, and back: ``saving``, ``restoring``, the file's form in ``archive``."""

from __future__ import annotations

import sqlite3
from typing import TypedDict


class Refusal(Exception):
    """The backup or the installation is not such that this can be done; nothing was changed. The message says why."""


class Contents(TypedDict):
    """What a database holds, so that a restored one can be compared with it."""

    server: int
    """Major version of the PostgreSQL server; 0 for SQLite."""
    migrations: list[list[str]]
    rows: dict[str, int]


def database_errors() -> tuple[type[Exception], ...]:
    """What the database's own driver raises, underneath Django."""
    from django.db import Error

    try:
        import psycopg
    except ImportError:
        return (Error, sqlite3.Error)
    return (Error, sqlite3.Error, psycopg.Error)


# What of PLENARY_HOME is the installation's own, beside the database: files or folders.
KEPT = ("keys", "uploads", "demonstration-password")
# Where each key is kept, and the setting that may give it instead.
KEYS = {"secret": "PLENARY_SECRET_KEY", "tokens": "PLENARY_TOKEN_KEY", "factors": "PLENARY_FACTOR_KEY"}
SETTINGS_FILE = ".env"
# The list of what was erased goes with the backup, and is never replaced by an older one.
ERASURES = "erasures.jsonl"
