from datetime import timedelta

import pytest
from django.urls import reverse

from plenary.kit.errors import Refused
from plenary.participation import actions, queries, tokens
from plenary.participation.models import BallotEntry, BallotSent, Consultation, Participant, Vote
from plenary.participation.tokens import Voter
from plenary.records.models import Event

from .factories import NOW, cast, make_consultation, make_statements, make_voter

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def consultation():
    made = make_consultation(opens_at=NOW - DAY, closes_at=NOW)
    Consultation.objects.update(final_closes_at=NOW + DAY)
    made.refresh_from_db()
    return made


@pytest.fixture
def statements(consultation):
    return make_statements(consultation, *(f"Idea {number}." for number in range(5)))


@pytest.fixture
def on_ballot(consultation, statements):
    chosen = [statements[3], statements[0], statements[1]]
    actions.set_ballot(consultation=consultation, statements=chosen, by=None, now=NOW - DAY)
    return chosen


def send(consultation, voter, answers, now=NOW):
    return actions.send_ballot(consultation=consultation, voter=voter, answers=answers, languages={}, now=now)


@pytest.fixture
def running(consultation, on_ballot):
    """The final round runs by the clock of the machine."""
    Consultation.objects.update(final_closes_at=NOW + 20_000 * DAY)
    return consultation


def test_the_short_list_is_set_once_and_in_order(consultation, on_ballot, statements):
    assert queries.list_ballot(consultation) == on_ballot
    actions.set_ballot(consultation=consultation, statements=statements[:4], by=None, now=NOW)
    assert queries.list_ballot(consultation) == statements[:4]
    events = Event.objects.filter(record=consultation.record, verb="ballot set")
    assert [len(event.changes["ballot"][1]) for event in events] == [3, 4]


def test_a_final_round_without_a_short_list_waits_for_somebody_to_choose_one(consultation, statements):
    assert queries.count_missing_ballot(consultation) == 0  # it is over by the clock of the machine
    Consultation.objects.update(final_closes_at=NOW + 20_000 * DAY)
    consultation.refresh_from_db()
    assert queries.count_missing_ballot(consultation) == 1
    actions.set_ballot(consultation=consultation, statements=statements[:3], by=None, now=NOW)
    assert queries.count_missing_ballot(consultation) == 0


def test_what_is_no_ballot_is_refused_and_nothing_changes(consultation, on_ballot, statements):
    other = make_statements(make_consultation())[0]
    for wrong in (statements[:2], [*statements[:2], other], [statements[0]] * 3):
        with pytest.raises(Refused):
            actions.set_ballot(consultation=consultation, statements=wrong, by=None, now=NOW)
    assert queries.list_ballot(consultation) == on_ballot


def test_once_somebody_answered_the_list_stays(consultation, on_ballot, statements):
    send(consultation, make_voter(consultation), {on_ballot[0].reference: 1})
    with pytest.raises(Refused):
        actions.set_ballot(consultation=consultation, statements=statements[:4], by=None, now=NOW)


def test_a_ballot_is_votes_and_changes_only_what_changed(consultation, on_ballot):
    first, second, _third = on_ballot
    Consultation.objects.update(closes_at=NOW + 2 * DAY, final_closes_at=None)
    consultation.refresh_from_db()
    voter = cast(first, -1)
    Consultation.objects.update(closes_at=NOW, final_closes_at=NOW + DAY)
    consultation.refresh_from_db()
    assert send(consultation, voter, {first.reference: 1, second.reference: 0}) == 2
    assert send(consultation, voter, {first.reference: 1, second.reference: -1}) == 1
    votes = Vote.objects.order_by("statement", "n").values_list("statement", "n", "value")
    assert sorted(votes) == sorted(
        [(first.pk, 0, -1), (first.pk, 1, 1), (second.pk, 0, 0), (second.pk, 1, -1)]
    )
    assert BallotSent.objects.count() == Participant.objects.count() == 1
    ballot = queries.get_ballot(consultation, voter, "en")
    assert [item.answer.value if item.answer else None for item in ballot.statements] == [1, -1, None]
    assert (ballot.is_sent, ballot.done) == (True, 2)


@pytest.mark.parametrize("now", [NOW - DAY / 2, NOW + DAY])
def test_outside_of_the_round_nothing_is_taken(consultation, on_ballot, now):
    with pytest.raises(Refused, match="final round is not open"):
        send(consultation, make_voter(consultation), {on_ballot[0].reference: 1}, now)
    assert not Participant.objects.exists()


def test_a_ballot_with_something_else_on_it_is_refused_whole(consultation, on_ballot, statements):
    with pytest.raises(Refused):
        send(consultation, make_voter(consultation), {on_ballot[0].reference: 1, statements[4].reference: 1})
    assert not Vote.objects.exists()


def test_the_result_counts_who_had_it_before_her_and_nobody_else(consultation, on_ballot):
    first, second, third = on_ballot
    Consultation.objects.update(closes_at=NOW + 2 * DAY, final_closes_at=None)
    for item in on_ballot:
        item.consultation.refresh_from_db()
    cast(first, -1)  # somebody who sends no ballot
    Consultation.objects.update(closes_at=NOW, final_closes_at=NOW + DAY)
    consultation.refresh_from_db()
    for answers in ({first: 1, second: 1}, {first: -1, second: 1}, {second: 0}):
        send(
            consultation, make_voter(consultation), {item.reference: value for item, value in answers.items()}
        )
    result = queries.get_ballot_result(consultation, "en")
    assert result.people == 3
    assert [(item, item.shares.agree, item.unanswered) for item in result.statements] == [
        (second, 2, 0), (first, 1, 1), (third, 0, 3),
    ]  # fmt: skip


