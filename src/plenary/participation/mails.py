"""The mails that this module sends: plain text, in the language that was chosen for them."""

from __future__ import annotations

import logging
from smtplib import SMTPException
from typing import Any

from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

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
