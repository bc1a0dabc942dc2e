"""The tables behind a lens: counted, small counts blanked out, audited. What leaves here may be shown."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .attributes import Attribute
from .lens_section import Category, GroupComposition, SuppressionReport
from .suppression import Suppression, attainable, audit, guaranteed, suppress
from .tallies import tally
from .votes import Votes

__all__ = ["HIDDEN", "Board", "make_board", "sensitive_votes", "withhold_linked"]

Array = np.ndarray[Any, np.dtype[Any]]
HIDDEN = -1
MOST_ROWS = 50  # attribute groups shown; the people of smaller ones stand together
UNANIMOUS = 4  # times the threshold: a smaller group that votes as one is not shown to do so
SILENCE_COST = 4.0  # hiding how many voted hides every rate of the row
ANY = 2**62  # a number of any size
CLOSE = 1e-6  # of what the linear programs say
SOLVED, SOLVED_WITH_LAYERS = 200, 30  # tables of an attribute that the linear programs look at


@dataclass(frozen=True, eq=False, slots=True)
class Board:
    """Counts of one attribute with the hidden ones blanked out: all that may be looked at from here on.

    counts : (m, rows, 4), `HIDDEN` where hidden; of the statements `shown`, in this order.
    row : (n,), place of each participant among the categories.
    total : (m, 4), everyone.
    low, high : (m, rows, 4), what a hidden count can be for somebody who knows all that is published; −1 and a number
        of any size where that was not looked at. Equal to the count where it is shown.
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
    low: Array
    high: Array

    @property
    def voters(self) -> Array:
        """Who voted, shape (m, rows); `HIDDEN` where it is."""
        people = np.array([category.people for category in self.categories])
        silent = self.counts[:, :, 3]
        return np.where(silent == HIDDEN, HIDDEN, people - silent)


def make_board(votes: Votes, column: Attribute, layer: Array, shown: Array, threshold: int) -> Board:
    """Count the votes by one attribute, hide what must be hidden, and look for it.

    Parameters
    ----------
    votes : Votes
        n participants, m statements.
    column : Attribute
    layer : ndarray of int, shape (n,)
        Opinion group of each participant, from 0; in none counts as one more. All 0 without groups.
    shown : ndarray of int, shape (s,)
        Statements.
    threshold : int

    Returns
    -------
    Board

    Raises
    ------
    RuntimeError
        The audit found a hidden count.
    """
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
    low, high = _ranges(counts, said, own, made)
    withheld = None if several else "no two groups of it could be shown apart"
    return Board(column.name, categories, row, shown, counts, total, composition, report, withheld, low, high)


def _ranges(counts: Array, said: Array, own: Array, made: list[Suppression]) -> tuple[Array, Array]:
    """What each hidden count can be, whole numbers; of as many tables as time allows."""
    low, high = counts.copy(), counts.copy()
    low[counts == HIDDEN], high[counts == HIDDEN] = -1, ANY
    closed = [s for s, one in enumerate(made) if one.hidden.any()]
    for s in closed[: SOLVED if len(own) == 1 else SOLVED_WITH_LAYERS]:
        least, most = audit(own[:, :, s], made[s].hidden)
        low[s, said], high[s, said] = np.floor(least + CLOSE), np.ceil(most - CLOSE)
    return low, high


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


def withhold_linked(boards: list[Board]) -> list[Board]:
    """Withhold attributes whose groups are made of those of an earlier one, as countries make up regions.

    If the groups of two attributes fall apart into sets that hold the same people, the tables share totals, and what is
    hidden in one may be the sum of what is shown in the other.
    """
    out: list[Board] = []
    for board in boards:
        linked = next((one.name for one in out if one.withheld is None and _is_linked(one, board)), None)
        if board.withheld is None and linked is not None:
            board = replace(
                board, withheld=f"its groups are made of those of {linked}, which would tell hidden counts"
            )
        out.append(board)
    return out


def _is_linked(one: Board, other: Board) -> bool:
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
