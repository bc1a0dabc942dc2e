import json
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opinion import InputError, Statement, Votes, analyze, read_votes
from opinion.groups import adjusted_rand
from opinion.result import KINDS
from opinion.slate import slate

from .conftest import planted

REQUIRED = {
    "mode",
    "seed",
    "input_sha256",
    "engine_version",
    "k",
    "participants",
    "axes",
    "statements",
    "findings",
}
PER_STATEMENT = {
    "id",
    "agree",
    "disagree",
    "pass",
    "per_group",
    "consensus",
    "division",
    "bridge",
    "representative_for",
    "intervals",
    "priority",
}
MODES = ["plenary", "polis"]


@pytest.fixture(scope="module")
def result(two_groups):
    return analyze(two_groups)


def test_planted_groups_are_found():
    votes, truth = planted(400, 40, 3, seed=5)
    result = analyze(votes)
    assert result.k == 3
    assert adjusted_rand(truth, result.participants.group) > 0.85
    assert [group.size for group in result.groups] == sorted(
        (group.size for group in result.groups), reverse=True
    )


def test_votes_without_groups_give_one_group():
    declared = [analyze(planted(300, 40, 1, fill=fill, seed=s)[0]).k for s in range(8) for fill in (0.2, 0.6)]
    assert declared == [1] * 16


def test_a_small_minority_is_not_swallowed():
    rng = np.random.default_rng(4)
    votes, _ = planted(600, 80, 1, fill=0.7, seed=8)
    small = rng.random(600) < 0.06
    turned = (rng.random(80) < 0.4)[votes.indices] & small[votes.rows]
    value = np.where(turned, np.where(votes.indices % 2, 1, -1), votes.values)
    result = analyze(Votes.from_arrays(votes.rows, votes.indices, value))
    assert result.k == 2
    assert adjusted_rand(small, result.participants.group) > 0.9


def test_the_json_has_what_is_promised(result):
    data = json.loads(result.to_json())
    assert set(data) >= REQUIRED
    assert all(set(statement) >= PER_STATEMENT for statement in data["statements"])
    assert set(data["participants"][0]) == {"id", "group", "confidence", "x", "y"}
    assert data["axes"][0]["statement_ids"] == [s["id"] for s in data["statements"]]
    assert {finding["kind"] for finding in data["findings"]} <= {
        "consensus",
        "division",
        "bridge",
        "position",
        "uncertain",
    }
    assert result.to_dict() == data


@pytest.mark.parametrize("mode", MODES)
def test_same_seed_same_bytes(two_groups, mode):
    assert (
        analyze(two_groups, seed=3, mode=mode).to_json() == analyze(two_groups, seed=3, mode=mode).to_json()
    )


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_order_of_rows_does_not_matter(two_groups, seed):
    order = np.random.default_rng(seed).permutation(two_groups.size)
    ids = two_groups.participant_ids[two_groups.rows], two_groups.statement_ids[two_groups.indices]
    shuffled = Votes.from_arrays(ids[0][order], ids[1][order], two_groups.values[order])
    assert analyze(shuffled).to_json() == analyze(two_groups).to_json()


@pytest.mark.parametrize("mode", MODES)
def test_inputs_stay_untouched(two_groups, mode):
    before = (
        two_groups.indptr.copy(),
        two_groups.indices.copy(),
        two_groups.values.copy(),
        two_groups.sha256,
    )
    analyze(two_groups, mode=mode)
    assert np.array_equal(two_groups.indptr, before[0])
    assert np.array_equal(two_groups.indices, before[1])
    assert np.array_equal(two_groups.values, before[2])


def test_counts_add_up(result, two_groups):
    for place, statement in enumerate(result.statements):
        own = two_groups.values[two_groups.indices == place]
        assert (statement.agree, statement.disagree, statement.pass_) == tuple(
            np.sum(own == v) for v in (1, -1, 0)
        )
        assert sum(group.agree for group in statement.per_group) <= statement.agree
        for group in statement.per_group:
            assert group.rate is None or 0 <= group.low <= group.rate <= group.high <= 1


