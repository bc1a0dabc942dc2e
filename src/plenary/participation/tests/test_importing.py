from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from opinion.polis import read_export
from plenary.participation import queries
from plenary.participation.actions import import_conversation
from plenary.participation.models import Consultation, Participant, Statement, Vote
from plenary.records.models import Event, Record, Source, Visibility

from .factories import NOW

pytestmark = pytest.mark.django_db
CONVERSATIONS = Path(__file__).parents[5] / "shared" / "data" / "conversations"
COMMENTS = """\
timestamp,datetime,comment-id,author-id,agrees,disagrees,moderated,comment-body
1500000000000,x,0,7,2,1,1,Ask first.
1500000060000,x,1,9,1,0,0,"Then, answer."
1500000120000,x,2,7,0,1,-1,Buy now
"""
SUMMARY = "topic,Asking\nurl,https://pol.is/1abc\nconversation-description,Why\n"
VOTES = """\
timestamp,datetime,comment-id,voter-id,vote
1500000300000,x,0,8,-1
1500000200000,x,0,7,1
1500000400000,x,0,8,1
1500000500000,x,1,7,1
1500000600000,x,2,8,-1
"""
MATRIX = """\
participant,group-id,n-comments,n-votes,n-agree,n-disagree,0,1,2
7,,2,2,2,0,1,1,
8,,0,2,1,1,1,,-1
10,,0,1,0,1,-1,,
"""


def make_export(folder: Path, votes: str = VOTES, name: str = "votes.csv") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "comments.csv").write_text(COMMENTS, "utf-8")
    (folder / "summary.csv").write_text(SUMMARY, "utf-8")
    (folder / name).write_text(votes, "utf-8")
    return folder


def bring_in(folder: Path, sha256: str = "a" * 64, sign=None, **more) -> Consultation:
    given = {"name": "export", "by": None, "now": NOW} | more
    return import_conversation(export=read_export(folder, sign=sign), sha256=sha256, **given).consultation


def test_a_conversation_becomes_a_closed_consultation_with_its_source(tmp_path):
    made = bring_in(make_export(tmp_path), language="en")
    assert (made.record.title.body, made.question_id) == ("Asking", made.record.title_id)
    assert made.introduction.body == "Why"
    assert made.opens_at == datetime(2017, 7, 14, 2, 40, tzinfo=UTC)
    assert not made.is_open(NOW)
    assert (made.source.sha256, made.source.url, made.licence) == (
        "a" * 64,
        "https://pol.is/1abc",
        "NOASSERTION",
    )
    assert not made.takes_statements


def test_statements_keep_their_numbers_authors_and_moderation(tmp_path):
    made = bring_in(make_export(tmp_path))
    rows = made.statements.order_by("pk").values_list(
        "imported_as", "moderation", "moderation_reason", "author__imported_as", "record__visibility"
    )
    assert list(rows) == [
        ("0", "accepted", "", "7", Visibility.PUBLIC),
        ("1", "accepted", "", "9", Visibility.PUBLIC),
        ("2", "rejected", "rejected in the imported conversation", "7", Visibility.STAFF),
    ]


def test_what_is_about_the_people_there_is_so_here(tmp_path):
    folder = make_export(tmp_path)
    text = COMMENTS.replace("moderated,", "moderated,is-meta,").replace("2,1,1,Ask", "2,1,1,true,Ask")
    (folder / "comments.csv").write_text(
        text.replace("0,0,", "0,0,false,").replace("1,-1,", "1,-1,,"), "utf-8"
    )
    assert list(bring_in(folder).statements.order_by("pk").values_list("is_meta", flat=True)) == [
        True,
        False,
        False,
    ]


def test_with_strict_what_was_not_moderated_waits(tmp_path):
    made = bring_in(make_export(tmp_path), strict=True)
    assert made.statements.get(imported_as="1").moderation == "waiting"


def test_votes_keep_their_times_and_their_revisions_in_order(tmp_path):
    made = bring_in(make_export(tmp_path))
    rows = Vote.objects.order_by("id").values_list(
        "participant__imported_as", "statement__imported_as", "n", "value"
    )
    assert list(rows) == [
        ("7", "0", 0, 1),
        ("8", "0", 0, -1),
        ("8", "0", 1, 1),
        ("7", "1", 0, 1),
        ("8", "2", 0, -1),
    ]
    assert Vote.objects.earliest("at").at == datetime(2017, 7, 14, 2, 43, 20, tzinfo=UTC)
    people = {row.imported_as: row for row in Participant.objects.all()}
    assert set(people) == {"7", "8", "9"}
    assert {(row.token_hash, len(row.secret)) for row in people.values()} == {(None, 32)}
    assert queries.list_votes_for_analysis(made)[2].size == 3


def test_a_matrix_stands_on_the_last_day(tmp_path):
    bring_in(make_export(tmp_path, MATRIX, "participants-votes.csv"))
    assert set(Vote.objects.values_list("at", "n")) == {(datetime(2017, 7, 14, 2, 42, tzinfo=UTC), 0)}
    assert Vote.objects.count() == 5


def test_the_opposite_sign_is_turned_round(tmp_path):
    turned = VOTES.replace(",1\n", ",x\n").replace(",-1\n", ",1\n").replace(",x\n", ",-1\n")
    bring_in(make_export(tmp_path, turned))
    assert list(Vote.objects.order_by("id").values_list("value", flat=True)) == [1, -1, 1, 1, -1]


def test_the_same_files_again_write_nothing(tmp_path):
    first = bring_in(make_export(tmp_path))
    before = (Record.objects.count(), Event.objects.count(), Vote.objects.count(), Source.objects.count())
    assert bring_in(tmp_path) == first
    assert before == (
        Record.objects.count(),
        Event.objects.count(),
        Vote.objects.count(),
        Source.objects.count(),
    )


def test_nothing_is_half_written(tmp_path, monkeypatch):
    monkeypatch.setattr("plenary.participation.actions.importing._name_authors", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        bring_in(make_export(tmp_path))
    assert (Consultation.objects.count(), Statement.objects.count(), Source.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize("name", ["london.youth.policing", "scoop-hivemind.ubi", "brexit-consensus"])
def test_a_real_conversation_gives_the_engine_what_the_files_hold(name):
    folder = CONVERSATIONS / name / "export"
    if not folder.is_dir():
        pytest.skip("the shared conversations are not here")
    made = bring_in(folder)
    export = read_export(folder)
    wanted = export.to_votes().select(np.array([int(s.moderated) != -1 for s in _by_id(export)]))
    people, statements, values, _ms = queries.list_votes_for_analysis(made)
    name_of = dict(Participant.objects.values_list("pk", "imported_as"))
    number_of = dict(Statement.objects.values_list("pk", "imported_as"))
    rows = zip(people.tolist(), statements.tolist(), values.tolist(), strict=True)
    mine = {(name_of[person], number_of[statement], value) for person, statement, value in rows}
    theirs = zip(
        wanted.participant_ids[wanted.rows].tolist(), wanted.statement_ids[wanted.indices].tolist(),
        wanted.values.tolist(), strict=True,
    )  # fmt: skip
    assert mine == set(theirs)


def _by_id(export):
    return sorted(export.statements, key=lambda statement: int(statement.id))
