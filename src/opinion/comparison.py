"""Two results beside each other: what changed beyond chance, and what only moved.

Works on what a result says of statements, groups and findings; no participant is read. So it is cheap, and anybody can
do it again from the published files.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

import numpy as np

from .errors import InputError
from .groups import best_match
from .intervals import Z95, benjamini_hochberg, difference_exceeds, difference_interval, wilson
from .result import GROUP_LETTERS

__all__ = ["SETTINGS", "Compared", "GroupPair", "Move", "People", "Side", "StatementPair", "compare"]

Array = np.ndarray[Any, np.dtype[Any]]
People = Literal["different", "later", "overlapping"]

SETTINGS: dict[str, Any] = {
    "min_votes": 7,  # on a statement, in each of the two that a test sets beside each other
    "min_group_votes": 5,  # of a group on a statement, below which it says nothing about what the group is like
    "false_discovery_rate": 0.05,
}
SIDES = ("agree", "disagree")


@dataclass(frozen=True, slots=True)
class Side:
    """The votes on a statement in one result, and the share of a side with its 95 % Wilson interval."""

    votes: int
    count: int
    rate: float | None
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Move:
    """How the share of one side differs.

    Attributes
    ----------
    side : str
        ``"agree"`` or ``"disagree"``.
    first, second : Side
    difference : float or None
        Second less first; ``None`` where nobody voted in one of them.
    low, high : float or None
        95 % interval of the difference; ``None`` where there is no test.
    p, q : float or None
        Of the claim that there is no difference, and adjusted for all tests made; ``None`` where there is none.
    beyond_chance : bool
        Whether `q` is no more than the false discovery rate.
    """

    side: str
    first: Side
    second: Side
    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    q: float | None
    beyond_chance: bool


@dataclass(frozen=True, slots=True)
class StatementPair:
    """A statement in both results.

    Attributes
    ----------
    first, second : str
        Its id in each.
    moves : tuple of Move
        Of agree and of disagree.
    added : int or None
        Votes that only the second holds, where it contains the first.
    untested : str
        Why there is no test: ``"few"`` votes, ``"changed"`` votes, ``"overlapping"`` people, ``"reworded"``; empty
        where there is one.
    """

    first: str
    second: str
    moves: tuple[Move, ...]
    added: int | None
    untested: str

    @property
    def beyond_chance(self) -> bool:
        """Whether one of its shares changed beyond chance."""
        return any(move.beyond_chance for move in self.moves)


@dataclass(frozen=True, slots=True)
class GroupPair:
    """Groups that answer most alike; one of them is ``None`` where the other has no counterpart.

    Attributes
    ----------
    first, second : int or None
        Their numbers.
    first_size, second_size : int or None
    first_share, second_share : float or None
        Of those placed in a group.
    distance : float or None
        Mean absolute difference of their rates of agree; 0 where they answer the same.
    statements : int
        On how many statements it rests.
    """

    first: int | None
    second: int | None
    first_size: int | None
    second_size: int | None
    first_share: float | None
    second_share: float | None
    distance: float | None
    statements: int


@dataclass(frozen=True, slots=True)
class Compared:
    """Two results beside each other.

    Attributes
    ----------
    people : str
        As given.
    statements : tuple of StatementPair
        Those beyond chance first, then by how far the share of either side moved; ties by the order of `pairs`.
    only_first, only_second : int
        Statements without a counterpart.
    tests : int
        How many tests were made, two for a statement.
    groups : tuple of GroupPair
        Empty where neither result has distinct groups.
    kept, appeared, disappeared : tuple of str
        Findings on statements that are in both: kind, statement (its first id), and the side or group where there is
        one.
    settings : dict
    """

    people: str
    statements: tuple[StatementPair, ...]
    only_first: int
    only_second: int
    tests: int
    groups: tuple[GroupPair, ...]
    kept: tuple[str, ...]
    appeared: tuple[str, ...]
    disappeared: tuple[str, ...]
    settings: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionaries and lists."""
        return asdict(self)


