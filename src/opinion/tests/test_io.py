import argparse
import json
import subprocess
import sys
from importlib import import_module

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opinion import InputError, Votes, read_votes
from opinion.table import open_table

pa = pytest.importorskip("pyarrow", reason="the extra parquet is not installed")
import pyarrow.parquet as pq  # noqa: E402

from opinion import io  # noqa: E402

FIELDS = ("participant_ids", "statement_ids", "indptr", "indices", "values")


def same(one: Votes, other: Votes) -> bool:
    return one.superseded == other.superseded and all(
        np.array_equal(getattr(one, name), getattr(other, name)) for name in FIELDS
    )


def write(path, people, statements, votes, **more):
    pq.write_table(
        pa.table({"participant_id": people, "statement_id": statements, "vote": votes, **more}), path
    )
    return path


def problems_of(path, **options):
    with pytest.raises(InputError) as caught:
        io.read_votes(path, **options)
    return [(problem.row, problem.column) for problem in caught.value.problems]


IDS = st.one_of(st.integers(0, 30), st.sampled_from(["ann", "bo", "10", "007", "é", "𝒳", "1" * 25]))
NUMBERS = st.integers(-3, 40)
SHAPES = {
    "numbers": lambda ids: pa.array(ids, type="int32"),
    "text": lambda ids: pa.array([str(one) for one in ids], type="string"),
    "large text": lambda ids: pa.array([str(one) for one in ids], type=pa.large_string()),
    "dictionary": lambda ids: pa.array([str(one) for one in ids], type="string").dictionary_encode(),
}


@settings(max_examples=60, deadline=None)
@given(
    st.data(),
    st.sampled_from(sorted(SHAPES)),
    st.sampled_from(sorted(SHAPES)),
    st.booleans(),
    st.sampled_from([1, 7, 1 << 18]),
)
def test_any_rows_become_the_votes_of_the_same_arrays(
    tmp_path_factory, data, person, statement, timed, batch
):
    pick = lambda shape: NUMBERS if shape == "numbers" else IDS  # noqa: E731
    rows = data.draw(
        st.lists(st.tuples(pick(person), pick(statement), st.integers(-1, 1), st.integers(0, 3)), max_size=40)
    )
    people, statements, votes, times = ([row[i] for row in rows] for i in range(4))
    path = tmp_path_factory.mktemp("io") / "votes.parquet"
    more = {"timestamp_ms": pa.array(times, type="int64")} if timed else {}
    write(path, SHAPES[person](people), SHAPES[statement](statements), pa.array(votes, type="int8"), **more)
    expected = Votes.from_arrays(
        np.array([str(p) for p in people], dtype=str),
        np.array([str(s) for s in statements], dtype=str),
        votes,
        times if timed else None,
    )
    before, io.BATCH_ROWS = io.BATCH_ROWS, batch
    try:
        found = io.read_votes(path).votes
    finally:
        io.BATCH_ROWS = before
    assert same(found, expected)
    assert not any(getattr(found, name).flags.writeable for name in FIELDS)


def test_what_is_written_is_read_again(tmp_path, two_groups):
    io.write_votes(two_groups, tmp_path / "votes.parquet")
    assert same(io.read_votes(tmp_path / "votes.parquet").votes, two_groups)
    assert pq.read_schema(tmp_path / "votes.parquet").field("participant_id").type == pa.int64()
    names = Votes.from_arrays(["b", "a", "10", "9"], ["x", "y", "x", "x"], [1, 0, -1, 1])
    io.write_votes(names, tmp_path / "names.parquet")
    assert same(io.read_votes(tmp_path / "names.parquet").votes, names)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["names.parquet", "votes.parquet"]


def test_a_folder_is_read_as_one_in_the_order_of_names(tmp_path):
    write(tmp_path / "b.parquet", [1, 2], [5, 5], [0, 1])
    (tmp_path / "a").mkdir()
    write(tmp_path / "a" / "0.parquet", ["1", "ann"], ["5", "x"], [1, -1])
    votes = io.read_votes(tmp_path).votes
    assert votes.participant_ids.tolist() == ["1", "2", "ann"]
    assert votes.values.tolist() == [0, 1, -1]  # the later file has the later vote
    assert votes.superseded == 1


def test_votes_come_as_decimals_text_or_dictionary(tmp_path):
    for votes in ([1.0, -1.0, 0.0], ["1", "-1", "0.0"], pa.array(["+1", "−1", "0"]).dictionary_encode()):
        path = write(tmp_path / "votes.parquet", [1, 2, 3], [1, 1, 1], votes)
        assert io.read_votes(path).votes.values.tolist() == [1, -1, 0]


def test_times_are_milliseconds_or_timestamps(tmp_path):
    for times in ([2000, 1000], pa.array([2_000_000, 1_000_000], type=pa.timestamp("us", tz="UTC"))):
        path = write(tmp_path / "votes.parquet", [1, 1], [1, 1], [1, -1], timestamp_ms=times)
        assert io.read_votes(path).votes.values.tolist() == [1]


def test_two_votes_at_one_time_that_differ_are_a_pass(tmp_path):
    path = write(tmp_path / "votes.parquet", [1, 1, 2], [1, 1, 1], [1, -1, 1], timestamp_ms=[5, 5, 5])
    assert io.read_votes(path).votes.values.tolist() == [0, 1]


