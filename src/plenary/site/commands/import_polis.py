from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opinion.polis import PolisExport
    from plenary.participation.models import Consultation

NAME = "import-polis"
HELP = "Import a conversation that was exported from Polis, with its statements and votes."
EPILOG = """\
FOLDER holds comments.csv, summary.csv, and the votes: votes.csv, participant-votes.csv or
participants-votes.csv. The conversation becomes a closed consultation, whole or not at all.
The same files again change nothing.

In some exports agree is 1, in others -1. The counts in comments.csv tell which; where they do
not, --sign must. Statements that were not moderated count as accepted, unless --strict.

examples:
  plenary import-polis openData/vtaiwan.uberx --language zh-Hant --licence CC-BY-4.0 --analyze
  plenary import-polis export/ --about STR-1.C3 --dry-run"""
DRY_RUN = "\nNothing was written: this was a dry run."
SHOWN = 20  # lines of each kind of message


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EPILOG
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument(
        "--sign", choices=["agree=+1", "agree=-1"], help="which number stands for agree in the files"
    )
    parser.add_argument("--strict", action="store_true", help="what was not moderated waits for moderation")
    parser.add_argument("--skip-bad", action="store_true", help="leave bad lines out, and say which")
    parser.add_argument(
        "--about", metavar="REF", default="", help="the record that it was about, such as STR-1.C3"
    )
    parser.add_argument(
        "--language", metavar="TAG", default="und", help="of the statements (default: unknown)"
    )
    parser.add_argument(
        "--licence", metavar="SPDX", default="NOASSERTION", help="of the content, such as CC-BY-4.0"
    )
    parser.add_argument("--analyze", action="store_true", help="analyse it at once, as the desk would")
    parser.add_argument("--dry-run", action="store_true", help="read and report, write nothing")


def run(args: argparse.Namespace) -> int:
    import django

    django.setup()
    from django.db import DatabaseError

    from opinion.errors import InputError
    from opinion.polis import read_export
    from plenary.kit.languages import is_language_tag

    if not is_language_tag(args.language):
        return _refuse(f"“{args.language}” is not a language tag such as en, zh-Hant or pt-BR.")
    try:
        export = read_export(args.folder, sign=args.sign, skip_bad=args.skip_bad)
    except InputError as error:
        print(f"plenary: nothing was imported.\n{error.describe(SHOWN)}", file=sys.stderr)
        if not args.skip_bad and any(
            problem.line is not None and problem.line > 1 for problem in error.problems
        ):
            print("--skip-bad leaves bad lines out, and says which.", file=sys.stderr)
        return 2
    _tell(export, strict=args.strict)
    try:
        return _write(args, export)
    except DatabaseError as error:
        print(f"plenary: the database did not take it ({error}). Nothing was written.", file=sys.stderr)
        return 1


def _refuse(message: str) -> int:
    print(f"plenary: {message}", file=sys.stderr)
    return 2


def _write(args: argparse.Namespace, export: PolisExport) -> int:
    from django.utils import timezone
    from tqdm import tqdm

    from plenary.participation.actions import import_conversation
    from plenary.records.queries import get_record_for
    from plenary.site.database import is_ready

    if args.dry_run and not args.about:
        print(DRY_RUN)
        return 0
    if not is_ready():
        return 1
    about = get_record_for(None, args.about) if args.about else None
    if args.about and about is None:
        return _refuse(
            f"there is no record {args.about} that the conversation could be about. Nothing was written."
        )
    if args.dry_run:
        print(DRY_RUN)
        return 0
    with tqdm(
        total=export.votes.value.size, unit=" votes", disable=not sys.stderr.isatty(), leave=False
    ) as bar:
        imported = import_conversation(
            export=export,
            sha256=hash_of_files(args.folder, export.files),
            name=args.folder.resolve().name,
            about=about,
            language=args.language,
            licence=args.licence,
            strict=args.strict,
            by=None,
            now=timezone.now(),
            progress=bar.update,
        )
    reference = imported.consultation.reference
    if not imported.is_new:
        print(f"\nAlready imported as {reference}: nothing was written.")
        return 0
    print(f"\nImported as {reference}. Open it at /consultations/{reference}; the desk analyses it there.")
    _tell_counts(imported.consultation)
    _tell_of_people(imported.consultation)
    return _analyze(imported.consultation) if args.analyze else 0


