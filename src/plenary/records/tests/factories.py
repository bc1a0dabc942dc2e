"""The smallest valid objects of the common tables."""

from __future__ import annotations

from datetime import UTC, datetime

from plenary.records.actions import create_organization, create_source
from plenary.records.models import Organization, Source

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def make_organization(name: str = "Office", kind: str = "entity") -> Organization:
    return create_organization(name=name, language="en", kind=kind, by=None, now=NOW)


def make_source(title: str = "A study") -> Source:
    return create_source(title=title, language="en", kind="study", by=None, now=NOW)
