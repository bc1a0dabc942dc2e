"""Hidden counts stay hidden: by hand, by trying every table, and by linear programming."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from opinion import InputError
from opinion.suppression import attainable, audit, guaranteed, suppress

shapes = st.tuples(st.integers(1, 3), st.integers(1, 6), st.integers(1, 5))
cubes = shapes.flatmap(
    lambda shape: arrays(np.int64, shape, elements=st.sampled_from([0, 0, 1, 2, 3, 4, 6, 9, 30]))
)


def test_by_hand():
    made = suppress([[2, 30, 9], [40, 50, 7], [60, 70, 8]])
    assert made.sensitive.sum() == made.primary == 1 and made.sensitive[0, 0]
    assert made.hidden.sum() == 4 and made.complementary == 3
    rows, columns = np.flatnonzero(made.hidden.any(axis=1)), np.flatnonzero(made.hidden.any(axis=0))
    assert rows.size == columns.size == 2 and made.hidden[np.ix_(rows, columns)].all()
    low, high = audit([[2, 30, 9], [40, 50, 7], [60, 70, 8]], made.hidden)
    assert low[0, 0] == 0 and high[0, 0] >= 5


def test_a_complement_too_small_to_protect_is_not_chosen():
    table = np.array([[2, 1, 30], [1, 40, 50], [60, 70, 80]])
    made = suppress(table)
    low, high = audit(table, made.hidden)
    assert (high - low)[made.sensitive].min() >= 5


def test_what_the_totals_tell_is_not_called_hidden():
    assert not suppress([[2, 0, 0], [30, 0, 0]]).hidden[:, 1:].any()
    assert not suppress([[1, 2, 3]]).hidden.any(), "one row: the totals of the columns are its cells"
    assert not suppress(np.zeros((3, 3))).hidden.any()
    assert not suppress([[5, 6], [7, 8]]).hidden.any()


def test_a_small_total_limits_what_can_be_wanted():
    made = suppress([[1, 40], [0, 50], [0, 60]])  # everybody knows that one person is in the first column
    assert made.hidden.any() and made.required[0, 0] == 1
    low, high = audit([[1, 40], [0, 50], [0, 60]], made.hidden)
    assert (low[0, 0], high[0, 0]) == (0, 1)


def test_layers_take_away_what_they_tell():
    flat = np.array([[3, 20], [20, 20]])
    split = np.array([[[3, 20], [0, 2]], [[0, 0], [20, 18]]])
    assert guaranteed(flat, np.ones((2, 2), bool))[0, 0] == 23
    assert guaranteed(split, np.ones((2, 2), bool))[0, 0] == attainable(split)[0, 0] == 2
    pure = np.array([[[3, 4], [0, 0]], [[0, 0], [20, 20]]])  # each layer is one row: all is known
    assert suppress(pure).unprotected == 2


@pytest.mark.parametrize("counts", [[[-1, 2]], [[0.5, 2]], [1, 2], [[[[1]]]]])
def test_no_counts(counts):
    with pytest.raises(InputError):
        suppress(counts)


def test_a_threshold_below_three_hides_too_little():
    with pytest.raises(InputError, match="at least 3"):
        suppress([[1, 2]], threshold=2)


@settings(max_examples=150, deadline=None)
@given(cubes, st.integers(3, 8))
def test_no_small_count_can_be_found_again(cube, threshold):
    before = cube.copy()
    made = suppress(cube, threshold=threshold)
    assert np.array_equal(cube, before)
    assert np.array_equal(made.hidden, suppress(cube, threshold=threshold).hidden)
    small = made.sensitive
    table = cube.sum(axis=0)
    assert not (table[~made.hidden & (attainable(table) > 0)] - 1 < threshold - 1)[
        table[~made.hidden & (attainable(table) > 0)] > 0
    ].any()
    reach = guaranteed(cube, made.hidden)
    assert np.all(reach[small] >= np.minimum(threshold, attainable(cube))[small])
    low, high = audit(cube, made.hidden)
    assert np.all(low <= table + 1e-6) and np.all(high >= table - 1e-6)
    assert np.all((high - low)[made.hidden] >= reach[made.hidden] - 1e-6)
    possible = made.hidden & (attainable(cube) > 0)
    assert np.all(reach[possible] >= 1)


@settings(max_examples=40, deadline=None)
@given(arrays(np.int64, (3, 3), elements=st.integers(0, 3)), arrays(np.bool_, (3, 3)))
def test_the_ranges_are_those_of_all_tables_that_fit(table, hidden):
    cells = list(zip(*np.nonzero(hidden), strict=True))
    if len(cells) > 5:
        hidden[cells[5:][0][0] :, :] = False
        cells = list(zip(*np.nonzero(hidden), strict=True))
    if not cells or len(cells) > 5:
        return
    fitting = []
    for values in product(range(10), repeat=len(cells)):
        other = table.copy()
        for cell, value in zip(cells, values, strict=True):
            other[cell] = value
        if np.array_equal(other.sum(0), table.sum(0)) and np.array_equal(other.sum(1), table.sum(1)):
            fitting.append(other)
    low, high = audit(table, hidden)
    found = np.stack(fitting)
    assert np.allclose(found.min(axis=0), low, atol=1e-6)
    assert np.allclose(found.max(axis=0), high, atol=1e-6)
    assert np.all(guaranteed(table, hidden) <= high - low + 1e-6)


def test_hiding_small_cells_alone_is_undone_by_subtraction():
    rng = np.random.default_rng(7)
    naive = ours = 0
    for _ in range(20):
        table = rng.negative_binomial(1, 0.06, (6, 4))
        made = suppress(table)
        low, high = audit(table, made.sensitive)
        naive += bool(np.any((high - low)[made.sensitive] < 1))
        low, high = audit(table, made.hidden)
        ours += bool(np.any((high - low)[made.sensitive] < 1))
    assert naive > 10 and ours == 0
