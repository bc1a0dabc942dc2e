"""Reads of accounts, roles and invitations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.core import signing
from django.db.models import Count, Exists, F, OuterRef, Q

from plenary.records.models import Notice, Organization
from plenary.records.queries import list_organizations, visible_to
from plenary.records.texts import with_texts

from . import rules
from .factors import ImproperlyEncrypted
from .models import Invitation, Membership, Role, Token, User
from .tokens import hash_of

if TYPE_CHECKING:
    from .rules import Viewer

_SALT = "plenary.people.invitation"


@dataclass(frozen=True)
class Security:
    """How an account is secured, for the page that says what is set up and what is missing."""

    addresses: Sequence[EmailAddress]
    has_password: bool
    passkeys: Sequence[Authenticator]
    app: Authenticator | None
    codes_left: int | None
    """Recovery codes that were not used yet; None where there never were any."""
    connections: Sequence[SocialAccount]
    sessions: int

    @property
    def has_second_factor(self) -> bool:
        return bool(self.app or self.passkeys)


def get_security_of(user: User) -> Security:
    """Four queries, whatever is set up."""
    factors = list(Authenticator.objects.filter(user=user).order_by("created_at"))
    codes = next((each for each in factors if each.type == Authenticator.Type.RECOVERY_CODES), None)
    return Security(
        addresses=list(EmailAddress.objects.filter(user=user).order_by("-primary", "email")),
        has_password=user.has_usable_password(),
        passkeys=[each for each in factors if each.type == Authenticator.Type.WEBAUTHN],
        app=next((each for each in factors if each.type == Authenticator.Type.TOTP), None),
        codes_left=None if codes is None else _count_codes(codes),
        connections=list(SocialAccount.objects.filter(user=user).order_by("date_joined")),
        sessions=UserSession.objects.filter(user=user).count(),
    )


def _count_codes(codes: Authenticator) -> int:
    try:
        return len(codes.wrap().get_unused_codes())
    except ImproperlyEncrypted:
        return 0  # they let nobody in; the page of the codes says why


def list_sessions_of(user: User) -> list[UserSession]:
    """Where the account is signed in, the newest first; the ended ones are forgotten on the way."""
    sessions = UserSession.objects.purge_and_list(user)
    return sorted(sessions, key=lambda session: session.created_at, reverse=True)


def get_session_of(user: User, pk: int) -> UserSession | None:
    return UserSession.objects.filter(user=user, pk=pk).first()


def get_account(email: str) -> User | None:
    """The account with this main e-mail address."""
    return User.objects.filter(email=email.lower()).first()


def owns_address(user: User, email: str) -> bool:
    """Whether the account has shown that it receives mail at the address."""
    return EmailAddress.objects.filter(user=user, email=email.lower(), verified=True).exists()


def count_factors(user: User, type: str) -> int:
    """How many passkeys, say, an account has."""
    return Authenticator.objects.filter(user=user, type=type).count()


def list_memberships_of(user: User, language: str) -> list[Membership]:
    """The roles that somebody holds, with their organizations' names."""
    rows = list(
        user.memberships.select_related("organization__record").order_by(
            "organization__record__number", "role"
        )
    )
    with_texts(rows, language, organization="organization.record.title_id")
    return rows


def list_organizations_given_by(user: User, language: str) -> list[Organization]:
    """The organizations in which somebody gives roles, with the number of people in each and of open invitations."""
    found = list_organizations(language)
    if not rules.is_administrator(user):
        own = {organization for role, organization in user.roles if role == Role.APPROVER}
        found = [organization for organization in found if organization.pk in own]
    counts: dict[int, Any] = {
        row["pk"]: row
        for row in Organization.objects.filter(pk__in=[each.pk for each in found])
        .values("pk")
        .annotate(
            people=Count("memberships__user", distinct=True),
            waiting=Count("invitations", filter=Q(invitations__closed_at__isnull=True), distinct=True),
        )
    }
    for organization in found:
        row = counts[organization.pk]
        organization.people, organization.waiting = row["people"], row["waiting"]  # type: ignore[attr-defined]
    return found


def get_organization_given_by(user: Viewer, reference: str, language: str) -> Organization | None:
    """The organization, if this person may give roles in it."""
    found = Organization.objects.select_related("record").filter(record__reference=reference).first()
    if found is None or not rules.may_give_roles_in(user, found):
        return None
    with_texts([found], language, title="record.title_id")
    return found


