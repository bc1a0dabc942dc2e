"""Who may hold meetings and record decisions. ``None`` is the program itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plenary.people.rules import is_committee, is_desk

if TYPE_CHECKING:
    from plenary.people.rules import Viewer


def may_run_meetings(user: Viewer | None) -> bool:
    """Hold a meeting, put records on its agenda, record decisions and close them: the desk and the committee."""
    return user is None or is_desk(user) or is_committee(user)
