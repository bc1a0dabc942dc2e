#!/usr/bin/env python3
"""Whether hidden counts can be found again, how long hiding takes, and what publishing the votes beside a lens tells.

    python bench/suppression.py [--tables 60] [--statements 200] [--people 300]

1. Random tables of 6 × 4 counts with published totals: in how many a small count follows exactly from what is shown,
   if small cells alone are hidden, and as `opinion.suppression` hides. Ranges by linear programming.
2. CPU time of a whole lens: three simulated attributes on a conversation with opinion groups.
3. An attack that hiding small counts does not stop: the rows of votes are public, an attribute without any connection
   to opinions is guessed for each person from the counts that the lens shows, by least squares between 0 and 1. Where
   counts are few the guesses are right half the time; where they are many, nearly always.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import time
from typing import Any

import numpy as np
import scipy
from scipy.optimize import lsq_linear
from scipy.sparse import csr_array

from opinion import Attributes, Votes, analyze, make_lens
from opinion.suppression import audit, suppress


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tables", type=int, default=60)
    parser.add_argument("--statements", type=int, default=200)
    parser.add_argument("--people", type=int, default=300, help="of the attack with public votes")
    args = parser.parse_args()
    print(f"Python {platform.python_version()}, numpy {np.__version__}, scipy {scipy.__version__}")
    random_tables(args.tables)
    whole_lens(args.statements)
    public_votes(args.people)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\nPeak memory {peak:.0f} MiB, load {os.getloadavg()[0]:.1f}")


def random_tables(count: int) -> None:
    rng = np.random.default_rng(11)
    naive = ours = hidden = small = 0
    choosing, checking = [], []
    for _ in range(count):
        table = rng.negative_binomial(1, 0.06, (6, 4))
        start = time.process_time()
        made = suppress(table)
        choosing.append(time.process_time() - start)
        start = time.process_time()
        low, high = audit(table, made.hidden)
        checking.append(time.process_time() - start)
        ours += bool(np.any((high - low)[made.sensitive] < 1 - 1e-6))
        low, high = audit(table, made.sensitive)
        naive += bool(np.any((high - low)[made.sensitive] < 1 - 1e-6))
        small, hidden = small + made.primary, hidden + int(made.hidden.sum())
    print(
        f"\n{count} random 6 × 4 tables, totals published, threshold 5, {small / count:.1f} small counts a table"
    )
    print(f"  hiding small cells alone leaves {naive} of {count} recoverable; ours {ours}")
    print(
        f"  ours hides {hidden / count:.1f} cells a table; CPU a table, median: choosing {np.median(choosing):.4f} s, "
        f"audit by linear programming {np.median(checking):.4f} s"
    )


def conversation(n: int, m: int, fill: float, groups: int, rng: np.random.Generator) -> tuple[Votes, Any]:
    group = rng.integers(0, groups, n)
    stance = rng.normal(0, 0.5, m) + rng.normal(0, 2.0, (groups, m)) * (groups > 1)
    row, column = np.nonzero(rng.random((n, m)) < fill)
    agree = rng.random(row.size) < 1 / (1 + np.exp(-stance[group[row], column]))
    value = np.where(rng.random(row.size) < 0.1, 0, np.where(agree, 1, -1))
    votes = Votes.from_arrays(row, column, value)
    return votes, group[votes.participant_ids.astype(int)]


def whole_lens(statements: int) -> None:
    print(
        f"\nA lens on {statements} statements, 3 attributes of 4, 6 and 3 groups and those who said nothing"
    )
    print(
        f"  {'people':>7} {'votes':>8} {'k':>2} {'analysis':>9} {'lens':>8} {'counts':>7} {'small':>6} {'others':>7}"
    )
    for n, fill, groups in ((300, 0.3, 2), (2000, 0.05, 4), (2000, 0.3, 1), (10_000, 0.3, 3)):
        rng = np.random.default_rng(5)
        votes, group = conversation(n, statements, fill, groups, rng)
        columns = {}
        for name, size in (("age", 4), ("region", 6), ("sex", 3)):
            place = np.where(rng.random(group.size) < 0.3, group % size, rng.integers(0, size, group.size))
            silent = rng.random(group.size) < 0.1
            columns[name] = [None if s else f"{name} {c}" for c, s in zip(place, silent, strict=True)]
        start = time.process_time()
        result = analyze(votes)
        between = time.process_time()
        lens = make_lens(votes, Attributes.from_columns(columns), result)
        end = time.process_time()
        reports = [attribute.suppression for attribute in lens.attributes]
        if any(report.recoverable for report in reports):
            raise SystemExit("a hidden count can be found")
        print(
            f"  {n:7,} {votes.size:8,} {result.k:2} {between - start:7.2f} s {end - between:6.2f} s "
            f"{sum(r.cells for r in reports):7,} {sum(r.primary for r in reports):6,} "
            f"{sum(r.complementary for r in reports):7,}"
        )


def public_votes(n: int) -> None:
    print(
        f"\nVotes public beside the lens: {n} people, an attribute of two that has nothing to do with opinions"
    )
    print(f"  {'statements':>10} {'shown per person':>17} {'guessed right':>14}")
    for m in (5, 10, 20, 40, 80, 160):
        rng = np.random.default_rng(3)
        votes, _ = conversation(n, m, 0.7, 1, rng)
        truth = rng.integers(0, 2, votes.shape[0])
        people = Attributes.from_columns({"sex": [("f", "m")[i] for i in truth]})
        seen = make_lens(votes, people, analyze(votes)).attributes[0]
        guess = decode(votes, seen)
        print(f"  {m:10} {seen.counts_per_person:17.2f} {100 * (guess == truth).mean():12.0f} %")


def decode(votes: Votes, seen: Any) -> Any:
    """Who is in the second category, from the counts of the lens and the rows of votes."""
    key = votes.indices.astype(np.int64) * 3 + votes.values + 1
    masks = csr_array((np.ones(key.size), (key, votes.rows)), shape=(3 * votes.shape[1], votes.shape[0]))
    known, counts = [], []
    for s, statement in enumerate(seen.statements):
        own = statement.categories[1]
        for v, count in enumerate((own.disagree, own.pass_, own.agree)):
            if count is not None:
                known.append(3 * s + v)
                counts.append(count)
    system = np.vstack([masks[known].toarray(), np.ones((1, votes.shape[0]))])
    target = np.array([*counts, seen.categories[1].people], dtype=float)
    return (lsq_linear(system, target, bounds=(0, 1)).x > 0.5).astype(int)


if __name__ == "__main__":
    main()
