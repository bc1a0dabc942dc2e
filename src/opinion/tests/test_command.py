"""``plenary analyze`` from the outside: what it prints, writes and returns."""

import argparse
import json
from importlib import import_module
from pathlib import Path

import pytest

from .conftest import planted


@pytest.fixture
def analyze():
    command = import_module("plenary.site.commands.analyze")

    def call(*arguments):
        parser = argparse.ArgumentParser(prog="plenary analyze")
        command.configure(parser)
        return command.run(parser.parse_args([str(argument) for argument in arguments]))

    return call


@pytest.fixture
def votes(tmp_path):
    path = tmp_path / "votes.csv"
    path.write_bytes(b"".join(planted(60, 12, 2, fill=0.9, seed=2)[0].to_csv()))
    return path


def test_without_outputs_it_prints_a_summary(analyze, votes, capsys):
    assert analyze(votes) == 0
    assert "2 groups of people who vote alike" in capsys.readouterr().out


def test_it_writes_what_was_asked_for(analyze, votes, tmp_path, capsys):
    out = {kind: tmp_path / f"result.{kind}" for kind in ("json", "html", "svg")}
    assert analyze(votes, *(part for kind, path in out.items() for part in (f"--{kind}", path))) == 0
    assert json.loads(out["json"].read_bytes())["k"] == 2
    assert out["html"].read_text().startswith("<!doctype html>")
    assert out["svg"].read_text().startswith("<svg")
    assert capsys.readouterr().out == ""
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "result.html",
        "result.json",
        "result.svg",
        "votes.csv",
    ]


def test_wrong_input_lists_lines_writes_nothing_and_returns_two(analyze, votes, tmp_path, capsys):
    with votes.open("a") as file:
        file.write("1,1,5\n1,2,nine\n")
    before = votes.read_text().count("\n")
    assert analyze(votes, "--json", tmp_path / "out.json") == 2
    errors = capsys.readouterr().err
    assert f"votes.csv, line {before - 1}, column vote" in errors and f"line {before}" in errors
    assert "--skip-bad" in errors
    assert not (tmp_path / "out.json").exists()
    assert analyze(votes, "--skip-bad") == 0
    assert "Left out, 2 in total" in capsys.readouterr().err


def test_an_export_is_read_with_its_texts(analyze, export, tmp_path):
    assert analyze(export, "--html", tmp_path / "out.html") == 0
    assert "Parks, and trees" in (tmp_path / "out.html").read_text()


def test_a_folder_for_an_output_is_refused_before_the_work(analyze, votes, tmp_path, capsys):
    assert analyze(votes, "--json", tmp_path) == 2
    assert analyze(votes, "--json", tmp_path / "no" / "out.json") == 2
    assert "does not exist" in capsys.readouterr().err


def test_a_sign_is_only_for_exports(analyze, votes, capsys):
    assert analyze(votes, "--sign", "agree=-1") == 2
    assert "--sign" in capsys.readouterr().err


def test_the_compatible_mode_goes_through_the_past_by_times_unless_cold(analyze, tmp_path, capsys):
    path = tmp_path / "votes.csv"
    rows = [f"{p},{s},{1 if (p + s) % 3 else -1},{1500000000000 + p}" for p in range(40) for s in range(9)]
    path.write_text("participant_id,statement_id,vote,timestamp_ms\n" + "\n".join(rows) + "\n")
    assert analyze(path, "--mode", "polis") == 0
    assert "by the times of the votes, in 40 steps." in capsys.readouterr().out
    for others in (["--mode", "polis", "--cold"], []):
        assert analyze(path, *others) == 0
        assert "past" not in capsys.readouterr().out
    assert analyze(path, "--cold") == 2
    assert "--cold is for --mode polis" in capsys.readouterr().err


def test_usage_errors_leave_with_two(analyze, votes):
    with pytest.raises(SystemExit) as caught:
        analyze(votes, "--seed", "-3")
    assert caught.value.code == 2


def test_the_input_is_never_overwritten(analyze, votes, capsys):
    before = votes.read_bytes()
    assert analyze(votes, "--json", votes) == 2
    assert "this is the input" in capsys.readouterr().err
    assert votes.read_bytes() == before


def test_what_is_no_file_is_written_to_and_stays_what_it_is(analyze, votes, tmp_path):
    import os
    import stat
    import threading

    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    assert analyze(votes, "--json", pipe) == 0
    reader.join(10)
    assert json.loads(read[0])["k"] == 2
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.parametrize("time", ["99999999999999999999", "99999999999999", "-5", "soon"])
def test_a_time_that_cannot_be_is_named_with_its_line(analyze, tmp_path, capsys, time):
    path = tmp_path / "votes.csv"
    path.write_text(f"participant_id,statement_id,vote,timestamp_ms\n1,1,1,1500000000000\n2,1,1,{time}\n")
    assert analyze(path) == 2
    told = capsys.readouterr().err
    assert "line 3" in told and "is not a time" in told


