"""What people saw: its reading, its figures, and the rank correlation behind the warning."""

import argparse
import json
from importlib import import_module

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opinion import InputError, Statement, Votes, read_statements, schema
from opinion.exposure import describe, exposure, rank_correlation
from opinion.seen import Seen, read_seen
from opinion.slate import slate

from .conftest import planted


@pytest.fixture
def small():
    """Ann votes on a and b, bo on a; c was shown to bo and cy, who never votes; a was shown to cy twice."""
    votes = Votes.from_arrays(["ann", "ann", "bo"], ["a", "b", "a"], [1, -1, 0])
    seen = Seen.from_arrays(["bo", "cy", "cy", "cy", "ann"], ["c", "c", "a", "a", "a"], [1, 2, 1, 1, 3])
    return votes, seen


def test_counts_by_hand(small):
    votes, seen = small
    found = exposure(votes, seen=seen)
    rows = [(one.id, one.seen, one.showings, one.votes, one.agree) for one in found.statements]
    # a: ann three times, cy twice, and bo, whose vote took one showing; b: ann's vote; c: bo once, cy twice.
    assert rows == [("a", 3, 6, 2, 1), ("b", 1, 1, 1, 0), ("c", 2, 3, 0, 0)]
    assert found.people == 3 and found.never_voted == 1 and found.source == "seen"
    assert found.statements_per_person == 2  # each saw two
    first, last = found.statements[0], found.statements[2]
    assert first.rate == 0.5 and first.answered == pytest.approx(2 / 3)
    assert last.rate is None and (last.low, last.high) == (0, 1)  # seen and not voted on is no disapproval


def test_without_showings_votes_tell_who_saw_what(small):
    found = exposure(small[0])
    assert [(one.id, one.seen, one.answered) for one in found.statements] == [("a", 2, 1), ("b", 1, 1)]
    assert found.source == "votes" and found.never_voted == 0


def test_what_was_moderated_out_is_left_out_wherever_it_is_known_from(small):
    votes, seen = small
    out = [Statement("a", moderated=-1), Statement("c", moderated=-1)]
    assert [one.id for one in exposure(votes, seen=seen, statements=out).statements] == ["b"]
    assert exposure(votes, seen=seen, statements=out).statements_per_person == 0  # bo and cy saw nothing else
    assert [one.id for one in exposure(votes, statements=out[:1]).statements] == ["b"]


def test_marks_are_showings_and_votes(small):
    votes, seen = small
    marks = seen.marks(votes)
    assert marks.toarray().astype(int).tolist() == [[1, 1], [1, 0]]  # c and cy are not in the votes


def test_who_saw_all_and_agrees_with_none_is_not_covered():
    """Bo did not vote on a; only that it was shown to him tells that he is not merely unasked."""
    votes = Votes.from_arrays(["ann", "amy", "bo"], ["a", "a", "b"], [1, 1, 1])
    assert slate(votes, 1).coverage.unknown == 1
    shown = Seen.from_arrays(["bo"], ["a"])
    found = slate(votes, 1, seen=shown.marks(votes)).coverage
    assert (found.covered, found.not_covered, found.unknown) == (2, 1, 0)
    assert slate(votes, 1, seen=shown.marks(votes)).ids == slate(votes, 1).ids  # no showing is a vote


def test_ranks_by_hand():
    """Ranks 1 2.5 2.5 4 5 and 2 1 3 4 5: their products of deviations sum to 8, their squares to 9.5 and 10."""
    found = rank_correlation([1, 2, 2, 3, 9], [20, 10, 30, 40, 50])
    assert found.value == pytest.approx(8 / np.sqrt(9.5 * 10))
    z, error = np.arctanh(found.value), 1.959964 * np.sqrt((1 + found.value**2 / 2) / 2)
    assert (found.low, found.high) == pytest.approx((np.tanh(z - error), np.tanh(z + error)))


