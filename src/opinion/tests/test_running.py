import copy

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opinion import InputError, Statement, Votes, analyze, read_statements, read_votes
from opinion.axes import project
from opinion.frozen import freeze, place_people
from opinion.mixture import expect, make_ballots
from opinion.running import Running
from opinion.tallies import tally

from .conftest import planted

# People 0 to 119 and statements 0 to 19 are there at the start; others come new.
steps = st.lists(
    st.tuples(st.integers(100, 125), st.integers(14, 24), st.sampled_from([-1, 0, 1, None])), max_size=80
)


@pytest.fixture(scope="module")
def started(two_groups):
    result = analyze(two_groups)
    assert result.k == 2
    return Running.start(two_groups, result)


def batch_of(cells):
    rows = [(p, s, v) for (p, s), v in cells.items()]
    people, statements, values = zip(*rows, strict=True) if rows else ((), (), np.zeros(0, dtype=int))
    return Votes.from_arrays(np.array(people, dtype=str), np.array(statements, dtype=str), values)


def cells_of(votes):
    people = votes.participant_ids[votes.rows]
    statements = votes.statement_ids[votes.indices]
    return dict(
        zip(zip(people.tolist(), statements.tolist(), strict=True), votes.values.tolist(), strict=True)
    )


def check(running, cells, first):
    """Everything counted equals a batch over the same votes; everybody stands where the batch puts them."""
    batch = batch_of(cells)
    now = running.votes()
    assert cells_of(now) == cells
    assert now.participant_ids.tolist() == batch.participant_ids.tolist()
    assert now.sha256 == batch.sha256
    assert running.size == batch.size
    total, groups = running.tallies()
    everyone = tally(now, np.zeros(now.shape[0], dtype=np.int8), 1)[0]
    order = [running.statement_ids.index(name) for name in now.statement_ids.tolist()]
    assert np.array_equal(total[order], everyone)
    people = running.participants()
    assert np.array_equal(groups[:, order], tally(now, people.group, running.k))
    assert running.snapshot().sizes == tuple(
        np.bincount(people.group[people.group >= 0], minlength=running.k)
    )
    assert running.snapshot().participants == batch.shape[0]
    if running.model is None:
        return
    group, confidence, x, y = place_people(now, running.model)
    for i, name in enumerate(people.ids.tolist()):
        # Who has not voted since stands as published.
        expected = first.get(name, (group[i], confidence[i], x[i], y[i]))
        assert people.group[i] == expected[0]
        assert np.allclose((people.confidence[i], people.x[i], people.y[i]), expected[1:], atol=1e-9)


@settings(max_examples=60, deadline=None)
@given(steps=steps)
def test_counts_are_the_batchs_after_any_votes(started, steps):
    running = Running.from_bytes(started.to_bytes())
    cells = cells_of(running.votes())
    people = running.participants()
    first = {
        name: row
        for name, *row in zip(
            people.ids.tolist(), people.group, people.confidence, people.x, people.y, strict=True
        )
    }
    for person, statement, value in steps:
        before = cells.get((str(person), str(statement)))
        stands = running.update(person, statement, value)
        if value is None:
            cells.pop((str(person), str(statement)), None)
        else:
            cells[str(person), str(statement)] = value
        if before != value:
            first.pop(str(person), None)
        assert stands == running.standing_of(person)
    check(running, cells, first)


@settings(max_examples=40, deadline=None)
@given(steps=steps)
def test_counts_from_nothing_are_the_batchs(steps):
    running, cells = Running.start(), {}
    for person, statement, value in steps:
        assert running.update(f"p{person}", statement, value).group == -1
        if value is None:
            cells.pop((f"p{person}", str(statement)), None)
        else:
            cells[f"p{person}", str(statement)] = value
    check(running, cells, {})


@settings(max_examples=25, deadline=None)
@given(steps=steps, cut=st.integers(0, 80))
def test_a_restart_changes_nothing(started, steps, cut):
    straight, broken = Running.from_bytes(started.to_bytes()), Running.from_bytes(started.to_bytes())
    for i, step in enumerate(steps):
        if i == cut:
            broken = Running.from_bytes(broken.to_bytes())
        assert straight.update(*step) == broken.update(*step)
    assert straight.to_bytes() == broken.to_bytes()
    assert straight.snapshot() == broken.snapshot()


@settings(max_examples=25, deadline=None)
@given(steps=steps, seed=st.integers(0, 9))
def test_votes_that_do_not_touch_each_other_may_come_in_any_order(started, steps, seed):
    last = {(p, s): v for p, s, v in steps}
    order = np.random.default_rng(seed).permutation(len(last))
    shuffled = [list(last.items())[i] for i in order]
    one, other = Running.from_bytes(started.to_bytes()), Running.from_bytes(started.to_bytes())
    for running, items in ((one, list(last.items())), (other, shuffled)):
        for (person, statement), value in items:
            running.update(person, statement, value)
    assert one.snapshot().statements == other.snapshot().statements
    assert np.array_equal(one.participants().group, other.participants().group)


