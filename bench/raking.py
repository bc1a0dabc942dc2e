#!/usr/bin/env python3
"""Raking: how long it takes beside other libraries, whether it equals R's, and how it can make things worse.

    python bench/raking.py [--people 100000] [--runs 5]

Beside our own, ``weightipy`` and ``balance`` are measured where they are installed, and the weights are compared with
those of ``survey::rake`` where R and its package survey are (Debian: r-cran-survey). The data are simulated: six
attributes of 2 to 6 categories, the margins at random near the shares of the people.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import logging
import os
import platform
import resource
import shutil
import statistics
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from opinion import Attributes, Margins, rake

SIZES = (2, 3, 4, 4, 5, 6)
R = """
suppressMessages(library(survey))
people <- read.csv("people.csv", colClasses = "character")
margins <- read.csv("margins.csv", colClasses = c("character", "character", "numeric"))
names <- unique(margins$attribute)
design <- svydesign(ids = ~1, data = people, weights = rep(1, nrow(people)))
totals <- lapply(names, function(name) {
  own <- margins[margins$attribute == name, ]
  setNames(data.frame(own$category, own$share * nrow(people)), c(name, "Freq"))
})
time <- system.time(raked <- rake(design, lapply(names, function(name) reformulate(name)), totals,
                                  control = list(maxit = 1000, epsilon = 1e-13)))
write.table(format(weights(raked), digits = 17), "weights.csv", row.names = FALSE, col.names = FALSE, quote = FALSE)
cat(sum(time[1:2]), as.character(packageVersion("survey")))
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    print(f"Python {platform.python_version()}, numpy {np.__version__}")
    columns, shares = simulated(args.people)
    people, margins = Attributes.from_columns(columns), Margins.from_shares(shares)
    print(
        f"\nRaking {args.people:,} people to {len(SIZES)} margins, CPU s, median of {args.runs} runs taken in turn"
    )
    contestants: dict[str, Callable[[], Any]] = {
        "ours": lambda: rake(people, margins, bound=None).weights,
        "ours, weights kept to 3": lambda: rake(people, margins, bound=3.0).weights,
    }
    contestants |= peers(columns, shares)
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(args.runs):
        for name, work in contestants.items():
            start = time.process_time()
            work()
            seconds[name].append(time.process_time() - start)
    ours = contestants["ours"]()
    for name, taken in seconds.items():
        other = np.asarray(contestants[name](), dtype=float)
        apart = np.abs(other / other.mean() - ours).max()
        print(f"  {name:26} {statistics.median(taken):7.4f} s   largest difference from ours {apart:.1e}")
    compare_with_r(min(args.people, 20_000))
    worse()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\nPeak memory {peak:.0f} MiB, load {os.getloadavg()[0]:.1f}")


def simulated(n: int) -> tuple[dict[str, list[str]], dict[str, dict[str, float]]]:
    rng = np.random.default_rng(4)
    columns, shares = {}, {}
    for i, size in enumerate(SIZES):
        names = [f"c{c}" for c in range(size)]
        p = rng.dirichlet(np.full(size, 8.0))
        columns[f"a{i}"] = [names[c] for c in rng.choice(size, n, p=p)]
        target = 0.5 * p + 0.5 * rng.dirichlet(np.full(size, 8.0))
        shares[f"a{i}"] = dict(zip(names, target.tolist(), strict=True))
    return columns, shares


