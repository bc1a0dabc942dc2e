"""News: who wrote is told, by an account or a confirmed address; never twice, never anybody else, ended by a link."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from plenary.insight.models import Analysis, Finding
from plenary.participation import actions, mails, queries, tokens
from plenary.participation.models import ContactNews, ParticipantContact
from plenary.participation.tokens import Voter
from plenary.people import actions as people
from plenary.records.actions import create_record, follow, put_text, write_event
from plenary.records.models import Notice
from plenary.records.outbox import run_consumers

from .factories import make_consultation

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_once(settings, django_capture_on_commit_callbacks):
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}


@pytest.fixture
def consultation():
    return make_consultation(closes_at=timezone.now() + timedelta(days=3))


@pytest.fixture
def token(consultation):
    return tokens.mint(consultation.pk)


@pytest.fixture
def voter(consultation, token):
    return Voter(token_hash=tokens.read(token, consultation.pk))


def write(consultation, voter, body="Teachers choose."):
    return actions.write_statement(
        consultation=consultation, voter=voter, body=body, language="en", now=timezone.now()
    )


def accept(statement):
    actions.moderate_statements(
        statements=[statement], decision="accepted", reason="", by=None, now=timezone.now()
    )


def leave(consultation, voter, email="amina@example.org"):
    contact = actions.leave_address(
        participant=queries.get_participant(consultation, voter),
        email=email,
        language="en",
        now=timezone.now(),
    )
    return contact


def found(statement):
    """A finding that rests on a statement."""
    now = timezone.now()

    def make(kind):
        return create_record(kind=kind, title=put_text(f"A {kind}", "en"), by=None, now=now, verb="begun")

    analysis = Analysis.objects.create(
        record=make("analysis"), consultation=statement.consultation, last_vote=0
    )
    finding = Finding.objects.create(record=make("finding"), analysis=analysis, kind="consensus", order=0)
    finding.statements.add(statement)
    write_event(record=finding.record, verb="found", by=None, now=now)
    return finding


# Accounts


def test_the_author_with_an_account_is_told_and_mailed_once(consultation, bob, charlie):
    own = write(consultation, Voter(user=bob))
    accept(own)
    run_consumers()
    assert [(notice.user, notice.event.verb) for notice in Notice.objects.all()] == [(bob, "accepted")]
    now = timezone.now()
    people.tick_news(now)
    people.tick_news(now)
    assert not people.mail_news_to(user_id=bob.pk, now=now)
    sent = mail.outbox[0]
    assert (len(mail.outbox), sent.to) == (1, [bob.email])
    assert "Teachers choose." in sent.body
    assert f"/statements/{own.reference}" in sent.body
    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_finding_is_told_once_and_with_what_it_rests_on(consultation, bob):
    own = write(consultation, Voter(user=bob))
    accept(own)
    finding, again = found(own), found(own)
    run_consumers()
    told = Notice.objects.filter(event__verb="found")
    assert [(notice.event.record, notice.because) for notice in told] == [(finding.record, own.record)]
    assert again.record not in [notice.event.record for notice in told]
    people.tick_news(timezone.now())
    assert "It has to do with: Teachers choose." in mail.outbox[0].body


def test_who_follows_a_consultation_gets_its_news(consultation, bob):
    follow(record=consultation.record, user=bob)
    write_event(record=consultation.record, verb="closes soon", by=None, now=timezone.now())
    run_consumers()
    assert Notice.objects.filter(user=bob, event__verb="closes soon").count() == 1


def test_who_wants_no_mail_gets_none_and_once_a_day_is_once_a_day(consultation, bob):
    accept(write(consultation, Voter(user=bob)))
    run_consumers()
    people.set_mailing(user=bob, mailing="never", language="en")
    people.tick_news(timezone.now())
    assert not mail.outbox
    people.set_mailing(user=bob, mailing="daily", language="en")
    people.tick_news(timezone.now())
    accept(write(consultation, Voter(user=bob), "Another idea."))
    run_consumers()
    people.tick_news(timezone.now() + timedelta(hours=1))
    assert len(mail.outbox) == 1
    people.tick_news(timezone.now() + timedelta(hours=25))
    assert len(mail.outbox) == 2


def test_a_refused_mail_is_tried_again_a_few_times_and_the_log_names_nobody(
    consultation, bob, monkeypatch, caplog
):
    accept(write(consultation, Voter(user=bob)))
    run_consumers()
    people.set_mailing(user=bob, mailing="immediately", language="en")

    def refuse(self):
        raise OSError(f"no mailbox {bob.email}")

    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.EmailMessage.send", refuse)
        for turn in range(8):
            people.tick_news(timezone.now() + timedelta(hours=turn))
    assert Notice.objects.get(user=bob).mail_attempts == 5
    assert len([each for each in caplog.records if each.name == "plenary.people.mails"]) == 5
    assert bob.email not in caplog.text
    people.tick_news(timezone.now() + timedelta(hours=9))
    assert not mail.outbox


def test_what_is_long_past_is_not_mailed(consultation, bob):
    accept(write(consultation, Voter(user=bob)))
    run_consumers()
    people.tick_news(timezone.now() + timedelta(days=8))
    assert not mail.outbox


def test_news_end_by_the_link_without_signing_in(client, consultation, bob):
    accept(write(consultation, Voter(user=bob)))
    run_consumers()
    people.tick_news(timezone.now())
    address = re.search(r"/account/news/stop/\S+", mail.outbox[0].body)[0]
    assert client.get(address).status_code == 200
    bob.refresh_from_db()
    assert bob.mailing == "daily"  # a scanner that opens links ends nothing
    for _twice in range(2):
        assert client.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    bob.refresh_from_db()
    assert bob.mailing == "never"
    assert client.post(address + "x").status_code == 404


def test_the_choice_is_made_on_the_account_page(client, bob):
    client.force_login(bob)
    assert "News by e-mail" in client.get("/account").content.decode()
    client.post("/account/news", {"mailing": "never", "language": "ar"})
    bob.refresh_from_db()
    assert (bob.mailing, bob.language) == ("never", "ar")
    client.post("/account/news", {"mailing": "hourly", "language": "ar"})
    bob.refresh_from_db()
    assert bob.mailing == "never"
    client.logout()
    assert client.post("/account/news", {"mailing": "daily", "language": "ar"}).status_code == 302
    bob.refresh_from_db()
    assert bob.mailing == "never"


# Addresses without an account


def test_an_address_is_confirmed_before_anything_is_sent(
    client, consultation, voter, token, django_capture_on_commit_callbacks
):
    own = write(consultation, voter)
    with django_capture_on_commit_callbacks(execute=True):
        page = client.post(
            reverse("follow-mine", args=[consultation.reference]),
            {"token": token, "email": "Amina@Example.org"},
        )
    assert "A mail is on its way." in page.content.decode()
    assert mail.outbox[0].to == ["amina@example.org"]
    accept(own)
    run_consumers()
    assert not ContactNews.objects.exists()
    link = re.search(r"/news/confirm/\S+", mail.outbox[0].body)[0]
    assert client.get(link).status_code == 200
    assert ParticipantContact.objects.get().confirmed_at is None
    assert "is confirmed" in client.post(link).content.decode()
    found(own)
    write_event(record=consultation.record, verb="closes soon", by=None, now=timezone.now())
    run_consumers()
    actions.tick_contacts(timezone.now())
    actions.tick_contacts(timezone.now())
    assert len(mail.outbox) == 2
    body = mail.outbox[1].body
    assert "Teachers choose." in body
    assert "closes soon" in body
    stop = re.search(r"/news/stop/\S+", body)[0]
    assert client.get(stop).status_code == 200
    assert ParticipantContact.objects.exists()
    for _twice in range(2):
        assert client.post(stop).status_code == 200
    assert not ParticipantContact.objects.exists()


@pytest.mark.parametrize(
    "email", ["", "nobody", "a@b.c\nBcc: x@y.z", "a@b.c, x@y.z", "x" * 300 + "@example.org"]
)
def test_what_is_no_address_is_told_and_nothing_is_kept(client, consultation, voter, token, email):
    write(consultation, voter)
    response = client.post(
        reverse("follow-mine", args=[consultation.reference]), {"token": token, "email": email}
    )
    assert response.status_code == 422
    assert not ParticipantContact.objects.exists()
    assert not mail.outbox


@pytest.mark.parametrize("sent", ["", "forged"])
def test_forged_tokens_leave_no_address(client, consultation, sent):
    address = reverse("follow-mine", args=[consultation.reference])
    assert client.post(address, {"token": sent, "email": "a@example.org"}).status_code == 422
    stranger = tokens.mint(consultation.pk)  # has done nothing here
    assert client.post(address, {"token": stranger, "email": "a@example.org"}).status_code == 422
    assert client.get(address).status_code == 405
    assert not ParticipantContact.objects.exists()


def test_wrong_links_do_nothing(client, consultation, voter):
    write(consultation, voter)
    key = mails.contact_key(leave(consultation, voter))
    for name in ("confirm-contact", "stop-contact"):
        for wrong in ("x", key[:-1], key + "x"):
            assert client.post(reverse(name, args=[wrong])).status_code == 404
    contact = ParticipantContact.objects.get()
    assert contact.confirmed_at is None
    ParticipantContact.objects.update(asked_at=timezone.now() - timedelta(days=8))
    assert client.post(reverse("confirm-contact", args=[key])).status_code == 404


def test_nobodys_mailbox_is_filled(consultation):
    from plenary.kit.errors import Refused

    for number in range(3):
        voter = Voter(token_hash=tokens.read(tokens.mint(consultation.pk), consultation.pk))
        write(consultation, voter, f"Idea {number}.")
        leave(consultation, voter)
    voter = Voter(token_hash=tokens.read(tokens.mint(consultation.pk), consultation.pk))
    write(consultation, voter, "One more.")
    with pytest.raises(Refused, match="several times"):
        leave(consultation, voter)
    leave(consultation, voter, "other@example.org")
    with pytest.raises(Refused, match="on its way"):
        leave(consultation, voter, "other@example.org")


def test_addresses_go_when_unconfirmed_served_or_erased(consultation, voter, settings, tmp_path):
    settings.PLENARY_HOME = tmp_path
    write(consultation, voter)
    leave(consultation, voter)
    actions.tick_contacts(timezone.now() + timedelta(days=8))
    assert not ParticipantContact.objects.exists()
    actions.confirm_address(contact=leave(consultation, voter), now=timezone.now())
    actions.tick_contacts(timezone.now() + timedelta(days=60))
    assert ParticipantContact.objects.exists()
    actions.tick_contacts(timezone.now() + timedelta(days=94))
    assert not ParticipantContact.objects.exists()
    leave(consultation, voter)
    actions.erase_participant(
        participant=queries.get_participant(consultation, voter), by=None, now=timezone.now()
    )
    assert not ParticipantContact.objects.exists()
