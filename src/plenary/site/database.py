"""Is the database ready for this version? Every command that needs it asks here first."""

from __future__ import annotations

import sys

from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor


def pending_migrations() -> int:
    """How many migrations the database is behind this version."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def is_ready() -> bool:
    """Whether commands may go on. An empty database is set up; an older one is left alone, and it is said why not."""
    try:
        if not connection.introspection.table_names():
            call_command("migrate", interactive=False, verbosity=0)
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
