"""Weights that bring those who took part to known shares: raking, with what it costs.

Weighted figures stand beside the raw ones. They answer "what if the groups named in the margins were present in their
known shares, each answering as those of its members who came"; where taking part depends on the opinion itself, that is
not what the public thinks, and may be farther from it than the raw figure.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .attributes import Attributes
from .errors import InputError, Problem
from .intervals import wilson
from .lens import Lens, Rate
from .table import Table, open_table
from .votes import Votes

if TYPE_CHECKING:
    import os

__all__ = [
    "MarginFit",
    "Margins",
    "WeightedStatement",
    "Weighting",
    "Weights",
    "describe",
    "make_weights",
    "rake",
    "read_margins",
]

Array = np.ndarray[Any, np.dtype[Any]]
SUM_TOLERANCE = 1e-6
TABLE_CELLS = 1 << 22  # combinations of categories up to which a table is faster than a sort
TRIMMING_ROUNDS = 50
SIDES = (("agree", 1), ("disagree", -1), ("pass", 0))


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


@dataclass(frozen=True, slots=True)
class MarginFit:
    """A category before and after weighting; shares are among those who said something about the attribute.

    Attributes
    ----------
    attribute, category : str
    raw, target, weighted : float
    missed : float
        Weighted less target: 0 but for trimming.
    """

    attribute: str
    category: str
    raw: float
    target: float
    weighted: float
    missed: float


@dataclass(frozen=True, eq=False, slots=True)
class Weighting:
    """Weights of people and what they cost.

    Attributes
    ----------
    weights : ndarray of float, shape (n,)
        Above 0, mean 1.
    fit : tuple of MarginFit
    not_said : dict of str to float
        Per attribute the share of people who said nothing. They keep this share.
    rounds : int
        Passes over all margins.
    bound : float or None
        Largest weight allowed.
    trimmed : int
        People whose weight is at the bound.
    """

    weights: Array
    fit: tuple[MarginFit, ...]
    not_said: dict[str, float]
    rounds: int
    bound: float | None
    trimmed: int

    @property
    def effective_size(self) -> float:
        """Kish's effective sample size: (Σ w)² / Σ w²."""
        return kish(self.weights)

    @property
    def design_effect(self) -> float:
        """People per effective person, at least 1: how much larger the variance of a mean becomes."""
        return self.weights.size / self.effective_size if self.weights.size else 1.0


def kish(weights: Array) -> float:
    """Effective sample size of weights.

    References
    ----------
    L. Kish (1965), Survey Sampling, section 11.7.

    Examples
    --------
    >>> import numpy as np
    >>> kish(np.array([2.0, 2.0]))
    2.0
    """
    square = float(np.dot(weights, weights))
    return float(weights.sum()) ** 2 / square if square > 0 else 0.0


