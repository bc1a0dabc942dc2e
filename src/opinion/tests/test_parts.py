import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opinion import InputError, Votes, read_votes

pa = pytest.importorskip("pyarrow", reason="the extra parquet is not installed")
import pyarrow.parquet as pq  # noqa: E402

from opinion import io, table  # noqa: E402
from opinion.parts import partition, read_manifest, read_part, write_parts  # noqa: E402

from .conftest import planted  # noqa: E402
from .test_io import same  # noqa: E402

IDS = st.one_of(
    st.integers(0, 60).map(str), st.sampled_from(["ann", "bo", "10", "007", "é", "𝒳", "1" * 25, "-3"])
)
STATEMENTS = st.sampled_from(["3", "20", "x"])
ROWS = st.lists(st.tuples(IDS, STATEMENTS, st.integers(-1, 1), st.integers(0, 3)), max_size=60)


def whole(folder) -> Votes:
    """All parts as one, each checked."""
    manifest = read_manifest(folder)
    for part in manifest.parts:
        read_part(folder, part, manifest.statement_ids)
    return io.read_votes(folder).votes


@settings(max_examples=60, deadline=None)
@given(ROWS, st.booleans(), st.booleans(), st.integers(1, 9), st.sampled_from([1, 3]), st.booleans())
def test_any_rows_come_back_in_parts(tmp_path_factory, rows, timed, csv, part_votes, block, numeric):
    if numeric:
        rows = [row for row in rows if all(name.isdigit() and len(name) < 3 for name in row[:2])]
    people, statements, votes, times = ([row[i] for row in rows] for i in range(4))
    folder = tmp_path_factory.mktemp("parts")
    if csv:
        source = folder / "votes.csv"
        lines = ["participant_id,statement_id,vote" + ",timestamp_ms" * timed]
        lines += [",".join(map(str, row[: 3 + timed])) for row in rows]
        source.write_text("\n".join(lines) + "\n", encoding="utf-8")
        expected = read_votes(source).votes
    else:
        source = folder / "votes.parquet"
        kind = "int64" if numeric else "string"
        ids = (lambda names: [int(name) for name in names]) if numeric else list
        columns = {
            "participant_id": pa.array(ids(people), kind),
            "statement_id": pa.array(ids(statements), kind),
        }
        columns["vote"] = pa.array(votes, "int8")
        if timed:
            columns["timestamp_ms"] = pa.array(times, "int64")
        pq.write_table(pa.table(columns), source, row_group_size=7)
        expected = io.read_votes(source).votes
    manifest, skipped = partition(source, folder / "parts", part_votes=part_votes, block=block)
    assert skipped == ()
    assert manifest == read_manifest(folder / "parts")
    assert manifest.superseded == expected.superseded
    assert manifest.sha256 == expected.sha256
    assert manifest.statement_ids == tuple(expected.statement_ids.tolist())
    assert sum(part.participants for part in manifest.parts) == expected.shape[0]
    assert all(part.participants % block == 0 for part in manifest.parts[:-1])
    if rows:
        found = whole(folder / "parts")
        assert all(
            np.array_equal(getattr(found, name), getattr(expected, name))
            for name in ("participant_ids", "statement_ids", "indptr", "indices", "values")
        )
    assert sorted(path.name for path in folder.iterdir()) == ["parts", source.name]