def test_findings_are_what_they_say(result):
    threshold = result.settings["consensus_threshold"]
    for finding in result.findings_of("consensus"):
        assert all(group["low"] >= threshold for group in finding.figures["per_group"])
    assert result.findings_of("division")
    for finding in result.findings_of("division"):
        first, second = finding.groups
        rates = [finding.figures["per_group"][g]["rate"] for g in (first, second)]
        assert rates[0] > rates[1]
        assert finding.figures["q"] <= 0.05 and finding.figures["low"] >= 0.2
    for finding in result.findings_of("position"):
        assert len(finding.groups) == 1 and finding.statements


def test_noise_is_no_division():
    # Two clear groups on twenty statements, and two hundred statements on which they do not differ.
    rng = np.random.default_rng(2)
    group = rng.integers(0, 2, 200)
    chance = np.full((2, 120), 0.5)
    chance[:, :20] = [[0.95], [0.05]]
    dense = np.where(rng.random((200, 120)) < chance[group], 1.0, -1.0)
    result = analyze(Votes.from_dense(dense))
    assert result.k == 2
    assert {s for finding in result.findings_of("division") for s in finding.statements} == {
        str(s) for s in range(20)
    }


def test_moderated_statements_are_in_no_finding(two_groups):
    out = [Statement("0", moderated=-1), Statement("1", is_meta=True)]
    result = analyze(two_groups, statements=out)
    assert all("0" not in finding.statements for finding in result.findings)
    assert result.statements[0].left_out and not result.statements[1].left_out
    loadings = dict(zip(result.axes[0].statement_ids, result.axes[0].loadings, strict=True))
    assert loadings["0"] == loadings["1"] == 0


def test_what_is_about_the_people_describes_groups_and_is_no_view():
    """Two camps of sixty; everybody says the first of herself, and of the second each camp another thing."""
    camp = np.repeat([1.0, -1.0], 60)
    dense = np.column_stack([np.ones(120), camp, *[camp] * 8, np.ones(120)])
    votes = Votes.from_dense(dense)
    about = [Statement("0", is_meta=True), Statement("1", is_meta=True)]
    plain, result = analyze(votes), analyze(votes, statements=about)
    named = {kind: {s for one in plain.findings_of(kind) for s in one.statements} for kind in KINDS}
    assert "0" in named["consensus"] and "1" in named["division"]
    for kind in KINDS:
        told = {s for one in result.findings_of(kind) for s in one.statements}
        assert told == named[kind] - {"0", "1"} or kind == "position"
    assert any("1" in one.statements for one in result.findings_of("position"))
    assert [(one.agree, one.is_meta) for one in result.statements[:2]] == [(120, True), (60, True)]
    assert not {"0", "1"} & set(slate(votes, 5, statements=result.marked()).ids)


def test_labels_and_signs_follow_the_previous_result_and_the_partition_does_not(two_groups, result):
    data = result.to_dict()
    del data["participants"]  # groups are told by what they say: people may have other names next time
    for statement in data["statements"]:
        statement["per_group"].reverse()
    for axis in data["axes"]:
        axis["loadings"] = [-loading for loading in axis["loadings"]]
    turned = json.dumps(data).encode()
    follows = analyze(two_groups, previous=turned)
    placed = result.participants.group >= 0
    assert np.array_equal(follows.participants.group[placed], 1 - result.participants.group[placed])
    assert np.allclose(follows.participants.x, -result.participants.x)
    assert follows.previous_sha256 != result.previous_sha256
    assert (
        analyze(two_groups, previous=result).participants.group.tolist() == result.participants.group.tolist()
    )


