"""How the API tells records: every module's lists and single records are answered by these."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest
from pydantic import Field

from plenary.kit.api import Moment, Reference, SortedListing, listed
from plenary.kit.languages import content_language

from . import queries


class Filter(SortedListing):
    """What every list of records can be narrowed to."""

    organization: Reference | None = Field(None, description="Only what belongs to this organization")
    updated_since: Moment | None = Field(
        None, description="Only what had an event at this moment or after it, such as 2026-03-01T09:30:00Z"
    )


def list_page(
    request: HttpRequest,
    filter: Filter,
    *,
    kind: str | None = None,
    where: Q | None = None,
    rows: queries.Rows | None = None,
) -> dict[str, Any]:
    """The answer of a list of records; ``rows`` says what there is beyond the common fields."""
    found = queries.list_records_to_tell(
        request.user,
        kind=kind,
        organization=filter.organization,
        updated_since=filter.updated_since,
        where=where,
    )
    language = content_language(request)
    return listed(
        request,
        filter.take(found),
        lambda records: queries.records_as_data(records, request.user, language, rows),
    )


def one(request: HttpRequest, reference: str, kind: str = "") -> dict[str, Any]:
    """All about one record, as its permalink says it."""
    found = queries.get_data(request.user, reference, content_language(request), kind)
    if found is None:
        raise Http404
    return found
