"""Findings seen by what people said about themselves: does a consensus hold in each region, each age band?

Everything in a `Lens` is computed from counts that it publishes. What is hidden (`opinion.suppression`) is hidden
before the first rate is formed, so no rate, interval or test can tell it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .attributes import Attribute, Attributes
from .errors import InputError
from .intervals import benjamini_hochberg, difference_interval, two_proportions, wilson
from .result import Result
from .suppression import LEAST_THRESHOLD, Suppression, attainable, audit, guaranteed, suppress
from .tallies import tally
from .votes import Votes

__all__ = ["AttributeLens", "Category", "Lens", "SuppressionReport", "describe", "make_lens"]

Array = np.ndarray[Any, np.dtype[Any]]
SIDES = ("disagree", "pass", "agree")  # as in `tallies`; the fourth column of a table is "did not vote"
HIDDEN = -1
MOST_ROWS = 50  # attribute groups shown; the people of smaller ones stand together
UNANIMOUS = 4  # times the threshold: a smaller group that votes as one is not shown to do so
SILENCE_COST = 4.0  # hiding how many voted hides every rate of the row
SOLVED, SOLVED_WITH_LAYERS = 200, 30  # tables of an attribute that the linear programs look at
DENSE = 0.1  # published counts per person from which the votes of single people may tell what they said


@dataclass(frozen=True, slots=True)
class Category:
    """An attribute group.

    Attributes
    ----------
    name : str or None
        ``None`` for those who said nothing, and for those who stand together.
    kind : {"category", "not said", "together"}
    people : int
        Participants.
    members : tuple of str
        The categories that stand together because one of them alone would be too small.
    """

    name: str | None
    kind: str
    people: int
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rate:
    """A count among those who voted.

    Attributes
    ----------
    count : int
    rate : float
        Share of all who voted, passes included.
    low, high : float
        95 % Wilson interval.
    """

    count: int
    rate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class CategoryVotes:
    """Votes of an attribute group on a statement; ``None`` is hidden, or a rate of nothing.

    Attributes
    ----------
    category : int
        Place in `AttributeLens.categories`.
    voters : int or None
        People of the group who voted on it, passes included: the denominator of the rates.
    agree, disagree, pass_ : int or None
    rates : dict of str to Rate
        For each side whose count and denominator are both shown.
    """

    category: int
    voters: int | None
    agree: int | None
    disagree: int | None
    pass_: int | None
    rates: dict[str, Rate]


@dataclass(frozen=True, slots=True)
class StatementLens:
    """A statement seen by an attribute.

    Attributes
    ----------
    id : str
    categories : tuple of CategoryVotes
        One per attribute group, in the order of `AttributeLens.categories`.
    """

    id: str
    categories: tuple[CategoryVotes, ...]


@dataclass(frozen=True, slots=True)
class Contrast:
    """An attribute group against all others who voted on a statement.

    Attributes
    ----------
    category : int
    rate : float or None
        Of the finding's side; ``None`` where it is hidden or nobody voted.
    low, high : float or None
        95 % Wilson interval.
    holds : {"yes", "no", "open", "hidden"} or None
        Whether the finding holds in the group: yes if the whole interval is above the bar, no if it is below, open
        else. ``None`` for kinds of findings without a bar.
    difference, difference_low, difference_high : float or None
        Rate less the rate of the others, with Newcombe's interval; ``None`` where either has too few votes.
    p, q : float or None
        Two-sided test that the rates are equal; q is adjusted over all tests of the lens (Benjamini–Hochberg).
    differs : bool or None
        q is at most the false discovery rate.
    """

    category: int
    rate: float | None
    low: float | None
    high: float | None
    holds: str | None
    difference: float | None = None
    difference_low: float | None = None
    difference_high: float | None = None
    p: float | None = None
    q: float | None = None
    differs: bool | None = None


@dataclass(frozen=True, slots=True)
class FindingLens:
    """A finding of the analysis seen by an attribute.

    Attributes
    ----------
    kind : str
        As in `Finding`.
    statement : str
    side : {"agree", "disagree"}
    groups : tuple of int
        Opinion groups that it is about.
    bar : float or None
        Rate that must be passed for it to hold in an attribute group.
    everywhere : {"yes", "no", "open", "hidden"} or None
        Over the attribute groups in which anybody voted: no if it fails in one, else hidden if one is hidden, else
        open if one is open, else yes.
    categories : tuple of Contrast
    """

    kind: str
    statement: str
    side: str
    groups: tuple[int, ...]
    bar: float | None
    everywhere: str | None
    categories: tuple[Contrast, ...]


@dataclass(frozen=True, slots=True)
class GroupComposition:
    """People of an opinion group by attribute group.

    Attributes
    ----------
    group : int
        −1 for those in no group.
    people : int
    categories : tuple of (int or None)
        In the order of `AttributeLens.categories`; ``None`` is hidden.
    """

    group: int
    people: int
    categories: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class SuppressionReport:
    """What was hidden, and whether it can be found again.

    Attributes
    ----------
    tables : int
        Tables of counts: one per statement, and the composition of the groups.
    cells : int
        Counts in them.
    primary, complementary : int
        Counts hidden for themselves, and to protect those.
    knows_groups : bool
        The audit assumes somebody who also knows each opinion group's votes and how it is composed. False where the
        composition is withheld.
    narrowest : int or None
        Every hidden count can be at least this much larger or smaller, the two taken together, without any published
        figure changing: shown for all tables by exchanging whole people.
    solved : int
        Tables whose hidden counts were also bounded exactly, by linear programming.
    recoverable : int
        Hidden counts, in the tables solved, of which only one value is possible: 0, or `make_lens` refuses.
    narrowest_solved : float or None
        Width of the narrowest exact range.
    """

    tables: int
    cells: int
    primary: int
    complementary: int
    knows_groups: bool
    narrowest: int | None
    solved: int
    recoverable: int
    narrowest_solved: float | None


@dataclass(frozen=True, slots=True)
class AttributeLens:
    """All findings seen by one attribute.

    Attributes
    ----------
    name : str
    categories : tuple of Category
    shown : bool
        False where the attribute is withheld but for the sizes of its groups.
    withheld : str or None
        Why: no two of its groups could be shown apart, or its groups are made of those of another attribute.
    composition : tuple of GroupComposition or None
        ``None`` without opinion groups, or withheld since with it small counts could be found.
    statements : tuple of StatementLens
    findings : tuple of FindingLens
    suppression : SuppressionReport
    counts_per_person : float
        The most counts shown for one attribute group, over all statements, per participant. Where the rows of votes
        are public too, many counts together may tell what single participants said (from about .1 on: see
        docs/method.md).
    """

    name: str
    categories: tuple[Category, ...]
    shown: bool
    withheld: str | None
    composition: tuple[GroupComposition, ...] | None
    statements: tuple[StatementLens, ...]
    findings: tuple[FindingLens, ...]
    suppression: SuppressionReport
    counts_per_person: float


@dataclass(frozen=True, slots=True)
class Lens:
    """The section ``lens`` of a result. It is made to be published; the rest of an analysis holds single participants.

    Attributes
    ----------
    people : int
    threshold : int
        Counts below it are hidden.
    tests : int
        Tests over which the q values are adjusted.
    false_discovery_rate : float
    attributes : tuple of AttributeLens
    """

    people: int
    threshold: int
    tests: int
    false_discovery_rate: float
    attributes: tuple[AttributeLens, ...]


@dataclass(frozen=True, slots=True)
class _Claim:
    """A statement of a finding with the side that is spoken of."""

    kind: str
    statement: int
    side: int
    groups: tuple[int, ...]
    bar: float | None


def make_lens(
    votes: Votes,
    attributes: Attributes,
    result: Result,
    *,
    threshold: int = 5,
    cross: tuple[str, str] | None = None,
    only_findings: bool = False,
    progress: Callable[[float], None] | None = None,
) -> Lens:
    """See the votes and the findings by each attribute, small counts hidden.

    Parameters
    ----------
    votes : Votes
        n participants.
    attributes : Attributes
        Of the same n participants, in the order of the votes.
    result : Result
        The analysis of these votes.
    threshold : int
        Counts of 1 to threshold − 1 people are hidden, at least 3. Those of people who said nothing are not: they tell
        nothing about anybody, and the same people may be silent about several attributes.
    cross : (str, str), optional
        Two attributes to be seen crossed, **instead of** each alone: tables that share totals would let hidden counts
        be found by subtraction.
    only_findings : bool
        Only the statements that are in a finding: fewer counts tell less about single participants.
    progress : callable, optional
        Called with the share of the work done, 0 to 1.

    Returns
    -------
    Lens

    Raises
    ------
    InputError
        A threshold below 3, attributes of other people than the votes, an attribute to cross that is not there.
    RuntimeError
        The audit found a hidden count: a fault of the engine, after which nothing may be published.

    References
    ----------
    A. Hundepool et al. (2012), Statistical Disclosure Control. Wiley, chapters 4 and 5.
    """
    if isinstance(threshold, bool) or not isinstance(threshold, int) or threshold < LEAST_THRESHOLD:
        raise InputError(
            f"The threshold must be a whole number from {LEAST_THRESHOLD} on, not {threshold!r}."
        )
    if attributes.people != votes.shape[0]:
        raise InputError(
            f"The attributes are of {attributes.people} people, the votes of {votes.shape[0]}: they must be the same."
        )
    columns = [column for column in attributes.columns if cross is None or column.name not in cross]
    if cross is not None:
        columns.append(attributes.cross(*cross))
    claims = _claims(votes, result)
    shown = np.unique([claim.statement for claim in claims]) if only_findings else np.arange(votes.shape[1])
    group = _layer_of(result)
    boards = []
    for at, column in enumerate(columns):
        boards.append(_make_board(votes, column, group, shown.astype(np.int64), threshold))
        if progress is not None:
            progress((at + 1) / len(columns))
    boards = _withhold_linked(boards)
    rate = float(result.settings.get("false_discovery_rate", 0.05))
    least = int(result.settings.get("min_group_votes", 5))
    seen, tests = _contrasts(boards, claims, least, rate)
    ids = votes.statement_ids.tolist()
    return Lens(
        people=votes.shape[0],
        threshold=threshold,
        tests=tests,
        false_discovery_rate=rate,
        attributes=tuple(
            _attribute_lens(board, claims, found, ids, votes.shape[0])
            for board, found in zip(boards, seen, strict=True)
        ),
    )


def _layer_of(result: Result) -> Array:
    """Layer of each participant: the opinion groups, after those in none; one layer where there is one group."""
    if result.k < 2:
        return np.zeros(len(result.participants), dtype=np.int64)
    return result.participants.group.astype(np.int64) + 1


def _claims(votes: Votes, result: Result) -> list[_Claim]:
    place = {name: i for i, name in enumerate(votes.statement_ids.tolist())}
    bars = {"consensus": float(result.settings.get("consensus_threshold", 0.6)), "bridge": 0.5}
    claims = []
    for finding in result.findings:
        sides = {one["id"]: one["side"] for one in finding.figures.get("statements", ()) if "side" in one}
        for statement in finding.statements:
            side = sides.get(statement, finding.figures.get("side", "agree"))
            if statement in place:
                bar = bars.get(finding.kind)
                claim = _Claim(finding.kind, place[statement], SIDES.index(side), finding.groups, bar)
                claims.append(claim)
    return claims


@dataclass(frozen=True, eq=False, slots=True)
class _Board:
    """Counts of one attribute with the hidden ones blanked out: all that may be looked at from here on.

    counts : (m, rows, 4), `HIDDEN` where hidden; of the statements `shown`, in this order.
    row : (n,), place of each participant among the categories.
    total : (m, 4), everyone.
    """

    name: str
    categories: tuple[Category, ...]
    row: Array
    shown: Array
    counts: Array
    total: Array
    composition: tuple[GroupComposition, ...] | None
    report: SuppressionReport
    withheld: str | None

    @property
    def voters(self) -> Array:
        """Who voted, shape (m, rows); `HIDDEN` where it is."""
        people = np.array([category.people for category in self.categories])
        silent = self.counts[:, :, 3]
        return np.where(silent == HIDDEN, HIDDEN, people - silent)


def _make_board(votes: Votes, column: Attribute, layer: Array, shown: Array, threshold: int) -> _Board:
    categories, row = _rows(column, threshold)
    said = np.array([category.kind != "not said" for category in categories], dtype=bool)
    layers = int(layer.max(initial=0)) + 1
    cube = _cube(votes, row, layer, layers, len(categories), shown)
    people = np.zeros((layers, len(categories)), dtype=np.int64)
    np.add.at(people, (layer, row), 1)
    several = int(said.sum()) > 1
    own = cube[:, said]
    made = _hide(own, threshold) if several else []
    knows = several and layers > 1 and not any(one.unprotected for one in made)
    if (
        several and layers > 1 and not knows
    ):  # with the composition known, some small counts could not be protected
        own = own.sum(axis=0, keepdims=True)
        made = _hide(own, threshold)
    counts = cube.sum(axis=0).transpose(1, 0, 2).copy()
    for s, one in enumerate(made):
        counts[s, said] = np.where(one.hidden, HIDDEN, counts[s, said])
    tables = [(own[:, :, s], one) for s, one in enumerate(made)]
    composition = None
    if knows:
        mixed = _hide_composition(people[:, said], threshold)
        hidden = np.zeros(people.shape, dtype=bool)
        hidden[:, said] = mixed.hidden
        composition = _compose(people, hidden)
        tables.append((people[None][:, :, said], mixed))
    report = _report(tables, knows)
    if report.recoverable:
        raise RuntimeError(
            f"the audit found {report.recoverable} hidden counts of {column.name}: nothing is published"
        )
    total = cube.sum(axis=(0, 1))
    withheld = None if several else "no two groups of it could be shown apart"
    return _Board(column.name, categories, row, shown, counts, total, composition, report, withheld)


def _rows(column: Attribute, threshold: int) -> tuple[tuple[Category, ...], Array]:
    """Attribute groups as they may be shown, and the row of each participant.

    Categories of fewer people than the threshold stand together; with them as many of the next larger ones as are
    needed that nobody can tell how many people each has (every one has at least one, the sum is known). Those who said
    nothing always stand alone: they may be the same people in several attributes, whose tables would else betray each
    other.
    """
    sizes = column.sizes
    order = np.lexsort((np.arange(sizes.size), sizes))
    small = int((sizes < threshold).sum())
    count = max(small, order.size - MOST_ROWS)
    while 0 < count < order.size and (count < 2 or int(sizes[order[:count]].sum()) - count < threshold):
        count += 1
    together = set(order[:count].tolist())
    kept = [i for i in range(sizes.size) if i not in together]
    categories = [Category(column.categories[i], "category", int(sizes[i])) for i in kept]
    place = np.full(sizes.size + 1, len(kept))
    place[kept] = np.arange(len(kept))
    if together:
        members = tuple(column.categories[i] for i in sorted(together))
        categories.append(Category(None, "together", int(sizes[list(together)].sum()), members))
    silent = int((column.codes < 0).sum())
    place[-1] = len(categories)
    if silent:
        categories.append(Category(None, "not said", silent))
    return tuple(categories), place[column.codes].astype(np.int64)  # −1, not said, is the last place


def _withhold_linked(boards: list[_Board]) -> list[_Board]:
    """Withhold attributes whose groups are made of those of an earlier one, as countries make up regions.

    If the groups of two attributes fall apart into sets that hold the same people, the tables share totals, and what is
    hidden in one may be the sum of what is shown in the other.
    """
    out: list[_Board] = []
    for board in boards:
        linked = next((one.name for one in out if one.withheld is None and _is_linked(one, board)), None)
        if board.withheld is None and linked is not None:
            board = replace(
                board, withheld=f"its groups are made of those of {linked}, which would tell hidden counts"
            )
        out.append(board)
    return out


def _is_linked(one: _Board, other: _Board) -> bool:
    sizes = [len(board.categories) for board in (one, other)]
    silent = [np.array([c.kind == "not said" for c in board.categories] + [False]) for board in (one, other)]
    both = ~silent[0][one.row] & ~silent[1][other.row]
    meet = np.zeros(sizes, dtype=bool)
    meet[one.row[both], other.row[both]] = True
    seen = np.zeros(sizes[1], dtype=bool)
    start = np.flatnonzero(meet.any(axis=0))
    seen[start[:1]] = True
    while True:
        rows = meet[:, seen].any(axis=1)
        more = meet[rows].any(axis=0) | seen
        if np.array_equal(more, seen):
            return start.size > 0 and not bool(seen[start].all())
        seen = more


def _cube(votes: Votes, row: Array, layer: Array, layers: int, rows: int, shown: Array) -> Array:
    """Counts, shape (layers, rows, m, 4): disagree, pass, agree, did not vote."""
    chosen = np.zeros(votes.shape[1], dtype=bool)
    chosen[shown] = True
    counts = tally(votes.select(chosen), layer * rows + row, layers * rows)
    people = np.bincount(layer * rows + row, minlength=layers * rows)
    silent = people[:, None] - counts.sum(axis=2)
    cube = np.concatenate([counts, silent[:, :, None]], axis=2)
    return cube.reshape(layers, rows, shown.size, 4)


def _hide(cube: Array, threshold: int) -> list[Suppression]:
    """What is hidden in each statement's table of attribute group × (disagree, pass, agree, did not vote)."""
    made = []
    extra = np.array([0.0, 0.0, 0.0, SILENCE_COST])
    for s in range(cube.shape[2]):
        layers = cube[:, :, s]
        table = layers.sum(axis=0)
        made.append(
            suppress(
                layers,
                threshold=threshold,
                sensitive=sensitive_votes(table, threshold),
                cost=np.log2(2.0 + table) + extra,
            )
        )
    return made


