from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from plenary.kit.errors import Refused
from plenary.participation import actions, limits, queries
from plenary.participation.actions import QuestionSpec
from plenary.participation.models import Consultation, Participant, Statement, SurveyAnswer
from plenary.records.tests.factories import NOW

from .factories import make_consultation, make_voter
from .survey_factories import answer, make_survey

pytestmark = pytest.mark.django_db

FULL = {1: 1, 2: 4, 3: [3, 1], 4: [2, 1, 3], 5: "Teachers need time."}
SENT = {
    "q1": "1", "q2": "4", "q3": ["1", "3"], "q4_1": "2", "q4_2": "1", "q4_3": "3", "q5": "Teachers need time.",
    "language": "en",
}  # fmt: skip


@pytest.fixture
def survey():
    return make_survey()


@pytest.fixture
def running():
    """Open at the clock's time, for pages."""
    now = timezone.now()
    return make_survey(consultation=make_consultation(opens_at=now - timedelta(hours=1)))


def page_of(client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, response.content.decode()[:500]
    return response.content.decode()


def token_in(page: str) -> str:
    found = re.search(r'name="token" value="([^"]+)"', page)
    assert found
    return found[1]


# Making


def test_a_survey_is_for_the_desk_until_it_is_published(alice, bob, charlie):
    survey = make_survey(published=False, by=alice)
    assert survey.reference == "SRV-1"
    assert queries.get_survey_for(alice, "SRV-1", "en") is not None
    assert queries.get_survey_for(bob, "SRV-1", "en") is None
    actions.publish_survey(survey=survey, by=alice, now=NOW)
    assert queries.get_survey_for(charlie, "SRV-1", "en") is not None
    verbs = [event.verb for event in survey.record.events.order_by("id")]
    assert verbs == ["created", "published"]


def test_an_empty_survey_is_not_published():
    survey = make_survey((), published=False)
    with pytest.raises(Refused, match="without questions"):
        actions.publish_survey(survey=survey, by=None, now=NOW)


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        (QuestionSpec("choice", "One?", options=["only"]), "two to"),
        (QuestionSpec("choice", "Twice?", options=["a", "a"]), "the same"),
        (QuestionSpec("scale", "Up?", lowest=5, highest=1), "lower to a higher"),
        (QuestionSpec("scale", "Wide?", lowest=0, highest=100), "lower to a higher"),
        (QuestionSpec("essay", "What?"), "no such kind"),
        (QuestionSpec("text", "  "), "needs its words"),
        (QuestionSpec("text", "Why?", depends_on=3, depends_values=[1]), "single answer"),
        (QuestionSpec("text", "Why?", depends_on=9, depends_values=[1]), "single answer"),
        (QuestionSpec("text", "Why?", depends_on=1, depends_values=[7]), "Choose the answers"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(survey, spec, why):
    with pytest.raises(Refused, match=why):
        actions.add_survey_question(survey=survey, spec=spec, language="en", by=None, now=NOW)
    assert survey.questions.count() == 5


def test_words_with_answers_stand(survey):
    answer(survey, FULL)
    question = queries.get_question(survey, 1)
    spec = QuestionSpec("choice", "Do you like it?", options=["yes", "no"])
    with pytest.raises(Refused, match="its words stand"):
        actions.edit_survey_question(question=question, spec=spec, language="en", by=None, now=NOW)
    question.wording.refresh_from_db()
    assert question.wording.body == "Do you use it?"


def test_an_unanswered_question_is_edited_and_its_options_keep_their_numbers(survey, alice):
    question = queries.get_question(survey, 3)
    spec = QuestionSpec("several", "Where do you use it?", options=["work", "home", "on the way"])
    actions.edit_survey_question(question=question, spec=spec, language="en", by=alice, now=NOW)
    question = queries.get_question(survey, 3)
    assert {option.words.body: option.number for option in question.options.all()} == {
        "home": 1,
        "work": 3,
        "on the way": 4,
    }
    assert survey.record.events.latest("id").changes == {"question 3": ["Where?", "Where do you use it?"]}


def test_a_question_with_answers_is_taken_off_the_form_and_stays_in_the_results(survey):
    voter = answer(survey, FULL)
    actions.remove_survey_question(question=queries.get_question(survey, 5), by=None, now=NOW)
    answer(survey, {1: 2}, voter)
    results = queries.get_results(survey, "en")
    assert [result.question.number for result in results] == [1, 2, 3, 4, 5]
    with pytest.raises(Refused, match="asked only after"):
        actions.remove_survey_question(question=queries.get_question(survey, 1), by=None, now=NOW)


def test_questions_change_places_but_never_above_what_they_depend_on(survey):
    with pytest.raises(Refused, match="stands below"):
        actions.move_survey_question(question=queries.get_question(survey, 2), up=True, by=None, now=NOW)
    actions.move_survey_question(question=queries.get_question(survey, 4), up=True, by=None, now=NOW)
    assert [each.number for each in queries.questions_of(survey)] == [1, 2, 4, 3, 5]


# Answering


def test_answers_are_counted_with_who_was_asked(survey):
    answer(survey, FULL)
    answer(
        survey, {1: 2, 2: 5, 3: [1]}
    )  # question 2 is not asked after «no»: what was sent for it is left out
    one, two, three, four, five = queries.get_results(survey, "en")
    assert (one.asked, one.answered) == (2, 2)
    assert (two.asked, two.answered, two.mean.value) == (1, 1, 4)
    assert (three.asked, three.answered) == (2, 2)
    assert [option.count for option in three.options] == [2, 0, 1]
    assert (four.asked, four.answered) == (2, 1)
    assert [option.number for option in four.options] == [2, 1, 3]
    assert (five.asked, five.answered, five.texts) == (2, 1, [])  # it waits to be read


def test_the_last_answer_counts_and_the_others_stay(survey):
    voter = answer(survey, FULL)
    answer(survey, FULL, voter)  # the same again writes nothing
    assert SurveyAnswer.objects.count() == 5
    answer(survey, FULL | {1: 2}, voter)  # so question 2 is not asked any more
    one, two, *_rest = queries.get_results(survey, "en")
    assert [option.count for option in one.options] == [0, 1]
    assert (two.asked, two.answered) == (0, 0)
    assert SurveyAnswer.objects.count() == 7
    assert Participant.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({}, "Question 1 needs an answer"),
        ({1: 3}, "not an answer to question 1"),
        ({1: 1, 2: 6}, "not an answer to question 2"),
        ({1: 1, 3: [1, 1]}, "not an answer to question 3"),
        ({1: 1, 4: [1, 2]}, "not an answer to question 4"),
        ({1: 1, 5: "a" * 10_000}, "10000 characters"),
    ],
)
def test_what_is_no_answer_is_refused_whole(survey, given, why):
    with pytest.raises(Refused, match=why):
        answer(survey, given)
    assert not SurveyAnswer.objects.exists()
    assert not Participant.objects.exists()


