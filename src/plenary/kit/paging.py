"""Pages of a list that grows while it is read: each begins after the last row of the one before (keyset paging).

The order is that of a number that rows get once, so nothing is told twice and nothing is left out because a row was
added meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet

T = TypeVar("T")


@dataclass(frozen=True)
class Order:
    """A column of numbers that are unique in the list, and its direction."""

    name: str
    column: str
    is_descending: bool = False


@dataclass(frozen=True)
class Page(Generic[T]):
    items: Sequence[T]
    total: int
    next: str
    """What the next page begins after; empty on the last one."""

    def holding(self, items: Sequence[Any]) -> Page[Any]:
        """The same page with its rows as something else."""
        return replace(self, items=items)


def take_page(
    rows: QuerySet[Any], orders: Sequence[Order], *, sort: str, cursor: str, limit: int
) -> Page[Any]:
    """One page of rows. A cursor carries its order, so ``sort`` counts for the first page only. Two SQL queries."""
    by_name = {order.name: order for order in orders}
    name, _, last = cursor.rpartition(".")
    order = by_name[name or sort]
    total = rows.count()
    if last:
        rows = rows.filter(**{f"{order.column}__{'lt' if order.is_descending else 'gt'}": int(last)})
    found = list(rows.order_by(f"{'-' if order.is_descending else ''}{order.column}")[: limit + 1])
    more = len(found) > limit
    found = found[:limit]
    return Page(found, total, f"{order.name}.{getattr(found[-1], order.column)}" if more else "")
