"""Where allauth asks us: who may sign up, what mails and messages say, whom single sign-on may let in."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.contrib import messages
from django.contrib.sites.shortcuts import get_current_site
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from plenary.kit import error_pages

from . import clients, factors, mails, queries, rules
from .models import User

if TYPE_CHECKING:
    from allauth.socialaccount.models import SocialLogin
    from django.utils.functional import _StrPromise

INVITATION_KEY = "invitation"  # in the session: the link that somebody came with

# What pages say after a step; an empty one says nothing, since the page itself shows it.
MESSAGES: dict[str, str | _StrPromise] = {
    "account/messages/logged_in.txt": "",
    "account/messages/logged_out.txt": _("You have signed out."),
    "account/messages/email_confirmation_sent.txt": "",
    "account/messages/email_confirmed.txt": _("Your e-mail address is confirmed."),
    "account/messages/email_confirmation_failed.txt": _("This e-mail address belongs to another account."),
    "account/messages/email_deleted.txt": _("The e-mail address was removed."),
    "account/messages/cannot_delete_primary_email.txt": _(
        "This is your main e-mail address, so it was kept. Make another one the main one first."
    ),
    "account/messages/primary_email_set.txt": _("Your main e-mail address was changed."),
    "account/messages/unverified_primary_email.txt": _(
        "This e-mail address is not confirmed yet, so it cannot be the main one. Confirm it first."
    ),
    "account/messages/password_changed.txt": _("Your new password is set."),
    "account/messages/password_set.txt": _("Your password is set."),
    "mfa/messages/totp_activated.txt": _("The authenticator app is set up."),
    "mfa/messages/totp_deactivated.txt": _("The authenticator app was removed."),
    "mfa/messages/webauthn_added.txt": _("The passkey was added."),
    "mfa/messages/webauthn_removed.txt": _("The passkey was removed."),
    "mfa/messages/recovery_codes_generated.txt": _(
        "Here are your new recovery codes. Keep them where you find them without this device."
    ),
    "socialaccount/messages/account_connected.txt": _("Single sign-on is connected."),
    "socialaccount/messages/account_connected_updated.txt": _("Single sign-on is connected."),
    "socialaccount/messages/account_connected_other.txt": _(
        "This single sign-on belongs to another account here, so it was not connected."
    ),
    "socialaccount/messages/account_disconnected.txt": _("Single sign-on was disconnected."),
}


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("This account is closed. Ask the people who run this site."),
        "cannot_remove_primary_email": _(
            "This is your main e-mail address. Make another one the main one first."
        ),
        "duplicate_email": _("Your account has this e-mail address already."),
        "email_password_mismatch": _(
            "The e-mail address and the password do not belong together. Check both."
        ),
        "email_taken": _("There is an account with this e-mail address already."),
        "enter_current_password": _("This is not your current password."),
        "incorrect_code": _("This code is not right. Check it, or ask for a new one."),
        "incorrect_password": _("This is not your password."),
        "invalid_login": _("This did not work. Check what you entered."),
        "invalid_password_reset": _("This link has been used or is too old."),
        "max_email_addresses": _("An account has at most %d e-mail addresses. Remove one first."),
        "rate_limited": _("This was too quick for us. Wait a minute, then try again."),
        "too_many_login_attempts": _(
            "There were too many attempts. Wait a few minutes, then try again, or choose a new password."
        ),
        "unverified_primary_email": _("Confirm your main e-mail address first."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        now = timezone.now()
        invitation = queries.get_invitation(request.session.get(INVITATION_KEY, ""), now)
        return rules.may_sign_up(
            request.user, is_open=settings.PLENARY_SIGN_UP, invitation=invitation, now=now
        )

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        user.name = form.cleaned_data.get("name") or user.name
        return super().save_user(request, user, form, commit)

    def get_client_ip(self, request: HttpRequest) -> str:
        """By what attempts are counted. Never the address itself."""
        return clients.pseudonym(request)

    def get_http_user_agent(self, request: HttpRequest) -> str:
        return clients.device(request.META.get("HTTP_USER_AGENT", ""))

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Past the limit, the answer is the page for it: what was typed is not looked at."""
        try:
            super().pre_authenticate(request, **credentials)
        except Exception as error:
            if getattr(error, "code", "") != "too_many_login_attempts":
                raise
            response = error_pages.page(request, 429, str(self.error_messages["too_many_login_attempts"]))
            raise ImmediateHttpResponse(response) from error

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Who signed in a moment ago has just confirmed who she is; later, what weakens an account asks again."""
        records = get_authentication_records(self.request, self.request.user)
        newest = max((record["at"] for record in records), default=0.0)
        if time.time() - newest < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT:
            return False
        return bool(super().is_reauthentication_required(app=app, **kwargs))

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account")

    def get_email_verification_redirect_url(self, email_address: Any) -> str:
        if self.request.user.is_authenticated:
            return reverse("account_email")
        return str(super().get_email_verification_redirect_url(email_address))

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        words = message or str(MESSAGES[message_template or ""])
        # A password that was reset is the heading of the page that comes next.
        if words and getattr(request.resolver_match, "url_name", "") != "account_reset_password_from_key":
            messages.add_message(request, level, words, extra_tags=extra_tags)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        kind = {
            "account/email/email_confirmation": "code",
            "account/email/email_confirmation_signup": "code",
            "account/email/account_already_exists": "exists",
            "account/email/password_reset_key": "reset",
            "account/email/unknown_account": "unknown",
        }.get(template_prefix, "notice")
        if kind == "notice":
            context = context | {"what": mails.NOTICES[template_prefix]}
        addresses = {
            "current_site": get_current_site(self.request),
            "sign_in_url": self.request.build_absolute_uri(reverse("sign-in")),
            "account_url": self.request.build_absolute_uri(reverse("account")),
        }
        try:
            mails.send(kind, email, addresses | context)
        except mails.NotSent as error:
            if kind == "notice":
                return  # the change is made; it must not look undone for want of the mail about it
            words = gettext(
                "We could not send the e-mail that this step needs. Wait a few minutes, then repeat it. If you just "
                "chose a password for a new account, sign in with it: the e-mail is then sent again."
            )
            raise ImmediateHttpResponse(error_pages.page(self.request, 503, words)) from error


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """An issuer is believed about the addresses of its own domains only (docs/decisions/0011)."""

    error_messages = DefaultSocialAccountAdapter.error_messages | {
        "email_taken": _(
            "There is an account with this e-mail address already. Sign in to it first, then connect %s on the page "
            "of your account."
        ),
        "no_password": _(
            "Your account has no password yet. Set one first, or you could not sign in any more."
        ),
        "no_verified_email": _("Your account has no confirmed e-mail address yet. Confirm one first."),
        "disconnect_last": _("This is the only way into your account. Set a password first."),
        "connected_other": _("This single sign-on belongs to another account here."),
    }

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> Any:
        """Take the name and the address; keep of the rest only what is shown again."""
        user = super().populate_user(request, sociallogin, data)
        user.email = user.email.lower()
        parts = (data.get("name"), " ".join(filter(None, (data.get("first_name"), data.get("last_name")))))
        user.name = next((part for part in parts if part), "")[:150]
        claims = sociallogin.account.extra_data
        claims = claims.get("userinfo") or claims.get("id_token") or claims
        for address in sociallogin.email_addresses:
            address.email = address.email.lower()
            # Some issuers write the claim as a string, and "false" is true to a program.
            address.verified = claims.get("email_verified") is True and self._is_theirs(address.email)
        sociallogin.account.extra_data = {
            "userinfo": {"sub": claims.get("sub"), "email": claims.get("email")}
        }
        return user

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Also for the people of the institution itself, where nobody else may open an account."""
        theirs = any(address.verified for address in sociallogin.email_addresses)
        return theirs or super().is_open_for_signup(request, sociallogin)

    def can_authenticate_by_email(self, login: SocialLogin, email: str) -> bool:
        return self._is_theirs(email)

    def authenticate_by_email(self, sociallogin: SocialLogin) -> tuple[User, str] | None:
        """The account to sign in to: only one that has itself shown to receive mail at the address."""
        found: Any = super().authenticate_by_email(sociallogin)
        return found if found and queries.owns_address(*found) else None

    def _is_theirs(self, email: str) -> bool:
        return email.rpartition("@")[2].lower() in settings.PLENARY_OIDC_DOMAINS


class SecondFactorAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "add_email_blocked": _(
            "Remove your passkeys and your authenticator app first, then add the e-mail address."
        ),
        "cannot_delete_authenticator": _("This cannot be removed."),
        "cannot_generate_recovery_codes": _("Set up an authenticator app or a passkey first."),
        "incorrect_code": _(
            "This code is not right. Codes of an app change every half minute: use the one it shows now."
        ),
        "unverified_email": _("Confirm your e-mail addresses first."),
    }

    def encrypt(self, text: str) -> str:
        """The app's secret and the recovery codes are readable to nobody who has only the database."""
        return factors.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return factors.decrypt(encrypted_text)

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        number = queries.count_factors(user, type) + 1
        return gettext("Passkey") if number == 1 else gettext("Passkey %(number)d") % {"number": number}
