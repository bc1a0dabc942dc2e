"""Numbers that stand for people in one analysis: from their votes alone, so they give nothing away."""

from __future__ import annotations

import numpy as np
import pytest

from plenary.insight.engine import pseudonyms

PARTICIPANTS = np.array([10, 10, 77, 77, 90])
REFERENCES = np.array(["STM-1", "STM-2"])
PLACE = np.array([0, 1, 0, 1, 0])
VALUES = np.array([1, -1, 0, 1, 1], dtype=np.int8)


def test_are_dense_and_one_for_each_person():
    numbers = pseudonyms(PARTICIPANTS, REFERENCES, PLACE, VALUES, 0)
    assert numbers[0] == numbers[1]
    assert numbers[2] == numbers[3]
    assert sorted(set(numbers.tolist())) == [0, 1, 2]


def test_do_not_depend_on_who_came_first():
    numbers = pseudonyms(PARTICIPANTS, REFERENCES, PLACE, VALUES, 0)
    others = np.array([500, 500, 3, 3, 41])
    assert pseudonyms(others, REFERENCES, PLACE, VALUES, 0).tolist() == numbers.tolist()


def test_do_not_depend_on_the_order_of_rows():
    order = np.array([4, 2, 0, 3, 1])
    mixed = pseudonyms(PARTICIPANTS[order], REFERENCES, PLACE[order], VALUES[order], 0)
    assert mixed.tolist() == pseudonyms(PARTICIPANTS, REFERENCES, PLACE, VALUES, 0)[order].tolist()


def test_are_shuffled_by_the_seed():
    people = np.arange(100)
    place = np.arange(100) % 2
    values = np.tile(np.array([1, 0, -1, 1], dtype=np.int8), 25)
    numbers = [tuple(pseudonyms(people, REFERENCES, place, values, seed).tolist()) for seed in range(2)]
    assert numbers[0] != numbers[1]
    assert numbers[0] != tuple(range(100))


@pytest.mark.parametrize("seed", [0, 5])
def test_nobody_is_nobody(seed):
    empty = np.array([], dtype=np.int64)
    assert len(pseudonyms(empty, np.array([], dtype=str), empty, empty.astype(np.int8), seed)) == 0
