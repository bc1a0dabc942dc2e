"""What became of a statement: in the order of time, never what was there before, at any number for the same price."""

from __future__ import annotations

from datetime import timedelta

import pytest

from plenary.records.actions import link_evidence, write_event
from plenary.records.models import Visibility
from plenary.records.tests.factories import NOW
from plenary.reports.outcomes import count_reached, list_outcomes

from .test_trail import make_consultation, make_finding, make_record, make_statements

pytestmark = pytest.mark.django_db


def later(record, days):
    record.created_at = NOW + timedelta(days=days)
    record.save(update_fields=["created_at"])
    return record


def led_to(source, target, days):
    link_evidence(source=source, target=later(target, days), stance="supports", by=None, now=NOW)
    return target


@pytest.fixture
def statement():
    return make_statements(make_consultation(), 1)[0]


def words_of(statement, user=None):
    return [step.words for step in list_outcomes([statement.record], user, "en")[statement.pk]]


def test_steps_come_in_order_with_their_days_and_titles(statement):
    finding = later(make_finding(statement), 1)
    change = led_to(finding, make_record("change"), 3)
    write_event(record=change, verb="accepted", by=None, now=NOW + timedelta(days=5))
    steps = list_outcomes([statement.record], None, "en")[statement.pk]
    assert [(step.at - NOW).days for step in steps] == [0, 1, 3, 5]
    assert [str(step.title) for step in steps] == ["", "A finding", "A change", ""]
    assert steps[-1].words == "That change was accepted."
    assert count_reached([statement.record], None)[0].finding


def test_what_was_there_before_did_not_come_of_it(statement):
    finding = later(make_finding(statement), 5)
    led_to(finding, make_record("report"), 2)
    assert words_of(statement) == [
        "It was written.",
        "An analysis of the votes found something that rests on it:",
    ]


def test_a_commitment_that_stood_already_is_told_as_such(statement):
    finding = later(make_finding(statement), 5)
    led_to(finding, make_record("commitment"), 2)
    assert words_of(statement)[-1] == "The clause is part of a commitment, on which is reported:"


def test_nothing_hidden_is_told(statement):
    finding = make_finding(statement)
    hidden = led_to(finding, make_record("change", Visibility.STAFF), 3)
    led_to(hidden, make_record("report"), 4)
    from django.contrib.auth.models import AnonymousUser

    assert len(words_of(statement, AnonymousUser())) == 2
    assert len(words_of(statement)) == 4


def test_repeated_analyses_are_told_once_and_where_they_led(statement):
    findings = [later(make_finding(statement), day) for day in range(1, 8)]
    led_to(findings[4], make_record("change"), 9)
    steps = list_outcomes([statement.record], None, "en")[statement.pk]
    assert [(step.at - NOW).days for step in steps] == [0, 1, 5, 9]


def test_any_number_of_statements_costs_the_same(django_assert_num_queries):
    statements = make_statements(make_consultation(), 6)
    for statement in statements:
        later(make_finding(statement), 1)
    records = [statement.record for statement in statements]
    with django_assert_num_queries(4):
        list_outcomes(records, None, "en")
    with django_assert_num_queries(3):
        count_reached(records, None)
    with django_assert_num_queries(0):
        assert list_outcomes([], None, "en") == {}
