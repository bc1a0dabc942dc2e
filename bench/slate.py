#!/usr/bin/env python3
"""The slate beside abcvoting: the same committees, and what they cost; and what a shortlist is worth.

    pip install abcvoting
    PYTHONPATH=src python bench/slate.py [--instances FOLDER] [--runs 3] [--large VOTES.csv] [--worlds 10]

``--instances`` is the folder ``tests/test_instances`` of abcvoting's source: elections as ``*.abc.yaml`` with the
committees of its rules. Each is chosen anew by both, abcvoting in fractions, and counted as equal only if the very
committee is the same. ``--large`` measures the engine alone on a file of votes. Prints medians of CPU seconds.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import re
import resource
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from opinion import Votes, analyze
from opinion.approvals import Approvals
from opinion.exposure import exposure
from opinion.intervals import wilson
from opinion.justified import check_ejr_plus
from opinion.proportional import equal_shares, phragmen, sequential_pav
from opinion.shortlist import shortlist
from opinion.slate import slate

RULES = {"equal-shares": "equal shares", "seqphragmen": "Phragmén", "seqpav": "sequential PAV"}
Committee = list[int]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--instances", type=Path, help="abcvoting's tests/test_instances")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--large", type=Path, help="a file of votes")
    parser.add_argument("--worlds", type=int, default=10, help="simulated conversations for the shortlist")
    args = parser.parse_args()
    versions = {name: installed(name) for name in ("numpy", "scipy", "abcvoting")}
    print(f"Python {platform.python_version()}, {versions}, load {os.getloadavg()[0]:.1f}", flush=True)
    if args.instances is not None:
        compare_instances(args.instances)
    compare_speed(args.runs)
    if args.large is not None:
        measure_large(args.large)
    compare_shortlists(args.worlds)


def installed(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def choose(rule: str, approvals: Approvals, k: int) -> Committee:
    """What the engine chooses, in order."""
    if rule == "seqpav":
        return [one.statement for one in sequential_pav(approvals, k)]
    bought, left = equal_shares(approvals, k) if rule == "equal-shares" else ((), None)
    return [one.statement for one in bought + phragmen(approvals, k, start=bought, left=left)]


def choose_peer(rule: str, profile: Any, k: int, algorithm: str = "standard-fractions") -> Committee:
    from abcvoting import abcrules

    if rule == "seqpav":
        algorithm = "standard"
    (committee,) = abcrules.compute(rule, profile, k, algorithm=algorithm, resolute=True)
    return sorted(committee)


def as_profile(ballots: list[list[int]], m: int) -> Any:
    from abcvoting.preferences import Profile

    profile = Profile(m)
    profile.add_voters(ballots)
    return profile


# The same committees


def compare_instances(folder: Path) -> None:
    """The public elections, each with both; the check of EJR+ on chosen and on arbitrary committees."""
    from abcvoting import properties

    files = sorted(folder.glob("*.abc.yaml"))
    count: Counter[tuple[str, str]] = Counter()
    rng = np.random.default_rng(0)
    filled = 0
    for path in files:
        ballots, m, k, stored = read_instance(path)
        approvals = Approvals.from_ballots(ballots, range(m), everyone=True)
        profile = as_profile(ballots, m)
        for rule in RULES:
            own = choose(rule, approvals, k)
            # The engine never chooses what nobody approves of; abcvoting fills up with it.
            spare = [c for c in range(m) if c not in own][: k - len(own)]
            filled += bool(spare) and rule == "seqpav"
            equal = sorted(own + spare) == choose_peer(rule, profile, k)
            count[rule, "equal" if equal else "UNEQUAL"] += 1
            if rule in stored:
                count[rule, "among the stored" if sorted(own + spare) in stored[rule] else "NOT STORED"] += 1
        for committee in (
            choose("equal-shares", approvals, k),
            *rng.permuted(np.tile(np.arange(m), (3, 1)), axis=1),
        ):
            chosen = [int(c) for c in committee[:k]]
            if len(chosen) == k:
                verdicts = (
                    check_ejr_plus(approvals, chosen, k).satisfied,
                    properties.check_EJR_plus(profile, chosen),
                )
                count["EJR+", "equal" if verdicts[0] == verdicts[1] else "UNEQUAL"] += 1
                count["EJR+", f"of them {'satisfied' if verdicts[0] else 'violated'}"] += 1
    print(
        f"\n{len(files)} public elections of abcvoting, its rules in fractions"
        f" ({filled} filled up with what nobody approves)"
    )
    for name in [*RULES, "EJR+"]:
        found = ", ".join(f"{times} {what}" for (rule, what), times in sorted(count.items()) if rule == name)
        print(f"  {RULES.get(name, 'check of EJR+'):15} {found}", flush=True)


def read_instance(path: Path) -> tuple[list[list[int]], int, int, dict[str, list[Committee]]]:
    """Ballots, statements, k, and all committees that win by each rule."""
    text = path.read_text("utf-8")

    def number(name: str) -> int:
        return int(re.search(rf"^{name}: (\d+)", text, re.MULTILINE)[1])  # type: ignore[index]

    ballots = json.loads(re.search(r"^profile: (\[.*?\])\n\w", text, re.MULTILINE | re.DOTALL)[1])  # type: ignore[index]
    stored = {
        rule: [sorted(one) for one in json.loads(result)]
        for rule, result in re.findall(
            r"^- rule_id: (\S+)\n  result: ([\[\]\d,\s]*\])\n  resolute: false", text, re.MULTILINE
        )
        if rule in RULES
    }
    return ballots, number("num_cand"), number("committeesize"), stored


# What it costs


def compare_speed(runs: int, n: int = 10_000, m: int = 200, k: int = 10) -> None:
    """Ten of 200 statements for 10,000 people, ballots to committee."""
    print(f"\n{k} of {m} statements for {n:,} people, CPU seconds (median of {runs})")
    for name, agrees in (
        ("four camps", four_camps(n, m, np.random.default_rng(1))[0]),
        ("no structure, 30 % agree", np.random.default_rng(1).random((n, m)) < 0.3),
    ):
        row, column = np.nonzero(agrees)
        votes = Votes.from_arrays(row, column, np.ones(row.size, dtype=np.int8))
        ballots = [np.flatnonzero(ballot).tolist() for ballot in agrees]
        peer = as_profile(ballots, m) if installed("abcvoting") != "not installed" else None
        print(f" {name} ({row.size:,} agrees)")
        for rule, title in RULES.items():
            own_seconds: list[float] = []
            peer_seconds: list[float] = []
            for _ in range(runs):
                own = timed(own_seconds, choose_from_votes, rule, votes, k)
                if peer is not None:
                    other = timed(peer_seconds, choose_peer, rule, peer, k, "float-fractions")
            line = f"  {title:15} {np.median(own_seconds):.4f}"
            if peer is not None:
                theirs = float(np.median(peer_seconds))
                ratio = theirs / float(np.median(own_seconds))
                same = "equal" if sorted(own) == other else "UNEQUAL"
                line += f"   abcvoting in floats {theirs:.2f} ({ratio:.0f} times), {same}"
            print(line, flush=True)
        whole: list[float] = []
        for _ in range(runs):
            timed(whole, slate, votes, k)
        print(f"  {'whole section':15} {np.median(whole):.4f}   second opinion, coverage and check included")


def choose_from_votes(rule: str, votes: Votes, k: int) -> Committee:
    return choose(rule, Approvals.from_votes(votes), k)


def timed(into: list[float], work: Callable[..., Any], *arguments: Any) -> Any:
    start = time.process_time()
    result = work(*arguments)
    into.append(time.process_time() - start)
    return result


def measure_large(path: Path) -> None:
    votes = Votes.from_csv(path)
    print(f"\n{votes}; before: peak {peak()} MiB")
    for title, work in (
        ("slate of 10", lambda: slate(votes, 10)),
        ("slate of 50", lambda: slate(votes, 50)),
        ("exposure", lambda: exposure(votes)),
        ("shortlist of 30", lambda: shortlist(votes, 30)),
    ):
        seconds: list[float] = []
        timed(seconds, work)
        print(f"  {title:15} {seconds[0]:.2f} CPU s, peak so far {peak()} MiB", flush=True)


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


# What a shortlist is worth


def four_camps(n: int, m: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Everybody's opinion of everything: four camps, each with statements of its own, and few that all share."""
    sizes = np.array([0.5, 0.25, 0.15, 0.1])
    camp = rng.choice(4, n, p=sizes)
    own = rng.choice(4, m, p=sizes**0.7 / np.sum(sizes**0.7))
    chance = np.full((4, m), 0.06)
    chance[own, np.arange(m)] = np.clip(rng.normal(0.7, 0.12, m), 0.3, 0.97)
    shared = rng.random(m) < 0.02
    chance[:, shared] = rng.uniform(0.3, 0.7, (4, int(shared.sum())))
    return rng.random((n, m)) < chance[camp], camp


