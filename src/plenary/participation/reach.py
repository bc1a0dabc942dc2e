"""Who takes part against the audience wanted: counts in, a table that may be published out. No database, no clock.

Counts of one to four people are hidden, and with them as many others as it takes that no subtraction from the total
brings them back (``opinion.suppression``). Everything else here is computed from what is shown, so nothing tells more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

FEWEST = 5
"""People of whom a published number speaks at least; also the step in which what people say enters the tables."""


@dataclass(frozen=True)
class Cell:
    """One value of an attribute: how many of those who said theirs have it, and how many were wanted."""

    key: str
    label: str | _StrPromise
    count: int | None
    """None where the number is hidden."""
    at_most: int
    """What the number is, or where it is hidden, what all hidden ones of the table come to together."""
    said: int
    """Of how many: all who said their value."""
    people: int
    """All who took part, whether they said it or not."""
    wanted: float | None = None

    @property
    def share(self) -> float | None:
        """Of those who said it, from 0 to 1."""
        return None if self.count is None or not self.said else self.count / self.said

    @property
    def share_of_all(self) -> float | None:
        return None if self.count is None or not self.people else self.count / self.people

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the share (Wilson); of a hidden number, from 0 to where its greatest possible value ends."""
        from opinion.intervals import wilson

        low, high = wilson(self.at_most, self.said)
        return (0.0 if self.count is None else float(low)), float(high)

    @property
    def gap(self) -> float | None:
        """Share less what was wanted: below 0 they are missing."""
        return None if self.share is None or self.wanted is None else self.share - self.wanted

    @property
    def gap_interval(self) -> tuple[float, float] | None:
        if self.wanted is None or not self.said:
            return None
        low, high = self.interval
        return low - self.wanted, high - self.wanted

    @property
    def least_shortfall(self) -> float:
        """How much is missing at least: the share wanted less the greatest that what is shown allows; 0 if none."""
        if self.wanted is None or not self.said:
            return 0.0
        return max(0.0, self.wanted - self.at_most / self.said)

    @property
    def verdict(self) -> str:
        """``missing`` or ``many`` where the interval leaves no doubt, else ``open``; empty where nothing is wanted."""
        found = self.gap_interval
        if found is None:
            return ""
        return "missing" if found[1] < 0 else "many" if found[0] > 1e-9 else "open"


@dataclass(frozen=True)
class Table:
    """One attribute, or another way to tell people apart, with all its values."""

    name: str
    label: str | _StrPromise
    people: int
    said: int
    cells: tuple[Cell, ...]
    is_hidden: bool
    """So few said it that not even their number is told."""

    @property
    def not_said(self) -> int:
        return self.people - self.said

    @property
    def said_share(self) -> float | None:
        return self.said / self.people if self.people else None

    @property
    def has_wanted(self) -> bool:
        return any(cell.wanted is not None for cell in self.cells)

    @property
    def hides(self) -> bool:
        return any(cell.count is None for cell in self.cells)

    @property
    def is_empty(self) -> bool:
        """Nobody said it."""
        return not self.said and not self.is_hidden

    @property
    def gaps(self) -> list[Cell]:
        """Who is missing beyond doubt, the largest gap first."""
        missing = [cell for cell in self.cells if cell.verdict == "missing"]
        return sorted(missing, key=lambda cell: -cell.least_shortfall)


@dataclass(frozen=True)
class Gap:
    """One that is missing, with the table that says so."""

    table: Table
    cell: Cell


@dataclass(frozen=True)
class Reach:
    """All tables of a consultation."""

    people: int
    answered: int
    """Of them said something about themselves."""
    waiting: int
    """Answers that are not in the tables yet, fewer than five."""
    has_audience: bool
    attributes: tuple[Table, ...]
    by_language: Table
    by_origin: Table

    @property
    def gaps(self) -> list[Gap]:
        found = [Gap(table, cell) for table in self.attributes for cell in table.gaps]
        return sorted(found, key=lambda gap: -gap.cell.least_shortfall)

    @property
    def tables(self) -> tuple[Table, ...]:
        return (*self.attributes, self.by_language, self.by_origin)


def make_table(
    name: str,
    label: str | _StrPromise,
    values: Iterable[tuple[str, str | _StrPromise]],
    counts: Mapping[str, int],
    *,
    people: int,
    wanted: Mapping[str, float] | None = None,
    others: str | _StrPromise = "",
) -> Table:
    """A table fit to be published. ``counts`` of keys that are no value any more stand under ``others``, if any."""
    known = list(values)
    keys = {key for key, _label in known}
    rest = sum(count for key, count in counts.items() if key not in keys)
    if rest:
        known.append(("", others))
    numbers = [counts.get(key, 0) if key else rest for key, _label in known]
    said = sum(numbers)
    if 0 < said < FEWEST:
        return Table(name, label, people, 0, (), is_hidden=True)
    hidden = hide(numbers)
    together = sum(number for number, is_hidden in zip(numbers, hidden, strict=True) if is_hidden)
    cells = tuple(
        Cell(
            key=key,
            label=value_label,
            count=None if is_hidden else number,
            at_most=together if is_hidden else number,
            said=said,
            people=people,
            wanted=wanted.get(key, 0.0) if wanted else None,
        )
        for (key, value_label), number, is_hidden in zip(known, numbers, hidden, strict=True)
    )
    return Table(name, label, people, said, cells, is_hidden=False)


def hide(counts: Sequence[int]) -> list[bool]:
    """Which of these counts must be hidden, their total being known, so that none from 1 to 4 can be told.

    To somebody who knows the total, all others of the world are a second row of the table: large, unknown, and hidden
    at no cost. So only the row's own total binds, as it does here.
    """
    import numpy as np

    from opinion.suppression import suppress

    if not any(0 < count < FEWEST for count in counts):
        return [False] * len(counts)
    own = np.asarray(counts, dtype=np.int64)
    world = np.full_like(own, own.sum() + 10 * FEWEST)
    cost = np.vstack([np.log2(2.0 + own), np.zeros(own.size)])
    found = suppress(np.vstack([own, world]), threshold=FEWEST, cost=cost).hidden[0]
    return [bool(each) for each in found]


def table_rows(reach: Reach) -> list[dict[str, Any]]:
    """Every cell as a flat row, for CSV and the API; a hidden number is None."""
    return [
        {
            "attribute": table.name,
            "value": cell.key or "other",
            "count": cell.count,
            "at_most": cell.at_most if cell.count is None else None,
            "said": cell.said,
            "people": cell.people,
            "share": cell.share,
            "low": cell.interval[0],
            "high": cell.interval[1],
            "wanted": cell.wanted,
            "gap": cell.gap,
        }
        for table in reach.tables
        for cell in table.cells
    ]
