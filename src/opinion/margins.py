"""Known shares of categories, to which weights bring those who took part."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .errors import InputError, Problem
from .table import Table, open_table

if TYPE_CHECKING:
    import os

__all__ = ["Margins", "read_margins"]

SUM_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Margins:
    """Known shares of the categories of some attributes.

    Attributes
    ----------
    shares : dict of str to dict of str to float
        By attribute and category; each attribute's add up to 1.
    notes : tuple of Problem
        Attributes whose figures were counts or percentages and were divided by their sum.
    """

    shares: dict[str, dict[str, float]]
    notes: tuple[Problem, ...] = ()

    @classmethod
    def from_shares(cls, shares: Mapping[str, Mapping[str, float]]) -> Margins:
        """Margins from plain mappings, checked.

        Parameters
        ----------
        shares : mapping
            Attribute → category → share. Each attribute's shares add up to 1 within 1e-6; percentages (adding up to
            100) and counts (whole numbers) are divided by their sum, which is noted.

        Returns
        -------
        Margins

        Raises
        ------
        InputError
            Shares below 0 or not a number, sums other than 1, attributes without categories.
        """
        flat = [
            (a, c, float(s), Problem("", None, None, "")) for a, own in shares.items() for c, s in own.items()
        ]
        empty = [f"The attribute “{name}” has no category." for name, own in shares.items() if not own]
        return _checked(flat, [Problem("", None, None, message) for message in empty])


def read_margins(path: str | os.PathLike[str]) -> Margins:
    """Read known shares: ``attribute,category,share``.

    Parameters
    ----------
    path : path
        CSV, UTF-8. Each attribute's shares add up to 1; percentages and counts are divided by their sum and noted.

    Returns
    -------
    Margins

    Raises
    ------
    InputError
        With every bad line: no attribute, no category, a share that is no number from 0 on, a category that stands
        twice, an attribute whose shares do not add up to 1.
    """
    table = open_table(path, ("attribute", "category", "share"), purpose="margins")
    place = [table.header.index(name) for name in ("attribute", "category", "share")]
    problems: list[Problem] = []
    rows: list[tuple[str, str, float, Problem]] = []
    for line, record in table.records():
        row = _parse_margin(table, line, record, place, problems)
        if row is not None:
            rows.append(row)
    if not rows and not problems:
        problems.append(table.problem(None, None, "there are no margins in it."))
    return _checked(rows, problems)


def _parse_margin(
    table: Table, line: int, record: list[str], place: list[int], problems: list[Problem]
) -> tuple[str, str, float, Problem] | None:
    if len(record) != len(table.header):
        message = f"{len(record)} fields, but the header has {len(table.header)}."
        problems.append(table.problem(line, None, message))
        return None
    attribute, category, text = (unicodedata.normalize("NFC", record[i].strip()) for i in place)
    found = len(problems)
    if not attribute:
        problems.append(table.problem(line, "attribute", "the attribute is missing."))
    if not category:
        message = "the category is missing; those who said nothing have no share of their own."
        problems.append(table.problem(line, "category", message))
    try:
        share = float(text)
    except ValueError:
        message = f"“{text[:40]}” is not a number (with a point before decimals)."
        problems.append(table.problem(line, "share", message))
        return None
    return (attribute, category, share, table.problem(line, "share", "")) if len(problems) == found else None


def _checked(rows: list[tuple[str, str, float, Problem]], problems: list[Problem]) -> Margins:
    shares: dict[str, dict[str, float]] = {}
    first: dict[str, Problem] = {}
    bad = set()
    for attribute, category, share, at in rows:
        own = shares.setdefault(attribute, {})
        first.setdefault(attribute, at)
        if not math.isfinite(share) or share < 0:
            message = f"{share:g} is not a share: a number from 0 on was expected ({attribute}, {category})."
            problems.append(Problem(at.file, at.line, at.column, message))
            bad.add(attribute)
        if category in own:
            message = f"the category “{category}” of {attribute} stands twice."
            problems.append(Problem(at.file, at.line, at.column, message))
        own[category] = share
    notes: list[Problem] = []
    for attribute, own in shares.items():
        if attribute not in bad:
            _divide(attribute, own, first[attribute], problems, notes)
    if problems:
        raise InputError(problems)
    return Margins(shares, tuple(notes))


def _divide(
    attribute: str, own: dict[str, float], at: Problem, problems: list[Problem], notes: list[Problem]
) -> None:
    """Make the shares of one attribute add up to 1, if it is plain that this is meant."""
    total = math.fsum(own.values())
    counts = all(share == int(share) for share in own.values()) and total > 1
    if abs(total - 1) > SUM_TOLERANCE:
        if total <= 0 or not (counts or abs(total - 100) <= 100 * SUM_TOLERANCE):
            message = f"the shares of {attribute} add up to {total:.8g}, not to 1."
            problems.append(Problem(at.file, at.line, at.column, message))
            return
        kind = "percentages" if abs(total - 100) <= 100 * SUM_TOLERANCE else "counts"
        message = f"the figures of {attribute} add up to {total:.8g}: taken as {kind} and divided by it."
        notes.append(Problem(at.file, at.line, at.column, message))
    for category in own:
        own[category] /= total
