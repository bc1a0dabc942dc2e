"""Raking: weights with which the people have known shares, by iterative proportional fitting."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from .attributes import Attributes
from .errors import InputError, Problem
from .margins import Margins

__all__ = ["MarginFit", "Weighting", "kish", "rake"]

Array = np.ndarray[Any, np.dtype[Any]]
TABLE_CELLS = 1 << 22  # combinations of categories up to which a table is faster than a sort
TRIMMING_ROUNDS = 50


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
