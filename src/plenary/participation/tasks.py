"""Queued work: run by the worker that ``plenary serve`` starts."""

from __future__ import annotations

from urllib.parse import urljoin

from django.urls import reverse
from django.utils import timezone
from django_tasks import task

from plenary.people.mails import NotSent
from plenary.records.texts import with_texts

from . import actions, mails, queries
from .models import Consultation
from .phases import Act
from .queries.consultations import CONSULTATION_WORDS


@task()
def send_invitation(invitation_id: int, root: str) -> None:
    """Mail one invitation. Handed out twice, the second mail holds another code, and that one counts."""
    started = actions.start_sending(invitation_id=invitation_id)
    if started is None:
        return
    invitation, code = started
    consultation = invitation.consultation
    if not consultation.allows(Act.INVITE, timezone.now()):
        actions.finish_sending(invitation_id=invitation_id, is_sent=False)
        return
    with_texts([consultation], invitation.language, **CONSULTATION_WORDS)
    link = urljoin(root, reverse("join", query={"code": code, "lang": invitation.language}))
    context = {
        "title": consultation.said["title"],
        "question": consultation.said["question"],
        "code": code,
        "link": link,
        "closes_at": consultation.closes_at,
        "needs_account": Consultation.TakingPart.ACCOUNT in (consultation.voting_by, consultation.writing_by),
    }
    is_sent = mails.send_invitation(invitation.email, context, language=invitation.language)
    actions.finish_sending(invitation_id=invitation_id, is_sent=is_sent)


@task()
def ask_to_confirm(contact_id: int) -> None:
    """Mail the owner of an address that was left here."""
    contact = queries.get_contact_by_id(contact_id)
    if contact is not None and contact.confirmed_at is None:
        consultation = contact.participant.consultation
        with_texts([consultation], contact.language, **CONSULTATION_WORDS)
        try:
            mails.send_confirmation(contact, " ".join(str(consultation.said["title"]).split()))
        except NotSent:
            return  # logged; she can ask again


@task()
def mail_contact(contact_id: int) -> None:
    """Mail news to an address. Handed out twice, they are sent once."""
    actions.mail_contact_news(contact_id=contact_id, now=timezone.now())
