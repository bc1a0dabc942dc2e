import numpy as np
import pytest

from opinion import InputError, read_votes
from opinion.polis import parse_sign, read_export

from .conftest import write_export


def test_an_export_is_read(export):
    read = read_export(export)
    assert (read.topic, read.url, read.sign) == ("Parks, and trees", "https://example.org", 1)
    assert [s.id for s in read.statements] == ["0", "1", "2", "3"]
    assert read.statements[1].text == 'Two lines,\nand a "quote"'
    assert read.statements[0].moderated == -1
    assert read.votes.value.size == 48
    assert read.files == ("comments.csv", "votes.csv", "summary.csv")


def test_agree_is_plus_one_whatever_the_file_says(tmp_path):
    plain, turned = write_export(tmp_path / "plain"), write_export(tmp_path / "turned", sign=-1)
    assert read_export(turned).sign == -1
    assert read_export(turned).to_votes().sha256 == read_export(plain).to_votes().sha256


@pytest.mark.parametrize("name", ["participants-votes.csv", "participant-votes.csv"])
def test_the_matrix_serves_where_there_are_no_rows(tmp_path, name):
    rows, matrix = write_export(tmp_path / "rows"), write_export(tmp_path / "matrix", matrix=name, sign=-1)
    read = read_export(matrix)
    assert read.to_votes().sha256 == read_export(rows).to_votes().sha256
    assert read.votes.timestamp_ms is None


def test_counts_that_nearly_fit_still_decide(export):
    with (export / "votes.csv").open("a") as file:
        file.write("1600000001000,Sun,3,0,1\n")
    assert read_export(export).sign_evidence.misfit_plus == 1


def test_counts_that_tell_nothing_ask_for_the_sign(export):
    (export / "comments.csv").write_text(
        "timestamp,datetime,comment-id,author-id,agrees,disagrees,moderated,comment-body\n"
        + "".join(f"1,x,{s},0,5,5,1,text\n" for s in range(4))
    )
    with pytest.raises(InputError, match="agree=-1"):
        read_export(export)
    assert read_export(export, sign="agree=-1").sign == -1


def test_no_counts_ask_for_the_sign(export):
    (export / "comments.csv").write_text("comment-id,comment-body\n0,a\n1,b\n2,c\n3,d\n")
    with pytest.raises(InputError, match="no counts"):
        read_export(export)


def test_a_given_sign_against_the_counts_is_used_and_noted(export):
    read = read_export(export, sign=-1)
    assert read.sign == -1 and read.sign_evidence.contradicts_counts
    assert len(read.problems) == 1


def test_every_bad_line_is_listed(export):
    with (export / "votes.csv").open("a") as file:
        file.write("1,Sun,99,1,1\n1,Sun,2,1,3\nlater,Sun,2,x,1\n1,Sun\n")
    with (export / "comments.csv").open("a") as file:
        file.write("1,Sun,three,0,1,1,1,text\n")
    with pytest.raises(InputError) as caught:
        read_export(export)
    found = [(p.file.rsplit("/", 1)[-1], p.line, p.column) for p in caught.value.problems]
    assert found == [
        ("comments.csv", 7, "comment-id"),
        ("votes.csv", 50, "comment-id"),
        ("votes.csv", 51, "vote"),
        ("votes.csv", 52, "voter-id"),
        ("votes.csv", 52, "timestamp"),
        ("votes.csv", 53, None),
    ]
    read = read_export(export, skip_bad=True)
    assert len(read.skipped) == 6
    assert read.votes.value.size == 48


def test_votes_on_a_statement_that_was_left_out_go_with_it(export):
    text = (export / "comments.csv").read_text().replace("1600000000003,Sun,3,0", "soon,Sun,3,0")
    (export / "comments.csv").write_text(text)
    with pytest.raises(InputError) as caught:
        read_export(export)
    assert len(caught.value.problems) == 1  # the votes are not to blame
    assert set(read_export(export, skip_bad=True).votes.statement.tolist()) == {0, 1, 2}


def test_an_export_without_votes_is_refused_with_the_reason(export):
    (export / "votes.csv").unlink()
    with pytest.raises(InputError, match="holds no votes"):
        read_export(export)


def test_a_folder_inside_is_ignored(export, tmp_path):
    write_export(tmp_path / "other", sign=-1).rename(export / "nested")
    assert read_export(export).sign == 1


def test_a_sign_must_be_known():
    assert [parse_sign(s) for s in (None, "agree=+1", "agree=1", "agree=-1", -1)] == [None, 1, 1, -1, -1]
    with pytest.raises(InputError):
        parse_sign("disagree")


def test_real_exports_equal_their_tidy_form(conversations):
    for name in ("15-per-hour-seattle", "scoop-hivemind.taxes", "london.youth.policing"):
        read = read_export(conversations / name / "export")
        assert read.sign == 1
        tidy = read_votes(conversations / name / "tidy" / "votes.csv").votes
        assert read.to_votes().sha256 == tidy.sha256
        assert np.unique(read.votes.value).tolist() == [-1, 0, 1]
    with pytest.raises(InputError, match="holds no votes"):
        read_export(conversations / "march-on.operation-marchin-orders" / "export")


@pytest.mark.parametrize("time", ["99999999999999999999", "99999999999999999", "-5"])
@pytest.mark.parametrize(
    ("file", "first"), [("votes.csv", "1600000000000"), ("comments.csv", "1600000000000")]
)
def test_a_time_that_cannot_be_is_a_bad_line(export, file, first, time):
    path = export / file
    path.write_text(path.read_text().replace(first, time, 1))
    with pytest.raises(InputError) as caught:
        read_export(export)
    assert [(p.line, p.column) for p in caught.value.problems] == [(2, "timestamp")]
    assert read_export(export, skip_bad=True).votes.value.size < 48


def test_counts_and_ids_that_fit_no_array_are_bad_lines(export):
    path = export / "comments.csv"
    path.write_text(path.read_text().replace("1600000000000,Sun,0,0,", "1600000000000,Sun,0,0,9" + "9" * 20))
    with pytest.raises(InputError) as caught:
        read_export(export)
    assert [(p.line, p.column) for p in caught.value.problems] == [(2, "agrees")]


def test_a_participant_whose_number_fits_no_array_is_a_bad_line(tmp_path):
    export = write_export(tmp_path / "matrix", matrix="participant-votes.csv")
    path = export / "participant-votes.csv"
    path.write_text(path.read_text().replace("\n0,,", "\n" + "9" * 20 + ",,"))
    with pytest.raises(InputError) as caught:
        read_export(export)
    assert [(p.line, p.column) for p in caught.value.problems] == [(2, "participant")]
