"""Addresses of accounts. Allauth looks its pages up by name, so each name of its that is in use stands here, at an
address of ours; what is not listed is not reachable."""

from allauth.account import views as account
from allauth.mfa.base import views as factor
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkey
from allauth.socialaccount import views as provider
from allauth.socialaccount.providers.openid_connect import views as openid_connect
from django.urls import path, register_converter

from plenary.kit.access import everyone, signed_in

from . import views
from .views import ours


class Base36:
    """An account in the link of a mail, as allauth writes it: up to the first hyphen."""

    regex = "[0-9A-Za-z]+"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Base36, "base36")

urlpatterns = [
    # In and out
    path("account/sign-in", everyone(ours(account.login)), name="sign-in"),
    path("account/sign-in", everyone(ours(account.login)), name="account_login"),
    path("account/sign-out", everyone(ours(account.logout)), name="sign-out"),
    path("account/sign-out", everyone(ours(account.logout)), name="account_logout"),
    path("account/closed", everyone(ours(account.account_inactive)), name="account_inactive"),
    path("account/sign-in/code", everyone(ours(views.SecondStep.as_view())), name="mfa_authenticate"),
    path(
        "account/sign-in/passkey",
        everyone(ours(views.SignInWithPasskey.as_view())),
        name="mfa_login_webauthn",
    ),
    path("account/sign-up", everyone(ours(views.SignUp.as_view())), name="account_signup"),
    path(
        "account/sign-up/passkey", everyone(ours(account.signup_by_passkey)), name="account_signup_by_passkey"
    ),
    path("account/sign-up/passkey/make", everyone(ours(passkey.signup_webauthn)), name="mfa_signup_webauthn"),
    path(
        "account/confirm-address",
        everyone(ours(account.email_verification_sent)),
        name="account_email_verification_sent",
    ),
    path("account/forgotten", everyone(ours(account.password_reset)), name="account_reset_password"),
    path(
        "account/forgotten/sent",
        everyone(ours(account.password_reset_done)),
        name="account_reset_password_done",
    ),
    path(
        "account/forgotten/<base36:uidb36>-<str:key>",
        everyone(ours(account.password_reset_from_key)),
        name="account_reset_password_from_key",
    ),
    path(
        "account/forgotten/done",
        everyone(ours(account.password_reset_from_key_done)),
        name="account_reset_password_from_key_done",
    ),
    path("account/invitation/<str:token>", views.invitation, name="invitation"),
    # The own account: one page, which also stands where allauth would list factors and passkeys
    path("account", views.account, name="account"),
    path("account", views.account, name="mfa_index"),
    path("account", views.account, name="mfa_list_webauthn"),
    path("account/news", views.mailing, name="mailing"),
    path("account/news/stop/<str:key>", views.stop_mailing, name="stop-mailing"),
    path("account/erase", views.erase_account, name="erase-account"),
    path("account/tokens", views.tokens, name="tokens"),
    path("account/tokens/<int:number>/revoke", views.revoke_token, name="revoke-token"),
    path("account/addresses", signed_in(ours(account.email)), name="account_email"),
    path("account/password", signed_in(ours(account.password_change)), name="account_change_password"),
    path("account/password/set", signed_in(ours(account.password_set)), name="account_set_password"),
    path("account/app", signed_in(ours(totp.activate_totp)), name="mfa_activate_totp"),
    path("account/app/remove", signed_in(ours(totp.deactivate_totp)), name="mfa_deactivate_totp"),
    path("account/passkeys/add", signed_in(ours(passkey.add_webauthn)), name="mfa_add_webauthn"),
    path(
        "account/passkeys/<int:pk>/rename", signed_in(ours(passkey.edit_webauthn)), name="mfa_edit_webauthn"
    ),
    path(
        "account/passkeys/<int:pk>/remove",
        signed_in(ours(passkey.remove_webauthn)),
        name="mfa_remove_webauthn",
    ),
    path("account/codes", signed_in(ours(recovery.view_recovery_codes)), name="mfa_view_recovery_codes"),
    path(
        "account/codes/new",
        signed_in(ours(recovery.generate_recovery_codes)),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "account/codes/download",
        signed_in(ours(recovery.download_recovery_codes)),
        name="mfa_download_recovery_codes",
    ),
    path("account/sessions", views.sessions, name="usersessions_list"),
    path("account/sessions/<int:pk>/end", views.end_session, name="end-session"),
    path("account/sessions/end-others", views.end_other_sessions, name="end-other-sessions"),
    path("account/confirm", signed_in(ours(account.reauthenticate)), name="account_reauthenticate"),
    path("account/confirm/code", signed_in(ours(factor.reauthenticate)), name="mfa_reauthenticate"),
    path(
        "account/confirm/passkey",
        signed_in(ours(passkey.reauthenticate_webauthn)),
        name="mfa_reauthenticate_webauthn",
    ),
    # Single sign-on
    path("account/connections", signed_in(ours(provider.connections)), name="socialaccount_connections"),
    path("account/with/sign-up", everyone(ours(provider.signup)), name="socialaccount_signup"),
    path(
        "account/with/cancelled",
        everyone(ours(provider.login_cancelled)),
        name="socialaccount_login_cancelled",
    ),
    path("account/with/error", everyone(ours(provider.login_error)), name="socialaccount_login_error"),
    path(
        "account/with/<slug:provider_id>",
        everyone(views.or_say_so(openid_connect.login)),
        name="openid_connect_login",
    ),
    path(
        "account/with/<slug:provider_id>/callback",
        everyone(views.or_say_so(openid_connect.callback)),
        name="openid_connect_callback",
    ),
    # Roles
    path("roles", views.roles, name="roles"),
    path("roles/<str:reference>", views.organization_roles, name="organization-roles"),
    path("roles/<str:reference>/invite", views.invite, name="invite"),
    path("roles/<str:reference>/grant", views.grant_role, name="grant-role"),
    path("roles/<str:reference>/<int:pk>/withdraw", views.withdraw_role, name="withdraw-role"),
    path(
        "roles/<str:reference>/invitations/<int:pk>/withdraw",
        views.withdraw_invitation,
        name="withdraw-invitation",
    ),
]
