"""A shortlist for a final round: fair to statements that few have seen, balanced so that it represents everyone.

While a conversation runs, people see different statements, and numbers of agrees are largely numbers of viewers. A
shortlist goes by rates among those who voted, and by what the people behind them still lack. It decides nothing: it is
put before everybody as one ballot, and the slate (`opinion.slate`) is chosen from that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .approvals import Approvals, eligible_statements
from .errors import InputError
from .intervals import wilson
from .result import GROUP_LETTERS
from .votes import Statement, Votes

__all__ = ["GroupShare", "Shortlist", "ShortlistStatement", "describe", "shortlist"]

Array = np.ndarray[Any, np.dtype[Any]]
PRIOR = 2.0  # votes that the mean of the others counts for in what is expected of a person
DECIMALS = 12  # scores that differ by less are equal, and canonical order decides


@dataclass(frozen=True, slots=True)
class ShortlistStatement:
    """A statement of the shortlist.

    Attributes
    ----------
    id : str
        Statement.
    votes : int
        Votes on it, passes included.
    agree : int
        Agrees among them.
    rate : float
        agree / votes.
    low, high : float
        95 % Wilson interval of `rate`.
    lacking : float
        What its supporters lacked when it was chosen, 0 to 1: the mean of 1 / (1 + statements chosen before it that
        they agree with or are expected to).
    score : float
        low × lacking, the largest among those left.
    """

    id: str
    votes: int
    agree: int
    rate: float
    low: float
    high: float
    lacking: float
    score: float


@dataclass(frozen=True, slots=True)
class GroupShare:
    """What an opinion group finds on the shortlist.

    Attributes
    ----------
    group : int
        −1 for those in none.
    people : int
        Members.
    expected_share : float
        Share of the shortlist that a member agrees with or is expected to, on average, 0 to 1.
    """

    group: int
    people: int
    expected_share: float


@dataclass(frozen=True, slots=True)
class Shortlist:
    """A shortlist for a final round.

    Attributes
    ----------
    wanted : int
        Statements asked for. Fewer are chosen if fewer have enough votes and a supporter.
    statements : tuple of ShortlistStatement
        In the order in which they were chosen.
    eligible : int
        Statements that were not moderated out.
    min_votes : int
        Votes that a statement needs to be judged.
    not_judged : int
        Eligible statements with fewer.
    within_reach : int
        Judged statements left out whose rate may be high enough: with the upper end of its interval they would come
        before the last one chosen.
    expected_by : {"group", "everyone"}
        Whose rates say what is expected of a person on a statement that she has not voted on.
    groups : tuple of GroupShare
        By opinion group, if groups were given.
    """

    wanted: int
    statements: tuple[ShortlistStatement, ...]
    eligible: int
    min_votes: int
    not_judged: int
    within_reach: int
    expected_by: str
    groups: tuple[GroupShare, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """The statements chosen, in order."""
        return tuple(one.id for one in self.statements)


def shortlist(
    votes: Votes,
    size: int,
    *,
    statements: Iterable[Statement] | None = None,
    groups: Array | None = None,
    min_votes: int = 7,
) -> Shortlist:
    """Choose statements for a final round by rates, balanced over people.

    One by one the statement is taken with the largest product of the lower bound of its rate and of what its
    supporters still lack: 1 / (1 + chosen statements they agree with), on average. What a person has not voted on is
    never support and never its opposite: it is in no rate. Only in what she lacks it is expected, from her votes on
    the other chosen statements and the rates of her group.

    Parameters
    ----------
    votes : Votes
    size : int
        At least 1. Two or three times as many as the slate that is to be chosen from it will do.
    statements : iterable of Statement, optional
        Those with ``moderated`` −1 or ``is_meta`` are never chosen.
    groups : ndarray of int, shape (n,), optional
        Opinion group of each participant, −1 for none. Without it everyone's rates say what is expected.
    min_votes : int
        Fewer votes say too little about a statement; at least 1.

    Returns
    -------
    Shortlist

    Raises
    ------
    InputError
        `size` or `min_votes` is less than 1, or `groups` has not one entry a person.

    References
    ----------
    T. N. Thiele (1895), Om flerfoldsvalg: the weights. E. B. Wilson (1927), Probable inference: the bound.

    Examples
    --------
    >>> from opinion import Votes
    >>> votes = Votes.from_arrays([1, 2, 3, 1, 2, 4], [1, 1, 1, 2, 2, 3], [1, 1, 1, 1, 1, 1])
    >>> shortlist(votes, 2, min_votes=1).ids
    ('1', '2')
    """
    if size < 1 or min_votes < 1:
        raise InputError("A shortlist has at least 1 statement, and at least 1 vote is needed to judge one.")
    if groups is not None and np.shape(groups) != (votes.shape[0],):
        raise InputError(f"One group for each of the {votes.shape[0]} people was expected.")
    eligible = eligible_statements(votes, statements)
    cast = np.bincount(votes.indices, minlength=votes.shape[1])
    judged = eligible & (cast >= min_votes)
    chosen = _choose(votes.select(judged), size, groups)
    return Shortlist(
        wanted=size,
        statements=chosen.statements,
        eligible=int(np.count_nonzero(eligible)),
        min_votes=min_votes,
        not_judged=int(np.count_nonzero(eligible & ~judged)),
        within_reach=chosen.within_reach,
        expected_by="everyone" if groups is None else "group",
        groups=chosen.groups,
    )


@dataclass(frozen=True, slots=True)
class _Choice:
    statements: tuple[ShortlistStatement, ...]
    within_reach: int
    groups: tuple[GroupShare, ...]


def _choose(votes: Votes, size: int, groups: Array | None) -> _Choice:
    approvals = Approvals.from_votes(votes)
    cast = np.bincount(votes.indices, minlength=votes.shape[1])
    agree = approvals.counts
    low, high = wilson(agree, cast)
    people = _People(votes, approvals, groups)
    open_ = agree > 0
    found: list[ShortlistStatement] = []
    while len(found) < size and open_.any():
        lacking = people.lacking()
        score = np.where(open_, np.round(low * lacking, DECIMALS), -1.0)
        c = int(np.argmax(score))
        found.append(
            ShortlistStatement(
                id=str(votes.statement_ids[c]),
                votes=int(cast[c]),
                agree=int(agree[c]),
                rate=int(agree[c]) / int(cast[c]),
                low=float(low[c]),
                high=float(high[c]),
                lacking=float(lacking[c]),
                score=float(score[c]),
            )
        )
        last = open_ & (np.round(high * lacking, DECIMALS) > score[c])
        last[c] = False
        open_[c] = False
        people.add(c)
    return _Choice(
        tuple(found),
        int(np.count_nonzero(last)) if found else 0,
        () if groups is None else people.shares(len(found)),
    )


class _People:
    """What each person agrees with among the statements chosen so far, and is expected to."""

    def __init__(self, votes: Votes, approvals: Approvals, groups: Array | None) -> None:
        from scipy.sparse import csc_array

        self.approvals = approvals
        n, m = votes.shape
        data = np.ones(approvals.supporters.size, dtype=np.float64)
        shape = (n, m)
        self.agrees = csc_array((data, approvals.supporters, approvals.indptr), shape=shape).T
        self.voted = csc_array(votes.matrix(np.ones(votes.size), bool))
        labels = np.zeros(n, dtype=np.int64) if groups is None else np.asarray(groups)
        self.labels, self.member = np.unique(labels, return_inverse=True)
        self.rates = _rates(votes, approvals, self.member, self.labels.size)
        self.agreed, self.seen, self.prior = np.zeros(n), np.zeros(n), np.zeros(self.labels.size)
        self.chosen = 0

    def expected(self) -> Array:
        """Chosen statements that each person agrees with or is expected to, shape (n,)."""
        if not self.chosen:
            return np.zeros_like(self.agreed)
        usual = self.prior[self.member] / self.chosen
        rate = (self.agreed + PRIOR * usual) / (self.seen + PRIOR)
        return self.agreed + (self.chosen - self.seen) * rate

    def lacking(self) -> Array:
        """The mean of 1 / (1 + expected) over the supporters of each statement, shape (m,)."""
        return (self.agrees @ (1 / (1 + self.expected()))) / np.maximum(self.approvals.counts, 1)

    def add(self, c: int) -> None:
        self.agreed[self.approvals.of(c)] += 1
        self.seen[self.voted.indices[self.voted.indptr[c] : self.voted.indptr[c + 1]]] += 1
        self.prior = self.prior + self.rates[:, c]
        self.chosen += 1

    def shares(self, chosen: int) -> tuple[GroupShare, ...]:
        share = self.expected() / max(chosen, 1)
        sizes = np.bincount(self.member, minlength=self.labels.size)
        means = np.bincount(self.member, weights=share, minlength=self.labels.size) / np.maximum(sizes, 1)
        return tuple(
            GroupShare(int(label), int(size), float(mean))
            for label, size, mean in zip(self.labels, sizes, means, strict=True)
        )


def _rates(votes: Votes, approvals: Approvals, member: Array, k: int) -> Array:
    """Rates of agree by group, each drawn towards everyone's by a few votes, shape (k, m)."""
    m = votes.shape[1]
    cell = member[votes.rows].astype(np.int64) * m + votes.indices
    cast = np.bincount(cell, minlength=k * m).reshape(k, m)
    agree = np.bincount(cell[votes.values == 1], minlength=k * m).reshape(k, m)
    overall = approvals.counts / np.maximum(cast.sum(axis=0), 1)
    return (agree + PRIOR * overall) / (cast + PRIOR)


