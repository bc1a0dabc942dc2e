"""Which column of a table of votes tells the time, and in what unit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .errors import InputError, Problem
from .table import Table

__all__ = ["TIME_COLUMNS", "in_milliseconds", "time_column", "time_name", "unread"]

Array = np.ndarray[Any, np.dtype[Any]]
TIME_COLUMNS = ("timestamp_ms", "timestamp", "datetime")  # the first one that is there is read
LATEST_S = 4_102_444_800  # the year 2100 in seconds; as milliseconds it is February 1970, when nobody voted
EARLIEST_MS = 100_000_000_000  # March 1973 in milliseconds; as seconds it is the year 5138
ASK = "name the column timestamp_ms and give whole milliseconds since 1970"


def time_name(header: Sequence[str]) -> str | None:
    """The name of the column that tells the time, ``None`` where there is none."""
    return next((name for name in TIME_COLUMNS if name in header), None)


def time_column(table: Table) -> str | None:
    """As `time_name`, for a table; a column without a declared unit must hold numbers.

    Parameters
    ----------
    table : Table

    Returns
    -------
    str or None

    Raises
    ------
    InputError
        If the first record holds something else than a whole number there, for example a date in words.
    """
    name = time_name(table.header)
    if name is None or name == TIME_COLUMNS[0]:
        return name
    at = table.header.index(name)
    line, record = next(table.records(), (0, []))
    if len(record) == len(table.header):
        try:
            int(record[at])
        except ValueError:
            text = record[at].strip()[:40]
            message = f"“{text}” is not a number, so it cannot tell which vote is the later one; {ASK}."
            raise InputError(table.problem(line, name, message)) from None
    return name


def in_milliseconds(times: Array | None, file: str, name: str | None) -> Array | None:
    """Times of a column without a declared unit as milliseconds.

    All of them up to the year 2100 in seconds: seconds. All from March 1973 on in milliseconds: milliseconds. These
    ranges do not meet, so that only a mixture of both is in doubt.

    Parameters
    ----------
    times : ndarray of int64, shape (rows,), or None
    file : str
        What the file is called in messages.
    name : str or None
        Of the column; one called ``timestamp_ms`` is taken as it is.

    Returns
    -------
    ndarray of int64, shape (rows,), or None

    Raises
    ------
    InputError
        If some are in seconds and some in milliseconds, or between the two.
    """
    if times is None or name is None or name == TIME_COLUMNS[0] or times.size == 0:
        return times
    low, high = int(times.min()), int(times.max())
    if high <= LATEST_S:
        return times * 1000
    if low >= EARLIEST_MS:
        return times
    message = f"holds times from {low} to {high}: these cannot all be seconds, nor all milliseconds, since 1970; {ASK}."
    raise InputError(Problem(file, None, name, message))


def unread(file: str, header: Sequence[str], read: Sequence[str | None]) -> tuple[Problem, ...]:
    """A note for each column that is not read.

    Parameters
    ----------
    file : str
    header : sequence of str
    read : sequence of str or None
        Names of the columns that are.

    Returns
    -------
    tuple of Problem
    """
    known = ", ".join(name for name in read if name)
    return tuple(
        Problem(file, 1, name or None, f"this column is not read; of votes these are: {known}.")
        for name in header
        if name not in read
    )
