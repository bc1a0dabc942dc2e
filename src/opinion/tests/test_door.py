"""The Python door: what an analyst passes by mistake is named, and what comes back says what it is."""

import numpy as np
import pytest

import opinion
from opinion import InputError, Running, Statement, Votes, analyze, next_for, next_statements, read_votes
from opinion.seen import Seen, SeenFile

NAN = float("nan")


class Column:
    """As a column of a data frame: an array on request, no more."""

    def __init__(self, values):
        self.values = values

    def __len__(self):
        return len(self.values)

    def __array__(self, dtype=None, copy=None):
        return np.array(self.values, dtype=object if dtype is None else dtype)


def two_sides(people=40, statements=8):
    rows = np.arange(people * statements) // statements
    columns = np.arange(people * statements) % statements
    return Votes.from_arrays(rows, columns, np.where(rows % 2 == 0, 1, -1))


@pytest.mark.parametrize(
    "ids",
    [
        [NAN, "a", "b"],
        [None, "a", "b"],
        ["", "a", "b"],
        ["  ", "a", "b"],
        [None, 1, 2],
        [NAN, 1, 2],
        (None, "a", "b"),
        np.array([None, "a", "b"], dtype=object),
        np.array([NAN, "a", "b"], dtype=object),
        np.array(["", "a", "b"]),
        np.array([NAN, 1.0, 2.0]),
        np.ma.array([5, 1, 2], mask=[True, False, False]),
        Column([None, "a", "b"]),
        Column([NAN, 1, 2]),
    ],
    ids=lambda ids: type(ids).__name__,  # the same in every process
)
@pytest.mark.parametrize("side", ["participant", "statement"])
def test_a_missing_id_is_nobody(ids, side):
    other = [1, 2, 3]
    pair = (ids, other) if side == "participant" else (other, ids)
    with pytest.raises(InputError) as caught:
        Votes.from_arrays(*pair, [1, 1, 1])
    assert [(p.row, p.column, p.message) for p in caught.value.problems] == [(1, side, "the id is missing.")]
    names = {f"{side}_ids": ids}
    with pytest.raises(InputError) as caught:
        Votes.from_dense(np.ones((3, 3)), **names)
    assert [(p.row, p.column) for p in caught.value.problems] == [(1, side)]


def test_every_missing_id_is_named_on_both_sides():
    with pytest.raises(InputError) as caught:
        Votes.from_arrays(["a", None, ""], [1, 2, None], [1, 1, 1])
    assert [(p.row, p.column) for p in caught.value.problems] == [
        (2, "participant"),
        (3, "participant"),
        (3, "statement"),
    ]


def test_a_person_may_be_called_nan():
    assert Votes.from_arrays(["nan", "None"], [1, 1], [1, 1]).participant_ids.tolist() == ["None", "nan"]
    column = np.array(["nan", 7], dtype=object)
    assert Votes.from_arrays(column, [1, 1], [1, 1]).participant_ids.tolist() == ["7", "nan"]


def test_a_missing_statement_among_those_to_keep_is_named():
    with pytest.raises(InputError, match="the id is missing"):
        Votes.from_arrays(["a"], ["s"], [1], statement_ids=["s", None])


def left_out_of(votes):
    return [Statement(id=name, moderated=-1 if name in ("0", "3") else 0) for name in votes.statement_ids]


def test_what_is_moderated_out_is_not_handed_out_next():
    votes = two_sides()
    statements = left_out_of(votes)
    result = analyze(votes, statements=statements)
    wanted = {str(s) for s in range(8)} - {"0", "3"}
    for running in (
        Running.start(votes, result, statements),
        Running.start(votes, result),
        Running.start(votes, statements=statements),
        Running.from_bytes(Running.start(votes, result, statements).to_bytes()),
    ):
        assert set(next_for(running, "new", np.random.default_rng(1))) == wanted
    assert len(next_for(Running.start(votes), "new", np.random.default_rng(1))) == 8


def test_a_running_analysis_given_to_the_wrong_function_is_told_the_right_one():
    running = Running.start(two_sides())
    with pytest.raises(InputError, match="next_for"):
        next_statements(running, "new", np.random.default_rng(1))


HEAD = "participant_id,statement_id,vote,"


def read(tmp_path, text):
    path = tmp_path / "votes.csv"
    path.write_text(text)
    return read_votes(path)


@pytest.mark.parametrize("name", ["timestamp", "datetime", "timestamp_ms"])
@pytest.mark.parametrize("unit", [1, 1000])
def test_the_later_vote_counts_by_a_timestamp_in_seconds_or_milliseconds(tmp_path, name, unit):
    if name == "timestamp_ms" and unit == 1:
        return
    later, earlier = 1_700_000_100 * unit, 1_700_000_000 * unit
    found = read(tmp_path, f"{HEAD}{name}\n1,1,-1,{later}\n1,1,1,{earlier}\n")
    assert found.votes.values.tolist() == [-1]
    assert found.repeats.by_time


def test_a_timestamp_in_two_units_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"seconds.*milliseconds.*timestamp_ms"):
        read(tmp_path, f"{HEAD}timestamp\n1,1,-1,1700000000\n1,2,1,1700000000000\n")


def test_a_date_in_words_is_refused_once(tmp_path):
    with pytest.raises(InputError, match="timestamp_ms") as caught:
        read(tmp_path, f"{HEAD}datetime\n1,1,-1,2024-05-01 10:00\n1,2,1,2024-05-01 11:00\n")
    assert len(caught.value.problems) == 1


