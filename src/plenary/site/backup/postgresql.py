"""PostgreSQL: dumped and restored by its own tools, of one moment and in one transaction."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from django.db import connection

from . import Contents, Refusal

ROWS = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind = 'r' ORDER BY c.relname
"""
OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
EXTENSIONS = """
SELECT e.extname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE n.nspname = %s
"""


def save(target: Path) -> Contents:
    """Dump the database as it is at one moment. Nobody waits for it but those who change tables."""
    import psycopg

    with psycopg.connect(**_parameters()) as database:
        database.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        (snapshot,) = _one(database.execute("SELECT pg_export_snapshot()"))
        found = _contents(database)
        _run(
            "pg_dump", found["server"], "--format=custom", "--no-owner", "--no-privileges", "--no-comments",
            "--schema=public", "--extension=*", f"--snapshot={snapshot}", f"--file={target}",
        )  # fmt: skip
    target.chmod(0o600)
    return found


def _contents(database: Any) -> Contents:
    from psycopg import sql

    names = [name for (name,) in database.execute(ROWS).fetchall()]
    counts = {
        name: _one(database.execute(sql.SQL("SELECT count(*) FROM public.{}").format(sql.Identifier(name))))
        for name in names
    }
    return {
        "server": database.info.server_version // 10000,
        "migrations": [
            list(row)
            for row in database.execute(
                "SELECT app, name FROM django_migrations ORDER BY app, name"
            ).fetchall()
        ],
        "rows": {name: count for name, (count,) in counts.items()},
    }


def check(staged: Path, server: int) -> None:
    """Can this machine's tools and this server take the dump?"""
    import psycopg

    with psycopg.connect(**_parameters()) as database:
        here = database.info.server_version // 10000
    if here < server:
        raise Refusal(
            f"The backup is of PostgreSQL {server}, and the server is {here}. Restore it on {server} or newer."
        )
    _run("pg_restore", here, "--list", str(staged), connects=False)
    _tool("psql", here)


def is_occupied() -> bool:
    """Whether there is a table."""
    import psycopg

    with psycopg.connect(**_parameters()) as database:
        return bool(database.execute(ROWS).fetchone())


def refuse_if_in_use() -> None:
    """Servers and workers on other machines hold connections."""
    import psycopg

    connection.close()
    with psycopg.connect(**_parameters()) as database:
        (others,) = _one(database.execute(OTHERS))
    if others:
        raise Refusal(
            f"The database is in use: {others} other connections. Stop every server and worker first, "
            "then restore again."
        )


def put_in_place(staged: Path, stamp: str) -> _Schema:
    """Rename what is there, and restore beside it, in one transaction: a failure or a kill leaves all as it was."""
    import psycopg
    from psycopg import sql

    schema = f"former_{stamp}"
    with psycopg.connect(**_parameters()) as database:
        here = database.info.server_version // 10000
        extensions = [name for (name,) in database.execute(EXTENSIONS, ["public"]).fetchall()]
        first = [
            sql.SQL("ALTER SCHEMA public RENAME TO {}").format(sql.Identifier(schema)),
            sql.SQL("CREATE SCHEMA public"),
            # An extension exists once in a database: it goes where the tables are that need it.
            *(
                sql.SQL("ALTER EXTENSION {} SET SCHEMA public").format(sql.Identifier(name))
                for name in extensions
            ),
        ]
        preamble = "".join(f"{statement.as_string(database)};\n" for statement in first)
    before, script = staged.with_suffix(".before.sql"), staged.with_suffix(".sql")
    before.write_text(preamble, "utf-8")
    # Some versions list the schema itself, others do not; the preamble makes it.
    listed, wanted = staged.with_suffix(".all.list"), staged.with_suffix(".list")
    _run("pg_restore", here, "--list", f"--file={listed}", str(staged), connects=False)
    lines = listed.read_text("utf-8").splitlines(keepends=True)
    wanted.write_text("".join(line for line in lines if " SCHEMA - public " not in line), "utf-8")
    _run(
        "pg_restore", here, "--no-owner", "--no-privileges", "--no-comments", f"--use-list={wanted}",
        f"--file={script}", str(staged), connects=False,
    )  # fmt: skip
    _run(
        "psql", here, "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--single-transaction",
        f"--file={before}", f"--file={script}",
    )  # fmt: skip
    return _Schema(schema)