@pytest.mark.parametrize(
    ("one", "other"),
    [([], []), ([1, 2, 3], [1, 2, 3]), ([1, 1, 1, 1], [1, 2, 3, 4]), ([1, 2, 3, 4], [5] * 4)],
)
def test_nothing_is_said_where_nothing_can_be(one, other):
    found = rank_correlation(one, other)
    assert found.value is None and found.low is None and found.statements == len(one)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=4, max_size=30))
def test_the_rank_correlation_is_scipys(pairs):
    from scipy.stats import spearmanr

    one, other = zip(*pairs, strict=True)
    found = rank_correlation(one, other)
    if len(set(one)) == 1 or len(set(other)) == 1:
        assert found.value is None
    else:
        assert found.value == pytest.approx(spearmanr(one, other).statistic, abs=1e-12)
        assert found.low <= found.value <= found.high


def uneven(seed=1):
    rng = np.random.default_rng(seed)
    saw = rng.random((300, 40)) < np.linspace(0.05, 0.95, 40)
    row, column = np.nonzero(saw)
    return Votes.from_arrays(row, column, np.where(rng.random(row.size) < 0.5, 1, -1))


def test_uneven_exposure_is_warned_of_and_a_full_ballot_is_not():
    found = exposure(uneven())
    assert found.warning and found.seen_and_agree.value > 0.9 and abs(found.seen_and_rate.value) < 0.4
    assert any(line.startswith("Warning") for line in describe(found))
    full = exposure(Votes.from_dense(np.where(np.random.default_rng(2).random((50, 12)) < 0.5, 1, -1)))
    assert not full.warning and full.seen_and_agree.value is None
    assert "cannot be related" in describe(full)[-1]
    nearly = exposure(planted(300, 40, 1, fill=0.95)[0])  # by chance alone
    assert not nearly.warning


def test_degenerate_inputs():
    nothing = exposure(Votes.from_arrays([], [], []))
    assert nothing.statements == () and not nothing.warning and nothing.least == 0
    assert describe(nothing) == ["Nobody has seen a statement yet."]
    kept = exposure(Votes.from_arrays([1], [1], [1], statement_ids=["2"]))
    assert kept.never_seen == 1 and kept.least == 0 and kept.most == 1
    only_shown = exposure(Votes.from_arrays([], [], []), seen=Seen.from_arrays([1, 2], [7, 7]))
    assert only_shown.people == 2 and only_shown.never_voted == 2 and only_shown.statements[0].seen == 2
    nobody = exposure(Votes.from_arrays([1], [1], [1]), seen=Seen.from_arrays([], []))
    assert nobody.people == 1 and nobody.statements[0].showings == 1


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(1, 3)), max_size=25),
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 4), st.sampled_from([-1, 0, 1])), max_size=25),
    st.randoms(use_true_random=False),
)
def test_the_order_of_rows_never_matters_and_sets_agree(shown, cast, random):
    cast = list({(p, s): (p, s, v) for p, s, v in cast}.values())

    def count(shown, cast):
        seen = Seen.from_arrays(
            *(np.array(part, dtype=np.int64) for part in (list(zip(*shown, strict=True)) or [[], [], []]))
        )
        votes = Votes.from_arrays(
            *(np.array(part, dtype=np.int64) for part in (list(zip(*cast, strict=True)) or [[], [], []]))
        )
        return exposure(votes, seen=seen)

    found = count(shown, cast)
    turned = [list(part) for part in (shown, cast)]
    for part in turned:
        random.shuffle(part)
    assert count(*turned) == found
    pairs = {(p, s) for p, s, _ in shown} | {(p, s) for p, s, _ in cast}
    assert {one.id: one.seen for one in found.statements} == {
        str(s): sum(own == s for _, own in pairs) for s in {s for _, s in pairs}
    }
    assert found.people == len({p for p, _ in pairs})
    # A pair's showings are those stated, or the one that its vote took.
    assert sum(one.showings for one in found.statements) == sum(t for _, _, t in shown) + len(
        {(p, s) for p, s, _ in cast} - {(p, s) for p, s, _ in shown}
    )