def test_no_file_of_an_export_is_overwritten_and_no_output_by_another(analyze, export, tmp_path, capsys):
    before = (export / "comments.csv").read_bytes()
    assert analyze(export, "--json", export / "comments.csv") == 2
    assert (export / "comments.csv").read_bytes() == before
    assert analyze(export, "--json", tmp_path / "out", "--svg", tmp_path / "export" / ".." / "out") == 2
    assert "two outputs" in capsys.readouterr().err


def test_a_link_is_followed_and_stays_a_link(analyze, votes, tmp_path):
    target, link = tmp_path / "target.json", tmp_path / "link.json"
    link.symlink_to(target)
    for _ in range(2):  # at first the target does not exist
        assert analyze(votes, "--json", link) == 0
        assert link.is_symlink() and json.loads(target.read_bytes())["k"] == 2


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="this system has no /dev/full")
def test_a_full_device_is_named_and_no_other_output_is_left(analyze, votes, tmp_path, capsys):
    assert analyze(votes, "--json", "/dev/full", "--svg", tmp_path / "map.svg") == 1
    assert "cannot write /dev/full: No space left" in capsys.readouterr().err
    assert Path("/dev/full").is_char_device()
    assert [path.name for path in tmp_path.iterdir()] == ["votes.csv"]


def test_votes_that_stand_twice_are_noted_with_their_lines(analyze, votes, capsys):
    assert analyze(votes) == 0
    assert capsys.readouterr().err == ""
    lines = votes.read_text().splitlines()
    with votes.open("a") as file:
        file.write("\n".join(lines[1:8]) + "\n")
    assert analyze(votes) == 0
    told = capsys.readouterr().err
    assert "7 rows are further votes of a person on the same statement (7 the same)" in told
    assert f"votes.csv, line {len(lines) + 1}: participant" in told and "as in line 2." in told
    assert "… and 2 more." in told


def test_attributes_and_margins(analyze, votes, tmp_path, capsys):
    people, margins, out = tmp_path / "people.csv", tmp_path / "margins.csv", tmp_path / "out.json"
    people.write_text("participant_id,sex\n" + "".join(f"{i},{'fm'[i % 2]}\n" for i in range(61)))
    margins.write_text("attribute,category,share\nsex,f,52\nsex,m,48\n")
    assert analyze(votes, "--attributes", people, "--margins", margins, "--json", out) == 0
    data = json.loads(out.read_bytes())
    assert data["lens"]["threshold"] == 5 and data["weights"]["margins"][0]["target"] == 0.52
    errors = capsys.readouterr().err
    assert "line 62" in errors and "did not vote" in errors and "percentages" in errors
    assert (
        analyze(votes, "--attributes", people, "--suppress-below", "8", "--lens", "findings", "--json", out)
        == 0
    )
    assert json.loads(out.read_bytes())["lens"]["threshold"] == 8


def test_attributes_that_cannot_be_used(analyze, votes, tmp_path, capsys):
    people, margins, out = tmp_path / "people.csv", tmp_path / "margins.csv", tmp_path / "out.json"
    assert analyze(votes, "--margins", margins, "--cross", "a", "b", "--json", out) == 2
    assert "--margins, --cross: what people said is missing" in capsys.readouterr().err
    people.write_text("participant_id,sex\n1,f\n1,m\n")
    assert analyze(votes, "--attributes", people, "--json", out) == 2
    assert "people.csv, line 3, column participant_id" in capsys.readouterr().err
    people.write_text("participant_id,sex\n" + "".join(f"{i},f\n" for i in range(60)))
    margins.write_text("attribute,category,share\nsex,f,0.5\nsex,m,0.5\n")
    assert analyze(votes, "--attributes", people, "--margins", margins, "--json", out) == 2
    assert "nobody took part" in capsys.readouterr().err and not out.exists()
    assert analyze(votes, "--attributes", people, "--json", people) == 2
    with pytest.raises(SystemExit):
        analyze(votes, "--attributes", people, "--suppress-below", "2")


def test_integrity_is_a_section_and_part_of_the_summary(analyze, votes, tmp_path, capsys):
    assert analyze(votes, "--integrity") == 0
    assert "Nobody is flagged" in capsys.readouterr().out
    assert analyze(votes, "--integrity", "--json", tmp_path / "result.json") == 0
    section = json.loads((tmp_path / "result.json").read_bytes())["integrity"]
    assert section["flagged"] == [] and section["judged"]["participants"] == 60


def test_the_picture_can_be_chosen(analyze, votes, tmp_path, capsys):
    out = tmp_path / "out.svg"
    for picture, kind in (("map", "opinion-map"), ("plot", "division-consensus"), ("B", "group-profile")):
        assert analyze(votes, "--svg", out, "--picture", picture) == 0
        assert f'class="{kind}"' in out.read_text()
    out.unlink()
    assert analyze(votes, "--svg", out, "--picture", "Z") == 2
    assert "(A, B)" in capsys.readouterr().err
    assert not out.exists()


