"""What every record's page ends with."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from plenary.insight.models import Finding
from plenary.kit.languages import content_language
from plenary.participation.models import Statement
from plenary.participation.queries import Part
from plenary.records import queries
from plenary.records.models import Record

from .outcomes import count_reached, list_outcomes
from .queries import get_trail
from .wording import nothing_yet

OUTCOMES = ("change", "clause", "commitment", "decision")


def record_footer(request: HttpRequest, subject: Any) -> dict[str, Any] | None:
    """The way to the trail, the reference to cite, and the data of a record."""
    record = subject if isinstance(subject, Record) else getattr(subject, "record", None)
    if record is None:
        return None
    is_asked = request.user.is_authenticated and not hasattr(request, "follow_stands_above")
    following = queries.is_following(request.user, record) if is_asked else None  # type: ignore[arg-type]
    return {
        "record": record,
        "is_following": following,
        "permalink": request.build_absolute_uri(record.get_absolute_url()),
    }


def finding(request: HttpRequest, subject: Finding) -> dict[str, Any]:
    """What a finding, or the statements behind it, led to; the trail tells the whole of it."""
    trail = get_trail(subject.record, request.user, content_language(request), node_limit=5)
    stations = [*trail.led_to, *trail.through_statements]
    outcomes = [node for station in stations if station.kind.name in OUTCOMES for node in station.nodes]
    return {"trail": trail, "outcomes": outcomes, "nothing_yet": nothing_yet("finding")}


def follow(request: HttpRequest, subject: Record) -> dict[str, Any]:
    """Near the top of a page: the button to follow a record, or how one can. The footer then does not repeat it."""
    target: Any = request
    target.follow_stands_above = True
    following = queries.is_following(request.user, subject) if request.user.is_authenticated else None
    return {"record": subject, "is_following": following}


def outcome(request: HttpRequest, subject: Statement) -> dict[str, Any]:
    """What became of one statement of hers; all of hers are looked up with the first."""
    part: Part = subject.part  # type: ignore[attr-defined]  # get_part gave it
    if "outcomes" not in part.memo:
        part.memo["outcomes"] = list_outcomes(
            [item.record for item in part.own], request.user, content_language(request)
        )
    steps = part.memo["outcomes"].get(subject.pk, [])
    return {
        "steps": steps,
        "statement": subject,
        "nothing_yet": nothing_yet("statement") if all(step.record is None for step in steps) else "",
    }


def outcomes(request: HttpRequest, subject: Part) -> dict[str, Any] | None:
    """How far the statements came that she voted on."""
    if not subject.voted:
        return None
    reached = count_reached([item.record for item in subject.voted], request.user)
    return {
        "voted": len(reached),
        "findings": sum(each.finding for each in reached),
        "changes": sum(each.change for each in reached),
        "furthest": [
            item
            for item, each in sorted(
                zip(subject.voted, reached, strict=True), key=lambda pair: (not pair[1].change, pair[0].pk)
            )
            if each.finding
        ],
    }
