"""Signs of coordination for programs: how many, never who."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from pydantic import Field

from plenary.kit import access
from plenary.kit.api import DateTime, Output, Reference, Router
from plenary.kit.languages import content_language
from plenary.participation.queries import get_consultation_for, list_flags

from . import queries

router = Router(tags=["Results"])


class Flag(Output):
    number: int = Field(description="Within the consultation")
    signal: str = Field(description="`copies`, `one-side`, `push`, `fast` or `flood`")
    state: str = Field(description="`proposed`, `confirmed` or `dismissed`")
    participants: int = Field(description="How many; nobody is told who")
    figures: dict[str, Any] = Field(
        description="What was counted, what chance makes likely, and in which days and how many seconds they began"
    )
    statements: list[str] = Field(description="References of the statements on which they stand out")
    found_at: DateTime
    judged_at: DateTime | None
    reason: str = Field(description="Of the verdict, in the words of the person who judged")


class Comparison(Output):
    analysis: str
    flags: list[int] = Field(description="Numbers of the confirmed flags that it leaves out")
    made_at: DateTime
    figures: dict[str, Any] = Field(
        description="Both results, as the engine gave them: `with`, `without`, `changes` …"
    )


class Integrity(Output):
    consultation: str
    flags: list[Flag]
    comparison: Comparison | None = Field(description="With and without; null where none is confirmed")


@router.get("/consultations/{reference}/integrity", response=Integrity, operation_id="get_integrity")
@access.everyone
def integrity(request: HttpRequest, reference: Reference) -> Any:
    """Signs of coordination

    With their verdicts, and the result with and without those confirmed. Nothing is deleted.
    """
    language = content_language(request)
    found = get_consultation_for(request.user, reference)
    if found is None:
        raise Http404
    analysis = queries.get_latest_analysis(request.user, found)
    comparison = queries.get_comparison(analysis) if analysis else None
    return {
        "consultation": found.reference,
        "flags": [_flag(flag) for flag in list_flags(found, language)],
        "comparison": comparison
        and {
            "analysis": analysis and analysis.reference,
            "flags": comparison.flags,
            "made_at": comparison.made_at.isoformat(),
            "figures": comparison.figures,
        },
    }


def _flag(flag: Any) -> dict[str, Any]:
    return {
        "number": flag.number,
        "signal": flag.signal,
        "state": flag.state,
        "participants": flag.size,
        "figures": flag.figures,
        "statements": [each.reference for each in flag.seen_statements],
        "found_at": flag.found_at.isoformat(),
        "judged_at": flag.judged_at and flag.judged_at.isoformat(),
        "reason": flag.reason,
    }
