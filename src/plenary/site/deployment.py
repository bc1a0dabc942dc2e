"""What is wrong with an installation, and what would be unsafe on a public server; each with what mends it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks
from django.db import Error, connection

from plenary.site import database

LOCAL = {"localhost", "127.0.0.1", "[::1]", "::1", ""}
LITTLE_ROOM = 1_000_000_000  # bytes; an analysis, a backup and SQLite's log need room beside the data
SHORTEST_KEY = 40


def faults() -> list[str]:
    """What keeps the installation from serving; none where all is in order. Makes no file."""
    found = [
        " ".join(filter(None, (message.msg, message.hint)))
        for message in checks.run_checks()
        if message.is_serious(checks.WARNING) and not message.is_silenced()
    ]
    home = Path(settings.PLENARY_HOME)
    if not home.is_dir():
        found.append(
            "There is no such folder. Set PLENARY_HOME to the installation's, or make it: plenary migrate"
        )
    try:
        if database.is_empty():
            if home.is_dir():
                found.append("The database is empty. Run: plenary migrate")
        elif pending := database.pending_migrations():
            found.append(
                f"The database is {pending} migrations behind this version. Back it up, then run: plenary migrate"
            )
    except Error as error:
        found.append(f"The database does not answer ({str(error).strip()}). Look at PLENARY_DATABASE_URL.")
    return found


def unsafe_settings(given: Mapping[str, Any] | None = None) -> list[str]:
    """One sentence for each danger; none where all is in order. ``given`` is Django's dictionary of a database."""
    given = given or connection.settings_dict
    return [*_of_the_web(), *_of_mail(), *_of_the_database(given), *_of_files(given)]


def _of_the_web() -> Iterator[str]:
    if settings.DEBUG:
        yield "PLENARY_DEBUG=true shows the program's inside to visitors. Set it to false."
    if not settings.PLENARY_HTTPS:
        yield (
            "cookies and forms travel unencrypted. Put a proxy with TLS in front, which sets X-Forwarded-Proto, "
            "and set PLENARY_HTTPS=true."
        )
    if set(settings.ALLOWED_HOSTS) <= LOCAL:
        yield "the server answers under no public name. Set PLENARY_ALLOWED_HOSTS to it."
    if any(host == "*" or host.startswith(".") for host in settings.ALLOWED_HOSTS):
        yield "the server answers under names that are not its own. Set PLENARY_ALLOWED_HOSTS to its own."
    if unencrypted := [
        origin for origin in settings.CSRF_TRUSTED_ORIGINS if not origin.startswith("https://")
    ]:
        yield f"PLENARY_TRUSTED_ORIGINS trusts {unencrypted[0]}, which is not encrypted. Use https:// there."
    keys = {
        "PLENARY_SECRET_KEY": settings.SECRET_KEY,
        "PLENARY_TOKEN_KEY": settings.PLENARY_TOKEN_KEY,
        "PLENARY_FACTOR_KEY": settings.PLENARY_FACTOR_KEY,
    }
    for name, key in keys.items():
        if len(key) < SHORTEST_KEY:
            yield (
                f"{name} is shorter than {SHORTEST_KEY} characters and can be guessed. Remove it, and a good one is "
                "made and kept in PLENARY_HOME/keys; or set a longer one."
            )
    if len(set(keys.values())) < len(keys):
        yield "PLENARY_SECRET_KEY, PLENARY_TOKEN_KEY and PLENARY_FACTOR_KEY are not all different. Give each its own."


def _of_mail() -> Iterator[str]:
    if settings.EMAIL_BACKEND.rpartition(".")[0].rpartition(".")[2] in (
        "console",
        "dummy",
        "filebased",
        "locmem",
    ):
        yield (
            "mail is printed or thrown away instead of sent, with the links in it. Set the mail server "
            "(docs/settings.md, PLENARY_EMAIL_URL)."
        )
    elif settings.EMAIL_HOST not in LOCAL and not (settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL):
        yield f"mail travels unencrypted to {settings.EMAIL_HOST}. Use TLS in PLENARY_EMAIL_URL (docs/settings.md)."


def _of_the_database(given: Mapping[str, Any]) -> Iterator[str]:
    if given["ENGINE"].endswith("postgresql"):
        host, mode = given["HOST"], given["OPTIONS"].get("sslmode", "")
        if (
            host not in LOCAL
            and not host.startswith("/")
            and mode not in ("verify-full", "verify-ca", "require")
        ):
            yield (
                f"the database on {host} may be spoken to unencrypted. Add ?sslmode=verify-full to "
                "PLENARY_DATABASE_URL (or require, which does not check whom it speaks to)."
            )


def _of_files(given: Mapping[str, Any]) -> Iterator[str]:
    home = Path(settings.PLENARY_HOME)
    if not home.is_dir():
        return
    if (home / "demonstration-password").exists():
        yield "this is the demonstration, with accounts whose names everybody knows. Use another PLENARY_HOME."
    is_open = home.stat().st_mode & 0o001
    secrets = [home / ".env", *sorted((home / "keys").glob("*")), *sorted((home / "backups").glob("*"))]
    if given["ENGINE"].endswith("sqlite3"):
        secrets.append(Path(given["NAME"]))
    for path in secrets:
        if not is_open and home in path.parents:
            continue  # nobody else comes as far as the file
        if path.is_file() and path.stat().st_mode & 0o007:
            yield f"{path} can be read by every account of this machine. Run: chmod o-rwx {path}"
    free = shutil.disk_usage(home).free
    if free < LITTLE_ROOM:
        yield f"the disk of PLENARY_HOME has only {free // 1_000_000:,} MB left. Make room, or move PLENARY_HOME."
