"""``plenary analyze``: votes from a file to groups, findings and pictures. Needs no database."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable
from contextlib import contextmanager
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..analyze_usage import check_place, check_usage, language, strange_to

if TYPE_CHECKING:
    from collections.abc import Iterator

    from opinion import Attributes, Margins, Result, Statement, Votes
    from opinion.polis import PolisExport
    from opinion.repeats import Repeats

NAME = "analyze"
HELP = "Find what people share and what divides them, from a file of votes. Needs no database."

DESCRIPTION = """\
Reads votes, finds groups of people who vote alike (or that there are none), what they share and what divides them,
and prints a short summary. With --json, --html or --svg it writes files instead. No database is needed.

The votes are a CSV file with the columns participant_id, statement_id and vote (1 agree, -1 disagree, 0 pass), and
optionally timestamp_ms, a Parquet file or folder with the same columns, or the folder of a Polis export (comments.csv
with votes.csv or participant-votes.csv).
"""

EPILOG = """\
examples:
  plenary analyze votes.csv
      print a summary
  plenary analyze votes.csv --statements statements.csv --html report.html
      write a report with the texts of the statements (columns statement_id and text)
  plenary analyze polis-export/ --json result.json --svg map.svg
      read a Polis export, write all figures and the opinion map
  plenary analyze polis-export/ --sign agree=-1
      say that -1 means agree in this export, where the counts in comments.csv cannot tell
  plenary analyze votes.csv --attributes people.csv --margins margins.csv --json result.json
      see every finding by what people said about themselves (participant_id and a column per attribute), small counts
      hidden, and set rates weighted to known shares (attribute, category, share) beside the raw ones

