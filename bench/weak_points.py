#!/usr/bin/env python3
"""Where the mathematics of Polis is known to be weak: the default mode beside the compatible mode, on the same data.

    python bench/weak_points.py [--shared ../shared] [--orders 8] [--big FOLDER ...] [--only NAME ...]

One table for each weakness: axes that collapse on sparse votes, held-out votes explained, the order of rows, dropped
votes, people who agree with everything, small groups, divisive statements and consensus. `--big` takes folders with
votes.csv and truth.csv of ``simulate_votes.py`` (``sparse 10000 500 .05`` and larger); without it a conversation of
10,000 people is simulated.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from opinion_groups import load

from opinion import Result, Votes, analyze, read_votes
from opinion.groups import adjusted_rand

MODES = ("plenary", "polis")
Array = np.ndarray[Any, np.dtype[Any]]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--shared", type=Path, default=Path(__file__).resolve().parents[2] / "shared")
    parser.add_argument(
        "--orders", type=int, default=8, help="orders of rows, and repetitions of what is random"
    )
    parser.add_argument("--big", type=Path, nargs="*", default=[])
    parser.add_argument("--only", nargs="*", choices=sorted(TABLES), default=sorted(TABLES))
    args = parser.parse_args()
    for name in args.only:
        print(f"\n{name}: {(TABLES[name].__doc__ or '').splitlines()[0]}", flush=True)
        for line in TABLES[name](args):
            print("  " + line, flush=True)


def conversations(args: argparse.Namespace, least: int = 100) -> Iterator[tuple[str, Votes]]:
    for path in sorted((args.shared / "data" / "conversations").glob("*/tidy/votes.csv")):
        votes = read_votes(path).votes
        if votes.shape[0] >= least:
            yield path.parent.parent.name, votes


def both(label: str, measure: Callable[[str], Any]) -> str:
    return f"{label:42} " + "   ".join(f"{mode} {measure(mode)}" for mode in MODES)


def groups(result: Result) -> Array:
    return result.participants.group


def sparse(args: argparse.Namespace) -> Iterator[str]:
    """Share of the first axis on one statement; agreement with the groups that are there, of all and of the active."""
    tool = load(args.shared / "tools" / "simulate_votes.py")
    sets: list[tuple[str, Votes, Array]] = []
    for folder in args.big:
        votes = read_votes(folder / "votes.csv").votes
        truth = np.loadtxt(folder / "truth.csv", delimiter=",", skiprows=1, dtype=int)
        sets.append((folder.name, votes, truth[:, 1]))
    if not sets:
        rows, columns, values, truth = tool.sparse(10_000, 500, 0.05, np.random.default_rng(1))
        sets.append(("simulated 10,000 × 500", Votes.from_arrays(rows, columns, values), truth))
    for name, votes, truth in sets:
        own = np.asarray(truth)[votes.participant_ids.astype(int)]
        count = np.diff(votes.indptr)
        active = count >= np.quantile(count, 0.75)

        def measure(mode: str, votes: Votes = votes, own: Array = own, active: Array = active) -> str:
            result = analyze(votes, mode=mode)
            loading = np.array(result.axes[0].loadings)
            placed = groups(result) >= 0
            return (
                f"{(loading**2).max():.0%}, k {result.k}, "
                f"{adjusted_rand(own[placed], groups(result)[placed]):.2f}, "
                f"{adjusted_rand(own[placed & active], groups(result)[placed & active]):.2f}"
            )

        yield both(name, measure)


def held_out(args: argparse.Namespace) -> Iterator[str]:
    """Variance of votes left out (10 %) that the means of the groups explain beyond the means of all."""
    for name, votes in conversations(args):
        out = np.random.default_rng(7).random(votes.size) < 0.1
        rest = Votes.from_arrays(votes.rows[~out], votes.indices[~out], votes.values[~out])

        def measure(mode: str, votes: Votes = votes, out: Array = out, rest: Votes = rest) -> str:
            result = analyze(rest, mode=mode)
            label = np.full(votes.shape[0], -1)
            label[rest.participant_ids.astype(int)] = groups(result)
            k, m = max(result.k, 1), votes.shape[1]
            who, what, value = votes.rows, votes.indices, votes.values.astype(float)
            seen = ~out & (label[who] >= 0)
            count = np.bincount(what[seen], minlength=m)
            mean = np.bincount(what[seen], weights=value[seen], minlength=m) / np.maximum(count, 1)
            cell = label[who] * m + what
            own = np.bincount(cell[seen], minlength=k * m).astype(float)
            total = np.bincount(cell[seen], weights=value[seen], minlength=k * m)
            # Drawn to the mean of all by two votes: an empty cell says nothing of its own.
            inside = (total + 2 * np.tile(mean, k)) / (own + 2)
            test = out & (label[who] >= 0)
            error = (value[test] - inside[cell[test]]) ** 2
            return f"{1 - error.sum() / ((value[test] - mean[what[test]]) ** 2).sum():6.1%} (k {result.k})"

        yield both(name, measure)


def order(args: argparse.Namespace) -> Iterator[str]:
    """Agreement of the groups, pair by pair, where the same people stand in other orders: median, worst."""
    for name, votes in conversations(args):
        orders = [np.random.default_rng(i).permutation(votes.shape[0]) for i in range(args.orders)]

        def measure(mode: str, votes: Votes = votes, orders: list[Array] = orders) -> str:
            found = []
            for names in orders:
                renamed = Votes.from_arrays(names[votes.rows], votes.indices, votes.values)
                found.append(groups(analyze(renamed, mode=mode))[names])
            agreement = [adjusted_rand(a, b) for a, b in combinations(found, 2)]
            return f"{np.median(agreement):.2f}, {min(agreement):.2f}"

        yield both(name, measure)


def dropped(args: argparse.Namespace) -> Iterator[str]:
    """Agreement with the groups of all votes where 5 % of the votes are missing: median, worst."""
    for name, votes in conversations(args):

        def measure(mode: str, votes: Votes = votes) -> str:
            full = groups(analyze(votes, mode=mode))
            agreement = []
            for i in range(args.orders):
                kept = np.random.default_rng(i).random(votes.size) >= 0.05
                some = Votes.from_arrays(votes.rows[kept], votes.indices[kept], votes.values[kept])
                label = groups(analyze(some, mode=mode))
                same = full[some.participant_ids.astype(int)]
                both_placed = (label >= 0) & (same >= 0)
                agreement.append(adjusted_rand(label[both_placed], same[both_placed]))
            return f"{np.median(agreement):.2f}, {min(agreement):.2f}"

        yield both(name, measure)


def agreeing(args: argparse.Namespace) -> Iterator[str]:
    """5 % more people who agree with 30 statements each: the others' groups with and without them, and theirs.

    Printed: agreement of the others' groups, number of groups before and after, largest share that they are of a group.
    """
    for name, votes in conversations(args):
        rng = np.random.default_rng(3)
        n, m = votes.shape
        more = max(5, n // 20)
        seen = np.concatenate([rng.choice(m, min(30, m), replace=False) for _ in range(more)])
        rows = np.repeat(np.arange(n, n + more), min(30, m))
        joined = Votes.from_arrays(
            np.r_[votes.rows, rows],
            np.r_[votes.indices, seen],
            np.r_[votes.values, np.ones(seen.size, dtype=int)],
        )

        def measure(mode: str, votes: Votes = votes, joined: Votes = joined, n: int = n) -> str:
            before, after = analyze(votes, mode=mode), analyze(joined, mode=mode)
            placed = (groups(before) >= 0) & (groups(after)[:n] >= 0)
            all_in = np.bincount(groups(after)[groups(after) >= 0], minlength=after.k)
            new = np.bincount(groups(after)[n:][groups(after)[n:] >= 0], minlength=after.k)
            same = adjusted_rand(groups(before)[placed], groups(after)[:n][placed])
            return f"{same:.2f}, k {before.k} to {after.k}, {(new / np.maximum(all_in, 1)).max():.0%}"

        yield both(name, measure)


def minority(args: argparse.Namespace) -> Iterator[str]:
    """A small group that answers a third of the statements the other way round: how well it is found (F1)."""
    tool = load(args.shared / "tools" / "simulate_votes.py")
    for label, others in (
        ("5 % beside one group", 1),
        ("5 % beside four groups", 4),
        ("5 % beside six groups", 6),
    ):
        found: dict[str, list[float]] = {mode: [] for mode in MODES}
        for seed in range(max(2, args.orders // 2)):
            rng = np.random.default_rng(100 + seed)
            m = 200
            group = np.where(rng.random(4000) < 0.05, others, rng.integers(0, others, 4000))
            stance = rng.normal(0, 0.6, m) + rng.normal(0, 1.0, (others + 1, m)) * (others > 1)
            turn = np.where(rng.random(m) < 1 / 3, rng.choice([-3.0, 3.0], m), 0)
            stance[others] = stance[0] + turn
            rows, columns, values, truth = tool.positions(4000, m, 100, group, stance, rng)
            votes = Votes.from_arrays(rows, columns, values)
            small = np.asarray(truth)[votes.participant_ids.astype(int)] == others
            for mode in MODES:
                result = analyze(votes, mode=mode, seed=seed)
                scores = [
                    2 * (small & (groups(result) == g)).sum() / (small.sum() + (groups(result) == g).sum())
                    for g in range(result.k)
                ]
                found[mode].append(max(scores))
        yield both(label, lambda mode, found=found: f"{np.median(found[mode]):.2f}")


def divisive(args: argparse.Namespace) -> Iterator[str]:
    """Ten most divisive statements: median share of the smaller side among those who took one.

    By extremity on the map (what Polis shows) beside the difference between groups: a small share is near-consensus.
    """
    for name, votes in conversations(args):
        by_difference = analyze(votes)
        by_extremity = analyze(votes, mode="polis")
        axes = np.array([axis.loadings for axis in by_extremity.axes])
        mean = np.bincount(votes.indices, weights=votes.values, minlength=votes.shape[1]) / np.maximum(
            np.bincount(votes.indices, minlength=votes.shape[1]), 1
        )
        extremity = np.sqrt((axes**2).sum(axis=0)) * (1 - np.abs(mean) * 0)
        counts = np.array([(s.agree, s.disagree) for s in by_difference.statements], dtype=float)
        smaller = counts.min(axis=1) / np.maximum(counts.sum(axis=1), 1)
        division = [f.statements[0] for f in by_difference.findings_of("division")[:10]]
        ids = votes.statement_ids.tolist()
        ours = [smaller[ids.index(s)] for s in division]
        theirs = smaller[np.argsort(-extremity)[:10]]
        shown = f"{np.median(ours):.0%} ({len(ours)} found)" if ours else "none found"
        yield f"{name:42} by difference {shown}   by extremity {np.median(theirs):.0%}"


def consensus(args: argparse.Namespace) -> Iterator[str]:
    """Ten statements of the highest consensus: fewest votes of a group on one of them, and the median."""
    for name, votes in conversations(args):

        def measure(mode: str, votes: Votes = votes) -> str:
            result = analyze(votes, mode=mode)
            ranked = sorted(result.statements, key=lambda s: -s.consensus)[:10]
            fewest = [min(g.agree + g.disagree + g.pass_ for g in s.per_group) for s in ranked]
            return f"{min(fewest)}, {np.median(fewest):.0f} (k {result.k})"

        yield both(name, measure)


TABLES: dict[str, Callable[[argparse.Namespace], Iterator[str]]] = {
    "sparse": sparse,
    "held-out": held_out,
    "order": order,
    "dropped": dropped,
    "agreeing": agreeing,
    "minority": minority,
    "divisive": divisive,
    "consensus": consensus,
}


if __name__ == "__main__":
    main()
