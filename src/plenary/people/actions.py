from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from plenary.kit.errors import Refused
from plenary.records.actions import write_event
from plenary.records.models import Organization

from .models import Membership, Scope, Token, User
from .tokens import MOST_DAYS, MOST_TOKENS, hash_of, make_secret


@transaction.atomic
def create_account(*, email: str, password: str | None, name: str = "") -> User:
    """A new account, without any role."""
    return User.objects.create_user(email, password, name=name)


@transaction.atomic
def grant_role(
    *, user: User, organization: Organization, role: str, by: User | None, now: datetime
) -> Membership:
    """Give a person a role in an organization; the organization's history says which, not whom."""
    membership, created = Membership.objects.get_or_create(user=user, organization=organization, role=role)
    if created:
        user.__dict__.pop("roles", None)
        write_event(
            record=organization.record,
            verb="role granted",
            by=by,
            now=now,
            changes={"role": [None, role], "user": "changed"},
        )
    return membership


# API tokens. A person's own keys, hers alone to know, so they write no event; what is done with one is written as hers.


@transaction.atomic
def create_token(
    *, user: User, name: str, scopes: Sequence[str], expires_at: datetime, now: datetime
) -> tuple[Token, str]:
    """A new token, and its secret, which is told once and not kept."""
    if not scopes or not set(scopes) <= set(Scope.values):
        raise Refused(_("A token reads, writes, or both."))
    if not now < expires_at <= now + timedelta(days=MOST_DAYS):
        raise Refused(_("A token is valid for a year at most, and expires in the future."))
    User.objects.select_for_update().get(pk=user.pk)  # two requests at once count one another
    if user.tokens.count() >= MOST_TOKENS:
        raise Refused(_("You have as many tokens as one person can have. Revoke one that you no longer use."))
    secret = make_secret()
    token = Token.objects.create(
        user=user,
        name=name,
        hash=hash_of(secret),
        scopes=sorted(set(scopes)),
        created_at=now,
        expires_at=expires_at,
    )
    return token, secret


def revoke_token(*, token: Token) -> None:
    """Nobody gets in with it from now on."""
    token.delete()


def note_use_of_token(*, token: Token, today: date) -> None:
    """Remember the day, so that its person sees which of her tokens are in use. One write a day."""
    if token.last_used_on != today:
        Token.objects.filter(pk=token.pk).update(last_used_on=today)
