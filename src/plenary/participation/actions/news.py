"""Telling people what became of what they said: a notice to an account, a mail to an address that was left here.

An address is confirmed by its owner before anything is sent to it. News are claimed before their mail is sent, so that
no fault sends them twice; a refusal of the server frees them again, a few times.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from plenary.kit.errors import Refused
from plenary.participation import mails, queries
from plenary.participation.models import (
    Consultation,
    ContactNews,
    Participant,
    ParticipantContact,
    Statement,
)
from plenary.participation.phases import Phase
from plenary.people.mails import NotSent
from plenary.records.actions import notify
from plenary.records.models import Event, Follow

KEPT = timedelta(days=90)  # after the consultation has ended
UNCONFIRMED = timedelta(days=7)
MOST_ASKED = 3  # mails to one address that nobody confirmed, in a day: no stranger's mailbox is filled
MOST_ATTEMPTS = 5
PAUSE = timedelta(minutes=10)
NEWS_LASTS = timedelta(days=7)

OF_STATEMENTS = frozenset(
    {"accepted", "rejected", "appeal upheld", "appeal dismissed", "merged", "separated", "reworded"}
)
OF_CONSULTATIONS = frozenset(
    {
        "announced",
        "opened",
        "opened again",
        "closes soon",
        "closed early",
        "voting closed",
        "final round opened",
        "answered",
    }
)


def tell_participants(events: Sequence[Event]) -> None:
    """Consumer: the author of a statement, and who left an address in a consultation, are told what happened to it."""
    for event in events:
        if event.record.kind == "statement" and event.verb in OF_STATEMENTS:
            tell_news(event=event, statements=[event.record_id], consultations=[])
        elif event.record.kind == "consultation" and event.verb in OF_CONSULTATIONS:
            tell_news(event=event, statements=[], consultations=[event.record_id])


def tell_news(*, event: Event, statements: Collection[int], consultations: Collection[int]) -> None:
    """Tell an event to the authors of statements, and to who follows consultations, with an account or an address."""
    written = Statement.objects.filter(pk__in=statements, author__erased_at=None, author__isnull=False)
    authors = written.order_by("pk").values_list("pk", "author_id", "author__user_id")
    users = {user: pk for pk, _author, user in reversed(authors) if user}
    for user, record in Follow.objects.filter(record__in=consultations).values_list("user_id", "record_id"):
        users.setdefault(user, record)
    notify((user, event, because) for user, because in users.items())

    because = {author: pk for pk, author, _user in reversed(authors)}
    contacts = ParticipantContact.objects.filter(confirmed_at__isnull=False).select_related("participant")
    found = {
        contact.pk: because[contact.participant_id]
        for contact in contacts.filter(participant__in=list(because))
    }
    for contact in contacts.filter(participant__consultation__in=consultations):
        found.setdefault(contact.pk, contact.participant.consultation_id)
    ContactNews.objects.bulk_create(
        [ContactNews(contact_id=pk, event=event, because_id=record) for pk, record in found.items()],
        ignore_conflicts=True,
    )


@transaction.atomic
def leave_address(
    *, participant: Participant, email: str, language: str, now: datetime
) -> ParticipantContact:
    """Keep an address for news; a mail asks its owner to confirm. Another one takes its place."""
    asked = ParticipantContact.objects.filter(
        email=email, confirmed_at=None, asked_at__gt=now - timedelta(days=1)
    )
    if asked.exclude(participant=participant).count() >= MOST_ASKED:
        raise Refused(
            _("This address was asked several times today and has not answered. Try again tomorrow.")
        )
    known = ParticipantContact.objects.select_for_update().filter(participant=participant).first()
    if known is not None:
        if known.email == email and known.confirmed_at is not None:
            return known
        if now - known.asked_at < timedelta(minutes=1) or (
            known.email == email and known.confirmed_at is None and now - known.asked_at < timedelta(hours=1)
        ):
            raise Refused(
                _("A mail is on its way already. Look for it, also among unwanted mail, or wait an hour.")
            )
        known.delete()
    contact = ParticipantContact.objects.create(
        participant=participant, email=email, language=language, asked_at=now
    )
    transaction.on_commit(lambda: _ask_to_confirm(contact.pk))
    return contact


def _ask_to_confirm(contact_id: int) -> None:
    from plenary.participation.tasks import ask_to_confirm

    ask_to_confirm.enqueue(contact_id)


def confirm_address(*, contact: ParticipantContact, now: datetime) -> None:
    """Its owner says yes. Twice is once."""
    ParticipantContact.objects.filter(pk=contact.pk, confirmed_at=None).update(confirmed_at=now)


def erase_address(*, contact: ParticipantContact) -> None:
    contact.delete()


def tick_contacts(now: datetime) -> None:
    """Queue mails of news; erase addresses that nobody confirmed or that have served."""
    from plenary.participation.tasks import mail_contact

    ParticipantContact.objects.filter(confirmed_at=None, asked_at__lt=now - UNCONFIRMED).delete()
    for consultation in Consultation.objects.filter(participants__contact__isnull=False).distinct():
        if consultation.phase_at(now - KEPT) == Phase.CLOSED:
            ParticipantContact.objects.filter(participant__consultation=consultation).delete()
    for pk in queries.list_contacts_with_news(now, since=now - NEWS_LASTS, most=MOST_ATTEMPTS, pause=PAUSE):
        mail_contact.enqueue(pk)


def mail_contact_news(*, contact_id: int, now: datetime) -> bool:
    """Send one mail with all news of a contact; whether one was sent."""
    with transaction.atomic():
        contact = ParticipantContact.objects.select_for_update().filter(pk=contact_id).first()
        if contact is None or contact.confirmed_at is None:
            return False
        news = queries.list_news_of_contact(contact, since=now - NEWS_LASTS, most=MOST_ATTEMPTS)
        if not news:
            return False
        waiting = ContactNews.objects.filter(pk__in=[each.pk for each in news])
        waiting.update(mailed_at=now, tried_at=now, attempts=F("attempts") + 1)
    try:
        mails.send_contact_news(contact, news)
    except NotSent:
        waiting.update(mailed_at=None)
        return False
    return True
