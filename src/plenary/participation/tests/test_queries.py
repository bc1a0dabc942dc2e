import random
from datetime import timedelta

import numpy as np
import pytest
from django.contrib.auth.models import AnonymousUser

from plenary.participation import actions, queries
from plenary.participation.models import PaperBallot, Participant, Statement, Submission, Vote
from plenary.participation.wording import Shares, same_words
from plenary.records.tests.factories import make_organization

from .factories import NOW, cast, make_consultation, make_statements, make_voter

pytestmark = pytest.mark.django_db
ANYBODY = AnonymousUser()


def card_of(consultation, voter, again=""):
    queries.forget_boards()
    return queries.get_card(consultation, voter, "en", again)


# The next card


def test_the_statement_with_few_votes_comes_next():
    consultation = make_consultation()
    first, second, third = make_statements(consultation, "One.", "Two.", "Three.")
    for statement in (first, third):
        for _ in range(20):
            cast(statement)
    assert card_of(consultation, make_voter(consultation)).statement == second


def test_everybody_has_an_order_of_her_own_that_stays():
    consultation = make_consultation()
    make_statements(consultation, *(f"Idea {number}." for number in range(8)))
    voters = [make_voter(consultation) for _ in range(30)]
    seen = [card_of(consultation, voter).statement for voter in voters]
    assert len(set(seen)) > 1
    assert seen == [card_of(consultation, voter).statement for voter in voters]


def test_neither_what_was_voted_on_nor_ones_own_comes_again():
    consultation = make_consultation(moderation="after")
    first, second = make_statements(consultation, "One.", "Two.")
    voter = cast(first)
    own = actions.write_statement(
        consultation=consultation, voter=voter, body="Mine.", language="en", now=NOW
    )
    card = card_of(consultation, voter)
    assert (card.statement, card.left, card.done, card.last, card.n) == (second, 1, 1, first, 0)
    assert card.own == [own]
    cast(second, -1, voter)
    card = card_of(consultation, voter)
    assert (card.statement, card.left, card.done, card.total) == (None, 0, 2, 2)
    assert [(item, item.answer.value) for item in card.voted] == [(first, 1), (second, -1)]


def test_a_statement_is_shown_again_with_the_answer_and_the_next_number():
    consultation = make_consultation()
    first, _ = make_statements(consultation, "One.", "Two.")
    voter = cast(first, -1)
    card = card_of(consultation, voter, again=first.reference)
    assert (card.statement, card.answer.value, card.n) == (first, -1, 1)


@pytest.mark.parametrize("reference", ["STM-999", "nonsense"])
def test_asking_again_for_what_is_not_there_gives_the_next_card(reference):
    consultation = make_consultation()
    first = make_statements(consultation, "One.")[0]
    assert card_of(consultation, make_voter(consultation), again=reference).statement == first


def test_statements_that_wait_or_were_rejected_are_no_cards():
    consultation = make_consultation()
    first, second = make_statements(consultation, "One.", "Two.")
    actions.moderate_statements(statements=[first], decision="rejected", reason="why", by=None, now=NOW)
    actions.write_statement(
        consultation=consultation, voter=make_voter(consultation), body="New.", language="en", now=NOW
    )
    card = card_of(consultation, make_voter(consultation))
    assert (card.statement, card.left) == (second, 1)


def test_a_card_costs_the_same_number_of_queries_at_any_size(django_assert_num_queries):
    consultation = make_consultation()
    voter = cast(make_statements(consultation, *(f"Idea {number}." for number in range(20)))[0])
    queries.forget_boards()
    for number in (12, 6):  # the first one reads the board
        with django_assert_num_queries(number):
            queries.get_card(consultation, voter, "en")


# Counts


def test_shares_count_the_latest_vote_of_each():
    consultation = make_consultation()
    statement = make_statements(consultation)[0]
    voter = cast(statement, 1)
    cast(statement, -1, voter, n=1)
    cast(statement, 0)
    cast(statement, 1)
    assert queries.count_shares([statement.pk]) == {statement.pk: Shares(agree=1, disagree=1, passed=1)}


def test_numbers_count_people_and_answers_once(django_assert_num_queries):
    consultation, other = make_consultation(), make_consultation()
    first, second = make_statements(consultation, "One.", "Two.")
    voter = cast(first, 1)
    cast(first, 0, voter, n=1)
    cast(second, 1, voter)
    cast(second)
    with django_assert_num_queries(5):
        queries.with_numbers([consultation, other])
    assert (consultation.people, consultation.answers, consultation.accepted) == (2, 3, 2)
    assert (other.people, other.answers, other.accepted) == (0, 0, 0)


