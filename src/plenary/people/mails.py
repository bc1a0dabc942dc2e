"""The mails that accounts get: plain text, in the language of their reader as far as it is known."""

from __future__ import annotations

import logging
from smtplib import SMTPException
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from plenary.records.news import address, tell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.utils.functional import _StrPromise

    from plenary.records.models import Notice

    from .models import User

logger = logging.getLogger(__name__)


class NotSent(Exception):
    """The mail server did not take a mail."""


SUBJECTS: dict[str, str | _StrPromise] = {
    "code": _("Your code to confirm this e-mail address"),
    "exists": _("You have an account already"),
    "reset": _("Choose a new password"),
    "unknown": _("There is no account with this e-mail address"),
    "notice": _("Your account was changed"),
    "invitation": _("You are invited to take a role"),
    "withdrawn": _("A role of yours was withdrawn"),
}

# What a notice says, by the name that allauth gives to the occasion.
NOTICES: dict[str, str | _StrPromise] = {
    "account/email/password_changed": _("The password of your account was changed."),
    "account/email/password_set": _("A password was set for your account."),
    "account/email/password_reset": _(
        "The password of your account was replaced through the link in an e-mail."
    ),
    "account/email/email_changed": _("The main e-mail address of your account was changed."),
    "account/email/email_confirm": _("An e-mail address of your account was confirmed."),
    "account/email/email_deleted": _("An e-mail address was removed from your account."),
    "mfa/email/totp_activated": _("An authenticator app was set up for your account."),
    "mfa/email/totp_deactivated": _("The authenticator app was removed from your account."),
    "mfa/email/webauthn_added": _("A passkey was added to your account."),
    "mfa/email/webauthn_removed": _("A passkey was removed from your account."),
    "mfa/email/recovery_codes_generated": _(
        "New recovery codes were made for your account; the old ones no longer work."
    ),
    "socialaccount/email/account_connected": _("Your account was connected to single sign-on."),
    "socialaccount/email/account_disconnected": _("Your account was disconnected from single sign-on."),
}


def send(kind: str, to: str, context: dict[str, Any], *, language: str | None = None) -> None:
    """Render and send one mail. Raises ``NotSent`` where the server refuses it or is not there."""
    with translation.override(language or translation.get_language()):
        body = render_to_string(f"people/mail/{kind}.txt", context)
        mail = EmailMessage(str(SUBJECTS[kind]), body.strip() + "\n", to=[to])
    try:
        mail.send()
    except (OSError, SMTPException) as error:
        # Its text may carry the address, so only its kind is logged.
        logger.error("a mail of the kind %s was not sent: %s", kind, type(error).__name__)
        raise NotSent(kind) from error


def send_news(user: User, notices: Sequence[Notice]) -> None:
    """One mail with all that happened. Raises ``NotSent``."""
    language = user.language or settings.LANGUAGE_CODE
    stop = address(reverse("stop-mailing", args=[stop_key(user.pk)]))
    paragraphs = tell([(notice.event, notice.because) for notice in notices], language)
    with translation.override(language):
        context = {
            "paragraphs": paragraphs,
            "stop": stop,
            "account": address(reverse("account")),
            "name": user.name,
        }
        body = render_to_string("people/mail/news.txt", context)
        subject = ngettext("%(count)s piece of news", "%(count)s pieces of news", len(paragraphs))
        mail = EmailMessage(
            subject % {"count": len(paragraphs)},
            body.strip() + "\n",
            to=[user.email],
            headers={"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
        )
    deliver(mail, "news")


def deliver(mail: EmailMessage, kind: str) -> None:
    """Send a mail. Raises ``NotSent`` where the server refuses it or is not there; the log gets no address."""
    try:
        mail.send()
    except (OSError, SMTPException, ValueError) as error:  # ValueError: an address or header that is none
        logger.error("a mail of the kind %s was not sent: %s", kind, type(error).__name__)
        raise NotSent(kind) from None


def stop_key(user_id: int) -> str:
    """What stands in the link by which news end without signing in."""
    return signing.dumps(user_id, salt="plenary.people.stop-mailing")


def read_stop_key(key: str) -> int | None:
    try:
        found = signing.loads(key, salt="plenary.people.stop-mailing")
    except signing.BadSignature:
        return None
    return found if isinstance(found, int) else None
