"""``plenary``: the console command. Each command is a module in ``site/commands`` with NAME, HELP, configure, run."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType

from plenary import __version__
from plenary.site import environment

COMMANDS = (
    "serve",
    "demo",
    "migrate",
    "import_strategy",
    "import_polis",
    "analyze",
    "verify",
    "backup",
    "restore",
    "check",
    "create_account",
    "reset_second_factor",
    "work",
    "manage",
)

DONE, FAILED, WRONG_INPUT = 0, 1, 2
# They change nothing of an installation, or bring their own: no home and no keys are made for them.
ONLY_LOOK = ("backup", "check", "restore", "verify")
# They write what is meant for others: figures, pages, source.
WRITE_FOR_OTHERS = ("analyze", "manage", "verify")

DESCRIPTION = """\
Plenary runs a strategy as a living document:
publish → listen → understand → decide → deliver → account → revise.

New here? `plenary demo` sets up an example on this machine and prints the address to open."""

EPILOG = """\
Data lives in PLENARY_HOME (default: the user's data directory). Settings come from the
environment or from PLENARY_HOME/.env; docs/settings.md describes every one.
Exit codes: 0 done, 1 failed, 2 wrong input or usage."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser, commands = build_parser()
    args = parser.parse_args(arguments)
    if args.command is None:
        parser.print_help()
        return WRONG_INPUT
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "plenary.site.settings")
    environment.only_looks = args.command in ONLY_LOOK
    former = None if args.command in WRITE_FOR_OTHERS else os.umask(0o077)
    try:
        code: int = commands[args.command].run(args)
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return FAILED
    except BrokenPipeError:  # «plenary … | head» is no failure
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 — stays open until the interpreter has flushed it
        return DONE
    except Exception as error:
        if type(error).__name__ != "SettingsError":
            raise
        print(f"plenary: {error}", file=sys.stderr)
        return WRONG_INPUT
    finally:
        environment.only_looks = False
        if former is not None:
            os.umask(former)
    return code


def build_parser() -> tuple[argparse.ArgumentParser, dict[str, ModuleType]]:
    parser = argparse.ArgumentParser(
        prog="plenary",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"plenary {__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    commands = {}
    for name in COMMANDS:
        module = import_module(f"plenary.site.commands.{name}")
        subparser = subparsers.add_parser(
            module.NAME,
            help=module.HELP,
            description=module.HELP,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.configure(subparser)
        commands[module.NAME] = module
    return parser, commands