def compare(
    first: Mapping[str, Any],
    second: Mapping[str, Any],
    *,
    people: People,
    pairs: Collection[tuple[str, str]] | None = None,
    reworded: Collection[str] = (),
    **settings: Any,
) -> Compared:
    """Set two results beside each other, statement by statement.

    Which test is made depends on who took part.

    ``people="different"``
        Two groups of people, such as two consultations or cycles: the difference of two independent shares, with
        Newcombe's interval and the test that belongs to it. Where some took part in both and answered alike, the true
        error is smaller than the one assumed, so the test errs on the side of calling nothing a change.
    ``people="later"``
        The second result holds all votes of the first and more. The two shares are not independent, so they are not
        tested against each other: those who voted *since* are tested against those who voted before. The difference
        of the whole is theirs times the share of new votes, and so is its interval, the earlier votes taken as given.
        This takes earlier votes as unchanged; where a count has become smaller, votes were changed or withdrawn, and
        no test is made.
    ``people="overlapping"``
        Neither holds the other and nothing is known of who is in both: no test is possible, and only how far the
        shares moved is told. (With and without flagged participants: `opinion.integrity.compare_without`.)

    All tests of a comparison are adjusted together; two for a statement, agree and disagree. Where either result has
    fewer votes on it than ``min_votes`` (under "later": the new votes or the earlier ones) there is none. A result
    keeps only its strongest findings of some kinds, so a bridge or an uncertain statement can go because others are
    stronger now.

    Parameters
    ----------
    first, second : mapping
        As `opinion.Result.to_dict` gives them; of it ``statements``, ``groups`` and ``findings`` are read, the last two
        if they are there.
    people : str
        ``"different"``, ``"later"`` or ``"overlapping"``.
    pairs : collection of (str, str), optional
        Ids of the same statement in first and second. By default those with the same id.
    reworded : collection of str, optional
        First ids of statements whose meaning was changed between the two: shown, but not tested.
    **settings
        In place of `SETTINGS`.

    Returns
    -------
    Compared

    Raises
    ------
    InputError
        If `people` or a setting is unknown, or a pair names a statement twice.

    References
    ----------
    R. G. Newcombe (1998), Interval estimation for the difference between independent proportions, method 10.
    Y. Benjamini, Y. Hochberg (1995), Controlling the false discovery rate.
    """
    if people not in get_args(People):
        raise InputError(f"people is {people!r}; it takes one of {', '.join(get_args(People))}.")
    if unknown := settings.keys() - SETTINGS.keys():
        raise InputError(f"There is no setting {min(unknown)}; there are {', '.join(SETTINGS)}.")
    chosen = SETTINGS | settings
    ones = {row["id"]: row for row in first["statements"]}
    others = {row["id"]: row for row in second["statements"]}
    given = [(name, name) for name in ones] if pairs is None else list(pairs)
    for place in (0, 1):
        if len({pair[place] for pair in given}) < len(given):
            raise InputError("A statement is in more than one pair.")
    matched = [(ones[one], others[other]) for one, other in given if one in ones and other in others]
    statements, tests = _statements(matched, people, frozenset(reworded), chosen)
    groups = _groups(matched, first.get("groups", ()), second.get("groups", ()), chosen["min_group_votes"])
    before, after = _findings(first, second, matched, groups)
    return Compared(
        people,
        statements,
        len(ones) - len(matched),
        len(others) - len(matched),
        tests,
        groups,
        tuple(sorted(before & after)),
        tuple(sorted(after - before)),
        tuple(sorted(before - after)),
        chosen,
    )


Pair = tuple[Mapping[str, Any], Mapping[str, Any]]


