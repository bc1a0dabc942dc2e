from __future__ import annotations

import pytest

from plenary.kit.errors import Refused
from plenary.kit.templatetags.kit import said
from plenary.records import actions
from plenary.records.models import Event, EvidenceLink, Record, Text
from plenary.records.texts import load_texts

from .factories import make_organization, make_source

pytestmark = pytest.mark.django_db


def test_numbers_are_given_once_in_order():
    assert list(actions.take_numbers("thing")) == [1]
    assert list(actions.take_numbers("thing", 3)) == [2, 3, 4]
    assert list(actions.take_numbers("other")) == [1]


def test_a_record_gets_number_reference_and_first_event(now, alice):
    record = actions.create_record(kind="source", title=actions.put_text("A study", "en"), by=alice, now=now)
    assert record.reference == f"SRC-{record.number}"
    event = record.events.get()
    assert (event.verb, event.actor, event.at) == ("created", alice, now)


def test_many_records_are_made_with_their_events(now):
    titles = actions.put_texts(["one", "two"], "en")
    records = actions.create_records(
        kind="source", titles=titles, by=None, now=now, visibility=["public", "staff"], verb="imported"
    )
    assert [record.number for record in records] == [1, 2]
    assert Event.objects.filter(verb="imported").count() == 2
    assert Record.objects.get(reference="SRC-2").visibility == "staff"


def test_a_text_never_changes():
    text = actions.put_text("before", "en")
    text.body = "after"
    with pytest.raises(TypeError, match="immutable"):
        text.save()
    assert Text.objects.get(pk=text.pk).body == "before"


def test_paragraphs_that_a_browser_sends_stay_paragraphs():
    text = actions.put_text("one\r\n\r\ntwo", "en", {"fr": "un\r\n\r\ndeux"})
    assert (text.body, text.translations.get().body) == ("one\n\ntwo", "un\n\ndeux")
    assert "<p>one</p><p>two</p>" in said(load_texts([text.pk], "en")[text.pk], block=True)


def test_evidence_is_linked_once_with_one_event_on_its_target(now, alice):
    study, office = make_source(), make_organization()
    for _ in range(2):
        actions.link_evidence(source=study.record, target=office.record, stance="supports", by=alice, now=now)
    assert EvidenceLink.objects.count() == 1
    assert office.record.events.filter(verb="evidence linked").count() == 1


def test_evidence_refuses_itself_and_unknown_stances(now):
    study, office = make_source(), make_organization()
    with pytest.raises(Refused):
        actions.link_evidence(source=study.record, target=study.record, stance="supports", by=None, now=now)
    with pytest.raises(Refused):
        actions.link_evidence(source=study.record, target=office.record, stance="likes", by=None, now=now)
    assert EvidenceLink.objects.count() == 0


def test_a_snapshot_keeps_its_bytes_and_their_hash(now):
    snapshot = actions.take_snapshot(content=b'{"k":1}', now=now)
    snapshot.refresh_from_db()
    assert bytes(snapshot.content) == b'{"k":1}'
    assert snapshot.sha256 == "a0da1fce57d0e4f9f0ae4e4cbe040d34dcc046255c6c8d18e97f55aaed0655f0"
