from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser

from plenary.people.tests.factories import make_user
from plenary.records import actions, queries
from plenary.records.models import Visibility
from plenary.records.texts import direction_of, load_texts, with_texts

from .factories import make_source

pytestmark = pytest.mark.django_db


@pytest.fixture
def hidden(now, office):
    """One record for everybody, one for staff, one for the office."""
    return {
        visibility: actions.create_record(
            kind="source", title=None, by=None, now=now, visibility=visibility, organization=office
        )
        for visibility in Visibility.values
    }


def seen_by(user, records) -> set[str]:
    found = set(queries.list_records_for(user).filter(kind="source"))
    return {name for name, record in records.items() if record in found}


def test_everybody_sees_what_the_rule_gives_them(hidden, alice, bob, charlie, unit):
    assert seen_by(AnonymousUser(), hidden) == {"public"}
    assert seen_by(charlie, hidden) == {"public"}
    assert seen_by(make_user("dora", ("committee", unit)), hidden) == {"public", "staff"}
    assert seen_by(bob, hidden) == {"public", "staff", "organization"}
    assert seen_by(alice, hidden) == {"public", "staff", "organization"}


def test_an_invisible_record_is_not_found(hidden, charlie):
    assert queries.get_record_for(charlie, hidden["staff"].reference) is None
    assert queries.get_record_for(charlie, hidden["public"].reference) == hidden["public"]


def test_a_text_is_shown_in_the_readers_language_and_says_where_it_comes_from():
    text = actions.put_text("Good morning", "en", {"fr": "Bonjour"})
    assert str(load_texts([text.id], "fr")[text.id]) == "Bonjour"
    said = load_texts([text.id], "fr-CA")[text.id]
    assert (said.body, said.is_translation, said.original_body) == ("Bonjour", True, "Good morning")
    assert load_texts([text.id], "ru")[text.id].body == "Good morning"
    assert not load_texts([text.id], "en")[text.id].is_translation


def test_a_translation_of_other_words_is_stale():
    text = actions.put_text("Good morning", "en", {"fr": "Bonjour"})
    text.translations.update(source_hash="0" * 64)
    assert load_texts([text.id], "fr")[text.id].is_stale


def test_a_page_of_texts_costs_one_query(django_assert_num_queries):
    sources = [make_source(f"Study {number}") for number in range(5)]
    with django_assert_num_queries(1):
        with_texts(sources, "ar", title="record.title_id")
    assert str(sources[0].said["title"]) == "Study 0"


def test_directions():
    assert [direction_of(tag) for tag in ("ar", "he-IL", "zh-Hans", "en")] == ["rtl", "rtl", "ltr", "ltr"]
