"""Is the database ready for this version? Every command that needs it asks here first."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder


def place() -> str:
    """The home and the database that a command acts on, in words."""
    given = connection.settings_dict
    elsewhere = f" {given['NAME']} on {given['HOST'] or 'this machine'}"
    return (
        f"{settings.PLENARY_HOME} (database: {connection.display_name}"
        f"{elsewhere if connection.vendor == 'postgresql' else ''})"
    )


def is_empty() -> bool:
    """Whether there is no table yet. SQLite makes a file for whoever connects; none is made here."""
    if connection.vendor == "sqlite" and connection.connection is None:
        path = Path(connection.settings_dict["NAME"])
        if not path.exists() or not path.stat().st_size:
            return True
    return not connection.introspection.table_names()


def pending_migrations() -> int:
    """How many migrations the database is behind this version."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


@cache
def known_migrations() -> frozenset[tuple[str, str]]:
    """Every migration of this version, as app and name."""
    return frozenset(MigrationLoader(None).disk_migrations)


def applied_migrations() -> set[tuple[str, str]]:
    """Every migration that the database has seen. Empty where there is no table of them."""
    return set(MigrationRecorder(connection).applied_migrations())


def is_current() -> bool:
    """Whether the database is of this version. Two queries."""
    return known_migrations() <= applied_migrations()


def set_up() -> None:
    """Make or update the tables. For an empty SQLite file, which has nothing to lose, the disk is not waited
    for after every step.
    """
    is_hurried = connection.vendor == "sqlite" and not connection.introspection.table_names()
    if is_hurried:
        _set_synchronous("OFF")
    call_command("migrate", interactive=False, verbosity=0)
    if is_hurried:
        _set_synchronous("FULL")


def _set_synchronous(value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA synchronous={value}")
        cursor.execute("PRAGMA wal_checkpoint")  # with FULL, this brings everything to the disk


def is_ready() -> bool:
    """Whether commands may go on. An empty database is set up; an older one is left alone, and it is said why not."""
    try:
        if not connection.introspection.table_names():
            set_up()
        pending = pending_migrations()
    except OperationalError as error:
        print(f"plenary: the database does not answer ({error}).", file=sys.stderr)
        return False
    if pending:
        print(
            "plenary: the database is older than this version. Back it up, then run: plenary migrate",
            file=sys.stderr,
        )
    return not pending
