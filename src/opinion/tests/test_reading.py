import csv
import io
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opinion import InputError, read_statements, read_votes
from opinion.repeats import find_repeats
from opinion.rows import Lines, RawVotes, VoteColumns, _Reader, parse_votes
from opinion.table import open_table

HEADER = "participant_id,statement_id,vote\n"


def write(tmp_path, content, name="votes.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def problems_of(path, **options):
    with pytest.raises(InputError) as caught:
        read_votes(path, **options)
    return [(problem.line, problem.column) for problem in caught.value.problems]


def test_plain_and_careful_reading_agree(tmp_path):
    rng = np.random.default_rng(1)
    rows = rng.integers([0, 0, -1], [1000, 99, 2], (500, 3)).tolist()
    plain = read_votes(write(tmp_path, HEADER + "\n".join(f"{p},{s},{v}" for p, s, v in rows))).votes
    quoted = read_votes(write(tmp_path, HEADER + "\n".join(f'{p},"{s}",{v}' for p, s, v in rows))).votes
    assert plain.sha256 == quoted.sha256


def test_bom_windows_line_ends_and_extra_columns_are_accepted(tmp_path):
    votes = read_votes(
        write(tmp_path, b"\xef\xbb\xbfnote,vote,statement_id,participant_id\r\nhi,1,5,2\r\nho,-1,5,3\r\n")
    ).votes
    assert votes.participant_ids.tolist() == ["2", "3"]
    assert votes.values.tolist() == [1, -1]


def test_ids_may_be_any_text(tmp_path):
    votes = read_votes(write(tmp_path, HEADER + 'ann,parks,1\n"o\'neil, b",parks,0\n')).votes
    assert votes.participant_ids.tolist() == ["ann", "o'neil, b"]


def test_leading_zeros_keep_ids_apart(tmp_path):
    assert read_votes(write(tmp_path, HEADER + "7,1,1\n007,1,-1\n")).votes.shape == (2, 1)


def test_every_bad_line_is_listed(tmp_path):
    body = 'a,1,1\nb,1,2\n"two\nlines",1,1\nc,,0\nd,1\n,1,yes\n'
    assert problems_of(write(tmp_path, HEADER + body)) == [
        (3, "vote"),
        (6, "statement_id"),
        (7, None),
        (8, "participant_id"),
        (8, "vote"),
    ]


def test_skip_bad_leaves_out_and_says_which(tmp_path):
    read = read_votes(write(tmp_path, HEADER + "1,1,1\n2,1,5\n3,1,-1\n"), skip_bad=True)
    assert read.votes.size == 2
    assert [(p.line, p.column) for p in read.skipped] == [(3, "vote")]


def test_unknown_statements_are_bad_lines(tmp_path):
    path = write(tmp_path, HEADER + "1,1,1\n2,9,1\n")
    assert problems_of(path, known={"1", "2"}) == [(3, "statement_id")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b"\x89PNG\r\n\x1a\n0000", "PNG"),
        (b"PK\x03\x04abc", "Excel"),
        (b"participant_id,statement_id,vote\n1,\x00,1\n", "line 2: a NUL byte at position 35"),
        (
            "participant_id,statement_id,vote\n1,1,1\n2,é,1\n".encode("latin-1"),
            "line 3: byte 0xe9 at position 41",
        ),
        ("participant_id,statement_id,vote\n".encode("utf-16"), "UTF-16"),
        (
            b"participant_id;statement_id;vote\n1;1;1\n",
            "separated by semicolons; save the file with .* commas",
        ),
        (b"participant_id\tstatement_id\tvote\n", "separated by tabs"),
        (b"participant_id\n1\n", "separated by commas"),
        (b"participant_id,statement_id,vote\r1,1,1\r", "carriage return alone"),
        (
            b"participant_id,statement_id,vote\n1,1,1\n2,1",
            "line 3: only 2 fields, .* in the middle of this line",
        ),
        (b"participant_id,statement_id,vote\n1,1,1\n2,1,-", "“-” is not a vote.* in the middle of this line"),
        (b"participant_id,vote,vote\n1,1,1\n", "twice"),
        (b'participant_id,statement_id,vote\n1,"1,1\n', "cannot be read"),
    ],
)
def test_wrong_files_are_named(tmp_path, content, message):
    with pytest.raises(InputError, match=message):
        read_votes(write(tmp_path, content))


