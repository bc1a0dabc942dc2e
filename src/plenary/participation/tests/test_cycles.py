from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest

from plenary.meetings.tests.factories import make_meeting
from plenary.participation import actions, queries, survey_figures, trends
from plenary.participation.actions import BulkAnswers, QuestionSpec
from plenary.participation.models import ParticipantAttributes
from plenary.records.tests.factories import NOW

from .factories import cast, make_consultation, make_statements
from .survey_factories import make_survey

pytestmark = pytest.mark.django_db

QUESTIONS = (
    QuestionSpec("scale", "How much do you trust it?", lowest=1, highest=5),
    QuestionSpec("choice", "Is it getting better?", options=["yes", "no"]),
    QuestionSpec("ranking", "What first?", options=["roads", "schools"]),
)


def hold(before, *, days, scale, young=0, yes=0, closed=True):
    """One cycle: ``scale`` are the answers to the first question, the first ``young`` of them by the young."""
    opens = NOW - timedelta(days=days)
    consultation = make_consultation(opens_at=opens, closes_at=opens + timedelta(days=10) if closed else None)
    if before is None:
        survey = make_survey(QUESTIONS, consultation=consultation)
    else:
        survey = actions.copy_survey(survey=before, to=consultation, by=None, now=opens)
        actions.publish_survey(survey=survey, by=None, now=opens)
    answers = [
        BulkAnswers(
            str(person), {1: value, 2: 1 if person < yes else 2, 3: [1, 2] if person % 2 else [2, 1]}, opens
        )
        for person, value in enumerate(scale)
    ]
    made = actions.record_answers(survey=survey, answers=answers, by=None, now=opens)
    for person in range(young):
        ParticipantAttributes.objects.create(
            participant=made[str(person)], age="15-24", given_on=opens.date()
        )
    return survey


def test_figures_say_how_sure_they_are():
    figure = survey_figures.mean({1: 10, 2: 10, 3: 10, 4: 10, 5: 10}, 1, 5)
    assert (figure.n, figure.value) == (50, 3)
    assert figure.low == pytest.approx(2.594, abs=0.001)  # t with 49 degrees: 2.0096
    alike = survey_figures.mean({5: 8}, 1, 5)
    assert alike.value == 5 and alike.low < 4.7  # all alike is not certain
    assert survey_figures.mean({}, 1, 5).value is None
    for freedom, quantile in ((1, 12.706), (2, 4.303), (3, 3.182), (5, 2.571), (10, 2.228), (30, 2.042)):
        assert survey_figures.student(freedom) == pytest.approx(quantile, rel=0.006)


def test_the_interval_of_a_difference_is_that_of_welch():
    from scipy import stats

    one, two = [1] * 8 + [3] * 9 + [5] * 3, [2] * 4 + [4] * 9 + [5] * 7

    def counts(values):
        return {value: values.count(value) for value in set(values)}

    found = survey_figures.difference_of_means(
        survey_figures.mean(counts(one), 1, 5), survey_figures.mean(counts(two), 1, 5)
    )
    expected = stats.ttest_ind(two, one, equal_var=False).confidence_interval()
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-3)
    assert found.is_beyond_chance
    assert (
        survey_figures.difference_of_means(
            survey_figures.mean({3: 4}, 1, 5), survey_figures.mean({3: 9}, 1, 5)
        )
        is None
    )


def test_cycles_stand_beside_each_other_with_intervals_and_rates():
    first = hold(None, days=300, scale=[2] * 20 + [3] * 20, yes=10)
    second = hold(first, days=100, scale=[3] * 20 + [4] * 20, yes=11)
    cycles = queries.list_cycles(None, second, NOW, "en")
    trust, better, order = queries.get_trends(cycles, "en")
    a, b = trust.series[0].points
    assert (a.figure.value, b.figure.value, b.change.value) == (2.5, 3.5, 1)
    assert b.change.is_beyond_chance and b.rate == 1
    assert [series.measure for series in better.series] == ["share", "share"]
    assert not better.series[0].points[1].change.is_beyond_chance
    assert order.series[0].points[1].figure.value == 1.5
    assert "beyond chance" in trends.tell(trust).series[0].words
    assert "can be chance" in trends.tell(better).series[0].words


def test_the_young_are_told_where_they_are_five_and_so_are_the_others():
    first = hold(None, days=300, scale=[2] * 40, young=4)
    second = hold(first, days=100, scale=[1] * 10 + [4] * 30, young=10)
    third = hold(second, days=5, scale=[1] * 10 + [4] * 30, young=10, closed=False)
    cycles = queries.list_cycles(None, third, NOW, "en")
    assert [cycle.youth for cycle in cycles] == [None, 10, None]
    one, two, three = queries.get_trends(cycles, "en")[0].series[0].points
    assert one.youth is None  # four of them
    assert two.youth.value == 1
    assert three.youth is None and three.cycle.is_running  # nothing while it runs


