"""Who may have votes analysed, and add to what is said of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plenary.people.rules import is_desk, is_staff

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from plenary.people.models import User

    Viewer = User | AnonymousUser


def may_analyse(user: Viewer) -> bool:
    return is_desk(user)


def may_note(user: Viewer) -> bool:
    """Add notes to the report of a result."""
    return is_desk(user)


def may_cite(user: Viewer) -> bool:
    """Put a finding forward as evidence for a change: everybody who works here."""
    return is_staff(user)