def test_control_characters_and_overrides_are_left_out(survey):
    answer(survey, {1: 1, 5: "\u202egood\u0007 tools\u2066\r\n\r\n\r\n\r\nfor all\x00"})
    assert SurveyAnswer.objects.exclude(text=None).get().text.body == "good tools\n\nfor all"
    answer(survey, {1: 1, 5: " \u200b\u202e\n\x07 "})
    assert SurveyAnswer.objects.exclude(text=None).count() == 1


def test_phase_pause_and_account_are_kept(survey, charlie):
    consultation = survey.consultation
    consultation.closes_at = NOW
    consultation.save()
    with pytest.raises(Refused, match="not take answers now"):
        answer(survey, FULL)
    consultation.closes_at, consultation.voting_by = None, Consultation.TakingPart.ACCOUNT
    consultation.save()
    with pytest.raises(Refused, match="sign in"):
        answer(survey, FULL)
    answer(survey, FULL, actions_voter(charlie))
    assert Participant.objects.get().user == charlie


def actions_voter(user):
    from plenary.participation.tokens import Voter

    return Voter(user=user)


def test_answers_of_the_erased_count_no_more_and_their_words_are_gone(survey):
    answer(survey, FULL)
    participant = Participant.objects.get()
    assert actions.tombstone_answers(participant=participant) == 1
    participant.erased_at = NOW
    participant.save()
    assert SurveyAnswer.objects.exclude(text=None).count() == 0
    assert queries.get_results(survey, "en")[0].answered == 0


