#!/usr/bin/env python3
"""CPU, wall time and memory of the engine's two modes, beside red-dwarf and Polis's own Python mathematics.

    python bench/engine_speed.py [--data ../shared/data/conversations] [--syn FOLDER ...] [--runs 3] [--only NAME ...]
                                 [--peer-python PATH] [--polis-math PATH] [--peer-votes 600000]

``--syn`` takes folders with votes.csv (``simulate_votes.py sparse 10000 500 .05`` and so on). red-dwarf runs in the
interpreter given (or this one, if it has it); Polis's own mathematics from the ``delphi`` folder of a checkout, in the
same interpreter. Peers are left out above ``--peer-votes`` votes: at 4.7 million red-dwarf takes minutes and gigabytes.

Every run is a process of its own, one way after the other, so that noise meets all alike. Times are of the analysis,
findings and the JSON's hash included, reading excluded; the peak is that of the whole process, for our modes from a
binary copy of the votes. Reading CSV into the sparse matrix is the row "read". Medians; at the end the ratios.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

ROOT = Path(__file__).resolve().parents[1]
PEER = Path(__file__).with_name("peer_red_dwarf.py")
REAL = (
    "scoop-hivemind.freshwater",
    "vtaiwan.uberx",
    "american-assembly.bowling-green",
    "march-on.operation-marchin-orders",
)
Run = dict[str, Any]


def main() -> None:
    args = arguments()
    if args.child:
        json.dump(CHILDREN[args.child[0]](Path(args.child[1]), args), sys.stdout)
        return
    peer = args.peer_python or (sys.executable if importlib.util.find_spec("reddwarf") else None)
    load = os.getloadavg()[0]
    print(
        f"Python {platform.python_version()}, numpy {version('numpy')}, scipy {version('scipy')}; load {load:.1f}"
    )
    print(f"red-dwarf: {peer or 'not here (--peer-python says where)'}; ", end="")
    print(
        f"Polis's own mathematics: {args.polis_math or 'not given (--polis-math)'}; {args.runs} runs, medians"
    )
    print(f"\n{'conversation (votes)':48} {'way':10} {'CPU s':>8} {'wall s':>8} {'peak MiB':>9}")
    ratios: list[str] = []
    for name, path in inputs(args):
        ratios += measure(name, path, peer, args)
    print("\nhow many times less than the peer: CPU, peak")
    print("\n".join(ratios) or "no peer was here to compare with")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data" / "conversations")
    parser.add_argument("--syn", type=Path, nargs="*", default=[], help="folders of simulated votes")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument(
        "--only", nargs="*", default=[], help="conversations whose name contains one of these"
    )
    parser.add_argument("--peer-python", help="an interpreter that has red-dwarf")
    parser.add_argument("--polis-math", help="the folder delphi of a checkout of Polis")
    parser.add_argument("--peer-votes", type=int, default=600_000, help="no peers above so many votes")
    parser.add_argument("--child", nargs=2, metavar=("WAY", "PATH"), help=argparse.SUPPRESS)
    return parser.parse_args()


def inputs(args: argparse.Namespace) -> list[tuple[str, Path]]:
    found = [(name, args.data / name / "tidy" / "votes.csv") for name in REAL]
    found += [(f"simulated {folder.name}", folder / "votes.csv") for folder in args.syn]
    chosen = [(n, p) for n, p in found if not args.only or any(part in n for part in args.only)]
    for name, path in chosen:
        if not path.is_file():
            print(f"{name}: {path} is not there, left out")
    return [(name, path) for name, path in chosen if path.is_file()]


def measure(name: str, path: Path, peer: str | None, args: argparse.Namespace) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        binary = Path(folder) / "votes.npz"
        own = [sys.executable, __file__, "--child"]
        votes = run([*own, "pack", str(path)], str(binary))["votes"]
        ways: dict[str, list[str]] = {
            "read": [*own, "read", str(path)],
            "plenary": [*own, "plenary", str(binary)],
            "polis": [*own, "polis", str(binary)],
        }
        if peer and votes <= args.peer_votes:
            ways["red-dwarf"] = [peer, str(PEER)]
            if args.polis_math:
                ways["Polis"] = [
                    peer,
                    __file__,
                    "--polis-math",
                    args.polis_math,
                    "--child",
                    "Polis",
                    str(path),
                ]
        runs: dict[str, list[Run]] = {way: [] for way in ways}
        request = json.dumps({"votes": str(path), "out": [], "meta": [], "details": False})
        for _ in range(args.runs):
            for way, command in ways.items():
                runs[way].append(run(command, request))
    middle = {way: {key: statistics.median(r[key] for r in own) for key in ("cpu", "wall", "peak")}
              for way, own in runs.items()}  # fmt: skip
    for way, row in middle.items():
        label = f"{name} ({votes:,})" if way == "read" else ""
        print(f"{label:48} {way:10} {row['cpu']:8.2f} {row['wall']:8.2f} {row['peak']:9.0f}", flush=True)
    return [
        f"{name:40} {way:8} to {other:10} {middle[other]['cpu'] / max(middle[way]['cpu'], 1e-3):7.1f} "
        f"{middle[other]['peak'] / middle[way]['peak']:6.1f}"
        for way in ("plenary", "polis")
        for other in middle
        if other in ("red-dwarf", "Polis")
    ]


def run(command: list[str], given: str) -> Run:
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
    answer: Run = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


class Clock:
    """CPU and wall time since it was made, and the peak of the process."""

    def __init__(self) -> None:
        self.cpu, self.wall = time.process_time(), time.perf_counter()

    def read(self) -> Run:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return {"cpu": time.process_time() - self.cpu, "wall": time.perf_counter() - self.wall, "peak": peak}


def pack(path: Path, args: argparse.Namespace) -> Run:
    import numpy as np

    from opinion import read_votes

    votes = read_votes(path).votes
    with open(sys.stdin.read().strip(), "wb") as stream:
        np.savez(
            stream,
            people=votes.participant_ids,
            statements=votes.statement_ids,
            indptr=votes.indptr,
            indices=votes.indices,
            values=votes.values,
        )
    return {"votes": votes.size}


def read(path: Path, args: argparse.Namespace) -> Run:
    from opinion import read_votes

    clock = Clock()
    read_votes(path)
    return clock.read()


def analysis(path: Path, args: argparse.Namespace) -> Run:
    import numpy as np

    from opinion import Votes, analyze

    with np.load(path) as found:
        votes = Votes(*(found[key] for key in ("people", "statements", "indptr", "indices", "values")))
    analyze(
        Votes.from_dense(np.eye(20, 80)), mode=args.child[0]
    )  # imports are nobody's time, here as with the peers
    clock = Clock()
    analyze(votes, mode=args.child[0])
    return clock.read()


def polis_itself(path: Path, args: argparse.Namespace) -> Run:
    sys.path.insert(0, args.polis_math)
    from polismath.conversation.conversation import Conversation

    with open(path, encoding="utf-8", newline="") as stream:
        votes = [
            {"pid": int(row["participant_id"]), "tid": int(row["statement_id"]), "vote": -float(row["vote"])}
            for row in csv.DictReader(stream)
        ]
    clock = Clock()
    Conversation("0").update_votes({"votes": votes, "lastVoteTimestamp": 1})
    return clock.read()


CHILDREN = {"pack": pack, "read": read, "plenary": analysis, "polis": analysis, "Polis": polis_itself}


if __name__ == "__main__":
    main()