exit codes: 0 done, 1 failed, 2 wrong input or usage. On wrong input every bad line is listed and nothing is written;
--skip-bad leaves the bad lines out and says which.
"""
LISTED = 50
SUPPRESSED_BELOW = 5
REPEATS_LISTED = 5


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.description = DESCRIPTION
    parser.epilog = EPILOG
    parser.usage = "%(prog)s VOTES.csv|VOTES.parquet|FOLDER [options]"
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument(
        "votes",
        metavar="VOTES.csv|VOTES.parquet|FOLDER",
        type=Path,
        help="votes, a folder of Parquet files, or a Polis export folder",
    )
    parser.add_argument("--statements", metavar="COMMENTS.csv", type=Path, help="texts of the statements")
    parser.add_argument(
        "--mode",
        choices=["plenary", "polis"],
        default="plenary",
        help="plenary (default): missing votes are missing, there may be no groups; polis: as Polis does it",
    )
    parser.add_argument(
        "--cold",
        action="store_true",
        help="with --mode polis: compute once from all votes, even if there are times to go through the past by",
    )
    parser.add_argument(
        "--seed", metavar="N", type=_seed, default=0, help="start of the random numbers (default 0)"
    )
    parser.add_argument(
        "--sign",
        choices=["agree=+1", "agree=1", "agree=-1"],
        metavar="agree=+1|agree=-1",
        help="which number means agree in a Polis export (default: by counts)",
    )
    parser.add_argument(
        "--slate",
        metavar="K",
        type=_positive,
        help="choose K statements that represent everyone in proportion, and check the choice",
    )
    parser.add_argument(
        "--shortlist",
        metavar="N",
        type=_positive,
        help="choose N statements for a final round, by rates and not by numbers of agrees",
    )
    parser.add_argument(
        "--exposure",
        metavar="SEEN.csv",
        type=Path,
        help="what people saw beside what they voted on: participant_id,statement_id[,times]",
    )
    parser.add_argument(
        "--integrity",
        action="store_true",
        help="look for participants who act as one, and say what moves without them; uses times if there are any",
    )
    parser.add_argument(
        "--attributes",
        metavar="PEOPLE.csv",
        type=Path,
        help="what people said about themselves: participant_id and a column per attribute, empty = not said",
    )
    parser.add_argument(
        "--margins",
        metavar="MARGINS.csv",
        type=Path,
        help="known shares (attribute, category, share): weighted rates beside the raw ones; with --attributes",
    )
    parser.add_argument(
        "--cross",
        nargs=2,
        metavar="ATTRIBUTE",
        help="see two attributes crossed instead of each alone; with --attributes",
    )
    parser.add_argument(
        "--suppress-below",
        metavar="N",
        type=_threshold,
        help="hide counts of fewer people, and what would tell them (default 5, at least 3); with --attributes",
    )
    parser.add_argument(
        "--lens",
        choices=["all", "findings"],
        help="statements seen by attribute: those of findings (default), or all, which tells more about single people "
        "where rows of votes are published; with --attributes",
    )
    parser.add_argument(
        "--previous",
        metavar="RESULT.json",
        type=Path,
        help="an earlier result of the same conversation: letters of groups and directions of the map follow it, who "
        "belongs together does not",
    )
    parser.add_argument("--skip-bad", action="store_true", help="leave bad lines out and say which")
    parser.add_argument(
        "--themes",
        action="store_true",
        help="find what the statements are about, from their texts",
    )
    parser.add_argument(
        "--language",
        metavar="TAG",
        type=language,
        default="en",
        help="language of the statements, for the report (default en)",
    )
    parser.add_argument(
        "--title", metavar="TEXT", help="title of the report (default: the topic of the export, or the file)"
    )
    parser.add_argument("--json", metavar="OUT", type=Path, help="write all figures as JSON")
    parser.add_argument("--html", metavar="OUT", type=Path, help="write a report that stands alone")
    parser.add_argument("--svg", metavar="OUT", type=Path, help="write the opinion map")
    parser.add_argument(
        "--picture",
        metavar="map|plot|A|B|…",
        help="what --svg writes instead: plot (consensus and division), or what marks a group, by its letter",
    )


def run(args: argparse.Namespace) -> int:
    """Analyse, then print or write. Returns the exit code."""
    from opinion import InputError, analyze

    outputs = [path for path in (args.json, args.html, args.svg) if path is not None]
    try:
        check_usage(args)
        _check_outputs(outputs, _inputs(args))
        previous = _read_previous(args.previous)
        votes, statements, title = _read(args)
        _report_notes(*strange_to(previous, args.previous, votes))
        times = _past(args, votes)
        people = _read_people(args, votes)
        with _progress("Analysing") as progress:
            result = analyze(
                votes,
                mode=args.mode,
                seed=args.seed,
                statements=statements,
                previous=previous,
                progress=progress,
                times=times,
            )
        result = result.with_sections(**_sections(args, votes, statements, result))
        result = result.with_sections(**_people_sections(args, votes, result, people))
        _check_picture(args, result)
    except InputError as error:
        print(f"plenary analyze: the input cannot be used.\n{error.describe(LISTED)}", file=sys.stderr)
        if _is_about_lines(error, args):
            print("Nothing was written. --skip-bad leaves bad lines out and says which.", file=sys.stderr)
        return 2
    texts = {statement.id: statement.text for statement in statements or ()}
    try:
        _write_all(args, result, texts, title)
    except OSError as error:
        print(f"plenary analyze: cannot write {error.filename}: {error.strerror}.", file=sys.stderr)
        return 1
    if not outputs:
        from opinion.report import summary_lines

        print("\n".join(summary_lines(result, texts)))
    return 0


def _past(args: argparse.Namespace, votes: Votes) -> Any:
    """Times of the votes where the compatible mode is to use them; none if there are none."""
    from opinion import InputError
    from opinion.integrity import read_times

    if args.mode != "polis":
        if args.cold:
            raise InputError("--cold is for --mode polis; the default mode does not look at times.")
        return None
    return None if args.cold else read_times(args.votes, votes, sign=args.sign)


def _sections(
    args: argparse.Namespace, votes: Votes, statements: tuple[Statement, ...] | None, result: Result
) -> dict[str, Any]:
    """What was asked for beside the analysis itself, by its name in the JSON."""
    sections: dict[str, Any] = {}
    if args.slate is not None or args.shortlist is not None or args.exposure is not None:
        sections |= _choices(args, votes, statements, result)
    if args.integrity:
        from opinion.integrity import find_signals, read_times

        times = read_times(args.votes, votes, sign=args.sign)
        sections["integrity"] = find_signals(votes, result, times, statements=statements, seed=args.seed)
    if args.themes:
        sections["themes"] = _themes(args, votes, statements, result)
    return sections


def _choices(
    args: argparse.Namespace, votes: Votes, statements: tuple[Statement, ...] | None, result: Result
) -> dict[str, Any]:
    """A slate, a shortlist, and always how far unequal exposure may be behind them."""
    from opinion.exposure import exposure
    from opinion.seen import read_seen
    from opinion.shortlist import shortlist
    from opinion.slate import slate

    seen = None
    if args.exposure is not None:
        known = None if statements is None else {statement.id for statement in statements}
        file = read_seen(args.exposure, known=known, skip_bad=args.skip_bad)
        _report_skipped(file.skipped)
        seen = file.seen
    about: dict[str, Any] = {"statements": statements, "groups": result.participants.group}
    sections: dict[str, Any] = {}
    if args.slate is not None:
        marks = None if seen is None else seen.marks(votes)
        sections["slate"] = slate(votes, args.slate, seen=marks, **about)
    if args.shortlist is not None:
        sections["shortlist"] = shortlist(votes, args.shortlist, **about)
    sections["exposure"] = exposure(votes, seen=seen, statements=statements)
    return sections


def _check_picture(args: argparse.Namespace, result: Result) -> None:
    from opinion import InputError

    letters = [group.letter for group in result.groups] if result.k > 1 else []
    if args.picture not in (None, "map", "plot", *letters):
        known = ", ".join(letters) if letters else "there are no distinct groups here"
        raise InputError(f"--picture {args.picture}: map, plot or a group was expected ({known}).")


def _picture(args: argparse.Namespace, result: Result, texts: dict[str, str]) -> str:
    from opinion.report import english_map, english_plot, english_profile

    if args.picture in (None, "map"):
        return english_map(result)
    if args.picture == "plot":
        return english_plot(result)
    group = next(group.index for group in result.groups if group.letter == args.picture)
    return english_profile(result, group, texts)


def _themes(
    args: argparse.Namespace, votes: Votes, statements: tuple[Statement, ...] | None, result: Result
) -> Any:
    from opinion import InputError
    from opinion.text import find_themes, texts_of, with_votes

    texts, languages = texts_of(statements or ())
    if not any(texts.values()):
        raise InputError("--themes needs the texts of the statements; give them with --statements.")
    themes = find_themes(texts, languages=languages, seed=args.seed)
    return with_votes(themes, votes, result)


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 on")
    return int(text)


def _read_people(args: argparse.Namespace, votes: Votes) -> tuple[Attributes, Margins | None] | None:
    """What people said and known shares, both found usable before the work begins."""
    from opinion import InputError, rake, read_attributes, read_margins

    if args.attributes is None:
        given = {
            "margins": args.margins,
            "cross": args.cross,
            "suppress-below": args.suppress_below,
            "lens": args.lens,
        }
        needy = [f"--{name}" for name, value in given.items() if value is not None]
        if needy:
            raise InputError(f"{', '.join(needy)}: what people said is missing; give it with --attributes.")
        return None
    file = read_attributes(args.attributes, votes, skip_bad=args.skip_bad)
    _report_skipped(file.skipped)
    margins = None if args.margins is None else read_margins(args.margins)
    _report_notes(*file.notes, *(margins.notes if margins is not None else ()))
    if args.cross:
        file.attributes.cross(*args.cross)
    if margins is not None:
        rake(file.attributes, margins, least=args.suppress_below or SUPPRESSED_BELOW)
    return file.attributes, margins


def _people_sections(
    args: argparse.Namespace, votes: Votes, result: Result, people: tuple[Attributes, Margins | None] | None
) -> dict[str, Any]:
    """The sections ``lens`` and ``weights``."""
    from opinion import make_lens, make_weights

    if people is None:
        return {}
    attributes, margins = people
    lens = make_lens(
        votes,
        attributes,
        result,
        threshold=args.suppress_below or SUPPRESSED_BELOW,
        cross=tuple(args.cross) if args.cross else None,
        only_findings=args.lens != "all",
    )
    if margins is None:
        return {"lens": lens}
    return {"lens": lens, "weights": make_weights(votes, attributes, margins, lens)}


def _threshold(text: str) -> int:
    from opinion.suppression import LEAST_THRESHOLD

    if not (text.isascii() and text.isdigit() and int(text) >= LEAST_THRESHOLD):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {LEAST_THRESHOLD} on")
    return int(text)


def _seed(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 on")
    return int(text)


def _is_about_lines(error: Any, args: argparse.Namespace) -> bool:
    """Whether --skip-bad would help: it leaves out lines of every file but that of the margins."""
    return any(
        ((problem.line or 0) > 1 or problem.row is not None)
        and not (args.margins is not None and problem.file == str(args.margins))
        for problem in error.problems
    )


def _inputs(args: argparse.Namespace) -> list[Path]:
    """The files that may be read, those of an export folder included."""
    votes = list(args.votes.iterdir()) if args.votes.is_dir() else [args.votes]
    given = (args.statements, args.attributes, args.margins, args.exposure, args.previous)
    return [path for path in (*votes, *given) if path is not None and path.is_file()]


def _read_previous(path: Path | None) -> bytes | None:
    """An earlier result, looked at before the work."""
    from opinion import InputError, Problem

    if path is None:
        return None
    try:
        data = path.read_bytes()
        found = json.loads(data)
    except OSError as error:
        message = f"the earlier result cannot be read ({error.strerror})."
        raise InputError(Problem(str(path), None, None, message)) from None
    except ValueError:
        found = None
    if not isinstance(found, dict) or not {"statements", "axes"} <= found.keys():
        message = "this is no earlier result; what plenary analyze --json wrote was expected."
        raise InputError(Problem(str(path), None, None, message))
    return data


def _is_same(one: Path, other: Path) -> bool:
    if one.exists() and other.exists():
        return one.samefile(other)
    return one.resolve() == other.resolve()


def _check_outputs(outputs: list[Path], inputs: list[Path]) -> None:
    """Refuse before the work what would fail after it."""
    from opinion import InputError, Problem

    problems = []
    for path in outputs:
        if path.is_dir():
            problems.append(Problem(str(path), None, None, "this is a folder; a file name was expected."))
        elif not path.absolute().parent.is_dir():
            problems.append(Problem(str(path), None, None, "its folder does not exist; make it first."))
        if any(_is_same(path, given) for given in inputs):
            problems.append(
                Problem(str(path), None, None, "this is the input; give the result a name of its own.")
            )
    if any(_is_same(one, other) for one, other in combinations(outputs, 2)):
        problems.append(Problem("", None, None, "two outputs have the same file name; give each its own."))
    if problems:
        raise InputError(problems)


def _read(args: argparse.Namespace) -> tuple[Votes, tuple[Statement, ...] | None, str]:
    """Votes, statements if there are any, and a title."""
    from opinion import InputError, io, read_statements, read_votes
    from opinion.polis import is_export, read_export

    check_place(args.votes)
    statements: tuple[Statement, ...] | None = None
    if args.statements is not None:
        file = read_statements(args.statements, skip_bad=args.skip_bad)
        statements = file.statements
        _report_skipped(file.skipped)
    parquet = io.is_parquet(args.votes) and not (args.votes / "comments.csv").exists()
    if parquet and args.votes.is_dir():
        _report_notes(f"{args.votes} was taken for a folder of Parquet files, since it holds some.")
    if is_export(args.votes) and not parquet:
        export = read_export(args.votes, sign=args.sign, skip_bad=args.skip_bad)
        _report_skipped(export.skipped)
        _report_export(export)
        votes = export.to_votes()
        _report_repeats(export.repeats(votes), votes)
        title = args.title or export.topic or args.votes.absolute().name
        return votes, statements or export.statements, title
    if args.sign is not None:
        raise InputError(
            "--sign is for Polis export folders; in a file of votes 1 is agree and -1 is disagree."
        )
    known = None if statements is None else {statement.id for statement in statements}
    read = (io.read_votes if parquet else read_votes)(args.votes, known=known, skip_bad=args.skip_bad)
    _report_skipped(read.skipped)
    _report_notes(*read.notes)
    _report_repeats(read.repeats, read.votes)
    return read.votes, statements, args.title or args.votes.stem


def _report_skipped(skipped: tuple[Any, ...]) -> None:
    if not skipped:
        return
    print(f"Left out, {len(skipped)} in total:", file=sys.stderr)
    for problem in skipped[:LISTED]:
        print(f"  {problem}", file=sys.stderr)
    if len(skipped) > LISTED:
        print(f"  … and {len(skipped) - LISTED} more.", file=sys.stderr)


def _report_export(export: PolisExport) -> None:
    for problem in export.problems:
        print(f"Note: {problem}", file=sys.stderr)


def _report_notes(*notes: Any) -> None:
    for note in notes[:LISTED]:
        print(f"Note: {note}", file=sys.stderr)
    if len(notes) > LISTED:
        print(f"Note: … and {len(notes) - LISTED} more of this kind.", file=sys.stderr)


def _report_repeats(repeats: Repeats, votes: Votes) -> None:
    """Rows that are more than one for a pair: counted, the first ones with their lines."""
    if not votes.superseded:
        return
    told = repeats.describe() or f"{votes.superseded:,} rows are further votes on the same statement."
    print(f"Note: {told}", file=sys.stderr)
    for note in repeats.notes[:REPEATS_LISTED]:
        print(f"  {note}", file=sys.stderr)
    if repeats.notes and repeats.total > REPEATS_LISTED:
        print(f"  … and {repeats.total - REPEATS_LISTED:,} more.", file=sys.stderr)


@contextmanager
def _progress(label: str) -> Iterator[Callable[[float], None] | None]:
    """A bar on standard error, on a terminal only."""
    if not sys.stderr.isatty():
        yield None
        return
    from tqdm import tqdm

    with tqdm(
        total=100, desc=label, bar_format="{desc} {percentage:3.0f} %|{bar}| {elapsed}", leave=False
    ) as bar:

        def step(share: float) -> None:
            bar.update(max(0.0, 100 * share - bar.n))

        yield step


def _write_all(args: argparse.Namespace, result: Result, texts: dict[str, str], title: str) -> None:
    """All files or none: every one is made before the first is put in its place."""
    made: list[tuple[Path, bytes]] = []
    if args.json is not None:
        made.append((args.json, result.to_json()))
    if args.svg is not None:
        made.append((args.svg, _picture(args, result, texts).encode()))
    if args.html is not None:
        from opinion.report import html_report

        page = html_report(result, texts=texts, title=title, language=args.language)
        made.append((args.html, page.encode()))
    waiting: list[tuple[str, Path]] = []
    try:
        for path, data in made:
            if not _is_written_through(path):
                waiting.append((_write_beside(path, data), path))
        for path, data in made:
            if _is_written_through(path):
                _write_through(path, data)
        for temporary, path in waiting:
            os.replace(temporary, path)
    finally:
        for temporary, _ in waiting:
            Path(temporary).unlink(missing_ok=True)
    for path, data in made:
        print(f"{path}: {len(data):,} bytes", file=sys.stderr)


def _is_written_through(path: Path) -> bool:
    """Devices, pipes and links (/dev/stdout is one) are written to, never replaced."""
    return path.is_symlink() or (path.exists() and not path.is_file())


def _write_through(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:  # a failed write, unlike a failed opening, does not name the file
        raise OSError(error.errno, error.strerror, str(path)) from error


def _write_beside(path: Path, data: bytes) -> str:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.absolute().parent)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    umask = os.umask(0)
    os.umask(umask)
    os.chmod(name, 0o666 & ~umask)
    return name