def sensitive_votes(table: Array, threshold: int) -> Array:
    """Which counts of votes tell too much about few people.

    Parameters
    ----------
    table : ndarray of int, shape (rows, 4)
        Disagree, pass, agree, did not vote, by attribute group.
    threshold : int

    Returns
    -------
    ndarray of bool, shape (rows, 4)
        Counts from 1 to threshold − 1; and zeros that tell how few people voted: those of a group of which fewer than
        the threshold voted, and those of a group of fewer than four times the threshold that voted as one. How many
        did not vote is no opinion, and never sensitive by itself.
    """
    sides = table[:, :3]
    voted = sides.sum(axis=1, keepdims=True)
    few = (voted > 0) & (voted < threshold)
    as_one = (voted > 0) & (voted < UNANIMOUS * threshold) & (sides.max(axis=1, keepdims=True) == voted)
    found = np.zeros(table.shape, dtype=bool)
    found[:, :3] = ((sides > 0) & (sides < threshold)) | ((sides == 0) & (few | as_one))
    return found


def _hide_composition(people: Array, threshold: int) -> Suppression:
    """Small counts of opinion group × attribute group; a group all of whose members said the same tells on each."""
    sensitive = (people > 0) & (people < threshold)
    alone = (people > 0).sum(axis=1, keepdims=True) == 1
    return suppress(people, threshold=threshold, sensitive=sensitive | (alone & (people == 0)))


