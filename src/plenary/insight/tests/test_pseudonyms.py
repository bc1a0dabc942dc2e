"""Numbers that stand for people in one analysis: from their votes alone, so they give nothing away."""

from __future__ import annotations

import numpy as np
import pytest

from plenary.insight.engine import arrange, distinct, pseudonyms

PARTICIPANTS = np.array([10, 10, 77, 77, 90])
STATEMENTS = np.array([8, 5, 8, 5, 8])
VALUES = np.array([1, -1, 0, 1, 1], dtype=np.int8)
TIMES = np.array([50, 40, 30, 20, 10])
NAMES = {8: "STM-1", 5: "STM-2"}


def numbered(participants, seed=0, order=slice(None)):
    """For each person her number."""
    rows = (participants[order], STATEMENTS[order], VALUES[order], TIMES[order])
    _votes, people, *_rest = arrange(*rows, NAMES, seed)
    return {person: number for number, person in enumerate(people.tolist())}


def test_are_dense_and_one_for_each_person():
    assert sorted(numbered(PARTICIPANTS).values()) == [0, 1, 2]


def test_do_not_depend_on_who_came_first():
    now = numbered(PARTICIPANTS)
    others = numbered(np.array([500, 500, 3, 3, 41]))
    assert [others[500], others[3], others[41]] == [now[10], now[77], now[90]]


def test_do_not_depend_on_the_order_of_rows():
    assert numbered(PARTICIPANTS, order=[4, 2, 0, 3, 1]) == numbered(PARTICIPANTS)


def test_stay_as_they_were_published():
    """They stand in published files: the same votes must give the same numbers in every version."""
    assert numbered(PARTICIPANTS) == {10: 2, 77: 0, 90: 1}


def test_are_shuffled_by_the_seed():
    row, column = np.arange(100), np.arange(100) % 2
    values = np.tile(np.array([1, 0, -1, 1], dtype=np.int8), 25)
    numbers = [tuple(pseudonyms(row, column, values, ["STM-1", "STM-2"], seed).tolist()) for seed in range(2)]
    assert numbers[0] != numbers[1]
    assert numbers[0] != tuple(range(100))


@pytest.mark.parametrize("seed", [0, 5])
def test_nobody_is_nobody(seed):
    empty = np.array([], dtype=np.int64)
    assert len(pseudonyms(empty, empty, empty.astype(np.int8), [], seed)) == 0
    votes, people, statements, times = arrange(empty, empty, empty.astype(np.int8), empty, {}, seed)
    assert (votes.shape, len(people), len(statements), len(times)) == ((0, 0), 0, 0, 0)


@pytest.mark.parametrize("order", [slice(None), [4, 2, 0, 3, 1]])
def test_what_the_engine_must_not_know_stands_beside_its_votes(order):
    rows = (PARTICIPANTS[order], STATEMENTS[order], VALUES[order], TIMES[order])
    votes, people, statements, times = arrange(*rows, NAMES, 0)
    seen = zip(
        people[votes.rows].tolist(),
        statements[votes.indices].tolist(),
        votes.values.tolist(),
        times.tolist(),
        strict=True,
    )
    assert set(seen) == set(
        zip(PARTICIPANTS.tolist(), STATEMENTS.tolist(), VALUES.tolist(), TIMES.tolist(), strict=True)
    )
    assert [NAMES[pk] for pk in statements.tolist()] == votes.statement_ids.tolist()


@pytest.mark.parametrize("ids", [[7, 3, 7, 9], [5_000_000_000, 3, 3], [4], []])
def test_places_among_distinct_ids(ids):
    found, place = distinct(np.array(ids, dtype=np.int64))
    assert found.tolist() == sorted(set(ids))
    assert found[place].tolist() == ids
