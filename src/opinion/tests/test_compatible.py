import gzip
import json

import numpy as np
import pytest

from opinion import InputError, Statement, Votes, analyze, read_votes
from opinion.groups import adjusted_rand
from opinion.polis_formulas import (
    AGREE,
    DISAGREE,
    figures_of_groups,
    group_aware_consensus,
    priorities,
    select_consensus,
    select_representative,
)

from .conftest import planted


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


def test_priorities_are_those_of_polis_also_of_statements_moderated_out(taxes):
    stored, _, result, _ = taxes
    for statement in result.statements:
        assert statement.priority == pytest.approx(stored["comment-priorities"][statement.id], rel=0.02)


def test_consensus_is_that_of_polis(taxes):
    stored, _, result, _ = taxes
    found = [(f.statements[0], f.figures["side"], f.figures["z"]) for f in result.findings_of("consensus")]
    known = [
        (str(c["tid"]), side, c["p-test"])
        for side in ("agree", "disagree")
        for c in stored["consensus"][side]
    ]
    assert [f[:2] for f in found] == [c[:2] for c in known]
    assert [f[2] for f in found] == pytest.approx([c[2] for c in known])


def test_groups_are_nearly_those_of_polis(taxes):
    stored, votes, result, _ = taxes
    theirs = groups_in(stored, votes)
    both = (theirs >= 0) & (result.participants.group >= 0)
    assert both.sum() >= 0.99 * (theirs >= 0).sum()
    assert adjusted_rand(theirs[both], result.participants.group[both]) > 0.8


def groups_in(stored, votes):
    bases = dict(zip(stored["base-clusters"]["id"], stored["base-clusters"]["members"], strict=True))
    of = {str(p): g["id"] for g in stored["group-clusters"] for b in g["members"] for p in bases[b]}
    return np.array([of.get(p, -1) for p in votes.participant_ids.tolist()])


def test_formulas_on_given_groups_are_those_of_polis(taxes):
    stored, votes, _, out = taxes
    place = {str(t): i for i, t in enumerate(stored["tids"])}
    order = [place[s] for s in votes.statement_ids.tolist()]
    figures = figures_of_groups(
        votes,
        groups_in(stored, votes),
        excluded=np.isin(votes.statement_ids, list(out)),
        meta=np.isin(votes.statement_ids, [str(t) for t in stored["meta-tids"]]),
        extremity=np.array(stored["pca"]["comment-extremity"])[order],
    )
    for g in range(2):
        own = [(votes.statement_ids[mark.statement], mark.side) for mark in figures.representative[g]]
        assert own == [(str(r["tid"]), r["repful-for"]) for r in stored["repness"][str(g)]]
        for mark, known in zip(figures.representative[g], stored["repness"][str(g)], strict=True):
            assert (mark.successes, mark.trials) == (known["n-success"], known["n-trials"])
            names = ("p-success", "p-test", "repness", "repness-test")
            assert (mark.p, mark.z, mark.ratio, mark.ratio_z) == pytest.approx([known[k] for k in names])
    for name, values in (
        ("group-aware-consensus", figures.group_aware),
        ("comment-priorities", figures.priority),
    ):
        known = [stored[name][s] for s in votes.statement_ids.tolist()]
        assert values == pytest.approx(known, rel=1e-9)


def test_the_state_of_2017_filled_in_zeros(conversations):
    """The stored result of freshwater: missing votes were 0, and so were those on statements moderated out."""
    folder = conversations / "scoop-hivemind.freshwater" / "tidy"
    stored = json.loads(gzip.decompress((folder / "reference_math.json.gz").read_bytes()))
    votes = read_votes(folder / "votes.csv").votes
    out = {str(s) for s in stored["mod-out"]}
    statements = [Statement(s, moderated=-1 if s in out else 1) for s in votes.statement_ids.tolist()]
    result = analyze(votes, mode="polis", statements=statements, polis_missing="zero")
    for axis, component in zip(result.axes, stored["pca"]["comps"], strict=True):
        own = dict(zip(axis.statement_ids, axis.loadings, strict=True))
        assert abs(np.dot([own[str(s)] for s in stored["tids"]], component)) > 0.9999
    theirs = groups_in(stored, votes)
    assert np.array_equal(theirs >= 0, result.participants.group >= 0)
    assert adjusted_rand(theirs, result.participants.group) == 1.0


