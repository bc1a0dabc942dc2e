"""Reading tables of comma-separated values: fast where all is well, exact about places where it is not.

A table is read in blocks of lines with array arithmetic (`opinion.blocks`). A block in which something is out of the
ordinary is read again record by record, which is slower and knows the line of everything.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import InputError, Problem

if TYPE_CHECKING:
    import os

__all__ = ["Table", "open_table", "stream_tables"]

BLOCK = 1 << 18  # bytes: what is made of it stays in the processor's cache
PIECE = 1 << 23  # bytes of a file of any size to hold at a time
MAX_FIELD = 1 << 24

SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}
SIGNATURES = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook"),
    (b"\x1f\x8b", "a gzip archive: unpack it first"),
    (b"PAR1", "a Parquet file (votes in Parquet are read by opinion.io.read_votes and plenary analyze)"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\xff\xfe", "text in UTF-16: save it as UTF-8"),
    (b"\xfe\xff", "text in UTF-16: save it as UTF-8"),
)


@dataclass(frozen=True, slots=True)
class Table:
    """A file that is known to be text in UTF-8 with a header.

    Attributes
    ----------
    file : str
        As the caller named it.
    header : tuple of str
        Column names, stripped; the index of a name is its place in a record.
    data : bytes
        The file without its byte order mark.
    body : int
        Where the first record starts in `data`.
    body_line : int
        Physical line of the first record.
    """

    file: str
    header: tuple[str, ...]
    data: bytes
    body: int
    body_line: int

    def problem(self, line: int | None, column: str | None, message: str) -> Problem:
        """A problem in this file."""
        return Problem(self.file, line, column, message)

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """Each record with the physical line on which it starts; blank lines are left out.

        Yields
        ------
        (int, list of str)

        Raises
        ------
        InputError
            If a quotation is not closed, or a field is longer than 16 MiB.
        """
        return self.records_of(slice(self.body, len(self.data)), self.body_line)

    def records_of(self, part: slice, line: int) -> Iterator[tuple[int, list[str]]]:
        """As `records`, for some of the bytes: whole records, the first of which starts on `line`."""
        text = io.TextIOWrapper(io.BytesIO(self.data[part]), encoding="utf-8", newline="")
        previous_limit = csv.field_size_limit(MAX_FIELD)
        reader = csv.reader(text, strict=True)
        at = line
        try:
            for record in reader:
                if record:
                    yield at, record
                at = line + reader.line_num
        except csv.Error as error:
            raise InputError(self.problem(at, None, f"this record cannot be read ({error}).")) from error
        finally:
            csv.field_size_limit(previous_limit)

    def blocks(self) -> Iterator[slice]:
        """Parts of the body that hold whole records."""
        start, end = self.body, len(self.data)
        while start < end:
            stop = self.data.rfind(b"\n", start, min(start + BLOCK, end)) + 1
            if stop <= start or end - start <= BLOCK:
                stop = end if end - start <= BLOCK else self.data.find(b"\n", start) + 1 or end
            # Within an open quotation a line end ends no record.
            marks = self.data.count(b'"', start, stop)
            while marks % 2 and stop < end:
                more = self.data.find(b"\n", self.data.find(b'"', stop) + 1 or end) + 1 or end
                marks += self.data.count(b'"', stop, more)
                stop = more
            yield slice(start, stop)
            start = stop


def open_table(path: str | os.PathLike[str], required: Sequence[str] = (), *, purpose: str = "") -> Table:
    """Read a file and check that it is a table with the columns required.

    Parameters
    ----------
    path : path
    required : sequence of str
        Names that the header must have.
    purpose : str
        What the file is for, used in messages ("votes").

    Returns
    -------
    Table

    Raises
    ------
    InputError
        Empty file, not text, not UTF-8, no header, a name that stands twice, a required name that is missing.
    """
    file = str(path)
    try:
        data = Path(file).read_bytes()
    except OSError as error:
        raise _unreadable(file, error) from None
    return _open_text(file, _check_text(file, data), required, purpose)


def stream_tables(
    path: str | os.PathLike[str], required: Sequence[str] = (), *, purpose: str = "", block: int = PIECE
) -> Iterator[Table]:
    """As `open_table`, for files of any size: one table after the other, each with some of the records.

    Parameters
    ----------
    path : path
    required : sequence of str
        Names that the header must have.
    purpose : str
        What the file is for, used in messages.
    block : int
        Bytes to read at a time.

    Yields
    ------
    Table

    Raises
    ------
    InputError
        As `open_table`; about what is wrong further on only when it is reached.
    """
    name = str(path)
    line, byte, header = 1, 0, None
    try:
        with Path(name).open("rb") as file:
            for data in _whole_records(file, block):
                if header is None:
                    table = _open_text(name, _check_text(name, data), required, purpose)
                    header = table.header
                else:
                    table = Table(name, header, _check_utf8(name, data, line, byte), 0, line)
                yield table
                line, byte = line + data.count(b"\n"), byte + len(data)
    except OSError as error:
        raise _unreadable(name, error) from None
    if header is None:
        _check_text(name, b"")


def _whole_records(file: io.BufferedReader, block: int) -> Iterator[bytes]:
    """Pieces of a file that end with a line, outside of quotes."""
    rest = b""
    while data := file.read(block):
        rest += data
        end = rest.rfind(b"\n") + 1
        while end and rest.count(b'"', 0, end) % 2:  # a line break within quotes is no end
            end = rest.rfind(b"\n", 0, end - 1) + 1
        if end:
            yield rest[:end]
            rest = rest[end:]
    if rest:
        yield rest


def _unreadable(file: str, error: OSError) -> InputError:
    if isinstance(error, FileNotFoundError):
        return InputError(Problem(file, None, None, "there is no such file."))
    return InputError(Problem(file, None, None, f"cannot be read ({error.strerror})."))


def _open_text(file: str, data: bytes, required: Sequence[str], purpose: str) -> Table:
    header, body, lines = _read_header(file, data)
    problems = [
        Problem(file, 1, name, "this column stands twice in the header.")
        for i, name in enumerate(header)
        if name and name in header[:i]
    ]
    missing = [name for name in required if name not in header]
    kind = f" of {purpose}" if purpose else ""
    if missing and len(header) == 1 and (mark := next((m for m in SEPARATORS if m in header[0]), "")):
        message = (
            f"the fields are separated by {SEPARATORS[mark]}; save the file with fields separated by commas."
        )
        problems.append(Problem(file, 1, None, message))
    elif missing:
        found = ", ".join(header[:8]) + (", …" if len(header) > 8 else "")
        hint = "" if len(header) > 1 else " Fields must be separated by commas."
        problems += [
            Problem(file, 1, name, f"this column{kind} is missing; the header has: {found}.{hint}")
            for name in missing
        ]
    if problems:
        raise InputError(problems)
    return Table(file, header, data, body, lines + 1)


def _check_text(file: str, data: bytes) -> bytes:
    """The bytes of a file (or its beginning) without a byte order mark, if they are text in UTF-8."""
    for signature, kind in SIGNATURES:
        if data.startswith(signature):
            raise InputError(
                Problem(file, None, None, f"this is {kind}; a CSV file (text, UTF-8) was expected.")
            )
    data = data.removeprefix(b"\xef\xbb\xbf")
    if not data or data.isspace():
        raise InputError(Problem(file, None, None, "the file is empty."))
    return _check_utf8(file, data, 1)


def _check_utf8(file: str, data: bytes, first_line: int, first_byte: int = 0) -> bytes:
    nul = data.find(b"\0")
    if nul >= 0:
        line = data.count(b"\n", 0, nul) + first_line
        raise InputError(
            Problem(file, line, None, f"a NUL byte at position {first_byte + nul}: this is not a text file.")
        )
    if data.isascii():  # a decoded copy of a large file would cost as much memory as the file
        return data
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + first_line
        raise InputError(
            Problem(
                file,
                line,
                None,
                f"byte {data[error.start]:#04x} at position {first_byte + error.start} is not UTF-8; "
                "save the file as UTF-8.",
            )
        ) from None
    return data


def _read_header(file: str, data: bytes) -> tuple[tuple[str, ...], int, int]:
    """Column names, where the records start, and the number of physical lines that the header takes."""
    end, lines = 0, 0
    while end < len(data) and (lines == 0 or data.count(b'"', 0, end) % 2):
        end = data.find(b"\n", end) + 1 or len(data)
        lines += 1
    head = data[:end]
    if b"\r" in head.rstrip(b"\r\n") and b'"' not in head:
        message = "its lines end with a carriage return alone; save the file with Unix or Windows line ends."
        raise InputError(Problem(file, None, None, message))
    try:
        names = next(csv.reader([head.decode("utf-8").strip("\r\n")], strict=True), [])
    except csv.Error as error:
        raise InputError(Problem(file, 1, None, f"the header cannot be read ({error}).")) from error
    return tuple(name.strip() for name in names), end, lines