# Words


def test_words_are_shown_once_read_and_a_rejection_says_why(survey, alice):
    answer(survey, FULL)
    found = list(queries.texts_of(survey, "waiting"))
    with pytest.raises(Refused, match="Say why"):
        actions.moderate_answers(answers=found, decision="rejected", reason=" ", by=alice, now=NOW)
    assert actions.moderate_answers(answers=found, decision="accepted", reason="", by=alice, now=NOW) == 1
    assert [str(each.said["text"]) for each in queries.get_results(survey, "en")[4].texts] == [
        "Teachers need time."
    ]
    event = survey.record.events.latest("id")
    assert (event.verb, event.changes) == ("accepted", {"answers in words": [None, 1]})


def test_a_statement_is_made_of_an_answer_and_keeps_the_link(survey, alice):
    answer(survey, FULL)
    found = queries.texts_of(survey, "waiting").get()
    statement, is_new = actions.make_statement_of(
        answer=found, body="Teachers need time to test tools.", by=alice, now=NOW
    )
    assert is_new and statement.moderation == "accepted"
    assert statement.author == Participant.objects.get()
    with pytest.raises(Refused, match="already"):
        actions.make_statement_of(answer=found, body="Again.", by=alice, now=NOW)
    assert list(queries.edges_survey_to_statement()) == [(survey.pk, statement.pk)]
    answer(survey, FULL)
    second = queries.texts_of(survey, "waiting").get()
    same, is_new = actions.make_statement_of(
        answer=second, body="teachers need time to test tools", by=alice, now=NOW
    )
    assert (same, is_new) == (statement, False)
    assert Statement.objects.count() == 1


# Asking again


def test_the_next_cycle_asks_the_same_questions(survey):
    following = make_consultation(title="Schools again")
    copy = actions.copy_survey(survey=survey, to=following, by=None, now=NOW)
    assert copy.repeats == survey and copy.series_id == survey.pk and copy.is_draft
    pairs = [(each.same_as.number, each.number) for each in queries.questions_of(copy)]
    assert pairs == [(1, 1), (2, 2), (3, 3), (4, 4), (5, 5)]
    assert queries.get_question(copy, 2).depends_on == queries.get_question(copy, 1)
    assert actions.copy_survey(survey=survey, to=following, by=None, now=NOW) == copy
    spec = QuestionSpec("choice", "Do you like it?", options=["yes", "no"])
    actions.edit_survey_question(
        question=queries.get_question(copy, 1), spec=spec, language="en", by=None, now=NOW
    )
    assert queries.get_question(copy, 1).same_as is None


def test_surveys_go_along_with_a_repeated_consultation(survey):
    make_survey(published=False, consultation=survey.consultation)
    following = make_consultation()
    assert actions.copy_surveys(consultation=survey.consultation, to=following, by=None, now=NOW) == 1
    assert [each.is_draft for each in queries.list_surveys_of(None, following, "en")] == [False]


@pytest.mark.parametrize("template", ["trust", "benefits"])
def test_templates_bring_their_questions_in_every_language(template):
    made = actions.use_template(
        consultation=make_consultation(), template=template, language="en", by=None, now=NOW
    )
    assert queries.questions_of(made).count() == 5
    actions.publish_survey(survey=made, by=None, now=NOW)
    assert queries.get_results(made, "fr")[0].question.said["wording"].body


# Pages


