"""Whether a choice leaves no group without what its size entitles it to: EJR+, checked exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from .approvals import Approvals

__all__ = ["Claim", "Justification", "check_ejr_plus"]

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class Claim:
    """A group that agrees on a statement that was not chosen.

    Attributes
    ----------
    statement : str
        Id of a statement that was not chosen.
    people : int
        Supporters of it who agree with at most `most_agreed` of the chosen statements.
    needed : int
        How many of them it takes to be entitled to `entitled` statements: entitled × people / k, rounded up.
    entitled : int
        1 to k: as many as `people` are entitled to, or else the least that is more than `most_agreed`.
    most_agreed : int
        Less than `entitled`.
    """

    statement: str
    people: int
    needed: int
    entitled: int
    most_agreed: int


@dataclass(frozen=True, slots=True)
class Justification:
    """Result of the check.

    Attributes
    ----------
    satisfied : bool
        Whether no group has a claim.
    violations : int
        Statements not chosen for which a group is large enough to claim one more.
    closest : Claim or None
        The largest group relative to what is needed: a witness if `people` ≥ `needed`, else the nearest to a claim.
        ``None`` if nobody who agrees with a statement that is not chosen agrees with fewer than k of the chosen.
    """

    satisfied: bool
    violations: int
    closest: Claim | None


def check_ejr_plus(approvals: Approvals, chosen: Sequence[int], k: int) -> Justification:
    """Whether a choice satisfies EJR+, in time proportional to the approvals.

    It fails if for some statement that is not chosen and some ℓ there are ℓ × people / k supporters or more, each of
    whom agrees with fewer than ℓ of the chosen ones. Counts are whole numbers, so there is no rounding.

    Parameters
    ----------
    approvals : Approvals
    chosen : sequence of int
        Places of statements, distinct.
    k : int
        Statements that were to be chosen, at least 1; `chosen` may be shorter.

    Returns
    -------
    Justification

    References
    ----------
    M. Brill, J. Peters (2023), Robust and verifiable proportionality axioms for multiwinner voting.
    """
    # Nobody agrees with more than all of the chosen: beyond that a claim to more has no more people behind it.
    levels = min(k, len(chosen) + 1)
    happy = np.minimum(approvals.satisfaction(chosen), levels).astype(np.int64)
    taken = set(chosen)
    best: tuple[Fraction, int, int, int] | None = None
    violations = 0
    for c in np.flatnonzero(approvals.counts).tolist():
        if c in taken:
            continue
        below = np.cumsum(
            np.bincount(happy[approvals.of(c)], minlength=levels)[:levels]
        )  # fewer than ℓ = 1, 2, …
        strength = below / np.arange(1, levels + 1)
        # Floating point only picks candidates for the largest quotient; the quotients themselves are exact.
        near = np.flatnonzero(strength >= strength.max() * (1 - 1e-12)).tolist()
        quotient, place = max((Fraction(int(below[i]), i + 1), -i) for i in near)
        violations += quotient * k >= approvals.people
        if best is None or quotient > best[0]:
            best = (quotient, c, 1 - place, int(below[-place]))
    if best is None or best[3] == 0:
        return Justification(True, 0, None)
    _, c, level, people = best
    group = happy[approvals.of(c)]
    entitled = max(
        level, people * k // approvals.people
    )  # the same people may claim more than the level found
    claim = Claim(
        statement=str(approvals.statement_ids[c]),
        people=people,
        needed=-(-entitled * approvals.people // k),
        entitled=entitled,
        most_agreed=int(group[group < level].max(initial=0)),
    )
    return Justification(violations == 0, violations, claim)
