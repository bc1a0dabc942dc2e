#!/usr/bin/env python3
"""How many votes it takes until the findings settle, by the order in which statements are shown.

    python bench/routing.py [--seeds 5] [--data ../shared/data/conversations] [--only NAME …] [--people 600]

Real conversations are replayed: people with many votes answer, one statement each in turn, what they answered then;
only the order differs. Completed ones are the same with an answer of everybody to everything, drawn where there was
none from the rates of the group that the engine finds. Planted conversations have groups that are known.

The findings settle when, from some vote on, two things stay: the consensus and division findings overlap with those of
all votes by at least .9 (Jaccard), and so do the groups (adjusted Rand). Every policy has the same people in the same
turns. Full runs come at equal steps of votes; routing uses the groups of the last one.

Policies: random; fewest votes first (ties at random); the priorities of Polis (drawn in proportion); this engine.
Prints medians over the seeds of the share of all votes, each also for findings and groups alone; the ratio to random
(median over seeds of the ratios); the means over the course of both agreements; the Gini coefficient of how often
statements were shown at half of all votes; and how often a statement of the less shown language had come by then, as
a part of one in the other (planted).
"""

from __future__ import annotations

import argparse
import platform
import resource
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from opinion import ENGINE_VERSION, Result, Votes, analyze, read_statements, read_votes
from opinion.frozen import freeze, standing
from opinion.groups import adjusted_rand
from opinion.routing import RoutingWeights, next_statements

REAL = ("scoop-hivemind.taxes", "scoop-hivemind.ubi", "canadian-electoral-reform", "brexit-consensus")
PLANTED = {"planted, 2 groups": 2, "planted, 3 groups": 3, "planted, no groups": 1}
AGREED = 0.9


@dataclass
class Truth:
    """What everybody would answer: for each person the statements and the answers."""

    name: str
    columns: list[np.ndarray]
    values: list[np.ndarray]
    statements: int
    budget: int  # votes after which the replay ends
    language: np.ndarray | None = None

    def votes(self) -> Votes:
        who = np.repeat(np.arange(len(self.columns)), [len(own) for own in self.columns])
        return self.make(who, np.concatenate(self.columns), np.concatenate(self.values))

    def make(self, who: np.ndarray, what: np.ndarray, how: np.ndarray) -> Votes:
        return Votes.from_arrays(who, what, how, statement_ids=[str(s) for s in range(self.statements)])


@dataclass
class State:
    """A conversation as it goes on."""

    truth: Truth
    rng: np.random.Generator
    weights: RoutingWeights
    group: np.ndarray = field(init=False)
    k: int = 1

    def __post_init__(self) -> None:
        n, m = len(self.truth.columns), self.truth.statements
        self.left = [np.zeros(m, dtype=bool) for _ in range(n)]
        self.answer = np.zeros((n, m), dtype=np.int8)
        for i, (column, value) in enumerate(zip(self.truth.columns, self.truth.values, strict=True)):
            self.left[i][column] = True
            self.answer[i, column] = value
        self.own: list[list[int]] = [[] for _ in range(n)]
        self.group = np.zeros(n, dtype=int)
        self.total = np.zeros((m, 3), dtype=np.int64)
        self.counts = np.zeros((1, m, 3), dtype=np.int64)
        self.extremity = np.zeros(m)
        self.model = None
        self.rows: list[tuple[int, int, int]] = []

    def vote(self, person: int, column: int) -> None:
        value = int(self.answer[person, column])
        self.rows.append((person, column, value))
        self.own[person].append(column)
        self.left[person][column] = False
        self.total[column, value + 1] += 1
        self.counts[self.group[person], column, value + 1] += 1

    def votes(self) -> Votes:
        who, what, how = np.array(self.rows).T
        return self.truth.make(who, what, how)

    def renew(self, votes: Votes, result: Result) -> None:
        """Take up a full run."""
        self.model = freeze(votes, result)
        order = np.array([int(name) for name in result.participants.ids])
        self.group[order] = np.maximum(result.participants.group, 0)
        self.counts = np.zeros((self.model.k, self.truth.statements, 3), dtype=np.int64)
        who, what, how = np.array(self.rows).T
        np.add.at(self.counts, (self.group[who], what, how + 1), 1)
        self.extremity = extremity(votes)

    def membership(self, person: int) -> np.ndarray | None:
        if self.model is None:
            return None
        column = np.array(self.own[person], dtype=int)
        stands = standing(self.model, column, self.answer[person, column].astype(int))
        return np.array(stands.membership)


