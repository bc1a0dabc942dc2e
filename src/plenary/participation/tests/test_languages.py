"""One tally in whatever language the card was read, and figures for each language that tell of nobody."""

from __future__ import annotations

import pytest

from plenary.participation import queries
from plenary.participation.actions import take_vote
from plenary.participation.queries.languages import _hide
from plenary.participation.tests.factories import NOW, make_consultation, make_statements, make_voter
from plenary.participation.tests.survey_factories import make_survey
from plenary.records.actions import put_translation

pytestmark = pytest.mark.django_db


@pytest.fixture
def pool(db):
    consultation = make_consultation()
    return consultation, make_statements(consultation, "One.", "Two.")


def read_in(pool, language: str, people: int, statements: int = 1) -> None:
    for _person in range(people):
        voter = make_voter(pool[0])
        for statement in pool[1][:statements]:
            take_vote(
                consultation=pool[0], voter=voter, statement=statement.reference, n=0, value=1, language=language,
                now=NOW,
            )  # fmt: skip


def test_one_tally_whatever_language_the_card_was_read_in(pool):
    read_in(pool, "en", 6)
    read_in(pool, "fr", 5)
    shares = queries.count_shares([pool[1][0].pk])[pool[1][0].pk]
    assert shares.agree == 11


def test_people_and_votes_for_each_language_and_progress(pool, alice, client):
    read_in(pool, "en", 6, statements=2)
    read_in(pool, "fr", 5)
    put_translation(text=pool[1][0].record.title, language="fr", body="Une.")
    rows = {row.language: row for row in queries.list_read_in(pool[0], alice, NOW)}
    assert (rows["en"].people, rows["en"].votes) == (6, 12) and (rows["fr"].people, rows["fr"].votes) == (
        5,
        5,
    )
    assert (rows["fr"].progress.done, rows["fr"].progress.total) == (1, 4)
    assert (rows["ar"].people, rows["ar"].progress.missing) == (0, 4)
    page = " ".join(client.get("/consultations/CON-1/languages").content.decode().split())
    assert "11 people, 17 votes" in page and "1 of 4" in page and "/translations/" not in page
    client.force_login(alice)
    assert "/translations/fr?of=CON-1" in client.get("/consultations/CON-1/languages").content.decode()
    told = client.get("/api/v1/consultations/CON-1/languages").json()
    assert (told["people"], told["votes"], told["offered"]) == (11, 17, [])
    assert told["rows"][0]["language"] == "en" and told["rows"][1]["translations"]["done"] == 1


def test_few_people_are_hidden_and_others_with_them(pool, client):
    read_in(pool, "en", 9)
    read_in(pool, "fr", 6)
    read_in(pool, "ru", 3)
    told = {
        row["language"]: row for row in client.get("/api/v1/consultations/CON-1/languages").json()["rows"]
    }
    assert (told["ru"]["people"], told["ru"]["votes"], told["fr"]["votes"]) == (None, None, None)
    assert told["en"]["people"] == 9
    assert "hidden" in client.get("/consultations/CON-1/languages").content.decode()


@pytest.mark.parametrize(
    "people", [[3], [9, 1], [9, 1, 1], [8, 7, 2], [9, 5, 4, 1], [100, 2, 2, 2], [6, 6], [9, 0]]
)
def test_no_hidden_number_comes_back_by_subtraction(people):
    hidden = _hide(people)
    assert all(is_hidden for number, is_hidden in zip(people, hidden, strict=True) if 0 < number < 5)
    together = [number for number, is_hidden in zip(people, hidden, strict=True) if is_hidden]
    assert not together or len(people) == 1 or (len(together) > 1 and sum(together) >= 5)


def test_a_consultation_is_offered_in_its_languages(pool, client):
    consultation, made = pool
    put_translation(text=made[0].record.title, language="fr", body="Une.")
    put_translation(text=made[1].record.title, language="fr", body="Deux.")
    put_translation(text=made[0].record.title, language="ar", body="واحد.")
    put_translation(text=made[1].record.title, language="ar", body="اثنان.")
    consultation.languages = ["fr", "en"]
    consultation.save()
    assert queries.reading_language(consultation, "en-GB") == "en-GB"
    assert queries.reading_language(consultation, "ar") == "fr"
    page = client.get("/consultations/CON-1?lang=ar").content.decode()
    assert 'name="language" value="fr"' in page and "واحد" not in page
    switch = page.split('aria-label="Languages of this consultation"')[1].split("</nav>")[0]
    assert 'hreflang="fr" aria-current="true"' in switch and 'hreflang="en"' in switch
    assert 'name="language" value="en"' in client.get("/consultations/CON-1?lang=en").content.decode()
    rows = {row["language"] for row in client.get("/api/v1/consultations/CON-1/languages").json()["rows"]}
    assert rows == {"fr", "en"}


def test_who_may_not_see_the_consultation_sees_none_of_it(pool, client):
    pool[0].record.visibility = "staff"
    pool[0].record.save()
    assert client.get("/consultations/CON-1/languages").status_code == 404
    assert client.get("/api/v1/consultations/CON-1/languages").status_code == 404
    assert client.get("/consultations/CON-9/languages").status_code == 404
    assert client.post("/consultations/CON-1/languages").status_code == 405


def test_the_number_of_queries_does_not_grow(pool, alice, django_assert_max_num_queries):
    read_in(pool, "en", 6, statements=2)
    make_statements(pool[0], *(f"Statement {number}." for number in range(20)))
    with django_assert_max_num_queries(24):
        queries.list_read_in(pool[0], alice, NOW)


def test_translators_find_what_surveys_ask(alice, bob):
    """What people are asked comes before what they say, and a draft is for those who see it."""
    survey = make_survey()
    make_statements(survey.consultation, "One.")
    pieces = [piece for piece in queries.texts(bob, NOW) if piece.whole == survey.consultation_id]
    parts = {piece.part for piece in pieces if piece.record == survey.pk}
    assert {"title", "question", "option"} <= parts
    weights = {piece.part: piece.weight for piece in pieces}
    assert weights["option"] > weights["statement"] and all(piece.urgent for piece in pieces)
    draft = make_survey(published=False)
    assert not [piece for piece in queries.texts(bob, NOW) if piece.record == draft.pk]
    assert [piece for piece in queries.texts(alice, NOW) if piece.record == draft.pk]