def test_a_last_line_without_an_end_is_read_and_a_header_alone_is_no_error(tmp_path):
    assert read_votes(write(tmp_path, HEADER + "1,1,1\n2,1,-1")).votes.size == 2
    assert read_votes(write(tmp_path, HEADER)).votes.size == 0


def test_a_missing_column_is_named(tmp_path):
    assert problems_of(write(tmp_path, "participant_id,vote\n1,1\n")) == [(1, "statement_id")]


def test_a_missing_file_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_votes(tmp_path / "nothing.csv")


def test_blocks_are_joined_without_loss(tmp_path, monkeypatch):
    monkeypatch.setattr("opinion.table.BLOCK", 64)
    votes = read_votes(
        write(tmp_path, HEADER + "".join(f"{i},{i % 7},{i % 3 - 1}\n" for i in range(200)))
    ).votes
    assert votes.participant_ids.tolist() == [str(i) for i in range(200)]
    assert votes.values.tolist() == [i % 3 - 1 for i in range(200)]


ODD_IDS = [
    "7",
    "007",
    "-3",
    "0",
    "x",
    "a b",
    "é",
    "1,5",
    'say "hi"',
    "two\nlines",
    "9" * 18,
    "9" * 25,
    "u" * 70,
]
ODD_VOTES = ["1", "0", "-1", "+1", "1.0", "-1.0", " 1 ", "\u22121", "2", "", "yes", "11"]


def careful(table, columns, known):
    """Everything record by record."""
    reader = _Reader(table, columns, known)
    reader.take_records(slice(table.body, len(table.data)))
    return reader.result(), reader.problems


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.one_of(st.integers(0, 30).map(str), st.sampled_from(ODD_IDS)),
            st.one_of(st.integers(0, 9).map(str), st.sampled_from(ODD_IDS)),
            st.one_of(st.sampled_from(["1", "0", "-1"]), st.sampled_from(ODD_VOTES)),
            st.one_of(
                st.integers(0, 4).map(str), st.sampled_from(["1600000000000", "99999999999999", "", "-1"])
            ),
        ),
        max_size=30,
    ),
    st.sampled_from(["minimal", "all"]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([40, 200, 1 << 18]),
    st.booleans(),
    st.sampled_from([None, {"1", "2", "x", "007"}]),
)
def test_blocks_and_records_tell_the_same(rows, quoting, end, block, blank, known):
    text = io.StringIO()
    kind = {"minimal": csv.QUOTE_MINIMAL, "all": csv.QUOTE_ALL}[quoting]
    writer = csv.writer(text, lineterminator=end, quoting=kind)
    writer.writerow(["participant_id", "statement_id", "vote", "timestamp_ms"])
    for i, row in enumerate(rows):
        writer.writerow(row)
        if blank and i % 4 == 2:
            text.write(end)
    data = text.getvalue().encode()
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr("opinion.table.BLOCK", block)
        path = Path(folder) / "votes.csv"
        path.write_bytes(data)
        table = open_table(path)
        columns = VoteColumns("participant_id", "statement_id", "vote", "timestamp_ms", numeric_ids=False)
        (fast, found), (slow, expected) = (read(table, columns, known) for read in (parse_votes, careful))
    assert found == expected
    assert fast.to_votes().sha256 == slow.to_votes().sha256
    every = np.arange(fast.value.size)
    assert fast.lines.at(every).tolist() == slow.lines.at(every).tolist()


