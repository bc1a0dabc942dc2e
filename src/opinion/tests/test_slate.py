"""The slate: rules against hand and against a plain rendering of their definitions, the check, the figures."""

import argparse
import json
from fractions import Fraction
from importlib import import_module
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opinion import InputError, Statement, Votes, schema
from opinion.approvals import Approvals, eligible_statements
from opinion.justified import check_ejr_plus
from opinion.proportional import Left, equal_shares, phragmen, sequential_pav
from opinion.slate import describe, slate

from .conftest import planted


def approve(*ballots, statements="abcdefghijklmnopqrst", everyone=False):
    """Approvals from ballots written as words: "abc" agrees with a, b and c."""
    return Approvals.from_ballots(
        [[statements.index(name) for name in ballot] for ballot in ballots],
        list(statements),
        everyone=everyone,
    )


def names(approvals, rounds):
    return "".join(approvals.statement_ids[one.statement] for one in rounds)


# Plain rules with fractions throughout: slow, and as near to the definitions as code can be.


def plain_equal_shares(ballots, m, k):
    n = len(ballots)
    budget = [Fraction(k, n)] * n
    rounds = []
    while len(rounds) < k:
        prices = {}
        for c in set(range(m)) - {one for one, _ in rounds}:
            held = sorted(budget[i] for i in range(n) if c in ballots[i])
            if sum(held) < 1:
                continue
            prices[c] = min(p for p in candidates(held) if sum(min(b, p) for b in held) >= 1)
        if not prices:
            break
        best = min(prices, key=lambda c: (prices[c], c))
        budget = [
            b - min(b, prices[best]) if best in ballot else b
            for b, ballot in zip(budget, ballots, strict=True)
        ]
        rounds.append((best, prices[best]))
    return rounds, budget


def candidates(held):
    poor = Fraction(0)
    for place, own in enumerate(held):
        yield (1 - poor) / (len(held) - place)
        poor += own


def plain_phragmen(ballots, m, k, taken=(), load=None):
    load = [Fraction(0)] * len(ballots) if load is None else list(load)
    chosen, times = list(taken), []
    while len(chosen) < k:
        when = {}
        for c in set(range(m)) - set(chosen):
            own = [load[i] for i, ballot in enumerate(ballots) if c in ballot]
            if own:
                when[c] = (1 + sum(own)) / len(own)
        if not when:
            break
        best = min(when, key=lambda c: (when[c], c))
        load = [when[best] if best in ballot else old for old, ballot in zip(load, ballots, strict=True)]
        chosen.append(best)
        times.append((best, when[best]))
    return times


def plain_pav(ballots, m, k):
    chosen = []
    while len(chosen) < k:
        gain = {
            c: sum(Fraction(1, 1 + len(ballot & set(chosen))) for ballot in ballots if c in ballot)
            for c in set(range(m)) - set(chosen)
        }
        gain = {c: value for c, value in gain.items() if value}
        if not gain:
            break
        chosen.append(min(gain, key=lambda c: (-gain[c], c)))
    return chosen


@st.composite
def elections(draw, most_people=9, most_statements=7):
    m = draw(st.integers(1, most_statements))
    ballots = draw(
        st.lists(st.frozensets(st.integers(0, m - 1), min_size=1), min_size=1, max_size=most_people)
    )
    return ballots, m, draw(st.integers(1, m + 2))


@settings(max_examples=150, deadline=None)
@given(elections())
def test_the_rules_are_those_of_the_definitions(election):
    ballots, m, k = election
    approvals = Approvals.from_ballots(ballots, range(m))
    share = Fraction(k, len(ballots))
    expected, budget = plain_equal_shares(ballots, m, k)
    bought, left = equal_shares(approvals, k)
    assert [(one.statement, one.price * share) for one in bought] == expected
    assert [Fraction(left.amounts[i], left.whole) * share for i in left.of.tolist()] == budget
    after = plain_phragmen(ballots, m, k, [c for c, _ in expected], [-b for b in budget])
    assert [
        (one.statement, one.price * share) for one in phragmen(approvals, k, start=bought, left=left)
    ] == after
    assert [(one.statement, one.price * share) for one in phragmen(approvals, k)] == plain_phragmen(
        ballots, m, k
    )
    assert [one.statement for one in sequential_pav(approvals, k)] == plain_pav(ballots, m, k)


