"""Signals of campaigns: what is planted is found, what people do by themselves is not."""

import json
from dataclasses import fields
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opinion import InputError, Votes, analyze
from opinion.integrity import align_times, compare_without, describe, find_signals, read_times
from opinion.integrity.compare import without
from opinion.integrity.copies import closeness
from opinion.integrity.null import choice_chances, make_null, take
from opinion.integrity.straight import find_straight
from opinion.integrity.times import find_bursts, find_fast, find_pushes
from opinion.reading import RawVotes

from .conftest import planted

HOUR = 3_600_000


def with_ballots(votes, ballots):
    """The votes with further participants bot0, bot1, …"""
    names = np.repeat([f"bot{i}" for i in range(len(ballots))], [len(own) for own, _ in ballots])
    return Votes.from_arrays(
        np.concatenate([votes.participant_ids[votes.rows], names]),
        np.concatenate([votes.indices, *(own for own, _ in ballots)]),
        np.concatenate([votes.values, *(values for _, values in ballots)]),
    )


def copies_of_one(count, statements=60, length=30, seed=4):
    rng = np.random.default_rng(seed)
    own = np.sort(rng.choice(statements, length, replace=False))
    return [(own, rng.choice([-1, 1], length))] * count


@pytest.fixture(scope="module")
def attacked():
    return with_ballots(planted(400, 60, 2, seed=7)[0], copies_of_one(12))


@pytest.fixture(scope="module")
def found(attacked):
    return find_signals(attacked, analyze(attacked))


def test_identical_ballots_are_found_and_nobody_else(found):
    assert found.flagged == tuple(sorted(f"bot{i}" for i in range(12)))
    cluster = found.clusters[0]
    assert cluster.signal == "near-identical ballots" and cluster.size == 12 and cluster.match == 1.0
    assert cluster.p <= 0.001 and cluster.expected < 1
    assert cluster.targets and cluster.together is None


def test_so_they_are_where_they_form_a_group_of_their_own():
    votes = with_ballots(planted(300, 60, 2, seed=8)[0], copies_of_one(75))
    flagged = find_signals(votes, analyze(votes), compare=False).flagged
    assert len(flagged) == 75 and all(name.startswith("bot") for name in flagged)


def test_without_them_the_figures_are_those_of_the_others(attacked, found):
    comparison = found.comparison
    assert comparison.with_.participants - comparison.without.participants == 12
    assert comparison.with_.votes - comparison.without.votes == 12 * 30
    most = comparison.changes[0]
    rest = without(attacked, found.flagged)
    at = rest.statement_ids.tolist().index(most.statement)
    agree = rest.values[rest.indices == at] == 1
    assert most.without == pytest.approx(agree.mean())
    assert most.low <= most.difference <= most.high
    assert most.flagged_votes == 12


@pytest.mark.parametrize("apart", [1.0, 2.0, 4.0])
@pytest.mark.parametrize("fill", [0.3, 0.9])
def test_people_of_one_mind_are_no_campaign(apart, fill):
    votes, _ = planted(600, 60, 3, fill=fill, apart=apart, seed=11)
    assert find_signals(votes, analyze(votes)).share <= 0.01


def test_a_small_group_that_holds_together_is_no_campaign():
    rng = np.random.default_rng(5)
    votes, _ = planted(800, 60, 1, seed=5)
    small = rng.random(800) < 0.06
    stance = rng.choice([-1, 1], 60)
    firm = small[votes.rows] & (rng.random(votes.size) < 0.85)
    values = np.where(firm, stance[votes.indices], votes.values)
    votes = Votes.from_arrays(votes.rows, votes.indices, values)
    assert find_signals(votes, analyze(votes)).share <= 0.01


def test_short_ballots_tell_nothing():
    votes = with_ballots(planted(400, 60, 2, seed=7)[0], [(np.array([1, 2, 3]), np.array([1, -1, 1]))] * 30)
    assert find_signals(votes, analyze(votes)).flagged == ()


