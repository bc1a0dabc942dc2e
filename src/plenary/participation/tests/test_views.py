import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from plenary.participation import actions, voters
from plenary.participation.models import Consultation, Participant, Statement, Vote
from plenary.records.tests.factories import make_organization

from .factories import make_consultation, make_statements, make_voter

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def consultation():
    now = timezone.now()
    return make_consultation(opens_at=now - timedelta(hours=1), closes_at=now + timedelta(days=3))


@pytest.fixture
def statements(consultation):
    return make_statements(consultation, "One.", "Two.")


@pytest.fixture
def url(consultation):
    return reverse("consultation", args=[consultation.reference])


def fields_of(response):
    """The hidden fields of the card, as a browser would send them back."""
    card = response.content.decode()
    card = card[card.index('id="card"') : card.index("</form>", card.index('id="card"'))]
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', card))


class Cookieless(Client):
    """A browser that keeps no cookies."""

    def request(self, **request):
        self.cookies.clear()
        response = super().request(**request)
        self.cookies.clear()
        return response


# Looking


def test_looking_writes_nothing_and_sets_no_cookie(client, url, statements):
    response = client.get(url)
    assert response.status_code == 200
    assert not response.cookies
    assert not Participant.objects.exists()
    assert "no-store" in response.headers["Cache-Control"]
    assert {"token", "statement", "n", "language"} == set(fields_of(response))


def test_every_look_of_a_newcomer_mints_another_token(client, url, statements):
    assert fields_of(client.get(url))["token"] != fields_of(client.get(url))["token"]


def test_the_card_is_marked_up_for_keys_and_readers(client, url, statements):
    page = client.get(url).content.decode()
    assert '<section class="card" id="card" data-card' in page
    assert re.findall(r'name="value" value="(-?\d)"', page) == ["1", "-1", "0"]
    assert "2 of 2 left" in page
    assert "at least 16 years" in page
    assert "CC-BY-4.0" in page


def test_a_page_costs_few_queries_whatever_there_is(client, url, statements, django_assert_max_num_queries):
    client.post(url, fields_of(client.get(url)) | {"value": "1"})
    with django_assert_max_num_queries(16):
        client.get(url)


@pytest.mark.parametrize("reference", ["CON-999", "STM-1", "nonsense"])
def test_an_unknown_consultation_is_not_found(client, statements, reference):
    assert client.get(reverse("consultation", args=[reference])).status_code == 404


def test_a_card_answers_no_other_method(client, url):
    assert client.put(url).status_code == 405


def test_before_and_after_there_is_no_card(client, url, statements):
    for opens, closes in ((1, 2), (-2, -1)):
        Consultation.objects.update(
            opens_at=timezone.now() + timedelta(days=opens), closes_at=timezone.now() + timedelta(days=closes)
        )
        response = client.get(url)
        assert response.status_code == 200
        assert b'name="value"' not in response.content


# Voting


def test_the_first_vote_counts_and_lets_the_browser_resume(client, url, statements):
    response = client.post(url, fields_of(client.get(url)) | {"value": "-1"})
    assert response.status_code == 200
    assert Vote.objects.get().value == -1
    cookie = response.cookies[voters.COOKIE]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"], cookie["secure"]) == (
        url,
        True,
        "Lax",
        "",
    )
    assert b"1 of 2 left" in response.content
    assert b"1 of 2 left" in client.get(url).content


def test_behind_tls_the_cookie_is_secure(client, url, statements, settings):
    settings.PLENARY_HTTPS = True
    response = client.post(url, fields_of(client.get(url)) | {"value": "1"})
    assert response.cookies[voters.COOKIE]["secure"]


def test_with_the_cookie_a_vote_is_answered_by_a_redirect_to_the_next_card(client, url, statements):
    first = client.post(url, fields_of(client.get(url)) | {"value": "1"})
    second = client.post(url, fields_of(first) | {"value": "1"}, headers=OURS)
    assert (second.status_code, second.url) == (303, f"{url}#card")
    assert (Participant.objects.count(), Vote.objects.count()) == (1, 2)
    assert b"Thank you" in client.get(url).content