def test_every_bad_row_is_listed_and_can_be_left_out(tmp_path):
    path = write(
        tmp_path / "votes.parquet",
        ["a", None, " ", "b", "c", "d"],
        [1, 1, 1, None, 2, 3],
        [1, 1, 0, 1, 7, None],
        timestamp_ms=[0, -1, 0, 0, 0, 10**15],
    )
    expected = [
        (2, "participant_id"),
        (2, "timestamp_ms"),
        (3, "participant_id"),
        (4, "statement_id"),
        (5, "vote"),
        (6, "vote"),
        (6, "timestamp_ms"),
    ]
    assert problems_of(path) == expected
    read = io.read_votes(path, skip_bad=True)
    assert [(problem.row, problem.column) for problem in read.skipped] == expected
    assert read.votes.participant_ids.tolist() == ["a"]
    assert (
        str(read.skipped[4])
        == "votes.parquet, row 5, column vote: “7” is not a vote: -1, 0 or 1 was expected."
    )


def test_unknown_statements_are_listed_and_known_ones_keep_a_column(tmp_path):
    path = write(tmp_path / "votes.parquet", [1, 1, 2], [1, 9, 1], [1, 1, 1])
    assert problems_of(path, known=["1", "2"]) == [(2, "statement_id")]
    read = io.read_votes(path, known=["1", "2"], skip_bad=True)
    assert read.votes.statement_ids.tolist() == ["1", "2"]


def test_messages_are_those_of_csv_with_row_for_line(tmp_path):
    write(tmp_path / "votes.parquet", ["a", ""], ["x", "y"], ["2", "1"])
    (tmp_path / "votes.csv").write_text("participant_id,statement_id,vote\na,x,2\n,y,1\n", encoding="utf-8")
    found = []
    for read, name in ((io.read_votes, "votes.parquet"), (read_votes, "votes.csv")):
        with pytest.raises(InputError) as caught:
            read(tmp_path / name)
        found.append([(problem.column, problem.message) for problem in caught.value.problems])
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("columns", "column"),
    [
        ({"participant_id": [1], "vote": [1]}, "statement_id"),
        ({"participant_id": [1.5], "statement_id": [1], "vote": [1]}, "participant_id"),
        ({"participant_id": [1], "statement_id": [1], "vote": [True]}, "vote"),
        ({"participant_id": [1], "statement_id": [1], "vote": [1], "timestamp_ms": ["now"]}, "timestamp_ms"),
    ],
)
def test_columns_that_cannot_be_used_are_named(tmp_path, columns, column):
    pq.write_table(pa.table(columns), tmp_path / "votes.parquet")
    assert problems_of(tmp_path / "votes.parquet") == [(None, column)]


def test_files_that_are_not_parquet_are_refused(tmp_path):
    (tmp_path / "votes.parquet").write_bytes(b"PAR1 but then nothing")
    with pytest.raises(InputError, match="cannot be read as Parquet"):
        io.read_votes(tmp_path / "votes.parquet")
    with pytest.raises(InputError, match="no such file"):
        io.read_votes(tmp_path / "none.parquet")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"no \*\.parquet file"):
        io.read_votes(tmp_path / "empty")


def test_no_votes(tmp_path):
    path = write(
        tmp_path / "votes.parquet", pa.array([], "int64"), pa.array([], "string"), pa.array([], "int8")
    )
    votes = io.read_votes(path).votes
    assert votes.shape == (0, 0)
    io.write_votes(votes, tmp_path / "again.parquet")
    assert io.read_votes(tmp_path / "again.parquet").votes.shape == (0, 0)


def test_a_csv_reader_points_to_the_parquet_reader(tmp_path, two_groups):
    io.write_votes(two_groups, tmp_path / "votes.csv")
    assert io.is_parquet(tmp_path / "votes.csv")
    with pytest.raises(InputError, match=r"opinion\.io\.read_votes"):
        open_table(tmp_path / "votes.csv")


def test_without_pyarrow_the_message_says_what_to_install(tmp_path, two_groups):
    io.write_votes(two_groups, tmp_path / "votes.parquet")
    code = "import sys; sys.modules['pyarrow'] = None; from opinion import io; io.read_votes(sys.argv[1])"
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "votes.parquet")], capture_output=True, text=True
    )
    assert 'pip install "plenary[parquet]"' in done.stderr


def test_the_engine_does_not_load_pyarrow():
    code = "import sys, opinion, opinion.io; sys.exit('pyarrow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_a_real_conversation_is_the_same_from_both_forms(tmp_path, conversations):
    votes = read_votes(conversations / "vtaiwan.uberx" / "tidy" / "votes.csv").votes
    io.write_votes(votes, tmp_path / "votes.parquet")
    assert io.read_votes(tmp_path / "votes.parquet").votes.sha256 == votes.sha256


@pytest.mark.parametrize("folder", [False, True])
def test_the_command_reads_parquet(tmp_path, two_groups, folder, capsys):
    command = import_module("plenary.site.commands.analyze")
    parser = argparse.ArgumentParser()
    command.configure(parser)
    (tmp_path / "votes").mkdir()
    io.write_votes(two_groups, tmp_path / "votes" / "0.parquet")
    given = tmp_path / "votes" if folder else tmp_path / "votes" / "0.parquet"
    out = tmp_path / "out.json"
    assert command.run(parser.parse_args([str(given), "--json", str(out)])) == 0
    assert json.loads(out.read_bytes())["input_sha256"] == two_groups.sha256
    write(tmp_path / "votes" / "1.parquet", [1], [1], [5])
    assert command.run(parser.parse_args([str(tmp_path / "votes"), "--json", str(out)])) == 2
    message = capsys.readouterr().err
    assert "1.parquet, row 1, column vote" in message and "--skip-bad" in message