@pytest.mark.parametrize("timed", [False, True])
def test_the_latest_vote_counts_in_every_part(tmp_path, timed):
    rng = np.random.default_rng(2)
    rows = rng.integers([0, 0, -1, 0], [40, 5, 2, 50], (2000, 4)).tolist()
    lines = ["participant_id,statement_id,vote" + ",timestamp_ms" * timed]
    lines += [",".join(map(str, row[: 3 + timed])) for row in rows]
    (tmp_path / "votes.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    expected = read_votes(tmp_path / "votes.csv").votes
    manifest, _ = partition(tmp_path / "votes.csv", tmp_path / "parts", part_votes=50, block=1)
    assert (manifest.sha256, manifest.superseded) == (expected.sha256, expected.superseded)
    assert len(manifest.parts) > 3


def test_parts_are_even_and_their_number_follows_the_votes(tmp_path):
    votes = planted(500, 20, 2, seed=4)[0]
    io.write_votes(votes, tmp_path / "votes.parquet")
    manifest, _ = partition(tmp_path / "votes.parquet", tmp_path / "parts", part_votes=1000, block=10)
    assert len(manifest.parts) == round(votes.size / 1000)
    assert max(part.votes for part in manifest.parts) < 1300


def test_a_file_is_cut_within_its_records_nowhere(tmp_path, monkeypatch):
    lines = ['"one, two\nand ""three""",s,1', "4,s,-1", "ann,t,0"] * 30
    (tmp_path / "votes.csv").write_text(
        "participant_id,statement_id,vote\n" + "\n".join(lines) + "\n", encoding="utf-8"
    )
    expected = read_votes(tmp_path / "votes.csv").votes
    monkeypatch.setattr(table.stream_tables, "__kwdefaults__", {"purpose": "", "block": 50})
    manifest, _ = partition(tmp_path / "votes.csv", tmp_path / "parts", part_votes=1, block=1)
    assert manifest.sha256 == expected.sha256
    assert manifest.superseded == expected.superseded
    assert [part.first for part in manifest.parts] == ["4", "ann", 'one, two\nand "three"']


def test_bad_lines_are_listed_with_their_place_and_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(table.stream_tables, "__kwdefaults__", {"purpose": "", "block": 20})
    path = tmp_path / "votes.csv"
    path.write_text(
        "participant_id,statement_id,vote\n" + "1,2,1\n" * 40 + "1,2,9\n" + "2,2,1\n", encoding="utf-8"
    )
    with pytest.raises(InputError, match=r"votes\.csv, line 42, column vote: “9” is not a vote"):
        partition(path, tmp_path / "parts")
    assert [one.name for one in tmp_path.iterdir()] == ["votes.csv"]
    manifest, skipped = partition(path, tmp_path / "parts", skip_bad=True)
    assert [problem.line for problem in skipped] == [42]
    assert (manifest.participants, manifest.votes, manifest.superseded) == (2, 2, 39)


def test_bytes_that_are_not_text_are_told_with_their_place(tmp_path, monkeypatch):
    monkeypatch.setattr(table.stream_tables, "__kwdefaults__", {"purpose": "", "block": 40})
    (tmp_path / "votes.csv").write_bytes(
        b"participant_id,statement_id,vote\n" + b"1,2,1\n" * 20 + b"\xff,2,1\n"
    )
    found = []
    for read in (read_votes, lambda path: partition(path, tmp_path / "parts")):
        with pytest.raises(InputError) as caught:
            read(tmp_path / "votes.csv")
        found.append(str(caught.value))
    assert found[0] == found[1]


def test_unknown_statements_are_refused_and_known_ones_keep_a_column(tmp_path):
    (tmp_path / "votes.csv").write_text("participant_id,statement_id,vote\n1,1,1\n2,5,1\n", encoding="utf-8")
    with pytest.raises(InputError, match="statement 5 is not among"):
        partition(tmp_path / "votes.csv", tmp_path / "parts", known=["1", "2"])
    manifest, _ = partition(tmp_path / "votes.csv", tmp_path / "parts", known=["1", "2", "5"])
    assert manifest.statement_ids == ("1", "2", "5")
    assert read_part(tmp_path / "parts", manifest.parts[0], manifest.statement_ids).shape == (2, 3)


def test_a_folder_in_use_is_not_touched(tmp_path, two_groups):
    io.write_votes(two_groups, tmp_path / "votes.parquet")
    with pytest.raises(InputError, match="exists already"):
        partition(tmp_path / "votes.parquet", tmp_path)
    with pytest.raises(InputError, match="does not exist"):
        partition(tmp_path / "votes.parquet", tmp_path / "no" / "parts")


def test_pieces_must_follow_each_other(tmp_path):
    one, two = Votes.from_arrays([1, 9], [1, 1], [1, 1]), Votes.from_arrays([10], [1], [1])
    assert write_parts([one, two], tmp_path / "right", part_votes=1, block=1).participants == 3
    with pytest.raises(ValueError, match="come after"):
        write_parts([two, one], tmp_path / "wrong")
    with pytest.raises(ValueError, match="same statements"):
        write_parts([one, Votes.from_arrays([10], [2], [1])], tmp_path / "wrong")
    assert [path.name for path in tmp_path.iterdir()] == ["right"]


def test_a_part_that_was_changed_is_noticed(tmp_path, two_groups):
    manifest = write_parts([two_groups], tmp_path / "parts")
    io.write_votes(two_groups.select(np.arange(20) > 3), tmp_path / "parts" / manifest.parts[0].file)
    with pytest.raises(InputError, match=r"is not what manifest\.json says"):
        read_part(tmp_path / "parts", manifest.parts[0], manifest.statement_ids)


def test_a_folder_without_manifest_is_told_how_to_get_one(tmp_path):
    with pytest.raises(InputError, match=r"opinion\.parts\.partition"):
        read_manifest(tmp_path)
    (tmp_path / "manifest.json").write_text(json.dumps({"format": "other"}), encoding="utf-8")
    with pytest.raises(InputError, match="is not a manifest of parts"):
        read_manifest(tmp_path)


def test_a_real_conversation_in_parts_has_the_same_hash(tmp_path, conversations):
    source = conversations / "vtaiwan.uberx" / "tidy" / "votes.csv"
    votes = read_votes(source).votes
    manifest, _ = partition(source, tmp_path / "parts", part_votes=5000, block=64)
    assert manifest.sha256 == votes.sha256
    assert same(whole(tmp_path / "parts"), votes)