@pytest.mark.parametrize("seed", range(6))
def test_numbers_are_those_of_the_votes_that_the_engine_gets(seed):
    """Whatever was rejected, merged or reworded, and whoever was erased, withdrawn or voted again."""
    chance = random.Random(seed)
    consultation = make_consultation()
    statements = make_statements(consultation, *(f"Idea {number}." for number in range(7)))
    for statement in statements[2:]:
        fate = chance.choice(["as it is", "rejected", "merged", "reworded"])
        into = statements[chance.randrange(2)]
        changes = {
            "as it is": {},
            "rejected": {"moderation": "rejected", "moderation_reason": "why"},
            "merged": {
                "moderation": "merged",
                "merged_from": "accepted",
                "duplicate_of": into,
                "counts_for": into,
            },
            "reworded": {"asks_again_since": NOW + timedelta(minutes=chance.choice([-5, 5]))},
        }[fate]
        if fate == "merged":
            Statement.objects.filter(pk=into.pk).update(counts_for=into)
        Statement.objects.filter(pk=statement.pk).update(**changes)
    people = Participant.objects.bulk_create(
        Participant(
            consultation=consultation,
            terms="1",
            since=NOW.date(),
            erased_at=chance.choice([None] * 9 + [NOW]),
        )
        for _ in range(60)
    )
    Vote.objects.bulk_create(
        Vote(
            participant=person,
            statement=statement,
            n=n,
            value=chance.choice([-1, 0, 1]),
            at=NOW + timedelta(minutes=n * 9),
        )
        for person in people
        for statement in chance.sample(statements, chance.randrange(4))
        for n in range(chance.choice([1, 1, 2]))
    )
    submission = Submission.objects.create(
        consultation=consultation, kind="meeting", held_on=NOW.date(), language="en", entered_at=NOW
    )
    PaperBallot.objects.bulk_create(
        PaperBallot(
            consultation=consultation,
            submission=submission,
            entered_at=NOW,
            participant=person,
            code=f"{number}",
            withdrawn_at=chance.choice([None, NOW]),
        )
        for number, person in enumerate(people[:8])
    )
    voters, *_rest = queries.list_votes_for_analysis(consultation)
    assert queries.count_answers([consultation.pk]) == {consultation.pk: len(voters)}
    assert queries.count_people([consultation.pk]) == {consultation.pk: len(set(voters.tolist()))}


def test_numbers_of_very_many_are_kept_for_a_while(monkeypatch, django_assert_num_queries):
    monkeypatch.setattr("plenary.participation.queries.counting.MANY", 2)
    monkeypatch.setattr("plenary.participation.queries.counting._kept", {})
    monkeypatch.setattr("plenary.participation.queries.counting.KEPT_FOR", 1e6)
    consultation = make_consultation()
    statement = make_statements(consultation)[0]
    cast(statement)
    assert queries.count_people([consultation.pk]) == {consultation.pk: 1}
    cast(statement)
    assert queries.count_people([consultation.pk]) == {consultation.pk: 2}
    cast(statement)
    with django_assert_num_queries(0):
        assert queries.count_people([consultation.pk]) == {consultation.pk: 2}


def test_a_list_of_statements_costs_four_queries(django_assert_num_queries):
    consultation = make_consultation()
    for statement in make_statements(consultation, *(f"Idea {number}." for number in range(9))):
        cast(statement)
    with django_assert_num_queries(4):
        found = queries.with_shares(queries.list_statements_of(consultation, "accepted"), "en")
    assert [item.shares.total for item in found] == [1] * 9


# Who sees what


def test_a_waiting_statement_is_for_staff(alice, bob, charlie):
    made = actions.write_statement(
        consultation=(consultation := make_consultation()), voter=make_voter(consultation), body="New.",
        language="en", now=NOW,
    )  # fmt: skip
    seen = [queries.get_statement_for(user, made.reference, "en") for user in (alice, bob, charlie, ANYBODY)]
    assert seen == [made, made, None, None]


def test_open_consultations_are_those_between_their_dates():
    day = timedelta(days=1)
    running = make_consultation(title="Running", closes_at=NOW + day)
    endless = make_consultation(title="Endless")
    make_consultation(title="Coming", opens_at=NOW + day)
    make_consultation(title="Over", opens_at=NOW - 2 * day, closes_at=NOW)
    assert queries.list_open_consultations(ANYBODY, "en", NOW) == [running, endless]


