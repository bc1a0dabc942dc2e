"""Consumer: who wrote a statement, and who follows a consultation, is told when something comes to rest on it."""

from __future__ import annotations

from collections.abc import Sequence

from plenary.insight.models import Analysis, Finding
from plenary.participation.actions import tell_news
from plenary.records.models import Event, Visibility
from plenary.records.queries import visible_to

from .walk import BACKWARDS, walk

# Steps on the way from a statement; what else happens to these records says nothing to who wrote one.
TOLD = {
    "change": frozenset({"proposed", "accepted", "rejected", "incorporated"}),
    "commitment": frozenset({"made"}),
    "report": frozenset({"accepted"}),
    "review": frozenset({"reviewed", "created"}),
    "decision": frozenset({"decided", "created"}),
}
DEPTH_LIMIT = 10
ROW_LIMIT = 5_000


def tell_steps(events: Sequence[Event]) -> None:
    """Hand each step on to those who spoke at its beginning. What is not public is told to nobody."""
    for event in events:
        record = event.record
        if record.visibility != Visibility.PUBLIC:
            continue
        if record.kind == "finding" and event.verb == "found":
            tell_news(event=event, statements=_first_found(record.pk), consultations=[])
        elif record.kind == "analysis" and event.verb == "analysis done":
            asked = Analysis.objects.filter(pk=record.pk).values_list("consultation_id", flat=True)
            tell_news(event=event, statements=[], consultations=list(asked))
        elif event.verb in TOLD.get(record.kind, ()):
            steps = walk(
                [record.pk], visible_to(None), depth_limit=DEPTH_LIMIT, row_limit=ROW_LIMIT, ways=[BACKWARDS]
            )
            statements = {step.id for step in steps if step.kind == "statement"}
            consultations = {step.id for step in steps if step.kind == "consultation"}
            tell_news(event=event, statements=statements, consultations=consultations)


def _first_found(finding: int) -> list[int]:
    """The finding's statements on which no earlier one rests: analyses are repeated, and told once."""
    rests_on = Finding.statements.through.objects
    statements = set(rests_on.filter(finding=finding).values_list("statement", flat=True))
    earlier = rests_on.filter(statement__in=statements, finding__lt=finding)
    return sorted(statements - set(earlier.values_list("statement", flat=True)))
