"""What waits from meetings, and for whom."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from plenary.kit.desk import Task, Urgency, by_day
from plenary.kit.languages import content_language
from plenary.people.rules import is_staff
from plenary.records.texts import shortened

from . import queries
from .rules import may_run_meetings

# How long before its day a meeting shows up on the desk.
AHEAD = timedelta(days=60)


def desk(request: HttpRequest, now: datetime) -> Iterator[Task]:
    """Open decisions that the person's organizations see to, and the meetings to come."""
    user, today, language = request.user, timezone.localdate(now), content_language(request)
    if not user.is_authenticated or not is_staff(user):
        return
    for decision in queries.list_open_decisions_of(user, language, today):
        yield Task(
            by_day(decision.due, today),
            _("See to the decision %(reference)s: {about}") % {"reference": decision.reference},
            reverse("decision", args=[decision.reference]),
            about=shortened(decision.said["text"]),
            note=decision.trigger if decision.due is None else decision.said["owner"],
            day=decision.due,
        )
    for meeting in queries.list_meetings_ahead(user, language, today, today + AHEAD):
        count: int = meeting.item_count  # type: ignore[attr-defined]
        agenda = ngettext("%(count)s item on its agenda", "%(count)s items on its agenda", count)
        yield Task(
            Urgency.AHEAD,
            "{about}",
            reverse("meeting", args=[meeting.reference]),
            about=meeting.said["title"],
            note=agenda % {"count": count} if count else _("nothing on its agenda yet"),
            day=meeting.held_on,
        )
    if may_run_meetings(user):
        yield Task(Urgency.BEGIN, _("Add a meeting"), reverse("meetings"))
