from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from plenary.kit.errors import Refused
from plenary.records.actions import carry_translations, put_text, put_translation
from plenary.records.models import FormerTranslation, Provenance, Translation
from plenary.records.tests.factories import NOW
from plenary.translations import actions, queries
from plenary.translations.tests.factories import by_machine, make_pool

pytestmark = pytest.mark.django_db


@pytest.fixture
def statement(db):
    _consultation, [made] = make_pool("Ask first.")
    return made


def say(statement, body="Demandez d’abord.", **more):
    given = {
        "text": statement.record.title, "record": statement.record, "part": "statement", "language": "fr",
        "body": body, "by": None, "now": NOW,
    }  # fmt: skip
    return actions.translate(**given | more)


def test_a_translation_is_written_with_its_event_which_holds_no_words(statement, bob):
    made = say(statement, by=bob)
    assert (made.body, made.provenance, made.translator, made.at) == (
        "Demandez d’abord.", Provenance.HUMAN, bob, NOW,
    )  # fmt: skip
    event = statement.record.events.get(verb="translated")
    assert event.actor == bob and event.changes["language"] == [None, "fr"]
    assert "Demandez" not in str(event.changes)


def test_strangers_do_not_translate(statement, charlie):
    with pytest.raises(PermissionDenied):
        say(statement, by=charlie)
    assert not Translation.objects.exists()


def test_the_text_of_the_strategy_is_for_the_desk(alice, bob):
    from plenary.strategy.tests.factories import make_version

    state = make_version().states.filter(title__isnull=False).first()
    given = {
        "text": state.title,
        "record": state.clause.record,
        "part": "title",
        "language": "fr",
        "body": "But",
    }
    with pytest.raises(PermissionDenied):
        actions.translate(**given, by=bob, now=NOW)
    assert actions.translate(**given, by=alice, now=NOW).body == "But"


def test_what_stood_there_is_kept(statement, alice, bob):
    say(statement, "Demandez.", by=bob)
    say(statement, "Demandez d’abord.", by=alice)
    [former] = FormerTranslation.objects.all()
    assert (former.body, former.translator) == ("Demandez.", bob)
    assert [past.body for past in queries.list_history(statement.record.title_id, "fr")] == [
        "Demandez d’abord.",
        "Demandez.",
    ]


def test_a_machine_is_reviewed_by_saving_its_words_or_better_ones(statement, bob):
    by_machine(statement, "Demandez premièrement.")
    assert say(statement, "Demandez premièrement.", by=bob).provenance == Provenance.REVIEWED
    assert say(statement, "Demandez d’abord.", by=bob).provenance == Provenance.REVIEWED


def test_two_at_once_keep_both_wordings(statement, alice, bob):
    say(statement, "Demandez.", by=bob, seen="none")
    with pytest.raises(actions.Meanwhile) as refused:
        say(statement, "Demandez d’abord.", by=alice, seen="none")
    assert refused.value.present.body == "Demandez."
    assert say(statement, "Demandez.", by=alice, seen="none").translator == bob  # the same words: no quarrel
    seen = queries.fingerprint(refused.value.present)
    assert say(statement, "Demandez d’abord.", by=alice, seen=seen).body == "Demandez d’abord."
    assert FormerTranslation.objects.get().body == "Demandez."


@pytest.mark.parametrize(
    ("body", "why"),
    [("  ", "empty"), ("x" * 20_001, "longer"), ("abc\u202edef", "cannot be seen"), ("<b>x</b>", "mark-up")],
)
def test_what_cannot_be_a_translation_is_refused(statement, body, why):
    with pytest.raises(Refused, match=why):
        say(statement, body)
    with pytest.raises(Refused, match="written in that language"):
        say(statement, language="en-GB")
    assert not Translation.objects.exists()


def test_placeholders_stay(statement):
    text = put_text("Write to {address} first.", "en")
    with pytest.raises(Refused, match="placeholder"):
        say(statement, "Écrivez d’abord.", text=text)
    assert say(statement, "Écrivez d’abord à {address}.", text=text).pk


def test_translations_of_edited_words_go_along_and_are_stale_until_confirmed(statement, bob):
    say(statement, by=bob)
    before = statement.record.title
    after = put_text("Ask people first.", "en")
    carry_translations(before=before, after=after)
    carried = Translation.objects.get(text=after)
    assert (carried.body, carried.source_hash, carried.translator) == ("Demandez d’abord.", before.hash, bob)
    assert say(statement, "Demandez d’abord.", text=after, by=bob).source_hash == after.hash


def test_an_unchanged_translation_leaves_no_former_one(statement):
    for _time in range(2):
        put_translation(text=statement.record.title, language="fr", body="Demandez.")
    assert not FormerTranslation.objects.exists()


def test_a_text_that_is_erased_takes_every_wording_of_its_translations_along(statement, alice, bob):
    from plenary.records.actions import bury_title

    say(statement, "Demandez.", by=bob)
    say(statement, "Demandez d’abord.", by=alice)
    erased = statement.record.title_id
    bury_title(record=statement.record, now=NOW)
    # What stands in its place has translations of its own: the program's words.
    assert not Translation.objects.filter(text=erased).exists()
    assert not Translation.objects.filter(body__contains="Demandez").exists()
    assert not FormerTranslation.objects.exists()
