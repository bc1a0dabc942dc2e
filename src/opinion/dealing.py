"""Rows of votes from any source, dealt out to buckets: ranges of people in canonical order, about even in rows.

The source is read twice, batch by batch: once for the range of each bucket, once to put each row into the file of its
bucket. Needs pyarrow.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from .batches import COLUMNS, Batch, arrow, batch_of, runs_of
from .collecting import Collector, canonical_ids
from .errors import InputError, Problem
from .io import is_parquet, stream_parquet
from .rows import VoteColumns, parse_votes
from .stamps import in_milliseconds, time_column
from .table import stream_tables
from .votes import Votes

__all__ = ["Survey", "batches", "bounds", "gather", "scatter", "survey"]

Array = np.ndarray[Any, np.dtype[Any]]
SAMPLE = 1 << 15


def batches(source: str | os.PathLike[str], known: Collection[str] | None) -> Iterator[Batch]:
    """The rows of any source, in order."""
    if is_parquet(source):
        yield from stream_parquet(source, known)
        return
    for table in stream_tables(source, COLUMNS, purpose="votes"):
        time = time_column(table)
        raw, problems = parse_votes(table, VoteColumns(*COLUMNS, time, numeric_ids=False), known)
        batch = batch_of(*raw.ids(), raw.value, in_milliseconds(raw.timestamp_ms, table.file, time))
        yield replace(batch, problems=tuple(problems))


@dataclass(frozen=True, eq=False, slots=True)
class Survey:
    """What the first reading says: good rows, statements, whether there are numbers and times alone, some people."""

    rows: int
    statements: tuple[str, ...]
    numeric: bool
    timed: bool
    sample: tuple[str, ...]
    problems: tuple[Problem, ...]


def survey(rows_of: Iterable[Batch], skip_bad: bool) -> Survey:
    """Read all rows once.

    Parameters
    ----------
    rows_of : iterable of Batch
    skip_bad : bool
        Leave bad rows out.

    Returns
    -------
    Survey

    Raises
    ------
    InputError
        With every bad row, unless they are to be left out.
    """
    statements: dict[str, None] = {}
    problems: list[Problem] = []
    sample: list[str] = []
    rows, step, numeric, timed = 0, 1, True, True
    for batch in rows_of:
        problems += batch.problems
        codes, names = np.asarray(batch.statements.indices), batch.statements.dictionary
        used = np.flatnonzero(np.bincount(codes, minlength=len(names)))
        statements |= dict.fromkeys(names.take(arrow().array(used)).cast("string").to_pylist())
        numeric = numeric and arrow().types.is_integer(batch.people.type)
        timed = timed and batch.times is not None
        # Every step-th row, and half of them as soon as they are too many: who votes more is met more often.
        picked = np.arange(-rows % step, batch.values.size, step)
        run = np.searchsorted(np.cumsum(batch.lengths), picked, side="right")
        sample += batch.people.take(arrow().array(run)).cast("string").to_pylist()
        while len(sample) > 2 * SAMPLE:
            sample, step = sample[::2], step * 2
        rows += batch.values.size
    if problems and not skip_bad:
        raise InputError(problems)
    return Survey(rows, tuple(statements), numeric, timed, tuple(sample), tuple(problems))


def bounds(sample: tuple[str, ...], buckets: int) -> tuple[str, ...]:
    """The first id of each bucket but the first, such that the buckets hold about as many rows each."""
    if buckets < 2 or not sample:
        return ()
    ids, place = canonical_ids(arrow().array(sample, type="string"))
    ends = np.sort(place)[np.arange(1, buckets) * len(sample) // buckets]
    return tuple(ids[np.unique(ends)].tolist())


def _bucket_of(people: Any, bounds: tuple[str, ...], numeric: bool) -> Array:
    """Bucket of each participant."""
    if not bounds:
        return np.zeros(len(people), dtype=np.uint16)
    if numeric and all(bound.isdigit() for bound in bounds):
        flat = np.asarray(people)
        if flat.size == 0 or flat.min() >= 0:
            return np.searchsorted(np.array(bounds, dtype=np.int64), flat, side="right").astype(np.uint16)
    pa = arrow()
    both = pa.chunked_array([pa.array(bounds, type="string"), people.cast("string")]).combine_chunks()
    place = canonical_ids(both)[1]
    return np.searchsorted(place[: len(bounds)], place[len(bounds) :], side="right").astype(np.uint16)


def scatter(rows_of: Iterable[Batch], edges: tuple[str, ...], found: Survey, scratch: Path) -> list[Path]:
    """Each row into the file of its bucket, in the order of the source.

    Parameters
    ----------
    rows_of : iterable of Batch
        The source, from its beginning.
    edges : tuple of str
        As `bounds` gave them.
    found : Survey
    scratch : path
        Folder for the files.

    Returns
    -------
    list of path
        One for each bucket, in canonical order.
    """
    pa = arrow()
    person = pa.int64() if found.numeric else pa.string()
    fields = [("person", person), ("statement", pa.int32()), ("vote", pa.int8())]
    schema = pa.schema(fields + ([("time", pa.int64())] if found.timed else []))
    code_of = {name: code for code, name in enumerate(found.statements)}
    paths = [scratch / f"{bucket}.arrow" for bucket in range(len(edges) + 1)]
    with ExitStack() as stack:
        writers = [stack.enter_context(pa.ipc.new_file(str(path), schema)) for path in paths]
        for batch in rows_of:
            names = batch.statements.dictionary.cast("string").to_pylist()
            code = np.array([code_of.get(name, -1) for name in names], dtype=np.int32)
            columns = [code[np.asarray(batch.statements.indices)], batch.values]
            columns += [batch.times] if found.timed else []
            run = np.repeat(np.arange(batch.lengths.size), batch.lengths)
            bucket = _bucket_of(batch.people, edges, found.numeric)[run]
            people = batch.people.cast(person)
            for i, rows in _apart(bucket, len(paths)):
                own = [people.take(pa.array(run[rows])), *(pa.array(column[rows]) for column in columns)]
                writers[i].write_batch(pa.record_batch(own, schema=schema))
    return paths


def _apart(bucket: Array, buckets: int) -> Iterator[tuple[int, Array]]:
    """The rows of each bucket that has any, in order."""
    order = np.argsort(bucket, kind="stable")
    ends = np.cumsum(np.bincount(bucket, minlength=buckets))
    for i, rows in enumerate(np.split(order, ends[:-1])):
        if rows.size:
            yield i, rows


def gather(path: Path, found: Survey, statement_ids: tuple[str, ...]) -> Votes:
    """The votes of a bucket; its file goes."""
    pa = arrow()
    names = pa.array(found.statements, type="string")
    with pa.ipc.open_file(str(path)) as reader:
        records = [reader.get_batch(i) for i in range(reader.num_record_batches)]
    path.unlink()
    collector = Collector(sum(record.num_rows for record in records))
    for record in records:
        people, lengths, _ = runs_of(record.column("person"))
        statements = pa.DictionaryArray.from_arrays(record.column("statement"), names)
        collector.add(Batch(people, lengths, statements, np.asarray(record.column("vote")), None))

    def times() -> Array | None:
        if not found.timed or not records:
            return None
        return np.concatenate([np.asarray(record.column("time")) for record in records])

    return collector.to_votes(statement_ids, times)
