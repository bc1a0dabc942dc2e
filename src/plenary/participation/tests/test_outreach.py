"""Reaching people where they are: words that fit, links that count numbers and nobody."""

from __future__ import annotations

import shutil

import pytest
from django.urls import reverse
from django.utils import translation

from plenary.kit.errors import Refused
from plenary.participation import actions, queries
from plenary.participation.models import OutreachCount, OutreachPack, Participant
from plenary.participation.platforms import CARRIES, Platform, propose_words
from plenary.people.tests.factories import make_user
from plenary.records.models import Event
from plenary.records.tests.factories import NOW, make_organization

from .factories import make_consultation, make_statements

pytestmark = pytest.mark.django_db
LINK = "https://plenary.example/o/7k3mqz"


def make_pack(consultation=None, **changes):
    given = {"platform": "short", "language": "en", "words": f"Say: {LINK}", "by": None, "now": NOW}
    return actions.make_pack(consultation=consultation or make_consultation(), **given | changes)


@pytest.fixture
def desk(client):
    client.force_login(make_user("desk", ("desk", make_organization())))
    return client


@pytest.mark.parametrize("platform", Platform.values)
@pytest.mark.parametrize("question", ["How?", "Should schools test? " * 8, "字" * 500])
def test_the_words_fit_the_place_and_keep_the_link(platform, question):
    words = propose_words(
        platform=platform,
        language="en",
        question=question,
        link=LINK,
        closes_on="3 March 2027",
        minimum_age=16,
    )
    assert len(words) <= CARRIES[platform].limit
    assert LINK in words and words.startswith(question[:3])


def test_the_words_are_in_the_language_of_the_pack_not_of_the_desk():
    with translation.override("fr"):
        words = propose_words(platform="newsletter", language="en", question="How?", link=LINK)
    assert "Say what you think" in words


def test_a_pack_is_kept_with_a_code_that_can_be_said_and_its_event():
    pack = make_pack()
    assert len(pack.code) == 6 and not set(pack.code) & set("0o1il")
    event = Event.objects.get(record=pack.consultation.record, verb="outreach prepared")
    assert event.changes["code"] == [None, pack.code]


@pytest.mark.parametrize(("words", "why"), [("  ", "Write the words"), ("x" * 281, "1 character too long")])
def test_words_that_do_not_fit_are_refused(words, why):
    with pytest.raises(Refused, match=why):
        make_pack(words=words)
    assert not OutreachPack.objects.exists()


def test_counts_are_numbers_by_day_and_an_unknown_code_counts_nothing():
    pack = make_pack()
    for _time in range(2):
        actions.count_outreach(code=pack.code, what="seen", now=NOW)
    actions.count_outreach(code=pack.code, what="joined", now=NOW)
    actions.count_outreach(code="zzzzzz", what="seen", now=NOW)
    assert list(OutreachCount.objects.values_list("pack", "day", "seen", "joined")) == [
        (pack.pk, NOW.date(), 2, 1)
    ]


def test_the_link_leads_to_the_question_in_the_packs_language_and_writes_nothing(client):
    pack = make_pack(language="zh-hans")
    answer = client.get(reverse("outreach-link", args=[pack.code.upper()]))
    assert answer.status_code == 302
    assert (
        answer.url == f"{reverse('consultation', args=[pack.consultation.reference])}?via={pack.code}&lang=zh"
    )
    assert not OutreachCount.objects.exists()
    assert client.get(reverse("outreach-link", args=["nobody"])).status_code == 404


def test_a_browser_says_that_it_opened_the_page(client):
    pack = make_pack()
    page = client.get(reverse("consultation", args=[pack.consultation.reference]), {"via": pack.code})
    seen = reverse("outreach-seen", args=[pack.code])
    assert f'data-seen="{seen}"' in page.text
    assert client.post(seen).status_code == 204 and client.get(seen).status_code == 405
    assert OutreachCount.objects.get().seen == 1
    plain = client.get(reverse("consultation", args=[pack.consultation.reference]), {"via": "<b>"})
    assert "data-seen" not in plain.text


