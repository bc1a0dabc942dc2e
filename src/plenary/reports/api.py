"""The trail of a record."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from pydantic import Field

from plenary.kit import access
from plenary.kit.api import Output, Reference, Router
from plenary.kit.languages import content_language
from plenary.records.queries import get_record_for

from . import queries

router = Router(tags=["Records"])


class TrailNode(Output):
    reference: str
    kind: str
    title: str | None
    language: str | None
    url: str


class TrailEdge(Output):
    source: str = Field(alias="from")
    target: str = Field(alias="to")
    label: str = Field(description="Read forwards, in the language asked for")
    stance: str | None


class TrailRest(Output):
    came_from: dict[str, int]
    led_to: dict[str, int]
    through_statements: dict[str, int]


class Trail(Output):
    record: str
    nodes: list[TrailNode]
    edges: list[TrailEdge] = Field(description="`to` came of `from`")
    came_from: list[list[str]] = Field(description="References one step away, two steps away, and so on")
    led_to: list[list[str]]
    through_statements: list[list[str]] = Field(
        description="Of a finding: what came of its statements by other ways, such as earlier findings"
    )
    more: TrailRest = Field(description="How many of a kind are not listed")
    truncated: bool


@router.get("/records/{reference}/trail", response=Trail, operation_id="get_trail")
@access.everyone
def trail(request: HttpRequest, reference: Reference) -> Any:
    """What a record came from and what came of it"""
    record = get_record_for(request.user, reference)
    if record is None:
        raise Http404
    found = queries.get_trail(
        record, request.user, content_language(request), node_limit=queries.NODES_FOR_PROGRAMS
    )
    return queries.trail_as_data(found)