def test_where_everyone_agrees_on_everything_nothing_can_be_told():
    votes = Votes.from_dense(np.ones((60, 20)))
    section = find_signals(votes, analyze(votes))
    assert section.flagged == () and section.judged.telling == 0
    assert "on 0 of them" in describe(section)[0]


@pytest.mark.parametrize("value", [-1.0, 0.0])
def test_so_it_is_where_all_disagree_or_pass(value):
    votes = Votes.from_dense(np.full((60, 20), value))
    assert find_signals(votes, analyze(votes)).flagged == ()


@pytest.mark.parametrize("people", [0, 1, 2])
def test_few_people(people):
    votes = Votes.from_dense(np.ones((people, 12)))
    section = find_signals(votes, analyze(votes), np.arange(votes.size))
    assert section.flagged == () and section.comparison is None
    assert describe(section)[-1].startswith("Nobody is flagged")


def test_a_thousand_one_vote_ballots():
    votes = Votes.from_arrays(np.arange(1000), np.zeros(1000, dtype=int), np.ones(1000, dtype=int))
    times = np.arange(1000) * 60_000
    assert find_signals(votes, analyze(votes), times).flagged == ()


def test_who_says_yes_to_everything_is_found_where_there_are_too_many():
    votes, _ = planted(400, 60, 2, seed=7)
    rng = np.random.default_rng(3)
    ballots = [(np.sort(rng.choice(60, 20, replace=False)), np.ones(20, dtype=int)) for _ in range(25)]
    attacked = with_ballots(votes, ballots)
    section = find_signals(attacked, analyze(attacked), compare=False)
    assert sum(name.startswith("bot") for name in section.flagged) == 25
    assert len(section.flagged) <= 25 + 4
    assert find_signals(votes, analyze(votes)).flagged == ()


def test_the_expected_number_of_one_sided_ballots_by_hand():
    rng = np.random.default_rng(0)
    votes = Votes.from_dense(np.where(rng.random((4000, 10)) < 0.6, 1.0, -1.0))
    agree = find_straight(votes, rng)[0]
    assert agree.by_rates == pytest.approx(4000 * 0.6**10, rel=0.35)
    assert agree.expected == pytest.approx(agree.by_rates + 0.015 * 4000)


def test_closeness_by_hand():
    one = np.log(0.98) * 10 + 10 * np.log(2)
    other = np.log(0.85) * 10 + 10 * np.log(2)
    assert closeness(10 * np.log(2), 10, 10) == pytest.approx(np.log((np.exp(one) + np.exp(other)) / 2))


def test_the_null_knows_the_habits_of_each_person():
    rng = np.random.default_rng(2)
    dense = np.where(rng.random((200, 40)) < 0.5, 1.0, -1.0)
    dense[0] = 0
    votes = Votes.from_dense(dense)
    chances = choice_chances(make_null(votes, None), take(votes, np.arange(200)))
    assert np.all((chances > 0) & (chances <= 1))
    assert chances[votes.rows == 0].mean() > 0.3  # everybody else's passes are one in two hundred


def timed(votes, seed=1, days=20):
    """Arrivals spread evenly, some seconds between the votes."""
    rng = np.random.default_rng(seed)
    begin = rng.integers(0, days * 24 * HOUR, votes.shape[0])
    gaps = rng.integers(3_000, 15_000, votes.size)
    total = np.cumsum(gaps)
    return begin[votes.rows] + total - total[votes.indptr[votes.rows]]


