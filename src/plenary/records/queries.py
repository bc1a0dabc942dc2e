"""Reads of the common tables, with the one visibility filter that every module uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet

from .models import Event, EvidenceLink, Follow, Notice, Organization, Record, Text, Visibility
from .texts import load_texts, with_texts

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


def is_following(user: User, record: Record) -> bool:
    return Follow.objects.filter(user=user, record=record).exists()


def list_notices_of(user: User, language: str, limit: int = 20) -> list[Notice]:
    """What happened to the records that a person follows, newest first, unread ones marked."""
    found = list(
        Notice.objects.filter(user=user)
        .select_related("event__record", "event__actor")
        .order_by("-id")[:limit]
    )
    with_texts(found, language, title="event.record.title_id")
    return found


def record_as_data(record: Record, language: str) -> dict[str, Any]:
    """The fields that the JSON of every record begins with."""
    title = load_texts([record.title_id], language).get(record.title_id or 0)
    return {
        "reference": record.reference,
        "kind": record.kind,
        "number": record.number,
        "visibility": record.visibility,
        "title": str(title) if title else None,
        "language": title.language if title else None,
        "organization": record.organization.record.reference if record.organization else None,
        "created_at": record.created_at.isoformat(),
        "erased_at": record.erased_at.isoformat() if record.erased_at else None,
        "url": record.get_absolute_url(),
        "page": record.page_url,
    }
