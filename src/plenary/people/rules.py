"""Who holds which role. Other modules' rules combine these with their own phases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from .models import Role

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.models import AnonymousUser

    from plenary.records.models import Organization

    from .models import Invitation, User

    Viewer = User | AnonymousUser


# What the rules of all modules come to, for whoever gives a role.
WHAT_ROLES_DO = {
    Role.CONTRIBUTOR: _(
        "Writes and submits the reports of this organization, and translates what people say."
    ),
    Role.APPROVER: _(
        "Writes reports of this organization, accepts or returns those of others, and invites its contributors."
    ),
    Role.DESK: _(
        "Runs consultations, reporting rounds and meetings, decides on changes to the text, and sees every record "
        "of every organization."
    ),
    Role.COMMITTEE: _("Reviews commitments, decides on changes to the text, and holds meetings."),
    Role.ADVISER: _("Reads what is open to staff, proposes changes, and puts findings forward as evidence."),
    Role.ADMINISTRATOR: _("Does all that the desk does, and gives every role in every organization."),
}


def is_desk(user: Viewer) -> bool:
    """The strategy unit that runs consultations and edits the text."""
    return _holds(user, Role.DESK, Role.ADMINISTRATOR)


def is_committee(user: Viewer) -> bool:
    return _holds(user, Role.COMMITTEE)


def is_contributor_of(user: Viewer, organization: Organization) -> bool:
    return _holds(user, Role.CONTRIBUTOR, Role.APPROVER, organization=organization)


def is_contributor(user: Viewer) -> bool:
    """Contributes for some organization: its focal point, its partner, its translator."""
    return _holds(user, Role.CONTRIBUTOR, Role.APPROVER)


def is_approver_of(user: Viewer, organization: Organization) -> bool:
    return _holds(user, Role.APPROVER, organization=organization)


def is_staff(user: Viewer) -> bool:
    """Holds any role at all."""
    return user.is_authenticated and bool(user.roles)


def is_administrator(user: Viewer) -> bool:
    """Runs the installation: an administrator's role in any of its organizations."""
    return _holds(user, Role.ADMINISTRATOR)


def roles_given_by(user: Viewer | None, organization: Organization) -> list[Role]:
    """The roles that somebody gives and withdraws there; ``None`` is the program itself.

    An administrator gives every one. An approver, who answers for what the organization reports, chooses who
    contributes to it.
    """
    if user is None or is_administrator(user):
        return list(Role)
    return [Role.CONTRIBUTOR] if is_approver_of(user, organization) else []


def may_give_roles_in(user: Viewer | None, organization: Organization) -> bool:
    """Open the list of an organization's people, invite to it, give and withdraw some of its roles."""
    return bool(roles_given_by(user, organization))


def may_give_role(user: Viewer | None, organization: Organization, role: str) -> bool:
    """Give or withdraw this role there."""
    return role in roles_given_by(user, organization)


def may_give_roles(user: Viewer) -> bool:
    """Give roles somewhere: administrators, and approvers in their own organization."""
    return _holds(user, Role.ADMINISTRATOR, Role.APPROVER)


def may_sign_up(user: Viewer, *, is_open: bool, invitation: Invitation | None, now: datetime) -> bool:
    """Open an account: anybody where the operator lets them, else those with an invitation."""
    return is_open or (invitation is not None and invitation.is_open(now))


def _holds(user: Viewer, *roles: str, organization: Organization | None = None) -> bool:
    return user.is_authenticated and user.has_role(*roles, organization=organization)
