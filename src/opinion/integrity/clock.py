"""When each vote that counts was cast: `Votes` keeps no times, so they come beside it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputError
from ..rows import RawVotes, VoteColumns, parse_votes
from ..table import open_table
from ..votes import Votes, canonical

if TYPE_CHECKING:
    import os

__all__ = ["align_times", "read_times"]

Array = np.ndarray[Any, np.dtype[Any]]


def align_times(votes: Votes, raw: RawVotes) -> Array | None:
    """When the vote that counts was cast, for each stored vote, in milliseconds; ``None`` if the rows have no times.

    Parameters
    ----------
    votes : Votes
        Made from `raw`, possibly with further statements.
    raw : RawVotes

    Returns
    -------
    ndarray of int64, shape (votes.size,), or None

    Raises
    ------
    InputError
        If the rows are not those of the votes.
    """
    if raw.timestamp_ms is None:
        return None
    people, row = canonical(raw.participant)
    labels, column = canonical(raw.statement)
    every, place = canonical(np.concatenate([labels.astype(str), votes.statement_ids.astype(str)]))
    m = max(every.size, 1)
    key = row.astype(np.int64) * m + place[: labels.size][column]
    order = np.lexsort((raw.timestamp_ms, key))
    last = np.append(key[order][1:] != key[order][:-1], True) if key.size else np.zeros(0, dtype=bool)
    times = raw.timestamp_ms[order][last]
    if not np.array_equal(people, votes.participant_ids) or m != max(votes.shape[1], 1):
        raise InputError("The times are those of other votes: read both from the same file.")
    if times.size != votes.size:
        raise InputError(
            f"There are {times.size} times for {votes.size} votes: read both from the same file."
        )
    return np.asarray(times)


def read_times(path: str | os.PathLike[str], votes: Votes, *, sign: Any = None) -> Array | None:
    """Times of the votes of a file in long form, a Parquet file or folder, or a Polis export.

    Parameters
    ----------
    path : path
    votes : Votes
        Read from the same place.
    sign : int or str, optional
        As given to `opinion.polis.read_export`.

    Returns
    -------
    ndarray of int64, shape (votes.size,), or None
        As `align_times`; ``None`` where there are none. Bad lines are passed over: reading the votes reported them.
    """
    from .. import io
    from ..polis import is_export, read_export

    if io.is_parquet(path) and not (Path(path) / "comments.csv").exists():
        raw = _parquet(path, votes)
    elif is_export(path):
        raw = read_export(path, sign=sign, skip_bad=True).votes
    elif Path(path).is_file():
        raw = _long_form(path, votes)
    else:
        raw = None
    return None if raw is None else align_times(votes, raw)


def _long_form(path: str | os.PathLike[str], votes: Votes) -> RawVotes | None:
    table = open_table(path, ("participant_id", "statement_id", "vote"), purpose="votes")
    if "timestamp_ms" not in table.header:
        return None
    columns = VoteColumns("participant_id", "statement_id", "vote", "timestamp_ms", numeric_ids=False)
    return parse_votes(table, columns, set(votes.statement_ids.tolist()))[0]


def _parquet(path: str | os.PathLike[str], votes: Votes) -> RawVotes | None:
    from .. import io

    people, statements, values, times = [], [], [], []
    for batch in io.stream_parquet(path, votes.statement_ids.tolist()):
        if batch.times is None:
            return None
        people.append(np.repeat(_names(batch.people), batch.lengths))
        statements.append(_names(batch.statements))
        values.append(batch.values)
        times.append(batch.times)
    if not times:
        return None
    return RawVotes(
        np.concatenate(people), np.concatenate(statements), np.concatenate(values), np.concatenate(times)
    )


def _names(column: Any) -> Array:
    plain = column.dictionary_decode() if hasattr(column, "dictionary_decode") else column
    names = plain.to_numpy(zero_copy_only=False)
    return np.asarray(names.astype(str) if names.dtype == object else names)
