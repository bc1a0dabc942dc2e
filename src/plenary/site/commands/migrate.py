from __future__ import annotations

import argparse

NAME = "migrate"
HELP = "Prepare the database, or bring it up to this version. Safe to run again."


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--quiet", action="store_true", help="print nothing")


def run(args: argparse.Namespace) -> int:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", interactive=False, verbosity=0 if args.quiet else 1)
    return 0
