from __future__ import annotations

from datetime import datetime

from django.db import transaction

from plenary.records.actions import write_event
from plenary.records.models import Organization

from .models import Membership, User


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
