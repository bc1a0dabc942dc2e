import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opinion import lloyd as module
from opinion.lloyd import first_distinct, lloyd


def plainly(points, weight, centres, steps, same):
    """The textbook algorithm, every point against every centre."""
    kept = np.arange(len(centres))
    while True:
        square = ((points[:, None] - centres[None]) ** 2).sum(axis=2)
        nearest = len(centres) - 1 - np.argmin(square[:, ::-1], axis=1)
        used, label = np.unique(nearest, return_inverse=True)
        total = np.bincount(label, weights=weight)
        new = np.stack([np.bincount(label, weights=weight * column) / total for column in points.T], axis=1)
        shared = min(len(new), len(centres))
        old_sorted, new_sorted = (c[np.lexsort((c[:, 1], c[:, 0]))][:shared] for c in (centres, new))
        centres, kept, steps = new, kept[used], steps - 1
        if steps <= 0 or np.all(np.hypot(*(old_sorted - new_sorted).T) < same):
            return label, centres, kept


def cloud(kind, n, rng):
    if kind == "heavy tails":
        return rng.standard_t(1.5, size=(n, 2))
    if kind == "many in one place":
        return rng.integers(-3, 4, (n, 2)).astype(float)
    if kind == "piled up":
        return np.concatenate([rng.normal(0, 1e-3, (n - n // 20, 2)), rng.normal(0, 1, (n // 20, 2))])
    return rng.normal(size=(n, 2)) * [1, 0 if kind == "on a line" else 1]


@pytest.mark.parametrize("n", [1, 2, 20, 400, 5000])
@pytest.mark.parametrize("kind", ["normal", "heavy tails", "many in one place", "piled up", "on a line"])
def test_it_gives_what_the_plain_algorithm_gives(kind, n):
    rng = np.random.default_rng(n)
    points, weight = cloud(kind, n, rng), rng.integers(1, 5, n).astype(float)
    start = first_distinct(points, 60)
    label, centres, kept = lloyd(points, weight, start, 30, 0.01)
    plain_label, plain_centres, plain_kept = plainly(points, weight, start, 30, 0.01)
    assert np.array_equal(label, plain_label)
    assert np.allclose(centres, plain_centres, atol=1e-9)
    assert np.array_equal(kept, plain_kept)


def test_in_small_portions_it_gives_the_same(monkeypatch):
    rng = np.random.default_rng(2)
    points = rng.normal(size=(3000, 2))
    start = first_distinct(points, 40)
    whole = lloyd(points, np.ones(3000), start, 10, 0.01)
    monkeypatch.setattr(module, "PAIRS", 500)
    assert np.array_equal(lloyd(points, np.ones(3000), start, 10, 0.01)[0], whole[0])


def test_a_centre_without_points_vanishes():
    points = np.array([[0.0, 0.0], [1.0, 0.0], [10.0, 0.0]])
    label, centres, kept = lloyd(
        points, np.ones(3), np.array([[0.5, 0.0], [99.0, 0.0], [10.0, 0.0]]), 5, 0.01
    )
    assert kept.tolist() == [0, 2]
    assert centres.tolist() == [[0.5, 0.0], [10.0, 0.0]]
    assert label.tolist() == [0, 0, 1]


def test_of_two_centres_equally_near_the_later_one_gets_the_point():
    points = np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0]])
    label, _, _ = lloyd(points, np.ones(3), points[[0, 2]], 1, 0.01)
    assert label.tolist() == [0, 1, 1]


def test_heavier_points_pull_more():
    points = np.array([[0.0, 0.0], [3.0, 0.0]])
    _, centres, _ = lloyd(points, np.array([2.0, 1.0]), np.zeros((1, 2)), 5, 0.01)
    assert centres.tolist() == [[1.0, 0.0]]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=80), st.integers(1, 12))
def test_the_first_distinct_rows_in_their_order(rows, count):
    expected = list(dict.fromkeys(rows))[:count]
    found = first_distinct(np.array(rows, dtype=float), count)
    assert [tuple(row) for row in found.astype(int).tolist()] == expected


def test_inputs_stay_as_they_are():
    rng = np.random.default_rng(4)
    points, weight = rng.normal(size=(500, 2)), np.ones(500)
    start = first_distinct(points, 10)
    copies = points.copy(), weight.copy(), start.copy()
    lloyd(points, weight, start, 20, 0.01)
    assert all(np.array_equal(a, b) for a, b in zip((points, weight, start), copies, strict=True))
