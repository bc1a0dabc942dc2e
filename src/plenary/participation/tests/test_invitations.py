import csv
import io
import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from plenary.kit.errors import Refused
from plenary.participation import actions, queries, tokens
from plenary.participation.lifecycle_forms import read_addresses
from plenary.participation.models import Consultation, Invitation, Participant, Vote
from plenary.records.models import Event

from .factories import make_consultation, make_statements
from .test_views import OURS, Cookieless, fields_of

pytestmark = pytest.mark.django_db
ROOT = "https://plenary.example/"


@pytest.fixture
def consultation():
    now = timezone.now()
    made = make_consultation(opens_at=now - timedelta(days=1), closes_at=now + timedelta(days=9))
    make_statements(made, "One.", "Two.")
    actions.edit_consultation(
        consultation=made, words={}, language="en", settings={"access": "invited"}, by=None, now=now
    )
    return made


@pytest.fixture(autouse=True)
def _at_once(settings, django_capture_on_commit_callbacks):
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}


def invite(consultation, *addresses, language="en"):
    return actions.invite_by_mail(
        consultation=consultation,
        addresses=addresses,
        language=language,
        root=ROOT,
        by=None,
        now=timezone.now(),
    )


def send_all():
    from plenary.participation.tasks import send_invitation

    for pk in Invitation.objects.filter(state="queued").values_list("pk", flat=True):
        send_invitation.func(pk, ROOT)


def code_in(message):
    return re.search(r"[A-Z2-9]{4}(-[A-Z2-9]{4}){3}", message.body).group()


# By mail


def test_everybody_gets_a_link_of_her_own(consultation):
    assert invite(consultation, "ana@example.org", "BEN@example.org", "ana@example.org") == 2
    send_all()
    assert sorted(message.to[0] for message in mail.outbox) == ["ana@example.org", "ben@example.org"]
    codes = {code_in(message) for message in mail.outbox}
    assert len(codes) == 2
    assert f"{ROOT}join?code=" in mail.outbox[0].body
    assert "How should schools" in mail.outbox[0].body
    assert not any(code in str(list(Invitation.objects.values())) for code in codes)
    assert "example.org" not in str(list(Event.objects.values_list("changes", flat=True)))


def test_the_same_address_is_invited_once(consultation):
    invite(consultation, "ana@example.org")
    assert invite(consultation, "ANA@example.org") == 0


def test_the_mail_speaks_the_language_that_was_chosen(consultation):
    invite(consultation, "ana@example.org", language="ar")
    send_all()
    assert "lang=ar" in mail.outbox[0].body


