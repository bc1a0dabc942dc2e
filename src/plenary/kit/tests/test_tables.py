import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook as Book
from openpyxl import load_workbook

from plenary.kit import tables
from plenary.kit.errors import Refused
from plenary.kit.tables import Problems, Table, Workbook


def xlsx(*rows) -> bytes:
    book = Book()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def zipped(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as whole:
        for name, content in parts.items():
            whole.writestr(name.replace("__", "/"), content)
    return out.getvalue()


def test_what_is_written_is_what_is_read():
    rows = [["ballot", "STM-1"], ["K7Q", "1"], ["=1+1", "عربي"], ["@cmd", "-1"]]
    [table] = tables.read(tables.write_xlsx([Table("a", rows)])).tables
    assert (table.rows, table.formulas) == (rows, frozenset())
    assert tables.read(tables.write_csv(rows)).tables[0].rows == rows


def test_nothing_that_is_written_computes():
    sheet = load_workbook(io.BytesIO(tables.write_xlsx([Table("a", [["=1+1", "1"]])]))).active
    assert (sheet["A1"].data_type, sheet["A1"].value, sheet["B1"].value) == ("s", "=1+1", 1)
    assert (
        tables.write_csv([["=1+1", "+1", "-1", "@a", "a=1"]]).decode("utf-8-sig")
        == "'=1+1,'+1,'-1,'@a,a=1\r\n"
    )


@given(st.text())
def test_a_guard_is_taken_away_again(text):
    assert tables.unguard(tables.guard(text)) == text


def test_formulas_and_numbers_are_known():
    [table] = tables.read(xlsx(["a", "b"], [1.0, "=SUM(A1:A2)"])).tables
    assert table.rows[1] == ["1", "=SUM(A1:A2)"] and table.formulas == {(1, 1)}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_in_the_encodings_and_with_the_marks_that_spreadsheets_write(encoding, delimiter):
    text = f"statement{delimiter}language\r\n“Été”{delimiter}fr\r\n"
    content = text.encode(encoding)
    if encoding == "utf-16-le":
        content = b"\xff\xfe" + content
    read = tables.read(content)
    assert read.delimiter == delimiter and read.tables[0].rows == [["statement", "language"], ["“Été”", "fr"]]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"MZ\x90\0\x03", "neither a workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "password"),
        (b"PK\x03\x04 broken", "damaged"),
        (b"a,b\nt\xe9t\xe9,1\n", "CSV UTF-8"),
        (b'a,b\n"open,1\n', "quotation mark"),
        (zipped(a=b"x"), "no workbook"),
        (zipped(xl__workbook__xml=b"x"), "no workbook"),
        (zipped(**{"xl__workbook.xml": b"x", "xl__vbaProject.bin": b"x"}), "macros"),
        (zipped(**{"xl__workbook.xml": b"<x/>"}), "damaged"),
        (zipped(**{"xl__workbook.xml": b"\0" * 120_000_000}), "far too large"),
        (b"a\n" * 20_001, "more than 20,000 rows"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_do(content, said):
    with pytest.raises(Refused, match=said):
        tables.read(content)


def test_entities_are_not_expanded():
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><workbook>&b;</workbook>'
    good = xlsx(["a"])
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.infolist():
            new.writestr(part, bomb if part.filename == "xl/workbook.xml" else old.read(part))
    with pytest.raises(Refused, match="damaged"):
        tables.read(out.getvalue())


def test_what_is_wrong_comes_back_beside_the_cell():
    problems = Problems()
    problems.add(0, 1, 1, "Not a number.")
    problems.add(0, 1, 0, "Missing.")
    workbook = Workbook([Table("ballots", [["ballot", "STM-1"], ["", "9"], ["K", "1"]])])
    assert list(problems.listed(workbook, 1)) == ["ballots, row 2, column A: Missing."]
    sheet = load_workbook(io.BytesIO(tables.with_problems(workbook, problems))).active
    assert sheet["C1"].value == "problem" and sheet["C2"].value == "A: Missing. · B: Not a number."
    assert sheet["B2"].comment.text == "Not a number." and sheet["B3"].comment is None
    csv = tables.with_problems(Workbook(workbook.tables, ";"), problems).decode("utf-8-sig")
    assert csv.splitlines()[1] == ";9;A: Missing. · B: Not a number."


def test_a_file_that_came_back_and_is_sent_again_keeps_one_column_of_problems():
    problems = Problems()
    problems.add(0, 2, 0, "Again.")
    rows = [["ballot", "problem"], ["K", "A: Missing."], ["", ""]]
    made = tables.read(tables.with_problems(Workbook([Table("a", rows)], ","), problems)).tables[0].rows
    assert made == [["ballot", "problem"], ["K", ""], ["", "A: Again."]]


def test_what_is_wrong_with_the_first_row_is_told_there_and_the_column_is_known_again():
    problems = Problems()
    problems.add(0, 0, 1, "Unknown.")
    made = tables.read(
        tables.with_problems(Workbook([Table("a", [["ballot", "STM-9"]])], ","), problems)
    ).tables[0]
    assert made.rows == [["ballot", "STM-9", "problem: B: Unknown."]]
    assert tables.header_of(made)[tables.PROBLEM] == 2


def test_columns_are_named_as_spreadsheets_do():
    assert [tables.column_name(number) for number in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