def _compose(people: Array, hidden: Array) -> tuple[GroupComposition, ...]:
    return tuple(
        GroupComposition(
            g - 1,
            int(row.sum()),
            tuple(None if blank else int(count) for count, blank in zip(row, hidden[g], strict=True)),
        )
        for g, row in enumerate(people)
        if row.sum()
    )


def _report(tables: list[tuple[Array, Suppression]], knows: bool) -> SuppressionReport:
    """Look for what is hidden: in all tables by exchanges, in as many as time allows by linear programming."""
    closed = [(layers, one) for layers, one in tables if one.hidden.any()]
    free = [one.hidden & (attainable(layers) > 0) for layers, one in closed]
    widths = [guaranteed(layers, one.hidden)[mask] for (layers, one), mask in zip(closed, free, strict=True)]
    most = SOLVED if all(layers.shape[0] == 1 for layers, _ in closed) else SOLVED_WITH_LAYERS
    chosen = np.unique(np.linspace(0, len(closed) - 1, min(most, len(closed))).astype(int)) if closed else ()
    exact = []
    for at in chosen:
        layers, one = closed[at]
        low, high = audit(layers, one.hidden)
        exact.append((high - low)[free[at]])
    ranges = np.concatenate(exact) if exact else np.empty(0)
    return SuppressionReport(
        tables=len(tables),
        cells=sum(one.hidden.size for _, one in tables),
        primary=sum(one.primary for _, one in tables),
        complementary=sum(one.complementary for _, one in tables),
        knows_groups=knows,
        narrowest=min((int(width.min()) for width in widths if width.size), default=None),
        solved=len(exact),
        recoverable=int((ranges < 1 - 1e-6).sum()),
        narrowest_solved=round(float(ranges.min()), 6) if ranges.size else None,
    )


