"""How old axes and groups are: what was learned at the last full run against what has come since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .frozen import FrozenModel

__all__ = ["Age", "Since", "make_age"]

Array = np.ndarray[Any, np.dtype[Any]]
# A full run is due when one of these is passed. Each says in its own way that the map no longer shows who is there.
MOST_CHANGES = 0.10  # changes since, of the votes then
MOST_NEW = 0.10  # people in a group now beyond those in one then, of those then
MOST_UNKNOWN = 0.05  # votes on statements that the full run did not have, of all votes
MOST_DRIFT = 0.02  # mean shift of the rates of agreement, weighted by votes
MOST_SURPRISE, SURPRISE_Z = 0.03, 3.0  # loss per new vote above what the groups expect; in standard errors


@dataclass(slots=True)
class Since:
    """What has come since the last full run; `Running` counts here.

    Attributes
    ----------
    changes : int
        Votes cast, changed or taken back.
    people : int
        People who were placed anew.
    moved : int
        Changes of a person's group.
    foretold : int
        New votes that the groups foretold a chance of.
    excess, variance : float
        Sum over those of the loss (− log chance) less its expectation, and of the variance of the loss, as they
        would be if the groups were right.
    """

    changes: int = 0
    people: int = 0
    moved: int = 0
    foretold: int = 0
    excess: float = 0.0
    variance: float = 0.0

    def surprise(self, model: FrozenModel, membership: tuple[float, ...], column: int, value: int) -> None:
        """Take up a new vote on one side, foretold from the votes before it."""
        if not model.shaping[column]:
            return
        agree = float(np.dot(membership, model.chances[:, column]))
        chance = agree if value > 0 else 1.0 - agree
        expected = -agree * np.log(agree) - (1 - agree) * np.log1p(-agree)
        self.foretold += 1
        self.excess += float(-np.log(chance) - expected)
        self.variance += float(agree * (1 - agree) * (np.log(agree) - np.log1p(-agree)) ** 2)


@dataclass(frozen=True, slots=True)
class Age:
    """How old the axes and groups shown are.

    Attributes
    ----------
    changes : int
        Votes cast, changed or taken back since the last full run.
    share_of_votes : float
        Those, as a share of the votes in the last full run; 1 before any.
    people : int
        People who voted since and were placed by the frozen axes.
    share_of_people : float
        Those, as a share of all who are in a group now (at most 1).
    newcomers : float
        How many more people are in a group now than at the last full run, as a share of those then.
    moved : int
        How often a person's group changed since.
    unknown : float
        Share of the votes that are on statements the last full run did not have, 0 to 1.
    drift : float
        Mean distance of the statements' rates of agreement, now and at the last full run, weighted by votes, 0 to 1.
    surprise : float
        Mean loss (natural logarithm) of the new votes above what the frozen groups expect; about 0 while they hold.
    surprise_z : float
        The same in standard errors.
    due : bool
        Whether a full run is due.
    reasons : tuple of str
        Why, in plain words; empty if it is not.
    """

    changes: int
    share_of_votes: float
    people: int
    share_of_people: float
    newcomers: float
    moved: int
    unknown: float
    drift: float
    surprise: float
    surprise_z: float
    due: bool
    reasons: tuple[str, ...]


def make_age(model: FrozenModel | None, since: Since, total: Array, placed: int) -> Age:
    """The age of a model, given what has come since.

    Parameters
    ----------
    model : FrozenModel or None
    since : Since
    total : ndarray of int64, shape (m, 3)
        Disagree, pass, agree of everyone; statements in the order of the model, further ones after them.
    placed : int
        People in a group now.

    Returns
    -------
    Age
    """
    if model is None:
        due = bool(total.any())
        said = ("No full run has been made yet.",) if due else ()
        return Age(since.changes, 1.0, 0, 0.0, 0.0, 0, 1.0, 0.0, 0.0, 0.0, due, said)
    m = len(total)
    known = model.known[:m]
    share = since.changes / max(model.votes, 1)
    people = min(1.0, since.people / max(placed, 1))
    newcomers = max(0, placed - model.people) / max(model.people, 1)
    unknown = float(total[~known].sum() / max(int(total.sum()), 1))
    drift = _drift(total, model.rate[:m], model.shaping[:m])
    surprise = since.excess / max(since.foretold, 1)
    z = since.excess / np.sqrt(since.variance) if since.variance > 0 else 0.0
    reasons = tuple(_reasons(share, newcomers, unknown, drift, surprise, float(z)))
    return Age(
        since.changes,
        share,
        since.people,
        people,
        newcomers,
        since.moved,
        unknown,
        drift,
        float(surprise),
        float(z),
        bool(reasons),
        reasons,
    )


def _drift(total: Array, rate: Array, shaping: Array) -> float:
    sides = (total[:, 0] + total[:, 2]) * shaping
    now = (total[:, 2] + 0.5) / (total[:, 0] + total[:, 2] + 1.0)
    return float((sides * np.abs(now - rate)).sum() / max(int(sides.sum()), 1))


def _reasons(
    share: float, newcomers: float, unknown: float, drift: float, surprise: float, z: float
) -> list[str]:
    said = []
    if share >= MOST_CHANGES:
        said.append(f"{share:.0%} as many votes came since the last full run as it had.")
    if newcomers >= MOST_NEW:
        said.append(f"{newcomers:.0%} more people belong to a group than at the last full run.")
    if unknown >= MOST_UNKNOWN:
        said.append(f"{unknown:.0%} of the votes are on statements that the last full run did not have.")
    if drift >= MOST_DRIFT:
        said.append(f"The rates of agreement have moved by {drift:.1%} on average since the last full run.")
    if surprise >= MOST_SURPRISE and z >= SURPRISE_Z:
        said.append("New votes fit the groups of the last full run worse than the groups themselves expect.")
    return said
