import numpy as np
import pytest

from opinion import InputError, read_statements, read_votes
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
        (b"participant_id;statement_id;vote\n1;1;1\n", "separated by commas"),
        (b"participant_id,vote,vote\n1,1,1\n", "twice"),
        (b'participant_id,statement_id,vote\n1,"1,1\n', "cannot be read"),
    ],
)
def test_wrong_files_are_named(tmp_path, content, message):
    with pytest.raises(InputError, match=message):
        read_votes(write(tmp_path, content))


def test_a_missing_column_is_named(tmp_path):
    assert problems_of(write(tmp_path, "participant_id,vote\n1,1\n")) == [(1, "statement_id")]


def test_a_missing_file_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_votes(tmp_path / "nothing.csv")


def test_blocks_are_joined_without_loss(tmp_path, monkeypatch):
    monkeypatch.setattr("opinion.table.BLOCK", 64)
    path = write(tmp_path, HEADER + "".join(f"{i},{i % 7},{i % 3 - 1}\n" for i in range(200)))
    columns = open_table(path).integers(["participant_id", "vote"])
    assert columns["participant_id"].tolist() == list(range(200))
    assert columns["vote"].tolist() == [i % 3 - 1 for i in range(200)]


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
