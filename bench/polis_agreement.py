#!/usr/bin/env python3
"""How near the compatible mode comes to stored results of Polis's production, beside red-dwarf.

    python bench/polis_agreement.py [--data ../shared/data/conversations] [--peer-python PATH] [--only NAME]

Every conversation with stored groups or a stored result is analysed: in the compatible mode from a cold start, gone
through again by the times of its votes (without times: as from a cold start), both again with the fillings of 2017
(``polis_missing="zero"``), and by red-dwarf where an interpreter has it.

    groups      adjusted Rand index with the stored groups, of the people whom both placed
    axes        |cosine| with the stored axes, first and second
    places      correlation with the stored places, of people who are a base cluster of their own, first and second axis
    position    share of the stored representative statements (group, statement, side) that were found; where no result
                but only groups are stored (*), those that the formulas give for the stored groups
    formulas    the same share when the stored groups are given, and the largest difference of group-aware consensus
                and (relative) of priorities from the stored ones
"""

from __future__ import annotations

import argparse
import csv
import gzip
import importlib.util
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from opinion import ENGINE_VERSION, Result, Statement, Votes, analyze, read_statements, read_votes
from opinion.groups import adjusted_rand
from opinion.integrity import read_times
from opinion.polis_formulas import figures_of_groups

ROOT = Path(__file__).resolve().parents[1]
PEER = Path(__file__).with_name("peer_red_dwarf.py")
Marks = dict[str, list[tuple[str, str]]]


@dataclass(frozen=True)
class Reference:
    name: str
    path: Path
    votes: Votes
    statements: tuple[Statement, ...]
    groups: dict[str, int]
    stored: dict[str, Any] | None
    times: Any  # of the votes; None where there are none

    def which(self, wanted: str) -> list[str]:
        """Ids moderated out, or about people."""
        return [s.id for s in self.statements if (s.is_meta if wanted == "meta" else s.moderated < 0)]


@dataclass(frozen=True)
class Answer:
    groups: dict[str, int]
    axes: list[dict[str, float]]
    places: dict[str, list[float]]
    representative: Marks


def main() -> None:
    args = arguments()
    peer = find_peer(args.peer_python)
    print(f"opinion {ENGINE_VERSION}, numpy {np.__version__}", end="; ")
    print(
        f"red-dwarf by {peer}" if peer else "red-dwarf is not here (--peer-python says where): not compared"
    )
    table: dict[str, list[dict[str, Any]]] = {}
    for reference in references(args.data, args.only):
        n, m = reference.votes.shape
        print(
            f"\n{reference.name}: {n} people, {m} statements, {len(set(reference.groups.values()))} groups stored"
        )
        answers = {
            "compatible": own_answer(reference, "mean"),
            "replayed": own_answer(reference, "mean", replayed=True),
            "as in 2017": own_answer(reference, "zero"),
            "2017 replayed": own_answer(reference, "zero", replayed=True),
        }
        given = {"compatible": own_given(reference)}
        if peer:
            said = ask_peer(peer, reference)
            answers["red-dwarf"], given["red-dwarf"] = peer_answer(said), said["given"]
        for who, answer in answers.items():
            row = compare(reference, answer, given.get(who))
            table.setdefault(who, []).append(row)
            print(
                f"  {who:13}" + "".join(f"  {key} {shown(value)}" for key, value in row.items()), flush=True
            )
    summary(table)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data" / "conversations")
    parser.add_argument("--peer-python", help="an interpreter that has red-dwarf")
    parser.add_argument("--only", default="", help="conversations whose name contains this")
    return parser.parse_args()


def find_peer(given: str | None) -> str | None:
    if given is not None:
        return given
    return sys.executable if importlib.util.find_spec("reddwarf") else None


def references(folder: Path, only: str) -> list[Reference]:
    if not folder.is_dir():
        raise SystemExit(f"{folder} is not there; --data says where the conversations are")
    found = [load(d / "tidy") for d in sorted(folder.iterdir()) if only in d.name and (d / "tidy").is_dir()]
    return [reference for reference in found if reference.groups]


