from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

NAME = "backup"
HELP = "Write the database, keys, uploads and settings into one file, while the server goes on serving."
EPILOG = """\
examples:
  plenary backup
      writes PLENARY_HOME/backups/plenary-DATE-TIME.tar.gz
  plenary backup /mnt/elsewhere/plenary.tar.gz

The file holds the keys and everything that people entrusted to the installation: keep it as secret as the server.
On PostgreSQL this needs pg_dump, of the server's version or newer."""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EPILOG
    parser.add_argument(
        "file", metavar="FILE", nargs="?", type=Path, help="the file to write; must not exist yet"
    )


def run(args: argparse.Namespace) -> int:
    import django

    django.setup()
    from django.utils import timezone

    from plenary.site.backup import Refusal
    from plenary.site.backup.saving import save
    from plenary.site.database import place

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # leave no draft behind
    try:
        target, manifest, told = save(args.file and args.file.absolute(), now=timezone.now())
    except Refusal as error:
        print(f"plenary backup: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"plenary backup: nothing was written ({error.strerror or error}).", file=sys.stderr)
        return 1
    rows = sum(manifest.rows.values())
    print(f"Backed up {place()}")
    print(f"to {target}: {target.stat().st_size:,} bytes, {len(manifest.rows)} tables, {rows:,} rows.")
    for line in told:
        print(line)
    print("It holds the keys and everything that people entrusted: keep it as secret as the server.")
    return 0
