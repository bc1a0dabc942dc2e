import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opinion.intervals import (
    benjamini_hochberg,
    difference_exceeds,
    difference_interval,
    two_proportions,
    wilson,
)


def test_wilson_against_published_figures():
    low, high = wilson([81, 0], [263, 20])  # Newcombe 1998, table I
    assert low == pytest.approx([0.2553, 0.0], abs=5e-5)
    assert high == pytest.approx([0.3662, 0.1611], abs=5e-5)


def test_differences_against_published_figures():
    low, high = difference_interval(56, 70, 48, 80)  # Newcombe 1998, table II, method 10
    assert (float(low), float(high)) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_nothing_known_is_everything_possible():
    assert [float(v) for v in wilson(0, 0)] == [0.0, 1.0]
    assert [float(v) for v in difference_interval(0, 0, 3, 4)] == [-1.0, 1.0]
    assert two_proportions(np.array([0]), np.array([0]), np.array([1]), np.array([2]))[1] == 1


def test_adjusted_p_values():
    assert benjamini_hochberg([0.01, 0.04, 0.03, 0.5]) == pytest.approx([0.04, 0.0533333, 0.0533333, 0.5])
    assert benjamini_hochberg([]).size == 0


@given(st.integers(1, 60), st.integers(1, 60), st.data())
def test_the_test_of_a_margin_agrees_with_the_interval(n1, n2, data):
    s1, s2 = data.draw(st.integers(0, n1)), data.draw(st.integers(0, n2))
    low, high = difference_interval(s1, n1, s2, n2)
    p = float(difference_exceeds(s1, n1, s2, n2, 0.2))
    beyond = float(low) > 0.2 or float(high) < -0.2
    assert beyond == (p < 0.025 - 1e-9) or abs(p - 0.025) < 1e-6
    assert np.isclose(p, float(difference_exceeds(s2, n2, s1, n1, 0.2)))
    if abs(s1 / n1 - s2 / n2) <= 0.2:
        assert p == 1.0


def test_two_groups_that_differ_by_less_than_the_margin_are_seldom_called_apart():
    rng = np.random.default_rng(1)
    first, second = rng.binomial(400, 0.6, 3000), rng.binomial(400, 0.4, 3000)  # apart by the margin exactly
    assert np.mean(difference_exceeds(first, 400, second, 400, 0.2) < 0.05) < 0.06