def load(folder: Path) -> Reference:
    votes = read_votes(folder / "votes.csv").votes
    times = read_times(folder / "votes.csv", votes)
    statements = read_statements(folder / "comments.csv").statements
    groups, stored = {}, None
    if (folder / "reference_groups.csv").exists():
        with open(folder / "reference_groups.csv", encoding="utf-8", newline="") as stream:
            groups = {
                row["participant_id"]: int(row["group_id"])
                for row in csv.DictReader(stream)
                if row["group_id"]
            }
    if (folder / "reference_math.json.gz").exists():
        stored = json.loads(gzip.decompress((folder / "reference_math.json.gz").read_bytes()))
        bases = dict(zip(stored["base-clusters"]["id"], stored["base-clusters"]["members"], strict=True))
        groups = {str(p): g["id"] for g in stored["group-clusters"] for b in g["members"] for p in bases[b]}
        out, meta = set(map(str, stored["mod-out"])), set(map(str, stored.get("meta-tids") or ()))
        statements = tuple(
            Statement(s, moderated=-1 if s in out - meta else 1, is_meta=s in meta)
            for s in votes.statement_ids.tolist()
        )
    return Reference(folder.parent.name, folder, votes, tuple(statements), groups, stored, times)


def own_answer(reference: Reference, missing: str, *, replayed: bool = False) -> Answer:
    times = reference.times if replayed else None
    result = analyze(
        reference.votes, mode="polis", statements=reference.statements, times=times, polis_missing=missing
    )
    people = result.participants
    ids = people.ids.tolist()
    return Answer(
        {p: g for p, g in zip(ids, people.group.tolist(), strict=True) if g >= 0},
        [dict(zip(a.statement_ids, a.loadings, strict=True)) for a in result.axes],
        dict(zip(ids, np.stack([people.x, people.y], axis=1).tolist(), strict=True)),
        own_marks(result),
    )


def own_marks(result: Result) -> Marks:
    found: Marks = {}
    for statement in result.statements:
        for group, side in statement.representative_for:
            found.setdefault(str(group), []).append((statement.id, side))
    return found


def own_given(reference: Reference) -> dict[str, Any]:
    ids, statements = reference.votes.participant_ids.tolist(), reference.votes.statement_ids.tolist()
    extremity = None
    if reference.stored and "comment-extremity" in reference.stored["pca"]:
        known = dict(
            zip(map(str, reference.stored["tids"]), reference.stored["pca"]["comment-extremity"], strict=True)
        )
        extremity = np.array([known.get(s, 0.0) for s in statements])
    figures = figures_of_groups(
        reference.votes,
        np.array([reference.groups.get(p, -1) for p in ids]),
        excluded=np.isin(statements, reference.which("out")),
        meta=np.isin(statements, reference.which("meta")),
        extremity=extremity,
    )
    marks = {
        str(g): [(statements[mark.statement], mark.side) for mark in own]
        for g, own in enumerate(figures.representative)
    }
    return {
        "representative": marks,
        "group_aware": dict(zip(statements, figures.group_aware.tolist(), strict=True)),
        "priority": dict(zip(statements, figures.priority.tolist(), strict=True)),
    }


def ask_peer(python: str, reference: Reference) -> dict[str, Any]:
    request = {
        "votes": str(reference.path / "votes.csv"),
        "out": [int(s) for s in (*reference.which("out"), *reference.which("meta"))],
        "meta": [int(s) for s in reference.which("meta")],
        "groups": reference.groups,
    }
    done = subprocess.run(
        [python, str(PEER)], input=json.dumps(request), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"red-dwarf failed on {reference.name}: {done.stderr.strip().splitlines()[-1:]}")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def peer_answer(said: dict[str, Any]) -> Answer:
    marks = {g: [(s, side) for s, side in own] for g, own in said["representative"].items()}
    return Answer(said["groups"], said["axes"], said["places"], marks)


