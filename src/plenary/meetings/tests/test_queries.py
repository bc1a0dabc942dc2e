from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext

from plenary.meetings import actions, queries, slots
from plenary.records.actions import create_record

from .factories import NOW, make_decision, make_item, make_meeting

pytestmark = pytest.mark.django_db

ANYBODY = AnonymousUser()


def test_meetings_come_newest_first_with_their_counts(office):
    old, new = make_meeting(held_on=date(2026, 1, 1)), make_meeting()
    make_decision(office, make_item(old))
    make_item(old)
    found = queries.list_meetings_for(ANYBODY, "en")
    assert [(each, each.item_count, each.decision_count) for each in found] == [(new, 0, 0), (old, 2, 1)]


def test_a_meeting_of_staff_is_not_public(office, bob):
    meeting = make_meeting(visibility="staff")
    decision = make_decision(office, make_item(meeting))
    assert queries.list_meetings_for(ANYBODY, "en") == []
    assert queries.get_decision_for(ANYBODY, decision.reference, "en") is None
    assert queries.get_decision_for(bob, decision.reference, "en") == decision


def test_a_hidden_record_keeps_its_title_and_its_decisions_stay(office):
    meeting = make_meeting()
    hidden = create_record(kind="source", title=None, by=None, now=NOW, visibility="staff")
    decision = make_decision(office, make_item(meeting, hidden))
    (item,) = queries.list_agenda(ANYBODY, meeting, "en")
    assert (item.shown, item.decided) == (None, [decision])


def test_open_decisions_come_overdue_first_and_waiting_last(office, bob, charlie):
    item = make_item(make_meeting(held_on=date(2026, 2, 1)))
    waiting = make_decision(office, item, due=None, trigger="A vote.")
    later = make_decision(office, item, due=date(2026, 5, 1))
    overdue = make_decision(office, item, due=date(2026, 3, 1), now=NOW - timedelta(days=20))
    done = make_decision(office, item)
    actions.close_decision(decision=done, state="done", outcome="So.", language="en", by=None, now=NOW)
    assert queries.list_open_decisions_of(bob, "en", date(2026, 3, 10)) == [overdue, later, waiting]
    assert queries.list_open_decisions_of(charlie, "en", date(2026, 3, 10)) == []


def test_the_edge_leads_from_what_was_looked_at_to_what_was_decided(office):
    decision = make_decision(office)
    assert list(queries.edges_agenda_to_decision()) == [(decision.item.record_id, decision.pk)]


def test_an_agenda_takes_a_constant_number_of_queries(office, alice):
    meeting = make_meeting()
    assert alice.roles

    def count() -> list[int]:
        counts = []
        for read in (
            lambda: queries.list_agenda(alice, meeting, "en"),
            lambda: queries.list_meetings_for(alice, "en"),
            lambda: queries.list_open_decisions_of(alice, "en", date(2026, 3, 10)),
        ):
            with CaptureQueriesContext(connection) as captured:
                read()
            counts.append(len(captured))
        return counts

    make_decision(alice.memberships.get().organization, make_item(meeting))
    before = count()
    for _ in range(3):
        make_decision(alice.memberships.get().organization, make_item(meeting))
    assert count() == before


def test_a_page_asks_its_subject_once_which_records_stand_for_it(office, rf):
    decision = make_decision(office)
    asked = []

    class Subject:
        @property
        def cited_records(self) -> set[int]:
            asked.append(1)
            return {decision.item.record_id}

    request = rf.get("/")
    request.user = ANYBODY
    assert slots.decisions_about(request, Subject())["decisions"] == [decision]
    assert len(asked) == 1
    assert slots.decisions_about(request, decision.item)["decisions"] == [decision]