def test_small_shares_of_the_young_are_hidden_so_that_none_comes_back_by_subtraction():
    first = hold(None, days=300, scale=[2] * 40, young=20, yes=2)
    second = hold(first, days=100, scale=[2] * 40, young=20, yes=18)
    better = queries.get_trends(queries.list_cycles(None, second, NOW, "en"), "en")[1]
    assert [series.points[0].youth for series in better.series] == [None, None]


def test_a_question_that_was_changed_is_compared_no_more():
    first = hold(None, days=300, scale=[2] * 10)
    consultation = make_consultation()
    copy = actions.copy_survey(survey=first, to=consultation, by=None, now=NOW)
    spec = QuestionSpec("scale", "How much do you like it?", lowest=1, highest=5)
    actions.edit_survey_question(
        question=queries.get_question(copy, 1), spec=spec, language="en", by=None, now=NOW
    )
    actions.publish_survey(survey=copy, by=None, now=NOW)
    found = queries.get_trends(queries.list_cycles(None, copy, NOW, "en"), "en")
    assert [trend.question.number for trend in found] == [2, 3]


def test_statements_that_are_put_again_are_compared():
    first = hold(None, days=300, scale=[2] * 5)
    second = hold(first, days=100, scale=[3] * 5)
    for survey, agree in ((first, 2), (second, 18)):
        consultation = survey.consultation
        consultation.closes_at = None
        consultation.save()
        (statement, _other) = make_statements(
            consultation, "Ask first.", f"Only in {consultation.reference}."
        )
        for number in range(20):
            cast(statement, 1 if number < agree else -1)
    (found,) = queries.list_statements_again(None, [first.consultation, second.consultation], "en")
    assert [round(figure.value, 2) for _statement, _votes, figure in found.points] == [0.1, 0.9]
    assert found.change.is_beyond_chance


def test_the_page_tells_it_and_puts_it_on_an_agenda(client, alice):
    first = hold(None, days=300, scale=[2] * 20, young=6)
    second = hold(first, days=100, scale=[3] * 10 + [4] * 10, young=6)
    address = f"/surveys/{second.reference}/cycles"
    page = client.get(address).content.decode()
    assert "How much do you trust it?" in page and "20 of 20 (100%)" in page.replace("\xa0", "").replace(
        " %", "%"
    )
    assert "beyond chance" in page and "Put it on the agenda" not in page
    assert client.get(f"{address}/1").status_code == 200
    assert client.get(f"{address}/9").status_code == 404
    assert second.reference in client.get("/cycles").content.decode()
    assert client.post(address, {"meeting": "MTG-1"}).status_code in (302, 403)
    client.force_login(alice)
    meeting = make_meeting(held_on=(NOW + timedelta(days=4000)).date())
    assert client.post(address, {"meeting": "MTG-99"}).status_code == 422
    answer = client.post(address, {"meeting": meeting.reference})
    assert answer["location"] == f"/meetings/{meeting.reference}"
    assert second.reference in client.get(answer["location"]).content.decode()


def test_cycles_are_open_data(client):
    first = hold(None, days=300, scale=[2] * 20)
    second = hold(first, days=100, scale=[3] * 10 + [4] * 10)
    told = client.get(f"/api/v1/surveys/{second.reference}/cycles").json()
    assert [point["figure"] for point in told[0]["series"][0]["points"]] == [2, 3.5]
    assert told[0]["series"][0]["points"][1]["change"]["beyond_chance"] is True
    rows = list(
        csv.DictReader(io.StringIO(client.get(f"/surveys/{second.reference}/cycles.csv").content.decode()))
    )
    assert [row["figure"] for row in rows[:2]] == ["2", "3.5"] and rows[1]["beyond_chance"] == "yes"


def test_a_repeated_consultation_takes_its_surveys_along(alice):
    first = hold(None, days=300, scale=[2] * 5)
    following = actions.duplicate_consultation(
        consultation=first.consultation, opens_at=NOW, closes_at=None, by=alice, now=NOW
    )
    copy = following.surveys.get()
    assert copy.repeats == first and copy.record.visibility == "organization"
    actions.publish_consultation(consultation=following, by=alice, now=NOW)
    copy.record.refresh_from_db()
    assert copy.record.visibility == "public"


def test_trends_ask_a_constant_number_of_questions(client, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    first = hold(None, days=300, scale=[2] * 9)
    second = hold(first, days=200, scale=[3] * 9)
    client.get(f"/surveys/{second.reference}/cycles")
    with CaptureQueriesContext(connection) as few:
        client.get(f"/surveys/{second.reference}/cycles")
    third = hold(second, days=100, scale=[3] * 30)
    with django_assert_num_queries(len(few)):
        client.get(f"/surveys/{third.reference}/cycles")