def compare_shortlists(worlds: int, n: int = 2000, m: int = 200, size: int = 30, k: int = 10) -> None:
    """Conversations in which statements are seen unequally; every slate is judged by everybody's opinion of all."""
    for per_person, skew in ((15, 1.0), (10, 1.5)):
        figures: dict[str, list[list[float]]] = defaultdict(list)
        for seed in range(worlds):
            rng = np.random.default_rng(seed)
            agrees, camp = four_camps(n, m, rng)
            wish = rng.gumbel(size=(n, m)) + rng.normal(0, skew, m)
            saw = wish.argsort(axis=1).argsort(axis=1) >= m - rng.poisson(per_person, n).clip(3, m)[:, None]
            row, column = np.nonzero(saw)
            votes = Votes.from_arrays(
                row, column, np.where(agrees[row, column], 1, -1), statement_ids=[str(c) for c in range(m)]
            )
            for name, chosen in slates(votes, agrees, size, k, seed).items():
                figures[name].append(judge(agrees, camp, chosen, k))
        print(
            f"\n{worlds} conversations of {n:,} people in four camps (50, 25, 15, 10 %), {m} statements, {per_person}"
            f" seen each, spread of exposure {skew} on the log scale; slate of {k}, shortlist of {size}\n"
            f"  {'chosen from':58} covered   agreed with   least of a camp   nearest claim"
        )
        for name, values in figures.items():
            covered, agreed, least, claim = np.mean(values, axis=0)
            print(f"  {name:58} {100 * covered:5.1f} %   {agreed:11.2f}   {least:15.2f}   {claim:13.2f}")


