"""Analyses that nobody asked for: when they are due, and that the worker makes them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from plenary.insight import actions
from plenary.insight.models import Analysis
from plenary.insight.schedule import Known, is_due
from plenary.records.tests.factories import NOW

from .factories import CAMPS, analyse, cast_votes, make_two_camps, make_votes

DAY = timedelta(days=1)
OPEN = Known(
    people=40, votes=400, is_open=True, closed_at=None, analysed_at=None, analysed_votes=0, failures=0,
    is_under_way=False,
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "due"),
    [
        ({}, True),
        ({"people": 7}, False),
        ({"votes": 49}, False),
        ({"is_under_way": True}, False),
        ({"is_open": False}, False),  # paused, or its final round
        ({"analysed_at": NOW - DAY, "analysed_votes": 300}, True),
        ({"analysed_at": NOW - DAY / 2, "analysed_votes": 300}, False),
        ({"analysed_at": NOW - DAY, "analysed_votes": 360}, False),  # 40 votes more
        ({"analysed_at": NOW - DAY, "analysed_votes": 9_000, "votes": 9_100}, False),  # hardly more
        ({"failures": 1, "analysed_at": NOW - DAY}, True),
        ({"failures": 2, "analysed_at": NOW - DAY}, False),  # the desk has to look
        (
            {"is_open": False, "closed_at": NOW - DAY / 24, "analysed_at": NOW - DAY, "analysed_votes": 399},
            True,
        ),
        ({"is_open": False, "closed_at": NOW - DAY / 24, "analysed_at": NOW, "analysed_votes": 399}, False),
        (
            {"is_open": False, "closed_at": NOW - DAY / 24, "analysed_at": NOW - DAY, "analysed_votes": 400},
            False,
        ),
        ({"is_open": False, "closed_at": NOW - 2 * DAY}, False),  # for the desk
    ],
)
def test_when_it_is_due(changes, due):
    assert is_due(replace(OPEN, **changes), NOW, DAY) is due
    assert not is_due(replace(OPEN, **changes), NOW, None)


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

    def test_nothing_is_started_where_it_is_switched_off_or_too_few_voted(self, settings):
        make_votes([[1, -1]] * 3)
        actions.tick_analyses(NOW)
        make_two_camps()
        settings.PLENARY_ANALYSE_EVERY = 0
        actions.tick_analyses(NOW)
        assert not Analysis.objects.exists()

    def test_what_was_interrupted_is_said_to_be(self):
        analysis = analyse(make_two_camps())
        Analysis.objects.update(state="running", started_at=NOW - timedelta(minutes=59))
        actions.tick_analyses(NOW)
        assert Analysis.objects.get().state == "running"
        actions.tick_analyses(NOW + timedelta(minutes=2))
        analysis.refresh_from_db()
        assert (analysis.state, analysis.error) == ("failed", actions.INTERRUPTED)
        assert analysis.record.events.filter(verb="analysis failed").count() == 1
