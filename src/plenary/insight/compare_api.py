"""Two results beside each other for programs."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from pydantic import Field

from plenary.kit import access
from plenary.kit.api import Output, Reference, Router
from plenary.kit.languages import content_language

from . import queries, side_by_side
from .models import Analysis
from .side_by_side import Readers

router = Router(tags=["Results"])


class ComparedResults(Output):
    first: str = Field(description="Reference of the analysis; of one consultation the earlier")
    second: str
    people: str = Field(
        description="`later`: the second holds the votes of the first and newer ones, which are tested against them; "
        "`different`: the people of two consultations"
    )
    matched: int = Field(description="Statements in both")
    only_first: int
    only_second: int
    tests: int = Field(description="How many were made and adjusted together, two for a statement")
    changed: int = Field(description="Statements of which a share differs beyond chance")
    statements: list[dict[str, Any]] = Field(
        description="For each statement in both its reference in each, and of agree and disagree: the two shares with "
        "95 % intervals, the difference with its own, p, q (adjusted), `beyond_chance`; `untested` says why not. "
        "Those beyond chance first"
    )
    groups: list[dict[str, Any]] = Field(description="Groups that answer most alike, with their sizes")
    kept: list[str] = Field(description="Findings in both: kind, statement, side or group")
    appeared: list[str]
    disappeared: list[str]
    settings: dict[str, Any]


@router.get(
    "/analyses/{reference}/compare/{other}", response=ComparedResults, operation_id="compare_analyses"
)
@access.everyone
def compare(request: HttpRequest, reference: Reference, other: Reference) -> Any:
    """Two results beside each other

    What differs between two analyses of one consultation, or of two consultations with the same statements.
    """
    pair = side_by_side.compare(_done(request, reference), _done(request, other), Readers(request.user))
    found = pair.compared.to_dict()
    return found | {
        "first": pair.first.reference,
        "second": pair.second.reference,
        "matched": len(found["statements"]),
        "changed": sum(each.beyond_chance for each in pair.compared.statements),
    }


def _done(request: HttpRequest, reference: str) -> Analysis:
    found = queries.get_analysis_for(request.user, reference, content_language(request))
    if found is None or found.result is None:
        raise Http404
    return found
