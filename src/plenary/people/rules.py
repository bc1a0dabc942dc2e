"""Who holds which role. Other modules' rules combine these with their own phases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .models import Role

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from plenary.records.models import Organization

    from .models import User

    Viewer = User | AnonymousUser


def is_desk(user: Viewer) -> bool:
    """The strategy unit that runs consultations and edits the text."""
    return _holds(user, Role.DESK, Role.ADMINISTRATOR)


def is_committee(user: Viewer) -> bool:
    return _holds(user, Role.COMMITTEE)


def is_contributor_of(user: Viewer, organization: Organization) -> bool:
    return _holds(user, Role.CONTRIBUTOR, Role.APPROVER, organization=organization)


def is_approver_of(user: Viewer, organization: Organization) -> bool:
    return _holds(user, Role.APPROVER, organization=organization)


def is_staff(user: Viewer) -> bool:
    """Holds any role at all."""
    return user.is_authenticated and bool(user.roles)


def _holds(user: Viewer, *roles: str, organization: Organization | None = None) -> bool:
    return user.is_authenticated and user.has_role(*roles, organization=organization)
