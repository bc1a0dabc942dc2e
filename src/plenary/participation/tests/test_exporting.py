import csv
import io
import zipfile
from pathlib import Path

import pytest

from opinion.polis import read_export
from plenary.participation import actions, queries
from plenary.participation.actions import Facts, import_conversation
from plenary.participation.models import Participant
from plenary.records.actions import put_translation

from .factories import NOW, cast, make_consultation, make_statements
from .test_importing import CONVERSATIONS

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _home(tmp_path, settings):
    settings.PLENARY_HOME = tmp_path / "home"


def export_of(client, consultation) -> dict[str, str]:
    answer = client.get(f"/consultations/{consultation.reference}/export/polis.zip")
    assert answer.status_code == 200 and answer["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as whole:
        return {name: whole.read(name).decode() for name in whole.namelist()}


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def again(files: dict[str, str], folder: Path, sha256: str = "b" * 64):
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    return import_conversation(
        export=read_export(folder), sha256=sha256, name="again", by=None, now=NOW
    ).consultation


def counts_of(consultation) -> tuple[int, int, int, list[tuple[str, int, int, int]]]:
    [numbers] = queries.with_numbers([consultation])
    statements = queries.list_statements_for_export(consultation)
    shares = queries.count_shares([each.pk for each in statements])
    rows = [
        (
            each.record.title.body,
            *((s.agree, s.disagree, s.passed) if (s := shares.get(each.pk)) else (0, 0, 0)),
        )
        for each in statements
    ]
    return numbers.people, numbers.answers, numbers.accepted, sorted(rows)


def test_the_five_files_have_the_columns_that_people_know(client):
    consultation = make_consultation(introduction="Why.")
    one, two = make_statements(consultation, "One.", "=HYPERLINK(1)")
    actions.mark_meta(statements=[two], is_meta=True, by=None, now=NOW)
    voter = cast(one)
    cast(one, -1, voter, n=1)
    cast(two, 0, voter)
    files = export_of(client, consultation)
    assert list(files) == [
        "comments.csv", "votes.csv", "participant-votes.csv", "summary.csv", "comment-groups.csv",
    ]  # fmt: skip
    first, second = rows_of(files["comments.csv"])
    assert (first["comment-id"], first["agrees"], first["disagrees"], first["moderated"]) == (
        str(one.record.number), "0", "1", "1",
    )  # fmt: skip
    assert (first["is-meta"], second["is-meta"]) == ("false", "true")
    assert second["comment-body"] == "'=HYPERLINK(1)" and first["author-id"] == ""
    assert [(row["voter-id"], row["vote"]) for row in rows_of(files["votes.csv"])] == [
        ("1", "-1"),
        ("1", "0"),
    ]
    [person] = rows_of(files["participant-votes.csv"])
    assert (person["n-votes"], person["n-disagree"], person[str(two.record.number)]) == ("2", "1", "0")
    assert f"topic,{consultation.record.title.body}" in files["summary.csv"]
    assert rows_of(files["comment-groups.csv"])[0]["total-disagrees"] == "1"


def test_times_are_of_the_day_and_numbers_are_drawn_anew(client, django_assert_max_num_queries):
    consultation = make_consultation()
    [one] = make_statements(consultation)
    for _person in range(30):
        cast(one)
    rows = rows_of(export_of(client, consultation)["votes.csv"])
    assert {int(row["timestamp"]) % 86_400_000 for row in rows} == {0}
    assert sorted(int(row["voter-id"]) for row in rows) == list(range(1, 31))
    people = set(Participant.objects.values_list("pk", flat=True))
    assert people != set(range(1, 31)) or rows


def test_what_does_not_count_is_not_in_it(client):
    consultation = make_consultation()
    one, two = make_statements(consultation, "One.", "Two.")
    erased = cast(one)
    Participant.objects.filter(token_hash=erased.token_hash).update(erased_at=NOW)
    facts = Facts(kind="meeting", held_on=NOW.date(), language="en")
    submission = actions.enter_submission(consultation=consultation, facts=facts, by=None, now=NOW)
    actions.enter_ballot(submission=submission, code="", answers={one.pk: 1}, by=None, now=NOW)
    actions.withdraw_submission(submission=submission, reason="Twice.", by=None, now=NOW)
    cast(two)
    actions.moderate_statements(statements=[two], decision="rejected", reason="off-topic", by=None, now=NOW)
    files = export_of(client, consultation)
    assert rows_of(files["votes.csv"]) == []
    assert [row["comment-body"] for row in rows_of(files["comments.csv"])] == ["One."]


def test_it_is_made_once_for_every_state(client):
    consultation = make_consultation()
    [one] = make_statements(consultation)
    cast(one)
    path = f"/consultations/{consultation.reference}/export/polis.zip"
    first = client.get(path)
    assert client.get(path).content == first.content
    assert client.get(path, headers={"if-none-match": first["ETag"]}).status_code == 304
    cast(one)
    second = client.get(path)
    assert second["ETag"] != first["ETag"] and second.content != first.content


def test_read_back_it_gives_the_same_counts(client, tmp_path):
    consultation = make_consultation(introduction="Why.")
    one, two = make_statements(consultation, "+1 for schools", "Two, “quoted”.")
    for number in range(9):
        voter = cast(one, (1, -1, 0)[number % 3])
        if number % 2:
            cast(two, 1, voter)
    made = again(export_of(client, consultation), tmp_path / "again")
    assert counts_of(made) == counts_of(consultation)
    assert made.introduction.body == "Why."


def test_statements_come_in_all_their_languages(client):
    consultation = make_consultation()
    [one] = make_statements(consultation, "One.")
    put_translation(text=one.record.title, language="fr", body="Un.")
    cast(one)
    answer = client.get(f"/consultations/{consultation.reference}/export/statements.csv")
    rows = rows_of(answer.content.decode("utf-8-sig"))
    assert [(row["language"], row["text"], row["is_original"], row["agree"]) for row in rows] == [
        ("en", "One.", "true", "1"), ("fr", "Un.", "false", "1"),
    ]  # fmt: skip


def test_exports_are_for_whoever_sees_the_consultation(client, alice):
    consultation = make_consultation()
    consultation.record.visibility = "staff"
    consultation.record.save()
    paths = [
        f"/consultations/{consultation.reference}/export/{name}" for name in ("polis.zip", "statements.csv")
    ]
    for path in paths:
        assert client.get(path).status_code == 404
        assert client.post(path).status_code in (404, 405)
    client.force_login(alice)
    for path in paths:
        assert client.get(path).status_code == 200


@pytest.mark.parametrize(
    "name", ["vtaiwan.uberx", "american-assembly.bowling-green", "london.youth.policing"]
)
def test_a_real_conversation_comes_back_as_it_went_out(client, tmp_path, name):
    folder = CONVERSATIONS / name / "export"
    if not folder.is_dir():
        pytest.skip(f"../shared/data/conversations/{name} is not here")
    export = read_export(folder)
    if name == "american-assembly.bowling-green":
        export = _thinned(export)
    first = import_conversation(export=export, sha256="a" * 64, name=name, by=None, now=NOW).consultation
    second = again(export_of(client, first), tmp_path / "again")
    assert counts_of(second) == counts_of(first)
    [numbers] = queries.with_numbers([first])
    assert numbers.people > 0 and numbers.answers > 0


def _thinned(export):
    """A sixth of the largest one: enough to see, and quick."""
    from dataclasses import replace

    keep = export.votes.participant % 6 == 0
    raw = export.votes
    times = raw.timestamp_ms[keep] if raw.timestamp_ms is not None else None
    votes = replace(
        raw, participant=raw.participant[keep], statement=raw.statement[keep], value=raw.value[keep],
        timestamp_ms=times, lines=None,
    )  # fmt: skip
    return replace(export, votes=votes)