def rake(
    attributes: Attributes,
    margins: Margins,
    *,
    bound: float | None = 5.0,
    least: int = 1,
    tolerance: float = 1e-10,
    max_rounds: int = 2000,
) -> Weighting:
    """Weights with which the attributes have the shares of the margins (iterative proportional fitting).

    Parameters
    ----------
    attributes : Attributes
        Of n people.
    margins : Margins
        Those who said nothing about an attribute keep their raw share in it, and the shares of the margins hold among
        the others: nobody is left out, and nothing is imputed.
    bound : float or None
        Largest weight, in means; above 1. Larger ones are cut to it and the margins fitted again, up to 50 times in
        turn; what the margins are missed by in the end is in `Weighting.fit`. ``None``: no trimming.
    least : int
        People that a category must have.
    tolerance : float
        Largest deviation of a share from its target at which the fitting is done.
    max_rounds : int

    Returns
    -------
    Weighting

    Raises
    ------
    InputError
        Naming every category with a share and fewer than `least` people, every category of the people without a
        share, every attribute that nobody has; a bound of 1 or less; margins that cannot be fitted together.

    References
    ----------
    W. E. Deming, F. F. Stephan (1940), On a least squares adjustment of a sampled frequency table.
    J.-C. Deville, C.-E. Särndal, O. Sautory (1993), Generalized raking procedures in survey sampling. JASA 88.

    Examples
    --------
    >>> people = Attributes.from_columns({"sex": ["f", "f", "f", "m"]})
    >>> rake(people, Margins.from_shares({"sex": {"f": 0.5, "m": 0.5}})).weights.tolist()[-1]
    2.0
    """
    if bound is not None and not bound > 1:
        raise InputError(f"The largest weight must be above 1 (the mean), not {bound:g}.")
    codes, targets = _aims(attributes, margins, max(least, 1))
    if attributes.people == 0 or not codes:
        return Weighting(np.ones(attributes.people), (), {}, 0, bound, 0)
    place, counts, cells = _cells(codes, [target.size for target in targets])
    weight, rounds = _fit(np.ones(counts.size), counts, cells, targets, tolerance, max_rounds, margins)
    trimmed = 0
    if bound is not None and weight.max() > bound:
        for _ in range(TRIMMING_ROUNDS):
            weight, more = _fit(
                _capped(weight, counts, bound), counts, cells, targets, tolerance, max_rounds, margins
            )
            rounds += more
            if weight.max() <= bound * (1 + tolerance):
                break
        weight = _capped(weight, counts, bound)
        trimmed = int(counts[weight >= bound * (1 - 1e-9)].sum())
    fit = _fits(margins, counts, cells, targets, weight)
    not_said = {name: float((attributes[name].codes < 0).mean()) for name in margins.shares}
    weights = weight[place]
    weights.setflags(write=False)
    return Weighting(weights, fit, not_said, rounds, bound, trimmed)


def _aims(attributes: Attributes, margins: Margins, least: int) -> tuple[list[Array], list[Array]]:
    """Per margin each person's category (the last: not said), and the share of people that each must come to."""
    codes, targets, problems = [], [], []
    for name, shares in margins.shares.items():
        own = next((column for column in attributes.columns if column.name == name), None)
        if own is None:
            problems.append(f"{name}: the margins name this attribute, the people have no such column.")
            continue
        if not own.categories:
            problems.append(f"{name}: nobody said anything about it, so nothing can be weighted by it.")
            continue
        people = dict(zip(own.categories, own.sizes.tolist(), strict=True))
        for category, share in shares.items():
            count = people.get(category, 0)
            if share > 0 and count < least:
                problems.append(_too_few(name, category, share, count, least))
        for category, count in people.items():
            if shares.get(category, 0.0) <= 0:
                problems.append(
                    f"{name}, “{category}”: {count:,} people, but no share in the margins. Give it one, or combine "
                    "it with another category in both files."
                )
        silent = float((own.codes < 0).mean())
        target = [shares.get(category, 0.0) * (1 - silent) for category in own.categories]
        codes.append(np.where(own.codes < 0, len(own.categories), own.codes))
        targets.append(np.array([*target, silent]))
    if problems:
        raise InputError(Problem("", None, None, message) for message in problems)
    return codes, targets


def _too_few(name: str, category: str, share: float, count: int, least: int) -> str:
    who = "nobody" if count == 0 else f"{count:,} {'person' if count == 1 else 'people'}"
    enough = "" if count == 0 else f", fewer than {least}"
    return (
        f"{name}, “{category}”: a share of {share:.4g}, but {who} took part{enough}. Nothing can stand in for them: "
        "combine it with another category in both files, or leave the attribute out."
    )


def _cells(codes: list[Array], sizes: list[int]) -> tuple[Array, Array, list[Array]]:
    """People with the same categories as one cell: place of each person, people per cell, categories per cell."""
    key = codes[0].astype(np.int64)
    for code, size in zip(codes[1:], sizes[1:], strict=True):
        key = key * size + code
    space = math.prod(sizes)
    if space <= TABLE_CELLS:
        table = np.bincount(key, minlength=space)
        used = np.flatnonzero(table)
        of = np.zeros(space, dtype=np.int64)
        of[used] = np.arange(used.size)
        place, counts = of[key], table[used]
    else:  # so many combinations that a table of them would be larger than a sort of the people
        distinct = np.zeros(key.size, dtype=np.int64)
        for code in codes:
            _, distinct = np.unique(distinct * (int(code.max()) + 1) + code, return_inverse=True)
        _, first, place, counts = np.unique(
            distinct, return_index=True, return_inverse=True, return_counts=True
        )
        return place, counts.astype(float), [code[first] for code in codes]
    cells = []
    for size in reversed(sizes):
        cells.append(used % size)
        used = used // size
    return place, counts.astype(float), cells[::-1]


