"""The trail: what a record came from and what came of it, along the one line of the product."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from plenary.kit import manifest
from plenary.records.models import Record, Stance
from plenary.records.queries import visible_to
from plenary.records.texts import Said, with_texts

from .walk import BACKWARDS, EVIDENCE, FORWARDS, Step, walk

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from plenary.people.models import User

    Viewer = User | AnonymousUser | None

# From what was heard to what was decided; kinds that are not named here stand at the end, in the manifest's order.
LINE = (
    "source", "collectivequestion", "consultation", "statement", "finding", "change", "clause", "version", "commitment",
    "indicator", "round", "report", "review", "meeting", "decision",
)  # fmt: skip
DEPTH_LIMIT = 16
ROW_LIMIT = 20_000
NODES_FOR_PROGRAMS = 1_000  # of a kind


@dataclass(frozen=True)
class Link:
    """An edge between two records by reference, read forwards: ``target`` came of ``source``."""

    source: str
    target: str
    label: str
    stance: str = ""


@dataclass
class Node:
    """A record on the trail, with the links by which it was reached, and the depth: how many steps away it is."""

    record: Record
    depth: int
    links: list[Link] = field(default_factory=list)

    @property
    def title(self) -> Said:
        return self.record.said["title"]  # type: ignore[attr-defined]  # with_texts gave it


@dataclass(frozen=True)
class Station:
    """The records of one kind on one side of the trail; ``more`` counts those that are not listed."""

    kind: manifest.Kind
    nodes: Sequence[Node]
    more: int

    @property
    def count(self) -> int:
        return len(self.nodes) + self.more


@dataclass(frozen=True)
class Trail:
    """``truncated`` says that there is more than is listed here.

    ``through_statements`` is what came of a finding's statements by other ways than the finding: every analysis makes
    findings of its own, and what an earlier one led to is what became of the statement that the newest one rests on.
    """

    record: Record
    came_from: Sequence[Station]
    led_to: Sequence[Station]
    through_statements: Sequence[Station]
    edges: Sequence[Link]
    truncated: bool

    @property
    def nodes(self) -> list[Node]:
        """Every listed record once, what it came from first."""
        stations = [*self.came_from, *self.led_to, *self.through_statements]
        return list({node.record.pk: node for station in stations for node in station.nodes}.values())


def get_trail(
    record: Record,
    user: Viewer,
    language: str,
    *,
    depth_limit: int = DEPTH_LIMIT,
    node_limit: int = 20,
    row_limit: int = ROW_LIMIT,
) -> Trail:
    """The trail of a record that the reader may see; ``node_limit`` records of a kind are listed.

    Three SQL queries; one more for a finding.
    """
    visible = visible_to(user)
    steps = walk([record.pk], visible, depth_limit=depth_limit, row_limit=row_limit)
    back, forth = (
        _Side([step for step in steps if step.way == way], {record.pk}) for way in (BACKWARDS, FORWARDS)
    )
    statements = [pk for pk in back.by_kind.get("statement", []) if back.depth[pk] == 1]
    others: list[Step] = []
    if record.kind == "finding" and statements:
        others = walk(statements, visible, depth_limit=depth_limit, row_limit=row_limit, ways=[FORWARDS])
    through = _Side(others, {record.pk, *statements, *forth.depth})
    through.keep_what_leads_on("finding")
    sides = [back, forth, through]
    shown = [side.choose(node_limit) for side in sides]
    listed = {pk for side in shown for ids in side.values() for pk in ids}
    records = _load(record, listed, sides, language)
    came_from, led_to, through_statements = (
        _stations(side, chosen, records) for side, chosen in zip(sides, shown, strict=True)
    )
    stations = [*came_from, *led_to, *through_statements]
    links = [link for station in stations for node in station.nodes for link in node.links]
    return Trail(
        record=record,
        came_from=came_from,
        led_to=led_to,
        through_statements=through_statements,
        edges=list(dict.fromkeys(links)),
        truncated=max(len(steps), len(others)) >= row_limit or any(station.more for station in stations),
    )


class _Side:
    """What was walked in one way: how far each record is, and by which steps it was reached."""

    def __init__(self, steps: Iterable[Step], left_out: Set[int]) -> None:
        self.depth: dict[int, int] = {}
        self.reached: dict[int, list[Step]] = {}
        self.by_kind: dict[str, list[int]] = {}
        self.leads_on: set[int] = set()
        for step in steps:  # nearest first, so the first depth is the least
            self.leads_on.add(step.nearer)
            if step.id in left_out:
                continue
            if step.id not in self.depth:
                self.depth[step.id] = step.depth
                self.by_kind.setdefault(step.kind, []).append(step.id)
            self.reached.setdefault(step.id, []).append(step)

    def keep_what_leads_on(self, kind: str) -> None:
        """Leave out the records of a kind that end here, and everything where nothing but that kind is left."""
        kept = [pk for pk in self.by_kind.pop(kind, []) if pk in self.leads_on]
        if kept and self.by_kind:
            self.by_kind[kind] = kept

    def choose(self, limit: int) -> dict[str, list[int]]:
        """Of every kind the first records in the line's order: those that lead on before those that end here."""
        return {
            kind: sorted(ids, key=lambda pk: (pk not in self.leads_on, self.depth[pk], pk))[:limit]
            for kind, ids in sorted(self.by_kind.items(), key=lambda entry: _place(entry[0]))
        }


