"""Forms of accounts, roles and invitations. Those of allauth get our words and the browser's help with filling them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from allauth.account import forms as account
from allauth.core import context
from allauth.mfa.base import forms as factor
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from allauth.socialaccount import forms as provider
from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .factors import UNREADABLE, ImproperlyEncrypted
from .models import Role, Scope, User
from .tokens import MOST_DAYS

PASSWORD_HINT = _(
    "At least 8 characters, not only digits, and none that many people use. Several words do well."
)

_LABELS = {
    "login": _("E-mail address"),
    "email": _("E-mail address"),
    "name": _("Your name"),
    "password": _("Password"),
    "remember": _("Stay signed in on this device"),
    "oldpassword": _("Current password"),
    "code": _("Code"),
    "passwordless": _("Sign in with it alone, without a password"),
}
_HINTS = {
    "name": _("How you are called on pages that show who did what. You may leave it out."),
    "password1": PASSWORD_HINT,
}


def _name_field() -> forms.CharField:
    return forms.CharField(
        label=_LABELS["name"],
        help_text=_HINTS["name"],
        max_length=150,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name", "dir": "auto"}),
    )


class _Plain(forms.Form):
    """Our words on allauth's fields: a label that stays, no placeholder, one password field instead of two.

    Who mistypes a password that nobody can see asks for a new one; typing it twice is asked of everybody.
    """

    hints: dict[str, Any] = {}
    labels: dict[str, Any] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("password2", None)
        field: Any
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.labels.get(name) or _LABELS.get(name) or field.label
            field.help_text = self.hints.get(name) or _HINTS.get(name, "")
            if name in ("login", "email"):
                field.widget.attrs |= {"autocomplete": "username", "dir": "ltr"}
            if name == "code":
                field.widget.attrs |= {"inputmode": "numeric", "dir": "ltr"}


class SignInForm(_Plain, account.LoginForm):
    pass


class SignUpForm(_Plain, account.SignupForm):
    name = _name_field()
    labels = {"password1": _("Password")}
    field_order = ["email", "name", "password1"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Who came by an invitation has shown to receive mail at its address, and opens the account with that one.
        invited = context.request.session.get("account_verified_email")
        if invited:
            self.initial["email"] = invited
            self.fields["email"].disabled = True


class SignUpWithProviderForm(_Plain, provider.SignupForm):
    name = _name_field()


class AddAddressForm(_Plain, account.AddEmailForm):
    labels = {"email": _("New e-mail address")}


class ChangePasswordForm(_Plain, account.ChangePasswordForm):
    labels = {"password1": _("New password")}


class SetPasswordForm(_Plain, account.SetPasswordForm):
    labels = {"password1": _("New password")}


class ResetPasswordForm(_Plain, account.ResetPasswordForm):
    pass


class NewPasswordForm(_Plain, account.ResetPasswordKeyForm):
    labels = {"password1": _("New password")}


class ConfirmPasswordForm(_Plain, account.ReauthenticateForm):
    pass


class ConfirmAddressForm(_Plain, account.ConfirmEmailVerificationCodeForm):
    pass


class _Code(_Plain):
    """A code that cannot be checked is said where it was entered, so that a passkey stays within reach."""

    def clean_code(self) -> str:
        try:
            code: str = super().clean_code()  # type: ignore[misc]
        except ImproperlyEncrypted:
            raise forms.ValidationError(UNREADABLE) from None
        return code


class SecondFactorForm(_Code, factor.AuthenticateForm):
    hints = {"code": _("The code that your app shows now, or one of your recovery codes.")}


class ConfirmCodeForm(_Code, factor.ReauthenticateForm):
    hints = SecondFactorForm.hints


class ActivateAppForm(_Plain, totp.ActivateTOTPForm):
    hints = {"code": _("The code that the app shows for Plenary.")}

    def secret_in_fours(self) -> list[str]:
        """The key as people copy it: four characters at a time."""
        return [self.secret[start : start + 4] for start in range(0, len(self.secret), 4)]


class AddPasskeyForm(_Plain, webauthn.AddWebAuthnForm):
    labels = {"name": _("Name of the passkey")}
    hints = {"name": _("By which you tell it from others: the device or the key that holds it.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["dir"] = "auto"
        self.fields["passwordless"].initial = True
        self.fields["passwordless"].help_text = _(
            "The device then asks for a fingerprint, a face or a PIN. Without it, the passkey comes after the password."
        )


class FirstPasskeyForm(_Plain, webauthn.SignupWebAuthnForm):
    labels = AddPasskeyForm.labels
    hints = AddPasskeyForm.hints


class RenamePasskeyForm(_Plain, webauthn.EditWebAuthnForm):
    labels = AddPasskeyForm.labels
    hints = {"name": _("By which you tell it from others: the device or the key that holds it.")}


class NameForm(forms.Form):
    name = _name_field()


def _role_field(choices: list[Role]) -> forms.ChoiceField:
    return forms.ChoiceField(label=_("Role"), choices=[(role.value, role.label) for role in choices])


class InvitationForm(forms.Form):
    """Somebody new, by e-mail."""

    email = forms.EmailField(
        label=_("E-mail address"),
        help_text=_("The person accepts by a link in the mail, with an account that has this address."),
        widget=forms.EmailInput(attrs={"autocomplete": "off", "dir": "ltr"}),
    )
    language = forms.ChoiceField(label=_("Language of the mail"), choices=settings.LANGUAGES)

    def __init__(self, *args: Any, roles: list[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"] = _role_field(roles)
        self.order_fields(["email", "role", "language"])


class GrantForm(forms.Form):
    """One more role for somebody who has one in the organization."""

    def __init__(self, *args: Any, people: list[tuple[int, str]], roles: list[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"] = forms.TypedChoiceField(label=_("Person"), choices=people, coerce=int)
        self.fields["role"] = _role_field(roles)


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("Name of the token"),
        max_length=60,
        help_text=_("What it is for, so that you know it again: “monthly report from our database”."),
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do for you"),
        choices=Scope.choices,
        initial=[Scope.READ],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Never more than you may do yourself."),
    )
    last_day = forms.DateField(
        label=_("Valid until"),
        help_text=_("The last day on which it works, at most a year from now."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["last_day"].initial = today + timedelta(days=90)
        self.today = today

    def clean_last_day(self) -> date:
        last_day: date = self.cleaned_data["last_day"]
        if last_day < self.today:
            raise forms.ValidationError(gettext("This day has passed already."))
        if last_day >= self.today + timedelta(days=MOST_DAYS - 1):
            raise forms.ValidationError(gettext("A token is valid for a year at most."))
        return last_day

    def facts(self) -> dict[str, Any]:
        """What ``actions.create_token`` asks for."""
        given = self.cleaned_data
        end = datetime.combine(given["last_day"] + timedelta(days=1), time())
        return {
            "name": given["name"],
            "scopes": given["scopes"],
            "expires_at": timezone.make_aware(end),
        }


class EraseForm(forms.Form):
    """Nothing is destroyed by a slip of the hand."""

    sure = forms.BooleanField(
        label=_("I am sure: erase it. This cannot be undone."),
        error_messages={"required": _("Nothing was erased. Tick the box if you are sure.")},
    )


class MailingForm(forms.Form):
    mailing = forms.ChoiceField(label=_("News by e-mail"), choices=User.Mailing.choices)
    language = forms.ChoiceField(label=_("Language of the mails"), choices=settings.LANGUAGES)
