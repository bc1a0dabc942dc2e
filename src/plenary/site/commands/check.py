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
    from django.db import OperationalError, connection

    from plenary.site.database import pending_migrations
    from plenary.site.deployment import unsafe_settings

    try:
        call_command("check", fail_level="ERROR")
    except SystemCheckError as error:
        print(error, file=sys.stderr)
        return 1
    try:
        pending = pending_migrations()
    except OperationalError as error:
        print(f"The database does not answer ({error}). Look at PLENARY_DATABASE_URL.", file=sys.stderr)
        return 1
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
