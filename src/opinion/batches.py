"""Rows of votes in Arrow columns: checked, and made numbers. Needs pyarrow, which is imported only when it is used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .errors import InputError, Problem
from .rows import LATEST_MS, TIME_UNIT, VOTES

__all__ = ["COLUMNS", "Batch", "arrow", "batch_of", "check_rows", "is_text", "runs_of"]

Array = np.ndarray[Any, np.dtype[Any]]
COLUMNS = ("participant_id", "statement_id", "vote")


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


def is_text(kind: Any) -> bool:
    """Whether an Arrow type holds text, dictionary-encoded or not."""
    types = arrow().types
    if types.is_dictionary(kind):
        kind = kind.value_type
    return bool(types.is_string(kind) or types.is_large_string(kind))


def check_rows(file: str, first: int, record: Any, exists: frozenset[str] | None) -> Batch:
    """The good rows of a record batch, and what is wrong with the others.

    Parameters
    ----------
    file : str
    first : int
        Rows of the file before these.
    record : pyarrow.RecordBatch
        The columns in the order of `COLUMNS`, and perhaps times.
    exists : frozenset of str or None
        Statements that there are.

    Returns
    -------
    Batch
    """
    bad: list[tuple[int, int, Problem]] = []

    def report(place: int, rows: Array, message: Callable[[int], str]) -> None:
        column = record.schema.names[place]
        for i in rows.tolist():
            bad.append((i, place, Problem(file, None, column, message(i), row=first + i + 1)))

    people, lengths, no_person = runs_of(record.column(0))
    statements, no_statement = _encoded(record.column(1))
    values, no_vote = _values(record.column(2))
    report(0, no_person, lambda i: "the id is missing.")
    report(1, no_statement, lambda i: "the id is missing.")
    strange = _unknown(statements, exists)
    report(1, strange, lambda i: f"statement {statements[i].as_py()} is not among the statements.")
    report(2, no_vote, lambda i: f"{_shown(record.column(2)[i])} is not a vote: -1, 0 or 1 was expected.")
    times = None
    if record.num_columns > len(COLUMNS):
        times, no_time = _times(record.column(3))
        report(3, no_time, lambda i: f"{_shown(record.column(3)[i])} is not a time in {TIME_UNIT}.")
    batch = Batch(people, lengths, statements, values, times)
    if not bad:
        return batch
    bad.sort(key=lambda one: one[:2])
    return _without(batch, [i for i, _, _ in bad], tuple(problem for _, _, problem in bad))


def _unknown(statements: Any, exists: frozenset[str] | None) -> Array:
    """Rows with a statement that does not exist."""
    if exists is None:
        return np.empty(0, dtype=np.int64)
    names = statements.dictionary.cast("string").to_pylist()
    strange = np.array([name != "" and name not in exists for name in names], dtype=bool)
    return (
        np.flatnonzero(strange[np.asarray(statements.indices)])
        if strange.any()
        else np.empty(0, dtype=np.int64)
    )


def _without(batch: Batch, rows: list[int], problems: tuple[Problem, ...]) -> Batch:
    pa = arrow()
    keep = np.ones(batch.values.size, dtype=bool)
    keep[rows] = False
    run = np.repeat(np.arange(batch.lengths.size), batch.lengths)[keep]
    left = np.bincount(run, minlength=batch.lengths.size).astype(np.int32)
    some = np.flatnonzero(left)
    people = batch.people.take(pa.array(some))
    if pa.types.is_dictionary(people.type):
        people = people.dictionary_decode().dictionary_encode()
    times = None if batch.times is None else batch.times[keep]
    return Batch(
        people, left[some], batch.statements.filter(pa.array(keep)), batch.values[keep], times, problems
    )


def batch_of(people: Array, statements: Array, values: Array, times: Array | None) -> Batch:
    """Rows that are good already as a batch.

    Parameters
    ----------
    people, statements : ndarray of int or str, shape (rows,)
    values : ndarray of int8, shape (rows,)
    times : ndarray of int64, shape (rows,), or None

    Returns
    -------
    Batch
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
    if is_text(column.type):
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
