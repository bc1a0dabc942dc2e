"""How every list is asked for and answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal

from django.db.models import QuerySet
from django.http import HttpRequest
from pydantic import BaseModel, Field

from ..paging import Order, Page, take_page

MOST = 100

_limit = Field(50, ge=1, le=MOST, description=f"How many on a page, at most {MOST}")
_cursor = "Where the next page begins, from `next` or the `Link` header of the page before. Do not build it yourself"


class Listing(BaseModel):
    """A page of a list in the order in which its rows were written."""

    limit: int = _limit
    cursor: Annotated[str, Field(pattern=r"^(id\.[0-9]{1,18})?$", description=_cursor)] = ""

    def take(self, rows: QuerySet[Any]) -> Page[Any]:
        return take_page(rows, [Order("id", "id")], sort="id", cursor=self.cursor, limit=self.limit)


class SortedListing(BaseModel):
    """A page of records. ``updated`` is the number of a record's last event, so an update moves it to the end."""

    limit: int = _limit
    cursor: Annotated[
        str, Field(pattern=r"^((created|-created|updated|-updated)\.[0-9]{1,18})?$", description=_cursor)
    ] = ""
    sort: Literal["created", "-created", "updated", "-updated"] = Field(
        "created", description="In the order of their creation or of their last event; `-` turns it round"
    )

    def take(self, rows: QuerySet[Any]) -> Page[Any]:
        orders = [
            Order(sign + name, column, is_descending=bool(sign))
            for name, column in (("created", "id"), ("updated", "last_event"))
            for sign in ("", "-")
        ]
        return take_page(rows, orders, sort=self.sort, cursor=self.cursor, limit=self.limit)


def listed(
    request: HttpRequest, page: Page[Any], tell: Callable[[Sequence[Any]], Sequence[Any]] = list
) -> dict[str, Any]:
    """The answer of a list: its rows as ``tell`` says them, how many there are, and where it goes on."""
    address = None
    if page.next:
        query = request.GET.copy()
        query["cursor"] = page.next
        address = request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
        request.next_page = address  # type: ignore[attr-defined]  # the door makes a Link header of it
    return {"items": tell(page.items), "total": page.total, "next": address}
