"""The mails that accounts get: plain text, in the language of their reader as far as it is known."""

from __future__ import annotations

import logging
from smtplib import SMTPException
from typing import TYPE_CHECKING, Any

from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

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