def _contrasts(
    boards: list[_Board], claims: list[_Claim], least: int, rate: float
) -> tuple[list[dict[tuple[int, int], list[Contrast]]], int]:
    """For each attribute the attribute groups on each (statement, side) that a finding speaks of, and the tests."""
    keys = sorted({(claim.statement, claim.side) for claim in claims})
    drafts, p_values = [], []
    for board in boards:
        at = {int(s): i for i, s in enumerate(board.shown)}
        place, side = np.array([at[s] for s, _ in keys], dtype=int), np.array([v for _, v in keys], dtype=int)
        count, n = board.counts[place, :, side], board.voters[place]
        known = (count != HIDDEN) & (n != HIDDEN)
        count, n = np.where(known, count, 0), np.where(known, n, 0)
        others = board.total[place, side][:, None] - count
        rest = board.total[place, :3].sum(axis=1)[:, None] - n
        tested = known & (n >= least) & (rest >= least) & (board.withheld is None)
        _, p = two_proportions(count, n, others, rest)
        low, high = difference_interval(count, n, others, rest)
        drafts.append((known, count, n, others, rest, tested, low, high, p))
        p_values.append(p[tested])
    adjusted = benjamini_hochberg(np.concatenate(p_values)) if p_values else np.empty(0)
    found, first = [], 0
    for known, count, n, others, rest, tested, low, high, p in drafts:
        q = np.ones(p.shape)
        own = int(tested.sum())
        q[tested] = adjusted[first : first + own]
        first += own
        difference = count / np.maximum(n, 1) - others / np.maximum(rest, 1)
        parts = (known, count, n, tested, difference, low, high, p, q)
        found.append(
            {key: _contrasts_of(*(part[i] for part in parts), rate=rate) for i, key in enumerate(keys)}
        )
    return found, first


