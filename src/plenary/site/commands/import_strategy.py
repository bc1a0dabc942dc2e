from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from plenary.strategy.parsing import ParsedClause, ParsedStrategy

NAME = "import-strategy"
HELP = "Read a strategy (Markdown or plain text) into clauses, as Version 1 of a new strategy."
EPILOG = """\
examples:
  plenary import-strategy strategy.md --language en --dry-run
      shows what would be read, and what was doubtful; writes nothing and needs no database
  plenary import-strategy strategy.zh.txt --language zh --adopted-on 2018-09-01
  plenary import-strategy strategy.md --language en --dry-run --json > tree.json

The same file again is recognized by its hash and not imported twice."""

_SHOWN_DOUBTS = 40


class Unreadable(Exception):
    """The file cannot be opened as one; the message says what to do."""


class NotReady(Exception):
    """The database cannot take the strategy yet."""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EPILOG
    parser.add_argument(
        "file", metavar="FILE", help="Markdown or plain text, UTF-8 or another common encoding"
    )
    parser.add_argument(
        "--language", required=True, metavar="TAG", help="language of the text, as in en, zh or pt-BR"
    )
    parser.add_argument(
        "--adopted-on", metavar="DATE", help="day of adoption, as in 2026-03-01 (default: today)"
    )
    parser.add_argument("--dry-run", action="store_true", help="show what would be read; write nothing")
    parser.add_argument(
        "--json", action="store_true", help="print the tree and the doubts as JSON, nothing else"
    )


def run(args: argparse.Namespace) -> int:
    from plenary.kit.languages import is_language_tag
    from plenary.strategy.parsing import StrategyFormatError, parse_strategy

    if not is_language_tag(args.language):
        return _fail(f"--language {args.language!r} is no language tag. Use one such as en, zh or pt-BR.")
    try:
        adopted_on = date.fromisoformat(args.adopted_on) if args.adopted_on else None
    except ValueError:
        return _fail(f"--adopted-on {args.adopted_on!r} is no date. Write it as in 2026-03-01.")
    if adopted_on and adopted_on > date.today():
        return _fail(
            f"--adopted-on {args.adopted_on} is in the future. Import the strategy once it is adopted."
        )
    limit = _upload_limit(args.dry_run)
    try:
        content = _read(Path(args.file), limit)
        parsed = parse_strategy(content, language=args.language, name=Path(args.file).name, max_bytes=limit)
    except Unreadable as error:
        return _fail(f"{args.file}: {error}")
    except StrategyFormatError as error:
        return _fail(_place(args.file, error.line, error.column) + f": {error.message}")
    written: dict[str, Any] = {}
    if not args.dry_run:
        try:
            written = _write(parsed, content, Path(args.file).name, adopted_on)
        except NotReady as error:
            print(f"plenary: {error}", file=sys.stderr)
            return 1
    if args.json:
        _print_json(parsed, written)
    else:
        _print_summary(parsed, args.file)
        print(_outcome(written, args.dry_run))
    return 0


def _fail(message: str) -> int:
    print(f"plenary: {message}", file=sys.stderr)
    return 2


def _place(file: str, line: int | None, column: int | None) -> str:
    return (
        file
        + (f", line {line}" if line is not None else "")
        + (f", column {column}" if column is not None else "")
    )


def _upload_limit(is_dry_run: bool) -> int:
    """The setting. A dry run asks the environment itself: loading the settings makes folders and keys."""
    if is_dry_run:
        from plenary.site.environment import Environment, default_home

        home = Path(os.environ.get("PLENARY_HOME") or default_home(os.environ)).expanduser()
        return Environment(os.environ, home / ".env").integer("PLENARY_UPLOAD_LIMIT", 5_000_000)
    from django.conf import settings

    limit: int = settings.PLENARY_UPLOAD_LIMIT
    return limit


def _read(path: Path, limit: int) -> bytes:
    try:
        if path.is_dir():
            raise Unreadable("this is a folder. Name the file itself.")
        with path.open("rb") as file:
            content = file.read(limit + 1)
    except FileNotFoundError:
        raise Unreadable("there is no such file. Check the path.") from None
    except OSError as error:
        raise Unreadable(f"cannot be read ({error.strerror}). Check the permissions.") from None
    if len(content) > limit:
        raise Unreadable(
            f"is larger than {limit:,} bytes, the limit. Split it, or raise PLENARY_UPLOAD_LIMIT."
        )
    return content