def test_the_inputs_are_not_changed(two_groups):
    result = analyze(two_groups)
    before = two_groups.values.copy(), result.participants.x.copy(), result.to_json()
    running = Running.start(two_groups, result)
    for s in range(20):
        running.update(3, s, -1)
    assert np.array_equal(two_groups.values, before[0])
    assert np.array_equal(result.participants.x, before[1])
    assert result.to_json() == before[2]


def test_places_are_those_of_the_projection_and_groups_those_of_the_mixture(two_groups):
    result = analyze(two_groups)
    model = freeze(two_groups, result)
    group, confidence, x, y = place_people(two_groups, model)
    assert np.allclose(x, result.participants.x, atol=1e-6)
    assert np.allclose(y, result.participants.y, atol=1e-6)
    ballots = make_ballots(two_groups)
    places = project(ballots.sides, model.rate, model.loadings)
    assert np.allclose(places, np.stack([x, y], axis=1), atol=1e-6)
    membership, _ = expect(ballots, model.shares, model.chances)
    kept = group >= 0
    assert np.array_equal(membership.argmax(axis=1)[kept], group[kept])
    assert np.allclose(membership.max(axis=1)[kept], confidence[kept], atol=1e-5)
    assert model.agreement > 0.97


def test_one_vote_by_hand():
    votes = Votes.from_arrays(["a", "a", "b"], ["s", "t", "s"], [1, 0, -1])
    running = Running.start(votes, analyze(votes))
    running.update("c", "s", 1)
    running.update("b", "s", 1)  # changed
    running.update("a", "t", None)  # taken back
    running.update("a", "u", -1)  # a new statement
    assert running.counts("s") == (3, 0, 0)
    assert running.counts("t") == (0, 0, 0)
    assert running.counts("u") == (0, 1, 0)
    assert running.counts("v") == (0, 0, 0)
    assert running.ballot("a") == {"s": 1, "u": -1}
    shown = running.snapshot()
    assert (shown.votes, shown.participants, shown.age.changes) == (4, 3, 4)
    assert [one.id for one in shown.statements] == ["s", "t", "u"]
    assert shown.statements[0].intervals["agree"][0] == pytest.approx(0.4385, abs=1e-4)


def test_statements_left_out_are_counted_and_place_nobody(two_groups):
    known = [Statement("0", moderated=-1), Statement("1", is_meta=True)]
    running = Running.start(two_groups, analyze(two_groups, statements=known), known)
    before = running.standing_of("5")
    running.update("5", "0", -1 if running.ballot("5").get("0") == 1 else 1)
    running.update("5", "1", -1 if running.ballot("5").get("1") == 1 else 1)
    assert running.standing_of("5") == before
    assert running.age().changes == 2


def test_too_few_sides_make_no_group(started):
    running = Running.from_bytes(started.to_bytes())
    for s in range(6):
        assert running.update("new", s, 1).group == -1
    running.update("new", 6, 0)  # a pass takes no side
    assert running.standing_of("new").group == -1
    assert running.update("new", 7, 1).group >= 0
    assert running.update("new", 7, None).group == -1


def test_who_changes_her_votes_changes_group(started):
    running = Running.from_bytes(started.to_bytes())
    chances = running.chances()
    for group in (0, 1):
        for s in range(20):
            name = running.statement_ids[s]
            running.update("turncoat", name, 1 if chances[group, s] > chances[1 - group, s] else -1)
        stands = running.standing_of("turncoat")
        assert (stands.group, stands.confidence > 0.99) == (group, True)
    assert running.age().moved == 1


def test_age_says_what_is_stale(started):
    running = Running.from_bytes(started.to_bytes())
    assert not running.age().due
    assert running.age().reasons == ()
    running.update("0", next(iter(running.ballot("0"))), None)
    assert 0 < running.age().share_of_votes < 0.01
    for i in range(60):
        for s in range(5):
            running.update(f"n{i}", f"later{s}", 1)
        for s in range(8):
            running.update(f"n{i}", s, 1)
    age = running.age()
    assert age.due
    assert age.unknown > 0.1
    assert age.people == 61
    assert 0.5 < age.newcomers < 0.6
    assert len(age.reasons) >= 3
    assert Running.start().age().reasons == ()
    empty = Running.start()
    empty.update(1, 1, 1)
    assert empty.age().reasons == ("No full run has been made yet.",)


