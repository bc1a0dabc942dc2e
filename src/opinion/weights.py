"""Weighted figures beside the raw ones.

They answer "what if the groups named in the margins were present in their known shares, each answering as those of its
members who came"; where taking part depends on the opinion itself, that is not what the public thinks, and may be
farther from it than the raw figure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .attributes import Attributes, attributes_in
from .errors import InputError
from .intervals import wilson
from .lens_section import AttributeLens, Lens, Rate
from .margins import Margins
from .raking import MarginFit, rake
from .votes import Votes, votes_in

__all__ = ["WeightedRate", "WeightedStatement", "Weights", "describe", "make_weights", "whole_tables"]

Array = np.ndarray[Any, np.dtype[Any]]
SIDES = (("agree", 1), ("disagree", -1), ("pass", 0))


@dataclass(frozen=True, slots=True)
class WeightedRate:
    """A weighted share of those who voted.

    Attributes
    ----------
    rate : float
    low, high : float
        95 % Wilson interval with the effective number of voters.
    """

    rate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class WeightedStatement:
    """A statement's rates, raw and weighted.

    Attributes
    ----------
    id : str
    voters : int
    effective_voters : float or None
        Kish's effective size of those who voted; the intervals of `weighted` rest on it.
    raw : dict of str to Rate
        By side: ``"agree"``, ``"disagree"``, ``"pass"``; empty without votes.
    weighted : dict of str to WeightedRate, or None
        Withheld (``None``) where the lens hides a count of an attribute of the margins: the weighted rate and the
        shown counts together would tell it.
    """

    id: str
    voters: int
    effective_voters: float | None
    raw: dict[str, Rate]
    weighted: dict[str, WeightedRate] | None


@dataclass(frozen=True, slots=True)
class Weights:
    """The section ``weights`` of a result.

    Attributes
    ----------
    people : int
    effective_size, design_effect : float
        Kish.
    smallest, largest : float
        Weights, in means.
    bound : float or None
        Largest weight allowed.
    trimmed : int
        People whose weight was cut to it.
    largest_miss : float
        Largest deviation of a weighted share from its target, left by trimming.
    rounds : int
    not_said : dict of str to float
    margins : tuple of MarginFit
    statements : tuple of WeightedStatement
    withheld : int
        Statements whose weighted rates are withheld.
    """

    people: int
    effective_size: float
    design_effect: float
    smallest: float
    largest: float
    bound: float | None
    trimmed: int
    largest_miss: float
    rounds: int
    not_said: dict[str, float]
    margins: tuple[MarginFit, ...]
    statements: tuple[WeightedStatement, ...]
    withheld: int

    def __repr__(self) -> str:
        by = ", ".join(self.not_said)
        return (
            f"Weights({self.people:,} people by {by}, effective size {self.effective_size:,.1f}, "
            f"{len(self.statements):,} statements)"
        )


def make_weights(
    votes: Votes,
    attributes: Attributes,
    margins: Margins,
    lens: Lens | None = None,
    *,
    bound: float | None = 5.0,
) -> Weights:
    """Weight the people and set each statement's weighted rates beside the raw ones.

    Parameters
    ----------
    votes : Votes
    attributes : Attributes
        Of the same people.
    margins : Margins
    lens : Lens, optional
        Published with it: categories must then have as many people as its threshold, and where it hides a count of
        an attribute of the margins the weighted rates are withheld.
    bound : float or None
        As in `rake`.

    Returns
    -------
    Weights

    Raises
    ------
    InputError
        As in `rake`; for an attribute of the margins that the lens shows only crossed with another; and for
        attributes or a lens of other people than the votes.
    """
    votes, attributes = votes_in(votes), attributes_in(attributes)
    if attributes.people != votes.shape[0] or (lens is not None and lens.people != votes.shape[0]):
        raise InputError(
            f"The votes are of {votes.shape[0]:,} people, the attributes of {attributes.people:,}"
            + ("" if lens is None else f", the lens of {lens.people:,}")
            + ": they must be the same."
        )
    weighting = rake(attributes, margins, bound=bound, least=1 if lens is None else lens.threshold)
    hidden = set() if lens is None else _hidden_statements(lens, margins)
    ids = votes.statement_ids.tolist()
    sums, squares, counts = _sums(votes, weighting.weights)
    statements = []
    for s, name in enumerate(ids):
        withheld = hidden is None or name in hidden
        statements.append(_weighted_statement(name, counts[s], sums[s], float(squares[s]), withheld))
    weights = weighting.weights
    return Weights(
        people=weights.size,
        effective_size=weighting.effective_size,
        design_effect=weighting.design_effect,
        smallest=float(weights.min(initial=1.0)) if weights.size else 1.0,
        largest=float(weights.max(initial=0.0)) if weights.size else 1.0,
        bound=bound,
        trimmed=weighting.trimmed,
        largest_miss=max((abs(one.missed) for one in weighting.fit), default=0.0),
        rounds=weighting.rounds,
        not_said=weighting.not_said,
        margins=weighting.fit,
        statements=tuple(statements),
        withheld=sum(one.weighted is None and one.voters > 0 for one in statements),
    )


def _hidden_statements(lens: Lens, margins: Margins) -> set[str] | None:
    """Statements on which a weighted rate would tell a hidden count; ``None`` for all of them."""
    shown = {one.name: one for one in lens.attributes}
    crossed = [name for name in margins.shares if name not in shown]
    if crossed:
        raise InputError(
            f"{', '.join(crossed)}: seen only crossed with another attribute, so it cannot be a margin in the same "
            "analysis (its totals would tell hidden counts). Cross other attributes, or leave it out of the margins."
        )
    found: set[str] = set()
    for name in margins.shares:
        if not _is_apart(shown[name]):
            return None
        found |= {statement.id for statement in shown[name].statements} - whole_tables(lens, name)
    return found


def _is_apart(one: AttributeLens) -> bool:
    return one.shown and all(category.kind != "together" for category in one.categories)


def whole_tables(lens: Lens, name: str) -> set[str]:
    """Statements of whose table by an attribute nothing is hidden: a margin of it can be weighted by on them.

    Parameters
    ----------
    lens : Lens
    name : str
        Of an attribute; one that the lens does not show by itself, or whose small categories it puts together, has no
        whole table.

    Returns
    -------
    set of str
        Ids.
    """
    return {
        statement.id
        for one in lens.attributes
        if one.name == name and _is_apart(one)
        for statement in one.statements
        if not any(None in (c.voters, c.agree, c.disagree, c.pass_) for c in statement.categories)
    }


def _sums(votes: Votes, weights: Array) -> tuple[Array, Array, Array]:
    """Per statement: weights by side (m, 3), sum of squared weights of the voters (m,), votes by side (m, 3)."""
    m = votes.shape[1]
    own = weights[votes.rows]
    key = votes.indices.astype(np.int64) * 3 + votes.values + 1
    sums = np.bincount(key, own, minlength=3 * m).reshape(m, 3)
    squares = np.bincount(votes.indices, own * own, minlength=m)
    return sums, squares, np.bincount(key, minlength=3 * m).reshape(m, 3)


def _weighted_statement(
    name: str, counts: Array, sums: Array, squares: float, withheld: bool
) -> WeightedStatement:
    voters = int(counts.sum())
    if voters == 0:
        return WeightedStatement(name, 0, None, {}, None)
    effective = float(sums.sum()) ** 2 / squares
    raw, weighted = {}, {}
    for side, value in SIDES:
        count, share = int(counts[value + 1]), float(sums[value + 1] / sums.sum())
        low, high = wilson(count, voters)
        raw[side] = Rate(count, count / voters, float(low), float(high))
        low, high = wilson(share * effective, effective)
        weighted[side] = WeightedRate(share, float(low), float(high))
    if withheld:
        return WeightedStatement(name, voters, None, raw, None)
    return WeightedStatement(name, voters, effective, raw, weighted)


def describe(weights: Weights) -> list[str]:
    """The weights in plain sentences, for the printed summary and the report."""
    by = ", ".join(weights.not_said)
    lines = [
        f"Weighted by {by}: {weights.people:,} people count as {weights.effective_size:,.0f} "
        f"(design effect {weights.design_effect:.2f}); weights from {weights.smallest:.2f} to {weights.largest:.2f}."
    ]
    if weights.trimmed and weights.bound is not None:
        lines.append(
            f"{weights.trimmed:,} people would weigh more than {weights.bound:g} and are kept to it; the shares "
            f"miss their targets by up to {100 * weights.largest_miss:.2f} points."
        )
    moved = sorted(
        (
            (-abs(one.weighted["agree"].rate - one.raw["agree"].rate), place, one)
            for place, one in enumerate(weights.statements)
            if one.weighted is not None
        ),
        key=lambda entry: entry[:2],
    )
    for _, _, one in moved[:3]:
        assert one.weighted is not None
        raw, own = one.raw["agree"], one.weighted["agree"]
        lines.append(
            f"Statement {one.id}: {100 * raw.rate:.0f} % of {one.voters:,} agree [{100 * raw.low:.0f}–"
            f"{100 * raw.high:.0f}], weighted {100 * own.rate:.0f} % [{100 * own.low:.0f}–{100 * own.high:.0f}]."
        )
    if weights.withheld:
        lines.append(
            f"Weighted rates of {weights.withheld:,} statements are withheld: they would tell small counts."
        )
    lines.append(
        "Weighting is no correction: where taking part depends on the opinion itself it may lead farther away."
    )
    return lines
