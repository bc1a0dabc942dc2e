"""What every record's page ends with."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from plenary.records import queries
from plenary.records.models import Record


def record_footer(request: HttpRequest, subject: Any) -> dict[str, Any] | None:
    """The way to the trail, the reference to cite, and the data of a record."""
    record = subject if isinstance(subject, Record) else getattr(subject, "record", None)
    if record is None:
        return None
    following = queries.is_following(request.user, record) if request.user.is_authenticated else None
    return {
        "record": record,
        "is_following": following,
        "permalink": request.build_absolute_uri(record.get_absolute_url()),
    }
