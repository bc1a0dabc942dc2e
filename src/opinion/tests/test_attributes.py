"""What people said about themselves, read from a file."""

import numpy as np
import pytest

from opinion import Attributes, InputError, Votes, read_attributes


@pytest.fixture
def votes():
    return Votes.from_arrays([1, 2, 3, 10], [1, 1, 1, 1], [1, -1, 0, 1])


@pytest.fixture
def write(tmp_path):
    def put(text, encoding="utf-8"):
        path = tmp_path / "people.csv"
        path.write_bytes(text.encode(encoding))
        return path

    return put


def test_categories_stand_in_order_and_silence_stays_silence(votes, write):
    file = read_attributes(write("age,participant_id\nold,10\nyoung,2\n ,1\nold,3\n"), votes)
    age = file.attributes["age"]
    assert age.categories == ("old", "young") and age.codes.tolist() == [-1, 1, 0, 0]
    assert age.sizes.tolist() == [2, 1] and not file.skipped and not file.notes
    assert not age.codes.flags.writeable


def test_byte_order_mark_scripts_and_the_two_ways_to_type_an_accent(votes, write):
    file = read_attributes(
        write(
            "participant_id,région,地区\n1,côte,北方\n2,co\u0302te,北方\n3,,شمال\n10,\u00a0,\n", "utf-8-sig"
        ),
        votes,
    )
    assert file.attributes["région"].categories == ("côte",)
    assert file.attributes["地区"].categories == ("شمال", "北方")


def test_every_bad_line_is_named(votes, write):
    path = write("participant_id,age\n1,old\n2\n,young\n1,young\n3,old,x\n1,old\n")
    with pytest.raises(InputError) as caught:
        read_attributes(path, votes)
    assert [problem.line for problem in caught.value.problems] == [3, 4, 5, 6]
    assert "line 2 with other values" in str(caught.value)
    file = read_attributes(path, votes, skip_bad=True)
    assert len(file.skipped) == 4
    assert file.attributes["age"].categories == (), "of contradicting rows none is kept"


def test_what_is_unusual_is_told_with_its_line(votes, write):
    file = read_attributes(write("participant_id,age,sex\n1,old,\n99,old,f\n1,old,\n2,young,\n"), votes)
    told = [str(note) for note in file.notes]
    assert "line 3" in told[0] and "did not vote" in told[0]
    assert "line 4" in told[1] and "line 2, with the same values" in told[1]
    assert "column sex" in told[2] and "nobody" in told[2]
    assert "2 of 4 participants have no row" in told[3]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id,age\n1,old\n", "participant_id"),
        ("participant_id\n1\n", "no attribute"),
        ("participant_id,,age\n1,a,b\n", "column 2 has no name"),
        ("participant_id,age,age\n1,a,b\n", "stands twice"),
        ("", "empty"),
    ],
)
def test_a_file_that_cannot_be_meant(votes, write, text, message):
    with pytest.raises(InputError, match=message):
        read_attributes(write(text), votes)


def test_crossing_two_attributes():
    people = Attributes.from_columns({"age": ["old", "old", "young", None], "sex": ["f", "", "m", "f"]})
    crossed = people.cross("age", "sex")
    assert crossed.name == "age × sex" and crossed.categories == ("old × f", "young × m")
    assert crossed.codes.tolist() == [0, -1, 1, -1]
    with pytest.raises(InputError, match="itself"):
        people.cross("age", "age")
    with pytest.raises(InputError, match="There are: age, sex"):
        people.cross("age", "region")
    with pytest.raises(InputError, match="one length"):
        Attributes.from_columns({"age": ["old"], "sex": []})


def test_five_hundred_categories(votes, write):
    many = Votes.from_arrays(np.arange(1000), np.zeros(1000, dtype=int), np.ones(1000, dtype=int))
    text = "participant_id,place\n" + "".join(f"{i},place {i % 500}\n" for i in range(1000))
    assert len(read_attributes(write(text), many).attributes["place"].categories) == 500
