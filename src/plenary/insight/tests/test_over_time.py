"""Results one after the other."""

from __future__ import annotations

import pytest

from plenary.insight import queries
from plenary.insight.models import AnalysisPart
from plenary.insight.over_time import Line, thin
from plenary.participation.models import Statement

from .factories import CAMPS, analyse, cast_votes, make_two_camps, make_votes

pytestmark = pytest.mark.django_db


def page_of(client, consultation):
    response = client.get(f"/consultations/{consultation.reference}/results/time")
    assert response.status_code == 200
    return response.content.decode()


def statements_of(consultation):
    return list(Statement.objects.filter(consultation=consultation).order_by("pk"))


def test_one_analysis_is_no_series(client):
    consultation = make_two_camps()
    analyse(consultation)
    assert "The votes have been analysed once." in page_of(client, consultation)


def test_the_same_votes_analysed_twice_are_one_moment(client):
    consultation = make_two_camps()
    analyse(consultation)
    analyse(consultation)
    assert "The votes have been analysed once." in page_of(client, consultation)


def test_people_shares_and_findings_are_followed(client):
    consultation = make_two_camps()
    first = analyse(consultation)
    statements = statements_of(consultation)
    # Another forty who disagree with the first idea: what everybody shared is shared no more.
    cast_votes(consultation, statements, [[-1, *row[1:]] for row in CAMPS] * 2)
    second = analyse(consultation)
    page = page_of(client, consultation)
    assert first.reference in page and second.reference in page
    assert ">32<" in page and ">96<" in page
    assert "no longer found" in page and "found each time" in page
    assert "the intervals overlap" in page
    assert "the intervals lie apart" in page


def test_programs_follow_people_shares_and_findings_too(client):
    consultation = make_two_camps()
    first = analyse(consultation)
    statements = statements_of(consultation)
    cast_votes(consultation, statements, [[-1, *row[1:]] for row in CAMPS] * 2)
    second = analyse(consultation)
    told = client.get(f"/api/v1/consultations/{consultation.reference}/results/time").json()
    assert [one["analysis"] for one in told["moments"]] == [first.reference, second.reference]
    assert [one["people"] for one in told["moments"]] == [32, 96] and told["results"] == 2
    row = next(one for one in told["statements"] if one["statement"] == statements[0].reference)
    assert row["found_as"] == ["consensus", None]
    assert [(one["agree"], one["disagree"], one["pass"]) for one in row["shares"]] == [
        (32, 0, 0),
        (32, 64, 0),
    ]
    assert 0.2 < row["shares"][1]["low"] < 1 / 3 < row["shares"][1]["high"] < 0.5


def test_what_was_shared_and_parts_people_now_is_said_first():
    moments = [None, None]
    turned = Line(None, ("consensus", "division"), moments)
    assert turned.is_changed and turned.stays
    assert not Line(None, ("division", "division"), moments).is_changed
    assert not Line(None, ("", "division"), moments).is_changed


def test_programs_are_told_that_there_is_none(client):
    assert client.get("/api/v1/consultations/CON-9/results/time").status_code == 404
    consultation = make_two_camps()
    assert client.get(f"/api/v1/consultations/{consultation.reference}/results/time").status_code == 404


def test_older_analyses_without_the_part_are_read_from_their_results(client):
    consultation = make_two_camps()
    first = analyse(consultation)
    cast_votes(consultation, statements_of(consultation), CAMPS[:6])
    second = analyse(consultation)
    with_part = queries.list_shares([first, second])
    AnalysisPart.objects.filter(name="shares").delete()
    assert queries.list_shares([first, second]) == with_part
    assert "How the shares moved" in page_of(client, consultation)


@pytest.mark.parametrize("rows", [[[1, -1, 0]], [[1, 1], [1, 1]], [[0, 0]] * 9])
def test_little_and_nothing_are_said_plainly(client, rows):
    consultation = make_votes(rows)
    analyse(consultation)
    cast_votes(consultation, statements_of(consultation), rows[:1])
    analyse(consultation)
    assert "What came and what went" in page_of(client, consultation)


def test_an_erased_statement_is_not_quoted(client):
    consultation = make_two_camps()
    analyse(consultation)
    cast_votes(consultation, statements_of(consultation), CAMPS[:6])
    analyse(consultation)
    from plenary.participation.actions import erase_participant
    from plenary.participation.models import Participant
    from plenary.records.tests.factories import NOW

    author = Participant.objects.first()
    Statement.objects.filter(pk=statements_of(consultation)[0].pk).update(author=author)
    erase_participant(participant=author, by=None, now=NOW)
    assert "Idea 0." not in page_of(client, consultation)


def test_of_many_the_first_the_last_and_some_between_are_shown():
    assert thin(list(range(12)), 12) == list(range(12))
    few = thin(list(range(100)), 12)
    assert len(few) == len(set(few)) == 12 and few[0] == 0 and few[-1] == 99
