from __future__ import annotations

import argparse

NAME = "manage"
HELP = "Run one of Django's own commands (makemigrations, shell, dbshell…): plenary manage COMMAND …"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="the command and its arguments")


def run(args: argparse.Namespace) -> int:
    from django.core.management import execute_from_command_line

    execute_from_command_line(["plenary manage", *args.arguments])
    return 0
