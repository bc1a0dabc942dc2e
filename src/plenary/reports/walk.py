"""The trail's one recursive query: from a record along evidence links and structural edges, both ways at once.

Each way is breadth first and passes only through records that the reader may see, so nothing hidden is shown and
nothing is reached through what is hidden. Cycles end at the depth limit; rows that are equal count once.
"""

# ruff: noqa: S608 (what stands in the statements is the manifests' and this file's; values are parameters)

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q, QuerySet

from plenary.kit import manifest
from plenary.records.models import EvidenceLink, Record

FORWARDS, BACKWARDS = 1, -1
BOTH_WAYS = (FORWARDS, BACKWARDS)
EVIDENCE = -1  # the edge number of evidence links; structural edges count from 0


@dataclass(frozen=True, slots=True)
class Step:
    """One edge that was walked: ``id`` was reached from ``nearer``, which is closer to where the walk began."""

    way: int
    depth: int
    id: int
    kind: str
    nearer: int
    edge: int
    stance: str


@dataclass(frozen=True, slots=True)
class _Part:
    """One kind of edge as SQL with columns (source, target, stance)."""

    number: int
    name: str
    sql: str
    params: tuple[Any, ...]


def walk(
    roots: Sequence[int],
    visible: Q,
    *,
    depth_limit: int,
    row_limit: int,
    ways: Sequence[int] = BOTH_WAYS,
) -> list[Step]:
    """Every edge within ``depth_limit`` steps of the records, nearest first; at most ``row_limit``. One SQL query."""
    starts = [(way, root) for root in roots for way in ways]
    sql, params = _sql(starts, list(_parts()), visible, depth_limit, row_limit)
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        steps = [Step(*row) for row in cursor.fetchall()]
    return sorted(
        steps, key=lambda step: step.depth
    )  # as both databases give them, though neither promises it


def _parts() -> Iterable[_Part]:
    links = EvidenceLink.objects.order_by().values_list("source_id", "target_id", "stance")
    sql, params = links.query.sql_with_params()
    yield _Part(EVIDENCE, "links", sql, params)
    for number, edge in enumerate(manifest.edges()):
        rows: QuerySet[Any, Any] = manifest.resolve(edge.rows)().order_by()
        try:
            sql, params = rows.query.sql_with_params()
        except EmptyResultSet:
            continue
        yield _Part(number, f"edge{number}", f"SELECT edge.*, '' FROM ({sql}) edge", params)


def _sql(
    starts: list[tuple[int, int]], parts: list[_Part], visible: Q, depth_limit: int, row_limit: int
) -> tuple[str, list[Any]]:
    """The statement and its parameters, which stand in it in this order: edges, visibility, starts, depths, limit."""
    seen, seen_params = (
        Record.objects.filter(visible).order_by().values_list("id", "kind").query.sql_with_params()
    )
    # Named twice each, yet joined by their indexes: materialized, every edge of the database would be read first.
    tables = [f"{part.name}(source, target, stance) AS NOT MATERIALIZED ({part.sql})" for part in parts]
    tables.append(f"seen(id, kind) AS NOT MATERIALIZED ({seen})")
    step = _step_on_postgresql(parts) if connection.vendor == "postgresql" else _step_on_sqlite(parts)
    start = "SELECT {way}, 0, CAST(%s AS bigint), '', CAST(0 AS bigint), 0, ''"
    begin = " UNION ALL ".join(start.format(way=way) for way, _ in starts)
    sql = (
        f"WITH RECURSIVE {', '.join(tables)}, walk(way, depth, id, kind, nearer, edge, stance) AS ("
        f"{begin} UNION {step}) "
        "SELECT way, depth, id, kind, nearer, edge, stance FROM walk WHERE depth > 0 LIMIT %s"
    )
    params = [param for part in parts for param in part.params] + [
        *seen_params,
        *(root for _, root in starts),
    ]
    steps = 1 if connection.vendor == "postgresql" else 2 * len(parts)
    return sql, [*params, *[depth_limit] * steps, row_limit]


def _step_on_sqlite(parts: list[_Part]) -> str:
    """A term for each kind of edge and each way. CROSS JOIN keeps SQLite to the order: one record, then its edges."""
    terms = []
    for part in parts:
        for way, here, there in ((FORWARDS, "source", "target"), (BACKWARDS, "target", "source")):
            terms.append(
                f"SELECT {way}, w.depth + 1, r.id, r.kind, w.id, {part.number}, e.stance "
                f"FROM walk w CROSS JOIN {part.name} e CROSS JOIN seen r "
                f"WHERE w.way = {way} AND e.{here} = w.id AND r.id = e.{there} AND w.depth < %s"
            )
    return " UNION ".join(terms)


def _step_on_postgresql(parts: list[_Part]) -> str:
    """PostgreSQL allows the walk to be named once in its own step, so its edges come through LATERAL."""
    terms = []
    for part in parts:
        for way, here, there in ((FORWARDS, "source", "target"), (BACKWARDS, "target", "source")):
            terms.append(
                f"SELECT e.{there} AS id, {part.number} AS edge, CAST(e.stance AS text) AS stance "
                f"FROM {part.name} e WHERE w.way = {way} AND e.{here} = w.id"
            )
    return (
        "SELECT w.way, w.depth + 1, r.id, CAST(r.kind AS text), w.id, next.edge, next.stance "
        f"FROM walk w CROSS JOIN LATERAL ({' UNION ALL '.join(terms)}) next "
        "JOIN seen r ON r.id = next.id WHERE w.depth < %s"
    )
