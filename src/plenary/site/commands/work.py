from __future__ import annotations

import argparse
import sys

NAME = "work"
HELP = "Do what waits in the background: analyses, notices. `plenary serve` starts this too."


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--once", action="store_true", help="do what waits now, then end")


def run(args: argparse.Namespace) -> int:
    import django

    django.setup()
    from plenary.site.in_use import InUse
    from plenary.site.worker import work

    try:
        return work(once=args.once)
    except InUse as error:
        print(f"plenary: {error}", file=sys.stderr)
        return 1
