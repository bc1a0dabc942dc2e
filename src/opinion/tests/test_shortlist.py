"""The shortlist for a final round: rates and not numbers, balanced over people, nobody's silence counted."""

import numpy as np
import pytest

from opinion import InputError, Statement, Votes, analyze
from opinion.intervals import wilson
from opinion.shortlist import describe, shortlist
from opinion.slate import slate

from .conftest import planted


def votes_of(**statements):
    """Votes by statement: name = {value: people}."""
    triples = [
        (who, name, value)
        for name, own in statements.items()
        for value, group in own.items()
        for who in group
    ]
    return Votes.from_arrays(*zip(*triples, strict=True))


def test_rates_decide_and_not_numbers_of_viewers():
    """60 of 200 agree with a, 38 of 40 with b: more people agree with a, and b goes before it."""
    votes = votes_of(a={1: range(60), -1: range(60, 200)}, b={1: range(100, 138), -1: range(138, 140)})
    assert slate(votes, 1).ids == ("a",)
    found = shortlist(votes, 2)
    assert found.ids == ("b", "a")
    first = found.statements[0]
    assert (first.agree, first.votes, first.rate, first.lacking) == (38, 40, 0.95, 1)
    assert first.score == pytest.approx(float(wilson(38, 40)[0]))


def test_a_few_votes_are_no_certainty():
    votes = votes_of(few={1: range(8)}, many={1: range(90), -1: range(90, 100)})
    assert shortlist(votes, 1).ids == ("many",)
    assert shortlist(votes, 1).within_reach == 1  # eight of eight may be more than nine in ten
    assert shortlist(votes, 2, min_votes=9).not_judged == 1


def test_what_the_supporters_lack_by_hand():
    """Everyone has voted on everything, so nothing is expected. After a, its 60 supporters find one statement."""
    everyone = range(100)
    votes = votes_of(
        a={1: range(60), -1: range(60, 100)},
        b={1: range(59), -1: range(59, 100)},
        c={1: range(60, 95), -1: [*range(60), *range(95, 100)]},
    )
    assert votes.size == 3 * len(everyone)
    found = shortlist(votes, 3)
    assert found.ids == ("a", "c", "b")  # 59 % at half the weight come after 35 % at the whole
    assert [one.lacking for one in found.statements] == [1, 1, 0.5]


def test_what_is_expected_of_those_who_have_not_voted_by_hand():
    """Ten agree with a and have seen b; two more agree with b alone, and nothing else is known of them.

    Everyone's rate on a is 10/11, since one of the eleven who voted on it disagrees. Of the two, who have voted on
    none of the chosen, (0 + 2 × 10/11) / (0 + 2) of one statement is expected.
    """
    votes = votes_of(a={1: range(10), -1: [10]}, b={1: [0, 1, 11, 12], -1: range(2, 9)})
    found = shortlist(votes, 2)
    assert found.ids == ("a", "b")
    known, expected = 1 / (1 + 1), 1 / (1 + 10 / 11)
    # Group rates are drawn to everyone's by two votes, which changes nothing where the group is everyone.
    assert found.statements[1].lacking == pytest.approx((2 * known + 2 * expected) / 4)


def test_a_minority_finds_itself_on_it():
    """Twenty statements of 140 people, five of 60, everybody asked about half: rates alone take the first only."""
    rng = np.random.default_rng(3)
    own = np.zeros((200, 25), dtype=bool)
    own[:140, :20] = True
    own[140:, 20:] = True
    agrees = rng.random(own.shape) < np.where(own, 0.9, 0.05)
    row, column = np.nonzero(rng.random(own.shape) < 0.5)
    votes = Votes.from_arrays(row, column, np.where(agrees[row, column], 1, -1))
    group = (np.arange(200) >= 140).astype(int)
    found = shortlist(votes, 10, groups=group)
    assert sum(int(name) >= 20 for name in found.ids) >= 2
    agree = np.bincount(column[agrees[row, column]], minlength=25) / np.bincount(column, minlength=25)
    assert not set(np.argsort(-agree)[:10].tolist()) & set(range(20, 25))
    assert [one.people for one in found.groups] == [140, 60]
    assert 0 < found.groups[1].expected_share < found.groups[0].expected_share < 1
    assert any("group B (60 people)" in line for line in describe(found))


def test_what_nobody_voted_on_changes_nothing():
    """Silence is neither support nor its opposite: statements that no one was asked about move no score."""
    votes, _ = planted(150, 12, 2, fill=0.5, seed=4)
    wide = Votes.from_arrays(
        votes.participant_ids[votes.rows],
        votes.statement_ids[votes.indices],
        votes.values,
        statement_ids=["90", "91"],
    )
    one, other = shortlist(votes, 6), shortlist(wide, 6)
    assert one.statements == other.statements and other.not_judged == one.not_judged + 2


def test_row_order_never_matters_and_the_input_stays(two_groups):
    before = two_groups.sha256
    rng = np.random.default_rng(6)
    order = rng.permutation(two_groups.size)
    turned = Votes.from_arrays(
        two_groups.participant_ids[two_groups.rows][order],
        two_groups.statement_ids[two_groups.indices][order],
        two_groups.values[order],
    )
    group = analyze(two_groups).participants.group
    assert shortlist(turned, 8, groups=group) == shortlist(two_groups, 8, groups=group)
    assert shortlist(two_groups, 8) == shortlist(two_groups, 8)
    assert two_groups.sha256 == before


def test_equal_statements_stand_in_canonical_order():
    votes = Votes.from_dense(np.ones((9, 4)), statement_ids=["10", "9", "b", "a"])
    assert shortlist(votes, 3).ids == ("9", "10", "a")


def test_what_was_moderated_out_is_never_on_it(two_groups):
    best = shortlist(two_groups, 1).ids[0]
    found = shortlist(two_groups, 20, statements=[Statement(best, moderated=-1)])
    assert best not in found.ids and found.eligible == 19


@pytest.mark.parametrize(
    "votes",
    [
        Votes.from_arrays([], [], []),
        Votes.from_arrays([1], [1], [1]),
        Votes.from_dense(np.zeros((20, 3))),
        Votes.from_dense(-np.ones((20, 3))),
    ],
    ids=["no votes", "one person", "everyone passes", "everyone disagrees"],
)
def test_where_nothing_can_be_judged_nothing_is_chosen(votes):
    found = shortlist(votes, 5)
    assert found.ids == () and found.within_reach == 0
    assert "There is no shortlist" in describe(found)[0]


def test_everyone_agrees_with_everything():
    found = shortlist(Votes.from_dense(np.ones((20, 3))), 5)
    assert found.ids == ("0", "1", "2") and found.wanted == 5
    assert [one.lacking for one in found.statements] == pytest.approx([1, 1 / 2, 1 / 3])
    assert any("5 were asked for" in line for line in describe(found))


def test_wrong_arguments_are_refused(two_groups):
    for wrong in ({"size": 0}, {"size": 3, "min_votes": 0}):
        with pytest.raises(InputError, match="at least 1"):
            shortlist(two_groups, **wrong)
    with pytest.raises(InputError, match="120 people"):
        shortlist(two_groups, 3, groups=np.zeros(5))
