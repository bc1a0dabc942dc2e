"""In which languages a consultation is read, for programs."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from django.utils import timezone
from pydantic import Field

from plenary.kit import access
from plenary.kit.api import Output, Reference, Router

from . import queries

router = Router(tags=["Consultations"])


class TranslationProgress(Output):
    total: int = Field(description="Texts that were not written in this language")
    done: int = Field(description="Translated or reviewed by a person")
    machine: int = Field(description="Translated by a machine, not reviewed")
    stale: int = Field(description="Translated from earlier words")
    missing: int


class LanguageRow(Output):
    language: str | None = Field(description="BCP 47 tag; null where it is not known, as with imported votes")
    people: int | None = Field(description="Who answered cards in it; null where the number is hidden")
    votes: int | None = Field(description="Answers to cards read in it; null where the number is hidden")
    translations: TranslationProgress | None = Field(
        description="Null where it is not offered in this language"
    )


class Languages(Output):
    consultation: str
    offered: list[str] = Field(description="Empty for all")
    people: int
    votes: int
    rows: list[LanguageRow]


@router.get("/consultations/{reference}/languages", response=Languages, operation_id="get_languages")
@access.everyone
def languages(request: HttpRequest, reference: Reference) -> Any:
    """Languages in which a consultation is read

    All votes are one tally, in whatever language the card was read. Numbers of one to four people are hidden, and
    others with them. Who read in two languages counts in both.
    """
    found = queries.get_consultation_for(request.user, reference)
    if found is None:
        raise Http404
    numbered: Any = queries.with_numbers([found])[0]
    return {
        "consultation": found.reference,
        "offered": found.languages,
        "people": numbered.people,
        "votes": numbered.answers,
        "rows": [
            {
                "language": row.language or None,
                "people": row.people,
                "votes": row.votes,
                "translations": row.progress
                and {
                    name: getattr(row.progress, name)
                    for name in ("total", "done", "machine", "stale", "missing")
                },
            }
            for row in queries.list_read_in(found, request.user, timezone.now())
        ],
    }
