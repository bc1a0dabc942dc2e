from __future__ import annotations

import argparse

NAME = "migrate"
HELP = "Prepare the database, or bring it up to this version. Safe to run again."


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--quiet", action="store_true", help="print nothing")


def run(args: argparse.Namespace) -> int:
    import django

    django.setup()
    from plenary.site import database

    database.set_up(is_quiet=args.quiet)
    return 0
