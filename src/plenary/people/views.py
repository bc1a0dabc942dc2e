"""The account page, the sessions, the roles of organizations and the way in by invitation; the rest are allauth's."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.account.models import Login
from allauth.account.utils import get_next_redirect_url
from allauth.account.views import SignupView
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import flows as passkeys
from allauth.mfa.webauthn.views import LoginWebAuthnView
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.sites.shortcuts import get_current_site
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from requests import RequestException

from plenary.kit import access, error_pages
from plenary.kit.answers import status_of, submit
from plenary.kit.languages import content_language
from plenary.records.models import Organization

from . import actions, forms, mails, queries, rules
from .adapters import INVITATION_KEY
from .factors import UNREADABLE, ImproperlyEncrypted
from .models import Invitation, Membership, Role, User

logger = logging.getLogger(__name__)
get_or_post = require_http_methods(["GET", "HEAD", "POST"])
gives_roles = access.ruled("people.rules.may_give_roles")
gives_roles_there = access.ruled("people.rules.may_give_roles_in", on="organization")


def _person(request: HttpRequest) -> User:
    """Who is signed in, as the access of the view has made sure."""
    if not request.user.is_authenticated:
        raise PermissionDenied
    return request.user


# The own account


@access.signed_in
@get_or_post
@never_cache
def account(request: HttpRequest) -> HttpResponse:
    """Everything about the own account: what is set up, what is missing, and the way to change it."""
    user = _person(request)
    form = forms.NameForm(request.POST or None, initial={"name": user.name})
    if answer := submit(
        request,
        form,
        lambda now: actions.rename_account(user=user, name=form.cleaned_data["name"]),
        done=_("Your name was saved."),
        to="account",
    ):
        return answer
    context = {
        "form": form,
        "mailing_form": _mailing_form(user),
        "security": queries.get_security_of(user),
        "memberships": queries.list_memberships_of(user, content_language(request)),
        "may_give_roles": rules.may_give_roles(user),
    }
    return render(request, "people/account.html", context, status=status_of(form))


def _mailing_form(user: User, sent: Any = None) -> forms.MailingForm:
    language = user.language or translation.get_language()
    return forms.MailingForm(sent, initial={"mailing": user.mailing, "language": language})


@access.signed_in
@require_POST
def mailing(request: HttpRequest) -> HttpResponse:
    """How often news come by mail, and in which language."""
    user = _person(request)
    form = _mailing_form(user, request.POST)
    answer = submit(
        request,
        form,
        lambda now: actions.set_mailing(user=user, **form.cleaned_data),
        done=_("Your choice was saved."),
        to="account",
    )
    if answer is None:
        messages.error(request, _("This choice could not be read, so nothing was changed."))
    return answer or redirect("account")


@access.everyone
@csrf_exempt  # a mail program sends this without a page; the key alone says whose mails end
@never_cache
@get_or_post
def stop_mailing(request: HttpRequest, key: str) -> HttpResponse:
    """The end of news by mail, without signing in: a page with a button, since mail scanners open links."""
    user_id = mails.read_stop_key(key)
    if user_id is not None and request.method == "POST":
        actions.stop_mailing(user_id=user_id)
    context = {"is_known": user_id is not None, "is_done": request.method == "POST"}
    return render(request, "people/stop_mailing.html", context, status=200 if user_id is not None else 404)


@access.signed_in
@get_or_post
@never_cache
@reauthentication_required  # type: ignore[untyped-decorator]
def erase_account(request: HttpRequest) -> HttpResponse:
    """What is destroyed and what stays; then, once she is sure, it is done."""
    user = _person(request)
    form = forms.EraseForm(request.POST if request.method == "POST" else None)

    def erase(now: datetime) -> None:
        actions.erase_account(user=user, now=now)
        logout(request)

    if answer := submit(
        request, form, erase, done=_("Your account and what you said with it are erased."), to="home"
    ):
        return answer
    return render(request, "people/erase_account.html", {"form": form}, status=status_of(form))


@access.signed_in
@require_safe
@never_cache
def sessions(request: HttpRequest) -> HttpResponse:
    return render(request, "people/sessions.html", {"sessions": queries.list_sessions_of(_person(request))})


@access.signed_in
@require_POST
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    user = _person(request)
    session = queries.get_session_of(user, pk)
    if session is None:
        raise Http404
    actions.end_session(user=user, session=session)
    messages.success(request, _("That device is signed out."))
    return redirect("usersessions_list")


@access.signed_in
@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    user = _person(request)
    others = [session for session in queries.list_sessions_of(user) if not session.is_current()]
    for session in others:
        actions.end_session(user=user, session=session)
    words = ngettext(
        "%(count)d other device is signed out.", "%(count)d other devices are signed out.", len(others)
    )
    messages.success(request, words % {"count": len(others)})
    return redirect("usersessions_list")


def ours(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view of allauth's that answers as our pages do: 422 where a form could not be accepted, and words, not a
    fault, where the second factors cannot be read."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response = view(request, *args, **kwargs)
        except ImproperlyEncrypted:
            return error_pages.page(request, 503, str(UNREADABLE))
        if (
            request.method == "POST"
            and response.status_code == 200
            and isinstance(response, TemplateResponse)
        ):
            shown = (response.context_data or {}).values()
            response.status_code = status_of(*(form for form in shown if isinstance(form, Form)))
        return response

    return answered


class SignUp(SignupView):
    """Allauth's, which knows of no invitation."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        token, language = self.request.session.get(INVITATION_KEY, ""), content_language(self.request)
        invitation = queries.get_invitation(token, timezone.now(), language)
        return super().get_context_data(**kwargs) | {"invitation": invitation}


