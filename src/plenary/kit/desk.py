"""What waits for a person, in one shape for all modules: they say what there is, the desk sorts and shows it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from . import manifest


class Urgency(IntEnum):
    """The desk's sections, in the order in which they stand."""

    OVERDUE = 0
    """Hers to do, and its day has passed."""
    DUE = 1
    """Hers to do by a day."""
    WAITING = 2
    """Hers to do; ``day`` is since when it waits."""
    SILENT = 3
    """Not hers to do, but hers to ask about: others owe it and say nothing."""
    AHEAD = 4
    """Comes by itself; ``day`` is when."""
    BEGIN = 5
    """What she may begin."""


TITLES = {
    Urgency.OVERDUE: _("Overdue"),
    Urgency.DUE: _("Due"),
    Urgency.WAITING: _("Waiting for you"),
    Urgency.SILENT: _("Silent"),
    Urgency.AHEAD: _("Coming up"),
    Urgency.BEGIN: _("Begin something"),
}
MINE = (Urgency.OVERDUE, Urgency.DUE, Urgency.WAITING)
SHOWN = 8  # of a section at first; the rest is folded away


@dataclass(frozen=True)
class Task:
    """One thing to do. ``url`` is where it is done, not where one reads about it."""

    urgency: Urgency
    label: str
    """The link's words, a whole sentence in the reader's language; «{about}» in it is where the subject is named."""
    url: str
    about: Any = ""
    """The subject in people's own words (``Said``), or plain text."""
    note: Any = ""
    """Where it stands, beside the day: a few words, or ``Said``."""
    day: date | None = None
    count: int = 1
    """How many things the sentence speaks of; within a section and a day, more comes first."""


@dataclass(frozen=True)
class Section:
    urgency: Urgency
    tasks: list[Task]

    @property
    def title(self) -> Any:
        return TITLES[self.urgency]

    @property
    def key(self) -> str:
        return self.urgency.name.lower()

    @property
    def is_begin(self) -> bool:
        return self.urgency == Urgency.BEGIN

    @property
    def first(self) -> list[Task]:
        return self.tasks[:SHOWN]

    @property
    def rest(self) -> list[Task]:
        return self.tasks[SHOWN:]


@dataclass(frozen=True)
class Desk:
    sections: list[Section]
    today: date
    hour: int

    @property
    def waiting(self) -> int:
        """How many things wait for the person herself."""
        return sum(len(section.tasks) for section in self.sections if section.urgency in MINE)

    @property
    def overdue(self) -> int:
        return sum(len(section.tasks) for section in self.sections if section.urgency == Urgency.OVERDUE)


def lay_out(tasks: Iterable[Task], now: datetime) -> Desk:
    """Tasks in sections by urgency; in a section the earliest day first, what has no day last."""
    local = timezone.localtime(now)
    ordered = sorted(
        tasks, key=lambda task: (task.urgency, task.day is None, task.day or local.date(), -task.count)
    )
    sections = [
        Section(urgency, [task for task in ordered if task.urgency == urgency]) for urgency in Urgency
    ]
    return Desk([section for section in sections if section.tasks], local.date(), local.hour)


def gather(request: HttpRequest, now: datetime) -> Desk:
    """What every module has for this person."""
    return lay_out(
        (
            task
            for module in manifest.modules()
            if module.desk
            for task in manifest.resolve(module.desk)(request, now)
        ),
        now,
    )


def by_day(day: date | None, today: date) -> Urgency:
    """Of a thing to do by a day: overdue, due, or waiting where it has none."""
    if day is None:
        return Urgency.WAITING
    return Urgency.OVERDUE if day < today else Urgency.DUE
