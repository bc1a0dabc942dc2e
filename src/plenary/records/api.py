"""Records of every kind: lists, one by reference, evidence, history, following."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Annotated, Any, Literal

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import http_date
from ninja import Query
from pydantic import AfterValidator, ConfigDict, Field, WithJsonSchema, create_model

from plenary.kit import access, manifest
from plenary.kit.api import (
    Date,
    DateTime,
    Listing,
    Output,
    Paged,
    RecordFields,
    RecordRow,
    Reference,
    Router,
    listed,
)
from plenary.kit.languages import content_language

from . import actions, permalinks, queries
from .models import Event, EvidenceLink, Record
from .telling import Filter, list_page, one
from .texts import with_texts

router = Router(tags=["Records"])


def _visible(request: HttpRequest, reference: str) -> Record:
    found = queries.get_record_for(request.user, reference)
    if found is None:
        raise Http404
    return found


class Organization(RecordFields):
    kind: Literal["organization"]
    organization_kind: str
    area: str = Field(description="UN M49 code of the country or area; empty where none is known")


class OrganizationRow(RecordRow):
    organization_kind: str
    area: str


class SourceFacts(Output):
    source_kind: str
    dated: Date | None
    sha256: str = Field(description="Of the imported file; empty where there is none")
    source_language: str
    source_url: str


class Source(SourceFacts, RecordFields):
    kind: Literal["source"]


class SourceRow(SourceFacts, RecordRow):
    pass


def _undescribed(kind: str) -> Any:
    base = type("Undescribed", (RecordFields,), {"model_config": ConfigDict(extra="allow")})
    named: Any = Literal[kind]
    return create_model(f"Any{kind.title().replace('_', '')}", __base__=base, kind=(named, ...))


def _any_record() -> Any:
    """A record of any kind, told apart by ``kind``; of one whose module describes no fields, those that all have."""
    schemas = [
        manifest.resolve(kind.schema) if kind.schema else _undescribed(kind.name)
        for kind in manifest.kinds().values()
    ]
    return Annotated[reduce(or_, schemas), Field(discriminator="kind")]


def _known_kind(name: str) -> str:
    if name not in manifest.kinds():
        raise ValueError("there is no such kind of record")
    return name


KindName = Annotated[
    str,
    AfterValidator(_known_kind),
    WithJsonSchema({"type": "string", "enum": [*manifest.kinds()]}),
]


class EvidenceFacts(Output):
    source: str = Field(description="Reference of the record that is put forward")
    title: str
    stance: str = Field(description="`supports`, `contradicts` or `context`")
    quote: str | None
    at: DateTime
    url: str


class EventFacts(Output):
    verb: str = Field(description="What happened, as it is stored: the same in every language")
    label: str = Field(description="The same for people")
    at: DateTime
    changed: list[str] = Field(description="Names of the fields that changed")


class RecordFilter(Filter):
    kind: KindName | None = Field(None, description="Only records of this kind")


@router.get("/records", response=Paged[RecordRow], operation_id="list_records")
@access.everyone
def record_list(request: HttpRequest, filter: Query[RecordFilter]) -> Any:
    """All records

    Of every kind, with the fields that all have. To keep a copy up to date, ask for `sort=updated` and, next time, for
    `updated_since` the last `updated_at` that you saw.
    """
    return list_page(request, filter, kind=filter.kind)


@router.get("/records/{reference}", response=_any_record(), operation_id="get_record")
@access.everyone
def record(request: HttpRequest, reference: Reference) -> Any:
    """One record

    All that is public about it, or that the token's person may see; `kind` says which fields there are. The same as at
    its permalink, `/r/STM-12.json`.
    """
    return one(request, reference)


@router.get("/records/{reference}/evidence", response=Paged[EvidenceFacts], operation_id="list_evidence")
@access.everyone
def evidence(request: HttpRequest, reference: Reference, paging: Query[Listing]) -> Any:
    """Evidence for and against a record

    The oldest link first.
    """
    record = _visible(request, reference)
    page = paging.take(queries.list_evidence_to_tell(request.user, record))
    with_texts(page.items, content_language(request), title="source.title_id")
    return listed(request, page, lambda links: [_link(link) for link in links])


def _link(link: EvidenceLink) -> dict[str, Any]:
    told: Any = link
    return {
        "source": link.source.reference,
        "title": str(told.said["title"]),
        "stance": link.stance,
        "quote": link.quote or None,
        "at": link.at.isoformat(),
        "url": link.source.get_absolute_url(),
    }


@router.get("/records/{reference}/events", response=Paged[EventFacts], operation_id="list_events")
@access.everyone
def events(request: HttpRequest, reference: Reference, paging: Query[Listing], response: HttpResponse) -> Any:
    """The history of a record

    Every write, the oldest first. Who did it, and what the fields said before, stays with the site.
    """
    record = _visible(request, reference)
    last = queries.last_change_of(record)
    if last is not None:
        response["Last-Modified"] = http_date(last.timestamp())
    return listed(
        request, paging.take(queries.list_events_to_tell(record)), lambda found: list(map(_event, found))
    )


def _event(event: Event) -> dict[str, Any]:
    return {
        "verb": event.verb,
        "label": str(manifest.verbs().get(event.verb, event.verb)),
        "at": event.at.isoformat(),
        "changed": sorted(event.changes),
    }


@router.put("/records/{reference}/follow", response={204: None}, operation_id="follow_record")
@access.signed_in
def follow(request: HttpRequest, reference: Reference) -> Any:
    """Follow a record

    What happens to it is told on the desk of the token's person. Again is no error.
    """
    assert request.user.is_authenticated
    actions.follow(record=_visible(request, reference), user=request.user)
    return HttpResponse(status=204)


@router.delete("/records/{reference}/follow", response={204: None}, operation_id="unfollow_record")
@access.signed_in
def unfollow(request: HttpRequest, reference: Reference) -> Any:
    """Stop following a record"""
    assert request.user.is_authenticated
    actions.unfollow(record=_visible(request, reference), user=request.user)
    return HttpResponse(status=204)


@router.get("/organizations", response=Paged[OrganizationRow], operation_id="list_organizations")
@access.everyone
def organizations(request: HttpRequest, filter: Query[Filter]) -> Any:
    """Organizations"""
    return list_page(request, filter, kind="organization", rows=permalinks.organization_rows)


@router.get("/organizations/{reference}", response=Organization, operation_id="get_organization")
@access.everyone
def organization(request: HttpRequest, reference: Reference) -> Any:
    """One organization"""
    return one(request, reference, "organization")


@router.get("/sources", response=Paged[SourceRow], operation_id="list_sources")
@access.everyone
def sources(request: HttpRequest, filter: Query[Filter]) -> Any:
    """Sources

    What records rest on outside: imported files, documents, studies, letters.
    """
    return list_page(request, filter, kind="source", rows=permalinks.source_rows)


@router.get("/sources/{reference}", response=Source, operation_id="get_source")
@access.everyone
def source(request: HttpRequest, reference: Reference) -> Any:
    """One source"""
    return one(request, reference, "source")
