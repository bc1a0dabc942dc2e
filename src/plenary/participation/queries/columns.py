"""Many rows of whole numbers from the database as arrays, without an object for each."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import BigIntegerField, Func, QuerySet

if TYPE_CHECKING:
    import numpy as np

    Column = np.ndarray[Any, np.dtype[Any]]

PIECE = 50_000  # rows that are Python's at a time


class Milliseconds(Func):
    """A moment as milliseconds since 1970, made by the database: a million datetimes need not be parsed."""

    output_field = BigIntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        template = "CAST(ROUND((julianday(%(expressions)s) - 2440587.5) * 86400000.0) AS INTEGER)"
        return self.as_sql(compiler, connection, template=template, **more)

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        template = "CAST(ROUND(EXTRACT(EPOCH FROM %(expressions)s) * 1000) AS BIGINT)"
        return self.as_sql(compiler, connection, template=template, **more)


def read_columns(
    rows: QuerySet[Any, Any],
    *types: str,
    keep: Callable[[Column], Column] | None = None,
    progress: Callable[[int], None] | None = None,
) -> list[Column]:
    """The columns of a query of whole numbers, each as an array of its type; one that is too narrow is widened.

    One SQL query, read in pieces. ``keep`` says of the rows of a piece, int64 of shape (rows, columns), which are kept,
    bool of shape (rows,); columns after those that have a type are for it alone. ``progress`` is told how many rows
    were read.
    """
    import numpy as np

    kinds = [np.dtype(name) for name in types]
    pieces: list[list[Column]] = [[np.empty(0, dtype=kind)] for kind in kinds]
    try:
        sql, parameters = rows.query.sql_with_params()
    except EmptyResultSet:
        return [own[0] for own in pieces]
    read = 0
    with connections[rows.db].chunked_cursor() as cursor:
        cursor.execute(sql, parameters)
        while found := cursor.fetchmany(PIECE):
            flat = np.fromiter(chain.from_iterable(found), np.int64, len(found) * len(found[0]))
            table = flat.reshape(len(found), -1)
            if keep is not None:
                table = table[keep(table)]
            for own, kind, column in zip(pieces, kinds, table.T, strict=False):
                if not column.size:
                    continue
                fits = np.iinfo(kind).min <= column.min() and column.max() <= np.iinfo(kind).max
                own.append(column.astype(kind if fits else np.int64))
            read += len(found)
            if progress is not None:
                progress(read)
    made = []
    while pieces:  # each is let go before the next is put together
        made.append(np.concatenate(pieces.pop(0)))
    return made
