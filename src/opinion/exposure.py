"""How unequally statements were seen, and how much of their support may come from that alone."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .approvals import eligible_statements
from .intervals import Z95, wilson
from .seen import Seen, places
from .votes import AGREE, Statement, Votes, canonical

__all__ = ["Correlation", "Exposure", "StatementExposure", "describe", "exposure", "rank_correlation"]

Array = np.ndarray[Any, np.dtype[Any]]
UNEVEN = 1.2  # nine statements in ten seen by 1.2 times as many people as one in ten


@dataclass(frozen=True, slots=True)
class Correlation:
    """Spearman's rank correlation.

    Attributes
    ----------
    value : float or None
        −1 to 1; ``None`` with fewer than four statements, or where one of the two is the same for all.
    low, high : float or None
        95 % interval.
    statements : int
        Statements that it was computed from.
    """

    value: float | None
    low: float | None
    high: float | None
    statements: int


@dataclass(frozen=True, slots=True)
class StatementExposure:
    """How a statement fared among those who saw it.

    Attributes
    ----------
    id : str
        Statement.
    seen : int
        People who saw it; whoever voted on it did.
    showings : int
        How often it was shown to them in all; the number of people where times are not known.
    votes : int
        Votes on it, passes included.
    agree : int
        Agrees among them.
    answered : float or None
        votes / seen; ``None`` if nobody saw it.
    rate : float or None
        agree / votes; ``None`` without votes.
    low, high : float
        95 % Wilson interval of `rate`, 0 to 1 without votes.
    """

    id: str
    seen: int
    showings: int
    votes: int
    agree: int
    answered: float | None
    rate: float | None
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Exposure:
    """How statements were seen; those that were moderated out are left out.

    Attributes
    ----------
    source : {"votes", "seen"}
        What tells who saw what: the votes alone, or showings as well.
    people : int
        People who voted or saw something.
    never_voted : int
        Those of them who saw something and voted on nothing.
    statements : tuple of StatementExposure
        In canonical order.
    never_seen : int
        Statements that nobody saw.
    least : int
        People who saw the statement that is least seen.
    low_decile : float
        One statement in ten was seen by at most so many people.
    median : float
        People who saw the middle statement.
    high_decile : float
        One statement in ten was seen by at least so many people.
    most : int
        People who saw the statement that is most seen.
    statements_per_person : float
        Statements seen, median over people.
    seen_and_agree : Correlation
        Of the people who saw a statement with its number of agrees.
    seen_and_rate : Correlation
        Of the people who saw a statement with its rate of agree, among statements with votes.
    warning : bool
        Exposure is uneven, and numbers of agrees go with it beyond chance: compare rates, not numbers.
    """

    source: str
    people: int
    never_voted: int
    statements: tuple[StatementExposure, ...]
    never_seen: int
    least: int
    low_decile: float
    median: float
    high_decile: float
    most: int
    statements_per_person: float
    seen_and_agree: Correlation
    seen_and_rate: Correlation
    warning: bool


def exposure(
    votes: Votes, *, seen: Seen | None = None, statements: Iterable[Statement] | None = None
) -> Exposure:
    """Count who saw what, and relate it to support.

    Parameters
    ----------
    votes : Votes
        Whoever voted on a statement saw it.
    seen : Seen, optional
        What was shown beside that. Without it a vote is the only sign that somebody saw a statement.
    statements : iterable of Statement, optional
        Those with ``moderated`` −1 are left out.

    Returns
    -------
    Exposure

    Notes
    -----
    Somebody who saw a statement and did not vote on it says nothing about it: such people count in `seen` and never
    in a rate.
    """
    known = tuple(statements or ())
    keep = eligible_statements(votes, known)
    m = votes.shape[1]
    if seen is None:
        views = _from_votes(votes, keep)
    else:
        views = _from_showings(votes, keep, seen, {one.id for one in known if one.moderated < 0})
    nothing = np.zeros(views.ids.size - int(keep.sum()), dtype=np.int64)
    cast = np.append(np.bincount(votes.indices, minlength=m)[keep], nothing)
    agree = np.append(np.bincount(votes.indices[votes.values == AGREE], minlength=m)[keep], nothing)
    order = np.argsort(canonical(views.ids)[1], kind="stable")
    columns = (views.ids, views.viewers, views.showings, cast, agree)
    ids, viewers, showings, cast, agree = (part[order] for part in columns)
    voted = cast > 0
    with_agree = rank_correlation(viewers, agree)
    deciles = np.quantile(viewers, [0.1, 0.5, 0.9]).tolist() if viewers.size else [0.0, 0.0, 0.0]
    uneven = deciles[2] >= UNEVEN * max(deciles[0], 1.0)
    return Exposure(
        source="votes" if seen is None else "seen",
        people=views.per_person.size,
        never_voted=views.never_voted,
        statements=_statements(ids, viewers, showings, cast, agree),
        never_seen=int(np.count_nonzero(viewers == 0)),
        least=int(viewers.min(initial=viewers.max(initial=0))),
        low_decile=deciles[0],
        median=deciles[1],
        high_decile=deciles[2],
        most=int(viewers.max(initial=0)),
        statements_per_person=float(np.median(views.per_person)) if views.per_person.size else 0.0,
        seen_and_agree=with_agree,
        seen_and_rate=rank_correlation(viewers[voted], agree[voted] / cast[voted]),
        warning=uneven and with_agree.low is not None and with_agree.low > 0,
    )


@dataclass(frozen=True, eq=False, slots=True)
class _Views:
    """Viewers of each statement; those of the votes come first, then those that only the showings know."""

    ids: Array
    viewers: Array
    showings: Array
    per_person: Array
    never_voted: int


def _from_votes(votes: Votes, keep: Array) -> _Views:
    cast = np.bincount(votes.indices, minlength=votes.shape[1])[keep]
    per_person = np.bincount(votes.rows[keep[votes.indices]], minlength=votes.shape[0])
    return _Views(votes.statement_ids[keep], cast, cast, per_person, 0)


def _from_showings(votes: Votes, keep: Array, seen: Seen, out: set[str]) -> _Views:
    n, m = votes.shape
    row, column = (
        places(seen.participant_ids, votes.participant_ids),
        places(seen.statement_ids, votes.statement_ids),
    )
    new = (column < 0) & np.array([name not in out for name in seen.statement_ids.tolist()], dtype=bool)
    column[new] = m + np.arange(np.count_nonzero(new))
    row[row < 0] = n + np.arange(np.count_nonzero(row < 0))
    people, width = max(n, int(row.max(initial=-1)) + 1), m + int(np.count_nonzero(new))
    usable = column[seen.columns] >= 0
    shown = row[seen.rows[usable]] * max(width, 1) + column[seen.columns[usable]]
    voted = votes.rows.astype(np.int64) * max(width, 1) + votes.indices
    # A vote of which no showing is known took one showing at least.
    unknown = np.setdiff1d(voted, shown, assume_unique=True)
    who, what = np.divmod(np.append(shown, unknown), max(width, 1))
    showings = np.zeros(width, dtype=np.int64)
    np.add.at(showings, what, np.append(seen.times[usable], np.ones(unknown.size, dtype=np.int64)))
    wanted = np.append(keep, np.ones(width - m, dtype=bool))
    return _Views(
        ids=np.concatenate([votes.statement_ids[keep].astype(str), seen.statement_ids[new].astype(str)]),
        viewers=np.bincount(what, minlength=width)[wanted],
        showings=showings[wanted],
        per_person=np.bincount(who[wanted[what]], minlength=people),
        never_voted=people - n,
    )


def _statements(
    ids: Array, viewers: Array, showings: Array, cast: Array, agree: Array
) -> tuple[StatementExposure, ...]:
    low, high = wilson(agree, cast)
    columns = (ids, viewers, showings, cast, agree, low, high)
    return tuple(
        StatementExposure(
            id=name,
            seen=saw,
            showings=times,
            votes=total,
            agree=yes,
            answered=total / saw if saw else None,
            rate=yes / total if total else None,
            low=bottom,
            high=top,
        )
        for name, saw, times, total, yes, bottom, top in zip(
            *(part.tolist() for part in columns), strict=True
        )
    )


def rank_correlation(one: Any, other: Any) -> Correlation:
    """Spearman's rank correlation with its 95 % interval; equal values share their mean rank.

    Parameters
    ----------
    one, other : array_like of float, shape (m,)

    Returns
    -------
    Correlation

    References
    ----------
    D. G. Bonett, T. A. Wright (2000), Sample size requirements for estimating Pearson, Kendall and Spearman
    correlations.
    """
    x, y = _ranks(np.asarray(one)), _ranks(np.asarray(other))
    size = x.size
    spread = float(np.sqrt(np.sum((x - x.mean()) ** 2) * np.sum((y - y.mean()) ** 2))) if size > 3 else 0.0
    if spread == 0:
        return Correlation(None, None, None, size)
    value = min(1.0, max(-1.0, float(np.sum((x - x.mean()) * (y - y.mean()))) / spread))
    if abs(value) > 1 - 1e-12:
        return Correlation(value, value, value, size)
    error = Z95 * math.sqrt((1 + value * value / 2) / (size - 3))
    return Correlation(
        value, math.tanh(math.atanh(value) - error), math.tanh(math.atanh(value) + error), size
    )


def _ranks(values: Array) -> Array:
    """Ranks from 1; equal values share the mean of theirs."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (last - (counts - 1) / 2)[place.ravel()]


