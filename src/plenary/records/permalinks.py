"""What the pages and the JSON of organizations and sources say beyond the common fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from .models import Record


def facts(record: Record) -> list[tuple[str, Any]]:
    """Label and value of what is known of an organization or a source, for its page."""
    if record.kind == "organization":
        organization = record.as_organization
        return [(_("Kind"), organization.get_kind_display())]
    source = record.source
    found: list[tuple[str, Any]] = [(_("Kind"), source.get_kind_display())]
    if source.dated:
        found.append((_("Date"), source.dated))
    if source.url:
        found.append((_("Address"), {"url": source.url}))
    if source.sha256:
        found.append((_("SHA-256 of the file"), source.sha256))
    return found


def organization_rows(records: Sequence[Record], user: Any, language: str) -> list[dict[str, Any]]:
    prefetch_related_objects(records, "as_organization")
    return [organization_data(record, user, language) for record in records]


def source_rows(records: Sequence[Record], user: Any, language: str) -> list[dict[str, Any]]:
    prefetch_related_objects(records, "source")
    return [source_data(record, user, language) for record in records]


def organization_data(record: Record, user: Any, language: str) -> dict[str, Any]:
    organization = record.as_organization
    return {"organization_kind": organization.kind, "area": organization.area}


def source_data(record: Record, user: Any, language: str) -> dict[str, Any]:
    source = record.source
    return {
        "source_kind": source.kind,
        "dated": source.dated.isoformat() if source.dated else None,
        "sha256": source.sha256,
        "source_language": source.language,
        "source_url": source.url,
    }