def _statements(
    matched: Sequence[Pair], people: People, reworded: frozenset[str], settings: Mapping[str, Any]
) -> tuple[tuple[StatementPair, ...], int]:
    if not matched:
        return (), 0
    one, other = (_counts([pair[place] for pair in matched]) for place in (0, 1))
    base, beside = one, (other - one if people == "later" else other)
    n, m = base.sum(axis=1), beside.sum(axis=1)
    untested = [
        _why_not(matched[i][0]["id"] in reworded, people, beside[i], int(n[i]), int(m[i]), settings)
        for i in range(len(matched))
    ]
    tested = np.array([not why for why in untested])
    # Counts that cannot be tested take part in the arithmetic as nothing.
    base, beside = np.where(tested[:, None], base, 0), np.where(tested[:, None], beside, 0)
    n, m = base.sum(axis=1)[:, None], beside.sum(axis=1)[:, None]
    low, high = difference_interval(beside[:, :2], m, base[:, :2], n)
    # Two-sided, from the same interval: at 95 % they never contradict each other.
    p = np.minimum(
        1.0, 2 * difference_exceeds(beside[:, :2], m + 0 * base[:, :2], base[:, :2], n + 0 * base[:, :2], 0.0)
    )
    q = np.ones_like(p)
    q[tested] = benjamini_hochberg(p[tested])
    if people == "later":
        weight = m / np.maximum(other.sum(axis=1)[:, None], 1)
        low, high = weight * low, weight * high
    sides = [_sides(counts) for counts in (one, other)]
    found = [
        StatementPair(
            matched[i][0]["id"],
            matched[i][1]["id"],
            tuple(
                _move(
                    side,
                    sides[0][i][s],
                    sides[1][i][s],
                    (float(low[i, s]), float(high[i, s]), float(p[i, s]), float(q[i, s]))
                    if tested[i]
                    else None,
                    settings["false_discovery_rate"],
                )
                for s, side in enumerate(SIDES)
            ),
            max(int(other[i].sum() - one[i].sum()), 0) if people == "later" else None,
            untested[i],
        )
        for i in range(len(matched))
    ]
    found.sort(key=lambda pair: (not pair.beyond_chance, -_farthest(pair)))
    return tuple(found), 2 * int(tested.sum())


def _counts(rows: Sequence[Mapping[str, Any]]) -> Array:
    return np.array([[row["agree"], row["disagree"], row["pass"]] for row in rows], dtype=np.int64)


def _why_not(
    is_reworded: bool, people: People, beside: Array, n: int, m: int, settings: Mapping[str, Any]
) -> str:
    if people == "overlapping":
        return "overlapping"
    if is_reworded:
        return "reworded"
    if int(beside.min()) < 0:
        return "changed"
    return "few" if min(n, m) < settings["min_votes"] else ""


def _sides(counts: Array) -> list[list[Side]]:
    total = counts.sum(axis=1)
    low, high = wilson(counts[:, :2], total[:, None], Z95)
    return [
        [
            Side(
                int(total[i]),
                int(counts[i, s]),
                int(counts[i, s]) / int(total[i]) if total[i] else None,
                float(low[i, s]),
                float(high[i, s]),
            )
            for s in range(len(SIDES))
        ]
        for i in range(len(total))
    ]


def _move(
    side: str, first: Side, second: Side, test: tuple[float, float, float, float] | None, rate: float
) -> Move:
    known = first.rate is not None and second.rate is not None
    difference = (second.rate or 0.0) - (first.rate or 0.0) if known else None
    if test is None:
        return Move(side, first, second, difference, None, None, None, None, False)
    low, high, p, q = test
    return Move(side, first, second, difference, low, high, p, q, q <= rate)


def _farthest(pair: StatementPair) -> float:
    return max(round(abs(move.difference or 0.0), 12) for move in pair.moves)