def test_without_cookies_and_without_script_the_token_in_the_form_carries_on(url, statements):
    client = Cookieless()
    first = client.post(url, fields_of(client.get(url)) | {"value": "1"})
    second = client.post(url, fields_of(first) | {"value": "-1"})
    assert (first.status_code, second.status_code) == (200, 200)
    assert (Participant.objects.count(), Vote.objects.count()) == (1, 2)
    assert b"You voted on all 2 statements" in second.content
    again = client.post(url, {"token": fields_of(second)["token"], "again": statements[0].reference})
    assert (fields_of(again)["statement"], fields_of(again)["n"]) == (statements[0].reference, "1")
    client.post(url, fields_of(again) | {"value": "0"})
    assert list(Vote.objects.filter(statement=statements[0]).values_list("n", flat=True)) == [0, 1]


def test_reloading_the_answer_leaves_one_vote(url, statements):
    client = Cookieless()
    sent = fields_of(client.get(url)) | {"value": "1"}
    assert [client.post(url, sent).status_code for _ in range(3)] == [200, 200, 200]
    assert (Participant.objects.count(), Vote.objects.count()) == (1, 1)


def test_two_taps_on_different_answers_count_the_first_and_offer_to_change(url, statements):
    client = Cookieless()
    sent = fields_of(client.get(url))
    client.post(url, sent | {"value": "1"})
    second = client.post(url, sent | {"value": "-1"})
    assert second.status_code == 409
    assert "You had already answered “Agree” here" in second.content.decode()
    assert (fields_of(second)["statement"], fields_of(second)["n"]) == (sent["statement"], "1")
    assert Vote.objects.get().value == 1


def test_two_cards_opened_side_by_side_are_one_participant(client, url, statements):
    left, right = fields_of(client.get(url)), fields_of(client.get(url))
    client.post(url, left | {"value": "1"})
    client.post(url, right | {"statement": statements[1].reference, "value": "1"}, headers=OURS)
    client.post(url, right | {"statement": statements[0].reference, "value": "1"}, headers=OURS)
    assert Participant.objects.count() == 1


def test_undo_shows_the_last_card_again(client, url, statements):
    first = client.post(url, fields_of(client.get(url)) | {"value": "1"})
    last = re.search(r'name="again" value="([^"]+)"', first.content.decode())[1]
    response = client.post(url, {"again": last}, headers=OURS, follow=True)
    assert fields_of(response)["statement"] == last
    assert b'aria-pressed="true"' in response.content
    client.post(url, fields_of(response) | {"value": "-1"}, headers=OURS)
    assert list(Vote.objects.order_by("n").values_list("n", "value")) == [(0, 1), (1, -1)]


WAYS = [
    pytest.param(Client, {}, id="a form with a cookie"),
    pytest.param(Cookieless, {}, id="a form without"),
    pytest.param(Client, HTMX, id="a script"),
]


def changed(client, url, at, answer, headers):
    """The card after she goes back from the one she is at to her last vote, and answers it (or keeps it: "")."""
    last = re.search(r'name="again" value="([^"]+)"', at.content.decode())[1]
    back = client.post(url, fields_of(at) | {"again": last}, headers=headers | OURS, follow=True)
    assert fields_of(back)["statement"] == last
    sent = {"value": answer} if answer else {"again": ""}
    return client.post(url, fields_of(back) | sent, headers=headers | OURS, follow=True)


