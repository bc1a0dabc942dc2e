from __future__ import annotations

from datetime import timedelta
from typing import Any

from plenary.participation import tokens
from plenary.participation.actions import add_seed_statements, open_consultation, take_vote
from plenary.participation.models import Consultation, Statement
from plenary.participation.tokens import Voter
from plenary.records.tests.factories import NOW


def make_consultation(**changes: Any) -> Consultation:
    """Open since an hour before NOW, without an end."""
    given: dict[str, Any] = {
        "title": "Schools", "question": "How should schools test new tools?", "language": "en", "about": None,
        "opens_at": NOW - timedelta(hours=1), "closes_at": None, "by": None, "now": NOW,
    }  # fmt: skip
    return open_consultation(**given | changes)


def make_statements(consultation: Consultation, *bodies: str) -> list[Statement]:
    return add_seed_statements(
        consultation=consultation, statements=bodies or ("Ask first.",), language="en", by=None, now=NOW
    )


def make_voter(consultation: Consultation) -> Voter:
    """Somebody new without an account."""
    return Voter(token_hash=tokens.read(tokens.mint(consultation.pk), consultation.pk))


def cast(statement: Statement, value: int = 1, voter: Voter | None = None, n: int = 0) -> Voter:
    """One vote, by a new person unless a voter is given."""
    voter = voter or make_voter(statement.consultation)
    take_vote(
        consultation=statement.consultation, voter=voter, statement=statement.reference, n=n, value=value,
        language="en", now=NOW,
    )  # fmt: skip
    return voter