def test_a_mail_that_was_not_taken_is_shown_and_sent_again(consultation, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    invite(consultation, "ana@example.org")
    send_all()
    assert queries.count_failed(consultation) == 1
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    ids = [Invitation.objects.get().pk]
    actions.resend_invitations(consultation=consultation, ids=ids, root=ROOT, by=None, now=timezone.now())
    send_all()
    assert Invitation.objects.get().state == "sent"


def test_a_new_code_ends_the_old_one(consultation):
    invite(consultation, "ana@example.org")
    send_all()
    old = code_in(mail.outbox[0])
    ids = [Invitation.objects.get().pk]
    actions.resend_invitations(consultation=consultation, ids=ids, root=ROOT, by=None, now=timezone.now())
    send_all()
    with pytest.raises(Refused, match="opens nothing"):
        actions.redeem_code(code=old, user=None, now=timezone.now())
    actions.redeem_code(code=code_in(mail.outbox[1]), user=None, now=timezone.now())


def test_nobody_is_invited_to_what_is_for_all_or_over(consultation):
    Consultation.objects.update(access="open")
    with pytest.raises(Refused, match="not by invitation"):
        invite(Consultation.objects.get(), "ana@example.org")
    Consultation.objects.update(access="invited", closes_at=timezone.now() - timedelta(hours=1))
    with pytest.raises(Refused, match="no more votes"):
        invite(Consultation.objects.get(), "ana@example.org")


def test_addresses_are_forgotten_when_they_have_served(consultation):
    invite(consultation, "ana@example.org", "ben@example.org", "eve@example.org")
    send_all()
    actions.redeem_code(code=code_in(mail.outbox[0]), user=None, now=timezone.now())
    assert Invitation.objects.exclude(email="").count() == 2
    ids = [Invitation.objects.exclude(email="").first().pk]
    assert actions.revoke_invitations(consultation=consultation, ids=ids, by=None, now=timezone.now()) == 1
    assert Invitation.objects.exclude(email="").count() == 1
    assert actions.forget_addresses(timezone.now()) == 0
    assert actions.forget_addresses(timezone.now() + timedelta(days=10)) == 1
    assert not Invitation.objects.exclude(email="").exists()


# Using a code


@pytest.fixture
def code(consultation):
    return actions.make_codes(
        consultation=consultation, count=1, label="Letter", by=None, now=timezone.now()
    )[0]


def test_a_code_lets_one_person_vote(client, consultation, code):
    join = reverse("join")
    assert client.get(join, {"code": code}).status_code == 200
    assert Invitation.objects.get().state == "printed"  # looking uses nothing up
    page = client.post(join, {"code": code.lower().replace("-", " ")})
    assert page.status_code == 200
    url = reverse("consultation", args=[consultation.reference])
    assert client.post(url, fields_of(page) | {"value": "1"}, headers=OURS).status_code in (200, 303)
    assert client.get(url).status_code == 200
    assert client.get(reverse("consultation-statements", args=[consultation.reference])).status_code == 200
    assert Vote.objects.count() == Participant.objects.count() == 1
    again = Client().post(join, {"code": code})
    assert again.status_code == 409
    assert b"used already" in again.content
    assert client.post(join, {"code": code}, headers=OURS).url == url  # the same browser, loaded again


def test_another_site_puts_nobody_in_as_somebody_else(client, code):
    for elsewhere in ({"sec-fetch-site": "cross-site"}, {"origin": "https://elsewhere.example"}):
        assert client.post(reverse("join"), {"code": code}, headers=elsewhere).status_code == 403
    assert not client.cookies
    assert Invitation.objects.get().state == "printed"


def test_a_code_works_without_cookies(consultation, code):
    browser = Cookieless()
    page = browser.post(reverse("join"), {"code": code})
    url = reverse("consultation", args=[consultation.reference])
    after = browser.post(url, fields_of(page) | {"value": "1"})
    assert after.status_code == 200
    assert browser.post(url, fields_of(after) | {"value": "-1"}).status_code == 200
    assert Vote.objects.count() == 2
    assert Participant.objects.count() == 1


def test_nothing_joins_an_invitation_to_a_participant(consultation, code):
    actions.redeem_code(code=code, user=None, now=timezone.now())
    invitation, participant = Invitation.objects.get(), Participant.objects.get()
    kept = {str(value) for value in vars(invitation).values()}
    assert invitation.state == "used"
    assert bytes(participant.token_hash).hex() not in kept
    assert not Event.objects.filter(verb="used").exists()
    assert {field.name for field in Invitation._meta.get_fields()} == {
        "id", "consultation", "email", "language", "label", "code_hash", "state", "invited_on",
    }  # fmt: skip


def test_a_minted_token_votes_nowhere_uninvited(client, consultation):
    url = reverse("consultation", args=[consultation.reference])
    statement = consultation.statements.first()
    sent = {"token": tokens.mint(consultation.pk), "statement": statement.reference, "n": "0", "value": "1"}
    assert client.post(url, sent).status_code == 404
    assert not Participant.objects.exists()


@pytest.mark.parametrize(
    "wrong", ["", "   ", "----", "AAAA-BBBB-CCCC-DDDD", "x" * 500, "\u202ecode", "<script>"]
)
def test_a_wrong_code_opens_nothing(client, code, wrong):
    response = client.post(reverse("join"), {"code": wrong})
    assert response.status_code == 409
    assert not Participant.objects.exists()
    assert Invitation.objects.get().state == "printed"


def test_a_revoked_list_opens_nothing(consultation, code):
    actions.revoke_invitations(consultation=consultation, ids=[], label="Letter", by=None, now=timezone.now())
    with pytest.raises(Refused):
        actions.redeem_code(code=code, user=None, now=timezone.now())


def test_where_everybody_signs_in_the_code_waits_for_that(client, bob, consultation, code):
    Consultation.objects.update(voting_by="account")
    page = client.post(reverse("join"), {"code": code})
    assert page.status_code == 409
    assert b"It was" not in page.content or b"not used" in page.content
    assert Invitation.objects.get().state == "printed"
    client.force_login(bob)
    url = reverse("consultation", args=[consultation.reference])
    assert client.post(reverse("join"), {"code": code}, headers=OURS).url == url
    assert 'name="value"' in client.get(url).content.decode()


# The page


def test_a_list_half_broken_names_every_bad_line_and_sends_nothing(client, alice, consultation):
    client.force_login(alice)
    page = reverse("invitations", args=[consultation.reference])
    text = "ana@example.org\nnot an address\n\nBen <ben@example.org>\nana@example.org\n@example.org\n"
    response = client.post(page, {"addresses": text, "language": "en", "do": "check"})
    said = response.content.decode()
    assert response.status_code == 422
    for number in (2, 5, 6):
        assert f"Line {number} " in said
    assert "ana@example.org\nben@example.org\n</textarea>" in said
    assert not Invitation.objects.exists()
    assert not mail.outbox


def test_nothing_is_sent_until_it_is_confirmed(
    client, alice, consultation, django_capture_on_commit_callbacks
):
    client.force_login(alice)
    page = reverse("invitations", args=[consultation.reference])
    file = io.BytesIO("email,name\nana@example.org,Ana\nben@example.org,Ben\n".encode("utf-8-sig"))
    checked = client.post(page, {"file": file, "language": "fr", "do": "check"})
    assert b"2 addresses are ready" in checked.content
    assert not Invitation.objects.exists()
    sent = {"addresses": "ana@example.org\nben@example.org\n", "language": "fr", "do": "send"}
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(page, sent).status_code == 302
    assert len(mail.outbox) == 2
    shown = client.get(page).content.decode()
    assert "ana@example.org" in shown
    chosen = {"invitation": [Invitation.objects.first().pk], "do": "revoke"}
    assert client.post(page, chosen).status_code == 302
    assert Invitation.objects.filter(state="revoked").count() == 1


def test_a_file_that_is_no_text_is_said_so(client, alice, consultation):
    client.force_login(alice)
    page = reverse("invitations", args=[consultation.reference])
    response = client.post(page, {"file": io.BytesIO(b"\xff\xfe\x00PK"), "language": "en", "do": "check"})
    assert response.status_code == 422
    assert b"no plain text" in response.content


def test_codes_come_as_a_file_once(client, alice, consultation):
    client.force_login(alice)
    page = reverse("invitation-codes", args=[consultation.reference])
    response = client.post(page, {"count": "3", "label": "Cards"})
    rows = list(csv.DictReader(io.StringIO(response.content.decode())))
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert len({row["code"] for row in rows}) == 3
    assert Invitation.objects.filter(code_hash=tokens.hash_of_code(rows[0]["code"])).exists()
    assert client.post(page, {"count": "0", "label": ""}).status_code == 422
    assert client.get(page).status_code == 405


def test_addresses_are_read_from_what_people_paste():
    good, problems = read_addresses("E-mail;Name\nA@x.org;Ann\n\n'Bob' <b@x.org>\nnobody\na@x.org")
    assert good == ["a@x.org", "b@x.org"]
    assert [re.search(r"\d+", each).group() for each in problems] == ["5", "6"]