def describe(section: Shortlist, texts: Mapping[str, str] | None = None) -> list[str]:
    """The shortlist in whole sentences; `texts` gives the text of each statement by its id."""
    found = len(section.statements)
    if not found:
        return [
            f"There is no shortlist: no statement has {section.min_votes:,} votes and an agree among them."
        ]
    lines = [
        f"A shortlist of {found:,} of {section.eligible:,} statements for a final round, by the rate of agree and by"
        " what its supporters do not find on it yet:"
    ]
    for number, one in enumerate(section.statements, 1):
        text = " ".join((texts or {}).get(one.id, "").split())
        name = f"Statement {one.id}" + (f" (“{text}”)" if text else "")
        lines.append(
            f"{number}. {name}: {one.agree:,} of {one.votes:,} agree ({100 * one.rate:.0f} %, {100 * one.low:.0f}–"
            f"{100 * one.high:.0f})."
        )
    if found < section.wanted:
        lines.append(f"{section.wanted:,} were asked for; no other statement has enough votes and an agree.")
    lines += [
        f"A member of group {GROUP_LETTERS[one.group]} ({one.people:,} people) is expected to agree with"
        f" {100 * one.expected_share:.0f} % of it."
        for one in section.groups
        if one.group >= 0
    ]
    if section.not_judged:
        lines.append(
            f"{section.not_judged:,} statements have fewer than {section.min_votes:,} votes and could not be judged."
        )
    if section.within_reach:
        lines.append(
            f"{section.within_reach:,} statements left out might belong on it: their intervals reach as far."
        )
    return [*lines, "Nothing is decided by it: put it before everybody as one ballot and choose from that."]