def test_votes_against_the_groups_are_noticed_and_votes_with_them_are_not(two_groups):
    rng = np.random.default_rng(5)
    result = analyze(two_groups)
    for flipped in (False, True):
        running = Running.start(two_groups, result)
        chances = running.chances()
        for i in range(150):
            group = rng.integers(0, 2)
            for s in rng.permutation(20)[:12]:
                agree = rng.random() < chances[group, s]
                if flipped:  # an opinion that nobody held before
                    agree = rng.random() < 0.5
                running.update(f"n{i}", running.statement_ids[s], 1 if agree else -1)
        said = any("worse than the groups" in reason for reason in running.age().reasons)
        assert said == flipped
        assert (abs(running.age().surprise) < 0.03) != flipped


@pytest.mark.parametrize("votes", [[], [("a", "s", 1)], [("a", "s", 0), ("b", "s", 0)]])
def test_small_starts(votes):
    people, statements, values = zip(*votes, strict=True) if votes else ((), (), ())
    start = Votes.from_arrays(list(people), list(statements), np.array(values, dtype=int))
    running = Running.start(start, analyze(start))
    for value in (1, 0, None, -1):
        running.update("a", "s", value)
        running.update("z", "new", value)
    check(running, {**cells_of(start), ("a", "s"): -1, ("z", "new"): -1}, first_of(running, {"a", "z"}))


def first_of(running, voted):
    people = running.participants()
    rows = zip(people.ids.tolist(), people.group, people.confidence, people.x, people.y, strict=True)
    return {name: row for name, *row in rows if name not in voted}


def test_many_new_people_and_statements():
    running = Running.start()
    rng = np.random.default_rng(1)
    cells = {}
    for i in range(3000):
        value = int(rng.integers(-1, 2))
        running.update(f"p{i % 700}", f"s{i % 97}", value)
        cells[f"p{i % 700}", f"s{i % 97}"] = value
    check(running, cells, {})


@pytest.mark.parametrize("value", [2, True, "1", 0.5, float("nan")])
def test_what_is_no_vote_is_refused(started, value):
    running = copy.deepcopy(started)
    with pytest.raises(InputError, match="is not a vote"):
        running.update("0", "0", value)
    assert running.to_bytes() == started.to_bytes()


@pytest.mark.parametrize("name", ["", None, 1.5, True, "a\0"])
def test_what_is_no_id_is_refused(name):
    running = Running.start()
    with pytest.raises(InputError, match="is not the id of a participant"):
        running.update(name, "s", 1)
    with pytest.raises(InputError, match="is not the id of a statement"):
        running.update("p", name, 1)
    assert running.statement_ids == ()


def test_damaged_states_are_refused(started):
    data = started.to_bytes()
    damaged = bytearray(data)
    damaged[len(data) // 2] ^= 1
    for bad, words in (
        (bytes(damaged), "damaged"),
        (data[:-10], "damaged"),
        (b"", "not the state"),
        (b"opinion running 9 abc\n", "version “9”"),
        (data.split(b"\n", 1)[0], "damaged"),
    ):
        with pytest.raises(InputError, match=words):
            Running.from_bytes(bad)


def test_a_result_of_other_votes_is_refused(two_groups):
    other, _ = planted(60, 20, 2, seed=4)
    for votes, result in ((other, analyze(two_groups)), (None, analyze(two_groups))):
        with pytest.raises(InputError):
            Running.start(votes, result)
    with pytest.raises(InputError, match="default mode"):
        Running.start(two_groups, analyze(two_groups, mode="polis"))


@pytest.mark.parametrize("name", ["vtaiwan.uberx", "scoop-hivemind.taxes"])
def test_real_conversations_go_on_where_the_batch_stopped(conversations, name):
    folder = conversations / name / "tidy"
    votes = read_votes(folder / "votes.csv").votes
    statements = read_statements(folder / "comments.csv").statements
    result = analyze(votes, statements=statements)
    model = freeze(votes, result, statements)
    assert model.agreement > 0.95
    _, _, x, y = place_people(votes, model)
    assert np.abs(x - result.participants.x).max() < 1e-6
    assert np.abs(y - result.participants.y).max() < 1e-6
    running = Running.start(votes, result, statements)
    cells = cells_of(votes)
    rng = np.random.default_rng(0)
    for _ in range(400):
        person = str(rng.choice(votes.participant_ids))
        statement = str(rng.choice(votes.statement_ids))
        value = [-1, 0, 1, None][rng.integers(0, 4)]
        running.update(person, statement, value)
        if value is None:
            cells.pop((person, statement), None)
        else:
            cells[person, statement] = value
    now = running.votes()
    assert now.sha256 == batch_of(cells | {}).sha256
    people = running.participants()
    total, groups = running.tallies()
    order = [running.statement_ids.index(one) for one in now.statement_ids.tolist()]
    assert np.array_equal(groups[:, order], tally(now, people.group, running.k))
    assert np.array_equal(total[order], tally(now, np.zeros(now.shape[0], dtype=np.int8), 1)[0])
