from __future__ import annotations

from plenary.participation.tests.factories import make_consultation, make_statements
from plenary.records.actions import put_translation
from plenary.records.models import Provenance
from plenary.records.tests.factories import NOW


def make_pool(*bodies: str, **changes):
    """A consultation with accepted statements in English."""
    consultation = make_consultation(**changes)
    return consultation, make_statements(consultation, *bodies)


def by_machine(statement, body: str, language: str = "fr"):
    return put_translation(
        text=statement.record.title, language=language, body=body, provenance=Provenance.MACHINE, now=NOW
    )
