"""Who said so: findings by what people said about themselves.

The rows of votes are published, and so are these counts. Small counts are hidden by the engine; two things more are
kept here, for which ``docs/decisions/0015-who-said-so-is-told-rarely.md`` gives the reasons: only so many findings are
shown as the number of people allows, and no two tellings of one consultation can be subtracted from each other.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from django.utils import timezone

from plenary.participation.queries import list_attributes_for_analysis

from . import queries
from .parts import as_json

if TYPE_CHECKING:
    from opinion import Attributes, Finding, Lens, Result, Votes
    from opinion.lens_section import AttributeLens, FindingLens

    from .parts import Job

FEWEST = 5
"""People of whom a published number speaks at least."""
PEOPLE_FOR_A_FINDING = 20
"""People for each finding that is shown: two counts of each of its categories then stay below one for ten people."""
SAID_FIRST = 20
"""People who said something before it is told for the first time while people still vote."""
SHOWN_KINDS = ("consensus", "division", "bridge")
DECIMALS = 6
STEP = 8
"""Of mean places, in user units of the map, which is 640 wide."""


@dataclass(frozen=True, eq=False)
class Told:
    """What is published of a lens, and what the weights are made from; None where an earlier one stands."""

    part: dict[str, Any]
    attributes: Attributes | None = None
    lens: Lens | None = None
    fresh: frozenset[tuple[str, str]] = frozenset()
    """Attribute and statement of what is told now and not as it was told earlier; of an attribute's people, ``""``."""


_told: WeakKeyDictionary[Job, Told] = WeakKeyDictionary()


def make_lens_part(job: Job) -> bytes:
    """The part ``lens``."""
    told = _tell(job)
    _told[job] = told  # for the weights of the same job
    return as_json(told.part)


def tell(job: Job) -> Told:
    """What is told in this job, as the lens has made it."""
    return _told.pop(job, None) or _tell(job)


def look_again(job: Job, told: Told) -> Told | None:
    """The same lens, made anew to be weighted; None where the figures would no longer be those that were told."""
    again = _look(job, told.part["people"], _said(job))
    return again if again is not None and _figures(again.part) == _figures(told.part) else None


# When it is told


def _tell(job: Job) -> Told:
    people, said = len(job.made.result.participants), _said(job)
    earlier = queries.get_last_part(job.consultation, "lens", told=True)
    is_closed = not job.consultation.is_open(timezone.now())
    if earlier is not None:
        newcomers = people - int(earlier["people"])
        due = newcomers >= PEOPLE_FOR_A_FINDING and (
            people >= 2 * earlier["people"] or (is_closed and not earlier["final"])
        )
        made = _look(job, newcomers, said, earlier) if due else None
        return made or Told(dict(earlier))
    counted = sum(any(values) for values in zip(*_asked(said).values(), strict=True))
    state = (
        "nobody voted" if not people
        else "few" if people < PEOPLE_FOR_A_FINDING
        else "waiting" if not is_closed and _asked(said) and counted < SAID_FIRST
        else "told"
    )  # fmt: skip
    made = _look(job, people, said) if state == "told" else None
    if made is not None:
        return made
    state = "nobody said" if state == "told" else state
    return Told({"state": state, "people": people, "said": at_least(counted), **_unsaid(said)})


def _said(job: Job) -> dict[str, list[str]]:
    return list_attributes_for_analysis(job.consultation, job.made.people.tolist())


def _asked(said: Mapping[str, list[str]]) -> dict[str, list[str]]:
    return {name: column for name, column in said.items() if name != "read_in"}


def _count(column: Sequence[str]) -> int:
    return sum(value != "" for value in column)