def test_a_file_of_numbers_and_one_of_names_are_read_alike(tmp_path):
    plain, named = tmp_path / "plain.csv", tmp_path / "named.csv"
    plain.write_text("participant_id,statement_id,times\n2,10,1\n1,9,2\n2,10,3\n")
    named.write_text('participant_id,statement_id,times\n"2",10,1\n1,9,2\n2,10,3\n')
    for path in (plain, named):
        seen = read_seen(path).seen
        assert seen.statement_ids.tolist() == ["9", "10"] and seen.times.tolist() == [2, 4]
    once = tmp_path / "once.csv"
    once.write_text("participant_id,statement_id\nann,a\nann,a\n")
    assert read_seen(once).seen.times.tolist() == [2]


def test_every_bad_line_is_named(tmp_path):
    path = tmp_path / "seen.csv"
    path.write_text("participant_id,statement_id,times\n1,1,1\n1,7,1\n1,1,0\n,1,1\n1,1\n1,1,often\n")
    with pytest.raises(InputError) as caught:
        read_seen(path, known=["1"])
    assert [(p.line, p.column) for p in caught.value.problems] == [
        (3, "statement_id"), (4, "times"), (5, "participant_id"), (6, None), (7, "times"),
    ]  # fmt: skip
    file = read_seen(path, known=["1"], skip_bad=True)
    assert len(file.skipped) == 5 and file.seen.times.tolist() == [1]
    (tmp_path / "other.csv").write_text("participant_id,statement\n1,1\n")
    with pytest.raises(InputError, match="statement_id"):
        read_seen(tmp_path / "other.csv")
    (tmp_path / "unknown.csv").write_text("participant_id,statement_id\n1,8\n")
    with pytest.raises(InputError, match="statement 8 is not among"):
        read_seen(tmp_path / "unknown.csv", known=["1"])


def test_arrays_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match="one length"):
        Seen.from_arrays([1, 2], [1])
    with pytest.raises(InputError, match="0 is not a number of showings"):
        Seen.from_arrays([1], [1], [0])


def test_real_conversations_show_statements_unequally(conversations):
    votes = Votes.from_csv(conversations / "american-assembly.bowling-green" / "tidy" / "votes.csv")
    statements = read_statements(conversations / "american-assembly.bowling-green" / "tidy" / "comments.csv")
    found = exposure(votes, statements=statements.statements)
    assert found.warning and len(found.statements) == 607
    assert found.seen_and_agree.value == pytest.approx(0.898, abs=0.001)


def test_the_sections_fit_their_schemas_and_the_command_writes_them(tmp_path, capsys):
    import jsonschema

    command = import_module("plenary.site.commands.analyze")
    parser = argparse.ArgumentParser(prog="plenary analyze")
    command.configure(parser)
    votes, seen, out = tmp_path / "votes.csv", tmp_path / "seen.csv", tmp_path / "out.json"
    votes.write_bytes(b"".join(planted(60, 12, 2, fill=0.6, seed=2)[0].to_csv()))
    seen.write_text("participant_id,statement_id\n1,0\n99,0\n99,13\n")
    options = [str(votes), "--exposure", str(seen), "--slate", "3", "--shortlist", "6"]
    assert command.run(parser.parse_args([*options, "--json", str(out)])) == 0
    data = json.loads(out.read_bytes())
    for name in ("slate", "shortlist", "exposure"):
        jsonschema.Draft202012Validator(schema(name)).validate(data[name])
    assert data["exposure"]["never_voted"] == 1 and data["exposure"]["source"] == "seen"
    assert len(data["shortlist"]["statements"]) == 6
    assert command.run(parser.parse_args(options)) == 0
    told = capsys.readouterr().out
    assert "A shortlist of 6" in told and "By showings" in told and "1 person saw something" in told
    assert command.run(parser.parse_args([str(votes), "--exposure", str(seen), "--json", str(seen)])) == 2
    assert "this is the input" in capsys.readouterr().err
    seen.write_text("participant_id,statement_id\n1,\n")
    assert command.run(parser.parse_args([str(votes), "--exposure", str(seen)])) == 2
    assert "seen.csv, line 2, column statement_id" in capsys.readouterr().err