def test_a_stranger_answers_without_cookies_or_scripts(client, running):
    address = f"/consultations/{running.consultation.reference}/surveys/SRV-1"
    page = page_of(client, address)
    assert "Only if you answered question 1 with:" in page
    assert page.count("<legend>") == 4
    client.cookies.clear()
    response = client.post(address, SENT | {"token": token_in(page)})
    assert response.status_code == 200
    assert "Your answers were saved" in response.content.decode()
    assert SurveyAnswer.objects.filter(is_given=True).count() == 5
    again = page_of(client, address)  # the cookie came with the answer
    assert "Teachers need time." in again and 'value="4" id="id_q2_3" checked' in again.replace(
        "required ", ""
    )
    response = client.post(address, SENT | {"q1": "2"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 403  # a form that travels with a cookie comes from a page of ours
    response = client.post(address, SENT | {"q1": "2"}, headers={"Sec-Fetch-Site": "same-origin"})
    assert response.status_code == 303
    assert Participant.objects.count() == 1


def test_what_was_answered_stays_beside_the_errors(client, running):
    address = f"/consultations/{running.consultation.reference}/surveys/SRV-1"
    token = token_in(page_of(client, address))
    sent = SENT | {"token": token, "q1": "", "q4_2": "2", "q5": "x" * 2001}
    response = client.post(address, sent)
    page = response.content.decode()
    assert response.status_code == 422
    assert "This question needs an answer." in page
    assert "Two answers have the same place." in page
    assert "1 character too long" in page
    assert "x" * 2001 in page
    assert 'href="#id_q1_0"' in page
    assert not SurveyAnswer.objects.exists()


def test_a_flood_of_answers_is_refused_and_what_was_typed_stays(client, running, monkeypatch):
    address = f"/consultations/{running.consultation.reference}/surveys/SRV-1"
    token = token_in(page_of(client, address))
    monkeypatch.setattr(limits, "OWN", {60: 0})
    response = client.post(address, SENT | {"token": token})
    assert response.status_code == 429 and "You sent very much" in response.content.decode()
    assert "Teachers need time." in response.content.decode()
    assert not SurveyAnswer.objects.exists()


def test_a_forged_or_foreign_token_saves_nothing_and_keeps_what_was_typed(client, running):
    address = f"/consultations/{running.consultation.reference}/surveys/SRV-1"
    other = make_consultation()
    from plenary.participation import tokens

    for token in ("forged", tokens.mint(other.pk)):
        response = client.post(address, SENT | {"token": token})
        assert response.status_code == 422
        assert "Teachers need time." in response.content.decode()
    assert not Participant.objects.exists()


def test_a_closed_survey_says_so_and_takes_nothing(client, running):
    consultation = running.consultation
    address = f"/consultations/{consultation.reference}/surveys/SRV-1"
    token = token_in(page_of(client, address))
    consultation.closes_at = timezone.now()
    consultation.save()
    assert "does not take answers now" in page_of(client, address)
    response = client.post(address, SENT | {"token": token})
    assert response.status_code == 409
    assert "Teachers need time." in response.content.decode()


def test_bad_addresses(client, running):
    other = make_consultation()
    page_of(client, f"/consultations/{other.reference}/surveys/SRV-1", 404)
    page_of(client, "/surveys/SRV-9", 404)
    page_of(client, "/surveys/SRV-1/texts?state=waiting", 404)
    assert client.put("/surveys/SRV-1").status_code == 405
    assert client.get("/surveys/SRV-1/edit").status_code in (302, 403)
    assert client.post("/surveys/SRV-1/texts", {"decision": "accepted"}).status_code in (302, 403)


def test_results_are_public_with_their_denominators(client, running):
    answer_now(running)
    page = page_of(client, "/surveys/SRV-1")
    assert "Answered by 1 of 1 who were asked." in page
    data = client.get("/r/SRV-1.json").json()
    assert data["questions"][1]["mean"]["value"] == 4
    assert data["questions"][3]["options"][0]["mean_place"]["value"] == 1
    assert client.get("/api/v1/surveys/SRV-1").json()["took_part"] == 1
    assert client.get("/api/v1/surveys").json()["items"][0]["consultation"] == running.consultation.reference


def answer_now(survey):
    actions.answer_survey(
        survey=survey, voter=make_voter(survey.consultation), given=FULL, language="en", now=timezone.now()
    )


def test_tables_are_exported_and_rows_only_when_it_is_over(client, running):
    answer_now(running)
    rows = list(csv.DictReader(io.StringIO(client.get("/surveys/SRV-1/results.csv").content.decode())))
    assert {row["kind"] for row in rows} == {"choice", "scale", "several", "ranking", "text"}
    assert client.get("/surveys/SRV-1/answers.csv").status_code == 409
    consultation = running.consultation
    consultation.closes_at = timezone.now()
    consultation.save()
    told = client.get("/surveys/SRV-1/answers.csv").content.decode()
    rows = list(csv.DictReader(io.StringIO(told)))
    assert len({row["participant"] for row in rows}) == 1 and len(rows) == 5
    assert "Teachers" not in told and re.fullmatch(r"\d{4}-\d\d-\d\d", rows[0]["day"])


def test_the_desk_makes_a_survey_by_hand(client, alice):
    consultation = make_consultation(opens_at=timezone.now() - timedelta(hours=1))
    client.force_login(alice)
    address = f"/consultations/{consultation.reference}/surveys"
    assert client.post(address, {"start": "", "title": "", "language": "en"}).status_code == 422
    made = client.post(address, {"start": "", "title": "Tools", "language": "en"})
    assert made["location"] == "/surveys/SRV-1/edit"
    question = {
        "do": "add",
        "kind": "choice",
        "wording": "Do you?",
        "options": "yes\n\nno\n",
        "is_required": "on",
    }
    assert client.post("/surveys/SRV-1/edit", question).status_code == 302
    depending = {"do": "add", "kind": "text", "wording": "Why?", "depends": ["1:1"]}
    assert client.post("/surveys/SRV-1/edit", depending).status_code == 302
    assert client.post("/surveys/SRV-1/edit", question | {"options": "one"}).status_code == 409
    page = page_of(client, "/surveys/SRV-1/edit")
    assert "only after some answers to question 1" in page
    assert client.post("/surveys/SRV-1/change", {"do": "publish"}).status_code == 303
    assert client.post("/surveys/SRV-1/change", {"do": "up", "question": "2"}).status_code == 409
    assert client.post("/surveys/SRV-1/change", {"do": "remove", "question": "9"}).status_code == 404
    edited = question | {"wording": "Do you use it?"}
    assert client.post("/surveys/SRV-1/questions/1/edit", edited).status_code == 302
    described = {"do": "describe", "details-title": "Tools in class", "details-introduction": "Short."}
    assert client.post("/surveys/SRV-1/edit", described).status_code == 302
    assert "Tools in class" in page_of(client, "/surveys/SRV-1")
    assert "Tools in class" in page_of(client, f"/consultations/{consultation.reference}")


def test_the_desk_reads_words_and_makes_a_statement(client, alice, running):
    answer_now(running)
    client.force_login(alice)
    assert "1 answer in words waits to be read in" in page_of(client, "/desk")
    found = SurveyAnswer.objects.exclude(text=None).get()
    assert "Teachers need time." in page_of(client, "/surveys/SRV-1/texts")
    assert client.post("/surveys/SRV-1/texts", {"decision": "accepted"}).status_code == 422
    assert client.post("/surveys/SRV-1/texts", {"decision": "rejected", "text": found.pk}).status_code == 409
    assert client.post("/surveys/SRV-1/texts", {"decision": "accepted", "text": found.pk}).status_code == 302
    address = f"/surveys/SRV-1/texts/{found.pk}"
    assert "Teachers need time." in page_of(client, address)
    assert client.post(address, {"body": "x" * 281}).status_code == 409
    assert client.post(address, {"body": "Teachers need time."}).status_code == 302
    client.logout()
    assert "STM-1 was made of it" in page_of(client, "/surveys/SRV-1")


def test_pages_ask_a_constant_number_of_questions(client, running, django_assert_max_num_queries):
    for _ in range(3):
        answer_now(running)
    client.get("/surveys/SRV-1")
    with django_assert_max_num_queries(22):
        client.get("/surveys/SRV-1")
    with django_assert_max_num_queries(12):
        client.get(f"/consultations/{running.consultation.reference}/surveys/SRV-1")


def test_a_consultation_without_statements_shows_its_surveys_and_no_card(client):
    now = timezone.now()
    consultation = make_consultation(opens_at=now - timedelta(hours=1), takes_statements=False)
    make_survey(consultation=consultation)
    page = page_of(client, f"/consultations/{consultation.reference}")
    assert "Answer the questions" in page and 'id="card"' not in page
    assert "0 votes" not in page_of(client, "/consultations")
