"""What the events of strategies, clauses, versions and changes are called."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from plenary.records.models import Event

VERBS = {
    "imported": _("imported"),
    "adopted": _("adopted"),
    "proposed": _("proposed"),
    "evidence linked": _("evidence linked"),
    "searched for evidence against": _("searched for evidence against"),
    "reviewed": _("reviewed"),
    "accepted": _("accepted"),
    "rejected": _("rejected"),
    "incorporated": _("came into force"),
    "added": _("added"),
    "edited": _("given new words"),
    "moved": _("moved"),
    "removed": _("removed"),
    "reviewed without a change": _("reviewed without a change"),
}


def name_events(events: list[Event]) -> list[Any]:
    """Give events their names for people (``event.label``)."""
    named: list[Any] = list(events)
    for event in named:
        event.label = VERBS.get(event.verb, event.verb)
    return named
