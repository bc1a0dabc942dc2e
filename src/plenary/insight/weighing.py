"""Raw beside weighted: the shares of the findings as they came, and weighted to the audience wanted.

A weighted share is an equation more about the people whose votes it sums up. So it stands only beside tables in which
nothing is hidden; margins whose tables hide too much are left out, with the reason
(``docs/decisions/0015-who-said-so-is-told-rarely.md``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

from . import queries
from .lens import DECIMALS, FEWEST, Told, at_least, look_again, tell
from .parts import as_json

if TYPE_CHECKING:
    from .parts import Job

# Why a margin cannot be used.
NOBODY, EMPTY, WITHOUT, SUM, APART, HIDDEN = "nobody", "empty", "without", "sum", "apart", "hidden"


def make_weights_part(job: Job) -> bytes | None:
    """The part ``weights``; nothing where no audience was named."""
    told = tell(job)
    if not job.consultation.margins or told.part["state"] != "told":
        return None
    if told.lens is None:
        earlier = queries.get_last_part(job.consultation, "weights", told=True)
        if earlier is not None and any(row["weighted"] for row in earlier["statements"]):
            return as_json(earlier)
        # Nothing weighted was told with this lens, as when the audience was named later.
        again = look_again(job, told)
        if again is None:
            return as_json(_no_weights({}, "later"))
        told = again
    return as_json(_weigh(job, told))


def _no_weights(left_out: Mapping[str, Any], failed: str) -> dict[str, Any]:
    return {"state": "failed", "failed": failed, "left_out": left_out, "by": []}


def _weigh(job: Job, told: Told) -> dict[str, Any]:
    """Raw beside weighted. A margin that cannot be used is named, with the reason, and the others are used."""
    from opinion import InputError, Margins, make_weights

    assert told.lens is not None and told.attributes is not None
    usable, left_out = _usable(job.consultation.margins, told)
    if not usable:
        return _no_weights(left_out, "none")
    rows = {row["statement"]: row["side"] for one in told.part["attributes"] for row in one["findings"]}
    used = _whole(list(usable), rows, told)
    left_out |= {name: {"why": HIDDEN, "answers": []} for name in usable if name not in used}
    if not used:
        return _no_weights(left_out, "hidden")
    usable = {name: usable[name] for name in used}
    try:
        weights = make_weights(job.made.votes, told.attributes, Margins.from_shares(usable), told.lens)
    except InputError:
        return _no_weights(left_out, "together")
    statements = []
    for one in weights.statements:
        side = rows.get(one.id)
        if side is None or not one.voters:
            continue
        fresh = all((name, one.id) in told.fresh for name in usable)
        weighted = one.weighted[side] if one.weighted is not None and fresh else None
        raw = one.raw[side]
        statements.append(
            {
                "statement": one.id,
                "side": side,
                "voters": one.voters,
                "raw": _rounded(rate=raw.rate, low=raw.low, high=raw.high),
                "effective": None if weighted is None else round(one.effective_voters or 0.0, 1),
                "weighted": None
                if weighted is None
                else _rounded(rate=weighted.rate, low=weighted.low, high=weighted.high),
            }
        )
    return {
        "state": "told",
        "by": list(usable),
        "left_out": left_out,
        "people": weights.people,
        "effective_size": round(weights.effective_size, 1),
        "design_effect": round(weights.design_effect, 3),
        "smallest": round(weights.smallest, 3),
        "largest": round(weights.largest, 3),
        "bound": weights.bound,
        "trimmed": at_least(weights.trimmed),
        "largest_miss": round(weights.largest_miss, DECIMALS),
        "margins": [
            {"attribute": one.attribute, "key": one.category}
            | _rounded(raw=one.raw, target=one.target, weighted=one.weighted)
            for one in weights.margins
        ],
        "statements": statements,
    }


def _whole(names: Sequence[str], rows: Collection[str], told: Told) -> tuple[str, ...]:
    """The margins to weight by: as many as leave at least half of the findings with tables in which nothing is hidden.

    Where no set of them does, the one that leaves the most findings; none if every finding would be hidden.
    """
    from opinion import whole_tables

    assert told.lens is not None
    whole = {
        name: {s for s in whole_tables(told.lens, name) & set(rows) if (name, s) in told.fresh}
        for name in names
    }
    seen: dict[tuple[str, ...], int] = {}
    for size in range(len(names), 0, -1):
        for some in combinations(names, size):
            seen[some] = len(set.intersection(*(whole[name] for name in some)))
    enough = [some for some, left in seen.items() if 2 * left >= len(rows) > 0]
    most = max((len(some) for some in enough), default=0)
    best = max(
        (some for some in seen if len(some) >= most), key=lambda some: (seen[some], len(some)), default=()
    )
    return best if seen.get(best) else ()


def _rounded(**values: float) -> dict[str, float]:
    return {name: round(value, DECIMALS) for name, value in values.items()}


def _usable(
    margins: Mapping[str, Mapping[str, float]], told: Told
) -> tuple[dict[str, dict[str, float]], dict[str, dict[str, Any]]]:
    """The margins that can be used, and of all others why not: the reason with the answers that it is about."""
    from opinion import InputError, Margins

    assert told.attributes is not None
    columns = {column.name: column for column in told.attributes.columns}
    shown = {one["name"] for one in told.part["attributes"] if one["shown"]}
    usable: dict[str, dict[str, float]] = {}
    left_out: dict[str, dict[str, Any]] = {}
    for name, shares in margins.items():
        if name not in columns:
            left_out[name] = {"why": NOBODY, "answers": []}
            continue
        sizes = dict(zip(columns[name].categories, columns[name].sizes.tolist(), strict=True))
        wanted = {key: share for key, share in shares.items() if share > 0}
        empty = sorted(key for key in wanted if sizes.get(key, 0) < FEWEST)
        without = sorted(key for key in sizes if key not in wanted)
        try:
            fitting = Margins.from_shares({name: wanted}).shares[name]
        except (InputError, KeyError, TypeError, ValueError):
            left_out[name] = {"why": SUM, "answers": []}
            continue
        if empty:
            left_out[name] = {"why": EMPTY, "answers": empty}
        elif without:
            # That somebody few gave an answer is not told: no answer is named that fewer than five gave.
            left_out[name] = {"why": WITHOUT, "answers": [key for key in without if sizes[key] >= FEWEST]}
        elif name not in shown or (name, "") not in told.fresh:
            left_out[name] = {"why": APART, "answers": []}
        else:
            usable[name] = dict(fitting)
    return usable, left_out
