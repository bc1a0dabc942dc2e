"""Themes of texts: which belong together, what is said where there are none, and what is not shown any more."""

from __future__ import annotations

import json
import random

import pytest

from plenary.insight.models import AnalysisPart
from plenary.insight.themes import list_sources
from plenary.participation.actions import erase_participant
from plenary.participation.models import Participant, Statement
from plenary.participation.tests.factories import make_consultation, make_statements
from plenary.records.actions import put_texts
from plenary.records.models import Provenance, Translation
from plenary.records.tests.factories import NOW

from .factories import analyse, cast_votes, make_two_camps, make_votes

pytestmark = pytest.mark.django_db

SMALL = ["the", "we", "should", "more", "and", "for", "need", "all", "our", "must"]


def _planted(words: str, seed: int) -> tuple[str, ...]:
    """Texts of one matter: four of its words, five of everybody's."""
    dice = random.Random(seed)
    texts = [dice.choices(words.split(), k=4) + dice.choices(SMALL, k=5) for _ in range(15)]
    for text in texts:
        dice.shuffle(text)
    return tuple(" ".join(text) for text in texts)


BUSES = _planted("train bus station road bicycle traffic ticket railway parking tram", 0)
TEACHERS = _planted("school teacher pupil class lesson homework exam university learning books", 1)
RIVERS = _planted("river lake water rain clean fish swim pollution farm irrigation", 2)
DOCTORS = _planted("doctor hospital nurse medicine clinic patient surgery vaccine dentist illness", 3)
MATTERS = (BUSES, TEACHERS, RIVERS, DOCTORS)


def make_matters():
    consultation = make_consultation()
    statements = make_statements(consultation, *(text for matter in MATTERS for text in matter))
    sides = [[side] * 30 + [-side] * 30 for side in (1, -1) for _person in range(12)]
    cast_votes(consultation, statements, sides)
    return consultation


def page_of(client, consultation, query=""):
    response = client.get(f"/consultations/{consultation.reference}/results/themes{query}")
    return response.status_code, response.content.decode()


def themes_of(analysis):
    part = AnalysisPart.objects.select_related("snapshot").get(analysis=analysis, name="themes")
    return json.loads(bytes(part.snapshot.content))


def test_texts_of_one_matter_stand_together_with_their_words_and_votes(client):
    consultation = make_matters()
    analysis = analyse(consultation)
    data = themes_of(analysis)
    assert len(data["themes"]) > 1
    for theme in data["themes"]:
        bodies = [Statement.objects.get(record__reference=key).record.title.body for key in theme["texts"]]
        assert sum(any(body in matter for body in bodies) for matter in MATTERS) == 1
    stored = json.dumps(data)
    assert "railway" not in stored and "teacher" not in stored  # references, no words
    status, page = page_of(client, consultation)
    assert status == 200
    assert 'id="theme-1"' in page and 'id="theme-2"' in page
    assert '<bdi lang="en">pupil</bdi>' in page and '<bdi lang="en">railway</bdi>' in page
    assert f"{len(data['themes'])} themes stand out among 60 texts." in page
    assert "Everyone: 50" in page
    assert page_of(client, consultation, "?theme=1")[0] == 200
    assert page_of(client, consultation, "?theme=9")[0] == 404
    assert page_of(client, consultation, "?theme=x")[0] == 404


def test_an_erased_text_is_quoted_nowhere_and_its_words_go(client):
    consultation = make_matters()
    analysis = analyse(consultation)
    author = Participant.objects.first()
    Statement.objects.filter(record__title__body__in=TEACHERS).update(author=author)
    erase_participant(participant=author, by=None, now=NOW)
    _status, page = page_of(client, consultation)
    assert "pupil" not in page
    assert "of its texts were erased or are no longer public." in page
    assert any(f'<bdi lang="en">{word}</bdi>' in page for word in ("train", "bus", "railway", "tram"))
    number = next(at for at, theme in enumerate(themes_of(analysis)["themes"], 1) if f"theme-{at}" in page)
    assert "pupil" not in page_of(client, consultation, f"?theme={number}")[1]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "There was 1 text."),
        ([[1, -1, 0]], "There were 3 texts."),
        ([[0, 0], [0, 0], [0, 0]], "There were 2 texts."),
    ],
)
def test_where_there_are_none_it_says_so(client, rows, said):
    consultation = make_votes(rows)
    analyse(consultation)
    status, page = page_of(client, consultation)
    assert status == 200 and said in page and 'id="theme-1"' not in page


def test_words_in_random_order_have_no_themes(client):
    dice = random.Random(3)
    words = [*SMALL, *["house", "garden", "stone", "cloud", "paper", "window", "silver", "forest"]]
    consultation = make_consultation()
    statements = make_statements(consultation, *[" ".join(dice.sample(words, 8)) for _ in range(30)])
    cast_votes(consultation, statements, [[1] * 30] * 5)
    analyse(consultation)
    status, page = page_of(client, consultation)
    assert status == 200 and "No clear themes among 30 texts" in page


def test_where_all_statements_were_rejected_there_is_nothing_to_look_at(client):
    consultation = make_two_camps()
    Statement.objects.update(moderation="rejected", moderation_reason="off-topic")
    analyse(consultation)
    status, page = page_of(client, consultation)
    assert status == 200 and "There was no published text to look at." in page


def test_texts_in_two_languages_meet_in_their_translations(client):
    consultation = make_matters()
    statements = list(
        Statement.objects.filter(record__title__body__in=BUSES[:4]).select_related("record__title")
    )
    french = ("Plus de bus", "Les bus du dimanche", "Des billets moins chers", "Des voies pour les bus")
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
    assert data["common_language"] == "en" and data["languages"] == {"en": 56, "fr": 4}
    assert any(theme["languages"].get("fr") and theme["languages"].get("en") for theme in data["themes"])
    _status, page = page_of(client, consultation)
    assert "compared by their translations: English" in page
    Translation.objects.all().delete()
    assert themes_of(analyse(consultation))["common_language"] == ""


def test_what_is_hidden_from_the_reader_is_no_text_of_the_page(client):
    consultation = make_matters()
    analyse(consultation)
    hidden = Statement.objects.get(record__title__body=BUSES[0])
    hidden.record.visibility = "staff"
    hidden.record.save()
    assert hidden.reference not in {one.key for one in list_sources(consultation)}
    _status, page = page_of(client, consultation)
    assert BUSES[0] not in page and "1 of its texts was erased or is no longer public." in page


def test_a_theme_leads_to_a_change_for_those_who_work_here(client, alice):
    analysis = analyse(make_matters())
    _status, page = page_of(client, analysis.consultation)
    assert "/changes/new" not in page
    client.force_login(alice)
    _status, page = page_of(client, analysis.consultation)
    first = themes_of(analysis)["themes"][0]["typical"][0]
    assert f'<input type="hidden" name="evidence" value="{first}">' in page
    form = client.get("/changes/new", {"evidence": first})
    assert form.status_code == 200 and first in form.content.decode()
