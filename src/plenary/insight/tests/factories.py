"""Consultations with votes on them, written in bulk, and their analyses."""

from __future__ import annotations

from collections.abc import Sequence

from plenary.insight.actions import run_analysis, start_analysis
from plenary.insight.models import Analysis
from plenary.participation.models import Consultation, Participant, Statement, Vote
from plenary.participation.tests.factories import make_consultation, make_statements
from plenary.records.tests.factories import NOW


def make_votes(rows: Sequence[Sequence[int | None]], **changes: object) -> Consultation:
    """A consultation with a person for every row and a statement for every column; None is no vote."""
    consultation = make_consultation(**changes)
    statements = make_statements(
        consultation, *[f"Idea {number}." for number in range(len(rows[0]) if rows else 1)]
    )
    cast_votes(consultation, statements, rows)
    return consultation


def cast_votes(
    consultation: Consultation, statements: Sequence[Statement], rows: Sequence[Sequence[int | None]]
) -> None:
    people = Participant.objects.bulk_create(
        [Participant(consultation=consultation, terms="1", since=NOW.date()) for _ in rows]
    )
    Vote.objects.bulk_create(
        Vote(participant=person, statement=statement, value=value, at=NOW)
        for person, row in zip(people, rows, strict=True)
        for statement, value in zip(statements, row, strict=True)
        if value is not None
    )


# Two camps of sixteen: all agree on the first two ideas, they part on the next eight.
CAMPS = [[1, 1] + [side] * 4 + [-side] * 4 for side in (1, -1) for _ in range(16)]


def make_two_camps(**changes: object) -> Consultation:
    return make_votes(CAMPS, **changes)


def analyse(consultation: Consultation, by: object = None, seed: int = 0) -> Analysis:
    """A finished analysis of the votes as they are."""
    analysis = start_analysis(consultation=consultation, by=by, now=NOW, seed=seed)
    return run_analysis(analysis=analysis, now=NOW)
