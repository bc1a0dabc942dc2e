"""What people say about themselves: once, after the first votes, each answer free to be left out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from plenary.kit.errors import BadInput, Refused
from plenary.participation import actions, attributes, tokens
from plenary.participation.attributes import ATTRIBUTES, NAMES, YOUTH, attributes_for
from plenary.participation.audience import margins_from_text, margins_to_text
from plenary.participation.models import Consultation, Participant, ParticipantAttributes, Vote
from plenary.records.models import Event

from .factories import NOW, cast, make_consultation, make_statements, make_voter
from .test_views import Cookieless, fields_of

pytestmark = pytest.mark.django_db
FIELDS = {field.name for field in ParticipantAttributes._meta.get_fields()}


def give(consultation, voter, **said):
    return actions.give_attributes(consultation=consultation, voter=voter, said=said, now=NOW)


class TestData:
    def test_every_attribute_has_a_column_and_keys_that_fit_it(self):
        for attribute in ATTRIBUTES:
            assert attribute.name in FIELDS
            assert len(set(attribute.keys)) == len(attribute.keys)
            assert all(len(key) <= 35 for key in attribute.keys)

    def test_youth_is_a_band_of_its_own(self):
        name, key = YOUTH
        assert key in next(each for each in ATTRIBUTES if each.name == name).keys

    def test_the_languages_of_a_consultation_are_among_the_answers(self):
        language = attributes_for(["language"], ["sw"])[0]
        assert "sw" in language.keys and language.keys[-1] == attributes.OTHER_LANGUAGE


class TestGive:
    @pytest.fixture
    def consultation(self):
        return make_consultation()

    @pytest.fixture
    def voter(self, consultation):
        return cast(make_statements(consultation)[0])

    def test_keeps_what_was_said_and_nothing_else(self, consultation, voter):
        kept = give(consultation, voter, age="15-24", gender="")
        assert (kept.age, kept.gender, kept.sector, kept.has_declined) == ("15-24", "", "", False)
        assert kept.given_on == NOW.date()

    def test_writes_no_event_and_no_vote(self, consultation, voter):
        before = Event.objects.count(), Vote.objects.count()
        give(consultation, voter, age="15-24")
        assert (Event.objects.count(), Vote.objects.count()) == before

    def test_all_empty_is_a_decline(self, consultation, voter):
        assert give(consultation, voter, age="", gender="").has_declined

    def test_a_change_takes_the_place_of_what_stood_and_stands_last(self, consultation, voter):
        first = give(consultation, voter, age="15-24")
        second = give(consultation, voter, age="25-34")
        assert ParticipantAttributes.objects.get() == second
        assert second.pk > first.pk

    @pytest.mark.parametrize("said", [{"age": "17"}, {"shoe": "42"}, {"age": "15-24", "gender": "<b>"}])
    def test_what_is_not_on_the_list_is_refused_as_a_whole(self, consultation, voter, said):
        with pytest.raises(Refused):
            give(consultation, voter, **said)
        assert not ParticipantAttributes.objects.exists()

    def test_what_is_not_asked_is_refused(self, consultation, voter, alice):
        actions.set_audience(consultation=consultation, margins={}, asked=["age"], by=alice, now=NOW)
        with pytest.raises(Refused):
            give(consultation, voter, gender="woman")

    def test_who_has_not_voted_is_not_asked(self, consultation):
        with pytest.raises(Refused):
            give(consultation, make_voter(consultation), age="15-24")
        assert not Participant.objects.exists()

    def test_nothing_is_taken_after_the_end(self, voter, consultation):
        consultation.closes_at = NOW - timedelta(minutes=1)
        with pytest.raises(Refused):
            give(consultation, voter, age="15-24")

    def test_erasing_destroys_all_and_asks_no_more(self, consultation, voter):
        give(consultation, voter, age="15-24")
        participant = Participant.objects.get()
        assert actions.erase_attributes(participant=participant)
        kept = ParticipantAttributes.objects.get()
        assert kept.has_declined and not any(getattr(kept, name) for name in NAMES)
        assert not actions.erase_attributes(participant=participant)


class TestAudience:
    def test_is_set_with_its_event(self, alice):
        consultation = make_consultation()
        margins = {"gender": {"woman": 0.5, "man": 0.5}}
        actions.set_audience(consultation=consultation, margins=margins, asked=["gender"], by=alice, now=NOW)
        consultation.refresh_from_db()
        assert (consultation.margins, consultation.attributes_asked) == (margins, ["gender"])
        event = consultation.record.events.get(verb="audience set")
        assert event.changes["margins"] == [{}, margins]

    def test_is_refused_to_others_and_for_unknown_questions(self, alice, charlie):
        consultation = make_consultation()
        with pytest.raises(PermissionDenied):
            actions.set_audience(consultation=consultation, margins={}, asked=[], by=charlie, now=NOW)
        with pytest.raises(Refused):
            actions.set_audience(consultation=consultation, margins={}, asked=["shoe"], by=alice, now=NOW)
        consultation.refresh_from_db()
        assert consultation.attributes_asked == list(NAMES)


class TestMargins:
    def test_lines_and_rows_and_labels_say_the_same(self):
        wanted = {"gender": {"woman": 0.5, "man": 0.48, "another": 0.02}}
        for text in (
            "gender: woman = 50 %\ngender: man = 48%\n\ngender: another = 2",
            "attribute,value,share\ngender,woman,50\ngender,man,48\ngender,another,2",
            "Gender\tWoman\t50,0\nGender\tMan\t48\nGender\tAnother\t2",
            "gender;woman;50\ngender;man;48,0\ngender;another;2",
        ):
            assert margins_from_text(text)["gender"] == pytest.approx(wanted["gender"])
        assert margins_from_text(margins_to_text(wanted)) == wanted

    def test_nothing_is_no_audience(self):
        assert margins_from_text(" \n\n") == {}

    def test_rounded_shares_are_brought_to_a_whole(self):
        read = margins_from_text("gender: woman = 50.2\ngender: man = 50.1")
        assert sum(read["gender"].values()) == pytest.approx(1)

    @pytest.mark.parametrize(
        ("text", "line", "words"),
        [
            ("shoe: 42 = 100", 1, "“shoe” is no attribute"),
            ("age: 15-24 = 60\nage: 99 = 40", 2, "“99” is no value of age"),
            ("age: 15-24 =", 1, "share is missing"),
            ("age,15-24,", 1, "share is missing"),
            ("age: 15-24 = -5", 1, "less than 0 %"),
            ("age: 15-24 = 120", 1, "more than 100 %"),
            ("age: 15-24 = many", 1, "not a number"),
            ("age: 15-24 = 50\nage: 15-24 = 50", 2, "second time"),
            ("young people please", 1, "not an attribute, a value and a share"),
            ("age: 15-24 = 30\nage: 25-34 = 30", None, "add up to 60 %"),
        ],
    )
    def test_what_is_wrong_is_said_with_its_line(self, text, line, words):
        with pytest.raises(BadInput) as caught:
            margins_from_text(text)
        problem = caught.value.problems[0]
        assert problem.line == line
        assert words in problem.message.replace("\u00a0", " ")

    def test_every_bad_line_is_told(self):
        with pytest.raises(BadInput) as caught:
            margins_from_text("a: b = 1\nage: c = 2\nage: 15-24 = x")
        assert [problem.line for problem in caught.value.problems] == [1, 2, 3]


class TestPages:
    @pytest.fixture
    def consultation(self):
        now = timezone.now()
        return make_consultation(opens_at=now - timedelta(hours=1), closes_at=now + timedelta(days=3))

    @pytest.fixture
    def url(self, consultation):
        make_statements(consultation, "One.", "Two.", "Three.", "Four.")
        return reverse("consultation", args=[consultation.reference])

    def vote(self, client, url, times):
        response = client.get(url)
        for _ in range(times):
            response = client.post(
                url,
                fields_of(response) | {"value": "1"},
                headers={"Sec-Fetch-Site": "same-origin"},
                follow=True,
            )
        return response

    def token_of(self, response):
        return response.content.decode().split('name="token" value="')[1].split('"')[0]

    def test_asks_after_the_third_vote_and_not_before(self, url):
        client = Cookieless()
        assert b"about-you" not in client.get(url).content
        assert b"about-you" not in self.vote(client, url, 2).content
        assert b'id="about-you"' in self.vote(client, url, 3).content

    def test_works_without_cookies_and_asks_once(self, url, consultation):
        client = Cookieless()
        token = self.token_of(self.vote(client, url, 3))
        done = client.post(f"{url}/about-you", {"token": token, "do": "save", "age": "15-24"})
        assert done.status_code == 200 and b"This was saved" in done.content
        again = client.post(url, {"token": self.token_of(done), "again": ""})
        assert b'id="about-you"' not in again.content
        assert b"look at it, change it, erase it" in again.content
        assert ParticipantAttributes.objects.get().age == "15-24"

    def test_with_a_cookie_it_goes_back_to_the_card(self, client, url):
        self.vote(client, url, 3)
        done = client.post(f"{url}/about-you", {"do": "save"}, headers={"Sec-Fetch-Site": "same-origin"})
        assert (done.status_code, done.url) == (303, f"{url}#card")
        assert ParticipantAttributes.objects.get().has_declined

    def test_skipping_is_a_decline_whatever_was_chosen(self, url):
        client = Cookieless()
        token = self.token_of(self.vote(client, url, 3))
        client.post(f"{url}/about-you", {"token": token, "do": "skip", "age": "15-24"})
        kept = ParticipantAttributes.objects.get()
        assert kept.has_declined and not kept.age

    def test_is_shown_changed_and_erased_later(self, url):
        client = Cookieless()
        token = self.token_of(self.vote(client, url, 3))
        client.post(f"{url}/about-you", {"token": token, "do": "save", "age": "15-24"})
        shown = client.post(f"{url}/about-you", {"token": token, "do": "show"})
        assert b'<option value="15-24" selected>' in shown.content
        client.post(f"{url}/about-you", {"token": token, "do": "save", "age": "25-34"})
        assert ParticipantAttributes.objects.get().age == "25-34"
        erased = client.post(f"{url}/about-you", {"token": token, "do": "erase"})
        assert b"was erased" in erased.content
        assert not ParticipantAttributes.objects.get().age

    def test_a_forged_value_is_refused_and_nothing_kept(self, url):
        client = Cookieless()
        token = self.token_of(self.vote(client, url, 3))
        answer = client.post(f"{url}/about-you", {"token": token, "age": "17", "gender": "woman"})
        assert answer.status_code == 422
        assert b"Choose one of the answers" in answer.content
        assert b'<option value="woman" selected>' in answer.content
        assert not ParticipantAttributes.objects.exists()

    def test_a_forged_token_and_one_of_another_consultation_are_refused(self, url):
        for token in ("nonsense", tokens.mint(make_consultation().pk)):
            answer = Cookieless().post(f"{url}/about-you", {"token": token, "age": "15-24"})
            assert answer.status_code == 422
        assert not Participant.objects.exists()

    def test_a_newcomer_is_told_when_she_will_be_asked(self, client, url):
        page = client.get(f"{url}/about-you")
        assert page.status_code == 200 and b"Vote first" in page.content
        token = self.token_of(page)
        assert Cookieless().post(f"{url}/about-you", {"token": token, "age": "15-24"}).status_code == 409
        assert not Participant.objects.exists()

    def test_other_sites_cannot_send_it(self, client, url):
        self.vote(client, url, 3)
        answer = client.post(f"{url}/about-you", {"age": "15-24"}, headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code == 403

    def test_an_account_gives_them_as_well(self, client, url, charlie):
        client.force_login(charlie)
        self.vote(client, url, 3)
        client.post(f"{url}/about-you", {"age": "15-24"}, headers={"Sec-Fetch-Site": "same-origin"})
        assert ParticipantAttributes.objects.get().participant.user == charlie

    def test_in_a_frame_of_another_site_it_is_answered_in_place(self, url, consultation):
        Consultation.objects.update(embed_origins=["https://example.org"])
        client = Cookieless()
        frame = reverse("embed", args=[consultation.reference])
        response = client.get(frame)
        for _ in range(3):
            response = client.post(frame, fields_of(response) | {"value": "1"})
        page = response.content.decode()
        assert 'id="about-you"' in page and f'action="{url}/about-you"' not in page
        token = self.token_of(response)
        bad = client.post(frame, {"token": token, "do": "save", "age": "17"})
        assert bad.status_code == 422 and b"Choose one of the answers" in bad.content
        done = client.post(frame, {"token": token, "do": "save", "age": "15-24"})
        assert b'id="about-you"' not in done.content and b"look at it, change it, erase it" in done.content
        shown = client.post(frame, {"token": token, "do": "show"})
        assert b'<option value="15-24" selected>' in shown.content
        client.post(frame, {"token": token, "do": "erase"})
        assert not ParticipantAttributes.objects.get().age

    def test_no_age_is_offered_at_which_nobody_may_take_part(self, client, url, consultation):
        assert b'value="0-14"' not in self.vote(client, url, 3).content
        Consultation.objects.update(minimum_age=12)
        assert b'value="0-14"' in client.get(url).content

    def test_closed_and_unknown_and_wrong(self, client, url, consultation):
        token = self.token_of(self.vote(Cookieless(), url, 3))
        Consultation.objects.update(closes_at=timezone.now() - timedelta(minutes=1))
        assert client.post(f"{url}/about-you", {"token": token, "age": "15-24"}).status_code == 409
        assert client.get("/consultations/CON-99/about-you").status_code == 404
        assert client.put(f"{url}/about-you").status_code == 405

    def test_the_card_costs_one_query_more_at_most(self, url):
        client, costs = Cookieless(), []
        for votes in (2, 3):
            token = self.token_of(self.vote(client, url, votes))
            with CaptureQueriesContext(connection) as queries:
                client.post(url, {"token": token, "again": ""})
            costs.append(len(queries))
        assert costs[1] <= costs[0] + 1


class TestAudiencePage:
    def test_the_desk_sets_it_and_is_told_what_is_wrong(self, client, alice):
        make_consultation()
        client.force_login(alice)
        bad = client.post("/consultations/CON-1/audience", {"asked": ["age"], "margins": "age: 15-24 = 30"})
        assert bad.status_code == 422
        assert "add up to 30" in bad.content.decode() and "age: 15-24 = 30" in bad.content.decode()
        sent = {"asked": ["age"], "margins": "age: 15-24 = 30\nage: 25-34 = 70"}
        assert client.post("/consultations/CON-1/audience", sent).status_code == 302
        consultation = Consultation.objects.get()
        assert consultation.margins == {"age": {"15-24": 0.3, "25-34": 0.7}}
        assert "age: 15-24 = 30 %" in client.get("/consultations/CON-1/audience").content.decode()

    def test_others_do_not(self, client, charlie):
        make_consultation()
        assert client.get("/consultations/CON-1/audience").status_code == 302
        client.force_login(charlie)
        assert client.post("/consultations/CON-1/audience", {}).status_code == 403