class _Schema:
    """The schema that holds what was there before."""

    def __init__(self, name: str) -> None:
        self.name = name

    def undo(self) -> None:
        import psycopg
        from psycopg import sql

        with psycopg.connect(**_parameters()) as database:
            extensions = [name for (name,) in database.execute(EXTENSIONS, ["public"]).fetchall()]
            former = sql.Identifier(self.name)
            for name in extensions:
                database.execute(
                    sql.SQL("ALTER EXTENSION {} SET SCHEMA {}").format(sql.Identifier(name), former)
                )
            database.execute("DROP SCHEMA public CASCADE")
            database.execute(sql.SQL("ALTER SCHEMA {} RENAME TO public").format(former))

    def forget(self) -> None:
        """Remove what was there before: nothing but an empty schema."""
        import psycopg
        from psycopg import sql

        with psycopg.connect(**_parameters()) as database:
            database.execute(sql.SQL("DROP SCHEMA {}").format(sql.Identifier(self.name)))


def restored() -> Contents:
    """What the database in place holds."""
    import psycopg

    with psycopg.connect(**_parameters()) as database:
        return _contents(database)


def former(stamp: str) -> str:
    """Where the former database is, and how to be rid of it."""
    return (
        f"The former tables are in the schema former_{stamp}; when you no longer need them: "
        f"DROP SCHEMA former_{stamp} CASCADE"
    )


def _one(cursor: Any) -> tuple[Any, ...]:
    row: tuple[Any, ...] = cursor.fetchone()
    return row


def _parameters() -> dict[str, Any]:
    """How to connect, as libpq knows it."""
    given = connection.settings_dict
    named = {
        "dbname": given["NAME"], "user": given["USER"], "password": given["PASSWORD"],
        "host": given["HOST"], "port": given["PORT"],
    }  # fmt: skip
    return {name: str(value) for name, value in (named | given["OPTIONS"]).items() if value}


def _run(tool: str, server: int, *arguments: str, connects: bool = True) -> None:
    """Run a tool of PostgreSQL; the password goes by the environment, which other users cannot read."""
    from psycopg.conninfo import make_conninfo

    environment, target = os.environ.copy(), []
    if connects:
        parameters = _parameters()
        environment["PGPASSWORD"] = parameters.pop("password", "")
        target = ["--dbname", make_conninfo("", **parameters)]
    done = subprocess.run(
        [_tool(tool, server), *target, *arguments],
        env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"{tool} failed"]
        raise Refusal(f"{lines[0]}\nNothing was changed.")


def _tool(name: str, server: int) -> str:
    """The path of the oldest tool that is at least of the server's version: newer ones write what it may not know."""
    places = [shutil.which(name), *Path("/usr/lib/postgresql").glob(f"*/bin/{name}")]
    found: dict[int, str] = {}
    for path in filter(None, places):
        told = subprocess.run([str(path), "--version"], capture_output=True, text=True, check=False).stdout
        if version := re.search(r"\) (\d+)", told):
            found.setdefault(int(version.group(1)), str(path))
    fitting = [version for version in sorted(found) if version >= server]
    if fitting:
        return found[fitting[0]]
    there = f"the one here is of version {max(found)}" if found else "it is not here"
    raise Refusal(
        f"This needs {name} of PostgreSQL {server} or newer, and {there}. "
        f"Install it (Debian: apt-get install postgresql-client-{server})."
    )
