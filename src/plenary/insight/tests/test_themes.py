"""Themes of texts: which belong together, what is said where there are none, and what is not shown any more."""

from __future__ import annotations

import json

import pytest

from plenary.insight.models import AnalysisPart
from plenary.insight.themes import list_sources
from plenary.participation.actions import erase_participant
from plenary.participation.models import Participant, Statement
from plenary.participation.tests.factories import make_consultation, make_statements
from plenary.records.models import Provenance, Translation
from plenary.records.tests.factories import NOW

from .factories import analyse, cast_votes, make_two_camps, make_votes

pytestmark = pytest.mark.django_db

BUSES = (
    "More buses at night", "Buses should run at weekends", "Cheaper bus tickets", "Bus lanes on every main road",
    "Buses for villages without a bus stop", "Night buses are too rare", "A bus every ten minutes",
    "Electric buses only", "Bus drivers need better pay", "Free bus tickets for pupils",
    "Bus stops need a roof", "Buses must wait for trains",
)  # fmt: skip
TEACHERS = (
    "Smaller classes with one teacher each", "Teachers need time to prepare lessons", "Schools need more teachers",
    "A teacher for every small class", "Pay teachers in villages more", "Teachers should train every year",
    "School lessons start too early", "Teachers must not do paper work", "Lessons with two teachers",
    "Schools without enough teachers must close", "Let teachers choose the school books",
    "Every school needs a music teacher",
)  # fmt: skip


def make_two_themes():
    consultation = make_consultation()
    statements = make_statements(consultation, *BUSES, *TEACHERS)
    sides = [[1] * 12 + [-1] * 12 if person % 2 else [-1] * 12 + [1] * 12 for person in range(24)]
    cast_votes(consultation, statements, sides)
    return consultation


def page_of(client, consultation, query=""):
    response = client.get(f"/consultations/{consultation.reference}/results/themes{query}")
    return response.status_code, response.content.decode()


def themes_of(analysis):
    part = AnalysisPart.objects.select_related("snapshot").get(analysis=analysis, name="themes")
    return json.loads(bytes(part.snapshot.content))


def test_texts_of_one_matter_stand_together_with_their_words_and_votes(client):
    consultation = make_two_themes()
    analysis = analyse(consultation)
    data = themes_of(analysis)
    assert len(data["themes"]) == 2
    for theme in data["themes"]:
        bodies = [Statement.objects.get(record__reference=key).record.title.body for key in theme["texts"]]
        assert all(body in BUSES for body in bodies) or all(body in TEACHERS for body in bodies)
    stored = json.dumps(data)
    assert "bus" not in stored and "teacher" not in stored  # references, no words
    status, page = page_of(client, consultation)
    assert status == 200
    assert 'id="theme-1"' in page and 'id="theme-2"' in page
    assert '<bdi lang="en">teachers</bdi>' in page
    assert "2 themes stand out among 24 texts." in page
    assert "Everyone: 50" in page
    assert page_of(client, consultation, "?theme=1")[0] == 200
    assert page_of(client, consultation, "?theme=9")[0] == 404
    assert page_of(client, consultation, "?theme=x")[0] == 404


def test_an_erased_text_is_quoted_nowhere_and_its_words_go(client):
    consultation = make_two_themes()
    analyse(consultation)
    author = Participant.objects.first()
    Statement.objects.filter(record__title__body__in=TEACHERS).update(author=author)
    erase_participant(participant=author, by=None, now=NOW)
    _status, page = page_of(client, consultation)
    assert "eacher" not in page
    assert "12 of its texts were erased or are no longer public." in page
    assert '<bdi lang="en">bus</bdi>' in page or '<bdi lang="en">buses</bdi>' in page
    for number in (1, 2):
        assert "eacher" not in page_of(client, consultation, f"?theme={number}")[1]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "There was 1 text."),
        ([[1, -1, 0]], "There were 3 texts."),
        ([[0, 0], [0, 0], [0, 0]], "There were 2 texts."),
        ([[1] * 30] * 5, "No clear themes among 30 texts"),
    ],
)
def test_where_there_are_none_it_says_so(client, rows, said):
    consultation = make_votes(rows)
    analyse(consultation)
    status, page = page_of(client, consultation)
    assert status == 200 and said in page and 'id="theme-1"' not in page


def test_where_all_statements_were_rejected_there_is_nothing_to_look_at(client):
    consultation = make_two_camps()
    Statement.objects.update(moderation="rejected", moderation_reason="off-topic")
    analyse(consultation)
    status, page = page_of(client, consultation)
    assert status == 200 and "There was no published text to look at." in page


def test_texts_in_two_languages_meet_in_their_translations(client):
    consultation = make_two_themes()
    statements = list(
        Statement.objects.filter(record__title__body__in=BUSES[:4]).select_related("record__title")
    )
    french = ("Plus de bus", "Les bus du dimanche", "Des billets moins chers", "Des voies pour les bus")
    from plenary.records.actions import put_texts

    for statement, text in zip(statements, put_texts(french, "fr"), strict=True):
        original = statement.record.title
        statement.record.title = text
        statement.record.save()
        Translation.objects.create(
            text=text,
            language="en",
            body=original.body,
            source_hash=text.hash,
            provenance=Provenance.HUMAN,
            at=NOW,
        )
    data = themes_of(analyse(consultation))
    assert data["common_language"] == "en" and data["languages"] == {"en": 20, "fr": 4}
    assert [sum(theme["languages"].values()) for theme in data["themes"]] == [12, 12]
    _status, page = page_of(client, consultation)
    assert "compared by their translations: English" in page
    Translation.objects.all().delete()
    assert themes_of(analyse(consultation))["common_language"] == ""


def test_what_is_hidden_from_the_reader_is_no_text_of_the_page(client):
    consultation = make_two_themes()
    analyse(consultation)
    hidden = Statement.objects.get(record__title__body=BUSES[0])
    hidden.record.visibility = "staff"
    hidden.record.save()
    assert hidden.reference not in {one.key for one in list_sources(consultation)}
    _status, page = page_of(client, consultation)
    assert BUSES[0] not in page and "1 of its texts was erased or is no longer public." in page
