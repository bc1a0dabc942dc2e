"""The register of questions that need a collective answer."""

from __future__ import annotations

import pytest
from django.urls import reverse

from plenary.kit.errors import Refused
from plenary.participation import actions, queries
from plenary.participation.models import CollectiveQuestion
from plenary.people.tests.factories import make_user
from plenary.records.models import Event, EvidenceLink
from plenary.records.tests.factories import NOW, make_organization
from plenary.strategy.tests.factories import clause as find_clause
from plenary.strategy.tests.factories import make_version

from .factories import make_consultation, make_statements

pytestmark = pytest.mark.django_db


def make_question(**changes):
    given = {
        "question": "Should a machine ever decide alone?", "language": "en", "concern": "values", "by": None,
        "now": NOW, "background": "Nobody can answer it alone.",
    }  # fmt: skip
    return actions.raise_question(**given | changes)


def a_clause():
    return find_clause(make_version().strategy, "C1")


def verbs(question):
    return list(Event.objects.filter(record=question.record).order_by("id").values_list("verb", flat=True))


def test_a_question_is_raised_with_its_event():
    question = make_question()
    assert question.reference == "QST-1"
    assert verbs(question) == ["raised"]


def test_a_question_of_spaces_is_refused():
    with pytest.raises(Refused, match="Write the question first"):
        make_question(question="  ")
    assert not CollectiveQuestion.objects.exists()


def test_new_words_keep_the_earlier_ones_in_the_history():
    question = make_question()
    assert actions.edit_question(
        question=question, words="Should a machine decide?", background="", language="en", concern="inequality",
        by=None, now=NOW,
    )  # fmt: skip
    event = Event.objects.get(record=question.record, verb="edited")
    assert event.changes["question"] == ["Should a machine ever decide alone?", "Should a machine decide?"]
    assert not actions.edit_question(
        question=question, words="Should a machine decide?", background="", language="en", concern="inequality",
        by=None, now=NOW,
    )  # fmt: skip


def test_a_view_is_something_that_everybody_can_see():
    question = make_question()
    statement = make_statements(make_consultation())[0]
    actions.add_view(question=question, source=statement.record, stance="supports", by=None, now=NOW)
    views = queries.list_views(None, question, "en")
    assert [link.source.reference for link in views.supporting] == [statement.reference]
    hidden = make_statements(make_consultation(), "Waiting.")[0]
    hidden.record.visibility = "staff"
    with pytest.raises(Refused, match="everybody can see"):
        actions.add_view(question=question, source=hidden.record, stance="contradicts", by=None, now=NOW)
    assert EvidenceLink.objects.count() == 1


def test_an_answer_names_its_clauses_and_a_later_one_takes_its_place():
    question, clause = make_question(), a_clause()
    actions.answer_question(
        question=question, answer="No.", language="en", clauses=[clause], by=None, now=NOW
    )
    assert list(queries.edges_question_to_clause()) == [(question.pk, clause.pk)]
    actions.answer_question(question=question, answer="Hardly.", language="en", clauses=[], by=None, now=NOW)
    question.refresh_from_db()
    assert question.answer.body == "Hardly." and not question.clauses.exists()
    last = Event.objects.filter(record=question.record, verb="answered").latest("id")
    assert last.changes["answer"] == ["No.", "Hardly."]


def test_the_trail_leads_from_the_question_to_its_consultation():
    question = make_question()
    consultation = make_consultation(about=question.record)
    assert list(queries.edges_about_to_consultation()) == [(question.pk, consultation.pk)]


def test_a_page_of_the_register_takes_the_same_queries_whatever_its_length(
    client, django_assert_max_num_queries
):
    for number in range(3):
        make_consultation(about=make_question(question=f"Should {number}?").record)
    with django_assert_max_num_queries(14):
        page = client.get(reverse("questions"))
    assert page.status_code == 200 and "Should 2?" in page.text


def test_the_register_is_filtered_by_concern_and_state(client):
    make_question(question="Should one?", concern="inequality")
    answered = make_question(question="Should two?")
    actions.answer_question(question=answered, answer="Yes.", language="en", clauses=[], by=None, now=NOW)
    assert "Should two?" not in client.get(reverse("questions"), {"concern": "inequality"}).text
    assert "Should one?" not in client.get(reverse("questions"), {"state": "answered"}).text


def test_everybody_reads_a_question_and_a_stranger_writes_none(client):
    question = make_question()
    consultation = make_consultation(about=question.record)
    page = client.get(reverse("question", args=[question.reference]))
    assert reverse("consultation", args=[consultation.reference]) in page.text
    assert "Put something forward" not in page.text
    for name in ("edit-question", "answer-question"):
        assert client.get(reverse(name, args=[question.reference])).status_code in (302, 403)
    assert client.post(reverse("add-view", args=[question.reference])).status_code in (302, 403)
    assert client.get(reverse("question", args=["QST-99"])).status_code == 404
    assert client.put(reverse("question", args=[question.reference])).status_code == 405


def test_the_desk_raises_answers_and_puts_views_forward(client):
    client.force_login(make_user("desk", ("desk", make_organization())))
    clause = a_clause()
    page = client.post(
        f"{reverse('new-question')}?in={clause.reference}", {"words": " Should  we? ", "concern": "values"}
    )
    question = CollectiveQuestion.objects.get()
    assert page.status_code == 302 and question.raised_in_id == clause.pk
    statement = make_statements(make_consultation())[0]
    sent = {"reference": statement.reference, "stance": "supports"}
    assert client.post(reverse("add-view", args=[question.reference]), sent).status_code == 302
    wrong = client.post(reverse("add-view", args=[question.reference]), sent | {"reference": "STM-99"})
    assert wrong.status_code == 422 and "There is no record STM-99" in wrong.text
    sent = {"answer": "Yes.", "clauses": f"{clause.reference}, {statement.reference}"}
    refused = client.post(reverse("answer-question", args=[question.reference]), sent)
    assert refused.status_code == 422 and "is no clause" in refused.text and "Yes." in refused.text
    sent["clauses"] = clause.reference
    assert client.post(reverse("answer-question", args=[question.reference]), sent).status_code == 302
    assert "Yes." in client.get(reverse("question", args=[question.reference])).text


def test_a_clause_shows_the_questions_that_it_answers(client):
    question, clause = make_question(), a_clause()
    actions.answer_question(
        question=question, answer="No.", language="en", clauses=[clause], by=None, now=NOW
    )
    assert reverse("question", args=[question.reference]) in client.get(clause.record.page_url).text


def test_the_register_is_a_file_without_formulas(client):
    make_question(question="=1+1 Should we?")
    file = client.get(reverse("questions-csv"))
    head, row = file.content.decode("utf-8-sig").splitlines()
    assert head.startswith("reference,question,concern") and row.startswith(
        "QST-1,'=1+1 Should we?,values,0,0"
    )


def test_programs_read_the_register(client):
    question = make_question()
    actions.answer_question(question=question, answer="No.", language="en", clauses=[], by=None, now=NOW)
    row = client.get("/api/v1/questions").json()["items"][0]
    assert row["concern"] == "values" and row["for"] == 0
    told = client.get(f"/api/v1/questions/{question.reference}").json()
    assert told["answer"]["body"] == "No." and told["views"] == []
    assert client.get(f"/r/{question.reference}.json").json() == told
