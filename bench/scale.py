#!/usr/bin/env python3
"""One process beside dask.distributed on the same votes: CPU, wall, memory, and whether they say the same.

    python bench/scale.py [--csv votes.csv ...] [--votes 1000000 ...] [--workers 2] [--runs 3] [--keep FOLDER]

``--csv`` takes files of votes; ``--votes`` simulates about so many (three groups of 50, 30 and 20 %, skewed
participation and exposure, 50 votes a person, 2,000 statements; ``--people`` and ``--statements`` say otherwise), at
any size: 100000000 needs about 2 GB of memory, and a minute to make. Both ways start from the same folder of Parquet
parts. Every run is a process of its own. CPU seconds are those of the analysis from files to result, in all processes
but without their start; memory is the highest of a process (MiB) since its start. ``--only`` leaves one way out.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import pickle
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from opinion import Votes, analyze, io
from opinion.distributed import analyze as analyze_parts
from opinion.distributed import local_client
from opinion.parts import partition, read_manifest, write_parts
from opinion.passes import BLOCK

WAYS = ("one", "dask")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--csv", type=Path, nargs="*", default=[])
    parser.add_argument("--votes", type=int, nargs="*", default=[])
    parser.add_argument("--people", type=int)
    parser.add_argument("--statements", type=int, default=2000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", choices=WAYS)
    parser.add_argument(
        "--keep", type=Path, help="where parts are made and found again (default: thrown away)"
    )
    parser.add_argument("--child", nargs=3, metavar=("WAY", "FOLDER", "OUT"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        way, folder, out = args.child
        child(way, Path(folder), Path(out), args.workers)
        return
    names = ("numpy", "scipy", "pyarrow", "distributed")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    machine = f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}"
    print(
        f"Python {platform.python_version()}, {versions}; {machine}; {args.workers} workers, {args.runs} runs"
    )
    with tempfile.TemporaryDirectory(prefix="plenary-scale-") as scratch:
        home = args.keep or Path(scratch)
        home.mkdir(parents=True, exist_ok=True)
        for source in args.csv:
            folder = home / f"{source.parent.name}-{source.stem}"
            compare(measured(partial(partition, source, folder), folder), args, Path(scratch))
        for votes in args.votes or ([] if args.csv else [1_000_000]):
            people = args.people or max(votes // 50, 1)
            folder = home / f"simulated-{people}-{args.statements}-{votes}"
            make = partial(write_parts, simulated(people, args.statements, votes), folder)
            compare(measured(make, folder), args, Path(scratch))


def measured(make: Callable[[], object], folder: Path) -> Path:
    """The folder of parts, made unless it is there."""
    if (folder / "manifest.json").exists():
        return folder
    cpu, wall = usage(), time.perf_counter()
    make()
    cpu, wall = usage() - cpu, time.perf_counter() - wall
    files = list(folder.iterdir())
    size = sum(path.stat().st_size for path in files) / 2**20
    made = f"{size:,.0f} MiB in {len(files)} files, made in {cpu:.1f} CPU s, {wall:.1f} s"
    print(f"\n{folder.name}: {made}; peak {peak():,} MiB", flush=True)
    return folder


def simulated(people: int, statements: int, votes: int) -> Iterator[Votes]:
    """Votes of people in three groups, block by block."""
    rng = np.random.default_rng(1)
    base = rng.normal(0.3, 0.8, statements)
    apart = rng.normal(0, 0.9, (3, statements)) * (rng.random(statements) < 0.35)
    exposure = rng.lognormal(0, 0.5, statements)
    edges = np.append(np.cumsum(exposure / exposure.sum())[:-1], 1.0)
    ids = [str(s) for s in range(statements)]
    per_person = 1.041 * votes / people / np.exp(0.8**2 / 2)  # some draw a statement twice
    for first in range(0, people, BLOCK):
        n = min(BLOCK, people - first)
        group = rng.choice(3, n, p=[0.5, 0.3, 0.2])
        count = np.clip(per_person * rng.lognormal(0, 0.8, n), 1, 0.9 * statements).astype(np.int64)
        row = np.repeat(np.arange(n), count)
        key = np.unique(row * statements + np.searchsorted(edges, rng.random(row.size)))
        row, column = np.divmod(key, statements)
        lean = base[column] + apart[group[row], column] + rng.normal(0, 0.7, row.size)
        agrees = lean + rng.logistic(0, 0.5, row.size) > 0
        value = np.where(rng.random(row.size) < 0.12, 0, np.where(agrees, 1, -1))
        yield Votes.from_arrays(row + first, column, value, statement_ids=ids)


def compare(folder: Path, args: argparse.Namespace, scratch: Path) -> None:
    """A line for each way, and what differs."""
    manifest = read_manifest(folder)
    people, statements, votes = manifest.participants, len(manifest.statement_ids), manifest.votes
    print(
        f"\n{folder.name}: {people:,} people × {statements:,} statements, {votes:,} votes, {len(manifest.parts)} parts"
    )
    print(f"{'':10}{'CPU s':>8}{'wall s':>8}{'driver MiB':>12}{'worker MiB':>12}   groups")
    ways = [args.only] if args.only else WAYS
    runs: dict[str, list[dict[str, Any]]] = {way: [] for way in ways}
    for _ in range(args.runs):
        for way in ways:
            command = [sys.executable, __file__, "--workers", str(args.workers), "--child", way, str(folder)]
            done = subprocess.run([*command, str(scratch / way)], capture_output=True, text=True)
            if done.returncode:
                raise SystemExit(f"{way} failed:\n{done.stderr}")
            runs[way].append(json.loads(done.stdout.splitlines()[-1]))
    for way, found in runs.items():
        middle = {
            name: statistics.median(run[name] for run in found)
            for name in ("cpu", "wall", "driver", "worker")
        }
        print(
            f"{way:10}{middle['cpu']:8.1f}{middle['wall']:8.1f}{middle['driver']:12.0f}{middle['worker']:12.0f}   "
            f"{found[-1]['sizes']}",
            flush=True,
        )
    if len(runs) == len(WAYS):
        one, many = (pickle.loads((scratch / way).read_bytes()) for way in WAYS)
        found = differences(one, many)
        counts = f"{found['other']:,} of {found['all']:,} counts, labels and words differ"
        print(f"  {counts}; largest difference of a float {found['float']:.1e}", flush=True)


def child(way: str, folder: Path, out: Path, workers: int) -> None:
    if way == "one":
        start = usage()
        wall = time.perf_counter()
        result = analyze(io.read_votes(folder).votes)
        cpu, worker = usage() - start, 0
        wall = time.perf_counter() - wall
    else:
        with local_client(workers) as client:
            start = usage() + sum(client.run(usage).values())
            wall = time.perf_counter()
            result = analyze_parts(folder, client)
            wall = time.perf_counter() - wall
            cpu = usage() + sum(client.run(usage).values()) - start
            worker = max(client.run(peak).values())
    driver = peak()
    out.write_bytes(pickle.dumps(result))
    sizes = " ".join(f"{group.size:,}" for group in result.groups)
    print(
        json.dumps(
            {"cpu": cpu, "wall": wall, "driver": driver, "worker": worker, "sizes": f"{result.k}: {sizes}"}
        )
    )


def usage() -> float:
    """CPU seconds of this process."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    return own.ru_utime + own.ru_stime


def peak() -> int:
    """Highest resident memory of this process, MiB; what `getrusage` says can be that of the one that started it."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def differences(one: Any, other: Any) -> dict[str, Any]:
    """Largest difference of floats; how many other values there are, and how many of them differ."""
    total = {"float": 0.0, "other": 0, "all": 0}
    pairs = [(one, other)]
    while pairs:
        left, right = pairs.pop()
        if dataclasses.is_dataclass(left):
            names = [field.name for field in dataclasses.fields(left)]
            pairs += [(getattr(left, name), getattr(right, name)) for name in names]
        elif isinstance(left, dict):
            pairs += [(left.get(name), right.get(name)) for name in left | right]
        elif isinstance(left, list | tuple) and len(left) == len(right):
            pairs += zip(left, right, strict=True)
        elif isinstance(left, float) or (isinstance(left, np.ndarray) and left.dtype.kind == "f"):
            total["float"] = max(total["float"], float(np.max(np.abs(np.subtract(left, right)), initial=0.0)))
        else:
            same = np.asarray(left == right)
            total["all"] += same.size
            total["other"] += int((~same).sum())
    return total


if __name__ == "__main__":
    main()
