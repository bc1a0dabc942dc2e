"""Own statements: what is sent, what is said before, and what cannot be read."""

import random
import time
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from plenary.participation import actions, limits, queries
from plenary.participation.detection import detect_language
from plenary.participation.hints import hints_for
from plenary.participation.models import Appeal, Consultation, Statement
from plenary.participation.similar import Index
from plenary.participation.wording import is_sentence, tidy
from plenary.records.actions import put_translation
from plenary.records.models import Event

from .factories import make_consultation, make_statements
from .test_views import HTMX, OURS, fields_of

pytestmark = pytest.mark.django_db
SIX = ["ar", "zh-hans", "en", "fr", "ru", "es"]


@pytest.fixture(autouse=True)
def _nothing_known():
    queries.forget_similar()
    queries.forget_boards()
    cache.clear()


@pytest.fixture
def consultation():
    now = timezone.now()
    return make_consultation(opens_at=now - timedelta(hours=1), closes_at=now + timedelta(days=3))


@pytest.fixture
def statements(consultation):
    return make_statements(
        consultation, "Schools should ask parents before they try new tools.", "Teachers need more time."
    )


@pytest.fixture
def url(consultation):
    return reverse("consultation", args=[consultation.reference])


@pytest.fixture
def send(client, url, statements):
    client.post(url, fields_of(client.get(url)) | {"value": "1"})
    token = ""

    def send(body, language="", headers=None, **more):
        sent = {"token": token, "body": body, "language": language} | more
        return client.post(f"{url}/statements/new", sent, headers=headers or OURS)

    return send


def written():
    return Statement.objects.filter(origin="participant").select_related("record__title").get()


# What cannot be read


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ("Ⅳ  spaces\n\tand lines", "Ⅳ spaces and lines"),
        ("e\u0301cole", "école"),
        ("no\u0000 controls\u0007", "no controls"),
        ("\u202eevil\u202c and \u2067isolated\u2069", "evil and isolated"),
        ("wi\u200bdth\ufeffless", "widthless"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("क\u094d\u200dष", "क\u094d\u200dष"),
        ("👩\u200d🏫 teach", "👩\u200d🏫 teach"),
    ],
)
def test_what_is_kept_of_what_is_typed(body, kept):
    assert tidy(body) == kept


@pytest.mark.parametrize("body", ["", "👍👍", "\u200d", "!!!", "\u0301"])
def test_no_sentence(body):
    assert not is_sentence(tidy(body))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("", "Write a sentence"),
        ("   \n\t ", "Write a sentence"),
        ("\u200b\u2060\ufeff", "Write a sentence"),
        ("\u0000\u0001", "Write a sentence"),
        ("\u202e\u202c", "Write a sentence"),
        ("👍👍", "Say it in words"),
        ("x" * 10_000, "9720 characters too long"),
    ],
)
def test_what_cannot_be_read_is_told_once_and_kept(send, body, said):
    response = send(body)
    page = response.content.decode()
    assert response.status_code == 422
    assert page.count(said) == 1
    assert "data-focus" in page
    assert body.strip() in page or "\u0000" in body
    assert not Statement.objects.filter(origin="participant").exists()


def test_mark_up_and_scripts_are_text(send, client, url):
    assert send("<script>alert(1)</script><b>bold</b> & more", "en").status_code == 303
    assert written().record.title.body == "<script>alert(1)</script><b>bold</b> & more"
    page = client.get(url).content.decode()
    assert "&lt;script&gt;alert(1)" in page and "<script>alert(1)" not in page


def test_controls_and_overrides_are_left_out(send):
    assert send("\u202eMore\u202c trees\u0007 now", "en").status_code == 303
    assert written().record.title.body == "More trees now"


# What is said before


NEAR = "Schools should ask the parents before they try new tools"


def test_what_says_nearly_the_same_is_offered_and_can_be_sent_all_the_same(send, statements):
    response = send(NEAR)
    page = response.content.decode()
    assert response.status_code == 409
    assert "This says nearly the same" in page
    assert f'name="again" value="{statements[0].reference}"' in page
    assert NEAR in page and 'name="sure" value="yes"' in page
    assert "We took it for" in page and "English</bdi>" in page
    assert not Statement.objects.filter(origin="participant").exists()
    assert send(NEAR, sure="yes").status_code == 303
    assert written().record.title.body == NEAR


def test_even_the_same_words_can_be_sent_all_the_same(send, statements):
    body = statements[0].record.title.body
    assert send(body).status_code == 409
    assert send(body, sure="yes").status_code == 303


def test_what_is_alike_is_found_in_a_translation(send, statements):
    put_translation(
        text=statements[0].record.title, language="fr",
        body="Les écoles devraient demander aux parents avant d'essayer de nouveaux outils.",
    )  # fmt: skip
    page = send("Les ecoles devraient demander aux parents avant d’essayer des nouveaux outils", "fr")
    assert page.status_code == 409
    assert statements[0].reference.encode() in page.content


