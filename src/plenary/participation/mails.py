"""The mails that this module sends: plain text, in the language that was chosen for them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from smtplib import SMTPException
from typing import Any

from django.core import signing
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from plenary.people.mails import deliver
from plenary.records.news import address, tell

from .models import ContactNews, ParticipantContact

logger = logging.getLogger(__name__)


def send_invitation(to: str, context: dict[str, Any], *, language: str) -> bool:
    """Send one invitation; says whether the mail server took it."""
    with translation.override(language):
        subject = _("You are invited: %(title)s") % {"title": " ".join(str(context["title"]).split())}
        body = render_to_string("participation/mail/invitation.txt", context)
        mail = EmailMessage(subject, body.strip() + "\n", to=[to])
    try:
        mail.send()
    except (OSError, SMTPException) as error:
        # Its text may carry the address, so only its kind is logged.
        logger.error("an invitation was not sent: %s", type(error).__name__)
        return False
    return True


def send_confirmation(contact: ParticipantContact, title: str) -> None:
    """Ask the owner of an address. Raises ``NotSent``."""
    with translation.override(contact.language):
        context = {"title": title, "link": address(reverse("confirm-contact", args=[contact_key(contact)]))}
        body = render_to_string("participation/mail/confirm.txt", context)
        mail = EmailMessage(_("Please confirm your e-mail address"), body.strip() + "\n", to=[contact.email])
    deliver(mail, "confirmation")


def send_contact_news(contact: ParticipantContact, news: Sequence[ContactNews]) -> None:
    """One mail with all news of a consultation. Raises ``NotSent``."""
    stop = address(reverse("stop-contact", args=[contact_key(contact)]))
    paragraphs = tell([(each.event, each.because) for each in news], contact.language)
    with translation.override(contact.language):
        body = render_to_string("participation/mail/news.txt", {"paragraphs": paragraphs, "stop": stop})
        mail = EmailMessage(
            _("What comes of what you said"),
            body.strip() + "\n",
            to=[contact.email],
            headers={"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
        )
    deliver(mail, "news of a consultation")


def contact_key(contact: ParticipantContact) -> str:
    """What stands in the links of mails to an address: it confirms the address and ends the news."""
    return signing.dumps([contact.pk, contact.asked_at.isoformat()], salt="plenary.participation.contact")


def read_contact_key(key: str) -> tuple[int, str] | None:
    try:
        pk, asked_at = signing.loads(key, salt="plenary.participation.contact")
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return int(pk), str(asked_at)
