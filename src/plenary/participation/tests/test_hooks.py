"""What other modules see: slots, edges, the JSON of records."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string

from plenary.kit.desk import Urgency
from plenary.participation import permalinks, queries, slots
from plenary.participation.actions import write_statement
from plenary.participation.desk import desk
from plenary.participation.tokens import Voter
from plenary.records.tests.factories import make_organization, make_source

from .factories import NOW, cast, make_consultation, make_statements, make_voter

pytestmark = pytest.mark.django_db
ANYBODY = AnonymousUser()


def asked(rf, user=ANYBODY):
    request = rf.get("/")
    request.user = user
    return request


def test_a_clause_shows_the_consultations_about_it_and_the_desk_may_ask(rf, alice):
    subject = SimpleNamespace(record=make_organization("Clause").record)
    assert slots.clause(asked(rf), subject) is None
    shown = render_to_string("participation/_clause.html", slots.clause(asked(rf, alice), subject))
    assert "Ask people about this" in shown
    make_consultation(about=subject.record)
    shown = render_to_string("participation/_clause.html", slots.clause(asked(rf), subject))
    assert "Schools" in shown
    assert "Ask people" not in shown


def test_the_slot_of_a_clause_costs_the_same_at_any_number(rf, django_assert_num_queries):
    subject = SimpleNamespace(record=make_organization("Clause").record)
    for _ in range(4):
        make_statements(make_consultation(about=subject.record))
    with django_assert_num_queries(7):
        slots.clause(asked(rf), subject)


def test_home_and_desk_stay_empty_where_there_is_nothing(rf, alice, bob):
    assert slots.home(asked(rf), None) is None
    assert [task.urgency for task in desk(asked(rf, alice), NOW)] == [Urgency.BEGIN]
    assert list(desk(asked(rf, bob), NOW)) == []


def test_the_desk_reads_statements_and_sees_what_ends_soon(rf, alice):
    consultation = make_consultation(closes_at=NOW + timedelta(days=9))
    write_statement(
        consultation=consultation, voter=make_voter(consultation), body="One.", language="en", now=NOW
    )
    waiting, ahead, _ = desk(asked(rf, alice), NOW)
    assert (waiting.urgency, waiting.count, waiting.url) == (
        Urgency.WAITING, 1, f"/consultations/{consultation.reference}/moderation",
    )  # fmt: skip
    assert (ahead.urgency, ahead.day) == (Urgency.AHEAD, date(2026, 3, 11))


def test_who_holds_no_role_finds_the_questions_left_to_answer(rf, charlie):
    consultation = make_consultation()
    statement = make_statements(consultation)[0]
    assert [task.url for task in desk(asked(rf, charlie), NOW)] == [
        f"/consultations/{consultation.reference}"
    ]
    cast(statement, voter=Voter(user=charlie))
    assert list(desk(asked(rf, charlie), NOW)) == []


def test_the_trail_goes_from_source_to_consultation_to_statement():
    source = make_source()
    consultation = make_consultation(source=source)
    statement = make_statements(consultation)[0]
    assert list(queries.edges_source_to_consultation()) == [(source.pk, consultation.pk)]
    assert list(queries.edges_consultation_to_statement()) == [(consultation.pk, statement.pk)]


def test_the_json_tells_figures_and_never_who():
    about = make_organization("Clause").record
    consultation = make_consultation(about=about)
    statement = make_statements(consultation)[0]
    cast(statement, -1)
    data = permalinks.consultation_data(consultation.record, ANYBODY, "en")
    assert (data["about"], data["participants"], data["votes"], data["statements"]) == (
        about.reference,
        1,
        1,
        1,
    )
    assert data["opens_at"] < NOW.isoformat()
    data = permalinks.statement_data(statement.record, ANYBODY, "en")
    assert data["votes"] == {"agree": 0, "disagree": 1, "pass": 0}
    assert "author" not in data


def test_what_hides_has_no_json():
    consultation = make_consultation()
    consultation.record.visibility = "staff"
    consultation.record.save()
    assert permalinks.consultation_data(consultation.record, ANYBODY, "en") == {}
