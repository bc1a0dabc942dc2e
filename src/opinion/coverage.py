"""Whom a choice of statements covers, and of whom that is unknown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .approvals import Approvals
from .votes import Votes

__all__ = ["Coverage", "Covered"]

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class Coverage:
    """Whom the slate covers.

    Attributes
    ----------
    group : int or None
        An opinion group, −1 for those in none, ``None`` for everybody.
    people : int
        Agreeing with at least one statement that could be chosen. The three counts below add up to it.
    covered : int
        Agreeing with at least one that was chosen.
    not_covered : int
        Agreeing with none of the chosen, all of which they have seen.
    unknown : int
        Agreeing with none of the chosen that they have seen; there are some that they have not seen.
    share : float or None
        covered / people; ``None`` without people. Those who are unknown count as not covered.
    mean_agreed : float or None
        Chosen statements that one of them agrees with, on average.
    mean_seen : float or None
        Chosen statements that one of them has seen, on average.
    """

    group: int | None
    people: int
    covered: int
    not_covered: int
    unknown: int
    share: float | None
    mean_agreed: float | None
    mean_seen: float | None


class Covered:
    """Who agrees with any of the chosen, and who has seen all of them.

    Parameters
    ----------
    approvals : Approvals
    votes : Votes or None
        Says who has seen what; with ``None`` everybody has seen everything.
    places : ndarray of int, shape (people,)
        The chosen among the statements of `votes`.
    chosen : sequence of int
        The chosen among the statements of `approvals`.
    seen : sparse or dense array of bool, shape (n, m), optional
        What each person has seen, the votes included.
    """

    def __init__(
        self,
        approvals: Approvals,
        votes: Votes | None,
        places: Array,
        chosen: Sequence[int],
        seen: Any,
    ) -> None:
        self.has_ballot = np.zeros(approvals.rows, dtype=bool)
        self.has_ballot[approvals.supporters] = True
        self.agreed = approvals.satisfaction(chosen)
        self.saw: Array = np.full(approvals.rows, len(chosen), dtype=np.int64)
        self.chosen = len(chosen)
        if votes is not None:
            wanted = np.zeros(votes.shape[1], dtype=bool)
            wanted[places] = True
            marks = wanted[votes.indices]
            self.saw = np.bincount(votes.rows[marks], minlength=votes.shape[0])
            if seen is not None:
                self.saw = np.asarray(seen[:, np.flatnonzero(wanted)].sum(axis=1)).ravel()

    def of(self, group: int | None, members: Array) -> Coverage:
        """Coverage of the people whose place in the boolean array `members`, shape (rows,), is true."""
        own = members & self.has_ballot
        people = int(own.sum())
        covered = int(np.count_nonzero(own & (self.agreed > 0)))
        unknown = int(np.count_nonzero(own & (self.agreed == 0) & (self.saw < self.chosen)))
        return Coverage(
            group=group,
            people=people,
            covered=covered,
            not_covered=people - covered - unknown,
            unknown=unknown,
            share=covered / people if people else None,
            mean_agreed=int(self.agreed[own].sum()) / people if people else None,
            mean_seen=int(self.saw[own].sum()) / people if people else None,
        )