def _contrasts_of(
    known: Array,
    count: Array,
    n: Array,
    tested: Array,
    difference: Array,
    low: Array,
    high: Array,
    p: Array,
    q: Array,
    *,
    rate: float,
) -> list[Contrast]:
    own_low, own_high = wilson(count, n)
    out = []
    for c in range(known.size):
        if not known[c]:
            out.append(Contrast(c, None, None, None, "hidden"))
        elif n[c] == 0:
            out.append(Contrast(c, None, None, None, None))
        elif not tested[c]:
            out.append(Contrast(c, float(count[c] / n[c]), float(own_low[c]), float(own_high[c]), None))
        else:
            out.append(
                Contrast(
                    c,
                    float(count[c] / n[c]),
                    float(own_low[c]),
                    float(own_high[c]),
                    None,
                    float(difference[c]),
                    float(low[c]),
                    float(high[c]),
                    float(p[c]),
                    float(q[c]),
                    bool(q[c] <= rate),
                )
            )
    return out


def _attribute_lens(
    board: _Board,
    claims: list[_Claim],
    found: dict[tuple[int, int], list[Contrast]],
    ids: list[str],
    people: int,
) -> AttributeLens:
    shown = board.withheld is None
    voters = board.voters
    statements = [
        StatementLens(
            ids[s],
            tuple(
                _category_votes(c, board.counts[i, c].tolist(), int(voters[i, c]))
                for c in range(len(board.categories))
            ),
        )
        for i, s in enumerate(board.shown.tolist())
    ]
    visible = (board.counts[:, :, :3] != HIDDEN).sum(axis=(0, 2))
    return AttributeLens(
        name=board.name,
        categories=board.categories,
        shown=shown,
        withheld=board.withheld,
        composition=board.composition if shown else None,
        statements=tuple(statements) if shown else (),
        findings=tuple(_finding_lens(claim, found, ids) for claim in claims) if shown else (),
        suppression=board.report,
        counts_per_person=float(visible.max(initial=0)) / max(people, 1) if shown else 0.0,
    )