def slates(votes: Votes, agrees: np.ndarray, size: int, k: int, seed: int) -> dict[str, Committee]:
    approvals = Approvals.from_votes(votes)
    cast = np.bincount(votes.indices, minlength=votes.shape[1])
    found = {
        "everybody's opinion of everything": list(range(votes.shape[1])),
        "a final round on the shortlist": [int(c) for c in shortlist(votes, size).ids],
        "a final round on the shortlist with the groups found": [
            int(c) for c in shortlist(votes, size, groups=analyze(votes, seed=seed).participants.group).ids
        ],
        "a final round on the highest lower bounds": top(wilson(approvals.counts, cast)[0], size),
        "a final round on the most agrees": top(approvals.counts, size),
        "a final round on a slate of that size from the votes": [int(c) for c in slate(votes, size).ids],
    }
    chosen = {name: final(agrees, sorted(places), k) for name, places in found.items()}
    chosen["no final round: the votes as cast"] = [int(c) for c in slate(votes, k).ids]
    chosen["no final round: the first ten of the shortlist"] = [int(c) for c in shortlist(votes, k).ids]
    return chosen


def top(score: np.ndarray, size: int) -> Committee:
    return [int(c) for c in np.argsort(-score, kind="stable")[:size]]


def final(agrees: np.ndarray, places: Committee, k: int) -> Committee:
    """The slate when everybody votes on these statements."""
    ballots = [np.flatnonzero(ballot).tolist() for ballot in agrees[:, places]]
    return [int(c) for c in slate(Approvals.from_ballots(ballots, places), k).ids]


def judge(agrees: np.ndarray, camp: np.ndarray, chosen: Committee, k: int) -> list[float]:
    """Share covered, statements agreed with, the same in the camp that has least, nearest claim (1 is a violation)."""
    happy = agrees[:, chosen].sum(axis=1)
    ballots = [np.flatnonzero(ballot).tolist() for ballot in agrees]
    claim = check_ejr_plus(Approvals.from_ballots(ballots, range(agrees.shape[1])), chosen, k).closest
    return [
        float((happy > 0).mean()),
        float(happy.mean()),
        min(float(happy[camp == one].mean()) for one in np.unique(camp)),
        claim.people / claim.needed if claim else 0.0,
    ]


if __name__ == "__main__":
    main()