def test_a_first_vote_counts_once_and_the_participant_does_not_know_of_it(client):
    consultation = make_consultation()
    first, second = make_statements(consultation, "Ask first.", "Ask twice.")
    pack = make_pack(consultation)
    page = f"{reverse('consultation', args=[consultation.reference])}?via={pack.code}"
    token = client.get(page).context["token"]
    for statement in (first, second):
        sent = {"token": token, "statement": statement.reference, "n": 0, "value": 1, "language": "en"}
        assert client.post(page, sent, headers={"sec-fetch-site": "same-origin"}).status_code in (200, 303)
    assert OutreachCount.objects.get().joined == 1
    kept = {field.name for field in Participant._meta.get_fields()}
    assert not kept & {"pack", "via", "code", "outreach"}


def test_everybody_sees_the_reach_but_not_of_a_handful(client):
    consultation = make_consultation()
    well, hardly = make_pack(consultation), make_pack(consultation, platform="poster")
    OutreachCount.objects.create(pack=well, day=NOW.date(), seen=40, joined=10)
    OutreachCount.objects.create(pack=hardly, day=NOW.date(), seen=9, joined=2)
    page = client.get(reverse("outreach", args=[consultation.reference]))
    assert [row.platform for row in page.context["rows"]] == ["short"]
    assert page.context["total"] == queries.total_reach(page.context["rows"])
    assert "25" in page.text and "One place is not shown" in page.text
    assert well.code not in page.text and "Make a pack" not in page.text


def test_programs_and_spreadsheets_get_what_everybody_sees(client):
    consultation = make_consultation()
    well, hardly = make_pack(consultation), make_pack(consultation, platform="poster")
    OutreachCount.objects.create(pack=well, day=NOW.date(), seen=40, joined=10)
    OutreachCount.objects.create(pack=hardly, day=NOW.date(), seen=9, joined=2)
    told = client.get(f"/api/v1/consultations/{consultation.reference}/outreach").json()
    row = {"platform": "short", "language": "en", "packs": 1, "seen": 40, "joined": 10}
    assert told == {"consultation": consultation.reference, "hidden": 1, "rows": [row]}
    file = client.get(reverse("outreach-csv", args=[consultation.reference]))
    assert file.content.decode("utf-8-sig").splitlines() == [
        "platform,language,packs,seen,joined",
        "short,en,1,40,10",
    ]
    assert client.get("/api/v1/consultations/CON-99/outreach").status_code == 404


def test_a_stranger_makes_no_pack_and_takes_no_file(client):
    pack = make_pack(platform="poster")
    reference = pack.consultation.reference
    assert client.get(reverse("new-pack", args=[reference])).status_code in (302, 403)
    address = reverse("pack-file", args=[reference, pack.code, "poster-a4.pdf"])
    assert client.get(address).status_code in (302, 403)


def test_the_desk_makes_a_pack_of_the_proposed_words(desk):
    consultation = make_consultation()
    address = f"{reverse('new-pack', args=[consultation.reference])}?platform=sms&language=en"
    page = desk.get(address)
    form = page.context["form"]
    assert "How should schools test new tools?" in form.initial["words"]
    lost = desk.post(address, {"words": "No link here", "code": form.initial["code"]})
    assert lost.status_code == 422 and "is missing" in lost.text and "No link here" in lost.text
    kept = desk.post(address, {"words": form.initial["words"], "code": form.initial["code"]})
    assert kept.status_code == 302
    assert OutreachPack.objects.get().code == form.initial["code"]
    assert form.initial["code"] in desk.get(reverse("outreach", args=[consultation.reference])).text


def test_a_kind_of_place_that_is_none_is_not_found(desk):
    address = reverse("new-pack", args=[make_consultation().reference])
    assert desk.get(address, {"platform": "carrier pigeon", "language": "en"}).status_code == 404


@pytest.mark.skipif(not shutil.which("fc-list"), reason="no fonts here")
def test_poster_and_picture_are_made_of_the_question(desk):
    consultation = make_consultation()
    poster, post = make_pack(consultation, platform="poster"), make_pack(consultation)

    def get(pack, name):
        return desk.get(reverse("pack-file", args=[consultation.reference, pack.code, name]))

    printed, drawn = get(poster, "poster-a3.pdf"), get(post, "picture.png")
    assert printed.content.startswith(b"%PDF") and printed["Content-Type"] == "application/pdf"
    assert drawn.content.startswith(b"\x89PNG")
    assert int.from_bytes(drawn.content[16:20], "big") == 1200
    assert get(post, "poster-a4.pdf").status_code == 404
    assert get(poster, "picture.png").status_code == 404
