"""Queued work: run by the worker that ``plenary serve`` starts."""

from __future__ import annotations

from urllib.parse import urljoin

from django.urls import reverse
from django.utils import timezone
from django_tasks import task

from plenary.records.texts import with_texts

from . import actions, mails
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
