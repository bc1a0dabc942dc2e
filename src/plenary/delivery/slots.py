"""What this module shows in the pages of others."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from plenary.kit.languages import content_language
from plenary.strategy.models import Clause

from . import queries, rules


def clause(request: HttpRequest, subject: Clause) -> dict[str, Any] | None:
    """The commitments of a clause; empty beside clauses that promise nothing."""
    today = timezone.localdate(timezone.now())
    rows = queries.list_commitments_for(request.user, content_language(request), today, clause=subject)
    promises = subject.kind == Clause.Kind.COMMITMENT
    if not rows and not promises:
        return None
    return {"rows": rows, "may_make": promises and rules.may_run_rounds(request.user)}


def home(request: HttpRequest, subject: Any) -> dict[str, Any] | None:
    """What we promised: every running commitment with both ratings, the first dozen."""
    today = timezone.localdate(timezone.now())
    found = queries.list_commitments_for(request.user, content_language(request), today)
    rows = [row for row in found if row.commitment.is_running]
    if not rows:
        return None
    return {
        "rows": rows[:12],
        "count": len(rows),
        "differing": sum(row.differs for row in rows),
        "silent": sum(row.silent_in is not None for row in rows),
    }
