"""Who takes part, for programs: counts of at least five people."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from pydantic import Field

from plenary.kit import access
from plenary.kit.api import Output, Reference, Router

from . import queries
from .reach import table_rows

router = Router(tags=["Consultations"])


class ReachRow(Output):
    attribute: str = Field(description="What was asked; `read_in` and `origin` are known of everybody")
    value: str
    count: int | None = Field(description="People who said so; null where the number is hidden")
    at_most: int | None = Field(
        description="Where it is hidden: what all hidden ones of the attribute add up to"
    )
    said: int = Field(description="People who said their value of this attribute")
    people: int = Field(description="People who took part, whether they said it or not")
    share: float | None = Field(description="Of those who said it, 0 to 1")
    low: float = Field(description="95 % interval of the share")
    high: float
    wanted: float | None = Field(description="Share wanted, 0 to 1; null where no audience was named")
    gap: float | None = Field(description="Share less share wanted")


class Reach(Output):
    consultation: str
    people: int
    answered: int = Field(description="People who said something about themselves")
    waiting: int = Field(description="Of them not in the rows yet: answers enter five at a time")
    rows: list[ReachRow]


@router.get("/consultations/{reference}/reach", response=Reach, operation_id="get_reach")
@access.everyone
def reach(request: HttpRequest, reference: Reference) -> Any:
    """Who takes part

    Against the audience wanted. Numbers of one to four people are hidden, and others with them, so that no subtraction
    brings them back.
    """
    found = queries.get_consultation_for(request.user, reference)
    if found is None:
        raise Http404
    counted = queries.get_reach(found)
    return {
        "consultation": found.reference,
        "people": counted.people,
        "answered": counted.answered,
        "waiting": counted.waiting,
        "rows": table_rows(counted),
    }