class SecondStep(AuthenticateView):
    """Allauth's, which would offer a passkey to an account that has none."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        if not queries.count_factors(self.stage.login.user, Authenticator.Type.WEBAUTHN):
            self.webauthn_form = None
        return super().get_context_data(**kwargs)


class SignInWithPasskey(LoginWebAuthnView):
    """Allauth's, which would forget where one wanted to go."""

    def form_valid(self, form: Any) -> HttpResponse:
        authenticator = form.cleaned_data["credential"]
        login = Login(user=authenticator.user, redirect_url=get_next_redirect_url(self.request))
        return passkeys.perform_passwordless_login(self.request, authenticator, login)


def or_say_so(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A step of single sign-on; an issuer that is away, or answers in another language, is said instead of a fault."""

    def step(request: HttpRequest, provider_id: str) -> HttpResponse:
        try:
            return view(request, provider_id)
        except (RequestException, KeyError, ValueError) as error:
            logger.error("single sign-on did not work: %s", type(error).__name__)
            return redirect("socialaccount_login_error")

    return step


# Roles of an organization


@gives_roles
@require_safe
def roles(request: HttpRequest) -> HttpResponse:
    found = queries.list_organizations_given_by(_person(request), content_language(request))
    return render(request, "people/roles.html", {"organizations": found})


@gives_roles_there
@require_safe
@never_cache
def organization_roles(request: HttpRequest, reference: str) -> HttpResponse:
    return _roles_page(request, _organization(request, reference))


@gives_roles_there
@require_POST
def invite(request: HttpRequest, reference: str) -> HttpResponse:
    organization, user = _organization(request, reference), _person(request)
    form = forms.InvitationForm(request.POST, roles=rules.roles_given_by(user, organization))
    answer = submit(
        request,
        form,
        lambda now: actions.invite(organization=organization, by=user, now=now, **form.cleaned_data),
        to=lambda invitation: _sent(request, invitation),
    )
    return answer or _roles_page(request, organization, invitation_form=form)


@gives_roles_there
@get_or_post
@never_cache
def withdraw_invitation(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """Asks first; sent, it withdraws."""
    organization, by = _organization(request, reference), _person(request)
    invitation = queries.get_invitation_in(organization, pk)
    if invitation is None:
        raise Http404
    if not rules.may_give_role(by, organization, invitation.role):
        raise PermissionDenied
    form = Form(request.POST if request.method == "POST" else None)
    answer = submit(
        request,
        form,
        lambda now: actions.withdraw_invitation(invitation=invitation, by=by, now=now),
        done=_("The invitation was withdrawn; its link works no longer."),
        to=reverse("organization-roles", args=[reference]),
    )
    context = {"organization": organization, "invitation": invitation, "form": form}
    return answer or render(request, "people/withdraw_invitation.html", context, status=status_of(form))


@gives_roles_there
@require_POST
def grant_role(request: HttpRequest, reference: str) -> HttpResponse:
    organization, by = _organization(request, reference), _person(request)
    form = _grant_form(by, organization, request.POST)

    def grant(now: datetime) -> None:
        person = queries.get_member(organization, form.cleaned_data["person"])
        if person is None:
            raise Http404
        role = form.cleaned_data["role"]
        actions.grant_role(user=person, organization=organization, role=role, by=by, now=now)

    to = reverse("organization-roles", args=[reference])
    answer = submit(request, form, grant, done=_("The role was given."), to=to)
    return answer or _roles_page(request, organization, grant_form=form)


@gives_roles_there
@get_or_post
@never_cache
def withdraw_role(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """Asks first; sent, it withdraws and tells the person."""
    organization, by = _organization(request, reference), _person(request)
    membership = queries.get_membership_in(organization, pk)
    if membership is None:
        raise Http404
    if not rules.may_give_role(by, organization, membership.role):
        raise PermissionDenied
    form = Form(request.POST if request.method == "POST" else None)
    answer = submit(
        request,
        form,
        lambda now: actions.withdraw_role(membership=membership, by=by, now=now),
        done=_("The role was withdrawn."),
        to=lambda _none: _withdrawn(request, membership, by),
    )
    context = {"organization": organization, "membership": membership, "form": form}
    return answer or render(request, "people/withdraw_role.html", context, status=status_of(form))


def _withdrawn(request: HttpRequest, membership: Membership, by: User) -> str:
    """Tell the person who lost the role, and where to go on. It is gone even where the mail is not taken."""
    person, organization = membership.user, membership.organization
    if person != by:
        language = queries.get_language_of(person) or translation.get_language()
        context = {
            "organization": queries.get_title_of(organization, language),
            "role": Role(membership.role).label,
            "by": by.name,
            "current_site": get_current_site(request),
        }
        try:
            mails.send("withdrawn", person.email, context, language=language)
        except mails.NotSent:
            messages.warning(request, _("The e-mail that tells the person could not be sent."))
    if not rules.may_give_roles_in(by, organization):  # somebody gave up the own role
        return reverse("account")
    return reverse("organization-roles", args=[organization.reference])


def _organization(request: HttpRequest, reference: str) -> Organization:
    found = queries.get_organization_given_by(request.user, reference, content_language(request))
    if found is None:
        raise Http404
    return found


def _grant_form(user: User, organization: Organization, data: Any = None) -> forms.GrantForm:
    members = [person for person, _held in queries.list_members(organization)]
    named = Counter(map(str, members))
    people = [
        # The address only where the name does not tell one from another: a list cuts long lines.
        (person.pk, str(person) if named[str(person)] == 1 else f"{person} · {person.email}")
        for person in members
    ]
    return forms.GrantForm(data, people=people, roles=rules.roles_given_by(user, organization))


def _roles_page(request: HttpRequest, organization: Organization, **bound: Any) -> HttpResponse:
    user, now = _person(request), timezone.now()
    given = rules.roles_given_by(user, organization)
    members = queries.list_members(organization)
    invitations = queries.list_invitations(organization)
    fresh = forms.InvitationForm(roles=given, initial={"language": translation.get_language()})
    context = {
        "organization": organization,
        "people": members,
        "given": [role.value for role in given],
        "what_roles_do": [(role.label, rules.WHAT_ROLES_DO[role]) for role in given],
        "waiting": [each for each in invitations if each.is_open(now)],
        "past": [each for each in invitations if not each.is_open(now)],
        "invitation_form": fresh,
        "grant_form": _grant_form(user, organization) if members else None,
    } | bound
    return render(request, "people/organization_roles.html", context, status=status_of(*bound.values()))


# Coming by invitation


@access.everyone
@get_or_post
@never_cache
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """What one is invited to. Sent by a signed-in person, it accepts; by a stranger, it leads on to an account."""
    found = queries.get_invitation(token, timezone.now(), content_language(request))
    if found is None:
        return render(request, "people/invitation_over.html", status=404)
    user = request.user
    if request.method == "POST" and not user.is_authenticated:
        request.session[INVITATION_KEY] = token
        # Whoever holds the link has read the mailbox, so its address need not be confirmed once more.
        request.session["account_verified_email"] = found.email
        page = "sign-in" if "sign-in" in request.POST else "account_signup"
        return redirect(f"{reverse(page)}?next={reverse('invitation', args=[token])}")
    if request.method == "POST" and user.is_authenticated:
        actions.accept_invitation(invitation=found, by=user, now=timezone.now())
        request.session.pop(INVITATION_KEY, None)
        messages.success(request, _("The role is yours. Your work is listed on this page."))
        return redirect("desk")
    fits = user.is_authenticated and queries.owns_address(user, found.email)
    return render(request, "people/invitation.html", {"invitation": found, "token": token, "fits": fits})


def _sent(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    """Send the invitation, and say so; it stands even where the mail server does not take it."""
    address = reverse("invitation", args=[queries.token_of(invitation)])
    context = {
        "organization": queries.get_title_of(invitation.organization, invitation.language),
        "role": Role(invitation.role).label,  # put into words in the language of the mail
        "inviter": invitation.invited_by.name if invitation.invited_by else "",
        "url": request.build_absolute_uri(address),
        "expires_at": invitation.expires_at,
        "current_site": get_current_site(request),
    }
    try:
        mails.send("invitation", invitation.email, context, language=invitation.language)
    except mails.NotSent:
        messages.error(
            request,
            _(
                "The invitation is kept, but the e-mail could not be sent. Invite the same person again in a while."
            ),
        )
    else:
        messages.success(request, _("The invitation is on its way."))
    return redirect("organization-roles", invitation.organization.reference)


# API tokens


@access.signed_in
@never_cache
@get_or_post
def tokens(request: HttpRequest) -> HttpResponse:
    """One's own API tokens. A new one's secret stands in the answer to the form, and nowhere else."""
    user, today = _person(request), timezone.localdate(timezone.now())

    def page(form: forms.TokenForm, secret: str = "") -> HttpResponse:
        context = {
            "form": form,
            "secret": secret,
            "now": timezone.now(),
            "tokens": queries.list_tokens_of(user),
        }
        return render(request, "people/tokens.html", context, status=status_of(form))

    form = forms.TokenForm(request.POST or None, today=today)
    answer = submit(
        request,
        form,
        lambda now: actions.create_token(user=user, **form.facts(), now=now),
        to=lambda made: page(forms.TokenForm(today=today), made[1]),
    )
    return answer or page(form)


@access.signed_in
@require_POST
def revoke_token(request: HttpRequest, number: int) -> HttpResponse:
    token = queries.get_token_of(_person(request), number)
    if token is None:
        raise Http404
    actions.revoke_token(token=token)
    messages.success(
        request,
        _("“%(name)s” is revoked. Programs that use it get no answer any more.") % {"name": token.name},
    )
    return redirect("tokens")
