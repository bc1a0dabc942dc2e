#!/usr/bin/env python3
"""What one vote costs in a running analysis, by the number of people.

    python bench/running.py [--sizes 1000 100000 1000000] [--statements 2000] [--updates 5000]

Conversations are made here: three groups, about 20 votes a person. For each size the running analysis starts from a
full one; then votes are folded in one by one: of people who are there, of new people, changed and taken back, and on
new statements. Prints the median, the 99th and the 100th percentile of the CPU time of one vote and the median of its
wall time, what the start, the state and its reading back take, and whether the counts equal those of a batch over the
same votes.
"""

from __future__ import annotations

import argparse
import gc
import platform
import resource
import time

import numpy as np

from opinion import ENGINE_VERSION, Votes, analyze
from opinion.frozen import place_people
from opinion.running import Running
from opinion.tallies import tally

PER_PERSON = 20


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 100_000, 1_000_000])
    parser.add_argument("--statements", type=int, default=2_000)
    parser.add_argument("--updates", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    print(f"opinion {ENGINE_VERSION}, numpy {np.__version__}, Python {platform.python_version()}")
    for people in args.sizes:
        measure(people, args.statements, args.updates, np.random.default_rng(args.seed))


def measure(people: int, statements: int, updates: int, rng: np.random.Generator) -> None:
    chance = rng.beta(2, 2, (3, statements))
    votes = make(people, statements, chance, rng)
    start = time.process_time()
    result = analyze(votes)
    full = time.process_time() - start
    start = time.process_time()
    running = Running.start(votes, result)
    begun = time.process_time() - start
    print(
        f"\n{people:,} people × {statements:,} statements, {votes.size:,} votes, {result.k} groups; "
        f"full run {full:.2f} CPU s, start {begun:.2f} CPU s"
    )
    for kind, rows in streams(people, statements, updates, rng).items():
        wall, cpu = [], []
        gc.collect()
        for person, statement, value in rows:
            before, at = time.perf_counter_ns(), time.thread_time_ns()
            running.update(person, statement, value)
            cpu.append(time.thread_time_ns() - at)
            wall.append(time.perf_counter_ns() - before)
        middle, high, most = np.percentile(np.array(cpu) / 1e6, [50, 99, 100])
        print(
            f"  {kind:24} CPU median {middle:.3f} ms  p99 {high:.3f} ms  most {most:.3f} ms; "
            f"wall median {np.median(wall) / 1e6:.3f} ms"
        )
    report(running)


def streams(
    people: int, statements: int, updates: int, rng: np.random.Generator
) -> dict[str, list[tuple[str, str, int | None]]]:
    """Votes to fold in, by kind."""

    def rows(
        first: int, last: int, names: list[str], values: list[int | None]
    ) -> list[tuple[str, str, int | None]]:
        who = rng.integers(first, last, updates).tolist()
        what, how = (
            rng.integers(0, len(names), updates).tolist(),
            rng.integers(0, len(values), updates).tolist(),
        )
        return [(str(p), names[s], values[v]) for p, s, v in zip(who, what, how, strict=True)]

    known = [str(s) for s in range(statements)]
    return {
        "people who are there": rows(0, people, known, [-1, 0, 1]),
        "new people": rows(people, people + max(updates // 5, 1), known, [-1, 0, 1]),
        "changed and taken back": rows(0, min(people, 200), known[:50], [-1, 0, 1, None]),
        "on new statements": rows(0, people, [f"new {s}" for s in range(200)], [-1, 0, 1]),
    }


def report(running: Running) -> None:
    start = time.process_time()
    running.snapshot()
    shown = time.process_time() - start
    start = time.process_time()
    data = running.to_bytes()
    kept = time.process_time() - start
    start = time.process_time()
    again = Running.from_bytes(data)
    back = time.process_time() - start
    votes, people = again.votes(), again.participants()
    total, groups = running.tallies()
    order = [running.statement_ids.index(name) for name in votes.statement_ids.tolist()]
    same = np.array_equal(groups[:, order], tally(votes, people.group, running.k)) and np.array_equal(
        total[order], tally(votes, np.zeros(votes.shape[0], dtype=np.int8), 1)[0]
    )
    apart = 0.0
    if running.model is not None:
        _, _, x, y = place_people(votes, running.model)
        apart = max(float(np.abs(x - people.x).max()), float(np.abs(y - people.y).max()))
    age = running.age()
    print(
        f"  snapshot {shown * 1e3:.0f} CPU ms; state {len(data) / 1e6:.1f} MB, "
        f"written {kept:.2f}, read {back:.2f} CPU s\n"
        f"  counts equal to the batch's: {'yes' if same else 'NO'}; places differ by at most {apart:.1e}\n"
        f"  age: {age.share_of_votes:.1%} of votes, {age.share_of_people:.1%} of people, due: {age.due}; "
        f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB",
        flush=True,
    )


def make(people: int, statements: int, chance: np.ndarray, rng: np.random.Generator) -> Votes:
    row = np.repeat(np.arange(people), PER_PERSON)
    column = rng.integers(0, statements, row.size)
    group = rng.integers(0, 3, people)
    agree = rng.random(row.size) < chance[group[row], column]
    value = np.where(rng.random(row.size) < 0.12, 0, np.where(agree, 1, -1))
    return Votes.from_arrays(row, column, value)


if __name__ == "__main__":
    main()