def test_what_was_merged_or_rejected_is_not_offered(send, statements):
    actions.moderate_statements(
        statements=[statements[0]], decision="rejected", reason="off-topic", by=None, now=timezone.now()
    )
    assert send(NEAR).status_code == 303


@pytest.mark.parametrize(
    ("body", "keys"),
    [
        ("More trees.", []),
        ("Should there be more trees?", ["question"]),
        ("هل نحتاج إلى أشجار؟", ["question"]),
        ("我们需要更多的树吗？", ["question"]),
        ("More trees. Fewer cars.", ["several"]),
        ("我们需要更多的树木。车应该更少。", ["several"]),
        ("Trees and benches are good.", []),
        (
            "Every school in the country should have a trained adviser and every company should publish what its tools "
            "decide.",
            ["joined"],
        ),
        ("Write to anna@example.org", ["exposing"]),
        ("See https://example.org/x", ["exposing"]),
        ("Call +41 22 917 1234", ["exposing"]),
        ("Mr Smith must go", ["exposing"]),
        ("In 2030 there should be 100 schools", []),
    ],
)
def test_hints(body, keys):
    assert hints_for(body) == keys


def test_a_hint_is_shown_once_and_can_be_overridden(send):
    response = send("Should there be more trees?", "en")
    assert response.status_code == 409
    assert "reads like a question" in response.content.decode()
    assert send("Should there be more trees?", "en", sure="yes").status_code == 303


def test_before_anything_is_said_a_closed_consultation_says_that_it_is_closed(send):
    Consultation.objects.update(closes_at=timezone.now())
    response = send("Should there be more trees?", "en")
    assert response.status_code == 409
    assert "does not take statements now" in response.content.decode()
    assert '<blockquote dir="auto">Should there be more trees?' in response.content.decode()  # hers is kept


# Its language


@pytest.mark.parametrize(
    ("body", "reading", "language"),
    [
        ("Les écoles ont besoin de plus de temps pour essayer.", "en", "fr"),
        ("Las escuelas necesitan más tiempo para probar.", "en", "es"),
        ("Школам нужно больше времени.", "en", "ru"),
        ("تحتاج المدارس إلى مزيد من الوقت.", "en", "ar"),
        ("学校需要更多的时间。", "en", "zh-hans"),
        ("Schools need more time to try new tools.", "fr", "en"),
        ("OK", "fr", "fr"),
        ("Wi-Fi", "ar", "ar"),
        ("123", "es", "es"),
    ],
)
def test_the_language_is_told_from_the_letters(body, reading, language):
    assert detect_language(body, SIX, reading) == language


def test_a_language_that_is_not_offered_is_not_taken():
    assert detect_language("Die Schulen brauchen mehr Zeit.", ["en", "fr"], "en") in ("en", "fr")


def test_she_is_told_for_which_language_it_was_taken_and_can_change_it(send, client, url):
    response = send("Les écoles ont besoin de plus de temps")
    page = client.get(response.url).content.decode()
    assert "We took it for" in page and "français</bdi>" in page.lower()
    made = written()
    sent = {"statement": made.reference, "language": "es"}
    response = client.post(f"{url}/statements/language", sent, headers=OURS)
    assert response.status_code == 303
    assert written().record.title.source_language == "es"
    assert Event.objects.filter(record=made.record, verb="language corrected").exists()


@pytest.mark.parametrize(
    ("sent", "status"),
    [({"language": "<x>"}, 422), ({"statement": "STM-1"}, 404), ({"statement": "no"}, 404)],
)
def test_a_language_that_cannot_be_changed(send, client, url, sent, status):
    send("Les écoles ont besoin de plus de temps")
    sent = {"statement": written().reference, "language": "es"} | sent
    assert client.post(f"{url}/statements/language", sent, headers=OURS).status_code == status
    assert written().record.title.source_language == "fr"


# Thanks without script


def test_after_the_redirect_there_are_thanks(send, client):
    response = send("More benches.", "en")
    page = client.get(response.url).content.decode()
    assert page.count("Thank you. Your statement is saved") == 1
    assert "More benches." in page


def test_thanks_are_for_ones_own_statement(client, url, statements):
    page = client.get(f"{url}?sent={statements[0].reference}").content
    assert b"Your statement is saved" not in page


# Limits


def test_too_many_are_told_when_to_send_again_and_what_was_typed_is_kept(
    send, client, url, monkeypatch, settings
):
    monkeypatch.setattr(limits, "OWN", {60: 0})
    response = send("This idea is new.", "en")
    page = response.content.decode()
    assert response.status_code == 429
    assert "You sent very much" in page and "This idea is new." in page
    assert 1 <= int(response.headers["Retry-After"]) <= 60
    assert not Statement.objects.filter(origin="participant").exists()
    monkeypatch.undo()
    settings.PLENARY_STATEMENTS_PER_MINUTE = 0
    assert "from your connection" in send("This idea is new.", "en").content.decode()
    assert (
        client.post(url, fields_of(client.get(url)) | {"value": "1"}, headers=OURS).status_code == 303
    )  # votes go on


