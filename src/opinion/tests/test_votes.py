import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opinion import InputError, Votes

rows = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 6), st.sampled_from([-1, 0, 1]), st.integers(0, 5)),
    max_size=60,
)


def test_the_latest_vote_of_a_pair_counts():
    votes = Votes.from_arrays(["a", "a", "a"], ["s", "s", "t"], [1, -1, 0], [20, 10, 5])
    assert votes.size == 2
    assert dict(zip(votes.statement_ids[votes.indices], votes.values, strict=True)) == {"s": 1, "t": 0}
    assert votes.superseded == 1


def test_without_times_the_last_row_counts():
    assert Votes.from_arrays([1, 1], [1, 1], [1, -1]).values.tolist() == [-1]


def test_contradicting_votes_at_the_same_time_count_as_a_pass():
    for values in ([1, -1], [-1, 1]):
        assert Votes.from_arrays([1, 1], [1, 1], values, [7, 7]).values.tolist() == [0]


def test_a_pass_is_a_vote_and_not_a_missing_one():
    votes = Votes.from_arrays([1, 2], [1, 2], [0, 1])
    assert votes.size == 2
    assert votes.matrix().nnz == 2


def test_ids_stand_in_natural_order():
    votes = Votes.from_arrays(["10", "9", "b", "A", "007"], ["1"] * 5, [1] * 5)
    assert votes.participant_ids.tolist() == ["9", "10", "007", "A", "b"]


def test_numbers_and_their_texts_are_the_same_ids():
    assert (
        Votes.from_arrays([10, 9], [3, 3], [1, 0]).sha256
        == Votes.from_arrays(["9", "10"], ["3", "3"], [0, 1]).sha256
    )


def test_the_hash_is_that_of_the_canonical_file():
    votes = Votes.from_arrays(["10", "9", "9"], ["x,y", "2", "1"], [1, 0, -1])
    expected = 'participant_id,statement_id,vote\n9,1,-1\n9,2,0\n10,"x,y",1\n'
    assert b"".join(votes.to_csv()).decode() == expected
    assert votes.sha256 == hashlib.sha256(expected.encode()).hexdigest()


def test_values_outside_the_three_are_refused_each_with_its_place():
    with pytest.raises(InputError) as caught:
        Votes.from_arrays([1, 2, 3], [1, 1, 1], [1, 2, 7])
    assert [problem.line for problem in caught.value.problems] == [2, 3]


def test_arrays_of_different_length_are_refused():
    with pytest.raises(InputError, match="one length"):
        Votes.from_arrays([1, 2], [1], [1])


def test_the_arrays_are_read_only(two_groups):
    with pytest.raises(ValueError, match="read-only"):
        two_groups.values[0] = 1


@settings(max_examples=60, deadline=None)
@given(rows, st.randoms(use_true_random=False))
def test_order_of_rows_does_not_matter(records, random):
    shuffled = list(records)
    random.shuffle(shuffled)
    one, other = (Votes.from_arrays(*_columns(r)) for r in (records, shuffled))
    assert one.sha256 == other.sha256
    assert np.array_equal(one.indptr, other.indptr)


@settings(max_examples=60, deadline=None)
@given(rows)
def test_inputs_stay_untouched(records):
    columns = _columns(records)
    before = [column.copy() for column in columns]
    Votes.from_arrays(*columns)
    assert all(np.array_equal(a, b) for a, b in zip(columns, before, strict=True))


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.lists(st.sampled_from([-1.0, 0.0, 1.0, np.nan]), min_size=4, max_size=4), min_size=1, max_size=8
    )
)
def test_sparse_equals_dense(dense):
    matrix = np.array(dense)
    row, column = np.nonzero(np.isfinite(matrix))
    sparse = Votes.from_arrays(row, column, matrix[row, column].astype(int))
    assert Votes.from_dense(matrix).sha256 == sparse.sha256


def _columns(records):
    table = np.array(records, dtype=np.int64).reshape(-1, 4)
    return table[:, 0].copy(), table[:, 1].copy(), table[:, 2].copy(), table[:, 3].copy()


@given(rows)
@settings(deadline=None)
def test_places_say_the_same_as_ids(found):
    people, statements = ["9", "10", "b", "A"], ["S-2", "S-10", "3"]
    row = np.array([one[0] % 4 for one in found], dtype=np.int64)
    column = np.array([one[1] % 3 for one in found], dtype=np.int64)
    value = np.array([one[2] for one in found], dtype=np.int64)
    votes = Votes.from_places(people, statements, row, column, value)
    seen = Votes.from_arrays(
        np.array(people)[row], np.array(statements)[column], value, statement_ids=statements
    )
    assert b"".join(votes.to_csv()) == b"".join(seen.to_csv())
    assert votes.statement_ids.tolist() == seen.statement_ids.tolist() == ["3", "S-10", "S-2"]
    assert votes.participant_ids.tolist() == ["9", "10", "A", "b"]
    assert votes.superseded == seen.superseded


@pytest.mark.parametrize(
    ("people", "statements", "row", "column", "value", "said"),
    [
        (["a", "a"], ["s"], [0], [0], [1], "stands twice"),
        (["a"], ["s", ""], [0], [0], [1], "missing"),
        (["a"], ["s"], [1], [0], [1], "no participant"),
        (["a"], ["s"], [0], [-1], [1], "no statement"),
        (["a"], ["s"], [0], [0], [2], "-1, 0 or 1"),
        (["a"], ["s"], [0], [0], [0.5], "-1, 0 or 1"),
        (["a"], ["s"], [0, 0], [0], [1], "one length"),
    ],
)
def test_places_that_are_none_are_refused(people, statements, row, column, value, said):
    with pytest.raises(InputError, match=said):
        Votes.from_places(people, statements, np.array(row), np.array(column), np.array(value))
