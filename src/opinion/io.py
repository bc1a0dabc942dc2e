"""Votes in Parquet files: read batch by batch into compressed rows, and written.

Needs pyarrow, which is imported only when a file is: ``pip install "plenary[parquet]"``. A file has the columns
``participant_id``, ``statement_id``, ``vote`` and optionally ``timestamp_ms``; ids are whole numbers or text,
dictionary-encoded or not. A folder of such files is read as one, in the order of their names.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from .batches import COLUMNS, Batch, arrow, check_rows, is_text
from .collecting import Collector
from .errors import InputError, Problem
from .reading import VoteFile
from .stamps import in_milliseconds, time_name, unread
from .votes import Votes

__all__ = [
    "count_rows",
    "is_parquet",
    "read_votes",
    "stream_parquet",
    "write_votes",
]

Array = np.ndarray[Any, np.dtype[Any]]
BATCH_ROWS = 1 << 18
GROUP_ROWS = 1 << 20
SHOWN_COLUMNS = 8
MAGIC = b"PAR1"


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

    notes = tuple(note for file in _files(path)[:1] for note in _unread(file, _open(file).schema_arrow.names))
    return VoteFile(collector.to_votes(known, times), tuple(problems), notes=notes)


def _unread(file: str, names: list[str]) -> tuple[Problem, ...]:
    found = unread(file, names, (*COLUMNS, time_name(names)))
    return tuple(replace(note, line=None) for note in found)


def count_rows(path: str | os.PathLike[str]) -> int:
    """Rows of a Parquet file or of all files of a folder, bad ones included; reads no data."""
    return sum(_open(file).metadata.num_rows for file in _files(path))


def stream_parquet(path: str | os.PathLike[str], known: Collection[str] | None = None) -> Iterator[Batch]:
    """The rows of a file or folder, a batch at a time.

    Parameters
    ----------
    path : path
    known : collection of str, optional
        Statement ids that exist; a vote on any other one is a problem.

    Yields
    ------
    Batch

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
        text = [name for name in COLUMNS[:2] if is_text(source.schema_arrow.field(name).type)]
        source = _open(file, text)
        row = 0
        try:
            for record in source.iter_batches(BATCH_ROWS, columns=wanted):
                yield _timed(file, check_rows(file, row, record, exists), record.schema)
                row += record.num_rows
        except (pa.ArrowException, OSError) as error:
            raise InputError(
                Problem(file, None, None, f"cannot be read from row {row + 1:,} on ({error}).")
            ) from None


def _timed(file: str, batch: Batch, schema: Any) -> Batch:
    """A batch with its times in milliseconds; those that Arrow knows to be times are already."""
    if batch.times is None or arrow().types.is_timestamp(schema.field(len(COLUMNS)).type):
        return batch
    return replace(batch, times=in_milliseconds(batch.times, file, schema.names[len(COLUMNS)]))


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


def _check_columns(file: str, schema: Any) -> list[str]:
    """Names of the columns to read; raises if one is missing, stands twice or cannot hold what it should."""
    types = arrow().types
    found = ", ".join(schema.names[:SHOWN_COLUMNS]) + (", …" if len(schema.names) > SHOWN_COLUMNS else "")
    time = time_name(schema.names)
    wanted = [*COLUMNS, time] if time else list(COLUMNS)
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
            fits = number or is_text(kind)
            if name == "vote":
                fits = fits or types.is_floating(kind)
            elif name == time:
                fits = number or types.is_timestamp(kind)
            if fits:
                continue
            wanted_kind = "numbers" if name in ("vote", time) else "whole numbers or text"
            message = f"the column holds {kind}; {wanted_kind} were expected."
        problems.append(Problem(file, None, name, message))
    if problems:
        raise InputError(problems)
    return wanted


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