def dense(votes, shaping, missing):
    """Axes as one would take them from the filled-in matrix."""
    full = np.full(votes.shape, np.nan)
    full[votes.rows, votes.indices] = votes.values
    full[:, ~shaping] = 0
    fill = np.nanmean(full, axis=0) if missing == "mean" else np.zeros(votes.shape[1])
    full = np.where(np.isnan(full), fill, full)
    centred = full - full.mean(axis=0)
    return np.linalg.svd(centred, full_matrices=False)[2][:2], full.mean(axis=0)


@pytest.mark.parametrize("missing", ["mean", "zero"])
@pytest.mark.parametrize("statements", [20, 150])
def test_axes_are_those_of_the_filled_in_matrix(missing, statements):
    votes, _ = planted(200, statements, 2, fill=0.3, seed=5)
    shaping = np.arange(statements) % 7 > 0
    kinds = [
        Statement(s, moderated=1 if keep else -1)
        for s, keep in zip(votes.statement_ids.tolist(), shaping, strict=True)
    ]
    result = analyze(votes, mode="polis", statements=kinds, polis_missing=missing)
    axes, mean = dense(votes, shaping, missing)
    for axis, expected in zip(result.axes, axes, strict=True):
        assert abs(np.dot(axis.loadings, expected)) == pytest.approx(1, abs=1e-9)
    person = 17
    own = votes.indices[votes.indptr[person] : votes.indptr[person + 1]]
    value = votes.values[votes.indptr[person] : votes.indptr[person + 1]]
    scale = np.sqrt(statements / (shaping[own].sum() + (~shaping).sum()))
    for axis, place in zip(axes, (result.participants.x[person], result.participants.y[person]), strict=True):
        by_hand = sum((v - mean[s]) * axis[s] for s, v in zip(own, value, strict=True) if shaping[s]) * scale
        assert abs(place) == pytest.approx(abs(by_hand), rel=1e-6)


def test_an_unknown_filling_is_refused(two_groups):
    with pytest.raises(InputError, match="polis_missing must be mean or zero"):
        analyze(two_groups, mode="polis", polis_missing="median")


def counts_of(*groups):
    """Counts from rows (disagree, pass, agree) of each group."""
    return np.array(groups)


NOBODY = np.zeros(2, dtype=bool)


def test_representativeness_by_hand():
    counts = counts_of([[1, 1, 8], [5, 0, 5]], [[8, 0, 2], [5, 0, 5]])
    mark = select_representative(counts, 0, NOBODY)[0]
    assert (mark.statement, mark.side, mark.successes, mark.trials) == (0, "agree", 8, 10)
    assert mark.p == pytest.approx(9 / 12)
    assert mark.z == pytest.approx(2 * 11**0.5 * (9 / 11 - 0.5))
    assert mark.ratio == pytest.approx((9 / 12) / (3 / 12))
    pooled = (9 + 3) / 22
    assert mark.ratio_z == pytest.approx((9 / 11 - 3 / 11) / (pooled * (1 - pooled) * (2 / 11)) ** 0.5)
    other = select_representative(counts, 1, NOBODY)
    assert [(m.statement, m.side) for m in other][-1] == (0, "disagree")


def test_a_group_without_any_position_is_shown_the_likeliest_statement():
    counts = counts_of([[0, 3, 0], [1, 3, 0]], [[0, 3, 0], [0, 9, 0]])
    (mark,) = select_representative(counts, 0, NOBODY)
    assert (mark.statement, mark.side) == (1, "disagree")
    assert not select_representative(counts, 0, ~NOBODY)


def test_at_most_five_represent_a_group_and_those_it_agrees_with_come_first():
    counts = np.zeros((2, 9, 3), dtype=int)
    counts[0, :6, AGREE], counts[1, :6, DISAGREE] = 20, 20
    counts[0, 6:, DISAGREE], counts[1, 6:, AGREE] = 30, 30
    marks = select_representative(counts, 0, np.zeros(9, dtype=bool))
    assert len(marks) == 5
    assert [mark.side for mark in marks] == ["agree"] * 2 + ["disagree"] * 3


def test_consensus_by_hand():
    total = np.array([[0, 1, 9], [9, 0, 1], [4, 2, 4]])
    (mark,) = select_consensus(total, AGREE, np.zeros(3, dtype=bool))
    assert (mark.statement, mark.p) == (0, pytest.approx(10 / 12))
    assert mark.z == pytest.approx(2 * 11**0.5 * (10 / 11 - 0.5))
    assert [m.statement for m in select_consensus(total, DISAGREE, np.zeros(3, dtype=bool))] == [1]


