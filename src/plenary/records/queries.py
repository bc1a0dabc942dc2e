"""Reads of the common tables, with the one visibility filter that every module uses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery

from plenary.kit import manifest
from plenary.kit.manifest import Piece

from .models import Event, EvidenceLink, Follow, Notice, Organization, Record, Text, Visibility
from .texts import with_texts

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from plenary.people.models import User


def visible_to(user: User | AnonymousUser | None, prefix: str = "") -> Q:
    """The filter of records that a person may see; ``prefix`` is the path to the record, such as ``"record"``.

    Anonymous people see what is public; signed-in people who hold a role also what is for staff and what belongs to
    their organizations; the desk, the administrators and the program itself (None) see everything.
    """
    path = f"{prefix}__" if prefix else ""
    if user is None:
        return Q()
    scope = user.visibility_scope() if user.is_authenticated else None
    public = Q(**{f"{path}visibility": Visibility.PUBLIC})
    if scope is None:
        return public
    if scope.sees_all:
        return Q()
    if scope.is_staff:
        public |= Q(**{f"{path}visibility": Visibility.STAFF})
    return public | Q(
        **{f"{path}visibility": Visibility.ORGANIZATION, f"{path}organization__in": scope.organizations}
    )


def named_with(words: str, path: str = "record__title") -> Q:
    """The filter of things whose title, or whatever text ``path`` leads to, holds some words in any of its languages.

    SQLite knows capital from small letters in the Latin alphabet alone.
    """
    texts = Text.objects.filter(Q(body__icontains=words) | Q(translations__body__icontains=words))
    return Q(**{f"{path}__in": texts.values("pk")})


def list_records_for(user: User | AnonymousUser | None) -> QuerySet[Record]:
    return Record.objects.filter(visible_to(user))


def get_record_for(user: User | AnonymousUser | None, reference: str) -> Record | None:
    """The record behind a public reference, or None where there is none that this person may see."""
    return list_records_for(user).filter(reference=reference).first()


# For programs

Rows = Callable[[Sequence[Record], Any, str], Iterable[dict[str, Any]]]
"""What a list says of records of one kind beyond the common fields: ``rows(records, user, language)``."""


def list_records_to_tell(
    user: User | AnonymousUser | None,
    *,
    kind: str | None = None,
    organization: str | None = None,
    updated_since: datetime | None = None,
    where: Q | None = None,
) -> QuerySet[Record]:
    """Records with their ``last_event`` (its id) and ``updated_at`` (its moment), in no order yet."""
    newest = Event.objects.filter(record=OuterRef("pk")).order_by("-id")
    found = (
        list_records_for(user)
        .select_related("organization__record")
        .annotate(last_event=Subquery(newest.values("id")[:1]), updated_at=Subquery(newest.values("at")[:1]))
    )
    if kind:
        found = found.filter(kind=kind)
    if organization:
        found = found.filter(organization__record__reference=organization)
    if updated_since is not None:
        found = found.filter(updated_at__gte=updated_since)
    return found.filter(where) if where is not None else found


def records_as_data(
    records: Sequence[Record], user: User | AnonymousUser | None, language: str, rows: Rows | None = None
) -> list[dict[str, Any]]:
    """What a list says of records, which have an ``updated_at``; a constant number of SQL queries."""
    with_texts(records, language, title="title_id")
    more = rows(records, user, language) if rows else [{}] * len(records)
    return [_common(record) | beyond for record, beyond in zip(records, more, strict=True)]


def get_data(
    user: User | AnonymousUser | None, reference: str, language: str, kind: str | None = None
) -> dict[str, Any] | None:
    """All that the JSON of a record says; None where there is none, of that kind, that this person may see."""
    found = list_records_to_tell(user, kind=kind).filter(reference=reference).first()
    if found is None:
        return None
    path = manifest.kinds()[found.kind].data
    more = manifest.resolve(path)(found, user, language) if path else {}
    if path and not more:
        return None
    return records_as_data([found], user, language)[0] | {"page": found.page_url} | more


def list_events_to_tell(record: Record) -> QuerySet[Event]:
    return record.events.all()


def list_evidence_to_tell(user: User | AnonymousUser | None, target: Record) -> QuerySet[EvidenceLink]:
    return EvidenceLink.objects.filter(visible_to(user, "source"), target=target).select_related("source")


def last_change_of(record: Record) -> datetime | None:
    """The moment of a record's last event."""
    last: datetime | None = record.events.aggregate(last=Max("at"))["last"]
    return last


def list_evidence_for(user: User | AnonymousUser | None, target: Record, language: str) -> list[EvidenceLink]:
    """Evidence for and against a record, oldest first; ``link.said["title"]`` is the source's title."""
    links = list(
        EvidenceLink.objects.filter(visible_to(user, "source"), target=target)
        .select_related("source")
        .order_by("at", "id")
    )
    with_texts(links, language, title="source.title_id")
    return links


def list_events_of(record: Record, limit: int = 100) -> list[Event]:
    """The record's history, newest first."""
    return list(record.events.select_related("actor").order_by("-id")[:limit])


def list_organizations(language: str) -> list[Organization]:
    found = list(
        Organization.objects.filter(merged_into=None).select_related("record").order_by("record__number")
    )
    with_texts(found, language, name="record.title_id")
    return found


def texts(user: User | AnonymousUser | None, now: datetime) -> Iterator[Piece]:
    """What translators find of the common records: the names of organizations. One query."""
    named = Organization.objects.filter(
        visible_to(user, "record"), merged_into=None, record__title__isnull=False
    )
    for pk, title in named.order_by("record__number").values_list("record_id", "record__title_id"):
        yield Piece(title, pk, 0)


def is_following(user: User, record: Record) -> bool:
    return Follow.objects.filter(user=user, record=record).exists()


def list_followed_by(user: User, language: str) -> list[Record]:
    """What a person follows and may still see, what she began to follow last first; ``news`` counts what happened."""
    found: list[Record] = list(
        list_records_for(user)
        .filter(follows__user=user)
        .annotate(
            news=Count("events__notices", filter=Q(events__notices__user=user), distinct=True),
            began=Max("follows__id", filter=Q(follows__user=user)),
        )
        .order_by("-began")
    )
    with_texts(found, language, title="title_id")
    return found


def list_notices_of(user: User, language: str, limit: int = 20) -> list[Notice]:
    """What happened to the records that a person follows, newest first, unread ones marked."""
    found = list(
        Notice.objects.filter(user=user)
        .select_related("event__record", "event__actor", "because")
        .order_by("-id")[:limit]
    )
    with_texts(found, language, title="event.record.title_id")
    with_texts([notice for notice in found if notice.because], language, because="because.title_id")
    return found


def _common(record: Any) -> dict[str, Any]:
    """The fields that the JSON of every record begins with; wants ``updated_at`` and the title at hand."""
    title = record.said["title"]
    return {
        "reference": record.reference,
        "kind": record.kind,
        "number": record.number,
        "visibility": record.visibility,
        "title": str(title) if title else None,
        "language": title.language if title else None,
        "organization": record.organization.record.reference if record.organization else None,
        "created_at": record.created_at.isoformat(),
        "updated_at": (record.updated_at or record.created_at).isoformat(),
        "erased_at": record.erased_at.isoformat() if record.erased_at else None,
        "url": record.get_absolute_url(),
    }
