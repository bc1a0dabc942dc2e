#!/usr/bin/env python3
"""How often the engine finds the groups that are there, and none where none are.

    python bench/opinion_groups.py [--runs 20] [--tools ../shared/tools]

Simulated conversations come from ``simulate_votes.py`` in the folder of tools. Prints one line for each kind: how often
each number of groups was declared, the median agreement with the truth (adjusted Rand), the median CPU seconds.
"""

from __future__ import annotations

import argparse
import importlib.util
import time
from collections import Counter
from pathlib import Path
from types import ModuleType

import numpy as np

from opinion import Votes, analyze
from opinion.groups import adjusted_rand

CASES = (
    ("no groups, 10 votes each", "planted", 2000, 120, 10, 1),
    ("no groups, 40 votes each", "planted", 2000, 120, 40, 1),
    ("no groups, 80 votes each", "planted", 2000, 120, 80, 1),
    ("no groups, 200 people", "planted", 200, 50, 30, 1),
    ("three groups, 50 votes each", "planted", 4000, 200, 50, 3),
    ("three groups, 60 votes each", "planted", 3000, 150, 60, 3),
    ("minority of 5 %", "minority", 5000, 200, 120, 0.05),
)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument(
        "--tools", type=Path, default=Path(__file__).resolve().parents[2] / "shared" / "tools"
    )
    args = parser.parse_args()
    tool = load(args.tools / "simulate_votes.py")
    for name, kind, n, m, per, last in CASES:
        declared: Counter[int] = Counter()
        agreement, seconds = [], []
        for seed in range(args.runs):
            rows, columns, values, truth = getattr(tool, kind)(
                n, m, per, last, np.random.default_rng(1000 + seed)
            )
            votes = Votes.from_arrays(rows, columns, values)
            start = time.process_time()
            result = analyze(votes, seed=seed)
            seconds.append(time.process_time() - start)
            declared[result.k] += 1
            placed = result.participants.group >= 0
            own = np.asarray(truth)[votes.participant_ids.astype(int)]
            agreement.append(adjusted_rand(own[placed], result.participants.group[placed]))
        found = ", ".join(f"{k} groups in {count}" for k, count in sorted(declared.items()))
        print(
            f"{name:30} {found:32} agreement {np.median(agreement):.3f}  CPU {np.median(seconds):.2f} s",
            flush=True,
        )


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("simulate_votes", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise SystemExit(f"{path} is not there; --tools says where it is")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main()