def _category_votes(category: int, counts: list[int], voters: int) -> CategoryVotes:
    rates = {}
    if voters > 0:
        for side, count in zip(SIDES, counts, strict=False):
            if count != HIDDEN:
                low, high = wilson(count, voters)
                rates[side] = Rate(count, count / voters, float(low), float(high))
    disagree, passed, agree = (None if count == HIDDEN else count for count in counts[:3])
    return CategoryVotes(category, None if voters == HIDDEN else voters, agree, disagree, passed, rates)


def _finding_lens(claim: _Claim, found: dict[tuple[int, int], list[Contrast]], ids: list[str]) -> FindingLens:
    contrasts = [_judged(one, claim.bar) for one in found[claim.statement, claim.side]]
    verdicts = {one.holds for one in contrasts} - {None}
    everywhere = next((word for word in ("no", "hidden", "open", "yes") if word in verdicts), None)
    return FindingLens(
        kind=claim.kind,
        statement=ids[claim.statement],
        side=SIDES[claim.side],
        groups=claim.groups,
        bar=claim.bar,
        everywhere=everywhere if claim.bar is not None else None,
        categories=tuple(contrasts),
    )


def _judged(contrast: Contrast, bar: float | None) -> Contrast:
    if bar is None:
        return replace(contrast, holds=None)
    if contrast.low is None or contrast.high is None:
        return contrast
    word = "yes" if contrast.low >= bar else "no" if contrast.high < bar else "open"
    return replace(contrast, holds=word)


