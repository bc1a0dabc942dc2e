"""A slate: k statements that represent everyone in proportion, and what speaks for and against the choice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .approvals import Approvals, eligible_statements
from .coverage import Coverage, Covered
from .errors import InputError
from .intervals import wilson
from .justified import Justification, check_ejr_plus
from .proportional import EQUAL_SHARES, Chosen, Left, equal_shares, phragmen, sequential_pav
from .slate_words import describe
from .votes import Statement, Votes

__all__ = ["Budget", "Coverage", "SecondOpinion", "Slate", "SlateStatement", "Tie", "describe", "slate"]

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class SlateStatement:
    """A statement of the slate.

    Attributes
    ----------
    id : str
        Statement.
    phase : {"equal_shares", "completion"}
        What chose it: bought from equal budgets, or added by Phragmén's rule to complete the number.
    supporters : int
        People who agree with it.
    price : float or None
        Equal shares: the largest part of her budget that a supporter paid, 0 to 1. ``None`` in the completion.
    paid_in_full : int or None
        Supporters who paid the price. ``None`` in the completion.
    paid_the_rest : int or None
        Supporters who paid the less that they had left.
    paid_nothing : int or None
        Supporters who had nothing left.
    extra : float or None
        Completion: what everyone would have had to be given in addition, in budgets, until its supporters could pay;
        0 or more. ``None`` for equal shares.
    votes : int or None
        Votes on it, passes included. ``None`` without votes.
    rate : float or None
        Share of agree among those votes. ``None`` without votes.
    low, high : float or None
        95 % Wilson interval of `rate`.
    """

    id: str
    phase: str
    supporters: int
    price: float | None
    paid_in_full: int | None
    paid_the_rest: int | None
    paid_nothing: int | None
    extra: float | None
    votes: int | None
    rate: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Budget:
    """Money left when nothing could be bought any more from equal budgets of 1.

    Attributes
    ----------
    statement_cost : float
        What a statement costs, in budgets: people / k.
    spent : float
        Share of all the money, 0 to 1.
    people_with_nothing_left : int
        Whoever spent everything.
    mean : float
        Remaining budget of a person, 0 to 1, on average.
    largest : float
        The largest remaining budget.
    """

    statement_cost: float
    spent: float
    people_with_nothing_left: int
    mean: float
    largest: float


@dataclass(frozen=True, slots=True)
class Tie:
    """Statements that were exactly equal when one of them was chosen; canonical order decided.

    Attributes
    ----------
    round : int
        From 1.
    statements : tuple of str
        The chosen one first.
    decided : bool
        Whether one of them is not in the slate: otherwise the tie changed the order at most.
    """

    round: int
    statements: tuple[str, ...]
    decided: bool


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """What another rule chooses.

    Attributes
    ----------
    rule : {"sequential_pav"}
        Sequential proportional approval voting.
    statements : tuple of str
        In its order.
    only_here : tuple of str
        What the slate has not, in canonical order.
    only_in_slate : tuple of str
        What only the slate has, in canonical order.
    covered : int
        People it covers.
    mean_agreed : float or None
        Its statements that a person agrees with, on average; ``None`` without people.
    ties : int
        Rounds in which canonical order decided.
    """

    rule: str
    statements: tuple[str, ...]
    only_here: tuple[str, ...]
    only_in_slate: tuple[str, ...]
    covered: int
    mean_agreed: float | None
    ties: int


@dataclass(frozen=True, slots=True)
class Slate:
    """A slate with its figures.

    Attributes
    ----------
    wanted : int
        k. Fewer are chosen if fewer have a supporter.
    statements : tuple of SlateStatement
        In the order in which they were chosen.
    eligible : int
        Statements that could be chosen.
    moderated_out : int
        Statements that could not: those, and what is about the people who vote.
    without_support : int
        Eligible statements that nobody agrees with.
    people : int
        Everyone who voted.
    agreeing_with_nothing : int
        Those who agree with no eligible statement: no slate can cover them, and they have no share in it.
    coverage : Coverage
        Of everybody else.
    groups : tuple of Coverage
        By opinion group, if groups were given.
    budget : Budget or None
        ``None`` without people.
    ties : tuple of Tie
        Rounds in which canonical order decided.
    second_opinion : SecondOpinion
        What another rule chooses from the same approvals.
    ejr_plus : Justification
        Whether any group is left without what its size entitles it to.
    """

    wanted: int
    statements: tuple[SlateStatement, ...]
    eligible: int
    moderated_out: int
    without_support: int
    people: int
    agreeing_with_nothing: int
    coverage: Coverage
    groups: tuple[Coverage, ...]
    budget: Budget | None
    ties: tuple[Tie, ...]
    second_opinion: SecondOpinion
    ejr_plus: Justification

    @property
    def ids(self) -> tuple[str, ...]:
        """The statements chosen, in order."""
        return tuple(one.id for one in self.statements)


def slate(
    votes: Votes | Approvals,
    k: int,
    *,
    statements: Iterable[Statement] | None = None,
    groups: Array | None = None,
    seen: Array | None = None,
) -> Slate:
    """Choose k statements that represent everyone: the method of equal shares, completed by Phragmén's rule.

    An agree counts as support, everything else does not, and nothing is filled in: where people have not seen all
    statements, those that were shown more gather more supporters (see `opinion.exposure`), and a ballot on a short list
    (`opinion.shortlist`) that everybody votes on should decide.

    Parameters
    ----------
    votes : Votes or Approvals
        With `Approvals` everybody is taken to have seen everything, and no rates are given.
    k : int
        Statements wanted, at least 1.
    statements : iterable of Statement, optional
        Those with ``moderated`` −1 or ``is_meta`` are never chosen. For `Votes` only.
    groups : ndarray of int, shape (n,), optional
        Opinion group of each participant, −1 for none, for coverage by group.
    seen : sparse or dense array of bool, shape (n, m), optional
        What each person has seen beside what she voted on, see `opinion.exposure.Seen.marks`.

    Returns
    -------
    Slate

    Raises
    ------
    InputError
        k is less than 1, or `groups` has not one entry a person.

    References
    ----------
    D. Peters, P. Skowron (2020), Proportionality and the limits of welfarism.
    M. Brill, R. Freeman, S. Janson, M. Lackner (2017), Phragmén's voting methods and justified representation.

    Examples
    --------
    >>> from opinion import Votes
    >>> slate(Votes.from_arrays([1, 1, 2, 2, 3], ["a", "b", "a", "b", "c"], [1, 1, 1, 1, 1]), 2).ids
    ('a', 'b')
    """
    if k < 1:
        raise InputError(f"A slate has at least 1 statement; {k} were asked for.")
    if isinstance(votes, Votes):
        eligible = eligible_statements(votes, statements)
        approvals = Approvals.from_votes(votes, eligible)
        out = int(np.count_nonzero(~eligible))
    else:
        approvals, out, eligible = votes, 0, np.ones(votes.statement_ids.size, dtype=bool)
    if groups is not None and np.shape(groups) != (approvals.rows,):
        raise InputError(f"One group for each of the {approvals.rows} people was expected.")
    bought, left = equal_shares(approvals, k)
    rounds = bought + phragmen(approvals, k, start=bought, left=left)
    chosen = [one.statement for one in rounds]
    places = np.flatnonzero(eligible)[chosen]
    cover = Covered(approvals, votes if isinstance(votes, Votes) else None, places, chosen, seen)
    return Slate(
        wanted=k,
        statements=_statements(approvals, rounds, votes, places),
        eligible=approvals.statement_ids.size,
        moderated_out=out,
        without_support=int(np.count_nonzero(approvals.counts == 0)),
        people=approvals.rows,
        agreeing_with_nothing=approvals.rows - approvals.people,
        coverage=cover.of(None, np.ones(approvals.rows, dtype=bool)),
        groups=()
        if groups is None
        else tuple(cover.of(int(g), np.asarray(groups) == g) for g in np.unique(groups)),
        budget=_budget(approvals, left, k),
        ties=_ties(approvals, rounds),
        second_opinion=_second_opinion(approvals, k, chosen),
        ejr_plus=check_ejr_plus(approvals, chosen, k),
    )


def _statements(
    approvals: Approvals, rounds: Sequence[Chosen], votes: Votes | Approvals, places: Array
) -> tuple[SlateStatement, ...]:
    cast: list[int | None] = [None] * len(rounds)
    if isinstance(votes, Votes):
        cast = np.bincount(votes.indices, minlength=votes.shape[1])[places].tolist()
    found = []
    for one, total in zip(rounds, cast, strict=True):
        support = int(approvals.counts[one.statement])
        low, high = wilson(support, total) if total else (None, None)
        bought = one.phase == EQUAL_SHARES
        found.append(
            SlateStatement(
                id=str(approvals.statement_ids[one.statement]),
                phase=one.phase,
                supporters=support,
                price=float(one.price) if bought else None,
                paid_in_full=one.in_full if bought else None,
                paid_the_rest=one.the_rest if bought else None,
                paid_nothing=one.nothing if bought else None,
                extra=None if bought else float(one.price),
                votes=total,
                rate=None if total is None else support / total,
                low=None if low is None else float(low),
                high=None if high is None else float(high),
            )
        )
    return tuple(found)


def _budget(approvals: Approvals, left: Left, k: int) -> Budget | None:
    if approvals.people == 0:
        return None
    has_ballot = np.zeros(approvals.rows, dtype=bool)
    has_ballot[approvals.supporters] = True
    sizes = np.bincount(left.of[has_ballot], minlength=len(left.amounts)).tolist()
    remaining = sum(size * amount for size, amount in zip(sizes, left.amounts, strict=True))
    mean = remaining / (left.whole * approvals.people)
    held = [amount for size, amount in zip(sizes, left.amounts, strict=True) if size]
    return Budget(
        statement_cost=approvals.people / k,
        spent=1 - mean,
        people_with_nothing_left=sum(
            size for size, amount in zip(sizes, left.amounts, strict=True) if not amount
        ),
        mean=mean,
        largest=max(held) / left.whole,
    )


def _ties(approvals: Approvals, rounds: Sequence[Chosen]) -> tuple[Tie, ...]:
    taken = {one.statement for one in rounds}
    return tuple(
        Tie(
            number,
            tuple(str(approvals.statement_ids[c]) for c in one.tied),
            not taken.issuperset(one.tied),
        )
        for number, one in enumerate(rounds, start=1)
        if len(one.tied) > 1
    )


def _second_opinion(approvals: Approvals, k: int, chosen: Sequence[int]) -> SecondOpinion:
    rounds = sequential_pav(approvals, k)
    other = [one.statement for one in rounds]
    agreed = approvals.satisfaction(other)

    def names(places: Iterable[int]) -> tuple[str, ...]:
        return tuple(str(approvals.statement_ids[c]) for c in places)

    return SecondOpinion(
        rule="sequential_pav",
        statements=names(other),
        only_here=names(sorted(set(other) - set(chosen))),
        only_in_slate=names(sorted(set(chosen) - set(other))),
        covered=int(np.count_nonzero(agreed)),
        mean_agreed=int(agreed.sum()) / approvals.people if approvals.people else None,
        ties=sum(len(one.tied) > 1 for one in rounds),
    )
