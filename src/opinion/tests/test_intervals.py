import numpy as np
import pytest

from opinion.intervals import benjamini_hochberg, difference_interval, two_proportions, wilson


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
