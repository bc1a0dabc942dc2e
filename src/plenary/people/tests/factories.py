from __future__ import annotations

from plenary.people.actions import create_account, grant_role
from plenary.people.models import User
from plenary.records.models import Organization
from plenary.records.tests.factories import NOW


def make_user(name: str = "somebody", *roles: tuple[str, Organization]) -> User:
    user = create_account(email=f"{name}@demo.example", password="a quiet word", name=name)
    for role, organization in roles:
        grant_role(user=user, organization=organization, role=role, by=None, now=NOW)
    return user
