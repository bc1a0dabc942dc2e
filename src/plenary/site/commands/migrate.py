from __future__ import annotations

import argparse
import sys

NAME = "migrate"
HELP = "Prepare the database, or bring it up to this version. Safe to run again."


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--quiet", action="store_true", help="print nothing")


def run(args: argparse.Namespace) -> int:
    import django

    django.setup()
    from django.db import OperationalError

    from plenary.site import database

    try:
        pending = database.pending_migrations()
        if pending and not args.quiet:
            print(f"Bringing {database.place()} up to this version: {pending} migrations…", flush=True)
        database.set_up()
    except OperationalError as error:
        print(
            f"plenary migrate: the database of {database.place()} does not answer ({error}).", file=sys.stderr
        )
        return 1
    if not args.quiet:
        print("Done." if pending else f"{database.place()} is of this version already.")
    return 0