def _place(kind: str) -> int:
    names = [*LINE, *(name for name in manifest.kinds() if name not in LINE)]
    return names.index(kind)


def _load(root: Record, listed: set[int], sides: Iterable[_Side], language: str) -> dict[int, Record]:
    """The listed records with their titles, and those that they were reached from."""
    nearer = {step.nearer for side in sides for pk in listed for step in side.reached.get(pk, [])}
    records = {found.pk: found for found in Record.objects.filter(pk__in=listed | nearer)} | {root.pk: root}
    with_texts([root, *(records[pk] for pk in listed)], language, title="title_id")
    return records


def _stations(side: _Side, chosen: dict[str, list[int]], records: dict[int, Record]) -> list[Station]:
    return [
        Station(
            kind=manifest.kinds()[kind],
            nodes=[Node(records[pk], side.depth[pk], _links(side.reached[pk], records)) for pk in ids],
            more=len(side.by_kind[kind]) - len(ids),
        )
        for kind, ids in chosen.items()
    ]


def _links(steps: Iterable[Step], records: dict[int, Record]) -> list[Link]:
    links, edges = [], list(manifest.edges())
    for step in steps:
        here, nearer = records[step.id].reference, records[step.nearer].reference
        source, target = (nearer, here) if step.way == FORWARDS else (here, nearer)
        label = Stance(step.stance).label if step.edge == EVIDENCE else edges[step.edge].label
        links.append(Link(source, target, str(label), step.stance))
    return list(dict.fromkeys(links))


def trail_as_data(trail: Trail) -> dict[str, Any]:
    """The trail for programs: records, links read forwards, and references by distance from the record."""
    return {
        "record": trail.record.reference,
        "nodes": [
            {
                "reference": record.reference,
                "kind": record.kind,
                "title": str(said) or None,
                "language": said.language if said else None,
                "url": record.get_absolute_url(),
            }
            for record, said in [(trail.record, trail.record.said["title"])]  # type: ignore[attr-defined]
            + [(node.record, node.title) for node in trail.nodes]
        ],
        "edges": [
            {"from": link.source, "to": link.target, "label": link.label, "stance": link.stance or None}
            for link in trail.edges
        ],
        "came_from": _by_depth(trail.came_from),
        "led_to": _by_depth(trail.led_to),
        "through_statements": _by_depth(trail.through_statements),
        "more": {
            side: {station.kind.name: station.more for station in stations if station.more}
            for side, stations in (
                ("came_from", trail.came_from),
                ("led_to", trail.led_to),
                ("through_statements", trail.through_statements),
            )
        },
        "truncated": trail.truncated,
    }


def _by_depth(stations: Iterable[Station]) -> list[list[str]]:
    """References one step away, two steps away, and so on."""
    found: dict[int, list[str]] = {}
    for station in stations:
        for node in station.nodes:
            found.setdefault(node.depth, []).append(node.record.reference)
    return [found[depth] for depth in sorted(found)]
