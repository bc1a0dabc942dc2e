#!/usr/bin/env python3
"""Campaigns planted into real conversations: what is found, who is wrongly flagged, how far the results move.

    python bench/attack.py [--shared ../shared] [--conversations vtaiwan,brexit] [--shares 1,5,20] [--kinds identical]

Into each conversation coordinated participants are planted, 1 to 20 % of all, of seven kinds. One line for each
conversation, kind and share (the median over ``--runs`` seeds):

    found     planted participants flagged, in % of them
    genuine   genuine participants flagged, in % of them (wanted: at most 1)
    default, polis: the analysis of the attacked votes against that of the untouched ones → the analysis without the
              flagged against that of the untouched votes without those who are flagged there already:
      groups  adjusted Rand index of the groups of the genuine participants
      finds   Jaccard index of consensus and representative statements
    shift     largest change of a statement's rate of agreement, in points (statements of 30 votes and more)

The planted ones are found or not whatever the mode. Where detection fails, the line says "missed".
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import scipy

from opinion import ENGINE_VERSION, Result, Votes, analyze
from opinion.groups import adjusted_rand
from opinion.integrity import find_signals, read_times
from opinion.integrity.compare import without

NAMES = "15-per-hour,brexit,canadian,hivemind.ubi,vtaiwan,bowling-green"
KINDS = {
    "identical": "one ballot with a person's rates of agreeing, the same for all, within half an hour",
    "drip": "the same, spread evenly over the whole time",
    "noisy": "the same ballot with 10 % of the votes turned and 10 % left out",
    "noisy-drip": "the same, spread evenly",
    "all-agree": "agree to everything, each on statements of her own, within half an hour",
    "short-push": "one to three votes of one side, one of them on the statement pushed, within half an hour",
    "sincere-push": "votes as a member of a real group does, but on the statement pushed, within half an hour",
}
HALF_HOUR = 1_800_000
Planted = list[tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    default = os.environ.get("PLENARY_SHARED", str(Path(__file__).resolve().parents[2] / "shared"))
    parser.add_argument("--shared", type=Path, default=Path(default))
    parser.add_argument("--conversations", default=NAMES, help="parts of their names, separated by commas")
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--shares", default="1,2,5,10,20", help="percent of all participants")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument(
        "--clean-only", action="store_true", help="only conversations without an attack, all of them"
    )
    parser.add_argument("--no-polis", action="store_true")
    args = parser.parse_args()
    print(
        f"opinion {ENGINE_VERSION}, numpy {np.__version__}, scipy {scipy.__version__}, "
        f"Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}"
    )
    folder = args.shared / "data" / "conversations"
    if not folder.is_dir():
        raise SystemExit(f"{folder} is not there; --shared says where it is")
    print_untouched(folder)
    if args.clean_only:
        return
    print("\nAttacks: " + "".join(f"\n  {kind}: {text}" for kind, text in KINDS.items()) + "\n")
    modes = ("plenary",) if args.no_polis else ("plenary", "polis")
    head = "".join(f" {'default' if mode == 'plenary' else mode:>11} groups finds     " for mode in modes)
    print(f"{'conversation':14} {'attack':12} {'share':>5} {'found':>6} {'genuine':>7} {head} shift")
    for name in args.conversations.split(","):
        for path in sorted(folder.glob(f"*{name}*/tidy/votes.csv")):
            measure(path, args, modes)


def print_untouched(folder: Path) -> None:
    print("\nNo attack: participants flagged (they may be real campaigns, or one person several times)\n")
    print(
        f"{'conversation':24} {'people':>7} {'votes':>8} {'times':>5} {'flagged':>7} {'share':>7} {'CPU s':>6}"
    )
    for path in sorted(folder.glob("*/tidy/votes.csv")):
        votes = Votes.from_csv(path)
        result, times = analyze(votes), read_times(path, votes)
        start = time.process_time()
        found = find_signals(votes, result, times, compare=False)
        seconds = time.process_time() - start
        print(
            f"{path.parts[-3][:24]:24} {votes.shape[0]:7,} {votes.size:8,} {'yes' if times is not None else 'no':>5} "
            f"{len(found.flagged):7} {100 * found.share:6.2f}% {seconds:6.2f}",
            flush=True,
        )


def measure(path: Path, args: argparse.Namespace, modes: tuple[str, ...]) -> None:
    votes = Votes.from_csv(path)
    times = read_times(path, votes)
    clean = {mode: analyze(votes, mode=mode) for mode in modes}
    already = find_signals(votes, clean["plenary"], times, compare=False).flagged
    tidy = without(votes, already)
    clean |= {f"{mode} tidy": analyze(tidy, mode=mode) if already else clean[mode] for mode in modes}
    for kind in args.kinds.split(","):
        for share in args.shares.split(","):
            rows = [
                attack(votes, times, tidy, clean, kind, float(share) / 100, np.random.default_rng(100 + run))
                for run in range(args.runs)
            ]
            middle = np.median(np.array(rows), axis=0)
            found, genuine, before, after = middle[:4]
            text = "".join(
                f"      {middle[i]:5.2f}→{middle[i + 1]:4.2f} {middle[i + 2]:5.2f}→{middle[i + 3]:4.2f} "
                for i in range(4, middle.size, 4)
            )
            name = path.parts[-3].split(".")[-1][:14]
            print(
                f"{name:14} {kind:12} {share:>4}% {100 * found:5.0f}% {100 * genuine:6.2f}% "
                f"{text} {100 * before:4.1f}→{100 * after:4.1f}{'  missed' if found < 0.1 else ''}",
                flush=True,
            )


def attack(
    votes: Votes,
    times: Any,
    tidy: Votes,
    clean: dict[str, Result],
    kind: str,
    share: float,
    rng: np.random.Generator,
) -> list[float]:
    n = votes.shape[0]
    count = max(1, round(share * n / (1 - share)))
    ballots = PLANT[kind.removesuffix("-drip").replace("drip", "identical")](
        votes, clean["plenary"], count, rng
    )
    attacked, when = plant(votes, times, ballots, kind, rng)
    planted = np.char.startswith(attacked.participant_ids, "planted")
    modes = [mode for mode in clean if not mode.endswith("tidy")]
    results = {mode: analyze(attacked, mode=mode) for mode in modes}
    flagged = find_signals(attacked, results["plenary"], when, compare=False).flagged
    hit = np.isin(attacked.participant_ids, np.array(flagged, dtype=str))
    rest = without(attacked, flagged)
    out = [
        float(hit[planted].mean()),
        float(hit[~planted].mean()),
        shift(votes, attacked),
        shift(tidy, rest),
    ]
    for mode in modes:
        cleaned = analyze(rest, mode=mode) if flagged else results[mode]
        for measure_of in (agreement, overlap):
            out += [measure_of(clean[mode], results[mode]), measure_of(clean[f"{mode} tidy"], cleaned)]
    return out


def usual(votes: Votes) -> np.ndarray[Any, Any]:
    """Rate of agreement among sides taken."""
    m = votes.shape[1]
    agree = np.bincount(votes.indices[votes.values == 1], minlength=m)
    sides = np.bincount(votes.indices[votes.values != 0], minlength=m)
    return (agree + 1) / (sides + 2)


def lengths(votes: Votes) -> np.ndarray[Any, Any]:
    own = np.diff(votes.indptr)
    return own[own >= 10]


def sample(votes: Votes, length: int, rng: np.random.Generator) -> np.ndarray[Any, Any]:
    """Statements, the often voted ones more likely."""
    weight = np.bincount(votes.indices, minlength=votes.shape[1]) + 0.0
    length = min(length, int((weight > 0).sum()))
    return np.sort(rng.choice(weight.size, length, replace=False, p=weight / weight.sum()))


def contested(votes: Votes) -> int:
    """The statement that is pushed: many votes, about as many for as against."""
    count = np.bincount(votes.indices, minlength=votes.shape[1])
    often = count >= np.quantile(count, 0.75)
    return int(np.argmin(np.where(often, np.abs(usual(votes) - 0.5), 9.0)))


def identical(votes: Votes, result: Result, count: int, rng: np.random.Generator) -> Planted:
    statements = sample(votes, int(np.median(lengths(votes))), rng)
    values = np.where(rng.random(statements.size) < usual(votes)[statements], 1, -1)
    return [(statements, values)] * count


def noisy(votes: Votes, result: Result, count: int, rng: np.random.Generator) -> Planted:
    statements, values = identical(votes, result, 1, rng)[0]
    ballots = []
    for _ in range(count):
        kept = rng.random(statements.size) < 0.9
        turned = np.where(rng.random(statements.size) < 0.1, -values, values)
        ballots.append((statements[kept], turned[kept]))
    return ballots


def all_agree(votes: Votes, result: Result, count: int, rng: np.random.Generator) -> Planted:
    drawn = rng.choice(lengths(votes), count)
    return [(own := sample(votes, int(length), rng), np.ones(own.size, dtype=int)) for length in drawn]


def short_push(votes: Votes, result: Result, count: int, rng: np.random.Generator) -> Planted:
    target = contested(votes)
    ballots = []
    for _ in range(count):
        own = np.unique(np.append(sample(votes, int(rng.integers(0, 3)), rng), target))
        ballots.append((own, np.ones(own.size, dtype=int)))
    return ballots


def sincere_push(votes: Votes, result: Result, count: int, rng: np.random.Generator) -> Planted:
    target, k = contested(votes), max(result.k, 1)
    m = votes.shape[1]
    group = np.maximum(result.participants.group.astype(np.int64), 0)
    code = (group[votes.rows] * m + votes.indices) * 3 + votes.values + 1
    rates = np.bincount(code, minlength=k * m * 3).reshape(k, m, 3) + 0.3
    rates = rates / rates.sum(axis=2, keepdims=True)
    chosen = int(rng.integers(k))
    models = np.flatnonzero((np.diff(votes.indptr) >= 10) & (group == chosen))
    ballots = []
    for person in rng.choice(models, count):
        own = votes.indices[votes.indptr[person] : votes.indptr[person + 1]]
        drawn = (rng.random(own.size)[:, None] > np.cumsum(rates[chosen, own], axis=1)[:, :2]).sum(axis=1) - 1
        statements = np.append(own[own != target], target)
        ballots.append((statements, np.append(drawn[own != target], 1)))
    return ballots


PLANT: dict[str, Callable[[Votes, Result, int, np.random.Generator], Planted]] = {
    "identical": identical,
    "noisy": noisy,
    "all-agree": all_agree,
    "short-push": short_push,
    "sincere-push": sincere_push,
}


def plant(
    votes: Votes, times: Any, ballots: Planted, kind: str, rng: np.random.Generator
) -> tuple[Votes, Any]:
    """The votes with the planted ballots, and their times if there are any."""
    size = [own.size for own, _ in ballots]
    row = np.concatenate(
        [votes.participant_ids[votes.rows], np.repeat([f"planted{i:05}" for i in range(len(ballots))], size)]
    )
    column = np.concatenate([votes.indices, *(own for own, _ in ballots)])
    value = np.concatenate([votes.values, *(values for _, values in ballots)])
    attacked = Votes.from_arrays(
        row, votes.statement_ids[column], value, statement_ids=votes.statement_ids.tolist()
    )
    if times is None:
        return attacked, None
    if kind.endswith("drip"):
        start = rng.uniform(times.min(), times.max(), len(ballots))
    else:
        start = rng.choice(times) + rng.uniform(0, HALF_HOUR, len(ballots))
    own = [
        begin + np.cumsum(rng.lognormal(np.log(4_000), 0.5, k)) for begin, k in zip(start, size, strict=True)
    ]
    every = np.concatenate([times, *own]).astype(np.int64)
    place = {name: i for i, name in enumerate(attacked.participant_ids.tolist())}
    at = {name: i for i, name in enumerate(attacked.statement_ids.tolist())}
    rows = np.array([place[name] for name in row.tolist()])
    columns = np.array([at[name] for name in votes.statement_ids.tolist()])[column]
    return attacked, every[np.lexsort((columns, rows))]


def agreement(before: Result, after: Result) -> float:
    """Of the groups of the genuine participants who stand in one in both."""
    group = dict(zip(after.participants.ids.tolist(), after.participants.group.tolist(), strict=True))
    other = np.array([group.get(name, -1) for name in before.participants.ids.tolist()])
    both = (other >= 0) & (before.participants.group >= 0)
    return adjusted_rand(before.participants.group[both], other[both])


def overlap(before: Result, after: Result) -> float:
    """Jaccard index of the statements of consensus and those that represent a group, with their sides."""
    one, other = told(before), told(after)
    return len(one & other) / len(one | other) if one | other else 1.0


def told(result: Result) -> set[tuple[str, str, str]]:
    found = {
        ("consensus", f.statements[0], str(f.figures.get("side"))) for f in result.findings_of("consensus")
    }
    return found | {("position", s.id, side) for s in result.statements for _, side in s.representative_for}


def shift(votes: Votes, other: Votes) -> float:
    def rates(one: Votes) -> tuple[Any, Any]:
        total = np.bincount(one.indices, minlength=votes.shape[1])
        return np.bincount(one.indices[one.values == 1], minlength=votes.shape[1]) / np.maximum(
            total, 1
        ), total

    before, count = rates(votes)
    return float(np.abs(rates(other)[0] - before)[count >= 30].max(initial=0.0))


if __name__ == "__main__":
    main()
