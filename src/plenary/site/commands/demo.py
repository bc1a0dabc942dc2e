from __future__ import annotations

import argparse
import os

from plenary.site.commands import serve

NAME = "demo"
HELP = "Set up the demonstration (a fictional institution's strategy over a year), then serve it."
EPILOG = """\
What you enter is kept: the demonstration is loaded once. To begin again, remove the folder that is printed."""


def configure(parser: argparse.ArgumentParser) -> None:
    serve.configure(parser)
    parser.epilog = EPILOG
    parser.add_argument("--no-serve", action="store_true", help="set up only; do not serve")


def run(args: argparse.Namespace) -> int:
    import django

    os.environ.setdefault("PLENARY_LOG_LEVEL", "warning")  # the accounts and the address stay in sight
    os.environ.setdefault("PLENARY_URL", serve.address_of(args.host, args.port))  # where its mails lead
    django.setup()
    from django.conf import settings

    from plenary.site import database, server
    from plenary.site.demo.loader import accounts, load_once

    database.set_up()
    password = load_once()
    if not args.no_serve and server.prepare(args.host, args.port):
        return 1
    print(f"Demonstration data in {settings.PLENARY_HOME}")
    print(f"Fictional accounts, all with the password «{password}»:")
    for email, role in accounts():
        print(f"  {email:<28} {role}")
    print(f"\nOpen {serve.address_of(args.host, args.port)}", flush=True)
    if args.no_serve:
        return 0
    return server.serve(host=args.host, port=args.port, workers=args.workers)