def test_what_is_hidden_is_not_listed(alice):
    about = make_organization().record
    consultation = make_consultation(about=about)
    consultation.record.visibility = "staff"
    consultation.record.save()
    assert queries.list_consultations_for(ANYBODY, "en") == []
    assert queries.list_consultations_about(ANYBODY, about, "en") == []
    assert queries.get_consultation_for(ANYBODY, consultation.reference) is None
    assert queries.list_consultations_about(alice, about, "en") == [consultation]


def test_waiting_work_is_listed_with_its_oldest():
    consultation = make_consultation()
    make_consultation()
    for body in ("New.", "Newer."):
        actions.write_statement(
            consultation=consultation, voter=make_voter(consultation), body=body, language="en", now=NOW
        )
    assert [(item, item.waiting, item.oldest) for item in queries.list_waiting_work("en")] == [
        (consultation, 2, NOW)
    ]


# For the engine


def test_the_engine_gets_the_latest_votes_in_three_queries(django_assert_num_queries):
    consultation = make_consultation()
    first, second = make_statements(consultation, "One.", "Two.")
    ann = cast(first, 1)
    cast(first, -1, ann, n=1)
    bo = cast(second, 0)
    other = make_consultation()
    cast(make_statements(other)[0])
    with django_assert_num_queries(3):
        people, statements, values, _ms = queries.list_votes_for_analysis(consultation)
    ann_id, bo_id = (queries.get_participant(consultation, voter).pk for voter in (ann, bo))
    assert sorted(zip(people.tolist(), statements.tolist(), values.tolist(), strict=True)) == [
        (ann_id, first.pk, -1),
        (bo_id, second.pk, 0),
    ]
    assert (people.dtype, values.dtype) == (np.int32, np.int8)


def test_the_engine_gets_the_votes_as_they_stood_at_an_id():
    consultation = make_consultation()
    statement = make_statements(consultation)[0]
    ann = cast(statement, 1)
    then = queries.last_vote_id(consultation)
    cast(statement, -1, ann, n=1)
    cast(statement, 0)
    assert queries.list_votes_for_analysis(consultation, then)[2].tolist() == [1]
    assert sorted(queries.list_votes_for_analysis(consultation)[2].tolist()) == [-1, 0]


def test_the_engine_gets_each_persons_last_of_many_revisions():
    """As latest_votes says one by one, whatever was changed how often."""
    consultation = make_consultation()
    statements = make_statements(consultation, *[f"Idea {number}." for number in range(4)])
    voters = [make_voter(consultation) for _ in range(6)]
    given = [(voters[k % 6], statements[k % 4], k // 12) for k in range(36)]
    for k, (voter, statement, n) in enumerate(given):
        cast(statement, (-1, 0, 1)[(k + n) % 3], voter, n=n)
    people, found, values, _ms = queries.list_votes_for_analysis(consultation)
    wanted = queries.latest_votes(Vote.objects.all()).values_list("participant_id", "statement_id", "value")
    assert sorted(zip(people.tolist(), found.tolist(), values.tolist(), strict=True)) == sorted(wanted)
    assert len(wanted) == 12 and Vote.objects.filter(n=2).exists()


def test_the_engine_gets_nothing_rejected_or_erased():
    consultation = make_consultation()
    first, second = make_statements(consultation, "One.", "Two.")
    cast(first)
    cast(second)
    Statement.objects.filter(pk=first.pk).update(moderation="rejected", moderation_reason="why")
    assert queries.list_votes_for_analysis(consultation)[1].tolist() == [second.pk]
    Participant.objects.update(erased_at=NOW)
    assert queries.list_votes_for_analysis(consultation)[0].size == 0


def test_the_last_vote_is_that_of_the_consultation():
    consultation, other = make_consultation(), make_consultation()
    statement = make_statements(consultation)[0]
    assert queries.last_vote_id(consultation) == 0
    cast(statement)
    before = queries.last_vote_id(consultation)
    cast(make_statements(other)[0])
    assert queries.last_vote_id(consultation) == before > 0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Ask first.", "ask  FIRST", True),
        ("Straße", "STRASSE", True),
        ("C++ for all", "C for all", False),
        ("बिजली", "बजल", False),
        ("先问。", "先问", True),
        ("?!", "!", False),
    ],
)
def test_what_counts_as_the_same_words(one, other, same):
    assert (same_words(one) == same_words(other)) is same