def extremity(votes: Votes) -> np.ndarray:
    """How far a statement lies from the middle on the axes of the mean-imputed matrix, as Polis has it."""
    m = votes.shape[1]
    count = np.bincount(votes.indices, minlength=m)
    mean = np.bincount(votes.indices, weights=votes.values, minlength=m) / np.maximum(count, 1)
    x = votes.matrix(votes.values - mean[votes.indices], dtype=np.float64)
    _, vectors = np.linalg.eigh(np.asarray((x.T @ x).todense()))
    return np.sqrt((vectors[:, -2:] ** 2).sum(axis=1) * m) * (1 - mean)


def by_chance(state: State, person: int) -> int:
    return int(state.rng.choice(np.flatnonzero(state.left[person])))


def by_fewest(state: State, person: int) -> int:
    left = np.flatnonzero(state.left[person])
    n = state.total[left].sum(axis=1)
    return int(state.rng.choice(left[n == n.min()]))


def by_polis(state: State, person: int) -> int:
    left = np.flatnonzero(state.left[person])
    own = state.total[left]
    n = own.sum(axis=1)
    passes, agrees = (own[:, 1] + 1) / (n + 2), (own[:, 2] + 1) / (n + 2)
    priority = ((1 - passes) * (state.extremity[left] + 1) * agrees * (1 + 8 * 2.0 ** (-n / 5))) ** 2
    return int(state.rng.choice(left, p=priority / priority.sum()))


def by_us(state: State, person: int) -> int:
    ranking = next_statements(
        state.counts,
        ~state.left[person],
        state.rng,
        membership=state.membership(person),
        chances=None if state.model is None else state.model.chances,
        shown=state.total.sum(axis=1),
        languages=state.truth.language,
        weights=state.weights,
        count=1,
    )
    return int(ranking.order[0])


POLICIES: dict[str, Callable[[State, int], int]] = {
    "random": by_chance,
    "fewest votes": by_fewest,
    "Polis": by_polis,
    "ours": by_us,
}


def replay(
    truth: Truth,
    policy: Callable[[State, int], int],
    seed: int,
    full: Result,
    steps: int,
    weights: RoutingWeights,
) -> dict[str, float]:
    """One conversation by one policy: when it settled, as shares of all votes, and how even the exposure was."""
    state = State(truth, np.random.default_rng([seed, 1]), weights)
    marks = np.unique(np.linspace(0, truth.budget, steps + 1).astype(int)[1:])
    wanted, course, gini, languages = findings(full), [], 0.0, 1.0
    for number, person in enumerate(turns(truth, np.random.default_rng([seed, 0])), start=1):
        state.vote(person, policy(state, person))
        if number == truth.budget // 2:
            shown = state.total.sum(axis=1)
            gini, languages = inequality(shown), spread(truth.language, shown)
        if number in marks:
            votes = state.votes()
            result = analyze(votes, seed=seed, max_findings=10**6)
            course.append((number, jaccard(findings(result), wanted), partition(result, full)))
            if number < truth.budget:
                state.renew(votes, result)
        if number == truth.budget:
            break
    at, found, grouped = np.array(course).T
    return {
        "all": settled(at, np.minimum(found, grouped)),
        "findings": settled(at, found),
        "groups": settled(at, grouped),
        "gini": gini,
        "languages": languages,
        "jaccard": float(found.mean()),
        "rand": float(grouped.mean()),
    }


def turns(truth: Truth, rng: np.random.Generator) -> Iterator[int]:
    """Who votes next: everybody once in each round, in an order that changes, until all is answered."""
    rest = np.array([len(own) for own in truth.columns])
    while rest.any():
        people = rng.permutation(np.flatnonzero(rest))
        yield from people.tolist()
        rest[people] -= 1