def test_priority_and_group_aware_consensus_by_hand():
    total = np.array([[1, 2, 7], [0, 0, 0]])
    expected = ((1 - 3 / 12) * (0.5 + 1) * (8 / 12) * (1 + 8 * 2.0**-2)) ** 2
    found = priorities(total, np.array([0.5, 0.0]), np.array([False, True]))
    assert found == pytest.approx([expected, 49])
    counts = counts_of([[1, 0, 3]], [[0, 2, 2]])
    assert group_aware_consensus(counts) == pytest.approx([(4 / 6) * (3 / 6)])


def test_statements_about_people_and_those_moderated_out_are_in_no_finding(two_groups):
    ids = two_groups.statement_ids.tolist()
    kinds = [Statement(ids[0], is_meta=True), Statement(ids[1], moderated=-1)]
    plain = analyze(two_groups, mode="polis")
    result = analyze(two_groups, mode="polis", statements=kinds)
    named = {s for finding in result.findings for s in finding.statements}
    assert named and not named & set(ids[:2])
    assert result.statements[0].priority == 49
    assert not any(axis.loadings[0] or axis.loadings[1] for axis in result.axes)
    assert any(axis.loadings[0] for axis in plain.axes)


def test_a_statement_without_votes_changes_nothing():
    votes, _ = planted(60, 10, 2, seed=7)
    wider = Votes.from_arrays(
        votes.rows, votes.indices, votes.values, statement_ids=[str(s) for s in range(14)]
    )
    narrow, wide = analyze(votes, mode="polis"), analyze(wider, mode="polis")
    assert np.array_equal(narrow.participants.group, wide.participants.group)
    assert np.allclose(narrow.participants.x, wide.participants.x)


def test_fewer_than_fifteen_with_seven_votes_are_topped_up_by_most_votes():
    rows = [(p, s) for p in range(20) for s in range(8 if p < 5 else 1 + p % 6)]
    votes = Votes.from_arrays(
        [p for p, _ in rows], [s for _, s in rows], [1 if (p + s) % 3 else -1 for p, s in rows]
    )
    group = analyze(votes, mode="polis").participants.group
    assert (group >= 0).sum() == 15
    assert np.all(group[:5] >= 0)
    left_out = np.flatnonzero(group < 0)
    assert np.diff(votes.indptr)[left_out].max() <= np.diff(votes.indptr)[group >= 0].min()


def make(rows, statements=None):
    people, columns, values = (list(part) for part in zip(*rows, strict=True)) if rows else ([], [], [])
    return Votes.from_arrays(people, columns, np.array(values, dtype=int), statement_ids=statements)


@pytest.mark.parametrize(
    ("votes", "groups"),
    [
        (make([]), 0),
        (make([], ["1", "2"]), 0),
        (make([(1, 1, 1)]), 1),
        (make([(1, s, 1) for s in range(9)]), 1),
        (make([(p, 1, p % 2) for p in range(30)]), 1),
        (make([(p, s, 1) for p in range(30) for s in range(8)]), 1),
        (make([(p, s, 0) for p in range(30) for s in range(8)]), 1),
        (make([(p, s, 1 if (p + s) % 2 else -1) for p in range(4) for s in range(40)]), 2),
    ],
    ids=[
        "nothing",
        "no votes",
        "one vote",
        "one person",
        "one statement",
        "all agree",
        "all pass",
        "few people",
    ],
)
@pytest.mark.parametrize("missing", ["mean", "zero"])
def test_degenerate_conversations(votes, groups, missing):
    result = analyze(votes, mode="polis", polis_missing=missing)
    assert result.k == groups
    assert np.all(np.isfinite(result.participants.x))
    assert json.loads(result.to_json())["k"] == groups


def test_the_order_of_rows_in_the_file_does_not_matter(two_groups):
    shuffled = np.random.default_rng(3).permutation(two_groups.size)
    other = Votes.from_arrays(
        two_groups.participant_ids[two_groups.rows][shuffled],
        two_groups.statement_ids[two_groups.indices][shuffled],
        two_groups.values[shuffled],
    )
    assert analyze(other, mode="polis").to_json() == analyze(two_groups, mode="polis").to_json()


def test_groups_must_be_as_many_as_people(two_groups):
    with pytest.raises(InputError, match="One group for each of the 120 participants"):
        figures_of_groups(two_groups, [0, 1])


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
