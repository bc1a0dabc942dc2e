from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser

from plenary.participation.models import Statement
from plenary.participation.tests.factories import cast, make_statements
from plenary.records.actions import carry_translations, put_text, put_translation, set_title
from plenary.records.tests.factories import NOW
from plenary.translations import queries
from plenary.translations.queries import State
from plenary.translations.tests.factories import by_machine, make_pool

pytestmark = pytest.mark.django_db


def test_the_four_states(alice):
    consultation, made = make_pool("One.", "Two.", "Three.", "Four.")
    by_machine(made[1], "Deux.")
    put_translation(text=made[2].record.title, language="fr", body="Trois.")
    put_translation(text=made[3].record.title, language="fr", body="Quatre.")
    after = put_text("Four and more.", "en")
    carry_translations(before=made[3].record.title, after=after)
    set_title(record=made[3].record, title_id=after.pk)
    work = queries.load_work(alice, NOW)
    states = [work.state_of(each.record.title_id, "fr") for each in made]
    assert states == [State.MISSING, State.MACHINE, State.DONE, State.STALE]
    assert work.state_of(made[0].record.title_id, "en") is None
    [whole] = [whole for whole in work.wholes("en") if whole.key == consultation.reference]
    progress = work.progress("fr", whole.texts)
    assert (progress.total, progress.done, progress.left, progress.percent) == (6, 1, 5, 16)
    [item] = queries.list_items(work, [after.pk], "fr")
    assert item.proposal == "Quatre."
    assert [part.text for part in item.changes if part.operation == "insert"] == [" and more"]


def test_what_is_voted_on_most_comes_first_and_open_consultations_before_others(alice):
    from datetime import timedelta

    make_pool("Past.", opens_at=NOW - timedelta(days=9), closes_at=NOW - timedelta(days=2))
    _consultation, made = make_pool("One.", "Two.")
    cast(made[1])
    work = queries.load_work(alice, NOW)
    found = [work.pieces[pk] for pk in work.find("fr")]
    parts = [(piece.part, piece.record) for piece in found]
    assert parts[0][0] == "question" and parts[0][1] == made[0].consultation_id
    statements = [piece.record for piece in found if piece.part == "statement"]
    assert statements[:2] == [made[1].pk, made[0].pk]
    assert not found[-1].urgent


def test_only_what_one_sees_and_what_was_accepted(alice, bob):
    _consultation, made = make_pool("One.", "Two.")
    Statement.objects.filter(pk=made[0].pk).update(moderation="waiting")
    texts = queries.load_work(bob, NOW).pieces
    assert made[0].record.title_id not in texts and made[1].record.title_id in texts


def test_a_statement_in_the_language_wanted_needs_nothing(alice):
    consultation, _made = make_pool("One.")
    from plenary.participation.actions import add_seed_statements

    [french] = add_seed_statements(
        consultation=consultation, statements=["Une."], language="fr-CA", by=None, now=NOW
    )
    work = queries.load_work(alice, NOW)
    assert work.state_of(french.record.title_id, "fr") is None
    assert work.state_of(french.record.title_id, "en") == State.MISSING


def test_a_language_that_is_not_offered_is_not_wanted(alice):
    consultation, [made] = make_pool("One.")
    consultation.languages = ["en", "ar"]
    consultation.save(update_fields=["languages"])
    work = queries.load_work(alice, NOW)
    assert work.state_of(made.record.title_id, "fr") is None
    assert work.state_of(made.record.title_id, "ar") == State.MISSING


@pytest.mark.parametrize("tag", ["zh", "zh-hans", "zh-Hant"])
def test_chinese_is_one_language_under_the_tags_of_the_interface(alice, tag):
    _consultation, [made] = make_pool("One.")
    put_translation(text=made.record.title, language=tag, body="一。")
    work = queries.load_work(alice, NOW)
    assert work.state_of(made.record.title_id, "zh-hans") == State.DONE or tag == "zh-Hant"
    assert work.state_of(made.record.title_id, "zh") == (State.MISSING if tag == "zh-Hant" else State.DONE)
    assert [each for each in work.languages() if each.startswith("zh")] == list(dict.fromkeys(["zh", tag]))[
        : 1 + (tag == "zh-Hant")
    ]


def test_the_number_of_queries_does_not_grow(alice):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    consultation, _made = make_pool("One.")

    queries.load_work(alice, NOW)  # counts of what is shown are kept for a minute

    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            work = queries.load_work(alice, NOW)
            work.wholes("en")
            queries.list_items(work, work.find("fr"), "fr", "es")
        return len(captured)

    before = cost()
    make_statements(consultation, *(f"Statement {number}." for number in range(30)))
    assert cost() == before < 30


def test_strangers_find_nothing(charlie):
    make_pool("One.")
    assert queries.load_work(charlie, NOW).pieces == {}
    assert queries.load_work(AnonymousUser(), NOW).pieces == {}