def settled(at: np.ndarray, agreement: np.ndarray) -> float:
    """The first of the last unbroken run of full runs with enough agreement; beyond the end if the last has not."""
    good = agreement >= AGREED
    if not good[-1]:
        return float(at[-1] + at[0])
    return float(at[0] if good.all() else at[len(good) - int(np.argmin(good[::-1]))])


def findings(result: Result) -> set[tuple[str, str]]:
    return {(one.kind, one.statements[0]) for one in result.findings if one.kind in ("consensus", "division")}


def jaccard(one: set[tuple[str, str]], other: set[tuple[str, str]]) -> float:
    return len(one & other) / len(one | other) if one | other else 1.0


def partition(result: Result, full: Result) -> float:
    """Agreement of the groups, over those whom all votes place; who is not placed yet counts as a group apart."""
    now = dict(zip(result.participants.ids.tolist(), result.participants.group.tolist(), strict=True))
    placed = full.participants.group >= 0
    own = np.array([now.get(name, -1) for name in full.participants.ids[placed].tolist()])
    return adjusted_rand(full.participants.group[placed], own)


def inequality(shown: np.ndarray) -> float:
    """Gini coefficient: 0 when all were shown as often."""
    x = np.sort(shown.astype(float))
    n = x.size
    return float((2 * np.arange(1, n + 1) - n - 1) @ x / (n * x.sum())) if x.sum() else 0.0


def spread(language: np.ndarray | None, shown: np.ndarray) -> float:
    """Least shown language against the most shown one, per statement."""
    if language is None:
        return 1.0
    mean = np.bincount(language, weights=shown) / np.bincount(language)
    return float(mean.min() / mean.max())


def real(folder: Path, least: int, most: int) -> Truth:
    """A conversation of those with at least `least` votes on statements that were not moderated out."""
    votes = read_votes(folder / "tidy" / "votes.csv").votes
    out = {
        one.id for one in read_statements(folder / "tidy" / "comments.csv").statements if one.moderated < 0
    }
    votes = votes.select(~np.isin(votes.statement_ids, sorted(out)))
    chosen = np.flatnonzero(np.diff(votes.indptr) >= least)[:most]
    spans = [slice(int(votes.indptr[i]), int(votes.indptr[i + 1])) for i in chosen]
    columns, values = [votes.indices[s] for s in spans], [votes.values[s] for s in spans]
    return Truth(folder.name, columns, values, votes.shape[1], sum(len(own) for own in columns))


def completed(folder: Path, least: int, most: int, seed: int) -> Truth:
    """A real conversation in which everybody answers everything: what was not answered is drawn as the own group would.

    The groups and their rates are those that the engine finds, so this shows speed on rates as they occur, not truth.
    """
    part = real(folder, least, most)
    votes, rng = part.votes(), np.random.default_rng([seed, 3])
    result = analyze(votes, seed=seed)
    group = np.maximum(result.participants.group, 0)[np.argsort(result.participants.ids.astype(int))]
    k, m = max(result.k, 1), part.statements
    counts = np.ones((k, m, 3)) / 3
    for g, column, value in zip(group, part.columns, part.values, strict=True):
        counts[g, column, value + 1] += 1
    ends = np.cumsum(counts / counts.sum(axis=2, keepdims=True), axis=2)[group]
    values = (rng.random((len(group), m, 1)) > ends[:, :, :2]).sum(axis=2).astype(np.int8) - 1
    for row, column, value in zip(values, part.columns, part.values, strict=True):
        row[column] = value
    n = len(group)
    return Truth(f"{folder.name}, completed", [np.arange(m)] * n, list(values), m, n * m)


