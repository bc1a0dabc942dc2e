#!/usr/bin/env python3
"""How often the engine finds the groups that are there, and none where none are.

    python bench/opinion_groups.py [--runs 200] [--tools ../shared/tools]

Simulated conversations come from ``simulate_votes.py`` in the folder of tools. Prints one line for each kind: how often
each number of groups was declared, the median agreement with the truth (adjusted Rand) of the default mode, of k-means
on its axes, of the compatible mode and of a mixture that was started from the truth (what is possible), the share of
people classified rightly beside their mean confidence, and the median CPU seconds. Kinds with groups run a quarter of
the times, at most 50; the slower comparisons five times.
"""

from __future__ import annotations

import argparse
import importlib.util
import time
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from opinion import Votes, analyze
from opinion.axes import fit_axes, project
from opinion.groups import adjusted_rand, best_match, kmeans
from opinion.mixture import fit_mixture, make_ballots

Array = np.ndarray[Any, np.dtype[Any]]

CASES = (
    ("no groups, 10 votes each", "planted", 2000, 120, 10, 1),
    ("no groups, 40 votes each", "planted", 2000, 120, 40, 1),
    ("no groups, 80 votes each", "planted", 2000, 120, 80, 1),
    ("no groups, 200 people", "planted", 200, 50, 30, 1),
    ("minority of 5 %", "minority", 5000, 200, 120, 0.05),
    ("three groups, 50 votes each", "planted", 4000, 200, 50, 3),
    ("three groups, 60 votes each", "planted", 3000, 150, 60, 3),
    ("three groups, 20 votes each", "planted", 2000, 120, 20, 3),
    ("seven groups, 70 votes each", "planted", 4000, 150, 70, 7),
)
COMPARED = 5


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument(
        "--tools", type=Path, default=Path(__file__).resolve().parents[2] / "shared" / "tools"
    )
    args = parser.parse_args()
    tool = load(args.tools / "simulate_votes.py")
    for name, kind, n, m, per, last in CASES:
        declared: Counter[int] = Counter()
        figures: dict[str, list[float]] = {}
        for seed in range(args.runs if last == 1 else max(1, min(50, args.runs // 4))):
            # The seed of the issue first, so that its figure is among them.
            rng = np.random.default_rng(11 if seed == 0 else 1000 + seed)
            rows, columns, values, truth = getattr(tool, kind)(n, m, per, last, rng)
            votes = Votes.from_arrays(rows, columns, values)
            own = np.asarray(truth)[votes.participant_ids.astype(int)]
            found = measure(votes, own, seed, slow=last != 1 and seed < COMPARED)
            declared[int(found.pop("k"))] += 1
            for key, value in found.items():
                figures.setdefault(key, []).append(value)
        spread = ", ".join(f"{k} groups in {count}" for k, count in sorted(declared.items()))
        rest = ", ".join(f"{key} {np.median(value):.3f}" for key, value in figures.items())
        print(f"{name:28} {spread:20} {rest}", flush=True)


def measure(votes: Votes, truth: Array, seed: int, *, slow: bool) -> dict[str, float]:
    """Figures of one conversation."""
    start = time.process_time()
    result = analyze(votes, seed=seed)
    seconds = time.process_time() - start
    found: dict[str, float] = {"k": result.k}
    placed = result.participants.group >= 0
    group = result.participants.group
    if truth.max() > 0:
        found["agreement"] = adjusted_rand(truth[placed], group[placed])
    if truth.max() > 0 and result.k == truth.max() + 1:
        overlap = np.zeros((result.k, result.k))
        np.add.at(overlap, (group[placed], truth[placed]), 1)
        found["right"] = overlap[np.arange(result.k), best_match(overlap)].sum() / placed.sum()
        found["confidence"] = float(result.participants.confidence[placed].mean())
    if slow:
        k = int(truth.max()) + 1
        ballots = make_ballots(votes)
        possible = fit_mixture(ballots, np.eye(k)[truth]).membership.argmax(axis=1)
        found["possible"] = adjusted_rand(truth, possible)
        loadings, _ = fit_axes(ballots.sides, ballots.rate, max(2, k - 1))
        places = project(ballots.sides, ballots.rate, loadings)
        found["k-means"] = adjusted_rand(truth, kmeans(places, k, np.random.default_rng(seed)))
        polis = analyze(votes, mode="polis").participants.group
        found["compatible"] = adjusted_rand(truth[polis >= 0], polis[polis >= 0])
    return found | {"CPU s": seconds}


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("simulate_votes", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise SystemExit(f"{path} is not there; --tools says where it is")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main()
