"""The card in a frame: no cookie, no account, only the token; the sites that may show it; the line to paste."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from plenary.participation import embedding, tokens, voters
from plenary.participation.models import Consultation, Participant, Statement, Vote

from .factories import make_consultation, make_statements
from .test_views import HTMX, Cookieless

pytestmark = pytest.mark.django_db


@pytest.fixture
def consultation():
    now = timezone.now()
    made = make_consultation(opens_at=now - timedelta(hours=1), closes_at=now + timedelta(days=3))
    made.embed_origins = ["https://example.org"]
    made.save()
    make_statements(made, "One.", "Two.", "Three.")
    return made


@pytest.fixture
def url(consultation):
    return reverse("embed", args=[consultation.reference])


def fields_of(response):
    page = response.content.decode()
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))


def test_votes_of_one_frame_are_of_one_participant_without_cookies(url):
    browser = Cookieless()
    first = browser.get(url)
    second = browser.post(url, fields_of(first) | {"value": "1"})
    third = browser.post(url, fields_of(second) | {"value": "-1"})
    assert [response.status_code for response in (first, second, third)] == [200, 200, 200]
    assert Participant.objects.count() == 1
    assert sorted(Vote.objects.values_list("value", flat=True)) == [-1, 1]
    assert "1 of 3 left" in third.content.decode()
    assert not any(response.cookies for response in (first, second, third))
    assert "Cookie" not in third.headers["Vary"]


def test_what_the_browser_sends_by_itself_counts_for_nothing(client, url, consultation, alice):
    client.force_login(alice)
    other = tokens.mint(consultation.pk)
    client.cookies[voters.COOKIE] = other
    response = client.post(
        url, fields_of(client.get(url)) | {"value": "1"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert response.status_code == 200
    participant = Participant.objects.get()
    assert participant.user is None
    assert bytes(participant.token_hash) != tokens.read(other, consultation.pk)
    assert alice.email not in response.content.decode()
    assert "You are signed in" not in response.content.decode()


def test_only_the_listed_sites_may_show_it(client, url, consultation):
    response = client.get(url)
    assert "frame-ancestors 'self' https://example.org;" in response.headers["Content-Security-Policy"] + ";"
    assert "X-Frame-Options" not in response.headers
    page = client.get(reverse("consultation", args=[consultation.reference]))
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    "origin",
    ["https://example.org; script-src *", "*", "javascript:alert(1)", "https://example.org/x", 7, "'self'"],
)
def test_what_is_no_origin_never_reaches_the_header(client, url, origin):
    Consultation.objects.update(embed_origins=[origin])
    response = client.get(url)
    assert response.status_code == 403
    assert "frame-ancestors 'self'" in response.headers["Content-Security-Policy"]
    directive = response.headers["Content-Security-Policy"].split("frame-ancestors")[1].split(";")[0]
    assert directive.strip() == "'self'"


@pytest.mark.parametrize(
    "change", [{"embed_origins": []}, {"access": "invited"}, {"voting_by": "account"}, {"is_draft": True}]
)
def test_where_it_cannot_stand_the_page_says_why_and_leads_on(client, url, consultation, change):
    Consultation.objects.update(**change)
    response = client.get(url)
    if response.status_code == 404:  # a draft is not there for strangers
        assert "is_draft" in change
        return
    assert response.status_code == 403
    assert "This card cannot be shown here" in response.content.decode()
    assert reverse("consultation", args=[consultation.reference]) in response.content.decode()
    assert not Vote.objects.exists()
    assert client.post(url, {"token": tokens.mint(consultation.pk), "value": "1"}).status_code == 403


@pytest.mark.parametrize("token", ["", "forged", "a:b"])
def test_a_forged_token_is_told_and_nothing_counts(client, url, token):
    response = client.post(url, fields_of(client.get(url)) | {"value": "1", "token": token})
    assert response.status_code == 422
    assert "nothing was counted" in response.content.decode()
    assert not Participant.objects.exists()


def test_a_token_of_another_consultation_is_none(client, url):
    foreign = tokens.mint(make_consultation().pk)
    assert client.post(url, fields_of(client.get(url)) | {"value": "1", "token": foreign}).status_code == 422
    assert not Vote.objects.exists()


def test_statements_are_written_in_the_frame(client, url):
    fields = fields_of(client.get(url))
    response = client.post(url, fields | {"body": "Teachers choose the tools.", "language": "en"})
    assert response.status_code == 200
    assert "Your statement is saved, and will be read before others see it." in response.content.decode()
    assert Statement.objects.filter(author__isnull=False).count() == 1
    wrong = client.post(url, fields | {"body": "x" * 10_000, "language": "en"})
    assert wrong.status_code == 422
    assert "x" * 10_000 in wrong.content.decode()
    same = client.post(url, fields | {"body": "one", "language": "en"})
    assert same.status_code == 409
    assert "Vote on it" in same.content.decode()
    assert Statement.objects.filter(author__isnull=False).count() == 1


def test_what_is_put_off_comes_later_and_counts_as_no_vote(client, url):
    first = fields_of(client.get(url))
    response = client.post(url, first | {"skip": "1"})
    assert response.status_code == 200
    assert "The one before comes again later." in response.content.decode()
    assert fields_of(response)["statement"] != first["statement"]
    assert fields_of(response)["token"] == first["token"]
    assert not Vote.objects.exists()


def test_what_she_wrote_is_shown_where_it_closed_meanwhile(client, url):
    fields = fields_of(client.get(url))
    Consultation.objects.update(closes_at=timezone.now())
    response = client.post(url, fields | {"body": "Teachers choose.", "language": "en"})
    assert response.status_code == 409
    assert "Teachers choose." in response.content.decode()


def test_no_flood_is_taken_in_the_frame_either(client, url, monkeypatch):
    monkeypatch.setattr("plenary.participation.views.embedding.too_many", lambda *_: ("Too many.", 60))
    response = client.post(url, fields_of(client.get(url)) | {"body": "Teachers choose.", "language": "en"})
    assert (response.status_code, response.headers["Retry-After"]) == (429, "60")
    assert "Teachers choose." in response.content.decode()
    assert not Statement.objects.filter(author__isnull=False).exists()


def test_the_address_says_in_which_language(client, url):
    page = client.get(f"{url}?lang=ar")
    assert '<html lang="ar" dir="rtl">' in page.content.decode()
    assert page.headers["Content-Language"] == "ar"
    assert f'action="{url}?lang=ar"' in page.content.decode()
    assert '<html lang="zh-hans"' in client.get(f"{url}?lang=zh").content.decode()
    assert '<html lang="en"' in client.get(f"{url}?lang=tlh").content.decode()


def test_the_script_gets_the_same_piece(client, url):
    response = client.post(url, fields_of(client.get(url)) | {"value": "1"}, headers=HTMX)
    assert response.content.decode().lstrip().startswith('<div id="embed">')
    assert "<html" not in response.content.decode()


def test_wrong_methods_and_unknown_references(client, url):
    assert client.put(url).status_code == 405
    for reference in ("CON-999", "STM-1", "nonsense"):
        assert client.get(reverse("embed", args=[reference])).status_code == 404


def test_nothing_is_written_by_looking(client, url):
    client.get(url)
    assert not Participant.objects.exists()


def test_the_full_page_goes_on_as_the_same_person(client, url, consultation):
    response = client.post(url, fields_of(client.get(url)) | {"value": "1"})
    page = client.post(
        reverse("consultation", args=[consultation.reference]),
        {"token": fields_of(response)["token"], "again": ""},
    )
    assert "2 of 3 left" in page.content.decode()


def test_the_desk_gets_the_line_to_paste(client, consultation, alice, bob):
    address = reverse("embed-line", args=[consultation.reference])
    assert client.get(address).status_code == 302
    client.force_login(bob)
    assert client.get(address).status_code == 403
    client.force_login(alice)
    response = client.get(address)
    page = response.content.decode()
    assert "&lt;iframe src=&quot;http://testserver/embed/CON-1?lang=en&quot;" in page
    assert "https://example.org" in page
    assert "frame-src 'self'" in response.headers["Content-Security-Policy"]
    assert client.post(address).status_code == 405
    Consultation.objects.update(embed_origins=[])
    assert "has allowed no other site" in client.get(address).content.decode()


def test_a_title_cannot_break_out_of_the_line(consultation):
    consultation.said = {"title": type("T", (), {"body": '"><script>'})()}
    assert '"&quot;&gt;&lt;script&gt;"' in embedding.line(consultation, "https://x.example/embed/CON-1", "en")