def test_from_one_address_a_class_may_write_and_a_machine_may_not(rf, consultation, settings):
    from .factories import make_voter

    settings.PLENARY_STATEMENTS_PER_MINUTE = 40
    now, request = timezone.now(), rf.post("/")
    answers = [limits.count_sending(request, make_voter(consultation), now) for _ in range(41)]
    assert answers[:40] == [None] * 40
    assert answers[40] is not None and not answers[40].is_hers
    assert limits.count_sending(rf.post("/", REMOTE_ADDR="192.0.2.7"), make_voter(consultation), now) is None


def test_what_is_refused_for_being_too_many_costs_one_query(
    rf, statements, consultation, django_assert_num_queries
):
    from .factories import make_voter

    voter, now = make_voter(consultation), timezone.now()
    request = rf.post("/")
    for _ in range(10):
        assert limits.count_sending(request, voter, now) is None
    with django_assert_num_queries(2):  # the key of the day's pseudonyms, and the counts
        refused = limits.count_sending(request, voter, now)
    assert refused is not None and refused.is_hers
    assert limits.count_sending(request, voter, now + timedelta(minutes=1)) is None


# Likeness


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Schools should ask parents first", "Schools should ask the parents first!"),
        ("学校应该先征求家长的意见再试用新工具", "学校应当先征求家长意见再试用新的工具"),
        ("يجب على المدارس أن تسأل الآباء أولاً", "يجب علي المدارس ان تسأل الاباء اولا"),
        ("يَجِبُ عَلَى المدارس", "يجـــب على المدارس"),
        ("Les écoles doivent demander", "Les ecoles doivent demander"),
    ],
)
def test_what_is_alike_in_any_script(one, other):
    index = Index([("x", one), ("y", "Something else entirely about benches"), ("z", "交通 حركة المرور")])
    assert [key for key, _ in index.search(other)] == ["x"]


def test_three_thousand_statements_are_searched_in_thirty_milliseconds():
    words = [
        f"{start}{end}"
        for start in ("sch", "tea", "par", "tool", "time", "city")
        for end in ("ool", "ing", "ers", "y")
    ]
    chance = random.Random(1)
    index = Index((number, " ".join(chance.choices(words, k=16))) for number in range(3000))
    took = []
    for _ in range(9):
        body = " ".join(chance.choices(words, k=16))
        start = time.perf_counter()
        index.search(body)
        took.append(time.perf_counter() - start)
    assert sorted(took)[4] < 0.1  # 30 ms on a quiet machine; this one may be busy


# Appeals


@pytest.fixture
def rejected(send):
    send("Buy my tools.", "en")
    made = written()
    actions.moderate_statements(
        statements=[made], decision="rejected", reason="advertising", by=None, now=timezone.now()
    )
    return made


def test_she_sees_the_reason_and_appeals_once(client, url, rejected):
    page = client.get(url).content.decode()
    assert "It advertises" in page and "Appeal once" in page
    sent = {"statement": rejected.reference, "appeal": "I sell nothing."}
    assert client.post(f"{url}/statements/appeal", sent, headers=OURS).status_code == 303
    page = client.get(url).content.decode()
    assert "Somebody else will read it" in page and "Appeal once" not in page
    assert Appeal.objects.get().text == "I sell nothing."
    assert Event.objects.get(record=rejected.record, verb="appealed").changes == {}
    assert client.post(f"{url}/statements/appeal", sent, headers=OURS).status_code == 303  # a second tap
    again = client.post(f"{url}/statements/appeal", sent | {"appeal": "Really."}, headers=OURS)
    assert again.status_code == 409
    assert "appealed about this statement already" in again.content.decode()


@pytest.mark.parametrize(("text", "status"), [("", 422), ("x" * 501, 422), ("   ", 422)])
def test_an_appeal_that_cannot_be_read_is_kept(client, url, rejected, text, status):
    sent = {"statement": rejected.reference, "appeal": text}
    response = client.post(f"{url}/statements/appeal", sent, headers=OURS)
    assert response.status_code == status
    assert text in response.content.decode()
    assert not Appeal.objects.exists()


def test_of_others_and_after_the_end_there_is_no_appeal(client, url, rejected):
    sent = {"statement": rejected.reference, "appeal": "No."}
    stranger = Client()
    token = fields_of(stranger.get(url))["token"]
    assert stranger.post(f"{url}/statements/appeal", sent | {"token": token}).status_code == 404
    assert stranger.post(f"{url}/statements/appeal", sent).status_code == 422
    Consultation.objects.update(closes_at=timezone.now())
    response = client.post(f"{url}/statements/appeal", sent, headers=OURS)
    assert response.status_code == 409
    assert "Appeals are not taken any more" in response.content.decode()
    assert client.get(f"{url}/statements/appeal").status_code == 405


def test_htmx_gets_the_part_with_her_statements(client, url, rejected):
    sent = {"statement": rejected.reference, "appeal": "No."}
    response = client.post(f"{url}/statements/appeal", sent, headers=OURS | HTMX)
    assert response.status_code == 200 and b"<html" not in response.content