def violated(ballots, m, chosen, k):
    """EJR+ by its definition: every set of supporters."""
    n = len(ballots)
    for c in set(range(m)) - set(chosen):
        supporters = [ballot for ballot in ballots if c in ballot]
        for size in range(1, len(supporters) + 1):
            for group in combinations(supporters, size):
                for entitled in range(1, k + 1):
                    if size * k >= entitled * n and all(
                        len(ballot & set(chosen)) < entitled for ballot in group
                    ):
                        return True
    return False


@settings(max_examples=100, deadline=None)
@given(elections(most_people=6, most_statements=5), st.data())
def test_the_check_is_that_of_the_definition(election, data):
    ballots, m, k = election
    chosen = sorted(data.draw(st.sets(st.integers(0, m - 1), max_size=k)))
    approvals = Approvals.from_ballots(ballots, range(m))
    check = check_ejr_plus(approvals, chosen, k)
    assert check.satisfied != violated(ballots, m, chosen, k)
    if not check.satisfied:  # the witness is one
        claim = check.closest
        group = [
            ballot
            for ballot in ballots
            if int(claim.statement) in ballot and len(ballot & set(chosen)) <= claim.most_agreed
        ]
        assert int(claim.statement) not in chosen
        assert len(group) == claim.people >= claim.needed
        assert claim.needed * k >= claim.entitled * len(ballots)
        assert claim.most_agreed < claim.entitled <= k


@settings(max_examples=150, deadline=None)
@given(elections(most_people=12))
def test_equal_shares_leaves_no_group_without_its_due(election):
    ballots, m, k = election
    approvals = Approvals.from_ballots(ballots, range(m))
    bought, left = equal_shares(approvals, k)
    assert check_ejr_plus(approvals, [one.statement for one in bought], k).satisfied
    rounds = bought + phragmen(approvals, k, start=bought, left=left)
    assert check_ejr_plus(approvals, [one.statement for one in rounds], k).satisfied
    assert len(rounds) == min(k, np.count_nonzero(approvals.counts))


@settings(max_examples=100, deadline=None)
@given(elections(), st.randoms(use_true_random=False))
def test_the_order_of_people_never_matters(election, random):
    ballots, m, k = election
    turned = list(ballots)
    random.shuffle(turned)
    one, other = (slate(Approvals.from_ballots(those, range(m)), k) for those in (ballots, turned))
    assert one == other


@settings(max_examples=60, deadline=None)
@given(elections(most_people=6), st.integers(2, 5))
def test_everybody_twice_changes_nothing(election, times):
    ballots, m, k = election
    one, many = (slate(Approvals.from_ballots(those, range(m)), k) for those in (ballots, ballots * times))
    assert one.ids == many.ids and [s.price for s in one.statements] == [s.price for s in many.statements]
    assert one.ties == many.ties


def test_a_majority_does_not_take_everything():
    """Ten statements for 60 people, ten others for 40: counting agrees gives all ten places to the 60."""
    approvals = approve(*["abcdefghij"] * 60, *["klmnopqrst"] * 40)
    found = slate(approvals, 10)
    assert sorted(found.ids) == list("abcdef" + "klmn")
    assert all(one.phase == "equal_shares" for one in found.statements)
    assert [one.price for one in found.statements[:6]] == pytest.approx([1 / 6] * 6)
    assert [one.price for one in found.statements[6:]] == pytest.approx([1 / 4] * 4)
    assert found.budget.spent == 1 and found.budget.people_with_nothing_left == 100
    by_count = check_ejr_plus(approvals, list(range(10)), 10)
    assert not by_count.satisfied and by_count.violations == 10
    witness = by_count.closest
    assert (witness.statement, witness.people, witness.needed, witness.entitled, witness.most_agreed) == (
        "k", 40, 40, 4, 0,
    )  # fmt: skip