def compare(reference: Reference, answer: Answer, given: dict[str, Any] | None) -> dict[str, Any]:
    both = sorted(set(reference.groups) & set(answer.groups))
    theirs = np.array([reference.groups[p] for p in both])
    found = np.array([answer.groups[p] for p in both])
    row: dict[str, Any] = {"k": len(set(answer.groups.values())), "groups": adjusted_rand(theirs, found)}
    stored = reference.stored
    if stored:
        row["axes"] = cosines(stored, answer)
        row["places"] = correlations(stored, answer)
    known = stored_marks(reference)
    mate = {
        g: int(np.bincount(found[theirs == g]).argmax()) if np.any(theirs == g) else -1 for g in set(theirs)
    }
    own = {g: answer.representative.get(str(mate.get(int(g), -1)), []) for g in known}
    row["position" if stored else "position*"] = recall(known, own)
    if given and stored:
        marks = {g: [(s, side) for s, side in own] for g, own in given["representative"].items()}
        row["formulas"] = recall(known, marks)
        row["aware"] = largest(stored.get("group-aware-consensus"), given.get("group_aware"), relative=False)
        row["priority"] = largest(stored.get("comment-priorities"), given.get("priority"), relative=True)
    return row


def cosines(stored: dict[str, Any], answer: Answer) -> list[float]:
    ids = [str(s) for s in stored["tids"]]
    pairs = zip(answer.axes, stored["pca"]["comps"], strict=False)
    found = [(np.array([axis.get(s, 0.0) for s in ids]), np.array(known)) for axis, known in pairs]
    return [float(abs(own @ known) / np.linalg.norm(own) / np.linalg.norm(known)) for own, known in found]


def correlations(stored: dict[str, Any], answer: Answer) -> list[float]:
    bases = stored["base-clusters"]
    alone = [
        (answer.places[str(own[0])], (x, y))
        for own, x, y in zip(bases["members"], bases["x"], bases["y"], strict=True)
        if len(own) == 1 and str(own[0]) in answer.places
    ]
    own, known = (np.array(part) for part in zip(*alone, strict=True))
    return [float(abs(np.corrcoef(own[:, axis], known[:, axis])[0, 1])) for axis in (0, 1)]


def stored_marks(reference: Reference) -> Marks:
    if reference.stored:
        return {
            g: [(str(r["tid"]), r["repful-for"]) for r in own]
            for g, own in reference.stored["repness"].items()
        }
    found: Marks = own_given(reference)["representative"]
    return found


def recall(known: Marks, found: Marks) -> float:
    hits = sum(len(set(own) & set(found.get(g, []))) for g, own in known.items())
    return hits / max(1, sum(len(own) for own in known.values()))


def largest(
    known: dict[str, float] | None, found: dict[str, float] | None, *, relative: bool
) -> float | None:
    if not known or not found:
        return None
    shared = sorted(set(known) & set(found))
    gaps = [abs(known[s] - found[s]) / (known[s] if relative else 1.0) for s in shared]
    return max(gaps)


def shown(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, list):
        return "/".join(shown(part) for part in value)
    return str(value) if isinstance(value, int) else f"{value:.4f}".rstrip("0").rstrip(".") or "0"


def summary(table: dict[str, list[dict[str, Any]]]) -> None:
    print(
        "\nmedian / mean over the conversations that have the figure (for axes and places: median / lowest)"
    )
    for who, rows in table.items():
        parts = []
        for key in ("groups", "axes", "places", "position", "position*", "formulas"):
            values = [value for row in rows if (value := row.get(key)) is not None]
            flat = np.array([v for value in values for v in (value if isinstance(value, list) else [value])])
            if flat.size:
                second = flat.min() if key in ("axes", "places") else flat.mean()
                parts.append(f"{key} {np.median(flat):.3f} / {second:.3f} ({len(values)})")
        print(f"  {who:13}  " + "  ".join(parts))


if __name__ == "__main__":
    main()