def test_newcomers_who_push_one_statement_in_a_burst_are_found():
    votes = with_ballots(planted(500, 40, 2, seed=7)[0], [(np.array([5]), np.array([1]))] * 25)
    bots = np.char.startswith(votes.participant_ids, "bot")
    times = timed(votes)
    times = np.where(bots[votes.rows], 5 * 24 * HOUR + votes.rows * 1_000, times)
    section = find_signals(votes, analyze(votes), times)
    assert [c.signal for c in section.clusters] == ["one statement pushed"]
    assert section.flagged == tuple(sorted(votes.participant_ids[bots].tolist()))
    assert section.clusters[0].targets[0] == ("5", "agree")
    assert section.clusters[0].together.observed == 25
    assert any(burst.observed >= 25 for burst in section.bursts)
    text = "\n".join(describe(section))
    assert "for a person to review" in text and "came within an hour" in text


def test_a_burst_of_people_who_vote_both_ways_flags_nobody():
    ballots = [(np.array([5]), np.array([1 if i % 2 else -1])) for i in range(60)]
    votes = with_ballots(planted(500, 40, 2, seed=7)[0], ballots)
    bots = np.char.startswith(votes.participant_ids, "bot")
    times = np.where(bots[votes.rows], 5 * 24 * HOUR + votes.rows * 1_000, timed(votes))
    section = find_signals(votes, analyze(votes), times)
    assert section.bursts and section.flagged == ()


def test_of_one_sided_ballots_those_that_came_together_are_flagged():
    votes, _ = planted(400, 60, 2, seed=7)
    rng = np.random.default_rng(3)
    ballots = [(np.sort(rng.choice(60, 20, replace=False)), np.ones(20, dtype=int)) for _ in range(25)]
    attacked = with_ballots(votes, ballots)
    early = np.isin(attacked.participant_ids, ["bot0", "bot1"])
    bots = np.char.startswith(attacked.participant_ids, "bot") & ~early
    times = timed(attacked)
    times = np.where(bots[attacked.rows], 5 * 24 * HOUR + attacked.rows * 1_000 + attacked.indices, times)
    times = np.where(early[attacked.rows], attacked.rows * 1_000 + attacked.indices * 5_000, times)
    section = find_signals(attacked, analyze(attacked), times, compare=False)
    cluster = next(c for c in section.clusters if c.signal == "one side only")
    assert (
        set(cluster.participants) == set(attacked.participant_ids[bots].tolist()) and cluster.observed == 25
    )


def test_arrivals_at_an_even_rate_are_no_burst():
    assert find_bursts(np.sort(np.random.default_rng(0).integers(0, 30 * 24 * HOUR, 3000))) == ()
    assert find_bursts(np.zeros(0, dtype=np.int64)) == ()


def test_a_burst_has_its_place_and_its_numbers():
    even = np.arange(1000) * HOUR
    crowd = 500 * HOUR + np.arange(40) * 5_000
    (burst,) = find_bursts(np.sort(np.concatenate([even, crowd])))
    assert burst.start_ms == 500 * HOUR and burst.observed >= 40 and burst.expected < 5 and burst.p < 1e-6


def test_pushes_need_a_statement_that_divides():
    votes = Votes.from_arrays(np.arange(400), np.arange(400) % 4, np.ones(400, dtype=int))
    first = np.where(votes.indices == 0, 10 * HOUR, np.arange(400) * HOUR)
    assert find_pushes(votes, first) == ()  # everybody agrees with it anyway


def test_votes_faster_than_anybody_reads():
    votes, _ = planted(100, 30, 1, fill=0.9, seed=1)
    times = timed(votes)
    times = np.where(votes.rows == 7, 1_000 + 50 * votes.indices, times)
    fast = find_fast(votes, times)
    assert fast.people.tolist() == [7] and fast.judged == 100 and fast.p <= 0.001
    assert find_fast(votes, np.zeros(votes.size, dtype=np.int64)).judged == 0


def test_times_that_are_all_the_same_say_nothing(attacked, found):
    section = find_signals(attacked, analyze(attacked), np.full(attacked.size, 5))
    assert not section.judged.times and section.flagged == found.flagged


def test_wrong_times_and_results_are_refused(attacked, two_groups):
    with pytest.raises(InputError, match="one for each vote"):
        find_signals(attacked, analyze(attacked), [1, 2])
    with pytest.raises(InputError, match="not that of these votes"):
        find_signals(attacked, analyze(two_groups))