@pytest.mark.parametrize("answer", ["-1", ""])
@pytest.mark.parametrize(("make_client", "headers"), WAYS)
def test_after_a_changed_vote_she_is_where_she_was(
    consultation, url, make_client, headers, answer, monkeypatch
):
    make_statements(consultation, *[f"Idea {number}." for number in range(12)])
    client = make_client()
    at = client.post(url, fields_of(client.get(url)) | {"value": "1"}, headers=headers | OURS, follow=True)
    here = fields_of(at)["statement"]
    # What others said in between would bring another card first.
    elsewhere = Statement.objects.exclude(record__reference=here).last().pk
    monkeypatch.setattr("plenary.participation.queries.cards.choose_next", lambda *_, **__: elsewhere)
    after = changed(client, url, at, answer, headers)
    assert fields_of(after)["statement"] == here and "then" not in fields_of(after)
    goes_on = client.post(url, fields_of(after) | {"value": "1"}, headers=headers | OURS, follow=True)
    assert fields_of(goes_on)["statement"] != here


def test_what_cannot_come_any_more_does_not_come_after_a_changed_vote(consultation, url):
    one, two, three = make_statements(consultation, "One.", "Two.", "Three.")
    client = Cookieless()
    at = client.post(url, fields_of(client.get(url)) | {"value": "1"})
    last = re.search(r'name="again" value="([^"]+)"', at.content.decode())[1]
    back = client.post(url, fields_of(at) | {"again": last})
    for then in ("STM-999999", "nonsense", last, "STM-1 STM-2"):
        again = client.post(url, fields_of(back) | {"value": "1", "then": then})
        assert again.status_code in (200, 409) and fields_of(again)["statement"] not in ("", then)
    at = client.post(url, fields_of(at) | {"again": last})
    rejected = Statement.objects.get(record__reference=fields_of(at)["then"])
    actions.moderate_statements(
        statements=[rejected], decision="rejected", reason="off-topic", by=None, now=timezone.now()
    )
    after = client.post(url, fields_of(at) | {"value": "-1"})
    assert after.status_code == 200
    assert fields_of(after)["statement"] in {each.reference for each in (one, two, three)} - {
        rejected.reference,
        last,
    }


def test_htmx_gets_the_card_alone_and_hears_that_the_vote_counted(client, url, statements):
    response = client.post(url, fields_of(client.get(url)) | {"value": "1"}, headers=HTMX)
    page = response.content.decode()
    assert response.status_code == 200
    assert "<html" not in page
    assert 'data-announce="Your vote counted. Next statement."' in page
    response = client.post(url, fields_of(response) | {"value": "1"}, headers=HTMX | OURS)
    assert "That was the last statement" in response.content.decode()


@pytest.mark.parametrize("changes", [{"token": "invented"}, {"token": ""}])
def test_a_token_that_is_not_ours_counts_nothing_and_brings_a_new_card(url, statements, changes):
    client = Cookieless()
    response = client.post(url, fields_of(client.get(url)) | {"value": "1"} | changes)
    assert response.status_code == 422
    assert not Vote.objects.exists()
    assert client.post(url, fields_of(response) | {"value": "1"}).status_code == 200


def test_a_token_of_another_consultation_counts_nothing(client, url, statements):
    elsewhere = make_consultation()
    other = client.get(reverse("consultation", args=[elsewhere.reference]))
    make_statements(elsewhere, "Elsewhere.")
    other = fields_of(client.get(reverse("consultation", args=[elsewhere.reference])))
    response = client.post(url, fields_of(client.get(url)) | {"token": other["token"], "value": "1"})
    assert (response.status_code, Vote.objects.count()) == (422, 0)


@pytest.mark.parametrize(
    "changes", [{"value": "2"}, {"value": ""}, {"n": "-1"}, {"n": "x"}, {"n": "99999"}, {"statement": ""}]
)
def test_an_answer_that_cannot_be_read_counts_nothing(client, url, statements, changes):
    response = client.post(url, fields_of(client.get(url)) | {"value": "1"} | changes)
    assert (response.status_code, Vote.objects.count()) == (422, 0)


def test_a_language_that_is_none_is_left_out(client, url, statements):
    client.post(url, fields_of(client.get(url)) | {"value": "1", "language": "<script>"})
    assert Vote.objects.get().language == ""


def test_a_vote_after_the_end_is_refused_and_says_so(client, url, statements):
    sent = fields_of(client.get(url)) | {"value": "1"}
    Consultation.objects.update(closes_at=timezone.now())
    response = client.post(url, sent)
    assert response.status_code == 409
    assert b"not open for votes now" in response.content
    assert not Participant.objects.exists()


