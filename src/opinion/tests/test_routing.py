import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opinion import InputError, analyze
from opinion.routing import RoutingWeights, next_for, next_statements
from opinion.running import Running


def rng(seed=0):
    return np.random.default_rng(seed)


def counts_of(*rows):
    """(disagree, pass, agree) by statement, of one group."""
    return np.array([rows])


def free(m):
    return np.zeros(m, dtype=bool)


def first_choices(counts, runs=200, **options):
    """How often each statement comes first."""
    m = np.asarray(counts).shape[-2]
    barred = options.pop("barred", free(m))
    chosen = [next_statements(counts, barred, rng(i), **options).order[0] for i in range(runs)]
    return np.bincount(chosen, minlength=m)


@st.composite
def boards(draw):
    k, m = draw(st.integers(1, 4)), draw(st.integers(1, 12))
    flat = draw(st.lists(st.integers(0, 60), min_size=3 * k * m, max_size=3 * k * m))
    barred = draw(st.lists(st.booleans(), min_size=m, max_size=m))
    return np.array(flat).reshape(k, m, 3), np.array(barred)


@settings(max_examples=80, deadline=None)
@given(board=boards(), seed=st.integers(0, 5), count=st.integers(1, 15))
def test_what_is_barred_never_comes_and_inputs_stay(board, seed, count):
    counts, barred = board
    before = counts.copy(), barred.copy()
    ranking = next_statements(counts, barred, rng(seed), count=count)
    assert not barred[ranking.order].any()
    assert len(ranking.order) == min(count, int((~barred).sum()))
    assert len(set(ranking.order.tolist())) == len(ranking.order)
    assert np.all(np.diff(ranking.score) <= 0)
    assert np.isfinite(ranking.score).all()
    assert np.array_equal(counts, before[0]) and np.array_equal(barred, before[1])
    again = next_statements(counts, barred, rng(seed), count=count)
    assert np.array_equal(ranking.order, again.order) and np.array_equal(ranking.score, again.score)


def test_people_at_the_same_moment_are_not_all_shown_the_same():
    counts = np.full((2, 30, 3), 4)
    assert np.count_nonzero(first_choices(counts)) > 15


def test_a_new_statement_gets_its_chance():
    counts = counts_of(*[(10, 5, 25)] * 9, (0, 0, 0))
    assert first_choices(counts)[9] > 60  # three times its even share


def test_a_settled_or_hopeless_statement_waits():
    # Everyone agrees with the first, nobody is of one mind on the second; the third is nearly a finding.
    chosen = first_choices(counts_of((5, 5, 290), (150, 0, 150), (6, 2, 24)))
    assert chosen[2] > 190


def test_a_vote_of_the_group_that_is_wanting_is_asked_for():
    # The first statement lacks votes of group 0, the second of group 1; so far both look shared.
    counts = np.array([[(1, 0, 5), (10, 0, 90)], [(10, 0, 90), (1, 0, 5)]])
    only = RoutingWeights(membership=0, rates=0, exposure=0)
    assert first_choices(counts, membership=[0.99, 0.01], weights=only)[0] > 180
    assert first_choices(counts, membership=[0.01, 0.99], weights=only)[1] > 180


def test_an_unknown_group_is_asked_what_divides():
    # The first statement divides the groups and its finding is settled, the second is shared and settled too.
    counts = np.array([[(10, 0, 290), (10, 0, 290)], [(290, 0, 10), (10, 0, 290)]])
    assert first_choices(counts, membership=[0.5, 0.5])[0] == 200
    only = RoutingWeights(findings=0, rates=0, exposure=0)
    known = next_statements(counts, free(2), rng(), membership=[1.0, 0.0], weights=only)
    assert np.allclose(known.score, 0, atol=1e-4)  # who is known teaches nothing more about her group


def test_mutual_information_by_hand():
    # Two groups with chances 0.9 and 0.1, no passes, membership even: ln 2 − H(0.9) = 0.3681 nats.
    counts = np.array([[(1000, 0, 9000)], [(9000, 0, 1000)]])
    only = RoutingWeights(findings=0, membership=1, rates=0, exposure=0)
    chances = np.array([[0.9], [0.1]])
    assert next_statements(counts, free(1), rng(), chances=chances, weights=only).score[0] == pytest.approx(
        0.3681, abs=1e-3
    )


def test_what_was_shown_less_comes_first_when_nothing_else_speaks():
    counts = counts_of((9, 0, 9), (9, 0, 9), (9, 0, 9))
    only = RoutingWeights(findings=0, membership=0, rates=1, exposure=1)
    shown = np.array([40, 20, 30])
    order = next_statements(counts, free(3), rng(), shown=shown, weights=only).order
    assert order.tolist() == [1, 2, 0]


def test_languages_are_balanced_and_the_unread_come_last():
    counts = counts_of(*[(9, 0, 9)] * 4)
    only = RoutingWeights(findings=0, membership=0, rates=1, exposure=0)
    shown, languages = np.array([90, 90, 10, 10]), np.array([0, 0, 1, 1])
    order = next_statements(counts, free(4), rng(), shown=shown, languages=languages, weights=only).order
    assert order.tolist() == [2, 3, 0, 1]
    reads = np.array([True, False])
    order = next_statements(
        counts, free(4), rng(), shown=shown, languages=languages, reads=reads, weights=only
    ).order
    assert order.tolist() == [0, 1, 2, 3]


def test_nothing_is_left():
    ranking = next_statements(np.zeros((1, 3, 3), dtype=int), ~free(3), rng())
    assert ranking.order.tolist() == [] and ranking.score.tolist() == []
    assert next_statements(np.zeros((0, 3), dtype=int), free(0), rng()).order.tolist() == []


def test_counts_of_everyone_are_one_group():
    counts = np.random.default_rng(1).integers(0, 30, (8, 3))
    one = next_statements(counts, free(8), rng(3))
    assert np.array_equal(one.order, next_statements(counts[None], free(8), rng(3)).order)


@pytest.mark.parametrize(
    "options",
    [
        {"counts": np.zeros((0, 3, 3))},
        {"counts": np.zeros((1, 3, 2))},
        {"barred": free(2)},
        {"membership": [0.5, 0.5]},
        {"shown": [1, 2]},
        {"languages": [0]},
    ],
)
def test_shapes_that_do_not_fit_are_refused(options):
    given = {"counts": np.zeros((1, 3, 3)), "barred": free(3), "rng": rng()} | options
    with pytest.raises(InputError):
        next_statements(**given)


def test_routing_from_a_running_analysis(two_groups):
    running = Running.start(two_groups, analyze(two_groups))
    own = running.ballot("7")
    shown = next_for(running, "7", rng(), barred={"3", "4"}, count=30)
    assert set(shown) == {str(s) for s in range(20)} - set(own) - {"3", "4"}
    running.update("7", shown[0], 1)
    assert shown[0] not in next_for(running, "7", rng(), count=30)
    running.update("somebody", "a new statement", 1)
    firsts = {next_for(running, "someone else", rng(i), count=1)[0] for i in range(40)}
    assert len(firsts) > 1
    assert "a new statement" in next_for(running, "7", rng(), count=30)


def test_routing_from_nothing():
    running = Running.start()
    assert next_for(running, "ann", rng()) == []
    running.update("ann", "s", 1)
    assert next_for(running, "bo", rng()) == ["s"]
    assert next_for(running, "ann", rng()) == []