def test_an_earlier_result_keeps_letters_and_directions(analyze, votes, tmp_path, capsys):
    first, turned, second = (tmp_path / f"{name}.json" for name in ("first", "turned", "second"))
    assert analyze(votes, "--json", first) == 0
    before = json.loads(first.read_bytes())
    flipped = json.loads(first.read_bytes())
    for statement in flipped["statements"]:
        statement["per_group"].reverse()
    for axis in flipped["axes"]:
        axis["loadings"] = [-loading for loading in axis["loadings"]]
    turned.write_text(json.dumps(flipped))
    assert analyze(votes, "--previous", turned, "--json", second) == 0
    after = json.loads(second.read_bytes())
    assert [p["group"] for p in after["participants"]] == [
        None if p["group"] is None else 1 - p["group"] for p in before["participants"]
    ]
    assert after["axes"][0]["loadings"][0] == -before["axes"][0]["loadings"][0]
    assert after["previous_sha256"] and before["previous_sha256"] is None
    assert analyze(votes, "--previous", turned, "--json", turned) == 2
    assert "this is the input" in capsys.readouterr().err


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff", None])
def test_what_is_no_earlier_result_is_refused_before_the_work(analyze, votes, tmp_path, capsys, content):
    path = tmp_path / "earlier.json"
    if content is not None:
        path.write_bytes(content)
    assert analyze(votes, "--previous", path) == 2
    assert "earlier result" in capsys.readouterr().err


def test_every_section_is_as_its_schema_says(analyze, votes, tmp_path):
    jsonschema = pytest.importorskip("jsonschema")
    from opinion import schema

    people, out = tmp_path / "people.csv", tmp_path / "out.json"
    people.write_text("participant_id,sex\n" + "".join(f"{i},{'fm'[i % 2]}\n" for i in range(60)))
    margins = tmp_path / "margins.csv"
    margins.write_text("attribute,category,share\nsex,f,0.52\nsex,m,0.48\n")
    asked = ["--attributes", people, "--margins", margins, "--slate", "3", "--shortlist", "4", "--integrity"]
    assert analyze(votes, *asked, "--json", out) == 0
    data = json.loads(out.read_bytes())
    assert {"lens", "weights", "slate", "shortlist", "exposure", "integrity"} <= data.keys()
    assert [error.message for error in jsonschema.Draft202012Validator(schema()).iter_errors(data)] == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--picture", "plot"], "--svg"),
        (["--json", "-"], "/dev/stdout"),
        (["--statements", "-"], "/dev/stdin"),
    ],
)
def test_options_that_cannot_do_what_is_meant_are_refused(analyze, votes, arguments, told, capsys):
    assert analyze(votes, *arguments) == 2
    assert told in capsys.readouterr().err


def test_votes_from_a_hyphen_are_refused(analyze, capsys):
    assert analyze("-") == 2
    assert "/dev/stdin" in capsys.readouterr().err


@pytest.mark.parametrize("tag", ["xx-not-a-tag", "english please", "e", "en-", "en_GB", "", "en-x"])
def test_a_language_must_have_the_form_of_a_tag(analyze, votes, tag):
    with pytest.raises(SystemExit) as stopped:
        analyze(votes, "--language", tag)
    assert stopped.value.code == 2


@pytest.mark.parametrize(
    "tag", ["ar", "pt-BR", "zh-Hant-TW", "de-CH-1996", "es-419", "x-own", "en-u-ca-gregory"]
)
def test_language_tags_are_taken(analyze, votes, tag):
    assert analyze(votes, "--language", tag) == 0


def test_a_folder_with_votes_and_a_file_of_an_export_get_a_hint(analyze, votes, export, capsys):
    assert analyze(votes.parent) == 2
    assert f"give {votes} instead" in capsys.readouterr().err
    rows = votes.parent / "export" / "votes.csv"
    rows.parent.mkdir(exist_ok=True)
    rows.write_text("timestamp,datetime,comment-id,voter-id,vote\n1,x,1,1,1\n")
    assert analyze(rows) == 2
    assert "give its folder" in capsys.readouterr().err


def test_an_earlier_result_of_another_conversation_is_noted(analyze, votes, tmp_path, capsys):
    earlier = tmp_path / "earlier.json"
    assert analyze(votes, "--json", earlier) == 0
    assert analyze(votes, "--previous", earlier) == 0
    assert "same conversation" not in capsys.readouterr().err
    other = tmp_path / "other.csv"
    other.write_text(
        "participant_id,statement_id,vote\n" + "".join(f"{p},s{s},1\n" for p in range(9) for s in range(9))
    )
    assert analyze(other, "--previous", earlier) == 0
    assert "same conversation" in capsys.readouterr().err


def test_skipping_is_not_offered_for_margins(analyze, votes, tmp_path, capsys):
    people, margins = tmp_path / "people.csv", tmp_path / "margins.csv"
    people.write_text("participant_id,sex\n" + "".join(f"{p},{'fm'[p % 2]}\n" for p in range(1, 61)))
    margins.write_text("attribute,category,share\nsex,f,.5\nsex,m,much\n")
    assert analyze(votes, "--attributes", people, "--margins", margins) == 2
    errors = capsys.readouterr().err
    assert "much" in errors and "--skip-bad" not in errors
