"""Two results beside each other: what is called a change, and what is not."""

import numpy as np
import pytest

from opinion import InputError, Votes, analyze
from opinion.comparison import compare
from opinion.intervals import difference_interval


def row(name, agree, disagree, passed=0, groups=()):
    return {
        "id": name,
        "agree": agree,
        "disagree": disagree,
        "pass": passed,
        "per_group": [{"group": i, "agree": a, "disagree": d, "pass": 0} for i, (a, d) in enumerate(groups)],
    }


def result(*rows, groups=(), findings=()):
    return {
        "statements": list(rows),
        "groups": [{"index": i, "size": size, "share": 0.5} for i, size in enumerate(groups)],
        "findings": list(findings),
    }


def only(compared):
    (pair,) = compared.statements
    return pair


def test_two_groups_of_people_with_newcombes_figures():
    compared = compare(
        result(row("a", 48, 32)), result(row("b", 56, 14)), people="different", pairs=[("a", "b")]
    )
    agree, disagree = only(compared).moves
    # Newcombe 1998, table II, method 10: 56 of 70 less 48 of 80
    assert (agree.low, agree.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert agree.difference == pytest.approx(0.2) and disagree.difference == pytest.approx(-0.2)
    assert agree.p < 0.05 and agree.q == pytest.approx(agree.p) and agree.beyond_chance
    assert compared.tests == 2


def test_chance_alone_is_seldom_called_a_change():
    rng = np.random.default_rng(20)
    called = 0
    for _ in range(200):
        first, second = rng.binomial(150, 0.6, 30), rng.binomial(120, 0.6, 30)
        compared = compare(
            result(*(row(str(i), int(a), 150 - int(a)) for i, a in enumerate(first))),
            result(*(row(str(i), int(a), 120 - int(a)) for i, a in enumerate(second))),
            people="different",
        )
        called += any(pair.beyond_chance for pair in compared.statements)
    assert called / 200 < 0.08


def test_a_later_result_is_tested_by_those_who_came_since():
    rng = np.random.default_rng(4)
    covered, false = 0, 0
    for _ in range(400):
        a, b = int(rng.binomial(200, 0.5)), int(rng.binomial(50, 0.5))
        pair = only(
            compare(result(row("a", a, 200 - a)), result(row("a", a + b, 250 - a - b)), people="later")
        )
        move = pair.moves[0]
        low, high = difference_interval(b, 50, a, 200)
        assert (move.low, move.high) == pytest.approx((0.2 * low, 0.2 * high))
        assert move.difference == pytest.approx((a + b) / 250 - a / 200)
        assert pair.added == 50
        covered += move.low <= 0 <= move.high
        false += move.beyond_chance
    assert covered / 400 > 0.92 and false / 400 < 0.08


def test_the_whole_set_against_itself_is_no_change():
    pair = only(compare(result(row("a", 60, 40)), result(row("a", 60, 40)), people="later"))
    assert (pair.untested, pair.added, pair.beyond_chance) == ("few", 0, False)
    assert [move.difference for move in pair.moves] == [0.0, 0.0]


@pytest.mark.parametrize(
    ("second", "people", "why"),
    [
        (row("a", 50, 70), "later", "changed"),
        (row("a", 63, 42), "later", "few"),
        (row("a", 3, 3), "different", "few"),
        (row("a", 0, 90), "overlapping", "overlapping"),
    ],
)
def test_what_cannot_be_tested_says_why_and_only_how_far_it_moved(second, people, why):
    pair = only(compare(result(row("a", 60, 40)), result(second), people=people))
    move = pair.moves[0]
    assert pair.untested == why
    assert (move.low, move.p, move.q, move.beyond_chance) == (None, None, None, False)
    assert move.difference == pytest.approx(second["agree"] / (second["agree"] + second["disagree"]) - 0.6)


def test_a_statement_that_was_reworded_is_not_tested():
    compared = compare(result(row("a", 90, 10)), result(row("a", 10, 90)), people="different", reworded=["a"])
    assert only(compared).untested == "reworded" and compared.tests == 0


def test_nobody_voted():
    pair = only(compare(result(row("a", 0, 0)), result(row("a", 0, 0)), people="different"))
    assert pair.moves[0].first.rate is None and pair.moves[0].difference is None
    assert compare(result(), result(), people="different").statements == ()


def test_many_tests_at_once_are_adjusted():
    same = [row(str(i), 50, 50) for i in range(40)]
    first = result(row("x", 50, 50), *same)
    alone = compare(result(row("x", 50, 50)), result(row("x", 65, 35)), people="different")
    among = compare(first, result(row("x", 65, 35), *same), people="different")
    assert only(alone).beyond_chance
    assert among.statements[0].first == "x" and not among.statements[0].beyond_chance


def test_groups_are_matched_by_what_they_say_whatever_their_number():
    ids = [str(i) for i in range(6)]
    first = result(*(row(i, 10, 10, groups=[(9, 1), (1, 9)]) for i in ids), groups=[10, 10])
    second = result(*(row(i, 18, 12, groups=[(1, 9), (18, 2)]) for i in ids), groups=[10, 20])
    one, other = compare(first, second, people="different").groups
    assert [(one.first, one.second), (other.first, other.second)] == [(0, 1), (1, 0)]
    assert (one.first_size, one.second_size, one.statements) == (10, 20, 6)
    assert one.distance == pytest.approx(0.0)


def test_groups_that_have_no_counterpart_stand_alone():
    first = result(row("a", 10, 10), groups=[])
    second = result(row("a", 10, 10, groups=[(9, 1), (1, 9)]), groups=[10, 10])
    pairs = compare(first, second, people="different").groups
    assert [(pair.first, pair.second) for pair in pairs] == [(None, 0), (None, 1)]


def test_findings_that_stay_come_and_go():
    def finding(kind, statement, **figures):
        return {"kind": kind, "statements": [statement], "groups": [], "figures": figures}

    def position(group, statement):
        figures = {"statements": [{"id": statement, "side": "agree"}]}
        return {"kind": "position", "statements": [statement], "groups": [group], "figures": figures}

    first = result(
        row("a", 9, 1, groups=[(9, 1), (1, 9)]), row("b", 9, 1), row("z", 9, 1), groups=[9, 9],
        findings=[finding("consensus", "a", side="agree"), finding("division", "b"), finding("division", "z"),
                  position(0, "a")],
    )  # fmt: skip
    second = result(
        row("A", 9, 1, groups=[(1, 9), (9, 1)]), row("B", 9, 1), groups=[9, 9],
        findings=[finding("consensus", "A", side="disagree"), finding("division", "B"), position(1, "A")],
    )  # fmt: skip
    compared = compare(first, second, people="different", pairs=[("a", "A"), ("b", "B")])
    assert compared.kept == ("division b", "position a A agree")
    assert compared.appeared == ("consensus a disagree",)
    assert compared.disappeared == ("consensus a agree",)
    assert (compared.only_first, compared.only_second) == (1, 0)


def test_results_of_the_engine_go_in_and_plain_values_come_out():
    rng = np.random.default_rng(7)
    people = np.repeat(np.arange(40), 6)
    statements = np.tile(np.array(list("abcdef")), 40)
    camps = np.where((people % 2 == 0) ^ (np.tile(np.arange(6), 40) < 3), 1, -1)
    noise = rng.random(camps.size) < 0.05
    votes = np.where(noise, -camps, camps)
    early = people < 28
    before = analyze(Votes.from_arrays(people[early], statements[early], votes[early])).to_dict()
    after = analyze(Votes.from_arrays(people, statements, votes)).to_dict()
    compared = compare(before, after, people="later").to_dict()
    assert len(compared["statements"]) == 6 and compared["tests"] == 12
    assert all(pair["added"] == 12 for pair in compared["statements"])


def test_what_is_wrong_is_refused():
    with pytest.raises(InputError, match="people is"):
        compare(result(), result(), people="all")
    with pytest.raises(InputError, match="no setting"):
        compare(result(), result(), people="later", fewest=3)
    with pytest.raises(InputError, match="more than one pair"):
        compare(result(), result(), people="different", pairs=[("a", "b"), ("a", "c")])
