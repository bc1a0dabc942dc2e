import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opinion import InputError, Votes, analyze, read_statements, read_votes
from opinion.groups import adjusted_rand
from opinion.integrity import read_times
from opinion.replay import Memory, find_moments, reseed, votes_until

from .conftest import planted


@pytest.fixture
def talk():
    """People who come one after another, and when each of their votes was cast."""
    votes, _ = planted(80, 20, 3, seed=5)
    return votes, votes.rows.astype(np.int64) * 1000 + votes.indices


def without_settings(result):
    data = json.loads(result.to_json())
    return data["settings"].pop("replay_steps", None), data


def test_votes_of_one_moment_are_one_step_from_a_cold_start(talk):
    votes, _ = talk
    steps, replayed = without_settings(analyze(votes, mode="polis", times=np.full(votes.size, 7)))
    nothing, cold = without_settings(analyze(votes, mode="polis"))
    assert (steps, nothing) == (1, None)
    assert replayed == cold


def test_replaying_is_deterministic_and_changes_no_input(talk):
    votes, times = talk
    before = times.copy()
    first = analyze(votes, mode="polis", times=times)
    assert first.to_json() == analyze(votes, mode="polis", times=times).to_json()
    assert first.settings["replay_steps"] == 100
    assert np.array_equal(times, before)


def test_groups_follow_from_the_past_axes_and_places_do_not(talk):
    votes, times = talk
    cold, replayed = (analyze(votes, mode="polis", times=t) for t in (None, times))
    assert replayed.axes == cold.axes
    assert np.array_equal(replayed.participants.x, cold.participants.x)


@settings(deadline=None, max_examples=20)
@given(st.permutations(range(12)))
def test_the_order_of_rows_is_irrelevant(order):
    people, statements = np.repeat(np.arange(4), 3), np.tile(np.arange(3), 4)
    values = np.array([1, -1, 0, 1, 1, -1, -1, 1, 1, -1, 0, 1])
    times = np.arange(12) * 5
    at = list(order)
    votes = Votes.from_arrays(people[at], statements[at], values[at])
    expected = analyze(Votes.from_arrays(people, statements, values), mode="polis", times=times)
    place = {(int(people[i]), int(statements[i])): times[i] for i in at}
    aligned = np.array([place[key] for key in zip(votes.rows.tolist(), votes.indices.tolist(), strict=True)])
    assert analyze(votes, mode="polis", times=aligned).to_json() == expected.to_json()


def test_the_default_mode_refuses_times(talk):
    votes, times = talk
    with pytest.raises(InputError, match="compatible mode"):
        analyze(votes, times=times)


@pytest.mark.parametrize("times", [[1, 2], [[1]], "now"])
def test_times_must_be_whole_numbers_and_as_many_as_the_votes(talk, times):
    with pytest.raises(InputError, match="whole milliseconds"):
        analyze(talk[0], mode="polis", times=times)
    with pytest.raises(InputError, match="whole milliseconds"):
        analyze(talk[0], mode="polis", times=talk[1] / 3)


@pytest.mark.parametrize("people", [[], [1], [1, 2]])
def test_degenerate_conversations(people):
    votes = Votes.from_arrays(people, [1] * len(people), [1] * len(people))
    assert analyze(votes, mode="polis", times=np.arange(len(people))).k <= 1


def test_steps_have_about_as_many_votes_and_never_part_votes_of_one_time():
    assert find_moments(np.array([5, 3, 3, 9])).tolist() == [3, 5, 9]
    assert find_moments(np.zeros(9, dtype=np.int64)).tolist() == [0]
    assert np.diff(find_moments(np.arange(20_000))).tolist() == [200] * 99
    assert len(find_moments(np.arange(50_000))) == 40
    assert len(find_moments(np.arange(1_000_000))) == 8


def test_votes_until_a_moment_are_those_of_the_people_who_had_voted():
    votes = Votes.from_arrays([1, 1, 2, 3], [1, 2, 1, 2], [1, -1, 0, 1])
    known, people = votes_until(votes, np.array([10, 30, 40, 20]), 20)
    assert people.tolist() == [0, 2]
    assert known.participant_ids.tolist() == ["1", "3"]
    assert known.shape == (2, 2)
    assert (known.indptr.tolist(), known.indices.tolist(), known.values.tolist()) == (
        [0, 1, 2],
        [0, 1],
        [1, 1],
    )


def test_clusters_go_on_where_their_members_stand_now():
    points = np.array([[0.0, 0], [2, 0], [10, 0], [30, 0]])
    weight = np.array([1.0, 3, 1, 1])
    centres, numbers = reseed(points, weight, np.array([4, 4, 7, -1]), 2)
    assert centres.tolist() == [[1.5, 0], [10, 0]]
    assert numbers.tolist() == [4, 7]


def test_a_missing_cluster_is_born_at_the_farthest_point_which_leaves_its_own():
    points = np.array([[0.0, 0], [6, 0], [1, 0]])
    centres, numbers = reseed(points, np.ones(3), np.array([2, 2, -1]), 2)
    assert centres.tolist() == [
        [0, 0],
        [6, 0],
    ]  # both were 3 away from the middle; of equals the last one leaves
    assert numbers.tolist() == [2, 3]


def test_clusters_with_one_centre_become_one_and_there_are_no_more_than_distinct_points():
    points = np.array([[1.0, 1], [1, 1], [5, 5]])
    centres, numbers = reseed(points, np.ones(3), np.array([0, 3, 8]), 100)
    assert centres.tolist() == [[1, 1], [5, 5]]
    assert numbers.tolist() == [0, 8]


def test_the_number_of_groups_changes_only_after_four_times_in_a_row():
    memory, shown = Memory(np.zeros(0, dtype=np.int64)), []
    for best in (3, 2, 2, 3, 2, 2, 2, 2, 4):
        row, chosen = memory.choose(best, {2, 3, 4})
        memory = dataclasses.replace(memory, best=best, row=row, chosen=chosen)
        shown.append(chosen)
    assert shown == [3, 3, 3, 3, 3, 3, 3, 2, 2]
    assert memory.choose(3, {3}) == (1, 3)  # what was shown is not there any more


@pytest.mark.parametrize(
    ("name", "least"),
    [("canadian-electoral-reform", 0.85), ("brexit-consensus", 0.85), ("scoop-hivemind.taxes", 0.85)],
)
def test_the_past_brings_stored_groups_nearer(conversations, name, least):
    import csv
    import gzip

    folder = conversations / name / "tidy"
    votes = read_votes(folder / "votes.csv").votes
    statements = read_statements(folder / "comments.csv").statements
    if (folder / "reference_math.json.gz").exists():
        stored = json.loads(gzip.decompress((folder / "reference_math.json.gz").read_bytes()))
        bases = dict(zip(stored["base-clusters"]["id"], stored["base-clusters"]["members"], strict=True))
        known = {str(p): g["id"] for g in stored["group-clusters"] for b in g["members"] for p in bases[b]}
    else:
        with open(folder / "reference_groups.csv", encoding="utf-8", newline="") as stream:
            known = {row["participant_id"]: int(row["group_id"] or -1) for row in csv.DictReader(stream)}
    ids = votes.participant_ids.tolist()
    theirs = np.array([known.get(person, -1) for person in ids])

    def agreement(times):
        own = analyze(votes, mode="polis", statements=statements, times=times).participants.group
        both = (own >= 0) & (theirs >= 0)
        return adjusted_rand(theirs[both], own[both])

    replayed = agreement(read_times(folder / "votes.csv", votes))
    assert replayed > least
    assert replayed > agreement(None)