def test_a_column_that_is_not_read_is_told(tmp_path):
    found = read(tmp_path, "participant_id,statement_id,vote,weight,timestamp_ms,timestamp\n1,1,1,2,5,x\n")
    assert [(note.line, note.column) for note in found.notes] == [(1, "weight"), (1, "timestamp")]
    assert all("not read" in note.message for note in found.notes)
    assert read(tmp_path, "participant_id,statement_id,vote,timestamp_ms\n1,1,1,5\n").notes == ()


def test_next_for_stands_at_the_top():
    assert "next_for" in opinion.__all__


@pytest.mark.parametrize("name", ["timestamp", "datetime"])
def test_the_times_of_a_parquet_file_are_read_alike(tmp_path, name):
    pa = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    from opinion import io

    path = tmp_path / "votes.parquet"
    seconds = pa.array([1_700_000_100, 1_700_000_000])
    for times in (seconds, seconds.cast(pa.timestamp("s"))):
        columns = {"participant_id": [1, 1], "statement_id": [1, 1], "vote": [-1, 1], "weight": [1, 1]}
        parquet.write_table(pa.table(columns | {name: times}), path)
        found = io.read_votes(path)
        assert found.votes.values.tolist() == [-1]
        assert [(note.line, note.column) for note in found.notes] == [(None, "weight")]
    mixed = pa.table(columns | {name: [1_700_000_100, 1_700_000_000_000]})
    parquet.write_table(mixed, path)
    with pytest.raises(InputError, match="timestamp_ms"):
        io.read_votes(path)


def write(path, text):
    path.write_text(text)
    return path


@pytest.fixture
def files(tmp_path):
    votes = two_sides()
    write(tmp_path / "votes.csv", b"".join(votes.to_csv()).decode())
    write(tmp_path / "statements.csv", "statement_id,text\n" + "".join(f"{s},“{s}”\n" for s in range(8)))
    regions = "".join(f"{p},{'north' if p % 3 else 'south'}\n" for p in range(40))
    write(tmp_path / "people.csv", "participant_id,region\n" + regions)
    return {
        "votes": read_votes(tmp_path / "votes.csv"),
        "statements": opinion.read_statements(tmp_path / "statements.csv"),
        "attributes": opinion.read_attributes(tmp_path / "people.csv", votes),
    }


def shares():
    return opinion.Margins.from_shares({"region": {"north": 0.5, "south": 0.5}})


def test_whatever_comes_back_says_in_a_line_what_it_is(files):
    votes, attributes = files["votes"].votes, files["attributes"].attributes
    result = analyze(votes)
    lens = opinion.make_lens(votes, attributes, result)
    weights = opinion.make_weights(votes, attributes, shares())
    seen = Seen.from_arrays([1, 2], [1, 1])
    for one in (
        result,
        result.with_sections(lens=lens),
        result.participants,
        lens,
        weights,
        attributes,
        attributes["region"],
        *files.values(),
        seen,
        SeenFile(seen, ()),
        files["votes"].repeats,
    ):
        assert repr(one).startswith(type(one).__name__ + "(")
        assert len(repr(one)) < 160 and "\n" not in repr(one)
    assert "320 votes, 40 participants, 8 statements" in repr(result)


def test_what_was_read_from_a_file_can_be_passed_on(files):
    votes, attributes = files["votes"].votes, files["attributes"].attributes
    result = analyze(files["votes"], statements=files["statements"])
    assert result.to_json() == analyze(votes, statements=files["statements"].statements).to_json()
    lens = opinion.make_lens(files["votes"], files["attributes"], result)
    assert lens == opinion.make_lens(votes, attributes, result)
    weights = opinion.make_weights(files["votes"], files["attributes"], shares(), lens)
    assert weights == opinion.make_weights(votes, attributes, shares(), lens)
    assert Running.start(files["votes"], result, files["statements"]).size == votes.size


def test_what_is_something_else_is_told_what_to_pass(files):
    votes = files["votes"].votes
    result = analyze(votes)
    with pytest.raises(InputError, match="Votes were expected, not ndarray"):
        analyze(np.ones((3, 3)))
    with pytest.raises(InputError, match=r"its votes\(\)"):
        analyze(Running.start(votes))
    with pytest.raises(InputError, match="Statements were expected, not str"):
        analyze(votes, statements=["1", "2"])
    with pytest.raises(InputError, match="Attributes were expected, not dict"):
        opinion.make_lens(votes, {"region": ["north"] * 40}, result)
    with pytest.raises(InputError, match="Attributes were expected"):
        opinion.make_weights(votes, votes, shares())


def test_a_result_of_another_conversation_is_refused(files):
    votes, attributes = files["votes"].votes, files["attributes"]
    for other in (two_sides(39), two_sides(40, 7)):
        with pytest.raises(InputError, match="not of these votes"):
            opinion.make_lens(votes, attributes, analyze(other))
    small = two_sides(39)
    with pytest.raises(InputError, match="must be the same"):
        opinion.make_weights(small, attributes, shares())


def test_an_unknown_kind_of_finding_is_told_the_kinds():
    result = analyze(two_sides())
    with pytest.raises(InputError, match=r"'divisions'.*consensus, division, bridge, position, uncertain"):
        result.findings_of("divisions")


def test_the_result_says_which_statements_shaped_no_group():
    votes = two_sides()
    statements = [
        Statement(id=name, is_meta=name == "2", moderated=-1 if name == "5" else 0)
        for name in votes.statement_ids
    ]
    result = analyze(votes, statements=statements)
    marked = [(one["id"], one["is_meta"], one["left_out"]) for one in result.to_dict()["statements"]]
    assert marked == [(str(s), s == 2, s == 5) for s in range(8)]
    polis = analyze(votes, statements=statements, mode="polis")
    assert [one.id for one in polis.statements if one.is_meta] == ["2"]
    model = Running.start(votes, result).model
    assert model.shaping.tolist() == [s not in (2, 5) for s in range(8)]