def test_sequential_pav_levels_welfare_where_equal_shares_gives_equal_power():
    """Six people, twelve places (Peters and Skowron 2020): three of them share a, b and c and are half of everybody."""
    ballots = ["abcd", "abce", "abcf", "ghi", "jkl", "mno"]
    approvals = approve(*ballots)
    bought, _ = equal_shares(approvals, 12)
    assert sorted(names(approvals, bought)) == list("abcdef" + "gh" + "jk" + "mn")
    assert sorted(names(approvals, sequential_pav(approvals, 12))) == list("abc" + "ghijklmno")
    opinion = slate(approvals, 12).second_opinion
    assert opinion.only_here == tuple("ilo") and opinion.only_in_slate == tuple("def")


def test_prices_by_hand():
    """Six people, k = 2: a statement costs three budgets. Four pay 3/4 for a; for b 1/4 + 1 + 1 is too little."""
    approvals = approve("ab", "a", "a", "a", "b", "b")
    bought, left = equal_shares(approvals, 2)
    assert [(one.statement, one.price) for one in bought] == [(0, Fraction(3, 4))]
    assert left.budgets().tolist() == [0.25, 0.25, 0.25, 0.25, 1, 1]
    (last,) = phragmen(approvals, 2, start=bought, left=left)
    # The supporters of b hold 2.25 of 3: a quarter more for each of the three.
    assert (last.statement, last.price) == (1, Fraction(1, 4))


def test_who_has_little_left_pays_it():
    approvals = approve("ab", "ab", "a", "b", "bc", "c", "c", "c", everyone=True)
    bought, _ = equal_shares(approvals, 4)  # a statement costs 2 of 8
    assert names(approvals, bought) == "bca"
    b, c, a = bought
    assert b.price == Fraction(1, 2) and c.price == Fraction(1, 2)
    assert (c.in_full, c.the_rest, c.nothing) == (4, 0, 0)
    assert a.price == 1 and (a.in_full, a.the_rest, a.nothing) == (1, 2, 0)


def test_a_claim_needs_no_second_statement_in_common():
    """EJR holds, EJR+ does not: two people who are due two agree on a only, which is not chosen."""
    approvals = approve("ax", "ay", "z", statements="axyz")
    check = check_ejr_plus(approvals, [1, 2, 3], 3)
    assert not check.satisfied
    assert (check.closest.statement, check.closest.people, check.closest.entitled) == ("a", 2, 2)
    assert check_ejr_plus(approvals, [0, 1, 3], 3).satisfied


def test_a_difference_far_below_floating_point_decides():
    """Supporters of b hold 1e-30 of a budget more than those of a; then exactly as much."""
    approvals = approve("a", "b", "c", "c", "c", "c", statements="abc")
    for more, order, tied in ((1, "cba", (1,)), (0, "cab", (0, 1))):
        left = Left(np.array([0, 1, 0, 0, 0, 0]), (10**29, 10**29 + more), 10**30)
        rounds = phragmen(approvals, 3, left=left)
        assert names(approvals, rounds) == order and rounds[1].tied == tied


def test_many_rounds_with_twins_stay_exact():
    """Each statement has a twin with the same supporters, so every price stands twice, with ever longer fractions."""
    rng = np.random.default_rng(5)
    ballots = [frozenset(rng.choice(15, size=7).tolist()) for _ in range(199)]
    ballots = [ballot | {c + 15 for c in ballot} for ballot in ballots]
    expected, _ = plain_equal_shares(ballots, 30, 24)
    found, left = equal_shares(Approvals.from_ballots(ballots, range(30)), 24)
    assert [(one.statement, one.price * Fraction(24, 199)) for one in found] == expected
    assert left.whole > 2**53 and len(found) > 10
    taken = set()
    for one in found:
        if one.statement < 15:
            assert one.statement + 15 in one.tied or one.statement + 15 in taken
        taken.add(one.statement)


