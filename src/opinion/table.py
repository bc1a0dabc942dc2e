"""Reading tables of comma-separated values: fast where all is well, exact about places where it is not.

A table of whole numbers is read in blocks with array arithmetic. As soon as a block does not look as expected, the
whole table is read again record by record, which is slower and knows the line of everything.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import InputError, Problem

if TYPE_CHECKING:
    import os

__all__ = ["Table", "open_table", "stream_tables"]

BLOCK = 1 << 23
MAX_FIELD = 1 << 24
INT64_DIGITS = 18

Array = np.ndarray[Any, np.dtype[Any]]

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

        Raises
        ------
        InputError
            If a quotation is not closed, or a field is longer than 16 MiB.
        """
        text = io.TextIOWrapper(io.BytesIO(self.data[self.body :]), encoding="utf-8", newline="")
        previous_limit = csv.field_size_limit(MAX_FIELD)
        line = self.body_line
        reader = csv.reader(text, strict=True)
        try:
            for record in reader:
                if record:
                    yield line, record
                line = self.body_line + reader.line_num
        except csv.Error as error:
            raise InputError(self.problem(line, None, f"this record cannot be read ({error}).")) from error
        finally:
            csv.field_size_limit(previous_limit)

    def integers(self, columns: Sequence[str]) -> dict[str, Array] | None:
        """The named columns as arrays of int32 or int64, or ``None`` if the table is not plain enough for it.

        Plain means: no quotes, the same number of fields on each line, and whole numbers of at most 18 digits
        without leading zeros in the columns asked for. ``None`` says nothing about right or wrong; `records` tells.
        """
        places = [self.header.index(name) for name in columns]
        parts: list[list[Array]] = [[] for _ in places]
        start, end = self.body, len(self.data)
        while start < end:
            stop = min(start + BLOCK, end)
            if stop < end:
                stop = self.data.rfind(b"\n", start, stop) + 1
                if stop <= start:
                    return None
            block = _parse_block(self.data[start:stop], len(self.header), places)
            if block is None:
                return None
            for part, values in zip(parts, block, strict=True):
                part.append(values)
            start = stop
        empty = np.empty(0, dtype=np.int32)
        return {
            name: np.concatenate(part) if part else empty for name, part in zip(columns, parts, strict=True)
        }


def open_table(path: str | os.PathLike[str], required: Sequence[str] = (), *, purpose: str = "") -> Table:
    """Read a file and check that it is a table with the columns required.

    Parameters
    ----------
    path : path
    required : sequence of str
        Names that the header must have.
    purpose : str
        What the file is for, used in messages ("votes").

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
    path: str | os.PathLike[str], required: Sequence[str] = (), *, purpose: str = "", block: int = BLOCK
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
    if missing:
        found = ", ".join(header[:8]) + (", …" if len(header) > 8 else "")
        kind = f" of {purpose}" if purpose else ""
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
    try:
        names = next(csv.reader([head.decode("utf-8").strip("\r\n")], strict=True), [])
    except csv.Error as error:
        raise InputError(Problem(file, 1, None, f"the header cannot be read ({error}).")) from error
    return tuple(name.strip() for name in names), end, lines


def _parse_block(block: bytes, width: int, places: Sequence[int]) -> list[Array] | None:
    if b'"' in block:
        return None
    if b"\r" in block:
        block = block.replace(b"\r\n", b"\n")
    block = block.rstrip(b"\n") + b"\n"
    if block == b"\n":
        return [np.empty(0, dtype=np.int32) for _ in places]
    raw = np.frombuffer(block, dtype=np.uint8)
    cuts = np.flatnonzero((raw == 44) | (raw == 10)).astype(np.int32)
    if cuts.size % width:
        return None
    grid: Array = cuts.reshape(-1, width)
    if not (np.all(raw[grid[:, -1]] == 10) and np.all(raw[grid[:, :-1]] == 44)):
        return None
    out: list[Array] = []
    for place in places:
        first: Array = np.append(np.int32(0), grid[:-1, -1] + 1) if place == 0 else grid[:, place - 1] + 1
        values = _parse_integers(raw, first, grid[:, place])
        if values is None:
            return None
        out.append(values)
    return out


def _parse_integers(raw: Array, starts: Array, ends: Array) -> Array | None:
    """Whole numbers between `starts` and `ends`; ``None`` if a field is anything else."""
    negative = raw[starts] == 45
    starts = starts + negative
    length = ends - starts
    if starts.size and np.any((raw[starts] == 48) & ((length > 1) | negative)):
        return None  # "007" and "7" are different ids; as numbers they would become one
    longest = int(length.max(initial=0))
    if longest > INT64_DIGITS or int(length.min(initial=1)) < 1:
        return None
    shortest = int(length.min())
    total = np.zeros(starts.size, dtype=np.int64 if longest > 9 else np.int32)
    for position in range(longest):
        if position < shortest:
            digit = raw[starts + position] - np.uint8(48)
            if np.any(digit > 9):
                return None
            total = total * 10 + digit
        else:  # only the fields that are long enough
            more = np.flatnonzero(length > position)
            digit = raw[starts[more] + position] - np.uint8(48)
            if np.any(digit > 9):
                return None
            total[more] = total[more] * 10 + digit
    np.negative(total, out=total, where=negative)
    return total