def test_votes_that_stand_twice_are_told_with_their_lines(tmp_path):
    path = write(tmp_path, HEADER + "1,1,1\n2,1,-1\n1,1,1\n\n2,1,0\n3,1,1\n2,1,1\n")
    read = read_votes(path)
    assert read.votes.size == 3 and read.votes.superseded == 3
    assert (read.repeats.repeated, read.repeats.changed, read.repeats.contradicting) == (1, 2, 0)
    assert [(note.line, note.message) for note in read.repeats.notes] == [
        (4, "participant 1 on statement 1 says agree again, as in line 2."),
        (6, "participant 2 on statement 1 says pass, which replaces disagree in line 3."),
        (8, "participant 2 on statement 1 says agree, which replaces pass in line 6."),
    ]
    assert (
        "3 rows are further votes of a person on the same statement (1 the same, 2 changed)"
        in read.repeats.describe()
    )
    assert "the last in the file counts" in read.repeats.describe()
    assert read_votes(write(tmp_path, HEADER + "1,1,1\n")).repeats.describe() == ""


def test_with_times_the_latest_counts_and_ties_are_told(tmp_path):
    rows = "1,1,1,50\n1,1,-1,20\n2,x,1,7\n2,x,-1,7\n3,x,1,5\n3,x,0,5\n3,x,1,9\n"
    read = read_votes(write(tmp_path, HEADER[:-1] + ",timestamp_ms\n" + rows))
    assert read.votes.values.tolist() == [1, 0, 1]
    repeats = read.repeats
    assert (repeats.repeated, repeats.changed, repeats.contradicting) == (0, 3, 1)
    assert [(note.line, note.message) for note in repeats.notes] == [
        (2, "participant 1 on statement 1 says agree, which replaces disagree in line 3."),
        (5, "participant 2 on statement x says disagree, and agree in line 4 at the same time."),
        (7, "participant 3 on statement x says pass, which replaces agree in line 6."),
        (8, "participant 3 on statement x says agree, which replaces pass in line 7."),
    ]
    assert "latest by timestamp_ms counts, contradictions at the same time as a pass" in repeats.describe()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.sampled_from([-1, 0, 1]), st.integers(0, 3))),
    st.booleans(),
)
def test_repeats_count_every_row_that_is_not_a_vote(rows, timed):
    table = np.array(rows, dtype=np.int64).reshape(-1, 4)
    lines = Lines(np.zeros(1, dtype=int), np.full(1, 2))
    raw = RawVotes(
        table[:, 0], table[:, 1], table[:, 2].astype(np.int8), table[:, 3] if timed else None, lines=lines
    )
    repeats = find_repeats(raw, raw.to_votes())
    assert repeats.total == raw.to_votes().superseded == len(repeats.notes)


def test_a_table_that_is_not_the_one_meant_is_not_read_to_its_end(tmp_path, monkeypatch):
    monkeypatch.setattr("opinion.rows.MOST_PROBLEMS", 100)
    monkeypatch.setattr("opinion.table.BLOCK", 64)
    with pytest.raises(InputError) as caught:
        read_votes(write(tmp_path, HEADER + "1,1,5\n" * 1000), skip_bad=True)
    assert len(caught.value.problems) == 101
    assert "more than 100 lines are bad" in caught.value.problems[-1].message


def test_statements_know_their_lines(tmp_path):
    path = write(tmp_path, 'statement_id,text,moderated\n1,"a\nb",1\n1,c,0\n3,d,7\n4,e,x\n')
    with pytest.raises(InputError) as caught:
        read_statements(path)
    assert [(p.line, p.column) for p in caught.value.problems] == [
        (4, "statement_id"),
        (5, "moderated"),
        (6, "moderated"),
    ]
    assert [s.id for s in read_statements(path, skip_bad=True).statements] == ["1"]


def test_real_files_are_read(conversations):
    votes = read_votes(conversations / "vtaiwan.uberx" / "tidy" / "votes.csv").votes
    assert votes.shape == (1921, 197)
    assert votes.size == 49443
