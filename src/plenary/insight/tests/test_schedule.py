"""Analyses that nobody asked for: when they are due, and that the worker makes them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from plenary.insight import actions
from plenary.insight.models import Analysis
from plenary.insight.schedule import Known, is_enough, is_time, is_worth_it
from plenary.records.tests.factories import NOW

from .factories import CAMPS, analyse, cast_votes, make_two_camps, make_votes

DAY = timedelta(days=1)
OPEN = Known(is_open=True, closed_at=None, analysed_at=None, analysed_votes=0, failures=0, is_under_way=False)
CLOSED = {"is_open": False, "closed_at": NOW - DAY / 24}


@pytest.mark.parametrize(
    ("changes", "new", "due"),
    [
        ({}, 400, True),
        ({}, 49, False),
        ({"is_under_way": True}, 400, False),
        ({"is_open": False}, 400, False),  # paused, or its final round
        ({"analysed_at": NOW - DAY, "analysed_votes": 300}, 100, True),
        ({"analysed_at": NOW - DAY / 2, "analysed_votes": 300}, 100, False),
        ({"analysed_at": NOW - DAY, "analysed_votes": 360}, 40, False),
        ({"analysed_at": NOW - DAY, "analysed_votes": 9_000}, 100, False),  # hardly more
        ({"failures": 1, "analysed_at": NOW - DAY}, 400, True),
        ({"failures": 2, "analysed_at": NOW - DAY}, 400, False),  # the desk has to look
        ({**CLOSED, "analysed_at": NOW - DAY, "analysed_votes": 399}, 1, True),
        ({**CLOSED, "analysed_at": NOW, "analysed_votes": 399}, 1, False),
        ({**CLOSED, "analysed_at": NOW - DAY, "analysed_votes": 400}, 0, False),
        ({"is_open": False, "closed_at": NOW - 2 * DAY}, 400, False),  # for the desk
    ],
)
def test_when_it_is_due(changes, new, due):
    known = replace(OPEN, **changes)
    assert (is_time(known, NOW, DAY) and is_worth_it(known, new)) is due
    assert not is_time(known, NOW, None)


def test_seven_people_are_too_few():
    assert (is_enough(7), is_enough(8)) == (False, True)


@pytest.mark.django_db
class TestTick:
    def test_an_open_consultation_is_analysed_once(self):
        consultation = make_two_camps()
        actions.tick_analyses(NOW)
        actions.tick_analyses(NOW + timedelta(minutes=1))
        analysis = Analysis.objects.get()
        assert (analysis.consultation_id, analysis.record.events.first().actor) == (consultation.pk, None)
        actions.run_analysis(analysis=analysis, now=NOW)
        actions.tick_analyses(NOW + 2 * DAY)
        assert Analysis.objects.count() == 1  # no vote came since
        cast_votes(consultation, list(consultation.statements.order_by("pk")), CAMPS)
        actions.tick_analyses(NOW + 2 * DAY)
        assert Analysis.objects.count() == 2

    def test_votes_are_not_counted_before_it_is_time(self, django_assert_num_queries):
        analyse(make_two_camps())
        with django_assert_num_queries(3):  # what was interrupted, the consultations, the attempts of the one
            actions.tick_analyses(NOW + timedelta(minutes=1))

    def test_nothing_is_started_where_it_is_switched_off_or_too_few_voted(self, settings):
        make_votes([[1, -1]] * 3)
        actions.tick_analyses(NOW)
        make_two_camps()
        settings.PLENARY_ANALYSE_EVERY = 0
        actions.tick_analyses(NOW)
        assert not Analysis.objects.exists()

    def test_what_was_interrupted_is_said_to_be(self):
        analysis = analyse(make_two_camps())
        begun = NOW - timedelta(hours=5)
        Analysis.objects.update(state="running", started_at=begun, alive_at=NOW - timedelta(minutes=4))
        actions.tick_analyses(NOW)
        assert Analysis.objects.get().state == "running"
        actions.tick_analyses(NOW + timedelta(minutes=2))
        analysis.refresh_from_db()
        assert (analysis.state, analysis.error) == ("failed", actions.INTERRUPTED)
        assert analysis.record.events.filter(verb="analysis failed").count() == 1
