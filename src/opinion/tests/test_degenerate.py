"""What nobody plans for: inputs at the edge, in both modes, through the whole of the engine."""

import json

import numpy as np
import pytest

from opinion import Statement, Votes, analyze
from opinion.picture import opinion_map
from opinion.report import html_report, summary_lines

from .conftest import planted
from .test_analysis import MODES
from .test_schema import faults

NAN = np.nan


def everyone(value, people=30, statements=10):
    return Votes.from_dense(np.full((people, statements), float(value)))


def blocks():
    """Two halves of the people who voted on different halves of the statements."""
    matrix = np.full((60, 20), NAN)
    rng = np.random.default_rng(3)
    matrix[:30, :10], matrix[30:, 10:] = (np.where(rng.random((30, 10)) < 0.5, 1, -1) for _ in range(2))
    return Votes.from_dense(matrix)


def with_empty_columns():
    votes, _ = planted(60, 12, 2, fill=0.9, seed=2)
    ids = [str(i) for i in range(30)]
    return Votes.from_arrays(votes.rows, votes.indices, votes.values, statement_ids=ids)


CASES = {
    "no votes": lambda: Votes.from_arrays([], [], []),
    "statements without votes": lambda: Votes.from_arrays([], [], [], statement_ids=["1", "2"]),
    "one participant": lambda: Votes.from_dense([[1, -1, 0, 1, -1, 1, 1, 1]]),
    "one statement": lambda: Votes.from_dense([[1], [-1], [0]] * 20),
    "one vote": lambda: Votes.from_arrays([1], [1], [1]),
    "everyone agrees": lambda: everyone(1),
    "everyone disagrees": lambda: everyone(-1),
    "everyone passes": lambda: everyone(0),
    "blocks that share nothing": blocks,
    "columns without votes": with_empty_columns,
    "nothing but NaN": lambda: Votes.from_dense(np.full((5, 4), NAN)),
    "nothing but repeats": lambda: Votes.from_arrays([7] * 50, [3] * 50, [1, -1] * 25),
    "nothing but repeats at one time": lambda: Votes.from_arrays([7] * 50, [3] * 50, [1, -1] * 25, [9] * 50),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", CASES)
def test_the_whole_engine_stands_it(name, mode):
    votes = CASES[name]()
    result = analyze(votes, mode=mode)
    assert faults(result) == []
    text = result.to_json().decode()
    assert "NaN" not in text and "Infinity" not in text
    assert analyze(votes, mode=mode).to_json().decode() == text
    assert opinion_map(result).startswith("<svg") and "</html>" in html_report(result)
    assert all("nan" not in line for line in summary_lines(result))
    assert sum(s.agree + s.disagree + s.pass_ for s in result.statements) == result.votes == votes.size
    json.loads(text)


@pytest.mark.parametrize(
    ("name", "k"),
    [
        ("no votes", 0),
        ("statements without votes", 0),
        ("one participant", 1),
        ("one statement", 1),
        ("everyone agrees", 1),
        ("everyone disagrees", 1),
        ("everyone passes", 0),
        ("blocks that share nothing", 1),
        ("columns without votes", 2),
        ("nothing but NaN", 0),
    ],
)
def test_no_more_groups_than_can_be_told(name, k):
    assert analyze(CASES[name]()).k == k


def test_what_everyone_says_is_shared_and_nothing_else_is_found():
    for name, side in (("everyone agrees", "agree"), ("everyone disagrees", "disagree")):
        result = analyze(CASES[name]())
        assert {finding.kind for finding in result.findings} == {"consensus"}
        assert {finding.figures["side"] for finding in result.findings} == {side}
        assert len(result.findings) == 10
    assert not analyze(CASES["everyone passes"]()).findings_of("consensus")


def test_columns_without_votes_change_nothing_for_the_others():
    more, (votes, _) = analyze(CASES["columns without votes"]()), planted(60, 12, 2, fill=0.9, seed=2)
    fewer = analyze(votes)
    assert more.participants.group.tolist() == fewer.participants.group.tolist()
    assert more.statements[:12] == fewer.statements
    assert all(s.agree == 0 and s.intervals["agree"] == (0, 1) for s in more.statements[12:])


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("how", [{"moderated": -1}, {"is_meta": True}])
def test_all_statements_left_out(two_groups, mode, how):
    statements = [Statement(str(s), **how) for s in two_groups.statement_ids]
    result = analyze(two_groups, mode=mode, statements=statements)
    assert faults(result) == []
    if "moderated" in how:
        assert not result.findings and all(s.left_out for s in result.statements)
    if mode == "plenary":
        assert result.k == 0
    assert result.votes == two_groups.size


def test_a_repeat_counts_once():
    assert analyze(CASES["nothing but repeats"]()).statements[0].disagree == 1
    assert analyze(CASES["nothing but repeats at one time"]()).statements[0].pass_ == 1


@pytest.mark.parametrize(("mode", "n"), [("plenary", 1_000_000), ("polis", 200_000)])
def test_a_million_people_on_ten_statements(mode, n):
    m = 10
    rng = np.random.default_rng(1)
    some = rng.integers(0, 200, n)  # two hundred different ballots, held by two groups
    chance = np.where(np.arange(200) < 70, 0.9, 0.1)[:, None]
    ballots = np.where(rng.random((200, m)) < chance, 1, -1).astype(np.int8)
    votes = Votes(
        np.arange(n).astype(str),
        np.arange(m).astype(str),
        np.arange(0, n * m + 1, m),
        np.tile(np.arange(m, dtype=np.int32), n),
        ballots[some].ravel(),
    )
    result = analyze(votes, mode=mode)
    assert result.k == 2 and result.votes == n * m
    smaller = result.groups[1].share
    assert abs(smaller - 0.35) < 0.02