def get_title_of(organization: Organization, language: str) -> str:
    """The organization's name as a mail in that language writes it."""
    with_texts([organization], language, title="record.title_id")
    return str(organization.said["title"])


def list_members(organization: Organization) -> list[tuple[User, list[Membership]]]:
    """The people who hold a role in the organization, each with the roles, in the order of their names."""
    people: dict[int, tuple[User, list[Membership]]] = {}
    for membership in organization.memberships.select_related("user").order_by(
        "user__name", "user_id", "role"
    ):
        people.setdefault(membership.user_id, (membership.user, []))[1].append(membership)
    return list(people.values())


def get_membership_in(organization: Organization, pk: int) -> Membership | None:
    return organization.memberships.select_related("user", "organization__record").filter(pk=pk).first()


def get_member(organization: Organization, pk: int) -> User | None:
    """Somebody who holds a role in the organization."""
    return User.objects.filter(pk=pk, memberships__organization=organization).distinct().first()


def get_language_of(user: User) -> str | None:
    """The language in which somebody was invited, the only one of hers that is kept."""
    invitations = Invitation.objects.filter(accepted_by=user).order_by("-closed_at")
    return invitations.values_list("language", flat=True).first()


def list_invitations(organization: Organization, limit: int = 50) -> list[Invitation]:
    """The newest invitations of an organization: the open ones, then those that served, expired or were withdrawn."""
    rows = organization.invitations.select_related("invited_by", "accepted_by")
    return list(rows.order_by(F("closed_at").desc(nulls_first=True), "-invited_at")[:limit])


def get_invitation_in(organization: Organization, pk: int) -> Invitation | None:
    return organization.invitations.select_related("organization__record").filter(pk=pk).first()


def token_of(invitation: Invitation) -> str:
    """What the invitation's link carries: signed, so nobody makes one up; renewing an invitation ends older links."""
    return signing.dumps([invitation.pk, int(invitation.expires_at.timestamp())], salt=_SALT)


def get_invitation(token: str, now: datetime, language: str = "en") -> Invitation | None:
    """The open invitation that a link belongs to."""
    try:
        pk, expires = signing.loads(token, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    found = Invitation.objects.select_related("organization__record", "invited_by").filter(pk=pk).first()
    if found is None or not found.is_open(now) or int(found.expires_at.timestamp()) != expires:
        return None
    with_texts([found], language, organization="organization.record.title_id")
    return found


# API tokens


def get_token(secret: str, now: datetime) -> Token | None:
    """The token with this secret, while it is valid and its person's account is open."""
    found = Token.objects.filter(hash=hash_of(secret), expires_at__gt=now, user__is_active=True)
    return found.select_related("user").first()


def list_tokens_of(user: User) -> list[Token]:
    """The newest first, expired ones too."""
    return list(user.tokens.order_by("-id"))


def get_token_of(user: User, number: int) -> Token | None:
    return user.tokens.filter(pk=number).first()


def list_roles_of(user: User) -> list[tuple[str, str]]:
    """What the person holds: role and reference of the organization."""
    held = user.memberships.order_by("organization__record__number", "role")
    return list(held.values_list("role", "organization__record__reference"))


# News by mail


def list_accounts_with_news(
    now: datetime, *, since: datetime, most: int, wait: Mapping[User.Mailing, timedelta]
) -> list[int]:
    """Accounts that have notices to be mailed, and whose last mail is as long ago as they wish."""
    due = Q()
    for mailing, pause in wait.items():
        due |= Q(mailing=mailing) & (Q(mail_tried_at=None) | Q(mail_tried_at__lte=now - pause))
    waiting = Notice.objects.filter(
        user=OuterRef("pk"), mailed_at=None, read_at=None, event__at__gte=since, mail_attempts__lt=most
    )
    return list(User.objects.filter(due, Exists(waiting), is_active=True).values_list("pk", flat=True))


def list_news_of(user: User, *, since: datetime, most: int, limit: int = 50) -> list[Notice]:
    """Her notices that no mail has told her of and that she has not read, of what she may still see."""
    return list(
        Notice.objects.filter(
            visible_to(user, "event__record"),
            user=user,
            mailed_at=None,
            read_at=None,
            event__at__gte=since,
            mail_attempts__lt=most,
        )
        .select_related("event__record", "because")
        .order_by("event_id")[:limit]
    )
