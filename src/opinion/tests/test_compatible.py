import gzip
import json

import numpy as np
import pytest

from opinion import Statement, analyze, read_votes
from opinion.compatible import select_representative
from opinion.tallies import tally


@pytest.fixture
def taxes(conversations):
    """The one real conversation whose stored result is of the same votes."""
    folder = conversations / "scoop-hivemind.taxes" / "tidy"
    stored = json.loads(gzip.decompress((folder / "reference_math.json.gz").read_bytes()))
    votes = read_votes(folder / "votes.csv").votes
    out, meta = ({str(s) for s in stored[name]} for name in ("mod-out", "meta-tids"))
    statements = [
        Statement(s, moderated=-1 if s in out else 1, is_meta=s in meta) for s in votes.statement_ids.tolist()
    ]
    return stored, votes, analyze(votes, mode="polis", statements=statements), out


def test_axes_are_those_of_polis(taxes):
    stored, _, result, _ = taxes
    order = [str(s) for s in stored["tids"]]
    for axis, component in zip(result.axes, stored["pca"]["comps"], strict=True):
        own = dict(zip(axis.statement_ids, axis.loadings, strict=True))
        assert abs(np.dot([own[s] for s in order], component)) > 0.9999


def test_priorities_are_those_of_polis(taxes):
    stored, _, result, out = taxes
    for statement in result.statements:
        if statement.id not in out:
            assert statement.priority == pytest.approx(stored["comment-priorities"][statement.id], rel=0.02)


def test_formulas_on_given_groups_are_those_of_polis(taxes):
    stored, votes, _, out = taxes
    bases = dict(zip(stored["base-clusters"]["id"], stored["base-clusters"]["members"], strict=True))
    of = {str(p): g["id"] for g in stored["group-clusters"] for b in g["members"] for p in bases[b]}
    counts = tally(votes, np.array([of.get(p, -1) for p in votes.participant_ids.tolist()]), 2)
    left_out = np.isin(votes.statement_ids, list(out))
    for g in range(2):
        chosen = {(votes.statement_ids[s], side) for s, side in select_representative(counts, g, left_out)}
        assert chosen == {(str(r["tid"]), r["repful-for"]) for r in stored["repness"][str(g)]}


def test_it_says_at_least_two_groups(two_groups):
    result = analyze(two_groups, mode="polis")
    assert result.k >= 2
    assert result.findings_of("position")
    assert not result.findings_of("division")


def test_people_stand_where_polis_puts_them(taxes):
    stored, _, result, _ = taxes
    place = {p: i for i, p in enumerate(result.participants.ids.tolist())}
    bases = stored["base-clusters"]
    alone = [
        (place[str(m[0])], x, y)
        for m, x, y in zip(*map(bases.get, ("members", "x", "y")), strict=True)
        if len(m) == 1
    ]
    assert len(alone) > 10
    for i, x, y in alone:
        assert np.hypot(result.participants.x[i], result.participants.y[i]) == pytest.approx(
            np.hypot(x, y), rel=1e-3
        )
