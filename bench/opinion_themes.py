#!/usr/bin/env python3
"""Text themes: are they those that are there, are there none where none are, and what do they cost?

    python bench/opinion_themes.py [--runs 5] [--data ../shared/data/conversations] [--texts 10000]

1. Statements of several real conversations in one pot: a theme should hold statements of one conversation. Beside it
   the usual way: the same n-grams and decomposition, k-means, k from 2 to 30 by the best silhouette, nobody left over.
2. The same statements with all their words dealt out at random: there are no themes then. How often are any declared?
3. CPU seconds and peak memory for many texts (made by dealing out the words of the pot).
"""

from __future__ import annotations

import argparse
import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import resource
import statistics
import time
from pathlib import Path

import numpy as np
import sklearn
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score

import opinion
from opinion import read_statements
from opinion.text import find_themes
from opinion.text.space import ngram_space
from opinion.text.words import normalise, shuffled

POTS = {
    "six in English": (
        "15-per-hour-seattle",
        "brexit-consensus",
        "canadian-electoral-reform",
        "scoop-hivemind.freshwater",
        "scoop-hivemind.taxes",
        "scoop-hivemind.ubi",
    ),
    "three languages": ("vtaiwan.uberx", "austria-climate.2vkxcncppn.2022-07-07", "brexit-consensus"),
}
ALONE = (
    "american-assembly.bowling-green",
    "austria-climate.2vkxcncppn.2022-07-07",
    "vtaiwan.uberx",
    "scoop-hivemind.freshwater",
)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--texts", type=int, default=10_000)
    shared = Path(os.environ.get("PLENARY_SHARED", Path(__file__).resolve().parents[2] / "shared"))
    parser.add_argument("--data", type=Path, default=shared / "data" / "conversations")
    args = parser.parse_args()
    print(f"opinion {opinion.__version__}, scikit-learn {sklearn.__version__}, numpy {np.__version__}")
    print("\nin one pot                    themes  in themes  purity  seeds agree  CPU s")
    for name, members in POTS.items():
        report(name, args.data, members, args.runs)
    for name in ALONE:
        report(name[:28], args.data, (name,), args.runs)
    print("\nwords dealt out at random: themes declared in")
    for name in ALONE[2:]:  # the small ones: it takes many runs
        texts = load(args.data, (name,))[0]
        declared = 0
        for seed in range(4 * args.runs):
            clean = [normalise(text) for text in texts.values()]
            dealt = shuffled(clean, np.random.default_rng(seed))
            declared += bool(find_themes(dict(zip(texts, dealt, strict=True)), seed=seed).themes)
        print(f"  {name[:28]:28} {declared} of {4 * args.runs}")
    scale(args)


def report(name: str, data: Path, members: tuple[str, ...], runs: int) -> None:
    texts, truth = load(data, members)
    labels, seconds, found = [], [], []
    for seed in range(runs):
        start = time.process_time()
        themes = find_themes(texts, seed=seed)
        seconds.append(time.process_time() - start)
        own = {one: theme.index for theme in themes.themes for one in theme.ids}
        found.append(len(themes.themes))
        labels.append([own.get(one, -1) for one in texts])
    agree = [agreement(a, b) for i, a in enumerate(labels) for b in labels[:i]]
    line(name, found, labels, truth, agree, seconds)
    if len(members) > 1:
        labels, seconds = zip(*(usual(texts, seed) for seed in range(runs)), strict=True)
        agree = [agreement(a, b) for i, a in enumerate(labels) for b in labels[:i]]
        line("  the usual way", [max(own) + 1 for own in labels], labels, truth, agree, seconds)


def line(name, found, labels, truth, agree, seconds) -> None:  # type: ignore[no-untyped-def]
    inside = statistics.median(np.mean(np.array(own) >= 0) for own in labels)
    pure = statistics.median(purity(own, truth) for own in labels)
    between = statistics.median(agree) if agree else float("nan")
    print(
        f"{name:28} {statistics.median(found):7.0f} {inside:10.0%} {pure:7.2f} {between:12.2f} "
        f"{statistics.median(seconds):6.1f}"
    )


def load(data: Path, members: tuple[str, ...]) -> tuple[dict[str, str], list[int]]:
    texts, truth = {}, []
    for number, name in enumerate(members):
        for statement in read_statements(data / name / "tidy" / "comments.csv").statements:
            if statement.text.strip():
                texts[f"{number}-{statement.id}"] = statement.text
                truth.append(number)
    return texts, truth


def usual(texts: dict[str, str], seed: int) -> tuple[list[int], float]:
    start = time.process_time()
    points, _, _ = ngram_space([normalise(text) for text in texts.values()], np.random.default_rng(seed))
    fits = [KMeans(k, n_init=3, random_state=seed).fit_predict(points) for k in range(2, 31)]
    best = max(fits, key=lambda own: silhouette_score(points, own))
    return best.tolist(), time.process_time() - start


def agreement(one: list[int], other: list[int]) -> float:
    """Adjusted Rand index over the texts that are in a theme both times."""
    both = [(a, b) for a, b in zip(one, other, strict=True) if a >= 0 and b >= 0]
    return float(adjusted_rand_score(*zip(*both, strict=True))) if both else 1.0


def purity(own: list[int], truth: list[int]) -> float:
    inside = [(theme, t) for theme, t in zip(own, truth, strict=True) if theme >= 0]
    most = [
        max(np.bincount([t for theme, t in inside if theme == one])) for one in {theme for theme, _ in inside}
    ]
    return float(sum(most) / max(len(inside), 1))


def scale(args: argparse.Namespace) -> None:
    pot = load(args.data, POTS["six in English"])[0]
    rng = np.random.default_rng(0)
    clean = [normalise(text) for text in pot.values()]
    texts: list[str] = []
    while len(texts) < args.texts:  # half as they are, half dealt out: words in common, and some themes
        texts += [f"{a} {b}" for a, b in zip(clean, shuffled(clean, rng), strict=True)]
    start = time.process_time()
    themes = find_themes({str(i): text for i, text in enumerate(texts[: args.texts])})
    seconds = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"\n{args.texts:,} texts: {len(themes.themes)} themes, {seconds:.1f} CPU s, peak {peak:.0f} MiB (whole run)"
    )


if __name__ == "__main__":
    main()
