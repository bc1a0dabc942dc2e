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
    from plenary.site.database import place
    from plenary.site.deployment import faults, unsafe_settings

    found = [*faults(), *(f"Unsafe: {advice}" for advice in (unsafe_settings() if args.deploy else []))]
    if not found:
        print(f"In order: {place()}.")
        return 0
    print(f"To mend in {place()}:", *(f"- {each}" for each in found), sep="\n", file=sys.stderr)
    return 1