def test_times_stand_beside_the_votes_that_count(tmp_path):
    raw = RawVotes(
        np.array([10, 9, 9, 9]),
        np.array([1, 2, 1, 2]),
        np.array([1, 1, 0, -1], np.int8),
        np.array([4, 1, 3, 2]),
    )
    votes = raw.to_votes(["0", "1", "2"])
    assert votes.values.tolist() == [0, -1, 1]
    assert align_times(votes, raw).tolist() == [3, 2, 4]
    path = tmp_path / "votes.csv"
    path.write_text("participant_id,statement_id,vote,timestamp_ms\n10,1,1,4\n9,2,1,1\n9,1,0,3\n9,2,-1,2\n")
    assert read_times(path, votes).tolist() == [3, 2, 4]
    path.write_text("participant_id,statement_id,vote\n10,1,1\n")
    assert read_times(path, votes) is None
    with pytest.raises(InputError, match="other votes"):
        align_times(planted(5, 3, 1)[0], raw)


def test_times_of_a_table_of_columns(tmp_path):
    arrow = pytest.importorskip("pyarrow")
    import pyarrow.parquet as parquet

    columns = {"participant_id": ["b", "a"], "statement_id": [1, 1], "vote": [1, -1], "timestamp_ms": [7, 8]}
    parquet.write_table(arrow.table(columns), tmp_path / "votes.parquet")
    votes = Votes.from_arrays(["a", "b"], [1, 1], [-1, 1])
    assert read_times(tmp_path / "votes.parquet", votes).tolist() == [8, 7]


def test_compared_without_anybody_nothing_moves(two_groups):
    comparison = compare_without(two_groups, analyze(two_groups), [])
    assert comparison.agreement == 1.0 and comparison.changes == ()
    assert comparison.appearing == comparison.disappearing == () and comparison.kept > 0


def test_compared_without_everybody(two_groups):
    comparison = compare_without(two_groups, analyze(two_groups), two_groups.participant_ids.tolist())
    assert comparison.without.participants == 0 and comparison.agreement is None
    assert all(change.without is None for change in comparison.changes)


def test_polis_mode_is_compared_in_polis_mode(attacked):
    result = analyze(attacked, mode="polis")
    assert find_signals(attacked, result).comparison.with_.findings == result.totals


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 1000))
def test_the_order_of_rows_never_matters_and_inputs_stay(seed):
    votes = with_ballots(planted(150, 30, 2, seed=3)[0], copies_of_one(8, 30, 20))
    order = np.random.default_rng(seed).permutation(votes.size)
    other = Votes.from_arrays(
        votes.participant_ids[votes.rows][order],
        votes.statement_ids[votes.indices][order],
        votes.values[order],
    )
    before = [getattr(votes, one.name) for one in fields(votes)[:5]]
    kept = [array.copy() for array in before]
    times = timed(votes)
    first = find_signals(votes, analyze(votes), times)
    assert first == find_signals(other, analyze(other), times)
    assert first.flagged
    assert all(np.array_equal(now, then) for now, then in zip(before, kept, strict=True))


def test_the_section_fits_its_schema(attacked, found):
    import jsonschema

    schema = json.loads((files("opinion") / "schema" / "integrity-1.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    data = analyze(attacked).with_sections(integrity=found).to_dict()["integrity"]
    validator.validate(data)
    assert not list(validator.iter_errors(data))
    assert list(validator.iter_errors(data | {"verdict": "bots"}))


def test_real_conversations_without_a_planted_attack(conversations):
    for path in sorted(conversations.glob("*/tidy/votes.csv")):
        votes = Votes.from_csv(path)
        if votes.size < 60_000:
            section = find_signals(votes, analyze(votes), read_times(path, votes), compare=False)
            assert section.share <= 0.01, path