def peers(columns: dict[str, list[str]], shares: dict[str, dict[str, float]]) -> dict[str, Callable[[], Any]]:
    """The other libraries that are installed; their tables are made before the clock starts."""
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    found: dict[str, Callable[[], Any]] = {}
    try:
        import pandas
    except ImportError:
        print("  weightipy, balance: not installed")
        return found
    n = len(columns["a0"])
    frame = pandas.DataFrame(columns)
    try:
        import weightipy

        percent = {a: {c: 100 * s for c, s in own.items()} for a, own in shares.items()}

        def by_weightipy() -> Any:
            scheme = weightipy.scheme_from_dict(percent)
            return weightipy.weight_dataframe(frame.copy(), scheme, "weight")["weight"]

        found["weightipy"] = by_weightipy
    except ImportError:
        print("  weightipy: not installed")
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            from balance import Sample
        from balance.weighting_methods.rake import prepare_marginal_dist_for_raking

        with contextlib.redirect_stdout(io.StringIO()):
            target_frame = prepare_marginal_dist_for_raking(
                {a: {c: round(s, 3) for c, s in own.items()} for a, own in rounded(shares).items()}
            )
            target_frame["id"] = np.arange(len(target_frame)).astype(str)
            sample = Sample.from_frame(frame.assign(id=np.arange(n).astype(str)), id_column="id")
            whole = sample.set_target(Sample.from_frame(target_frame, id_column="id"))

        def by_balance() -> Any:
            with contextlib.redirect_stdout(io.StringIO()):
                return (
                    whole.adjust(method="rake", max_iteration=1000, transformations=None)
                    .weights()
                    .df.iloc[:, 0]
                )

        by_balance()
        found["balance (shares of 0.001)"] = by_balance
    except Exception as error:  # the library's own interface changes; the table says that it is missing
        print(f"  balance: {'not installed' if isinstance(error, ImportError) else repr(error)[:90]}")
    return found


def rounded(shares: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    """Shares in thousandths that add up to 1."""
    out = {}
    for name, own in shares.items():
        part = {c: round(s, 3) for c, s in own.items()}
        first = next(iter(part))
        part[first] = round(part[first] + 1 - sum(part.values()), 3)
        out[name] = part
    return out


def compare_with_r(n: int) -> None:
    if shutil.which("Rscript") is None:
        print("\nR: not installed, not compared")
        return
    columns, shares = simulated(n)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        names = list(columns)
        rows = zip(*columns.values(), strict=True)
        place.joinpath("people.csv").write_text(
            ",".join(names) + "\n" + "\n".join(map(",".join, rows)) + "\n"
        )
        lines = [f"{a},{c},{s!r}" for a, own in shares.items() for c, s in own.items()]
        place.joinpath("margins.csv").write_text("attribute,category,share\n" + "\n".join(lines) + "\n")
        done = subprocess.run(["Rscript", "-e", R], cwd=place, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"\nR: {done.stderr.strip().splitlines()[-1]}")
            return
        theirs = np.loadtxt(place / "weights.csv")
    people, margins = Attributes.from_columns(columns), Margins.from_shares(shares)
    start = time.process_time()
    ours = rake(people, margins, bound=None).weights
    taken = time.process_time() - start
    seconds, version = done.stdout.split()
    print(
        f"\n{n:,} people beside R's survey::rake {version} (epsilon 1e-13): largest difference of a weight "
        f"{np.abs(ours - theirs).max():.1e}; CPU {taken:.4f} s, R {float(seconds):.2f} s"
    )


def worse() -> None:
    """Raking to true margins where the young take part according to their opinion, and the old according to age."""
    print(
        "\nTaking part depends on the opinion itself: mean error of the rate of agree, 200 simulations of 2,000 people"
    )
    print(f"  {'who takes part':48} {'truth':>6} {'raw':>7} {'weighted':>9}")
    for name, young, old in (
        ("by age alone", (0.2, 0.2), (0.6, 0.6)),
        ("by opinion alone", (0.5, 0.3), (0.5, 0.3)),
        ("by age, and among the young by opinion", (0.30, 0.10), (0.60, 0.60)),
        ("likewise, and the old by opinion the other way", (0.30, 0.10), (0.50, 0.62)),
    ):
        raw, weighted, truth = [], [], 0.0
        for seed in range(200):
            rng = np.random.default_rng(seed)
            is_young = rng.random(2000) < 0.5
            agree = rng.random(2000) < np.where(is_young, 0.5, 0.4)
            truth += agree.mean() / 200
            chance = np.where(is_young, np.where(agree, *young), np.where(agree, *old))
            came = rng.random(2000) < chance
            people = Attributes.from_columns({"age": np.where(is_young[came], "young", "old").tolist()})
            share = float(is_young.mean())
            margins = Margins.from_shares({"age": {"young": share, "old": 1 - share}})
            weights = rake(people, margins, bound=None).weights
            raw.append(agree[came].mean() - agree.mean())
            weighted.append(np.average(agree[came], weights=weights) - agree.mean())
        print(f"  {name:48} {truth:6.3f} {np.mean(raw):+7.3f} {np.mean(weighted):+9.3f}")


if __name__ == "__main__":
    main()
