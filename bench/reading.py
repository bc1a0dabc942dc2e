"""Rows of votes read a second, from CSV files of several shapes to compressed rows.

    python bench/reading.py                        # 2,000,000 rows of each shape
    python bench/reading.py --rows 20000000 --runs 1
    python bench/reading.py --file votes.csv       # a file of yours besides

Each reading runs in a process of its own: CPU seconds and peak memory are those of reading alone (the interpreter with
numpy is measured beside them). `pandas` stands beside it where it is installed: it only parses, and makes no votes.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

SHAPES = (
    "sorted numbers",
    "with times",
    "any order",
    "text ids",
    "quoted",
    "1.0 as votes",
    "one bad line",
    "re-votes",
)

READ = """
import json, resource, sys, time
import numpy
import {module}
base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start = time.process_time()
{call}
print(json.dumps([rows, time.process_time() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, base]))
"""
OURS = "from opinion import read_votes; v = read_votes(sys.argv[1], skip_bad=True).votes; rows = v.size + v.superseded"
PANDAS = "rows = len(pandas.read_csv(sys.argv[1]))"


def make(shape: str, rows: int, path: Path) -> None:
    """Write a table of votes of about twenty a person on a thousand statements."""
    rng = np.random.default_rng(5)
    people = np.sort(rng.integers(0, max(rows // 20, 1), rows))
    pairs = np.unique(people * 1000 + rng.integers(0, 1000, rows))
    if shape == "any order":
        pairs = rng.permutation(pairs)
    if shape == "re-votes":
        pairs = np.concatenate([pairs, rng.choice(pairs, max(pairs.size // 20, 1))])
    person, statement = pairs // 1000, pairs % 1000
    vote = rng.integers(-1, 2, pairs.size)
    line = LINES.get(shape, LINES["sorted numbers"])
    with path.open("w", encoding="utf-8") as file:
        file.write(HEADERS.get(shape, "participant_id,statement_id,vote") + "\n")
        for first in range(0, pairs.size, 1 << 16):
            part = slice(first, first + (1 << 16))
            columns = zip(person[part].tolist(), statement[part].tolist(), vote[part].tolist(), strict=True)
            file.writelines(line(*one) for one in columns)
        if shape == "one bad line":
            file.write("1,1,7\n")


LINES: dict[str, Callable[[int, int, int], str]] = {
    "sorted numbers": lambda p, s, v: f"{p},{s},{v}\n",
    "with times": lambda p, s, v: f"{p},{s},{v},{1_700_000_000_000 + 977 * p + 13 * s}\n",
    "text ids": lambda p, s, v: f"user-{p:08x},STM-{s},{v}\n",
    "quoted": lambda p, s, v: f'"{p}","{s}","{v}"\n',
    "1.0 as votes": lambda p, s, v: f"{p},{s},{v}.0\n",
}
HEADERS = {
    "with times": "participant_id,statement_id,vote,timestamp_ms",
    "quoted": '"participant_id","statement_id","vote"',
}


def measure(code: str, path: Path, runs: int) -> tuple[int, float, float, float]:
    """Rows, median CPU seconds, peak memory and what of it was there before, in MiB."""
    found = []
    for _ in range(runs):
        environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
        done = subprocess.run(
            [sys.executable, "-c", code, str(path)],
            capture_output=True,
            text=True,
            check=True,
            env=environment,
        )
        found.append(json.loads(done.stdout))
    rows, seconds, peak, base = zip(*found, strict=True)
    return rows[0], statistics.median(seconds), max(peak) / 1024, max(base) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--file", type=Path, action="append", default=[], help="a file to read besides")
    parser.add_argument("--shape", choices=SHAPES, action="append", help="only this shape (may be repeated)")
    args = parser.parse_args()
    readers = {"opinion": READ.format(module="opinion", call=OURS)}
    if (
        subprocess.run([sys.executable, "-c", "import pandas"], capture_output=True, check=False).returncode
        == 0
    ):
        readers["pandas"] = READ.format(module="pandas", call=PANDAS)
    print(f"Python {platform.python_version()}, numpy {np.__version__}; load {os.getloadavg()[0]:.1f}")
    print(
        f"{'shape':16} {'reader':8} {'rows':>11} {'CPU s':>7} {'rows/CPU s':>12} {'peak MiB':>9} {'file MB':>8}"
    )
    with tempfile.TemporaryDirectory() as folder:
        files = [(path.name, path) for path in args.file]
        for shape in args.shape or SHAPES:
            path = Path(folder) / f"{len(files)}.csv"
            make(shape, args.rows, path)
            files.append((shape, path))
        for name, path in files:
            for reader, code in readers.items():
                rows, seconds, peak, _ = measure(code, path, args.runs)
                print(
                    f"{name[:16]:16} {reader:8} {rows:>11,} {seconds:>7.2f} {rows / seconds:>12,.0f} {peak:>9.0f} "
                    f"{path.stat().st_size / 1e6:>8.1f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
