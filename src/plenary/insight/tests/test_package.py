"""The open data of a result: taken away, checked elsewhere, and caught where it was altered."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from pathlib import Path

import pytest

from opinion import Votes, analyze
from plenary.insight.actions import forget_erased
from plenary.insight.package import folder as kept_packages
from plenary.insight.queries import stamp_of_package
from plenary.insight.verify import NoPackage, make_slate, verify
from plenary.participation.actions import erase_participant, mark_meta
from plenary.participation.models import Participant, Statement
from plenary.records.actions import write_event
from plenary.records.models import Event
from plenary.records.tests.factories import NOW
from plenary.site.cli import main

from .factories import analyse, make_two_camps, make_votes

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _home(settings, tmp_path):
    settings.PLENARY_HOME = tmp_path / "home"


def take(client, analysis, to: Path) -> Path:
    """The package as anybody downloads it, unpacked."""
    response = client.get(f"/analyses/{analysis.reference}/package.zip")
    assert response.status_code == 200
    with zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content))) as whole:
        whole.extractall(to)
    return to


@pytest.fixture
def folder(client, tmp_path):
    return take(client, analyse(make_two_camps()), tmp_path / "package")


def alter(path: Path, old: bytes, new: bytes) -> None:
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new, 1))


def rewrite_hashes(folder: Path) -> None:
    """What a cunning forger does: the list of files fits what was altered."""
    path = folder / "datapackage.json"
    data = json.loads(path.read_bytes())
    for one in data["resources"]:
        content = (folder / one["path"]).read_bytes()
        one["hash"], one["bytes"] = f"sha256:{hashlib.sha256(content).hexdigest()}", len(content)
    path.write_text(json.dumps(data))


def test_what_was_published_is_verified(folder):
    report = verify(folder)
    assert report.wrong == []
    assert any("made again from 320 votes of 32 people" in line for line in report.confirmed)
    assert any("short list" in line for line in report.confirmed)
    data = json.loads((folder / "datapackage.json").read_bytes())
    assert {one["path"] for one in data["resources"]} == {
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    } - {"datapackage.json"}
    votes = next(one for one in data["resources"] if one["path"] == "votes.csv")
    assert [field["name"] for field in votes["schema"]["fields"]] == [
        "participant_id",
        "statement_id",
        "vote",
    ]


def test_what_is_about_the_people_is_no_finding_and_is_verified(client, tmp_path):
    consultation = make_two_camps()
    first = consultation.statements.order_by("record__number").first()
    mark_meta(statements=[first], is_meta=True, by=None, now=NOW)
    analysis = analyse(consultation)
    named = analysis.findings.exclude(kind="position").filter(statements=first)
    assert not named.exists() and analysis.findings.filter(kind="consensus").exists()
    page = client.get(f"/consultations/{consultation.reference}/results/short-list").content.decode()
    assert "1 statement says who somebody is, and cannot be on the list." in page
    folder = take(client, analysis, tmp_path / "package")
    assert verify(folder).wrong == []
    line = next(
        line
        for line in (folder / "statements.csv").read_text().splitlines()
        if line.startswith(first.reference + ",")
    )
    assert line.endswith(",true")
    alter(folder / "statements.csv", line.encode(), line.replace(",true", ",false").encode())
    assert any("is_meta is 'false' in statements.csv" in said for said in verify(folder).wrong)
    alter(folder / "result.json", b'"is_meta":true', b'"is_meta":false')
    assert any(said.startswith("Figures: result.") for said in verify(folder).wrong)


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("votes.csv", b",-1\n", b",1\n", "Figures: result."),
        ("result.json", b'"agree":32', b'"agree":31', "Figures: result."),
        ("findings.csv", b",32,0,0,1.000000", b",31,1,0,0.968750", "Findings: finding FND-"),
        ("statements.csv", b",32,0,0", b",30,2,0", "Statements: STM-"),
        ("findings.csv", "(100\u00a0%".encode(), "(90\u00a0%".encode(), "Findings: finding FND-"),
        ("parts/slate.json", b'"wanted":7', b'"wanted":8', "Short list: slate"),
    ],
)
@pytest.mark.parametrize("is_cunning", [False, True])
def test_what_was_altered_is_found(folder, name, old, new, said, is_cunning):
    alter(folder / name, old, new)
    if is_cunning:
        rewrite_hashes(folder)
    wrong = verify(folder).wrong
    by_hash = f"Files: {name} was altered: its SHA-256 is another than datapackage.json says."
    assert any(line.startswith(said) for line in wrong)
    assert (by_hash in wrong) != is_cunning


def test_one_vote_is_found_though_every_hash_was_made_to_fit(folder):
    """Whoever alters a vote, and each SHA-256 that speaks of the votes and of the result, cannot alter the figures."""
    before = hashlib.sha256((folder / "votes.csv").read_bytes()).hexdigest().encode()
    alter(folder / "votes.csv", b",-1\n", b",0\n")
    after = hashlib.sha256((folder / "votes.csv").read_bytes()).hexdigest().encode()
    former = hashlib.sha256((folder / "result.json").read_bytes()).hexdigest().encode()
    alter(folder / "result.json", before, after)
    alter(folder / "analysis.json", before, after)
    now = hashlib.sha256((folder / "result.json").read_bytes()).hexdigest().encode()
    alter(folder / "analysis.json", former, now)
    rewrite_hashes(folder)
    wrong = verify(folder).wrong
    assert re.match(
        r"Figures: result\.statements\[STM-\d+\]\.\w+ is \d+, and \d+ was found again\.", wrong[0]
    )


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("datapackage.json", lambda data: data["resources"].append("x")),
        ("result.json", lambda data: data["statements"][0].pop("agree")),
        ("result.json", lambda data: data["findings"][0].update(figures="none")),
        ("result.json", lambda data: data["statements"][0].update(id={})),
        ("result.json", lambda data: data.update(mode="other", settings=[])),
        ("parts/slate.json", lambda data: data.update(wanted="all")),
    ],
)
def test_what_has_lost_its_form_is_told_and_breaks_nothing(folder, name, change):
    data = json.loads((folder / name).read_bytes())
    change(data)
    (folder / name).write_text(json.dumps(data))
    if name != "datapackage.json":
        rewrite_hashes(folder)
    assert verify(folder).wrong


def test_a_damaged_archive_is_said_to_be_one(folder, tmp_path):
    path = tmp_path / "package.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as whole:
        for one in folder.rglob("*.*"):
            whole.write(one, one.relative_to(folder).as_posix())
    assert verify(path).wrong == []
    content = bytearray(path.read_bytes())
    content[200:260] = bytes(60)
    path.write_bytes(content)
    with pytest.raises(NoPackage, match="cannot be read"):
        verify(path)


def test_a_short_list_of_another_length_is_made_again_as_long(folder):
    """What was published before the list was made shorter stays what it is."""
    votes = Votes.from_csv(folder / "votes.csv")
    made = make_slate(votes, analyze(votes), 3)
    (folder / "parts" / "slate.json").write_text(json.dumps(made))
    rewrite_hashes(folder)
    assert verify(folder).wrong == []


def test_tables_of_who_said_so_add_up_where_nothing_is_hidden(folder):
    result = json.loads((folder / "result.json").read_bytes())
    one = result["statements"][0]
    voters = one["agree"] + one["disagree"] + one["pass"]

    def tell(*rows, on="2026-01-02"):
        finding = {
            "statement": one["id"],
            "side": "agree",
            "on": on,
            "categories": [{"voters": many, "count": count} for many, count in rows],
        }
        attribute = {"name": "region", "findings": [finding]}
        part = {"input_sha256": result["input_sha256"], "on": "2026-01-02", "attributes": [attribute]}
        (folder / "parts" / "lens.json").write_text(json.dumps(part))
        data = json.loads((folder / "datapackage.json").read_bytes())
        data["resources"].append({"path": "parts/lens.json"})
        (folder / "datapackage.json").write_text(json.dumps(data))
        rewrite_hashes(folder)
        return verify(folder)

    right = tell((voters - 10, one["agree"] - 5), (10, 5))
    assert right.wrong == []
    assert any("1 tables in which nothing is hidden" in line for line in right.confirmed)
    assert [line[:7] for line in tell((voters - 10, one["agree"] - 5), (10, 6)).wrong] == ["Tables:"]
    for told in (tell((voters - 10, None), (10, 6)), tell((voters, 0), on="2026-01-01")):
        assert told.wrong == [] and not any("add up" in line for line in told.confirmed)


def test_another_title_of_the_consultation_makes_another_package(client, tmp_path):
    analysis = analyse(make_two_camps())
    first = stamp_of_package(analysis)
    write_event(record=analysis.consultation.record, verb="edited", by=None, now=NOW)
    assert stamp_of_package(analysis) != first


def test_words_that_were_altered_are_found(folder):
    alter(folder / "statements.csv", b"Idea 3.", b"Idea 4.")
    assert any("statements.csv was altered" in line for line in verify(folder).wrong)


def test_files_that_are_missing_or_too_many_are_named(folder):
    (folder / "translations.csv").unlink()
    (folder / "more.csv").write_text("x")
    assert verify(folder).wrong == ["Files: translations.csv is missing.", "Files: more.csv is in no list."]
    (folder / "votes.csv").unlink()
    with pytest.raises(NoPackage, match=r"votes\.csv"):
        verify(folder)


def test_an_erased_statement_is_said_to_be_erased(client, tmp_path):
    analysis = analyse(make_two_camps())
    erased = Statement.objects.order_by("pk").first()
    erased.author = Participant.objects.first()
    erased.save()
    take(client, analysis, tmp_path / "before")
    erase_participant(participant=erased.author, by=None, now=NOW)
    forget_erased(list(Event.objects.select_related("record").filter(verb="erased")))
    assert not list(kept_packages().glob("*.zip")), "words that are gone lie in no file that was kept"
    report = verify(take(client, analysis, tmp_path / "package"))
    assert report.wrong == []
    assert report.notes == ["Erased by their authors: 1 statements. Their words are gone, their votes count."]
    assert b"Idea 0." not in (tmp_path / "package" / "statements.csv").read_bytes()


@pytest.mark.parametrize("rows", [[], [[1, -1, 0]], [[1, 1], [1, 1]], [[0, 0], [0, 0], [0, 0]]])
def test_few_and_none_are_verified_too(client, tmp_path, rows):
    report = verify(take(client, analyse(make_votes(rows)), tmp_path / "package"))
    assert report.wrong == []


def test_the_same_state_gives_the_same_bytes(client):
    analysis = analyse(make_two_camps())
    take_bytes = [
        b"".join(client.get(f"/analyses/{analysis.reference}/package.zip").streaming_content)
        for _ in range(2)
    ]
    assert take_bytes[0] == take_bytes[1]


def test_the_page_says_what_is_in_it_and_with_which_hash(client, tmp_path):
    analysis = analyse(make_two_camps())
    report = verify(take(client, analysis, tmp_path / "package"))
    page = client.get(f"/consultations/{analysis.consultation.reference}/results/data").content.decode()
    assert report.sha256 in page
    assert f"plenary verify {analysis.reference}.zip" in page and "participant_id" in page


def test_the_command_says_what_it_found(folder, capsys):
    assert main(["verify", str(folder)]) == 0
    assert "Verified." in capsys.readouterr().out
    alter(folder / "votes.csv", b",-1\n", b",1\n")
    assert main(["verify", str(folder), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["wrong"]
    assert main(["verify", str(folder / "nothing")]) == 2
    assert "There is no" in capsys.readouterr().err