def _write(parsed: ParsedStrategy, content: bytes, name: str, adopted_on: date | None) -> dict[str, Any]:
    import django

    django.setup()
    from django.db import DatabaseError
    from django.utils import timezone

    from plenary.site.database import is_ready
    from plenary.strategy.actions import AlreadyImported, import_strategy

    if not is_ready():
        raise NotReady("nothing was written.")
    now = timezone.now()
    try:
        version = import_strategy(
            parsed=parsed,
            sha256=hashlib.sha256(content).hexdigest(),
            file_name=name,
            by=None,
            now=now,
            adopted_on=adopted_on or timezone.localdate(now),
        )
    except AlreadyImported as known:
        return {"strategy": known.strategy.reference, "already_imported": True}
    except DatabaseError as error:
        raise NotReady(f"the database did not take it ({error}). Nothing was written.") from error
    return {"strategy": version.strategy.reference, "version": version.reference, "already_imported": False}


def _print_json(parsed: ParsedStrategy, written: dict[str, Any]) -> None:
    from plenary.strategy.parsing import to_json

    print(json.dumps(written | to_json(parsed), ensure_ascii=False, indent=2))
    if written.get("already_imported"):
        print(f"plenary: {_outcome(written, False)}", file=sys.stderr)


def _outcome(written: dict[str, Any], is_dry_run: bool) -> str:
    if is_dry_run:
        return "Dry run: nothing was written. Leave out --dry-run to import."
    if written["already_imported"]:
        return f"This file was imported already: it is {written['strategy']}. Nothing was written."
    return f"Imported as {written['strategy']}, Version 1 ({written['version']})."


def _print_summary(parsed: ParsedStrategy, file: str) -> None:
    counts = parsed.statistics
    edition = f" ({parsed.edition})" if parsed.edition else ""
    print(f"{parsed.title}{edition}")
    print(f"{file}: {counts.lines} lines, {counts.characters} characters, language {parsed.language}\n")
    kinds = ("goals", "principles", "commitments", "sections", "paragraphs")
    print(", ".join(_counted(getattr(counts, kind), kind) for kind in kinds) + "\n")
    for clause in parsed.clauses:
        _print_outline(clause, 0)
    _print_occurrences(parsed)
    _print_doubts(parsed)


def _counted(count: int, plural: str) -> str:
    return f"{count} {plural.removesuffix('s') if count == 1 else plural}"


def _print_outline(clause: ParsedClause, depth: int) -> None:
    """Everything but plain paragraphs, which are counted."""
    if clause.kind != "paragraph":
        number = f"{clause.number} " if clause.number else ""
        print(f"{'  ' * depth}{clause.ref:<4} {number}{clause.heading}")
    paragraphs = [child for child in clause.children if child.kind == "paragraph"]
    if paragraphs:
        first, last = paragraphs[0].ref, paragraphs[-1].ref
        span = first if first == last else f"{first} to {last}"
        print(f"{'  ' * (depth + 1)}{_counted(len(paragraphs), 'paragraphs')} ({span})")
    for child in clause.children:
        _print_outline(child, depth + 1)


def _print_occurrences(parsed: ParsedStrategy) -> None:
    if not parsed.occurrences:
        return
    print("\nRepeated elsewhere; the fullest text is the clause's, the other places are linked to it:")
    for found in parsed.occurrences:
        variant = f", there called “{found.variant_title}”" if found.variant_title else ""
        print(f"  {found.of:<4} in {found.within}, line {found.line}{variant}")


def _print_doubts(parsed: ParsedStrategy) -> None:
    print(f"\n{_counted(len(parsed.doubts), 'doubts')}{': please look' if parsed.doubts else ''}")
    for doubt in parsed.doubts[:_SHOWN_DOUBTS]:
        print(f"  line {doubt.line}: {doubt.message}")
    if len(parsed.doubts) > _SHOWN_DOUBTS:
        print(f"  … and {len(parsed.doubts) - _SHOWN_DOUBTS} more: see --json")
    print()