DEGENERATE = {
    "no votes": ([], [], []),
    "one person": ([1], [1], [1]),
    "two people": ([1, 1, 2, 2], [1, 2, 1, 2], [1, -1, -1, 1]),
    "one statement": (list(range(40)), [1] * 40, [1, -1] * 20),
    "everyone agrees": ([p for p in range(30) for _ in range(10)], list(range(10)) * 30, [1] * 300),
    "everyone passes": ([p for p in range(30) for _ in range(10)], list(range(10)) * 30, [0] * 300),
    "one vote each": (list(range(30)), list(range(30)), [1, -1, 0] * 10),
    "blocks that share nothing": (
        [p for p in range(40) for _ in range(10)],
        [s + 10 * (p % 2) for p in range(40) for s in range(10)],
        [1 - 2 * ((p // 2 + s) % 3 == 0) for p in range(40) for s in range(10)],
    ),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", DEGENERATE)
def test_degenerate_votes_give_an_honest_result(name, mode):
    result = analyze(Votes.from_arrays(*DEGENERATE[name]), mode=mode)
    text = result.to_json().decode()
    assert "NaN" not in text and "Infinity" not in text
    if mode == "plenary":
        assert result.k <= (2 if name == "blocks that share nothing" else 1)
        assert result.k == 0 or name not in ("no votes", "everyone passes")
    if name != "everyone agrees":
        assert not result.findings_of("division") or result.k > 1


def test_everyone_agrees_is_consensus_and_no_group():
    result = analyze(Votes.from_arrays(*DEGENERATE["everyone agrees"]))
    assert result.k == 1
    assert len(result.findings_of("consensus")) == 10


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(0, 8), st.sampled_from([-1, 0, 1])), max_size=150),
    st.sampled_from(MODES),
)
def test_any_votes_give_a_result(rows, mode):
    table = np.array(rows, dtype=int).reshape(-1, 3)
    result = analyze(Votes.from_arrays(table[:, 0], table[:, 1], table[:, 2]), mode=mode)
    assert np.isfinite(result.participants.x).all() and np.isfinite(result.participants.confidence).all()
    assert all(0 <= s.consensus <= 1 and 0 <= s.division <= 1 for s in result.statements)
    json.loads(result.to_json())


@pytest.mark.parametrize("options", [{"mode": "other"}, {"seed": -1}, {"max_groups": 9}, {"unknown": 1}])
def test_wrong_options_are_refused(two_groups, options):
    with pytest.raises(InputError):
        analyze(two_groups, **options)


def test_importing_the_engine_is_cheap():
    heavy = ("scipy.stats", "pandas", "django", "scipy.optimize")
    code = f"import sys, opinion; sys.exit(str([m for m in {heavy} if m in sys.modules] or ''))"
    assert (
        subprocess.run([sys.executable, "-c", code], check=False, capture_output=True).stderr.strip() == b""
    )


def test_a_real_conversation_parts_in_two(conversations):
    result = analyze(read_votes(conversations / "brexit-consensus" / "tidy" / "votes.csv").votes)
    assert result.k == 2
    assert result.findings_of("consensus") and result.findings_of("division")


def test_sections_stand_in_the_json_beside_the_analysis():
    result = analyze(Votes.from_arrays([1, 2], [1, 1], [1, -1]))
    more = result.with_sections(slate={"chosen": ["1"], "covered": 0.5})
    assert more.to_dict()["slate"] == {"chosen": ["1"], "covered": 0.5}
    assert "slate" not in result.to_dict() and more.to_dict()["k"] == result.k
    with pytest.raises(ValueError, match="k already"):
        result.with_sections(k=3)


@pytest.mark.parametrize(
    ("name", "value"),
    [("consensus_threshold", 1.7), ("consensus_threshold", "x"), ("min_votes", -1), ("max_findings", 2.5)],
)
def test_settings_outside_their_range_are_refused(two_groups, name, value):
    with pytest.raises(InputError, match=name):
        analyze(two_groups, **{name: value})


@pytest.mark.parametrize(
    "previous",
    ["{}", b"[]", b'{"statements": [{"id": "1", "per_group": [{"agree": "x"}]}], "axes": []}', b"x"],
)
def test_what_is_no_previous_result_is_refused(two_groups, previous):
    with pytest.raises(InputError, match="previous"):
        analyze(two_groups, previous=previous)


def test_axes_follow_the_previous_result_in_order_and_direction(two_groups, result):
    data = result.to_dict()
    data["axes"] = data["axes"][::-1]
    for axis in data["axes"]:
        axis["loadings"] = [-value for value in axis["loadings"]]
    follows = analyze(two_groups, previous=json.dumps(data).encode())
    assert np.allclose(follows.participants.x, -result.participants.y)
    assert np.allclose(follows.participants.y, -result.participants.x)


def test_totals_count_what_is_not_listed(two_groups):
    result = analyze(two_groups, max_positions=1)
    for kind in ("bridge", "uncertain"):
        assert len(result.findings_of(kind)) <= 1
    assert result.totals == analyze(two_groups, max_positions=99).totals | {
        "position": result.totals["position"]
    }
