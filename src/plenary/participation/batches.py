"""A meeting or a pile of letters in one file: the template that is given out, and the same read back, row by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from plenary.kit.languages import is_language_tag
from plenary.kit.tables import PROBLEM, Problems, Table, Workbook, header_of, is_problem_column

from . import paper_codes
from .actions import Batch, Sheet
from .models import Statement
from .wording import MAX_LENGTH, same_words, tidy

STATEMENT, LANGUAGE, BALLOT = "statement", "language", "ballot"
KEY = "key"
"""The sheet that only explains: in some languages its columns are called as those that are read."""
# As the boxes stand on the paper, and the keys of the vote card.
ANSWERS = {"1": 1, "2": -1, "3": 0}


@dataclass
class Reading:
    """What a file held, and what is wrong with it."""

    statements: list[tuple[str, str]] = field(default_factory=list)
    sheets: list[Sheet] = field(default_factory=list)
    problems: Problems = field(default_factory=Problems)

    @property
    def batch(self) -> Batch:
        return Batch(self.statements, self.sheets)


def template(
    consultation_id: int, statements: Sequence[Statement], *, language: str, codes: int
) -> list[Table]:
    """The sheets to be filled in: statements, ballots, and what the numbers of the statements mean.

    The codes are for ballots that were printed without one; a row whose answers stay empty counts as not filled in.
    """
    ballots = [[BALLOT, *(each.reference for each in statements)]]
    ballots += [[code] for code in paper_codes.mint_many(consultation_id, codes)]
    key = [
        [_("Number"), _("Statement")],
        *([each.reference, each.said["text"].body] for each in statements),
        ["1", _("Agree")],
        ["2", _("Disagree")],
        ["3", _("Pass or unsure")],
    ]
    return [Table("statements", [[STATEMENT, LANGUAGE]]), Table("ballots", ballots), Table(KEY, key)]


def read(
    workbook: Workbook,
    *,
    consultation_id: int,
    statements: Mapping[str, int],
    entered: set[str],
    language: str,
) -> Reading:
    """Check every row. ``statements`` are references with their ids, ``entered`` the codes that count already."""
    found = Reading()
    known = False
    seen: dict[str, int] = {}
    for number, table in enumerate(workbook.tables):
        header = header_of(table)
        if table.name == KEY:
            continue
        if BALLOT in header:
            known = True
            _read_ballots(found, number, table, header, consultation_id, statements, entered, seen)
        elif STATEMENT in header:
            known = True
            _read_statements(found, number, table, header, language)
    if not known and workbook.tables:
        message = _("No column is called “%(statement)s” or “%(ballot)s”. Please fill in our template.")
        found.problems.add(0, 0, 0, message % {"statement": STATEMENT, "ballot": BALLOT})
    elif not found.problems and not found.statements and not found.sheets:
        found.problems.add(0, 0, 0, _("The file holds no statement and no ballot with answers."))
    return found


def _read_statements(
    found: Reading, number: int, table: Table, header: Mapping[str, int], language: str
) -> None:
    words_at, language_at = header[STATEMENT], header.get(LANGUAGE)
    rows: dict[str, int] = {}
    for row, values in enumerate(table.rows[1:], start=1):
        body = tidy(_cell(values, words_at))
        tag = _cell(values, language_at) or language
        if not body:
            if any(values):
                found.problems.add(number, row, words_at, _("The statement is missing."))
            continue
        if (row, words_at) in table.formulas:
            message = _("This begins like a formula. Write the words themselves.")
            found.problems.add(number, row, words_at, message)
        if len(body) > MAX_LENGTH:
            message = _("A statement has at most %(most)s characters; this one has %(count)s.")
            found.problems.add(number, row, words_at, message % {"most": MAX_LENGTH, "count": len(body)})
        if not is_language_tag(tag):
            message = _("“%(tag)s” is not a language tag such as en, zh or pt-BR.")
            found.problems.add(number, row, language_at or 0, message % {"tag": tag[:40]})
        same = same_words(body)
        if same in rows:
            message = _("The same stands in row %(row)s.")
            found.problems.add(number, row, words_at, message % {"row": rows[same] + 1})
        rows.setdefault(same, row)
        found.statements.append((body, tag))


def _read_ballots(
    found: Reading,
    number: int,
    table: Table,
    header: Mapping[str, int],
    consultation_id: int,
    statements: Mapping[str, int],
    entered: set[str],
    seen: dict[str, int],
) -> None:
    code_at = header[BALLOT]
    columns: dict[int, int] = {}
    for column, name in enumerate(table.rows[0]):
        reference = name.strip().upper()
        if column == code_at or not reference or is_problem_column(reference):
            continue
        if reference in statements and statements[reference] not in columns.values():
            columns[column] = statements[reference]
        elif reference in statements:
            found.problems.add(number, 0, column, _("This statement has a column already."))
        else:
            message = _("“%(name)s” is not the number of an accepted statement of this consultation.")
            found.problems.add(number, 0, column, message % {"name": name[:40]})
    problem_at = header.get(PROBLEM)
    for row, values in enumerate(table.rows[1:], start=1):
        answers = {}
        filled = False
        for column, value in enumerate(values):
            if column in (code_at, problem_at) or not value:
                continue
            filled = True
            if (row, column) in table.formulas:
                found.problems.add(number, row, column, _("This is a formula. Write its value."))
            elif column not in columns:
                if not (table.rows[0][column] if column < len(table.rows[0]) else "").strip():
                    found.problems.add(number, row, column, _("This column has no statement's number."))
            elif value not in ANSWERS:
                found.problems.add(
                    number, row, column, _("1 for agree, 2 for disagree, 3 for pass, or nothing.")
                )
            else:
                answers[columns[column]] = ANSWERS[value]
        typed = _cell(values, code_at)
        if not filled:
            continue  # a code of the template that nobody used
        code = paper_codes.read(typed, consultation_id)
        if not typed:
            message = _("The ballot's code is missing. Take one of those that our template brings along.")
            found.problems.add(number, row, code_at, message)
        elif code is None:
            message = _("“%(code)s” is no ballot of this consultation. Please compare it with the paper.")
            found.problems.add(number, row, code_at, message % {"code": typed[:40]})
        elif code in seen:
            message = _("This ballot stands in row %(row)s already.")
            found.problems.add(number, row, code_at, message % {"row": seen[code] + 1})
        elif code in entered:
            found.problems.add(number, row, code_at, _("This ballot has been entered already and counts."))
        else:
            seen[code] = row
            if answers:
                found.sheets.append(Sheet(code, answers))


def _cell(values: Sequence[str], place: int | None) -> str:
    return values[place].strip() if place is not None and place < len(values) else ""