def _fit(
    weight: Array,
    counts: Array,
    cells: list[Array],
    targets: list[Array],
    tolerance: float,
    max_rounds: int,
    margins: Margins,
) -> tuple[Array, int]:
    total = counts.sum()
    mass = weight * counts
    for rounds in range(1, max_rounds + 1):
        worst = 0.0
        for cell, target in zip(cells, targets, strict=True):
            now = np.bincount(cell, mass, minlength=target.size)
            worst = max(worst, float(np.abs(now / total - target).max()))
            mass = mass * (target * total / np.where(now > 0, now, 1.0))[cell]
        if worst < tolerance:
            return mass / counts, rounds
        if not np.isfinite(worst):
            break
    names = list(margins.shares)
    now_off = [
        (float(np.abs(np.bincount(cell, mass, minlength=target.size) / total - target).max()), name)
        for cell, target, name in zip(cells, targets, names, strict=True)
    ]
    off, name = max(now_off)
    raise InputError(
        f"The margins cannot be fitted together: after {max_rounds:,} rounds the shares of {name} are still "
        f"{100 * off:.3g} points off. Some combination of categories that they call for is missing among the people; "
        "combine categories, or leave an attribute out."
    )


def _capped(weight: Array, counts: Array, bound: float) -> Array:
    """Weights of mean 1, none above the bound, the others kept in proportion."""
    total = counts.sum()
    weight = weight * (total / float((weight * counts).sum()))
    top = np.zeros(weight.size, dtype=bool)
    while True:
        more = weight > bound
        if not (more & ~top).any():
            return weight
        top |= more
        rest = float((weight * counts)[~top].sum())
        room = total - bound * counts[top].sum()
        if rest <= 0 or room <= 0:
            return np.where(top, bound, weight)
        weight = np.where(top, bound, weight * (room / rest))


def _fits(
    margins: Margins, counts: Array, cells: list[Array], targets: list[Array], weight: Array
) -> tuple[MarginFit, ...]:
    out = []
    for (name, shares), cell, target in zip(margins.shares.items(), cells, targets, strict=True):
        before = np.bincount(cell, counts, minlength=target.size)[:-1]
        after = np.bincount(cell, counts * weight, minlength=target.size)[:-1]
        before, after = before / before.sum(), after / after.sum()
        used = sorted(category for category, share in shares.items() if share > 0)
        out += [
            MarginFit(name, category, float(b), shares[category], float(a), float(a - shares[category]))
            for category, b, a in zip(used, before, after, strict=True)
        ]
    return tuple(out)


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
        As in `rake`; and for an attribute of the margins that the lens shows only crossed with another.
    """
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
        if not shown[name].shown or any(one.kind == "together" for one in shown[name].categories):
            return None
        for statement in shown[name].statements:
            if any(None in (c.voters, c.agree, c.disagree, c.pass_) for c in statement.categories):
                found.add(statement.id)
    return found


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
            f"Statement {one.id}: {100 * raw.rate:.0f} % agree [{100 * raw.low:.0f}–{100 * raw.high:.0f}], weighted "
            f"{100 * own.rate:.0f} % [{100 * own.low:.0f}–{100 * own.high:.0f}]."
        )
    if weights.withheld:
        lines.append(
            f"Weighted rates of {weights.withheld:,} statements are withheld: they would tell small counts."
        )
    lines.append(
        "Weighting is no correction: where taking part depends on the opinion itself it may lead farther away."
    )
    return lines
