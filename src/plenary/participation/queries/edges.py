"""Edges of the trail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from plenary.participation.models import Consultation, Statement

if TYPE_CHECKING:
    import numpy as np
    from django.contrib.auth.models import AnonymousUser

    from plenary.people.models import User

    Viewer = User | AnonymousUser | None
    Column = np.ndarray[Any, np.dtype[Any]]


def edges_consultation_to_statement() -> QuerySet[Any, Any]:
    """Pairs (consultation, statement) of record ids."""
    return Statement.objects.values_list("consultation_id", "record_id")


def edges_source_to_consultation() -> QuerySet[Any, Any]:
    """Pairs (source, consultation) of record ids."""
    return Consultation.objects.filter(source__isnull=False).values_list("source_id", "record_id")


def edges_statement_to_survivor() -> QuerySet[Any, Any]:
    """Pairs (duplicate, the statement into which it was merged) of record ids."""
    return Statement.objects.filter(duplicate_of__isnull=False).values_list("record_id", "duplicate_of_id")
