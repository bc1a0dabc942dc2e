from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

NAME = "restore"
HELP = "Make this installation the one in a backup; what is there is never overwritten."
EPILOG = """\
examples:
  plenary restore backup.tar.gz --dry-run
      checks the file, every byte of it; changes nothing
  plenary restore backup.tar.gz
      into an empty installation
  plenary restore backup.tar.gz --replace
      moves what is there aside first, and says where it is

Stop the server first. On PostgreSQL this needs pg_restore and psql, of the server's version or newer."""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EPILOG
    parser.add_argument("file", metavar="FILE", type=Path, help="what `plenary backup` wrote")
    parser.add_argument(
        "--replace", action="store_true", help="move what is there aside, where the installation is not empty"
    )
    parser.add_argument(
        "--erasures",
        metavar="LIST",
        type=Path,
        help="the newest erasures.jsonl, where it is not in the home already: erase again what it names",
    )
    parser.add_argument("--dry-run", action="store_true", help="check the file; change nothing")


def run(args: argparse.Namespace) -> int:
    import django

    django.setup()
    from django.utils import timezone

    from plenary.site.backup import Refusal
    from plenary.site.backup.restoring import examine, restore
    from plenary.site.database import place

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # put back what was moved
    try:
        if args.dry_run:
            manifest = examine(args.file)
            rows = sum(manifest.rows.values())
            print(
                f"{args.file} is whole: {len(manifest.rows)} tables, {rows:,} rows, made {manifest.made_at}"
            )
            print(f"by Plenary {manifest.version} on {manifest.vendor}. Nothing was changed in {place()}.")
            return 0
        if args.erasures is not None and not args.erasures.is_file():
            raise Refusal(f"There is no file {args.erasures}.")
        told = restore(args.file, replace=args.replace, now=timezone.now(), beside=args.erasures)
    except Refusal as error:
        print(f"plenary restore: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"plenary restore: nothing was changed ({error.strerror or error}).", file=sys.stderr)
        return 1
    print(f"Restored into {place()}, and compared with the backup table by table.")
    print("\n".join([*told, "Now start it: plenary serve"]))
    return 0
