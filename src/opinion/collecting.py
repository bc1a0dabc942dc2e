"""Batches of votes collected into compressed rows, in canonical order."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import numpy as np

from .batches import Batch, arrow
from .errors import InputError
from .votes import Votes, _settle_ties

__all__ = ["Collector", "canonical_ids"]

Array = np.ndarray[Any, np.dtype[Any]]
Times = Callable[[], Array | None]
CHUNK = 1 << 20


class Collector:
    """Takes batches in turn and makes them votes.

    Parameters
    ----------
    rows : int
        At least as many rows as will come; room for them is made at once.
    """

    def __init__(self, rows: int) -> None:
        self._column = np.empty(rows, dtype=np.int32)
        self._value = np.empty(rows, dtype=np.int8)
        self._filled = 0
        self._people: list[Any] = []
        self._lengths: list[Array] = []
        self._statements: dict[str, int] = {}

    def add(self, batch: Batch) -> None:
        """Take the rows of a batch; its times are not kept."""
        part = slice(self._filled, self._filled + batch.values.size)
        names, codes = batch.statements.dictionary, np.asarray(batch.statements.indices)
        used = np.flatnonzero(
            np.bincount(codes, minlength=len(names))
        )  # a dictionary may hold what no row says
        table = np.zeros(len(names), dtype=np.int32)
        for i, name in zip(
            used.tolist(), names.take(arrow().array(used)).cast("string").to_pylist(), strict=True
        ):
            table[i] = self._statements.setdefault(name, len(self._statements))
        _translate(codes, table, self._column[part])
        self._value[part] = batch.values
        self._filled = part.stop
        self._people.append(_narrowed(batch.people))
        self._lengths.append(batch.lengths)

    def to_votes(self, known: Collection[str] | None = None, times: Times = lambda: None) -> Votes:
        """The latest vote per pair of all that was added. The collector is spent.

        Parameters
        ----------
        known : collection of str, optional
            Statements to keep a column for although nobody voted on them.
        times : callable
            The times of all rows, in order, or ``None`` if the order of the rows is that of voting. Called only if
            a pair stands twice.

        Returns
        -------
        Votes
        """
        people, place, lengths = self._gather_people()
        seen = list(self._statements)
        names = arrow().array(seen + sorted(known or ()), type="string")
        labels, column_of = canonical_ids(names)
        column, value = self._column[: self._filled], self._value[: self._filled]
        _translate(column, column_of[: len(seen)], column)
        if np.all(place[1:] > place[:-1]) and _rises(column, np.cumsum(lengths) - lengths):
            return _votes(people, labels, lengths, column, value)
        return _sort(people, labels, np.repeat(place, lengths), column, value, times)

    def _gather_people(self) -> tuple[Array, Array, Array]:
        """Ids in canonical order; the place among them and the length of each run."""
        pa = arrow()
        runs, self._people = self._people, []
        if not runs:
            return np.empty(0, dtype=str), np.empty(0, dtype=np.int32), np.empty(0, dtype=np.int64)
        lengths, self._lengths = np.concatenate(self._lengths), []
        if all(pa.types.is_integer(run.type) for run in runs):
            wide = pa.int64() if any(run.type == pa.int64() for run in runs) else pa.int32()
            joined = pa.concat_arrays([run.cast(wide) for run in runs])
            del runs
            ids, place = canonical_ids(joined)
            del joined
        else:
            runs = [
                run if pa.types.is_dictionary(run.type) else run.cast("string").dictionary_encode()
                for run in runs
            ]
            joined = pa.chunked_array(runs).unify_dictionaries()
            ids, place_of = canonical_ids(joined.chunk(0).dictionary)
            place = place_of[np.concatenate([np.asarray(chunk.indices) for chunk in joined.chunks])]
        first = np.flatnonzero(np.append(True, place[1:] != place[:-1])) if place.size else place
        if first.size < place.size:  # a participant whose rows go on in the next batch
            place, lengths = place[first], np.add.reduceat(lengths, first)
        return ids, place, lengths


def _narrowed(ids: Any) -> Any:
    """Numbers in four bytes instead of eight where they fit."""
    pa = arrow()
    if not pa.types.is_integer(ids.type) or not len(ids):
        return ids
    ends = pa.compute.min_max(ids).as_py()
    return ids.cast("int32") if ends["min"] >= -(2**31) and ends["max"] < 2**31 else ids


def _translate(code: Array, table: Array, out: Array) -> None:
    """``out[:] = table[code]`` in pieces, since an index array is converted to eight bytes an entry."""
    for first in range(0, code.size, CHUNK):
        part = slice(first, first + CHUNK)
        np.take(table, code[part], out=out[part], mode="clip")


def _rises(column: Array, starts: Array) -> bool:
    """Whether the statements rise within each participant's rows, none standing twice."""
    if column.size < 2:
        return True
    rises = column[1:] > column[:-1]
    rises[starts[1:] - 1] = True
    return bool(rises.all())


