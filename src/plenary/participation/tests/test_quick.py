"""The short way of a vote: what it answers is what the long way answers, byte by byte."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from plenary.participation import actions, queries, quick, tokens, voters
from plenary.participation.models import Consultation, Participant, Seen, Vote
from plenary.records.models import Event, Text, Translation

from .factories import NOW, make_consultation, make_statements

pytestmark = pytest.mark.django_db
OURS = {"Sec-Fetch-Site": "same-origin", "HX-Request": "true"}


@pytest.fixture
def ways(monkeypatch):
    """Which way each vote went: True for the short one."""
    went = []
    answer = quick._answer

    def noticed(request, reference):
        found = answer(request, reference)
        went.append(found is not None)
        return found

    monkeypatch.setattr(quick, "_answer", noticed)
    return went


@pytest.fixture
def consultation():
    made = make_consultation()
    make_statements(made, *(f"Idea <{number}> & more." for number in range(12)))
    return made


def vote(client, consultation, token, statement, *, value=1, n=0, query="", headers=OURS, **more):
    address = reverse("consultation", args=[consultation.reference]) + query
    fields = {"token": token, "statement": statement, "n": n, "value": value, "language": "en"} | more
    return client.post(address, fields, headers=headers)


def next_statement(page):
    return re.search(r'name="statement" value="([^"]+)"', page.content.decode())[1]


@pytest.mark.parametrize(
    ("query", "accepted", "attributes"),
    [
        ("", "en", []),
        ("", "fr", ["age"]),
        ("?lang=ar", "en", ["age"]),
        ("?lang=pt-BR", "zh-hans", []),
    ],
)
def test_both_ways_give_the_same_card(client, consultation, ways, monkeypatch, query, accepted, attributes):
    Consultation.objects.update(attributes_asked=attributes)
    text = Text.objects.get(
        pk=queries.get_board(consultation.pk).titles[3 + min(queries.get_board(consultation.pk).ids.values())]
    )
    for tag in ("ar", "fr"):
        Translation.objects.create(
            text=text, language=tag, body="<Une> idée.", provenance="machine", source_hash=text.hash
        )
    queries.forget_boards()
    headers = OURS | {"Accept-Language": accepted}
    token = tokens.mint(consultation.pk)
    statement = next(iter(queries.get_board(consultation.pk).ids))
    for number in range(11):
        value = (1, -1, 0)[number % 3]
        client.cookies.clear()
        short = vote(client, consultation, token, statement, value=value, query=query, headers=headers)
        client.cookies.clear()
        with monkeypatch.context() as patch:
            patch.setattr(quick, "_answer", lambda *_: None)
            long = vote(client, consultation, token, statement, value=value, query=query, headers=headers)
        assert (short.status_code, long.status_code) == (200, 200)
        assert short.content.decode() == long.content.decode()
        assert short.cookies[voters.COOKIE].value == long.cookies[voters.COOKIE].value == token
        statement = next_statement(short)
    assert ways == [True] * 11
    last = vote(client, consultation, token, statement, query=query, headers=headers)
    assert ways[-1] is False  # the end of the cards is shown by the long way
    assert last.status_code == 200
    assert Vote.objects.count() == 12
    assert Participant.objects.count() == 1


def test_a_vote_by_the_short_way_costs_few_queries(client, consultation, ways, django_assert_max_num_queries):
    token = tokens.mint(consultation.pk)
    statement = next(iter(queries.get_board(consultation.pk).ids))
    for _ in range(3):
        statement = next_statement(vote(client, consultation, token, statement))
    with django_assert_max_num_queries(8):  # three of them for a card that nobody was shown yet
        vote(client, consultation, token, statement)
    assert ways == [True] * 4


def test_a_first_vote_writes_and_answers_what_the_long_way_does(client, ways, monkeypatch):
    consultation = make_consultation()
    first, _second = make_statements(
        consultation, "One.", "Two."
    )  # one is left: no draw between the two people
    pages, rows = [], []
    for is_short in (True, False):
        token = tokens.mint(consultation.pk)
        with monkeypatch.context() as patch:
            if not is_short:
                patch.setattr(quick, "_answer", lambda *_: None)
            page = vote(client, consultation, token, first.reference)
        assert page.cookies.pop(voters.COOKIE).value == token
        client.cookies.clear()
        participant = Participant.objects.latest("pk")
        assert participant.token_hash == tokens.read(token, consultation.pk)
        assert len(participant.secret) == 32
        pages.append((page.content.decode().replace(token, ""), page.headers["Cache-Control"]))
        fields = Participant.objects.filter(pk=participant.pk).values("user", "terms", "imported_as", "since")
        given = Vote.objects.filter(participant=participant).values("statement", "n", "value", "language")
        rows.append((*fields, *given))
    assert ways == [True]
    assert pages[0] == pages[1]
    assert rows[0] == rows[1]
    assert len(rows[0]) == 2


def test_a_first_vote_costs_few_queries(client, consultation, ways, django_assert_max_num_queries):
    statement = next(iter(queries.get_board(consultation.pk).ids))
    vote(client, consultation, tokens.mint(consultation.pk), statement)
    client.cookies.clear()
    # Three for a card that nobody was shown yet, four for a test's savepoints.
    with django_assert_max_num_queries(10):
        vote(client, consultation, tokens.mint(consultation.pk), statement)
    assert ways == [True, True]


def test_the_cookie_is_enough(client, consultation, ways):
    token = tokens.mint(consultation.pk)
    first, second = list(queries.get_board(consultation.pk).ids)[:2]
    assert client.cookies == {}
    vote(client, consultation, token, first)
    page = vote(client, consultation, "", second)
    assert page.status_code == 200
    assert token in page.content.decode()
    assert ways == [True, True]
    assert Participant.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"token": "forged"}, 422),
        ({"value": "7"}, 422),
        ({"n": "-1"}, 422),
        ({"n": "x"}, 422),
        ({"n": "1"}, 409),
        ({"statement": "STM-999"}, 409),
        ({"statement": "x"}, 409),
    ],
)
def test_what_it_does_not_know_goes_the_long_way_and_writes_nothing(
    client, consultation, ways, changes, status
):
    statement = next(iter(queries.get_board(consultation.pk).ids))
    given = {"token": tokens.mint(consultation.pk), "statement": statement} | changes
    assert vote(client, consultation, **given).status_code == status
    assert ways == [False]
    assert (Vote.objects.count(), Participant.objects.count()) == (0, 0)


def test_a_token_of_another_consultation_is_none(client, consultation, ways):
    other = make_consultation()
    statement = next(iter(queries.get_board(consultation.pk).ids))
    assert vote(client, consultation, tokens.mint(other.pk), statement).status_code == 422
    assert not Vote.objects.exists()


def test_from_another_site_nothing_is_counted(client, consultation):
    token = tokens.mint(consultation.pk)
    first, second = list(queries.get_board(consultation.pk).ids)[:2]
    vote(client, consultation, token, first)
    page = vote(client, consultation, token, second, headers=OURS | {"Sec-Fetch-Site": "cross-site"})
    assert page.status_code == 403
    assert Vote.objects.count() == 1


@pytest.mark.parametrize(
    "change",
    [
        {"closes_at": NOW},
        {"paused_at": NOW},
        {"is_draft": True},
        {"opens_at": NOW + timedelta(days=10_000)},
        {"voting_by": "account"},
    ],
)
@pytest.mark.parametrize("is_newcomer", [True, False])
def test_what_the_desk_changed_holds_for_the_very_next_vote(client, consultation, ways, change, is_newcomer):
    token = tokens.mint(consultation.pk)
    first, second = list(queries.get_board(consultation.pk).ids)[:2]
    if not is_newcomer:
        vote(client, consultation, token, first)
    before = Vote.objects.count()
    queries.get_board(consultation.pk)
    Consultation.objects.update(**change)
    Event.objects.create(record=consultation.record, verb="changed", at=NOW)
    assert vote(client, consultation, token, second).status_code in (404, 409)
    assert ways[-1] is False
    assert Vote.objects.count() == before


def test_a_rejected_statement_takes_no_vote_and_a_new_one_does(client, consultation, ways):
    token = tokens.mint(consultation.pk)
    first, second, third = list(queries.get_board(consultation.pk).ids.items())[:3]
    vote(client, consultation, token, first[0])
    rejected = queries.get_statement_in_words(second[1], "en")
    actions.moderate_statements(statements=[rejected], decision="rejected", reason="why", by=None, now=NOW)
    assert vote(client, consultation, token, second[0]).status_code == 409
    assert vote(client, consultation, token, third[0]).status_code == 200
    assert ways == [True, False, True]


def test_a_retry_and_a_second_answer(client, consultation, ways):
    token = tokens.mint(consultation.pk)
    statement = next(iter(queries.get_board(consultation.pk).ids))
    assert [vote(client, consultation, token, statement).status_code for _ in range(3)] == [200] * 3
    assert vote(client, consultation, token, statement, value=-1).status_code == 409
    assert vote(client, consultation, token, statement, value=-1, n=1).status_code == 200
    assert list(Vote.objects.order_by("n").values_list("n", "value")) == [(0, 1), (1, -1)]
    assert ways == [True, False, False, False, True]


def test_what_she_went_past_is_stored_and_comes_last(client, consultation, ways):
    token = tokens.mint(consultation.pk)
    names = list(queries.get_board(consultation.pk).ids)
    page = vote(client, consultation, token, names[0], seen=" ".join(names[1:-1]))
    assert ways == [True]
    assert Seen.objects.count() == 10
    assert next_statement(page) == names[-1]
    page = vote(client, consultation, token, names[-1])
    assert next_statement(page) == names[1]
    assert ways == [True, True]


def test_words_that_changed_are_on_the_next_card(client, ways):
    consultation = make_consultation()
    first, second, third = make_statements(consultation, "One.", "Two.", "Three.")
    for _ in range(2):  # the card of the one that is left is kept
        page = vote(
            client, consultation, tokens.mint(consultation.pk), first.reference, seen=second.reference
        )
        client.cookies.clear()
    assert next_statement(page) == third.reference
    text = Text.objects.get(pk=third.record.title_id)
    Translation.objects.create(
        text=text, language="fr", body="Trois.", provenance="human", source_hash=text.hash
    )
    Event.objects.create(record=third.record, verb="translated", at=NOW)
    fourth = vote(
        client,
        consultation,
        tokens.mint(consultation.pk),
        first.reference,
        query="?lang=fr",
        seen=second.reference,
    )
    client.cookies.clear()
    assert "Trois." in fourth.content.decode()
