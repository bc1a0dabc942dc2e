"""What became of statements, step by step with its day: for who wrote or voted on them.

It is the trail, walked forwards from all of them at once and read in the order of time: what was there before is not
called an outcome. A change goes on with the day on which it came into force, since only then did it change anything.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from plenary.records.models import Event, Record
from plenary.records.queries import visible_to
from plenary.records.texts import EMPTY, Said, with_texts

from . import wording
from .walk import FORWARDS, Step, walk

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from plenary.people.models import User

    Viewer = User | AnonymousUser | None

DEPTH_LIMIT = 10
ROW_LIMIT = 20_000
MOST_OF_A_KIND = 4
# What an event on the way is called; other events of these records say nothing to who began the way.
TOLD = {
    "change": ("accepted", "rejected", "withdrawn", "incorporated"),
    "statement": (
        "accepted",
        "rejected",
        "appealed",
        "appeal upheld",
        "appeal dismissed",
        "merged",
        "separated",
        "reworded",
        "erased",
    ),
}
# These may have been there before: what reached them goes on from them, on the day on which it did.
STANDING = ("clause", "commitment", "strategy", "change", "version")
NOT_OUTCOMES = ("statement", "consultation", "source", "analysis")


@dataclass(frozen=True)
class Outcome:
    """One step: on which day, in a sentence, and the record that it leads to, where there is one."""

    at: datetime
    words: str
    record: Record | None = None
    title: Said = EMPTY


@dataclass(frozen=True)
class Reached:
    """How far a statement came."""

    finding: bool = False
    change: bool = False
    commitment: bool = False


def list_outcomes(statements: Sequence[Record], user: Viewer, language: str) -> dict[int, list[Outcome]]:
    """The steps of each statement by its record's id, first things first. Four SQL queries whatever their number."""
    graph = _Graph([record.pk for record in statements], user)
    ways = {record.pk: graph.arrivals(record.pk, record.created_at) for record in statements}
    with_texts([*graph.records.values()], language, title="title_id")
    return {record.pk: _steps(record, ways[record.pk], graph) for record in statements}


def count_reached(statements: Sequence[Record], user: Viewer) -> list[Reached]:
    """How far each statement came. Three SQL queries."""
    graph = _Graph([record.pk for record in statements], user)
    reached = []
    for record in statements:
        arrived = graph.arrivals(record.pk, record.created_at)
        kinds = {graph.records[pk].kind for pk in arrived}
        in_force = {"version", "clause"} & kinds
        reached.append(Reached("finding" in kinds, bool(in_force), "commitment" in kinds))
    return reached


class _Graph:
    """What lies before the statements, with the records and the events that give its days."""

    def __init__(self, roots: Sequence[int], user: Viewer) -> None:
        steps: Iterable[Step] = (
            walk(roots, visible_to(user), depth_limit=DEPTH_LIMIT, row_limit=ROW_LIMIT, ways=[FORWARDS])
            if roots
            else []
        )
        self.next: dict[int, dict[int, None]] = {}
        kinds: dict[int, str] = {}
        for step in steps:
            self.next.setdefault(step.nearer, {})[step.id] = None
            kinds[step.id] = step.kind
        self.records = {record.pk: record for record in Record.objects.filter(pk__in=kinds)}
        told = [pk for pk, kind in kinds.items() if kind in TOLD] + list(roots)
        self.events: dict[int, list[Event]] = {}
        for event in Event.objects.filter(record__in=told).order_by("id"):
            self.events.setdefault(event.record_id, []).append(event)

    def told(self, record: Record) -> list[Event]:
        return [event for event in self.events.get(record.pk, []) if event.verb in TOLD.get(record.kind, ())]

    def arrivals(self, root: int, since: datetime) -> dict[int, datetime]:
        """What came of a statement, each with the earliest moment at which it did; nothing that was there before."""
        arrived: dict[int, datetime] = {}
        waiting = deque([(root, since)])
        while waiting:
            here, at = waiting.popleft()
            for pk in self.next.get(here, ()):
                record = self.records.get(pk)
                if record is None or pk == root or record.kind in NOT_OUTCOMES:
                    continue
                if record.created_at < at and record.kind not in STANDING:
                    continue
                moment = max(at, record.created_at)
                if pk in arrived and arrived[pk] <= moment:
                    continue
                arrived[pk] = moment
                waiting.append((pk, self._goes_on(record, moment)))
        return arrived

    def _goes_on(self, record: Record, moment: datetime) -> datetime:
        in_force = [event.at for event in self.told(record) if event.verb == "incorporated"]
        return max([moment, *in_force])


def _steps(statement: Record, arrived: dict[int, datetime], graph: _Graph) -> list[Outcome]:
    found = [Outcome(statement.created_at, wording.outcome("statement", "written"))]
    found += [Outcome(event.at, wording.outcome("statement", event.verb)) for event in graph.told(statement)]
    by_kind: dict[str, list[Record]] = {}
    for pk in arrived:
        by_kind.setdefault(graph.records[pk].kind, []).append(graph.records[pk])
    for kind, records in by_kind.items():
        for record in _worth_telling(kind, records, arrived, graph):
            title: Said = record.said["title"]  # type: ignore[attr-defined]  # with_texts gave it
            if record.erased_at:
                title = EMPTY
            stood = kind in ("clause", "commitment") and record.created_at < arrived[record.pk]
            found.append(
                Outcome(arrived[record.pk], wording.outcome(kind, "stood" if stood else ""), record, title)
            )
            if kind == "change":
                found += [
                    Outcome(event.at, wording.outcome(kind, event.verb), record)
                    for event in graph.told(record)
                    if event.at >= arrived[record.pk]
                ]
    return sorted(found, key=lambda step: step.at)


def _worth_telling(
    kind: str, records: list[Record], arrived: dict[int, datetime], graph: _Graph
) -> list[Record]:
    """Of a kind the first one, those that lead on, and of the rest the latest: analyses are repeated."""
    ordered = sorted(records, key=lambda record: (arrived[record.pk], record.pk))
    if len(ordered) <= MOST_OF_A_KIND and kind != "finding":
        return ordered
    chosen = {ordered[0].pk} | {
        record.pk for record in ordered if set(graph.next.get(record.pk, ())) & set(arrived)
    }
    if kind != "finding":
        chosen |= {record.pk for record in ordered[-(MOST_OF_A_KIND - 1) :]}
    return [record for record in ordered if record.pk in chosen][:MOST_OF_A_KIND]