def test_exact_ties_are_reported_and_canonical_order_decides():
    found = slate(approve("a", "b", "c"), 2)
    assert found.ids == ("a", "b")
    assert [(tie.round, tie.statements, tie.decided) for tie in found.ties] == [
        (1, ("a", "b", "c"), True),
        (2, ("b", "c"), True),
    ]
    assert any("Round 1 was a tie of statements a, b, c" in line for line in describe(found))
    settled = slate(approve("ab", "ab"), 2)
    assert settled.ids == ("a", "b") and [tie.decided for tie in settled.ties] == [False]


@pytest.mark.parametrize("k", [1, 3, 50])
def test_degenerate_inputs(k):
    nobody = slate(Votes.from_arrays([], [], []), k)
    assert nobody.ids == () and nobody.coverage.share is None and nobody.budget is None
    assert nobody.ejr_plus.satisfied and "no slate" in describe(nobody)[0]
    passes = slate(Votes.from_arrays([1, 2], [1, 1], [0, -1]), k)
    assert passes.ids == () and passes.agreeing_with_nothing == 2 and passes.without_support == 1
    alone = slate(Votes.from_arrays([1, 1, 1], [1, 2, 3], [1, -1, 1]), k)
    assert alone.ids == ("1", "3")[:k] and alone.coverage.share == 1
    same = slate(Votes.from_dense(np.ones((7, 4))), k)
    assert same.ids == ("0", "1", "2", "3")[:k] and same.coverage.mean_agreed == min(k, 4)


def test_fewer_than_asked_for_are_said_to_be_fewer():
    found = slate(approve("a", "a", "b"), 5)
    assert found.ids == ("a", "b")
    assert any("5 were asked for" in line for line in describe(found))


def test_a_number_far_beyond_all_statements_costs_nothing(two_groups):
    found = slate(two_groups, 10**12)
    assert len(found.ids) == 20 and found.ejr_plus.satisfied and found.second_opinion.only_here == ()


@pytest.mark.parametrize("k", [0, -1])
def test_an_empty_slate_is_refused(k):
    with pytest.raises(InputError, match="at least 1"):
        slate(approve("a"), k)


def test_groups_must_be_of_everybody():
    with pytest.raises(InputError, match="2 people"):
        slate(approve("a", "b"), 1, groups=np.zeros(3))


def test_ballots_outside_the_list_are_refused():
    with pytest.raises(InputError, match="0 to 1"):
        Approvals.from_ballots([[0, 2]], ["a", "b"])


def test_what_was_moderated_out_is_never_chosen():
    votes = Votes.from_dense([[1, 1, -1], [1, 1, -1], [1, -1, 1]])
    out = [Statement("0", moderated=-1), Statement("1", moderated=1)]
    assert slate(votes, 3).ids == ("0", "1", "2")
    found = slate(votes, 3, statements=out)
    assert found.ids == ("1", "2") and found.moderated_out == 1 and found.eligible == 2
    assert eligible_statements(votes, out).tolist() == [False, True, True]


def test_whoever_has_not_seen_a_statement_is_unknown_and_not_uncovered():
    """Ann and amy are covered, bo has seen all and agrees with none, cy has seen none, dee agrees with nothing."""
    ballots = {"ann": {"a": 1, "b": 1, "c": -1}, "amy": {"a": 1, "b": 1}, "bo": {"a": -1, "b": 0, "c": 1},
               "cy": {"c": 1}, "dee": {"a": -1, "b": -1, "c": -1}}  # fmt: skip
    triples = [(who, what, value) for who, own in ballots.items() for what, value in own.items()]
    votes = Votes.from_arrays(*zip(*triples, strict=True))
    found = slate(votes, 2, groups=np.array([1, 0, 0, 0, -1]))  # amy, ann, bo, cy, dee
    assert found.ids == ("a", "c")  # three of four people hold 3 budgets of the 2 that b or c costs
    one = slate(votes, 1)
    assert one.ids == ("a",)
    everyone = one.coverage
    assert (everyone.people, everyone.covered, everyone.not_covered, everyone.unknown) == (4, 2, 1, 1)
    assert everyone.share == 0.5 and one.agreeing_with_nothing == 1
    assert everyone.mean_agreed == 0.5 and everyone.mean_seen == 0.75
    assert [(part.group, part.people) for part in found.groups] == [(-1, 0), (0, 3), (1, 1)]
    first = one.statements[0]
    assert (first.supporters, first.votes, first.rate) == (2, 4, 0.5)
    assert first.low == pytest.approx(0.15004, abs=1e-5)  # Wilson, 2 of 4