def _unsaid(said: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Attributes of which there is no table since nobody said them, or too few."""
    asked = sorted(_asked(said).items())
    return {
        "skipped": [name for name, column in asked if not _count(column)],
        "too_few": [name for name, column in asked if 0 < _count(column) < FEWEST],
    }


def at_least(count: int) -> int | None:
    """A number of people that may be told: none from one to four."""
    return None if 0 < count < FEWEST else count


def _look(
    job: Job, newcomers: int, said: Mapping[str, list[str]], earlier: Mapping[str, Any] | None = None
) -> Told | None:
    """The lens as it is now, beside the earlier one if there is one."""
    from opinion import Attributes, make_lens

    made = job.made
    columns = {name: column for name, column in said.items() if _count(column) >= FEWEST}
    attributes = Attributes.from_columns(columns) if columns else None
    if attributes is None:
        return None
    chosen = _choose(made.result, newcomers // PEOPLE_FOR_A_FINDING)
    lens = make_lens(_on_sides(job, chosen), attributes, chosen, threshold=FEWEST, only_findings=True)
    day = timezone.now().date().isoformat()
    now: dict[str, Any] = {
        "state": "told",
        "on": day,
        "people": lens.people,
        "said": at_least(sum(any(values) for values in zip(*_asked(said).values(), strict=True))),
        "threshold": lens.threshold,
        "tests": lens.tests,
        "false_discovery_rate": lens.false_discovery_rate,
        "input_sha256": made.result.input_sha256,
        "final": not job.consultation.is_open(timezone.now()),
        **_unsaid(said),
        "attributes": [
            _attribute(one, day) | {"places": _places(job, one, columns[one.name])} for one in lens.attributes
        ],
    }
    before: Sequence[Mapping[str, Any]] = () if earlier is None else earlier["attributes"]
    now["attributes"], fresh = beside_earlier(before, now["attributes"])
    return Told(now, attributes, lens, frozenset(fresh))


def _figures(part: Mapping[str, Any]) -> tuple[Any, ...]:
    """What a lens tells, without its day."""
    attributes = [
        {key: value for key, value in one.items() if key not in ("on", "findings")}
        | {"findings": [row | {"on": ""} for row in one["findings"]]}
        for one in part["attributes"]
    ]
    return part["people"], part["said"], attributes


def _choose(result: Result, most: int) -> Result:
    """The result with the strongest findings alone, each statement once; of consensus and division alike many."""
    by_kind = [result.findings_of(kind) for kind in SHOWN_KINDS]
    chosen: list[Finding] = []
    taken: set[str] = set()
    for row in zip_longest(*by_kind):
        for finding in row:
            if finding is not None and finding.statements[0] not in taken and len(chosen) < most:
                taken.add(finding.statements[0])
                chosen.append(finding)
    return replace(result, findings=tuple(chosen))


def _on_sides(job: Job, result: Result) -> Votes:
    """The votes with two answers to each finding's statement: its side, and everything else.

    No more is told of a category, and the fewer numbers there are, the fewer are small and have to be hidden.
    """
    votes = job.made.votes
    values = votes.values.copy()
    place = {name: at for at, name in enumerate(votes.statement_ids.tolist())}
    for finding in result.findings:
        rest = 1 if _side_of(finding) == "disagree" else -1
        values[(votes.indices == place[finding.statements[0]]) & (values == 0)] = rest
    values.setflags(write=False)
    return replace(votes, values=values)


def _side_of(finding: Finding) -> str:
    side: str = finding.figures.get("side", "agree")
    return side


# What is published of it


def _attribute(one: AttributeLens, day: str) -> dict[str, Any]:
    votes = {statement.id: statement.categories for statement in one.statements}
    return {
        "name": one.name,
        "on": day,
        "shown": one.shown,
        "withheld": one.withheld,
        "categories": [
            {"key": each.name, "kind": each.kind, "people": each.people, "members": list(each.members)}
            for each in one.categories
        ],
        "composition": None
        if one.composition is None
        else [
            {"group": row.group, "people": row.people, "categories": list(row.categories)}
            for row in one.composition
        ],
        "findings": [_finding(each, votes[each.statement], day) for each in one.findings],
        "hidden": one.suppression.primary + one.suppression.complementary,
    }


def _finding(one: FindingLens, votes: Sequence[Any], day: str) -> dict[str, Any]:
    """Of each category who voted and how many took the side of the finding; no more counts than it needs."""
    rows = []
    for contrast, cast in zip(one.categories, votes, strict=True):
        count = cast.agree if one.side == "agree" else cast.disagree
        is_shown = count is not None and cast.voters is not None
        row: dict[str, Any] = {
            "voters": cast.voters,
            "count": count if is_shown else None,
            "holds": contrast.holds,
        }
        for name in ("rate", "low", "high", "difference", "difference_low", "difference_high", "p", "q"):
            value = getattr(contrast, name)
            row[name] = None if value is None else round(value, DECIMALS)
        rows.append(row | {"differs": contrast.differs})
    return {
        "kind": one.kind,
        "statement": one.statement,
        "side": one.side,
        "bar": one.bar,
        "everywhere": one.everywhere,
        "on": day,
        "categories": rows,
    }


def _places(job: Job, one: AttributeLens, column: Sequence[str]) -> dict[str, Any] | None:
    """Where the people of each category stand on the map on average, in steps of an eightieth of its width.

    Of ``PEOPLE_FOR_A_FINDING`` people or more, and of as many others: everybody's place is published without a name, so
    that of a few it could be computed who they are. How far chance may move a mean is told by everybody's spread.
    Whether they differ is said against all others who said something of themselves.
    """
    import numpy as np

    from opinion.picture import make_atlas

    result = job.made.result
    people = result.participants
    placed = people.group >= 0
    if not one.shown or not placed.any():
        return None
    scale = make_atlas(0, people.group, people.confidence, people.x, people.y).scale
    place = np.stack([scale.across(people.x), scale.down(people.y)], axis=1)[placed]
    said = np.array(column)[placed]
    spread = place.std(axis=0)
    rows: list[dict[str, Any] | None] = []
    for each in one.categories:
        own = np.isin(said, each.members) if each.kind == "together" else said == each.name
        n, others = int(own.sum()), ~own & (said != "")
        if each.kind == "not said" or min(n, int((~own).sum())) < PEOPLE_FOR_A_FINDING or not spread.all():
            rows.append(None)
            continue
        mean, m, differs = place[own].mean(axis=0), int(others.sum()), None
        if m >= FEWEST:
            apart = (mean - place[others].mean(axis=0)) / (spread * np.sqrt(1 / n + 1 / m))
            differs = bool((apart**2).sum() > _apart_beyond_chance(len(one.categories)))
        x, y = (int(STEP * round(float(at) / STEP)) for at in mean)
        rows.append({"x": x, "y": y, "differs": differs})
    return {
        "input_sha256": result.input_sha256,
        "spread": [round(float(side), 1) for side in spread],
        "rows": rows,
    }


def _apart_beyond_chance(tests: int) -> float:
    """Squared distance in two directions that chance brings once in twenty tables of so many rows (χ², Bonferroni)."""
    return -2 * math.log(0.05 / max(tests, 1))


# Two tellings


def beside_earlier(
    before: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]]
) -> tuple[list[dict[str, Any]], set[tuple[str, str]]]:
    """The attributes as they may be told after an earlier telling, and which of it is told now (see ``Told.fresh``).

    What has changed is the later less the earlier; where that would be a small count, or cannot be known, the earlier
    table stands.
    """
    was = {one["name"]: one for one in before}
    told: list[dict[str, Any]] = []
    fresh: set[tuple[str, str]] = set()
    for one in now:
        earlier = was.pop(one["name"], None)
        rows = list(one["findings"])
        if earlier is not None:
            if not _may_stand_beside(earlier, one):
                told.append(dict(earlier))
                continue
            known = {row["statement"]: row for row in earlier["findings"]}
            rows = [
                row
                for row in rows
                if row["statement"] not in known
                or _may_follow(known[row["statement"]], row, one["categories"])
            ]
            later = {row["statement"] for row in rows}
            kept = [row for row in earlier["findings"] if row["statement"] not in later]
            # The groups of opinion and the map are others now: how they are composed, and who stands where, is told
            # once.
            told.append(
                {**one, "composition": None, "places": earlier.get("places"), "findings": [*rows, *kept]}
            )
        else:
            told.append(dict(one))
        fresh |= {(one["name"], ""), *((one["name"], row["statement"]) for row in rows)}
    return [*told, *(dict(one) for one in was.values())], fresh


def _may_stand_beside(was: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether the people of each category may be told again: nobody new, or enough of them."""
    if [_name(each) for each in was["categories"]] != [_name(each) for each in now["categories"]]:
        return False
    steps = [
        each["people"] - other["people"]
        for each, other in zip(now["categories"], was["categories"], strict=True)
        if each["kind"] != "not said"
    ]
    return was["shown"] and now["shown"] and not any(_is_small(step) for step in steps)


def _name(category: Mapping[str, Any]) -> tuple[Any, ...]:
    return category["key"], category["kind"], tuple(category["members"])


def _may_follow(
    was: Mapping[str, Any], now: Mapping[str, Any], categories: Sequence[Mapping[str, Any]]
) -> bool:
    """Whether the newcomers' own table, which anybody can compute from the two, could be shown by itself."""
    from opinion.lens_tables import UNANIMOUS

    if was["side"] != now["side"]:
        return False
    for category, one, other in zip(categories, was["categories"], now["categories"], strict=True):
        if category["kind"] == "not said":
            continue
        if None in (one["voters"], one["count"], other["voters"], other["count"]):
            return False
        voters, count = other["voters"] - one["voters"], other["count"] - one["count"]
        rest = voters - count
        as_one = voters > 0 and min(count, rest) == 0 and voters < UNANIMOUS * FEWEST
        if _is_small(voters) or _is_small(count) or _is_small(rest) or as_one:
            return False
    return True


def _is_small(step: int) -> bool:
    return step < 0 or 0 < step < FEWEST
