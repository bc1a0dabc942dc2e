"""Rules that choose k statements for everyone in proportion, exact in ties.

Three rules: the method of equal shares, Phragmén's sequential rule (alone, or to complete the former) and sequential
proportional approval voting. Each goes round by round and takes the statement of least price. A price never falls from
one round to the next, so prices of earlier rounds are bounds, and only few statements are looked at again. Prices are
first computed in floating point with a bound of their error; where that leaves more than one statement in question,
whole numbers without rounding decide. What is equal then is a tie: the first in canonical order is chosen, and the tie
is reported.

Money is counted in equal shares: everyone starts with 1, a statement costs people / k.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from .approvals import Approvals

__all__ = ["Chosen", "Left", "equal_shares", "phragmen", "sequential_pav"]

Array = np.ndarray[Any, np.dtype[Any]]
EQUAL_SHARES, COMPLETION, PAV = "equal_shares", "completion", "sequential_pav"
UNIT = 2.0**-52


@dataclass(frozen=True, slots=True)
class Chosen:
    """One round of a rule.

    Attributes
    ----------
    statement : int
        Place in ``Approvals.statement_ids``.
    phase : {"equal_shares", "completion", "sequential_pav"}
    price : Fraction
        Equal shares: the most that a supporter paid, of a budget of 1. Completion: the sum, of that size, that everyone
        would have to be given in addition until the supporters can pay. Sequential PAV: the score won, negative.
    tied : tuple of int
        All that had exactly this price, the chosen one first; one alone is no tie.
    in_full, the_rest, nothing : int
        Equal shares: supporters who paid the price, who paid the less that they had left, who had nothing left.
    """

    statement: int
    phase: str
    price: Fraction
    tied: tuple[int, ...]
    in_full: int = 0
    the_rest: int = 0
    nothing: int = 0


@dataclass(frozen=True, eq=False, slots=True)
class Left:
    """Money that equal shares left: people in classes of equal remaining budget, the smallest first.

    Attributes
    ----------
    of : ndarray of int, shape (rows,)
        The class of each person.
    amounts : tuple of int
        Remaining budget of each class, in units of ``1 / whole``.
    whole : int
    """

    of: Array
    amounts: tuple[int, ...]
    whole: int

    def budgets(self) -> Array:
        """What each person has left, of 1; float, shape (rows,)."""
        return np.array([amount / self.whole for amount in self.amounts])[self.of]


def equal_shares(approvals: Approvals, k: int) -> tuple[tuple[Chosen, ...], Left]:
    """The method of equal shares with unit costs, without completion.

    Everyone has the same budget. In each round the statement is bought for which the supporters who pay most pay
    least, when all pay the same or whatever they have left, until nothing can be paid for.

    Parameters
    ----------
    approvals : Approvals
    k : int
        Statements wanted, at least 1.

    Returns
    -------
    chosen : tuple of Chosen
        At most k, in order.
    left : Left

    References
    ----------
    D. Peters, P. Skowron (2020), Proportionality and the limits of welfarism.
    """
    account = _Account(approvals, k)
    queue = _first_bounds(approvals, k)
    chosen: list[Chosen] = []
    while len(chosen) < k:
        found = _least(queue, account.share_bounds, account.share)
        if found is None:
            break
        tied, price = found
        chosen.append(account.pay(tied, price))
    return tuple(chosen), Left(account.of, tuple(account.amounts), account.whole)


def phragmen(
    approvals: Approvals, k: int, *, start: tuple[Chosen, ...] = (), left: Left | None = None
) -> tuple[Chosen, ...]:
    """Phragmén's sequential rule, from nothing or from where equal shares ended.

    Everyone is given money at the same pace; as soon as the supporters of a statement can pay for it they do, with all
    that they have.

    Parameters
    ----------
    approvals : Approvals
    k : int
    start : tuple of Chosen
        What is chosen already.
    left : Left, optional
        What people have left; default: nothing.

    Returns
    -------
    tuple of Chosen
        The rounds after `start`. Statements that nobody agrees with are never chosen, so there may be fewer than k.

    References
    ----------
    M. Brill, R. Freeman, S. Janson, M. Lackner (2017), Phragmén's voting methods and justified representation.
    """
    account = _Account(approvals, k)
    if left is None:
        account.amounts = [0]
    else:
        account.of, account.whole = left.of, left.whole
        account.amounts = list(left.amounts)
    account.refresh()  # what someone has spent ahead of the others is negative money from here on
    taken = {one.statement for one in start}
    queue = [(-math.inf, int(c)) for c in np.flatnonzero(approvals.counts) if int(c) not in taken]
    chosen: list[Chosen] = []
    while len(start) + len(chosen) < k:
        found = _least(queue, account.time_bounds, account.time)
        if found is None:
            break
        tied, time = found
        chosen.append(Chosen(tied[0], COMPLETION, time, tied))
        account.spend(tied[0], time)
    return tuple(chosen)


def sequential_pav(approvals: Approvals, k: int) -> tuple[Chosen, ...]:
    """Sequential proportional approval voting: in each round the statement that adds most to the sum over people of
    1 + 1/2 + … + 1/(chosen statements they agree with).

    Parameters
    ----------
    approvals : Approvals
    k : int

    Returns
    -------
    tuple of Chosen
        At most k; statements that nobody agrees with are never chosen.

    References
    ----------
    T. N. Thiele (1895), Om flerfoldsvalg; M. Lackner, P. Skowron (2023), Multi-winner voting with approval preferences.
    """
    happy = np.zeros(approvals.rows, dtype=np.int32)
    most = min(k, approvals.statement_ids.size)
    whole = math.lcm(*range(1, most + 1))
    worth = [whole // (already + 1) for already in range(most)]

    def score(c: int) -> Fraction:
        counts = np.bincount(happy[approvals.of(c)]).tolist()
        return Fraction(-sum(count * one for count, one in zip(counts, worth, strict=False)), whole)

    def bounds(c: int) -> tuple[float, float]:
        value = float(score(c))  # correctly rounded
        return math.nextafter(value, -math.inf), math.nextafter(value, math.inf)

    queue = [(-float(count) - 0.5, c) for c, count in enumerate(approvals.counts.tolist()) if count]
    heapq.heapify(queue)
    chosen: list[Chosen] = []
    while len(chosen) < k:
        found = _least(queue, bounds, score)
        if found is None:
            break
        tied, value = found
        chosen.append(Chosen(tied[0], PAV, value, tied))
        happy[approvals.of(tied[0])] += 1
    return tuple(chosen)


def _first_bounds(approvals: Approvals, k: int) -> list[tuple[float, int]]:
    """A lower bound of each price: all supporters pay the same. A heap."""
    cost = approvals.people / k
    queue = [(cost / count * (1 - 8 * UNIT), c) for c, count in enumerate(approvals.counts.tolist()) if count]
    heapq.heapify(queue)
    return queue


def _least(
    queue: list[tuple[float, int]],
    bounds: Callable[[int], tuple[float, float] | None],
    exact: Callable[[int], Fraction],
) -> tuple[tuple[int, ...], Fraction] | None:
    """The statements of least price, in canonical order, and the price; the first of them leaves the queue.

    `queue` is a heap of lower bounds. A statement for which `bounds` is ``None`` leaves it for good.
    """
    seen: list[tuple[float, int]] = []
    top = math.inf
    while queue and queue[0][0] <= top:
        _, c = heapq.heappop(queue)
        between = bounds(c)
        if between is not None:
            seen.append((between[0], c))
            top = min(top, between[1])
    if not seen:
        return None
    prices = {c: exact(c) for low, c in seen if low <= top}
    price = min(prices.values())
    tied = tuple(sorted(c for c, own in prices.items() if own == price))
    for low, c in seen:
        if c != tied[0]:
            heapq.heappush(queue, (low, c))
    return tied, price


class _Account:
    """People in classes of equal money; there are far fewer classes than people. Amounts are whole numbers of units of
    ``1 / whole``, so that nothing is ever rounded; `near` holds the same by class and `each` by person, correctly
    rounded."""

    def __init__(self, approvals: Approvals, k: int) -> None:
        self.approvals, self.k = approvals, k
        self.of: Array = np.zeros(approvals.rows, dtype=np.intp)
        self.whole = 1
        self.amounts = [1]
        self.cost = approvals.people / k
        self.refresh()

    def refresh(self) -> None:
        self.near: Array = np.array([amount / self.whole for amount in self.amounts])
        self.each: Array = self.near[self.of]

    def classes(self, c: int) -> tuple[Array, Array]:
        """The classes of the supporters, ascending, and how many of them are in each."""
        own = self.of[self.approvals.of(c)]
        if len(self.amounts) > 2 * own.size:
            found, counts = np.unique(own, return_counts=True)
            return found, counts
        every = np.bincount(own, minlength=len(self.amounts))
        found = np.flatnonzero(every)
        return found, every[found]

    def share_bounds(self, c: int) -> tuple[float, float] | None:
        """Bounds of the price of a statement; ``None`` if its supporters cannot pay."""
        found, counts = self.classes(c)
        near = self.near[found]
        held = np.cumsum(counts * near)
        slack = 4 * (found.size + 4) * UNIT * max(self.cost, float(held[-1]))
        if held[-1] < self.cost - slack:
            return None
        rich = np.cumsum(counts[::-1])[::-1]
        price = (self.cost - np.append(0.0, held[:-1])) / rich
        place = int(np.argmax(price <= near)) if price[-1] <= near[-1] else -1
        low, high = price[place] - slack / rich[place], price[place] + slack / rich[place]
        # Where a class stands at the price, which side it is on decides the slope: no bound without exactness.
        if place < 0 or np.any(np.abs(near - price[place]) <= 1e-9 + 2 * slack / rich[place]):
            exact = self._share(found.tolist(), counts.tolist())
            if exact is None:
                return None
            low = high = float(exact)
        return math.nextafter(low, -math.inf), math.nextafter(high, math.inf)

    def share(self, c: int) -> Fraction:
        """The exact price of a statement that its supporters can pay."""
        found, counts = self.classes(c)
        price = self._share(found.tolist(), counts.tolist())
        assert price is not None
        return price

    def _share(self, found: list[int], counts: list[int]) -> Fraction | None:
        missing = self.approvals.people * self.whole  # times k, in units of 1 / whole
        rich = sum(counts)
        for place, count in zip(found, counts, strict=True):
            amount = self.amounts[place]
            if missing <= self.k * rich * amount:
                return Fraction(missing, self.k * rich * self.whole)
            missing -= self.k * count * amount
            rich -= count
        return None

    def pay(self, tied: tuple[int, ...], price: Fraction) -> Chosen:
        """The supporters of the first pay the price, or what they have left."""
        found, counts = self.classes(tied[0])
        paid = self._in_units(price)
        held = [self.amounts[place] for place in found]
        by = list(zip(held, counts.tolist(), strict=True))
        chosen = Chosen(
            tied[0],
            EQUAL_SHARES,
            price,
            tied,
            in_full=sum(count for amount, count in by if amount >= paid),
            the_rest=sum(count for amount, count in by if 0 < amount < paid),
            nothing=sum(count for amount, count in by if amount == 0),
        )
        self._move(tied[0], found, [max(0, amount - paid) for amount in held])
        return chosen

    def time_bounds(self, c: int) -> tuple[float, float]:
        """Bounds of the money that everyone has to be given until the supporters can pay."""
        supporters = self.approvals.of(c)
        middle = (self.cost - float(self.each[supporters].sum())) / supporters.size
        # Sums are taken in pairs, so that their error grows with the logarithm of the number of terms.
        slack = 64 * UNIT * (self.cost / supporters.size + max(abs(self.near[0]), abs(self.near[-1])))
        return middle - slack, middle + slack

    def time(self, c: int) -> Fraction:
        """The same, exactly."""
        found, counts = self.classes(c)
        money = sum(
            count * self.amounts[place] for place, count in zip(found.tolist(), counts.tolist(), strict=True)
        )
        total = self.k * int(counts.sum()) * self.whole
        return Fraction(self.approvals.people * self.whole - self.k * money, total)

    def spend(self, c: int, time: Fraction) -> None:
        """The supporters have spent all that they had been given until then."""
        found, _ = self.classes(c)
        spent = -self._in_units(time)
        self._move(c, found, [spent] * found.size)

    def _in_units(self, price: Fraction) -> int:
        """A price as a whole number of units, which become smaller where that is needed."""
        finer = math.lcm(self.whole, price.denominator) // self.whole
        if finer > 1:
            self.amounts = [amount * finer for amount in self.amounts]
            self.whole *= finer
        return price.numerator * (self.whole // price.denominator)

    def _move(self, c: int, found: Array, amounts: list[int]) -> None:
        """Give the supporters in the classes `found` new amounts; classes stay distinct and in ascending order."""
        moved = dict(zip(found.tolist(), amounts, strict=True))
        supporters = self.approvals.of(c)
        before = self.of[supporters]
        sizes = np.bincount(self.of, minlength=len(self.amounts)) - np.bincount(
            before, minlength=len(self.amounts)
        )
        values = sorted({self.amounts[place] for place in np.flatnonzero(sizes)} | set(amounts))
        place_of = {value: place for place, value in enumerate(values)}
        stay = np.array([place_of.get(amount, 0) for amount in self.amounts], dtype=np.intp)
        move = stay.copy()
        for place, amount in moved.items():
            move[place] = place_of[amount]
        self.of = stay[self.of]
        self.of[supporters] = move[before]
        self.amounts = values
        self.refresh()
