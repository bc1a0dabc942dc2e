from __future__ import annotations

import pytest

from plenary.kit import manifest
from plenary.records import actions
from plenary.records.models import ConsumerCursor, Notice
from plenary.records.outbox import run_consumers

from .factories import make_source

pytestmark = pytest.mark.django_db


def test_followers_get_one_notice_for_each_event_but_their_own(now, alice, bob):
    study = make_source()
    run_consumers()
    actions.follow(record=study.record, user=alice)
    actions.follow(record=study.record, user=bob)
    actions.write_event(record=study.record, verb="corrected", by=bob, now=now)
    run_consumers()
    run_consumers()
    assert [(notice.user, notice.event.verb) for notice in Notice.objects.all()] == [(alice, "corrected")]


def test_a_consumer_that_fails_keeps_its_place_and_stops_nobody(monkeypatch, now, caplog):
    seen = []
    functions = {"bad": lambda events: 1 / 0, "good": seen.extend}
    monkeypatch.setattr(manifest, "consumers", lambda: [manifest.Consumer(name, name) for name in functions])
    monkeypatch.setattr(manifest, "resolve", functions.__getitem__)
    make_source()
    run_consumers()
    assert [event.verb for event in seen] == ["created"]
    assert ConsumerCursor.objects.get(name="good").position == seen[-1].id
    assert not ConsumerCursor.objects.filter(name="bad", position__gt=0).exists()
    assert "bad failed" in caplog.text
