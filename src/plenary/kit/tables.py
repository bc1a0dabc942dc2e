"""Tables that people fill in, as XLSX or CSV: read with care, written so that nothing in them runs.

The template that we give out is the one that we read, and what is wrong comes back in the same file beside the cell.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from .errors import Refused

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
PROBLEM = "problem"
"""Name of the column that says what is wrong with a row; read back, it is left out."""

MOST_ROWS = 20_000
MOST_COLUMNS = 1_000
MOST_UNPACKED = 100_000_000
MOST_PARTS = 1_000
_LONGEST_CELL = 32_767
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")


@dataclass(frozen=True)
class Table:
    """One sheet; cells are texts, numbers as they would be typed."""

    name: str
    rows: list[list[str]]
    formulas: frozenset[tuple[int, int]] = frozenset()
    """Places (row, column from 0) of cells that compute something; their text is the formula."""


@dataclass(frozen=True)
class Workbook:
    """A file that was read. ``delimiter`` is empty for XLSX."""

    tables: list[Table]
    delimiter: str = ""

    @property
    def suffix(self) -> str:
        return "csv" if self.delimiter else "xlsx"

    @property
    def media_type(self) -> str:
        return CSV if self.delimiter else XLSX


Place = tuple[int, int, int]
"""Table, row and column, each from 0."""


@dataclass
class Problems:
    """What is wrong, cell by cell."""

    found: dict[Place, list[str]] = field(default_factory=dict)

    def add(self, table: int, row: int, column: int, message: Any) -> None:
        self.found.setdefault((table, row, column), []).append(str(message))

    def __bool__(self) -> bool:
        return bool(self.found)

    def listed(self, workbook: Workbook, most: int) -> Iterator[str]:
        """The first of them with their places as people see them."""
        for table, row, column in sorted(self.found)[:most]:
            place = _("%(sheet)s, row %(row)s, column %(column)s") % {
                "sheet": workbook.tables[table].name,
                "row": row + 1,
                "column": column_name(column),
            }
            yield f"{place}: {' '.join(self.found[table, row, column])}"


def column_name(column: int) -> str:
    """A, B, …, Z, AA: as spreadsheets name them."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def guard(text: str) -> str:
    """For CSV: what would begin a formula in a spreadsheet gets an apostrophe before it; ``unguard`` takes it away."""
    return f"'{text}" if _FORMULA.match(text) else text


def unguard(text: str) -> str:
    return text[1:] if _GUARDED.match(text) else text


def read(content: bytes) -> Workbook:
    """Read a file by what it holds. Raises ``Refused`` where it cannot be read, with what to do."""
    if content.startswith(b"PK\x03\x04"):
        return _read_xlsx(content)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise Refused(
            _("This is an old workbook (.xls) or one with a password. Save it as .xlsx without a password.")
        )
    return _read_csv(content)


def write_xlsx(tables: Sequence[Table], problems: Problems | None = None) -> bytes:
    """A workbook in which every cell is a text or a whole number, and none computes anything."""
    from openpyxl import Workbook as Book
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.comments import Comment
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    book = Book(write_only=True)
    wrong, bold, wrapped = PatternFill("solid", fgColor="FFF2CC"), Font(bold=True), Alignment(wrap_text=True)
    for number, table in enumerate(tables):
        sheet = book.create_sheet(table.name[:31])
        sheet.freeze_panes = "B2"
        for column in range(max((len(row) for row in table.rows), default=0)):
            longest = max((len(row[column]) for row in table.rows[:200] if column < len(row)), default=8)
            sheet.column_dimensions[get_column_letter(column + 1)].width = min(max(longest + 2, 10), 70)
        for at, values in enumerate(table.rows):
            cells = []
            for column, value in enumerate(values):
                cell = WriteOnlyCell(sheet, value=int(value) if _is_small_number(value) else value)
                if isinstance(cell.value, str):
                    cell.data_type = "s"  # «=1+1» is words here, never a formula
                    cell.alignment = wrapped
                if at == 0:
                    cell.font = bold
                messages = problems.found.get((number, at, column)) if problems else None
                if messages:
                    cell.fill = wrong
                    cell.comment = Comment(" ".join(messages), "Plenary")
                cells.append(cell)
            sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def write_csv(rows: Sequence[Sequence[str]], delimiter: str = ",") -> bytes:
    """CSV in UTF-8 with a byte order mark, so that spreadsheets read every script; guarded against formulas."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(
        [guard(value) for value in row] for row in rows
    )
    return out.getvalue().encode("utf-8-sig")


def with_problems(workbook: Workbook, problems: Problems) -> bytes:
    """The same file with what is wrong: a last column in words and, in XLSX, a note on each cell."""
    tables = [
        Table(table.name, _with_column(table.rows, number, problems))
        for number, table in enumerate(workbook.tables)
    ]
    if workbook.delimiter:
        return write_csv(tables[0].rows, workbook.delimiter)
    return write_xlsx(tables, problems)


def _with_column(rows: list[list[str]], table: int, problems: Problems) -> list[list[str]]:
    by_row: dict[int, list[str]] = {}
    for (number, row, column), messages in sorted(problems.found.items()):
        if number == table:
            by_row.setdefault(row, []).append(f"{column_name(column)}: {' '.join(messages)}")
    if not by_row or not rows:
        return rows
    known = [place for place, name in enumerate(rows[0]) if is_problem_column(name)]
    place = known[0] if known else max(len(row) for row in rows)
    made = []
    for at, values in enumerate(rows):
        padded = [*values, *[""] * (place + 1 - len(values))]
        told = " · ".join(by_row.get(at, []))
        padded[place] = (f"{PROBLEM}: {told}" if told else PROBLEM) if at == 0 else told
        made.append(padded)
    return made


def is_problem_column(name: str) -> bool:
    """Whether a column's name is that of the column of problems, to which those of the first row are added."""
    return name.partition(":")[0].strip().casefold() == PROBLEM


