from collections import Counter

import pytest
from django.urls import reverse

from plenary.participation import actions, queries, tokens
from plenary.participation.models import Seen, Vote
from plenary.records.models import Text, Translation

from .factories import NOW, cast, make_consultation, make_statements, make_voter

pytestmark = pytest.mark.django_db
OURS = {"Sec-Fetch-Site": "same-origin"}


def next_of(consultation, voter, language="en", seen=()):
    return queries.get_card(consultation, voter, language, seen=seen).statement


def test_exposure_is_balanced_over_people_and_over_time():
    consultation = make_consultation()
    statements = make_statements(consultation, *(f"Idea {number}." for number in range(12)))
    shown = Counter()
    for _ in range(12):
        for _ in range(10):
            voter = make_voter(consultation)
            for _ in range(3):
                statement = next_of(consultation, voter)
                cast(statement, 1, voter)
                shown[statement] += 1
        queries.forget_boards()
    assert len(shown) == len(statements)
    assert min(shown.values()) > 0.4 * max(shown.values())


def test_a_board_is_kept_and_counts_no_vote_until_it_is_old(monkeypatch):
    consultation = make_consultation()
    statement = make_statements(consultation, "One.", "Two.")[0]
    board = queries.get_board(consultation.pk)
    cast(statement)
    assert queries.get_board(consultation.pk) is board
    board.fresh_until = 0
    assert queries.get_board(consultation.pk).counts == {statement.pk: (0, 0, 1)}


def test_what_came_or_left_is_on_the_next_card_at_once():
    consultation = make_consultation()
    first, second = make_statements(consultation, "One.", "Two.")
    voter = make_voter(consultation)
    assert next_of(consultation, voter) in (first, second)
    actions.moderate_statements(
        statements=[first, second], decision="rejected", reason="why", by=None, now=NOW
    )
    assert next_of(consultation, voter) is None
    third = make_statements(consultation, "Three.")[0]
    assert next_of(consultation, voter) == third


def test_what_can_be_read_comes_first():
    consultation = make_consultation()
    statements = make_statements(consultation, *(f"Idea {number}." for number in range(9)))
    text = Text.objects.get(pk=statements[4].record.title_id)
    Translation.objects.create(
        text=text, language="fr", body="Une idée.", provenance="human", source_hash=text.hash
    )
    voters = [make_voter(consultation) for _ in range(5)]
    assert {next_of(consultation, voter, "fr") for voter in voters} == {statements[4]}
    assert len({next_of(consultation, voter, "en") for voter in voters}) > 1


def test_what_she_goes_past_comes_last_and_in_turn():
    consultation = make_consultation()
    statements = make_statements(consultation, "One.", "Two.", "Three.")
    voter = make_voter(consultation)
    seen = []
    order = []
    for _ in range(6):
        order.append(next_of(consultation, voter, seen=seen).reference)
        seen = [name for name in seen if name != order[-1]] + [order[-1]]
    assert order[:3] == order[3:]
    assert set(order) == {item.reference for item in statements}


def test_what_was_shown_is_stored_with_the_next_vote_and_by_no_other_request(client):
    consultation = make_consultation()
    first, second, third = make_statements(consultation, "One.", "Two.", "Three.")
    address = reverse("consultation", args=[consultation.reference])
    token = tokens.mint(consultation.pk)
    page = client.post(address, {"token": token, "statement": first.reference, "skip": "1"}, headers=OURS)
    assert page.status_code == 200
    assert f'name="seen" value="{first.reference}"' in page.content.decode()
    assert (Seen.objects.count(), Vote.objects.count()) == (0, 0)

    seen = f"{first.reference} STM-999 nonsense {second.reference}"
    fields = {
        "token": token,
        "statement": third.reference,
        "n": 0,
        "value": 1,
        "language": "en",
        "seen": seen,
    }
    assert client.post(address, fields, headers=OURS).status_code == 200
    assert set(Seen.objects.values_list("statement", flat=True)) == {first.pk, second.pk}
    assert queries.count_unanswered(consultation.pk) == {first.pk: 1, second.pk: 1}
    client.post(address, fields, headers=OURS)
    assert (Seen.objects.count(), Vote.objects.count()) == (2, 1)

    client.post(address, {"token": token, "statement": first.reference, "n": 0, "value": 1}, headers=OURS)
    assert queries.count_unanswered(consultation.pk) == {second.pk: 1}


def test_without_javascript_what_she_went_past_travels_in_the_address(client):
    consultation = make_consultation()
    first, second = make_statements(consultation, "One.", "Two.")
    address = reverse("consultation", args=[consultation.reference])
    client.post(
        address, {"token": tokens.mint(consultation.pk), "statement": first.reference, "n": 0, "value": 1}
    )
    third = make_statements(consultation, "Three.")[0]
    answer = client.post(address, {"statement": second.reference, "skip": "1"}, headers=OURS)
    assert answer.status_code == 303
    page = client.get(answer["Location"])
    assert page.context["card"].statement == third
    assert f'name="seen" value="{second.reference}"' in page.content.decode()


def test_what_another_consultation_or_nobody_shows_is_not_stored():
    consultation, other = make_consultation(), make_consultation()
    first, second = make_statements(consultation, "One.", "Two.")
    foreign = make_statements(other)[0]
    actions.moderate_statements(statements=[second], decision="rejected", reason="why", by=None, now=NOW)
    actions.take_vote(
        consultation=consultation, voter=make_voter(consultation), statement=first.reference, n=0, value=1,
        language="en", now=NOW, seen=[foreign.reference, second.reference],
    )  # fmt: skip
    assert not Seen.objects.exists()


@pytest.mark.parametrize("size", [0, 1])
def test_a_board_of_nothing_ranks_nothing(size):
    consultation = make_consultation()
    if size:
        make_statements(consultation, "One.")
    assert len(queries.get_board(consultation.pk).ranking("en", 3)) == size
