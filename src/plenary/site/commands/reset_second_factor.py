from __future__ import annotations

import argparse
import sys

NAME = "reset-second-factor"
HELP = (
    "Remove an account's authenticator app, passkeys and recovery codes, so that its password alone opens it."
)
EPILOG = """\
example:
  plenary reset-second-factor ada@example.org

For somebody who lost the telephone and the recovery codes, or after keys/factors was lost. Make sure first
that it is that person who asks. She signs in with her password, or asks for a new one, and sets up a new app."""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EPILOG
    parser.add_argument("email")


def run(args: argparse.Namespace) -> int:
    import django

    django.setup()
    from plenary.people.actions import reset_second_factor
    from plenary.people.queries import get_account
    from plenary.site.database import is_ready

    if not is_ready():
        return 1
    user = get_account(args.email)
    if user is None:
        print(f"plenary: There is no account {args.email}.", file=sys.stderr)
        return 2
    if reset_second_factor(user=user):
        print(f"Account {args.email} is opened by its password alone until a new second step is set up.")
    else:
        print(f"Account {args.email} has no second step; nothing was changed.")
    return 0
