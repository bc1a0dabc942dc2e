"""Figures of surveys with how sure they are: pure, no database, no clock.

Means get intervals by Student's t, shares by Wilson; differences by Welch and by Newcombe. Cycles count as samples
apart from each other: whoever answered in two is not known as the same person, so a difference is rather stated too
carefully than too boldly.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

LEAST_TO_COMPARE = 5
_Z = 1.959963984540054


@dataclass(frozen=True)
class Figure:
    """A mean or a share (0 to 1) of ``n`` answers, with its 95 % interval; no value where nobody answered."""

    n: int
    value: float | None = None
    low: float | None = None
    high: float | None = None
    variance: float = 0.0
    count: int = 0
    """How many gave the answer; for shares."""


@dataclass(frozen=True)
class Difference:
    """From one cycle to the next; ``is_beyond_chance`` where the 95 % interval leaves out nothing happening."""

    value: float
    low: float
    high: float

    @property
    def is_beyond_chance(self) -> bool:
        return self.low > 0 or self.high < 0


def mean(counts: Mapping[int, int], lowest: float, highest: float) -> Figure:
    """The mean of values by how often each was given. The interval stays within the scale."""
    n = sum(counts.values())
    if n == 0:
        return Figure(0)
    value = sum(number * count for number, count in counts.items()) / n
    if n == 1:
        return Figure(1, value)
    variance = sum(count * (number - value) ** 2 for number, count in counts.items()) / (n - 1)
    if variance == 0:  # all alike: t would say that it is certain; Wilson's share of the scale does not
        low, high = _wilson((value - lowest) / (highest - lowest), n)
        return Figure(n, value, lowest + low * (highest - lowest), lowest + high * (highest - lowest))
    half = student(n - 1) * math.sqrt(variance / n)
    return Figure(n, value, max(lowest, value - half), min(highest, value + half), variance)


def share(count: int, n: int) -> Figure:
    """The part of ``n`` people who gave an answer."""
    if n == 0:
        return Figure(0)
    return Figure(n, count / n, *_wilson(count / n, n), count=count)


def difference_of_means(before: Figure, after: Figure) -> Difference | None:
    """None where either has fewer than five answers."""
    if before.value is None or after.value is None or min(before.n, after.n) < LEAST_TO_COMPARE:
        return None
    change = after.value - before.value
    parts = before.variance / before.n, after.variance / after.n
    if not all(parts):  # no spread to rest on: from the two intervals, as for shares
        return _from_intervals(before, after, change)
    freedom = sum(parts) ** 2 / (parts[0] ** 2 / (before.n - 1) + parts[1] ** 2 / (after.n - 1))
    half = student(freedom) * math.sqrt(sum(parts))
    return Difference(change, change - half, change + half)


def difference_of_shares(before: Figure, after: Figure) -> Difference | None:
    """None where either has fewer than five answers."""
    if before.value is None or after.value is None or min(before.n, after.n) < LEAST_TO_COMPARE:
        return None
    return _from_intervals(before, after, after.value - before.value)


def useful_rank(marks: int, people: int) -> float:
    """What comments are sorted by: the lower end of Wilson's 95 % interval of the part of people who marked this one
    among those who marked anything here since it stood. So one mark out of one is less than thirty out of forty.
    """
    return _wilson(marks / people, people)[0] if people else 0.0


def student(freedom: float) -> float:
    """The two-sided 95 % quantile of Student's t (Abramowitz and Stegun 26.7.5; below 3 degrees from the table)."""
    if freedom < 1.5:
        return 12.706
    if freedom < 2.5:
        return 4.303
    z = _Z
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / freedom**power for power, term in enumerate(terms, start=1))


def _wilson(part: float, n: int) -> tuple[float, float]:
    z2 = _Z * _Z
    spread = _Z * math.sqrt(part * (1 - part) / n + z2 / (4 * n * n))
    middle, scale = part + z2 / (2 * n), 1 + z2 / n
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)


def _from_intervals(before: Figure, after: Figure, change: float) -> Difference:
    """Newcombe (1998), method 10."""
    assert before.value is not None and before.low is not None and before.high is not None
    assert after.value is not None and after.low is not None and after.high is not None
    low = change - math.hypot(after.value - after.low, before.high - before.value)
    high = change + math.hypot(after.high - after.value, before.value - before.low)
    return Difference(change, low, high)