# Forms of other sites


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Sec-Fetch-Site": "none"}, 303),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"}, 403),
        ({"Origin": "http://testserver"}, 303),
        ({"Referer": "http://testserver/consultations/CON-1"}, 303),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "http://testserver.evil.example"}, 403),
        ({"Origin": "https://testserver"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 403),
    ],
)
def test_a_form_with_a_cookie_must_come_from_a_page_of_ours(client, url, statements, headers, status):
    first = client.post(url, fields_of(client.get(url)) | {"value": "1"})
    response = client.post(url, fields_of(first) | {"value": "1"}, headers=headers)
    assert response.status_code == status
    assert Vote.objects.count() == (2 if status == 303 else 1)
    if status == 403:
        assert b"did not come from a page of this site" in response.content


def test_the_session_counts_as_a_cookie_too(client, url, statements, bob):
    client.force_login(bob)
    sent = fields_of(client.get(url)) | {"value": "1"}
    assert client.post(url, sent, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert not Vote.objects.exists()


# With an account


def test_a_signed_in_vote_belongs_to_the_account_and_leaves_no_cookie(client, url, statements, bob):
    client.force_login(bob)
    card = fields_of(client.get(url))
    assert "token" not in card
    response = client.post(url, card | {"value": "1"}, headers=OURS)
    assert response.status_code == 303
    assert voters.COOKIE not in response.cookies
    participant = Participant.objects.get()
    assert (participant.user, participant.token_hash) == (bob, None)


def test_signing_out_on_a_shared_computer_leaves_nothing_to_vote_with(client, url, statements, bob):
    client.force_login(bob)
    card = fields_of(client.get(url))
    client.post(url, card | {"value": "1"}, headers=OURS)
    client.logout()
    assert client.post(url, card | {"value": "-1", "n": "1"}).status_code == 422


def test_who_began_without_an_account_goes_on_so_when_she_signs_in(client, url, statements, bob):
    client.post(url, fields_of(client.get(url)) | {"value": "1"})
    client.force_login(bob)
    page = client.get(url)
    assert "1 of 2 left" in page.content.decode()
    assert "you go on without your account" in page.content.decode()
    client.post(url, fields_of(page) | {"value": "1"}, headers=OURS)
    participant = Participant.objects.get()  # one person, and nothing that links her to the account
    assert (participant.user, participant.votes.count()) == (None, 2)


def test_an_account_that_voted_comes_before_the_cookie_and_the_card_says_that_there_are_two(
    client, url, statements, bob
):
    client.force_login(bob)
    client.post(url, fields_of(client.get(url)) | {"value": "1"}, headers=OURS)
    client.logout()
    client.post(url, fields_of(client.get(url)) | {"value": "1"})
    client.force_login(bob)
    page = client.get(url).content.decode()
    assert "These are the votes of your account." in page
    assert "you go on without your account" not in page


def test_a_cookie_that_did_nothing_does_not_hold_an_account_back(client, url, consultation, statements, bob):
    client.cookies[voters.COOKIE] = fields_of(client.get(url))["token"]
    client.force_login(bob)
    client.post(url, fields_of(client.get(url)) | {"value": "1"}, headers=OURS)
    assert Participant.objects.get().user == bob


# Own statements


def test_writing_works_without_script_and_without_cookies(url, consultation, statements):
    client = Cookieless()
    token = fields_of(client.get(url))["token"]
    response = client.post(f"{url}/statements/new", {"token": token, "body": "Mine.", "language": "fr"})
    made = Statement.objects.get(origin="participant")
    assert response.status_code == 200
    assert b"will be read before others see it" in response.content
    assert (made.moderation, made.record.title.source_language) == ("waiting", "fr")
    assert client.get(reverse("statement", args=[made.reference])).status_code == 404
    assert b"Mine." in client.post(url, {"token": token, "again": ""}).content


def test_with_the_cookie_writing_leads_back_to_the_page(client, url, statements):
    client.post(url, fields_of(client.get(url)) | {"value": "1"})
    sent = {"body": "Mine.", "language": "en"}
    response = client.post(f"{url}/statements/new", sent, headers=OURS)
    assert (response.status_code, response.url) == (303, f"{url}?sent=STM-3#own")
    assert b"Your statement is saved" in client.get(response.url).content
    assert b"Mine." in client.get(url).content


def test_htmx_gets_the_part_below_the_card(client, url, statements):
    token = fields_of(client.get(url))["token"]
    response = client.post(
        f"{url}/statements/new", {"token": token, "body": "Mine.", "language": "en"}, headers=HTMX
    )
    assert b"<html" not in response.content
    assert b'id="own"' in response.content


def test_a_statement_that_is_too_long_is_told_by_how_much(client, url, statements):
    token = fields_of(client.get(url))["token"]
    sent = {"token": token, "language": "en", "body": "x" * 383}
    page = client.post(f"{url}/statements/new", sent).content.decode()
    assert "Your statement is 103 characters too long." in page and "x" * 383 in page


@pytest.mark.parametrize(
    "sent", [{"body": ""}, {"body": "x" * 281}, {"body": "Mine.", "language": "klingon"}]
)
def test_what_cannot_be_saved_is_kept_in_the_form(client, url, statements, sent):
    token = fields_of(client.get(url))["token"]
    response = client.post(f"{url}/statements/new", {"token": token, "language": "en"} | sent)
    assert response.status_code == 422
    assert sent["body"].encode() in response.content
    assert Statement.objects.count() == 2


def test_what_was_said_already_is_offered_for_a_vote(client, url, statements):
    token = fields_of(client.get(url))["token"]
    response = client.post(f"{url}/statements/new", {"token": token, "body": "one", "language": "en"})
    assert response.status_code == 409
    assert f'name="again" value="{statements[0].reference}"'.encode() in response.content


def test_the_page_for_writing_can_be_opened_by_itself(client, url, statements):
    page = client.get(f"{url}/statements/new").content
    assert b"<textarea" in page
    assert b"maxlength" not in page  # a browser would cut there what is pasted, and say nothing


# Lists and single statements


def test_the_list_shows_consultations_with_their_numbers(client, url, statements):
    client.post(url, fields_of(client.get(url)) | {"value": "1"})
    page = client.get(reverse("consultations")).content.decode()
    assert "Schools" in page
    assert "1 person" in page


def test_statements_are_shown_with_counts_and_shares(client, url, statements):
    client.post(url, fields_of(client.get(url)) | {"statement": statements[0].reference, "value": "1"})
    page = client.get(f"{url}/statements").content.decode()
    assert "1&nbsp;(100\u00a0%)" in page
    page = client.get(reverse("statement", args=[statements[0].reference])).content.decode()
    assert "(100\u00a0%)" in page


def test_a_statement_that_nobody_voted_on_says_so(client, statements):
    assert b"Nobody has voted" in client.get(reverse("statement", args=[statements[0].reference])).content


def test_the_json_of_records_tells_their_figures(client, consultation, statements):
    found = client.get(f"/r/{consultation.reference}.json").json()
    assert "How should schools" in str(found)
    assert client.get(f"/r/{statements[0].reference}.json").status_code == 200


def test_the_terms_can_be_read(client):
    assert b"What is published" in client.get(reverse("terms")).content


# The desk


def new(**changes):
    return {
        "language": "en", "title": "Parks", "question": "What do parks need?", "introduction": "",
        "opens_at": "2026-03-01T08:00", "closes_at": "", "moderation": "before", "takes_statements": "on",
        "minimum_age": "14", "seeds": "Trees.\n\n  Benches.  ",
    } | changes  # fmt: skip


def test_the_desk_opens_a_consultation_about_a_record(client, alice):
    about = make_organization("Park office").record
    client.force_login(alice)
    address = f"{reverse('new-consultation')}?about={about.reference}"
    assert b"Park office" in client.get(address).content
    response = client.post(address, new())
    made = Consultation.objects.get()
    assert response.url == reverse("consultation", args=[made.reference])
    assert (made.about, made.minimum_age, made.statements.count()) == (about, 14, 2)
    assert b"Park office" in client.get(response.url).content


@pytest.mark.parametrize(
    "changes", [{"title": ""}, {"closes_at": "2026-02-01T08:00"}, {"seeds": "x" * 281}, {"opens_at": "soon"}]
)
def test_a_wrong_form_opens_nothing(client, alice, changes):
    client.force_login(alice)
    assert client.post(reverse("new-consultation"), new(**changes)).status_code == 422
    assert not Consultation.objects.exists()


def test_a_consultation_about_nothing_known_is_not_found(client, alice):
    client.force_login(alice)
    assert client.get(f"{reverse('new-consultation')}?about=STR-9.C1").status_code == 404


@pytest.mark.parametrize("name", ["new-consultation", "moderation"])
def test_strangers_and_members_do_no_desk_work(client, bob, charlie, consultation, name):
    address = reverse(name, args=[consultation.reference] if name == "moderation" else [])
    assert client.get(address).status_code == 302
    for user in (bob, charlie):
        client.force_login(user)
        assert client.get(address).status_code == 403
        assert client.post(address, new()).status_code == 403


def test_the_desk_moderates_many_at_once(client, alice, consultation, statements):
    made = [
        actions.write_statement(
            consultation=consultation,
            voter=make_voter(consultation),
            body=body,
            language="en",
            now=timezone.now(),
        )
        for body in ("Mine.", "Yours.", "Ours.")
    ]
    client.force_login(alice)
    address = reverse("moderation", args=[consultation.reference])
    page = client.get(address).content.decode()
    assert "Mine." in page
    assert "(3)" in page
    chosen = {"statement": [made[0].reference, made[1].reference]}
    assert client.post(address, chosen | {"decision": "accepted"}, follow=True).status_code == 200
    refused = client.post(address, {"statement": made[2].reference, "decision": "rejected"})
    assert refused.status_code == 409
    assert b"checked" in refused.content
    sent = {"statement": made[2].reference, "decision": "rejected", "reason": "personal", "remark": "A name"}
    assert client.post(address, sent).status_code == 302
    states = {item.pk: (item.moderation, item.moderation_reason) for item in Statement.objects.all()}
    assert [states[item.pk] for item in made] == [
        ("accepted", ""),
        ("accepted", ""),
        ("rejected", "personal: A name"),
    ]
    assert b"It names or exposes a person: A name" in client.get(f"{address}?state=rejected").content


def test_moderation_without_a_choice_changes_nothing(client, alice, consultation):
    client.force_login(alice)
    address = reverse("moderation", args=[consultation.reference])
    assert client.post(address, {"decision": "accepted"}).status_code == 422
    assert client.get(f"{address}?state=lost").status_code == 404


# On the pages of others


def test_home_shows_what_is_open_and_the_desk_what_waits(client, alice, consultation, statements):
    assert b"How should schools test" in client.get("/").content
    actions.write_statement(
        consultation=consultation,
        voter=make_voter(consultation),
        body="Mine.",
        language="en",
        now=timezone.now(),
    )
    client.force_login(alice)
    assert b"1 statement waits" in client.get("/desk").content


def test_statements_are_found_by_their_words_to_read_and_to_moderate(client, alice):
    consultation = make_consultation()
    first, second = make_statements(consultation, "Phones stay outside.", "Counters stay open.")
    page = client.get(f"/consultations/{consultation.reference}/statements?q=phones").content.decode()
    assert first.reference in page and second.reference not in page
    client.force_login(alice)
    address = f"/consultations/{consultation.reference}/moderation?state=accepted"
    page = client.get(f"{address}&q=counters").content.decode()
    assert second.reference in page and first.reference not in page
    assert "No statement is like that" in client.get(f"{address}&origin=letter").content.decode()
