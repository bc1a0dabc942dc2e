"""How many came by which kind of place, for programs: numbers, never people."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from pydantic import Field

from plenary.kit import access
from plenary.kit.api import Output, Reference, Router

from . import queries

router = Router(tags=["Consultations"])


class OutreachRow(Output):
    platform: str = Field(
        description="`short`, `picture`, `message`, `sms`, `newsletter`, `poster` or `spoken`"
    )
    language: str
    packs: int
    seen: int = Field(description="Browsers that opened the page by a link of these packs; a lower bound")
    joined: int = Field(description="First votes given on such a page")


class Outreach(Output):
    consultation: str
    hidden: int = Field(description="Rows left out, since fewer than five people came by each")
    rows: list[OutreachRow]


@router.get("/consultations/{reference}/outreach", response=Outreach, operation_id="get_outreach")
@access.everyone
def outreach(request: HttpRequest, reference: Reference) -> Any:
    """How many came by which kind of place

    Per kind of place and language. What is counted leads to nobody.
    """
    found = queries.get_consultation_for(request.user, reference)
    if found is None:
        raise Http404
    shown, hidden = queries.public_rows(queries.list_packs(found))
    return {
        "consultation": found.reference,
        "hidden": hidden,
        "rows": [queries.row_as_data(row) for row in shown],
    }