def _votes(
    people: Array, labels: Array, lengths: Array, column: Array, value: Array, superseded: int = 0
) -> Votes:
    indptr = np.zeros(people.size + 1, dtype=np.int64)
    np.cumsum(lengths, out=indptr[1:])
    for array in (people, labels, indptr, column, value):
        array.setflags(write=False)
    return Votes(people, labels, indptr, column, value, superseded)


def _sort(people: Array, labels: Array, row: Array, column: Array, value: Array, times: Times) -> Votes:
    """Votes from rows in any order."""
    n, m, bits = people.size, labels.size, row.size.bit_length()
    if (n * m) << bits >= 2**63:  # does not fit the one number below
        return Votes._assemble(people, labels, row, column, value, times())
    # One number holds participant, statement and place, so that a plain sort of numbers is a stable sort of the rows.
    pair = row.astype(np.int64)
    pair *= m
    pair += column
    pair <<= bits
    for first in range(0, row.size, CHUNK):
        piece = pair[first : first + CHUNK]
        piece += np.arange(first, first + piece.size)
    del row
    pair.sort()
    order = np.empty(pair.size, dtype=np.int32 if bits < 32 else np.int64)
    np.bitwise_and(pair, (1 << bits) - 1, out=order, casting="same_kind")
    pair >>= bits
    last = np.append(pair[1:] != pair[:-1], True)
    kept = np.empty(int(last.sum()), dtype=np.int8)
    _translate(order if kept.size == order.size else order[last], value, kept)
    if kept.size < order.size:
        _take_latest(kept, pair, order, value, last, times())
        pair = pair[last]
    del order
    column = np.empty(pair.size, dtype=np.int32)
    np.remainder(pair, m, out=column, casting="same_kind")
    pair //= m
    who = pair
    return _votes(people, labels, np.bincount(who, minlength=n), column, kept, value.size - kept.size)


def _take_latest(
    kept: Array, pair: Array, order: Array, value: Array, last: Array, times: Array | None
) -> None:
    """Where a pair stands more than once, put its latest vote into `kept`; without times it stands there already."""
    if times is None:
        return
    sizes = np.diff(np.flatnonzero(np.append(True, last)))
    several = np.repeat(sizes > 1, sizes)
    some, pair = order[several], pair[several]
    by_time = np.lexsort((times[some], pair))
    some, pair = some[by_time], pair[by_time]
    ends = np.append(pair[1:] != pair[:-1], True)
    kept[sizes > 1] = _settle_ties(pair, times[some], value[some], ends)[ends]


def canonical_ids(names: Any) -> tuple[Array, Array]:
    """Distinct ids as strings in canonical order, and for each entry its place among them.

    Parameters
    ----------
    names : pyarrow.Array of int32, int64 or string

    Returns
    -------
    ids : ndarray of str, shape (distinct ids,)
    place : ndarray of int32, shape (len(names),)

    Raises
    ------
    InputError
        If an id is not one.
    """
    pa = arrow()
    if pa.types.is_integer(names.type):
        flat = np.asarray(names)
        if flat.size and flat.min() >= 0:
            distinct, place = _distinct_numbers(flat)
            return distinct.astype(f"U{len(str(distinct[-1]))}"), place
        names = names.cast("string")
    distinct = pa.compute.unique(names)
    if pa.compute.any(pa.compute.match_substring(distinct, "\0")).as_py():
        raise InputError("An id contains a NUL character; ids are text.")
    whole = pa.compute.match_substring_regex(distinct, "^(0|[1-9][0-9]*)$")
    table = pa.table(
        {
            "other": pa.compute.invert(whole),
            "length": pa.compute.if_else(whole, pa.compute.utf8_length(distinct), 0),
            "name": distinct,  # by the bytes of UTF-8, which is by code point
        }
    )
    keys = [(name, "ascending") for name in table.column_names]
    ordered = distinct.take(pa.compute.sort_indices(table, sort_keys=keys))
    place = pa.compute.index_in(names, value_set=ordered)
    return np.array(ordered.to_pylist(), dtype=str), np.asarray(place).astype(np.int32)


def _distinct_numbers(flat: Array) -> tuple[Array, Array]:
    """Rising distinct numbers, and the place of each entry among them; by a table or by hashes, not by sorting."""
    if np.all(flat[1:] > flat[:-1]):
        return flat, np.arange(flat.size, dtype=np.int32)
    high = int(flat.max())
    if high < 4 * flat.size + 1024:
        present = np.zeros(high + 1, dtype=bool)
        present[flat] = True
        place = np.cumsum(present, dtype=np.int32) - np.int32(1)
        return np.flatnonzero(present), place[flat]
    compute = arrow().compute
    distinct = np.sort(np.asarray(compute.unique(arrow().array(flat))))
    place = compute.index_in(arrow().array(flat), value_set=arrow().array(distinct))
    return distinct, np.asarray(place).astype(np.int32)