def describe(lens: Lens, texts: Mapping[str, str] | None = None) -> list[str]:
    """The lens in plain sentences, for the printed summary and the report.

    Parameters
    ----------
    lens : Lens
    texts : mapping of str to str, optional
        Text of each statement by its id.

    Returns
    -------
    list of str
    """
    lines = []
    for one in lens.attributes:
        lines += _describe_attribute(one, lens.threshold, texts or {})
    if lens.tests:
        lines.append(
            f"Differences are adjusted over {lens.tests:,} tests; at most "
            f"{100 * lens.false_discovery_rate:.0f} % of those named are expected to be false."
        )
    return lines


def _describe_attribute(one: AttributeLens, threshold: int, texts: Mapping[str, str]) -> list[str]:
    groups = ", ".join(f"{_label(category)} {category.people:,}" for category in one.categories)
    if not one.shown:
        return [f"By {one.name} ({groups or 'nobody'}): withheld, {one.withheld}."]
    lines = [f"By {one.name}, people: {groups}."]
    shared = [finding for finding in one.findings if finding.kind == "consensus"]
    if shared:
        count = {word: sum(f.everywhere == word for f in shared) for word in ("yes", "no", "open", "hidden")}
        lines.append(
            f"Of {len(shared)} points of consensus {count['yes']} hold in every group of {one.name}, {count['no']} "
            f"fail in one, {count['open']} are open in one, {count['hidden']} cannot be told since a small count is "
            "hidden."
        )
    lines += _describe_contrasts(one, texts)
    report = one.suppression
    if report.primary:
        lines.append(
            f"Hidden by {one.name}: {report.primary:,} counts that tell of fewer than {threshold} people, and "
            f"{report.complementary:,} more so that those cannot be computed, of {report.cells:,}."
        )
    if one.counts_per_person >= DENSE:
        lines.append(
            f"Caution: by {one.name} so many counts are shown that, together with the rows of votes, they may tell "
            "what single participants said about themselves. Publish them without the rows, or only those of findings."
        )
    return lines


def _describe_contrasts(one: AttributeLens, texts: Mapping[str, str], most: int = 3) -> list[str]:
    """The largest differences, each attribute group and statement once."""
    apart: dict[tuple[str, str, int], Contrast] = {}
    for finding in one.findings:
        for contrast in finding.categories:
            if contrast.differs:
                apart[finding.statement, finding.side, contrast.category] = contrast
    ranked = sorted(apart.items(), key=lambda entry: (-abs(entry[1].difference or 0.0), entry[0]))
    lines = []
    for (statement, side, category), c in ranked[:most]:
        words = " ".join(texts.get(statement, "").split())
        lines.append(
            f"{one.name} {_label(one.categories[category])}: {100 * (c.rate or 0):.0f} % {side}, "
            f"{100 * (c.difference or 0):+.0f} points against all others "
            f"[{100 * (c.difference_low or 0):+.0f} to {100 * (c.difference_high or 0):+.0f}], to statement {statement}"
            f"{': ' + words[:90] if words else ''}."
        )
    if len(ranked) > most:
        lines.append(f"There are {len(ranked) - most:,} more differences by {one.name}.")
    return lines


def _label(category: Category) -> str:
    if category.kind == "together":
        return f"{len(category.members)} small groups together"
    return "not said" if category.name is None else category.name
