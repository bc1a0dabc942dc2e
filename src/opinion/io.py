"""Votes in Parquet files: read batch by batch into compressed rows, and written.

Needs pyarrow, which is imported only here: ``pip install "plenary[parquet]"``. A file has the columns
``participant_id``, ``statement_id``, ``vote`` and optionally ``timestamp_ms``; ids are whole numbers or text,
dictionary-encoded or not. A folder of such files is read as one, in the order of their names.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .errors import InputError, Problem
from .reading import LATEST_MS, TIME_UNIT, VOTES, VoteFile
from .votes import Votes

__all__ = [
    "COLUMNS",
    "Batch",
    "arrow",
    "batch_of",
    "is_parquet",
    "read_votes",
    "runs_of",
    "stream_parquet",
    "write_votes",
]

Array = np.ndarray[Any, np.dtype[Any]]
COLUMNS = ("participant_id", "statement_id", "vote")
BATCH_ROWS = 1 << 18
GROUP_ROWS = 1 << 20
SHOWN_COLUMNS = 8
MAGIC = b"PAR1"


@dataclass(frozen=True, eq=False, slots=True)
class Batch:
    """Consecutive rows of votes, without the bad ones.

    Attributes
    ----------
    people : pyarrow.Int64Array or pyarrow.DictionaryArray of string, length runs
        Participant of each run of rows of the same participant.
    lengths : ndarray of int32, shape (runs,)
        Rows in each run.
    statements : pyarrow.DictionaryArray of int64 or string, length rows
    values : ndarray of int8, shape (rows,)
    times : ndarray of int64, shape (rows,), or None
    problems : tuple of Problem
        Of the rows that were left out.
    """

    people: Any
    lengths: Array
    statements: Any
    values: Array
    times: Array | None
    problems: tuple[Problem, ...] = ()


def arrow() -> Any:
    """The module pyarrow, or an InputError that says how to get it."""
    try:
        import pyarrow as pa
        import pyarrow.compute
        import pyarrow.parquet
    except ImportError:
        message = 'Parquet files need pyarrow, which is not installed: pip install "plenary[parquet]"'
        raise InputError(message) from None
    return pa


def is_parquet(path: str | os.PathLike[str]) -> bool:
    """Whether the path is a Parquet file, or a folder that holds some. Does not need pyarrow."""
    place = Path(path)
    if place.is_dir():
        return next(place.rglob("*.parquet"), None) is not None
    if not place.is_file():
        return place.suffix == ".parquet"
    with place.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def read_votes(
    path: str | os.PathLike[str], *, known: Collection[str] | None = None, skip_bad: bool = False
) -> VoteFile:
    """Read votes from a Parquet file, or from all ``*.parquet`` files of a folder.

    Rows that stand in canonical order (as `write_votes` leaves them) become the compressed rows directly, in little
    more memory than these take; rows in any other order are sorted.

    Parameters
    ----------
    path : path
    known : collection of str, optional
        Statement ids that exist; a vote on any other one is an error. Each gets a column.
    skip_bad : bool
        Leave bad rows out and report them in `skipped` instead of raising.

    Returns
    -------
    VoteFile
        With a timestamp the latest vote per pair counts, otherwise the last one in the file.

    Raises
    ------
    InputError
        With every bad row: file, row (from 1), column, and what is wrong; or that pyarrow is missing.
    """
    from .collecting import Collector

    collector = Collector(rows=count_rows(path))
    problems: list[Problem] = []
    for batch in stream_parquet(path, known):
        problems += batch.problems
        if not problems or skip_bad:
            collector.add(batch)
    if problems and not skip_bad:
        raise InputError(problems)

    def times() -> Array | None:
        """Read again, since where no pair stands twice nobody asks for the times."""
        parts = [batch.times for batch in stream_parquet(path, known)]
        if not parts or any(part is None for part in parts):
            return None
        return np.concatenate(parts)  # type: ignore[arg-type]

    return VoteFile(collector.to_votes(known, times), tuple(problems))


def count_rows(path: str | os.PathLike[str]) -> int:
    """Rows of a Parquet file or of all files of a folder, bad ones included; reads no data."""
    return sum(_open(file).metadata.num_rows for file in _files(path))


def stream_parquet(path: str | os.PathLike[str], known: Collection[str] | None = None) -> Iterator[Batch]:
    """The rows of a file or folder, a batch at a time.

    Raises
    ------
    InputError
        A file that cannot be read, or without the columns; bad rows raise nothing, they are in `Batch.problems`.
    """
    pa = arrow()
    exists = None if known is None else frozenset(known)
    for file in _files(path):
        source = _open(file)
        wanted = _check_columns(file, source.schema_arrow)
        text = [name for name in COLUMNS[:2] if _is_text(source.schema_arrow.field(name).type)]
        source = _open(file, text)
        row = 0
        try:
            for record in source.iter_batches(BATCH_ROWS, columns=wanted):
                yield _check_rows(file, row, record, exists)
                row += record.num_rows
        except (pa.ArrowException, OSError) as error:
            raise InputError(
                Problem(file, None, None, f"cannot be read from row {row + 1:,} on ({error}).")
            ) from None


def _files(path: str | os.PathLike[str]) -> list[str]:
    place = Path(path)
    if not place.is_dir():
        return [str(place)]
    found = sorted(str(file) for file in place.rglob("*.parquet") if not file.name.startswith((".", "_")))
    if not found:
        raise InputError(Problem(str(place), None, None, "there is no *.parquet file in this folder."))
    return found


def _open(file: str, text: list[str] | None = None) -> Any:
    pa = arrow()
    try:
        return pa.parquet.ParquetFile(file, read_dictionary=text, pre_buffer=False)
    except FileNotFoundError:
        raise InputError(Problem(file, None, None, "there is no such file.")) from None
    except (pa.ArrowException, OSError) as error:
        raise InputError(Problem(file, None, None, f"cannot be read as Parquet ({error}).")) from None


def _is_text(kind: Any) -> bool:
    types = arrow().types
    if types.is_dictionary(kind):
        kind = kind.value_type
    return bool(types.is_string(kind) or types.is_large_string(kind))


def _check_columns(file: str, schema: Any) -> list[str]:
    """Names of the columns to read; raises if one is missing, stands twice or cannot hold what it should."""
    types = arrow().types
    found = ", ".join(schema.names[:SHOWN_COLUMNS]) + (", …" if len(schema.names) > SHOWN_COLUMNS else "")
    wanted = [*COLUMNS, "timestamp_ms"] if "timestamp_ms" in schema.names else list(COLUMNS)
    problems = []
    for name in wanted:
        if name not in schema.names:
            message = f"this column of votes is missing; the file has: {found}."
        elif schema.names.count(name) > 1:
            message = "this column stands twice in the file."
        else:
            kind = schema.field(name).type
            kind = kind.value_type if types.is_dictionary(kind) else kind
            number = types.is_integer(kind)
            fits = number or _is_text(kind)
            if name == "vote":
                fits = fits or types.is_floating(kind)
            elif name == "timestamp_ms":
                fits = number or types.is_timestamp(kind)
            if fits:
                continue
            wanted_kind = "numbers" if name in ("vote", "timestamp_ms") else "whole numbers or text"
            message = f"the column holds {kind}; {wanted_kind} were expected."
        problems.append(Problem(file, None, name, message))
    if problems:
        raise InputError(problems)
    return wanted


def _check_rows(file: str, first: int, record: Any, exists: frozenset[str] | None) -> Batch:
    """The good rows of a record batch, and what is wrong with the others."""
    bad: list[tuple[int, int, Problem]] = []

    def report(place: int, column: str, rows: Array, message: Any) -> None:
        for i in rows.tolist():
            bad.append((i, place, Problem(file, None, column, message(i), row=first + i + 1)))

    people, lengths, no_person = runs_of(record.column("participant_id"))
    statements, no_statement = _encoded(record.column("statement_id"))
    report(0, "participant_id", no_person, lambda i: "the id is missing.")
    report(1, "statement_id", no_statement, lambda i: "the id is missing.")
    if exists is not None:
        names = statements.dictionary.cast("string").to_pylist()
        strange = np.array([name != "" and name not in exists for name in names], dtype=bool)
        if strange.any():
            codes = _codes(statements)
            rows = np.flatnonzero((codes >= 0) & strange[codes])
            report(
                1, "statement_id", rows, lambda i: f"statement {names[codes[i]]} is not among the statements."
            )
    values, wrong = _values(record.column("vote"))
    shown = record.column("vote")
    report(2, "vote", wrong, lambda i: f"{_shown(shown[i])} is not a vote: -1, 0 or 1 was expected.")
    times = None
    if record.num_columns > len(COLUMNS):
        times, wrong = _times(record.column("timestamp_ms"))
        clock = record.column("timestamp_ms")
        report(3, "timestamp_ms", wrong, lambda i: f"{_shown(clock[i])} is not a time in {TIME_UNIT}.")
    if not bad:
        return Batch(people, lengths, statements, values, times)
    keep = np.ones(record.num_rows, dtype=bool)
    keep[[i for i, _, _ in bad]] = False
    run = np.repeat(np.arange(lengths.size), lengths)[keep]
    left = np.bincount(run, minlength=lengths.size).astype(np.int32)
    some = np.flatnonzero(left)
    people = people.take(arrow().array(some))
    if arrow().types.is_dictionary(people.type):
        people = people.dictionary_decode().dictionary_encode()
    return Batch(
        people,
        left[some],
        statements.filter(arrow().array(keep)),
        values[keep],
        None if times is None else times[keep],
        tuple(problem for _, _, problem in sorted(bad, key=lambda one: one[:2])),
    )


def batch_of(people: Array, statements: Array, values: Array, times: Array | None) -> Batch:
    """Rows that are good already as a batch.

    Parameters
    ----------
    people, statements : ndarray of int or str, shape (rows,)
    values : ndarray of int8, shape (rows,)
    times : ndarray of int64, shape (rows,), or None
    """
    pa = arrow()
    if people.size == 0:  # an empty list of names has no type of its own
        people = statements = np.empty(0, dtype=np.int64)
    runs, lengths, _ = runs_of(pa.array(people))
    return Batch(runs, lengths, _encoded(pa.array(statements))[0], values, times)


def _shown(scalar: Any) -> str:
    value = scalar.as_py()
    return "“”" if value is None else f"“{str(value)[:40]}”"


def _codes(column: Any) -> Array:
    """Codes of a dictionary array; −1 where there is no value."""
    indices = column.indices
    return np.asarray(indices.fill_null(-1) if indices.null_count else indices)


def _encoded(column: Any) -> tuple[Any, Array]:
    """A column of ids as a dictionary array of int64 or trimmed strings, and the rows without an id."""
    pa = arrow()
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    names = column.dictionary
    if pa.types.is_integer(names.type):
        fits = names.type != pa.uint64() or not len(names) or pa.compute.max(names).as_py() < 2**63
        names = names.cast("int64" if fits else "string")
    else:
        names = pa.compute.utf8_trim_whitespace(names.cast("string"))
    codes = np.ascontiguousarray(_codes(column), dtype=np.int32)
    missing = codes < 0
    if names.null_count or pa.types.is_string(names.type):
        empty = np.asarray(pa.compute.equal(pa.compute.utf8_length(names.cast("string")), 0).fill_null(True))
        if empty.any():
            missing = missing | empty[codes]
    column = pa.DictionaryArray.from_arrays(
        pa.array(np.maximum(codes, 0)) if missing.any() else pa.array(codes), names
    )
    return column, np.flatnonzero(missing)


def runs_of(column: Any) -> tuple[Any, Array, Array]:
    """Runs of equal participants: their ids, their lengths, and the rows without an id."""
    pa = arrow()
    missing = np.empty(0, dtype=np.int64)
    if pa.types.is_integer(column.type) and column.type != pa.uint64() and not column.null_count:
        ids = column.cast("int64")
        keys = np.asarray(ids)
    else:
        ids, missing = _encoded(column)
        keys = np.asarray(ids.indices)
    starts = (
        np.flatnonzero(np.append(True, keys[1:] != keys[:-1])) if keys.size else np.empty(0, dtype=np.int64)
    )
    ids = ids.take(pa.array(starts))
    if pa.types.is_dictionary(ids.type):  # once more, without what the dictionary of the file holds beside
        ids = ids.dictionary_decode()
        ids = ids if pa.types.is_integer(ids.type) else ids.dictionary_encode()
    return ids, np.diff(np.append(starts, keys.size)).astype(np.int32), missing


def _values(column: Any) -> tuple[Array, Array]:
    """Votes as int8, and the rows that hold anything else."""
    pa = arrow()
    if pa.types.is_dictionary(column.type):
        codes = _codes(column)
        distinct, wrong = _values(column.dictionary)
        strange = np.zeros(len(distinct) + 1, dtype=bool)  # the last place is that of a missing value
        strange[wrong] = strange[-1] = True
        return np.append(distinct, np.int8(0))[codes], np.flatnonzero(strange[codes])
    if _is_text(column.type):
        return _values_of_text(column)
    flat = np.asarray(column.fill_null(2) if column.null_count else column)
    bad = ~((flat == 1) | (flat == 0) | (flat == -1))
    if bad.any():
        flat = np.where(bad, 0, flat)
    return flat.astype(np.int8), np.flatnonzero(bad)


def _values_of_text(column: Any) -> tuple[Array, Array]:
    encoded = column.dictionary_encode()
    names = [None if name is None else VOTES.get(name.strip()) for name in encoded.dictionary.to_pylist()]
    return _values(arrow().DictionaryArray.from_arrays(encoded.indices, arrow().array(names, type="int8")))


def _times(column: Any) -> tuple[Array, Array]:
    """Milliseconds since 1970, and the rows that hold none in the years to 2100."""
    pa = arrow()
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("ms", tz=column.type.tz), safe=False).cast("int64")
    flat = np.asarray((column.fill_null(0) if column.null_count else column).cast("int64", safe=False))
    bad = (flat < 0) | (flat > LATEST_MS)
    if column.null_count:
        bad = bad | np.asarray(column.is_null())
    return flat, np.flatnonzero(bad)


def write_votes(votes: Votes, path: str | os.PathLike[str]) -> None:
    """Write votes to a Parquet file, in canonical order, one row a vote.

    Ids that are all plain whole numbers are written as numbers, otherwise as text. The file takes its name only when
    it is complete.

    Parameters
    ----------
    votes : Votes
    path : path
        Replaced if it exists.

    Raises
    ------
    InputError
        If pyarrow is missing.
    OSError
        If the file cannot be written.
    """
    pa = arrow()
    people, statements = _id_column(votes.participant_ids), _id_column(votes.statement_ids)
    fields = [(name, column.type) for name, column in zip(COLUMNS, (people, statements), strict=False)]
    schema = pa.schema([*fields, ("vote", pa.int8())])
    target = Path(path)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.absolute().parent)
    os.close(handle)
    try:
        with pa.parquet.ParquetWriter(name, schema, compression="zstd") as writer:
            for first, last in _row_blocks(votes.indptr):
                part = slice(int(votes.indptr[first]), int(votes.indptr[last]))
                run = np.repeat(np.arange(first, last), np.diff(votes.indptr[first : last + 1]))
                columns = [people.take(pa.array(run)), statements.take(pa.array(votes.indices[part]))]
                writer.write_table(pa.table([*columns, pa.array(votes.values[part])], schema=schema))
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(name, 0o666 & ~umask)
        os.replace(name, target)
    finally:
        Path(name).unlink(missing_ok=True)


def _row_blocks(indptr: Array) -> Iterator[tuple[int, int]]:
    """Ranges of participants with about GROUP_ROWS votes, at least one participant each."""
    first, n = 0, indptr.size - 1
    while first < n:
        last = int(np.searchsorted(indptr, indptr[first] + GROUP_ROWS, side="right")) - 1
        last = min(max(last, first + 1), n)
        yield first, last
        first = last


def _id_column(ids: Array) -> Any:
    """Ids as int64 if each is a plain whole number, otherwise as strings."""
    pa = arrow()
    text = pa.array(ids.tolist(), type="string") if ids.size < GROUP_ROWS else pa.array(ids)
    plain = pa.compute.match_substring_regex(text, "^(0|[1-9][0-9]{0,17})$")
    return text.cast("int64") if pa.compute.all(plain, min_count=0).as_py() else text.cast("string")