def _is_small_number(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 10 and (value == "0" or value[0] != "0")


def _read_xlsx(content: bytes) -> Workbook:
    _check_zip(content)
    from openpyxl import load_workbook

    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        try:
            return Workbook([_read_sheet(sheet) for sheet in book.worksheets])
        finally:
            book.close()
    except Refused:
        raise
    except Exception as error:  # whatever a broken workbook makes the library raise
        raise Refused(
            _("This workbook is damaged. Open it, save it anew as .xlsx, and try again.")
        ) from error


def _check_zip(content: bytes) -> None:
    """What it unpacks to, before anything is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as whole:
            parts = whole.infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise Refused(
            _("This file is damaged: it cannot be unpacked. Save it anew and try again.")
        ) from error
    names = {part.filename for part in parts}
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise Refused(_("Unpacked, this file is far too large. It was not read."))
    if any(part.flag_bits & 1 for part in parts):
        raise Refused(_("This file has a password. Save it without one."))
    if "xl/workbook.xml" not in names:
        raise Refused(_("This is no workbook of the kind .xlsx. Save it as .xlsx or as CSV."))
    if any(name.lower().endswith(("vbaproject.bin", "macrosheets/sheet1.xml")) for name in names):
        raise Refused(_("This workbook holds macros. Save it as .xlsx, which has none."))


def _read_sheet(sheet: Any) -> Table:
    rows: list[list[str]] = []
    formulas = set()
    sheet.reset_dimensions()  # what a file says of its own size pads every row to it
    for at, cells in enumerate(sheet.iter_rows()):
        _refuse_too_many(sheet.title, at, len(cells))
        values = []
        for column, cell in enumerate(cells):
            if cell.data_type == "f":
                formulas.add((at, column))
            values.append(_typed(cell.value))
        while values and not values[-1]:
            values.pop()
        rows.append(values)
    while rows and not rows[-1]:
        rows.pop()
    return Table(sheet.title, rows, frozenset(formulas))


def _typed(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def _read_csv(content: bytes) -> Workbook:
    text = _decoded(content)
    header = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=header.count)
    rows: list[list[str]] = []
    formulas = set()
    limit = csv.field_size_limit(_LONGEST_CELL * 4)
    try:
        for at, values in enumerate(
            csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        ):
            _refuse_too_many("CSV", at, len(values))
            formulas |= {(at, column) for column, value in enumerate(values) if value.startswith("=")}
            rows.append([unguard(value.strip()) for value in values])
    except csv.Error as error:
        raise Refused(
            _("Line %(line)s cannot be read: a quotation mark is open or stands in the wrong place.")
            % {"line": len(rows) + 1}
        ) from error
    finally:
        csv.field_size_limit(limit)
    while rows and not any(rows[-1]):
        rows.pop()
    return Workbook([Table("CSV", rows, frozenset(formulas))], delimiter)


def _decoded(content: bytes) -> str:
    try:
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            return content.decode("utf-16")
        if b"\0" in content[:4096]:
            raise Refused(_("This file is neither a workbook (.xlsx) nor CSV. Nothing was read."))
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(
            _("The letters of this file cannot be read. Save it as “CSV UTF-8” or as .xlsx.")
        ) from error


def _refuse_too_many(name: str, row: int, columns: int) -> None:
    if row >= MOST_ROWS:
        raise Refused(
            _("“%(name)s” has more than %(most)s rows. Split it.")
            % {"name": name, "most": number_format(MOST_ROWS, force_grouping=True)}
        )
    if columns > MOST_COLUMNS:
        raise Refused(
            _("“%(name)s” has more than %(most)s columns.")
            % {"name": name, "most": number_format(MOST_COLUMNS, force_grouping=True)}
        )


def header_of(table: Table) -> Mapping[str, int]:
    """Names of the first row → place."""
    names = table.rows[0] if table.rows else []
    return {
        PROBLEM if is_problem_column(name) else name.strip().casefold(): place
        for place, name in reversed(list(enumerate(names)))
        if name.strip()
    }