def test_the_rows_of_a_file_may_stand_in_any_order(two_groups):
    rng = np.random.default_rng(9)
    order = rng.permutation(two_groups.size)
    people, statements = (
        two_groups.participant_ids[two_groups.rows],
        two_groups.statement_ids[two_groups.indices],
    )
    turned = Votes.from_arrays(people[order], statements[order], two_groups.values[order])
    assert slate(turned, 5) == slate(two_groups, 5)


def test_votes_and_ballots_say_the_same():
    votes, group = planted(200, 25, 3, fill=0.7, seed=8)
    agrees = np.zeros(votes.shape, dtype=bool)
    agrees[votes.rows, votes.indices] = votes.values == 1
    ballots = [np.flatnonzero(row).tolist() for row in agrees]
    one, other = Approvals.from_votes(votes), Approvals.from_ballots(ballots, votes.statement_ids)
    assert one.people == other.people and one.indptr.tolist() == other.indptr.tolist()
    assert one.supporters.tolist() == other.supporters.tolist()
    found = slate(votes, 6, groups=group)
    assert sum(part.covered for part in found.groups) == found.coverage.covered
    assert slate(one, 6).ids == found.ids


def test_real_conversations_are_covered_and_no_group_is_left_out(conversations):
    for name, covered, ids in (
        ("scoop-hivemind.freshwater", 105, "4 13 0 6 16 18 27 17 28 15"),
        ("vtaiwan.uberx", 1242, "16 7 40 8 46 3 68 9 64 53"),
    ):
        votes = Votes.from_csv(conversations / name / "tidy" / "votes.csv")
        from opinion import read_statements

        statements = read_statements(conversations / name / "tidy" / "comments.csv").statements
        found = slate(votes, 10, statements=statements)
        assert found.ejr_plus.satisfied and found.coverage.covered == covered
        assert found.ids == tuple(ids.split())


def test_the_section_fits_its_schema(two_groups):
    import jsonschema

    from opinion import analyze

    result = analyze(two_groups)
    section = slate(two_groups, 4, groups=result.participants.group)
    data = result.with_sections(slate=section).to_dict()["slate"]
    validator = jsonschema.Draft202012Validator(schema("slate"))
    validator.validate(data)
    validator.validate(slate_json(slate(Votes.from_arrays([], [], []), 2)))
    with pytest.raises(jsonschema.ValidationError):
        validator.validate({**data, "surprise": 1})


def slate_json(section):
    from opinion.result import _plain

    return json.loads(json.dumps(_plain(section)))


def test_the_command_prints_and_writes_it(tmp_path, capsys):
    command = import_module("plenary.site.commands.analyze")
    parser = argparse.ArgumentParser(prog="plenary analyze")
    command.configure(parser)
    votes = tmp_path / "votes.csv"
    votes.write_bytes(b"".join(planted(60, 12, 2, fill=0.9, seed=2)[0].to_csv()))
    assert command.run(parser.parse_args([str(votes), "--slate", "3"])) == 0
    assert "3 of 12 statements represent everyone in proportion" in capsys.readouterr().out
    out = tmp_path / "out.json"
    assert command.run(parser.parse_args([str(votes), "--slate", "3", "--json", str(out)])) == 0
    assert len(json.loads(out.read_bytes())["slate"]["statements"]) == 3
    with pytest.raises(SystemExit):
        parser.parse_args([str(votes), "--slate", "0"])