def _tell_of_people(consultation: Consultation) -> None:
    from plenary.participation.queries import MAYBE_PEOPLE, count_maybe_about_people

    count = count_maybe_about_people(consultation)
    where = f"/consultations/{consultation.reference}/moderation?state=accepted&about={MAYBE_PEOPLE}"
    if count:
        print(
            f"  {count} may say who somebody is, and not what she thinks. Marked as such, they are no shared points "
            f"and make no groups:\n  {where}"
        )


def _analyze(consultation: Consultation) -> int:
    from django.utils import timezone
    from tqdm import tqdm

    from plenary.insight.actions import run_analysis, start_analysis

    with tqdm(total=1.0, desc="analysis", disable=not sys.stderr.isatty(), leave=False) as bar:
        analysis = start_analysis(consultation=consultation, by=None, now=timezone.now())
        analysis = run_analysis(
            analysis=analysis, now=timezone.now(), progress=lambda share: bar.update(share - bar.n) and None
        )
    if analysis.state != "done":
        print(
            f"plenary: the conversation is kept, but the analysis failed: {analysis.error}", file=sys.stderr
        )
        return 1
    print(f"Analysed as {analysis.reference}. Results at /consultations/{consultation.reference}/results")
    return 0


def hash_of_files(folder: Path, names: tuple[str, ...]) -> str:
    """One hash of the files' names and bytes; it tells an export that was imported before."""
    import hashlib

    whole = hashlib.sha256()
    for name in sorted(names):
        content = (folder / name).read_bytes()
        whole.update(f"{name}\0{len(content)}\0".encode() + content)
    return whole.hexdigest()


def _tell(export: PolisExport, *, strict: bool) -> None:
    """What was read, how the sign was known, what was left out, and what is doubtful."""
    import numpy as np

    moderated = [item.moderated for item in export.statements]
    undecided, rejected = moderated.count(0), moderated.count(-1)
    waiting = undecided if strict else 0
    latest = export.to_votes()
    raw = export.votes
    print(f"{export.topic or 'No topic stated'}  ({', '.join(export.files)})")
    accepted = f"{len(moderated) - rejected - waiting:,} accepted"
    if undecided and not strict:
        accepted += f" ({undecided:,} of them not moderated there)"
    print(f"  statements    {len(moderated):>9,}  {accepted}, {waiting:,} waiting, {rejected:,} rejected")
    print(f"  participants  {np.unique(raw.participant).size:>9,}  who voted")
    print(f"  votes         {raw.value.size:>9,}  rows, {latest.superseded:,} of them revised later")
    print(f"  latest        {latest.size:>9,}  one for each pair of participant and statement")
    if raw.timestamp_ms is None:
        print("  times         the files hold none: every vote stands on the conversation's last day")
    elif unclear := _count_unclear(export):
        print(f"  Doubtful: {unclear:,} pairs hold two different votes at one time; the later line counts")
    _tell_sign(export)
    for title, problems in (("Left out", export.skipped), ("Doubtful", export.problems)):
        for problem in problems[:SHOWN]:
            print(f"  {title}: {problem}")
        if len(problems) > SHOWN:
            print(f"  {title}: … and {len(problems) - SHOWN:,} more")


def _count_unclear(export: PolisExport) -> int:
    """Different votes of one participant on one statement with one time: their order in the file decides."""
    import numpy as np

    raw = export.votes
    if raw.timestamp_ms is None:
        return 0
    order = np.lexsort((raw.timestamp_ms, raw.statement, raw.participant))
    keys = np.stack((raw.participant[order], raw.statement[order], raw.timestamp_ms[order]))
    same = (keys[:, 1:] == keys[:, :-1]).all(axis=0)
    return int((same & (np.diff(raw.value[order].astype(int)) != 0)).sum())


def _tell_sign(export: PolisExport) -> None:
    evidence = export.sign_evidence
    how = "as given" if evidence.source == "given" else "known from the counts in comments.csv"
    print(f"  sign          agree is {export.sign:+d} in the files, {how}")
    misfit = evidence.misfit_plus if export.sign == 1 else evidence.misfit_minus
    other = evidence.misfit_minus if export.sign == 1 else evidence.misfit_plus
    if misfit:
        print(
            f"  Doubtful: of {evidence.counted:,} agrees and disagrees that comments.csv states, "
            f"{misfit:,} differ from the votes (with the opposite sign {other:,} would)."
        )


def _tell_counts(consultation: Consultation) -> None:
    """What an analysis will see of it: votes on rejected statements stay stored and do not count."""
    from plenary.participation.queries import with_numbers

    [counted] = with_numbers([consultation])
    words: Any = counted
    print(f"  {words.people:,} people, {words.answers:,} votes on {words.accepted:,} accepted statements")
