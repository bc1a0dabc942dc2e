from __future__ import annotations

import argparse
import sys

NAME = "check"
HELP = "Check the installation: settings, database, migrations; with --deploy also what is unsafe in public."


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--deploy", action="store_true", help="also explain what is unsafe on a public server"
    )


def run(args: argparse.Namespace) -> int:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.core.management.base import SystemCheckError
    from django.db import connection

    from plenary.site.database import pending_migrations

    try:
        call_command("check", fail_level="ERROR")
    except SystemCheckError as error:
        print(error, file=sys.stderr)
        return 1
    pending = pending_migrations()
    if pending:
        print(
            f"The database is {pending} migrations behind this version. Run: plenary migrate", file=sys.stderr
        )
        return 1
    unsafe = unsafe_settings() if args.deploy else []
    for advice in unsafe:
        print(f"unsafe: {advice}", file=sys.stderr)
    if unsafe:
        return 1
    print(f"In order. Data in {settings.PLENARY_HOME}, database {connection.vendor}.")
    return 0


def unsafe_settings() -> list[str]:
    """What would be unsafe on a public server, each with the setting that mends it."""
    from django.conf import settings

    found = []
    if settings.DEBUG:
        found.append("PLENARY_DEBUG=true shows the program's inside to visitors. Set it to false.")
    if not settings.PLENARY_HTTPS:
        found.append(
            "cookies and forms travel unencrypted. Put a proxy with TLS in front, which sets X-Forwarded-Proto, "
            "and set PLENARY_HTTPS=true."
        )
    if set(settings.ALLOWED_HOSTS) <= {"localhost", "127.0.0.1", "[::1]"}:
        found.append("the server answers under no public name. Set PLENARY_ALLOWED_HOSTS to it.")
    if "*" in settings.ALLOWED_HOSTS:
        found.append("the server answers under any name. Set PLENARY_ALLOWED_HOSTS to its own.")
    if (settings.PLENARY_HOME / "demonstration-password").exists():
        found.append(
            "this is the demonstration, with accounts whose names everybody knows. Use another PLENARY_HOME."
        )
    return found
