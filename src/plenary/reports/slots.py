"""What every record's page ends with."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from plenary.insight.models import Finding
from plenary.kit.languages import content_language
from plenary.records import queries
from plenary.records.models import Record

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
