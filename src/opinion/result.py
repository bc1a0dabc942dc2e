"""What an analysis found, frozen, and its canonical JSON."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import InputError
from .votes import Statement

if TYPE_CHECKING:
    from .votes import Votes

__all__ = [
    "KINDS",
    "Axis",
    "Counts",
    "Finding",
    "Group",
    "GroupRate",
    "Participants",
    "Result",
    "StatementResult",
]

Array = np.ndarray[Any, np.dtype[Any]]
DECIMALS = 6
KINDS = ("consensus", "division", "bridge", "position", "uncertain")
GROUP_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Counts:
    """Votes on a statement; those who did not vote are in none."""

    agree: int
    disagree: int
    pass_: int

    @property
    def total(self) -> int:
        """Everyone who voted, passes included."""
        return self.agree + self.disagree + self.pass_


@dataclass(frozen=True, slots=True)
class GroupRate:
    """Votes of a group on a statement.

    Attributes
    ----------
    group : int
    agree, disagree, pass_ : int
    rate : float or None
        Share of agree among all who voted, passes included; ``None`` without votes.
    low, high : float
        95 % Wilson interval of `rate`.
    """

    group: int
    agree: int
    disagree: int
    pass_: int
    rate: float | None
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class StatementResult:
    """What was found about a statement.

    Attributes
    ----------
    id : str
    agree, disagree, pass_ : int
        Everyone's votes, members of no group included.
    per_group : tuple of GroupRate
    consensus : float
        Lowest, over the groups, of the lower bounds of the rate of the shared side, 0 to 1.
    consensus_side : str
        ``"agree"`` or ``"disagree"``: the side that `consensus` speaks of.
    division : float
        Largest difference of the rates of agree between two groups, 0 to 1; 0 with one group.
    division_groups : tuple of int
        The two groups, the one that agrees more first; empty with one group.
    bridge : float
        Lowest, over the groups, of the lower bound of the rate of agree less the group's usual rate; above 0 every
        group agrees more than it usually does. 0 with one group.
    representative_for : tuple of (int, str)
        Groups whose position it marks, and the side they take.
    intervals : dict
        ``{"agree": (low, high), "disagree": …, "pass": …}``, 95 % Wilson, over everyone who voted.
    priority : float
        What more votes on it would teach, relative; larger is more.
    left_out : bool
        Moderated out: counted, but in no finding and shaping no group.
    is_meta : bool
        About the people who vote, not about the matter: shaping no group, and named by positions of groups alone.
    """

    id: str
    agree: int
    disagree: int
    pass_: int
    per_group: tuple[GroupRate, ...]
    consensus: float
    consensus_side: str
    division: float
    division_groups: tuple[int, ...]
    bridge: float
    representative_for: tuple[tuple[int, str], ...]
    intervals: dict[str, tuple[float, float]]
    priority: float
    left_out: bool = False
    is_meta: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """A result that can be cited.

    Attributes
    ----------
    kind : {"consensus", "division", "bridge", "position", "uncertain"}
    statements : tuple of str
        Ids of the statements it is about.
    groups : tuple of int
        Groups it is about.
    figures : dict
        Counts, rates and intervals behind it; plain numbers and strings.
    """

    kind: str
    statements: tuple[str, ...]
    groups: tuple[int, ...]
    figures: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Group:
    """A group of people; 0 is the largest and is shown as A, then B, …

    Attributes
    ----------
    index : int
    size : int
        Members.
    share : float
        Of all who belong to a group.
    confidence : float
        Mean confidence of the members.
    x, y : float
        Middle of the members on the map.
    """

    index: int
    size: int
    share: float
    confidence: float
    x: float
    y: float

    @property
    def letter(self) -> str:
        """A for 0, B for 1, …"""
        return GROUP_LETTERS[self.index]


@dataclass(frozen=True, slots=True)
class Axis:
    """A direction of the map: statements and their loadings, the parts of a unit vector."""

    statement_ids: tuple[str, ...]
    loadings: tuple[float, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Participants:
    """People as parallel arrays, shape (n,), in canonical order.

    Attributes
    ----------
    ids : ndarray of str
    group : ndarray of int8
        −1 for none: too few votes, or one side throughout as no group would.
    confidence : ndarray of float
        Probability of the group, 0 to 1; 0 where there is none.
    x, y : ndarray of float
    """

    ids: Array
    group: Array
    confidence: Array
    x: Array
    y: Array

    def __len__(self) -> int:
        return int(self.ids.size)

    def __repr__(self) -> str:
        return f"Participants({len(self):,} people, {int(np.count_nonzero(self.group >= 0)):,} of them in groups)"


@dataclass(frozen=True, eq=False)
class Result:
    """An analysis of votes.

    Attributes
    ----------
    mode : {"plenary", "polis"}
    seed : int
    input_sha256 : str
        Of the canonical form of the votes (`Votes.to_csv`).
    engine_version : str
    k : int
        Groups: 0 without anyone who could be placed, 1 for "no distinct groups".
    votes : int
        Votes counted.
    participants : Participants
    groups : tuple of Group
        k of them.
    axes : tuple of Axis
        At most two.
    statements : tuple of StatementResult
    findings : tuple of Finding
        Of each kind the strongest, as many as the settings allow.
    totals : dict
        How many there are of each kind.
    evidence : tuple of dict
        For each number of groups looked at what speaks for it.
    settings : dict
        Thresholds in force.
    previous_sha256 : str or None
        Hash of the result that labels and signs were aligned with.
    sections : dict
        What was asked for beside the analysis itself (lens, slate, …), by name; plain values, part of the JSON.
    """

    mode: str
    seed: int
    input_sha256: str
    engine_version: str
    k: int
    votes: int
    participants: Participants
    groups: tuple[Group, ...]
    axes: tuple[Axis, ...]
    statements: tuple[StatementResult, ...]
    findings: tuple[Finding, ...]
    totals: dict[str, int]
    evidence: tuple[dict[str, Any], ...]
    settings: dict[str, Any]
    previous_sha256: str | None = None
    sections: dict[str, Any] = field(default_factory=dict)

    def with_sections(self, **sections: Any) -> Result:
        """The same result with further sections, each a dataclass or plain values.

        Returns
        -------
        Result

        Raises
        ------
        ValueError
            A name that the result or one of its sections has already.
        """
        taken = {one.name for one in fields(self)} | set(self.sections)
        twice = sorted(taken & set(sections))
        if twice:
            raise ValueError(f"the result has {', '.join(twice)} already")
        return replace(self, sections=self.sections | sections)

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionaries and lists, as in the JSON (floats rounded to six decimals)."""
        data = json.loads(self.to_json())
        assert isinstance(data, dict)
        return data

    def to_json(self) -> bytes:
        """Canonical JSON: UTF-8, sorted keys, no spaces, floats rounded to six decimals.

        The same votes, seed and options give the same bytes on the same machine and versions.
        """
        return self._json

    @cached_property
    def _json(self) -> bytes:
        head = {
            one.name: _plain(getattr(self, one.name))
            for one in fields(self)
            if one.name not in ("participants", "sections")
        }
        head |= {name: _plain(value) for name, value in self.sections.items()}
        pieces = []
        for name in sorted([*head, "participants"]):
            body = self._people_json() if name == "participants" else _dumps(head[name])
            pieces.append(f"{_dumps(name)}:{body}")
        return ("{" + ",".join(pieces) + "}\n").encode()

    def _people_json(self) -> str:
        people = self.participants
        rows = zip(
            np.round(people.confidence.astype(float), DECIMALS).tolist(),
            people.group.tolist(),
            people.ids.tolist(),
            (np.round(people.x.astype(float), DECIMALS) + 0.0).tolist(),
            (np.round(people.y.astype(float), DECIMALS) + 0.0).tolist(),
            strict=True,
        )
        quote = json.encoder.encode_basestring  # an id is a string, whatever is in it
        return (
            "["
            + ",".join(
                f'{{"confidence":{c!r},"group":{"null" if g < 0 else g},"id":{quote(i)},"x":{x!r},"y":{y!r}}}'
                for c, g, i, x, y in rows
            )
            + "]"
        )

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of `to_json`."""
        return hashlib.sha256(self.to_json()).hexdigest()

    def marked(self) -> list[Statement]:
        """Statements left out or about the people who vote, as `analyze` was told of them, for whatever follows."""
        return [
            Statement(one.id, moderated=-1 if one.left_out else 0, is_meta=one.is_meta)
            for one in self.statements
            if one.left_out or one.is_meta
        ]

    def check_votes(self, votes: Votes) -> None:
        """Raise an InputError unless this is the analysis of these votes: people, statements and number of votes."""
        same = self.votes == votes.size and np.array_equal(self.participants.ids, votes.participant_ids)
        if not same or [one.id for one in self.statements] != votes.statement_ids.tolist():
            raise InputError(
                "The result is not of these votes: people, statements or the number of votes differ. "
                "Analyse these votes and go on from that result."
            )

    def findings_of(self, kind: str) -> tuple[Finding, ...]:
        """The findings of one kind, the strongest first; an InputError for a kind that is none of `KINDS`."""
        if kind not in KINDS:
            raise InputError(f"{kind!r} is not a kind of finding: {', '.join(KINDS)}.")
        return tuple(finding for finding in self.findings if finding.kind == kind)

    def __repr__(self) -> str:
        counts = {
            "vote": self.votes,
            "participant": len(self.participants),
            "statement": len(self.statements),
            "group": self.k,
            "finding": len(self.findings),
        }
        parts = [f"{count:,} {word}{'' if count == 1 else 's'}" for word, count in counts.items()]
        parts += [f"sections {', '.join(self.sections)}"] if self.sections else []
        return f"Result({self.mode}: {', '.join(parts)})"

    def _repr_html_(self) -> str:
        from .notebook import as_html

        return as_html(self)


def _dumps(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name.rstrip("_"): _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, dict):
        return {str(key).rstrip("_"): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return [_plain(item) for item in value.tolist()]
    if isinstance(value, float | np.floating):
        return round(float(value), DECIMALS) + 0.0
    if isinstance(value, np.integer):
        return int(value)
    return value