def _groups(
    matched: Sequence[Pair],
    ones: Sequence[Mapping[str, Any]],
    others: Sequence[Mapping[str, Any]],
    fewest: int,
) -> tuple[GroupPair, ...]:
    if max(len(ones), len(others)) < 2:
        return ()
    rates = [
        _rates([pair[place] for pair in matched], len(groups), fewest)
        for place, groups in ((0, ones), (1, others))
    ]
    both = ~np.isnan(rates[0])[:, None, :] & ~np.isnan(rates[1])[None, :, :]
    apart = np.where(both, np.abs(rates[0][:, None, :] - rates[1][None, :, :]), 0.0)
    on = both.sum(axis=2)
    distance = apart.sum(axis=2) / np.maximum(on, 1)
    match: Sequence[Any] | Array = (
        best_match(np.where(on > 0, 1.0 - distance, 0.0)) if len(ones) and len(others) else []
    )
    pairs: list[GroupPair] = []
    for i, j in enumerate([int(value) for value in match]):
        if j >= 0 and on[i, j]:
            pairs.append(_group_pair(ones[i], others[j], float(distance[i, j]), int(on[i, j])))
    lone = {pair.first for pair in pairs}, {pair.second for pair in pairs}
    pairs += [_group_pair(group, None) for group in ones if group["index"] not in lone[0]]
    pairs += [_group_pair(None, group) for group in others if group["index"] not in lone[1]]
    return tuple(pairs)


def _rates(rows: Sequence[Mapping[str, Any]], k: int, fewest: int) -> Array:
    """Rates of agree, shape (k, statements); not a number where too few of the group voted."""
    rates = np.full((k, len(rows)), np.nan)
    for column, row in enumerate(rows):
        for group in row.get("per_group", ()):
            votes = group["agree"] + group["disagree"] + group["pass"]
            if votes >= fewest and group["group"] < k:
                rates[group["group"], column] = group["agree"] / votes
    return rates


def _group_pair(
    one: Mapping[str, Any] | None,
    other: Mapping[str, Any] | None,
    distance: float | None = None,
    statements: int = 0,
) -> GroupPair:
    def of(group: Mapping[str, Any] | None, name: str) -> Any:
        return group[name] if group else None

    return GroupPair(
        of(one, "index"),
        of(other, "index"),
        of(one, "size"),
        of(other, "size"),
        of(one, "share"),
        of(other, "share"),
        distance,
        statements,
    )


def _findings(
    first: Mapping[str, Any],
    second: Mapping[str, Any],
    matched: Sequence[Pair],
    groups: Sequence[GroupPair],
) -> tuple[set[str], set[str]]:
    """Names of the findings of both on statements that are in both, in the ids and groups of the first."""
    own = {one["id"]: one["id"] for one, _ in matched}
    theirs = {other["id"]: one["id"] for one, other in matched}
    # A group without a counterpart keeps a mark of its own, so that its positions are nobody else's.
    letters: dict[int | None, str] = {
        pair.second: GROUP_LETTERS[pair.first] for pair in groups if pair.first is not None
    }
    letters |= {
        pair.second: f"{GROUP_LETTERS[pair.second]}*"
        for pair in groups
        if pair.first is None and pair.second is not None
    }
    before = {name for each in first.get("findings", ()) for name in _names(each, own, None)}
    after = {name for each in second.get("findings", ()) for name in _names(each, theirs, letters)}
    return before, after


def _names(
    finding: Mapping[str, Any], ids: Mapping[str, str], letters: Mapping[int | None, str] | None
) -> list[str]:
    figures = finding["figures"]
    if finding["kind"] == "position":
        group = finding["groups"][0]
        letter = GROUP_LETTERS[group] if letters is None else letters.get(group, f"{GROUP_LETTERS[group]}*")
        return [
            f"position {ids[mark['id']]} {letter} {mark['side']}"
            for mark in figures.get("statements", ())
            if mark["id"] in ids
        ]
    end = f" {figures['side']}" if finding["kind"] == "consensus" and "side" in figures else ""
    return [f"{finding['kind']} {ids[name]}{end}" for name in finding["statements"] if name in ids]
