"""Reading the export folders of Polis conversations.

An export holds ``comments.csv``, ``summary.csv`` and the votes: row by row in ``votes.csv``, or as a matrix in
``participant-votes.csv`` (older exports: ``participants-votes.csv``). In some exports agree is 1, in others −1. Which
one it is follows from the counts of agree and disagree in ``comments.csv``: they were made from the raw rows, so they
fit one way and not the other.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import InputError, Problem
from .reading import read_statements
from .repeats import Repeats, find_repeats
from .rows import VOTES, RawVotes, VoteColumns, is_number, miscounted, parse_votes
from .table import Table, open_table
from .votes import Statement, Votes

if TYPE_CHECKING:
    import os

__all__ = ["PolisExport", "SignEvidence", "is_export", "parse_sign", "read_export"]

Array = np.ndarray[Any, np.dtype[Any]]
MATRIX_NAMES = ("participant-votes.csv", "participants-votes.csv")
ROWS = VoteColumns("voter-id", "comment-id", "vote", "timestamp", numeric_ids=True)
HOW_TO_SIGN = (
    'say which it is: sign "agree=+1" or "agree=-1" (command line: --sign agree=+1 or --sign agree=-1)'
)


@dataclass(frozen=True, slots=True)
class SignEvidence:
    """How it was decided which number stands for agree in the files.

    Attributes
    ----------
    source : str
        ``"counts"`` or ``"given"``.
    misfit_plus, misfit_minus : int
        Votes by which the stated counts differ from the rows if agree were 1, and if it were −1.
    counted : int
        Agrees and disagrees that ``comments.csv`` states.
    contradicts_counts : bool
        The sign was given, and the counts clearly say the opposite.
    """

    source: str
    misfit_plus: int
    misfit_minus: int
    counted: int
    contradicts_counts: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class PolisExport:
    """A Polis export, read; agree is 1 whatever it was in the files.

    Attributes
    ----------
    topic, description, url : str
        From ``summary.csv``; empty if not stated.
    statements : tuple of Statement
        In the order of ``comments.csv``.
    votes : RawVotes
        All rows, re-votes included; ids are whole numbers.
    sign : int
        1 if agree was 1 in the files, −1 if it was −1.
    sign_evidence : SignEvidence
    problems : tuple of Problem
        Oddities that do not stand against using the export, such as a given sign that the counts contradict.
    skipped : tuple of Problem
        Lines that were left out because `skip_bad` was asked for.
    files : tuple of str
        Names of the files that were used.
    """

    topic: str
    description: str
    url: str
    statements: tuple[Statement, ...]
    votes: RawVotes
    sign: int
    sign_evidence: SignEvidence
    problems: tuple[Problem, ...]
    skipped: tuple[Problem, ...]
    files: tuple[str, ...]

    def to_votes(self) -> Votes:
        """The latest vote per pair, with a column for every statement."""
        return self.votes.to_votes([statement.id for statement in self.statements])

    def repeats(self, votes: Votes) -> Repeats:
        """Rows that vote once more on what their participant had voted on before: no error, the latest counts.

        Parameters
        ----------
        votes : Votes
            What `to_votes` made of this export.

        Returns
        -------
        Repeats
        """
        return find_repeats(self.votes, votes, self.files[1])


def is_export(path: str | os.PathLike[str]) -> bool:
    """Whether the path is a folder, and so can only be an export."""
    return Path(path).is_dir()


def parse_sign(text: str | int | None) -> int | None:
    """``"agree=+1"`` (or ``"agree=1"``, 1) → 1, ``"agree=-1"`` (or −1) → −1, ``None`` → ``None``.

    Parameters
    ----------
    text : str, int or None

    Returns
    -------
    int or None

    Raises
    ------
    InputError
        For any other text.
    """
    if text is None:
        return None
    known = {"agree=+1": 1, "agree=1": 1, "+1": 1, "1": 1, "agree=-1": -1, "-1": -1}
    sign = known.get(str(text).replace(" ", "").replace("\u2212", "-"))
    if sign is None:
        raise InputError(f"“{text}” is not a sign: agree=+1 or agree=-1 was expected.")
    return sign


def read_export(
    folder: str | os.PathLike[str], *, sign: str | int | None = None, skip_bad: bool = False
) -> PolisExport:
    """Read an export folder; folders inside it are ignored.

    Parameters
    ----------
    folder : path
    sign : {"agree=+1", "agree=-1", 1, -1}, optional
        Which number stands for agree in the files. By default the counts in ``comments.csv`` decide.
    skip_bad : bool
        Leave bad lines out and report them in `skipped` instead of raising.

    Returns
    -------
    PolisExport

    Raises
    ------
    InputError
        No such folder, no ``comments.csv``, no votes, an undecided sign, or bad lines: all of them are listed, with
        file, line and column.
    """
    base = Path(folder)
    given = parse_sign(sign)
    if not base.is_dir():
        raise InputError(Problem(str(folder), None, None, "this is not a folder with a Polis export."))
    names = {entry.name for entry in base.iterdir() if entry.is_file()}
    source = next((name for name in ("votes.csv", *MATRIX_NAMES) if name in names), None)
    _check_files(base, names, source)
    assert source is not None

    problems: list[Problem] = []
    read = _collect(problems, lambda: read_statements(base / "comments.csv", numeric_ids=True, skip_bad=True))
    statements = read.statements if read is not None else ()
    if read is not None:
        problems += read.skipped
    raw = None
    # A bad line in comments.csv must not make all votes on it look wrong too.
    known = {s.id for s in statements} | _ids_of(problems, base)
    parsed = _collect(problems, lambda: _read_votes(base / source, known if read is not None else None))
    if parsed is not None:
        raw, found = parsed
        problems += found
    fatal = read is None or parsed is None
    if problems and (fatal or not skip_bad):
        raise InputError(problems)
    assert raw is not None
    if raw.value.size == 0:
        raise InputError(
            [Problem(str(base / source), None, None, "there is not a single vote in it."), *problems]
        )
    if problems:
        raw = _only_known(raw, statements)
    decided, evidence, notes = _decide_sign(base, raw, statements, given)
    votes = replace(raw, value=(raw.value * decided).astype(np.int8))
    summary = _read_summary(base / "summary.csv") if "summary.csv" in names else {}
    files = tuple(name for name in ("comments.csv", source, "summary.csv") if name in names)
    return PolisExport(
        topic=summary.get("topic", ""),
        description=summary.get("conversation-description", ""),
        url=summary.get("url", ""),
        statements=statements,
        votes=votes,
        sign=decided,
        sign_evidence=evidence,
        problems=tuple(notes),
        skipped=tuple(problems),
        files=files,
    )


def _collect(problems: list[Problem], read: Any) -> Any:
    try:
        return read()
    except InputError as error:
        problems += error.problems
        return None


def _check_files(base: Path, names: set[str], source: str | None) -> None:
    problems = []
    if "comments.csv" not in names:
        message = "comments.csv is missing; a Polis export has it beside the votes."
        problems.append(Problem(str(base), None, None, message))
    if source is None:
        problems.append(
            Problem(
                str(base),
                None,
                None,
                "this export holds no votes: neither votes.csv nor participant-votes.csv is in it "
                f"(found: {', '.join(sorted(names)) or 'nothing'}). There is nothing to read.",
            )
        )
    if problems:
        raise InputError(problems)


def _ids_of(problems: Sequence[Problem], base: Path) -> set[str]:
    """Ids in comments.csv on lines that are bad for another reason."""
    lines = {problem.line for problem in problems if problem.line is not None and problem.line > 1}
    if not lines:
        return set()
    table = open_table(base / "comments.csv")
    place = table.header.index("comment-id") if "comment-id" in table.header else 0
    return {
        record[place].strip() for line, record in table.records() if line in lines and len(record) > place
    }


def _read_votes(path: Path, known: set[str] | None) -> tuple[RawVotes, list[Problem]]:
    if path.name == "votes.csv":
        table = open_table(path, ("timestamp", "comment-id", "voter-id", "vote"), purpose="votes")
        return parse_votes(table, ROWS, known)
    return _read_matrix(open_table(path, ("participant",), purpose="votes"), known)


def _read_matrix(table: Table, known: set[str] | None) -> tuple[RawVotes, list[Problem]]:
    at_person = table.header.index("participant")
    problems: list[Problem] = []
    columns = []
    for i, name in enumerate(table.header):
        if not is_number(name):
            continue
        if known is not None and name not in known:
            problems.append(
                table.problem(1, name, f"statement {name} is not among the statements in comments.csv.")
            )
        else:
            columns.append((i, int(name)))
    if not columns and not problems:
        problems.append(table.problem(1, None, "no column is named by a statement's number."))
    people: list[int] = []
    statements: list[int] = []
    values: list[int] = []
    seen: dict[str, int] = {}
    for line, record in table.records():
        if len(record) != len(table.header):
            problems.append(table.problem(line, None, miscounted(len(record), len(table.header))))
            continue
        person = record[at_person].strip()
        if not is_number(person) or person in seen:
            reason = (
                f"participant {person} stands already in line {seen[person]}."
                if person in seen
                else (f"“{person[:40]}” is not a number: ids are whole numbers here.")
            )
            problems.append(table.problem(line, "participant", reason))
            continue
        seen[person] = line
        for i, statement in columns:
            text = record[i]
            if text:
                value = VOTES.get(text.strip())
                if value is None:
                    if text.strip():
                        message = f"“{text.strip()[:40]}” is not a vote: -1, 0, 1 or nothing was expected."
                        problems.append(table.problem(line, table.header[i], message))
                    continue
                people.append(int(person))
                statements.append(statement)
                values.append(value)
    raw = RawVotes(
        np.array(people, dtype=np.int64),
        np.array(statements, dtype=np.int64),
        np.array(values, dtype=np.int8),
        None,
    )
    return raw, problems


def _only_known(raw: RawVotes, statements: Sequence[Statement]) -> RawVotes:
    keep = np.isin(raw.statement, np.array([int(s.id) for s in statements], dtype=np.int64))
    time, lines = raw.timestamp_ms, raw.lines
    return RawVotes(
        raw.participant[keep],
        raw.statement[keep],
        raw.value[keep],
        None if time is None else time[keep],
        lines=None if lines is None else lines.kept(keep),
    )


def _decide_sign(
    base: Path, raw: RawVotes, statements: Sequence[Statement], given: int | None
) -> tuple[int, SignEvidence, list[Problem]]:
    plus, minus, counted = _misfits(raw, statements)
    best, other = min(plus, minus), max(plus, minus)
    # The right way may miss some re-votes; the wrong way misses nearly everything. Between them lies doubt.
    clear = counted > 0 and best * 2 <= other and best * 2 <= counted and other > best
    by_counts = 1 if plus < minus else -1
    file = str(base / "comments.csv")
    if given is not None:
        against = clear and by_counts != given
        notes = []
        if against:
            message = (
                f"the counts speak for agree={by_counts:+d}, but agree={given:+d} was given and is used."
            )
            notes.append(Problem(file, None, "agrees", message))
        return given, SignEvidence("given", plus, minus, counted, against), notes
    if clear:
        return by_counts, SignEvidence("counts", plus, minus, counted), []
    if counted == 0:
        reason = "no counts of agree and disagree, so it cannot be told whether agree is 1 or -1 in the votes"
    else:
        reason = f"the counts fit agree=+1 ({plus} votes apart) hardly better or worse than agree=-1 ({minus} apart)"
    raise InputError(Problem(file, None, "agrees", f"{reason}; {HOW_TO_SIGN}."))


def _misfits(raw: RawVotes, statements: Sequence[Statement]) -> tuple[int, int, int]:
    """Votes by which the stated counts miss the rows if agree is 1, if agree is −1, and the stated total."""
    stated = [
        (int(s.id), s.agrees, s.disagrees)
        for s in statements
        if s.agrees is not None and s.disagrees is not None
    ]
    if not stated:
        return 0, 0, 0
    counts = np.array(stated, dtype=np.int64)
    counts = counts[np.argsort(counts[:, 0])]
    place = np.minimum(np.searchsorted(counts[:, 0], raw.statement), len(counts) - 1)
    found = counts[place, 0] == raw.statement
    ones = np.bincount(place[found & (raw.value == 1)], minlength=len(counts))
    minus_ones = np.bincount(place[found & (raw.value == -1)], minlength=len(counts))
    agrees, disagrees = counts[:, 1], counts[:, 2]
    plus = np.abs(ones - agrees).sum() + np.abs(minus_ones - disagrees).sum()
    minus = np.abs(minus_ones - agrees).sum() + np.abs(ones - disagrees).sum()
    return int(plus), int(minus), int(agrees.sum() + disagrees.sum())


def _read_summary(path: Path) -> dict[str, str]:
    """Rows of key and value; a summary that cannot be read is no reason to refuse the votes."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        with_two = (row for row in csv.reader(text.splitlines(keepends=True)) if len(row) >= 2)
        return {row[0].strip(): row[1].strip() for row in with_two}
    except (OSError, UnicodeDecodeError, csv.Error):
        return {}