def describe(section: Exposure) -> list[str]:
    """Exposure in whole sentences."""
    total = len(section.statements)
    if not total or not section.people:
        return ["Nobody has seen a statement yet."]
    by = "showings" if section.source == "seen" else "votes, the only sign of it here"
    lines = [
        f"By {by}, the middle one of {total:,} statements was seen by {section.median:,.0f} of {section.people:,}"
        f" people (from {section.least:,} to {section.most:,}; one in ten by at most {section.low_decile:,.0f}, one in"
        f" ten by at least {section.high_decile:,.0f}); half of the people saw at most"
        f" {section.statements_per_person:,.0f} of them."
    ]
    if section.never_voted:
        who = "person" if section.never_voted == 1 else "people"
        lines.append(f"{section.never_voted:,} {who} saw something and voted on nothing.")
    if section.never_seen:
        lines.append(f"{section.never_seen:,} statements were seen by nobody.")
    agree, rate = section.seen_and_agree, section.seen_and_rate
    if agree.value is None:
        return [*lines, "How often statements were seen cannot be related to their support here."]
    with_rate = "" if rate.value is None else f", with the rate of agree {_figure(rate)}"
    lines.append(
        f"Rank correlation of being seen with the number of agrees: {_figure(agree)}{with_rate}"
        f" ({agree.statements:,} statements)."
    )
    if section.warning:
        lines.append(
            "Warning: statements that more people saw have more agrees, whatever people think of them. Compare rates,"
            " not numbers, and put a shortlist before everybody before anything is decided."
        )
    return lines


def _figure(found: Correlation) -> str:
    return f"{found.value:.2f} ({found.low:.2f} to {found.high:.2f})"