def planted(name: str, k: int, people: int, statements: int, seed: int) -> Truth:
    """Everybody's answer to everything; half the statements divide the groups, some are liked by all."""
    rng = np.random.default_rng([seed, 2])
    group = rng.integers(0, k, people)
    lean = rng.normal(0.4, 1.0, statements) + rng.normal(0, 1.4, (k, statements)) * (
        rng.random(statements) < 0.5
    ) * (k > 1)
    agree = rng.random((people, statements)) < 1 / (1 + np.exp(-lean[group]))
    values = np.where(rng.random((people, statements)) < 0.1, 0, np.where(agree, 1, -1)).astype(np.int8)
    columns = [np.arange(statements)] * people
    language = (rng.random(statements) < 0.2).astype(int)
    return Truth(name, columns, list(values), statements, people * statements, language)


def main() -> None:
    args = parse()
    print(
        f"opinion {ENGINE_VERSION}, numpy {np.__version__}, Python {platform.python_version()}; {args.seeds} seeds"
    )
    makers: dict[str, Callable[[int], Truth]] = {}
    for name in REAL:
        if (args.data / name).is_dir():
            makers[name] = lambda seed, name=name: real(args.data / name, args.least, args.people)
            makers[f"{name}, completed"] = lambda seed, name=name: completed(
                args.data / name, args.least, args.people, seed
            )
        else:
            print(f"{name}: not in {args.data}, left out")
    for name, k in PLANTED.items():
        makers[name] = lambda seed, name=name, k=k: planted(name, k, args.people, 80, seed)
    weights = RoutingWeights(
        **{key: float(value) for key, value in (pair.split("=") for pair in args.weight)}
    )
    for name, make in makers.items():
        if not args.only or name in args.only:
            compare(name, make, args, weights)
    print(
        f"\nCPU {time.process_time():.0f} s, peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB"
    )


def compare(
    name: str, make: Callable[[int], Truth], args: argparse.Namespace, weights: RoutingWeights
) -> None:
    table: dict[str, list[dict[str, float]]] = {policy: [] for policy in args.policies}
    cost = dict.fromkeys(args.policies, 0.0)
    for seed in range(args.seeds):
        truth = make(seed)
        full = analyze(truth.votes(), seed=seed, max_findings=10**6)
        if seed == 0:
            n, sides = len(truth.columns), findings(full)
            print(
                f"\n{name}: {n} people, {truth.statements} statements, {truth.budget:,} votes in all; "
                f"{full.k} groups, {len(sides)} findings"
            )
        for policy in args.policies:
            start = time.process_time()
            table[policy].append(replay(truth, POLICIES[policy], seed, full, args.steps, weights))
            cost[policy] += time.process_time() - start
            for key in ("all", "findings", "groups"):
                table[policy][-1][key] /= truth.budget
    print(
        f"  {'':14}{'settled':>9}{'findings':>10}{'groups':>8}{'of random':>11}{'mean J':>8}{'mean ARI':>9}{'Gini':>7}"
        f"{'languages':>11}{'CPU s':>7}"
    )
    for policy, rows in table.items():
        middle = {key: float(np.median([row[key] for row in rows])) for key in rows[0]}
        ratio = [row["all"] / other["all"] for row, other in zip(rows, table["random"], strict=True)]
        print(
            f"  {policy:14}{middle['all']:>9.3f}{middle['findings']:>10.3f}{middle['groups']:>8.3f}"
            f"{np.median(ratio):>11.2f}{middle['jaccard']:>8.3f}{middle['rand']:>9.3f}{middle['gini']:>7.2f}"
            f"{middle['languages']:>11.2f}{cost[policy]:>7.0f}",
            flush=True,
        )


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=40, help="full runs in each replay")
    parser.add_argument("--people", type=int, default=600, help="at most so many people")
    parser.add_argument(
        "--least", type=int, default=20, help="votes that a person of a real conversation must have"
    )
    parser.add_argument("--only", nargs="*", default=[], help="names of conversations")
    parser.add_argument("--policies", nargs="+", choices=list(POLICIES), default=list(POLICIES))
    parser.add_argument(
        "--weight", nargs="*", default=[], help="name=number, to weigh otherwise than by default"
    )
    parser.add_argument(
        "--data", type=Path, default=Path(__file__).resolve().parents[2] / "shared" / "data" / "conversations"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