def test_the_ballot_by_its_page(client, running, on_ballot):
    first, second, _ = on_ballot
    url = reverse("ballot", args=[running.reference])
    page = client.get(url)
    assert page.status_code == 200
    token = page.context["token"]
    sent = client.post(url, {"token": token, first.reference: "1", second.reference: "-1"}, headers=OURS)
    assert sent.status_code == 200
    assert "Your ballot counted" in sent.content.decode()
    assert f'name="{first.reference}" value="1" checked' in sent.content.decode()
    again = client.post(url, {first.reference: "0"}, headers=OURS)  # by the cookie
    assert (again.status_code, again["Location"]) == (303, f"{url}?sent=1#ballot")
    assert "2 of 3 answered" in client.get(url).content.decode()
    assert Participant.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "status"),
    [({"token": "forged", "STM-1": "1"}, 422), ({}, 422), ({"STM-1": "7"}, 422), ({"STM-999": "1"}, 409)],
)
def test_what_cannot_be_read_counts_nothing(client, running, fields, status):
    url = reverse("ballot", args=[running.reference])
    given = {"token": tokens.mint(running.pk)} | fields
    assert client.post(url, given, headers=OURS).status_code == status
    assert not Vote.objects.exists()


def test_a_consultation_without_a_ballot_has_no_such_page(client):
    made = make_consultation()
    assert client.get(reverse("ballot", args=[made.reference])).status_code == 404
    assert client.get(reverse("ballot", args=["CON-999"])).status_code == 404


def test_before_and_after(client, consultation, on_ballot):
    url = reverse("ballot", args=[consultation.reference])
    send(consultation, make_voter(consultation), {on_ballot[0].reference: 1})
    assert "1 person had all of these" in client.get(url).content.decode()  # the machine's clock is later
    told = client.get(f"/api/v1/consultations/{consultation.reference}/ballot").json()
    assert told["people"] == 1
    assert told["results"][0]["agree"] == 1
    Consultation.objects.update(closes_at=NOW + 20_000 * DAY, final_closes_at=NOW + 20_001 * DAY)
    assert "The final round begins" in client.get(url).content.decode()
    told = client.get(f"/api/v1/consultations/{consultation.reference}/ballot").json()
    assert (told["people"], len(told["statements"])) == (None, 3)


def test_in_the_final_round_the_page_leads_to_the_ballot(client, running):
    page = client.get(reverse("consultation", args=[running.reference])).content.decode()
    assert reverse("ballot", args=[running.reference]) in page


def test_the_desk_sets_it(client, alice, consultation, statements):
    Consultation.objects.update(closes_at=NOW + 20_000 * DAY, final_closes_at=NOW + 20_001 * DAY)
    consultation.refresh_from_db()
    for item in statements:
        item.consultation.refresh_from_db()
        for _ in range(8):
            cast(item)
    url = reverse("edit-ballot", args=[consultation.reference])
    assert client.get(url).status_code == 302
    client.force_login(alice)
    page = client.get(url)
    assert page.content.decode().count("proposed by the engine") == 5
    few = client.post(url, {"chosen": [statements[0].reference]})
    assert few.status_code == 409
    wrong = client.post(url, {"others": "nonsense"})
    assert wrong.status_code == 422
    gone = client.post(url, {"others": "STM-900 STM-901 STM-902"})
    assert gone.status_code == 409
    assert not BallotEntry.objects.exists()
    done = client.post(
        url,
        {
            "chosen": [item.reference for item in statements[:2]],
            "others": f"{statements[4].reference.lower()}",
        },
    )
    assert done.status_code == 302
    assert queries.list_ballot(consultation) == [statements[0], statements[1], statements[4]]


# Another device


def test_going_on_on_another_device(client, django_user_model):
    consultation = make_consultation(closes_at=None)
    first, _ = make_statements(consultation, "One.", "Two.")
    token = tokens.mint(consultation.pk)
    cast(first, 1, Voter(token_hash=tokens.read(token, consultation.pk)))
    page = client.post(
        reverse("another-device", args=[consultation.reference]), {"token": token}, headers=OURS
    )
    link = reverse("resume", args=[consultation.reference, token])
    assert link in page.content.decode()
    assert "data:image/svg+xml;base64," in page.content.decode()

    other = type(client)()
    asked = other.get(link)
    assert (asked.status_code, asked["Referrer-Policy"]) == (200, "no-referrer")
    assert not other.cookies
    for elsewhere in ({"sec-fetch-site": "cross-site"}, {"origin": "https://elsewhere.example"}):
        assert other.post(link, headers=elsewhere).status_code == 403
    assert not other.cookies
    went = other.post(link, headers=OURS)
    assert went.status_code == 303
    assert other.cookies["taking-part"].value == token
    assert other.get(reverse("consultation", args=[consultation.reference])).context["card"].done == 1
    assert Participant.objects.count() == 1


def test_a_link_that_is_nobodys_sets_nothing(client):
    consultation, other = make_consultation(), make_consultation()
    for token in ("forged", tokens.mint(other.pk), tokens.mint(consultation.pk)):
        link = reverse("resume", args=[consultation.reference, token])
        assert client.get(link).status_code == 422
        assert client.post(link, headers=OURS).status_code == 422
    assert not client.cookies


def test_the_link_is_in_no_log(client, caplog):
    consultation = make_consultation()
    token = tokens.mint(consultation.pk)
    client.get(reverse("resume", args=[consultation.reference, token]))
    assert "GET resume 422" in caplog.text
    assert token not in caplog.text
    assert token.partition(":")[0] not in caplog.text
