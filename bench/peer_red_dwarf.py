#!/usr/bin/env python3
"""red-dwarf on one conversation, for the benchmarks beside it; runs in an interpreter that has red-dwarf.

    PYTHON bench/peer_red_dwarf.py < request.json > answer.json

The request names a file of votes and the statements moderated out and about people; ``groups`` (participant to group)
asks for the formulas on these groups too. CPU and wall time and the peak are of the analysis, reading excluded.
"""

from __future__ import annotations

import csv
import json
import resource
import sys
import time
import warnings
from importlib.metadata import version


def main() -> None:
    warnings.filterwarnings("ignore")
    request = json.load(sys.stdin)
    with open(request["votes"], encoding="utf-8", newline="") as stream:
        votes = [
            {
                "participant_id": int(row["participant_id"]),
                "statement_id": int(row["statement_id"]),
                "vote": int(row["vote"]),
                "modified": int(row.get("timestamp_ms") or i),
            }
            for i, row in enumerate(csv.DictReader(stream))
        ]
    from reddwarf.implementations.polis import run_pipeline

    cpu, wall = time.process_time(), time.perf_counter()
    found = run_pipeline(
        votes=votes,
        mod_out_statement_ids=request["out"],
        meta_statement_ids=request["meta"],
        random_state=request.get("seed", 0),
    )
    answer = {
        "version": version("red-dwarf"),
        "cpu": time.process_time() - cpu,
        "wall": time.perf_counter() - wall,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    if request.get("details", True):
        answer |= details(found, request)
    json.dump(answer, sys.stdout)


def details(found, request) -> dict:
    people, statements = found.participants_df, found.statements_df
    placed = people[people["cluster_id"].notna()]
    return {
        "groups": {str(p): int(g) for p, g in placed["cluster_id"].items()},
        "places": {str(p): [float(v) for v in place] for p, place in found.participant_projections.items()},
        "axes": [{str(s): float(v) for s, v in statements[pc].items()} for pc in ("pc1", "pc2")],
        "representative": marks(found.repness),
        "given": on_given_groups(found, request),
    }


def marks(repness) -> dict:
    return {str(g): [[str(s["tid"]), str(s["repful-for"])] for s in own] for g, own in repness.items()}


def on_given_groups(found, request) -> dict | None:
    if not request.get("groups"):
        return None
    from reddwarf.utils.stats import calculate_comment_statistics_dataframes, select_representative_statements

    groups = {int(p): g for p, g in request["groups"].items()}
    ids = [p for p in found.raw_vote_matrix.index if p in groups]
    import numpy as np

    stats, aware = calculate_comment_statistics_dataframes(
        vote_matrix=found.raw_vote_matrix.loc[ids, :], cluster_labels=np.array([groups[p] for p in ids])
    )
    chosen = select_representative_statements(
        grouped_stats_df=stats, mod_out_statement_ids=request["out"] + request["meta"]
    )
    values = aware["group-aware-consensus-agree"]
    return {
        "representative": marks(chosen),
        "group_aware": {str(s): float(v) for s, v in values.items()},
    }


if __name__ == "__main__":
    main()
