"""What waits in the text, and for whom."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from plenary.kit.desk import Task, Urgency, by_day
from plenary.kit.languages import content_language

from . import queries, rules

if TYPE_CHECKING:
    from datetime import date

    from plenary.people.models import User

    from .models import Change

# How long before its day a review shows up on the desk.
AHEAD = timedelta(days=60)


def desk(request: HttpRequest, now: datetime) -> Iterator[Task]:
    """Changes to review, to decide and to adopt, reviews of the text that are due, and one's own proposals."""
    user, today = request.user, timezone.localdate(now)
    if not user.is_authenticated or not rules.may_propose(user):
        return
    work = queries.list_work_for(user, content_language(request), soon=today + AHEAD)
    yield from _own(user, work)
    if rules.may_decide(user):
        yield from _to_decide(work, today)
    yield Task(Urgency.BEGIN, _("Propose a change of the text"), reverse("change-propose"))
    if rules.may_import(user):
        yield Task(Urgency.BEGIN, _("Import a strategy"), reverse("strategy-import"))


def _own(user: User, work: queries.Work) -> Iterator[Task]:
    """Own proposals that want an answer: evidence against them, or none for them yet."""
    for change, evidence in work.own:
        if evidence.contradicting:
            words = _("There is evidence against your proposal on {about}: answer it")
            note = ""
        elif missing := queries.missing_evidence(change, evidence):
            words, note = _("Your proposal on {about} cannot be accepted yet"), missing[0]
        else:
            continue
        yield Task(Urgency.WAITING, words, _page(change), change.said["heading"], note, _since(change))


def _to_decide(work: queries.Work, today: date) -> Iterator[Task]:
    for change in work.to_review:
        words = _("Review the proposal on {about}")
        yield Task(Urgency.WAITING, words, _page(change), change.said["heading"], day=_since(change))
    for change in work.to_decide:
        words = _("Accept or reject the proposal on {about}")
        yield Task(Urgency.WAITING, words, _page(change), change.said["heading"], day=_since(change))
    for strategy, count in work.to_adopt:
        words = ngettext(
            "%(count)s accepted change waits for the next version of {about}",
            "%(count)s accepted changes wait for the next version of {about}",
            count,
        ) % {"count": count}
        address = reverse("strategy-adopt", args=[strategy.reference])
        yield Task(Urgency.WAITING, words, address, strategy.said["title"], count=count)
    for version in work.reviews:
        words = _("Review Version %(number)s of {about} as a whole") % {"number": version.number}
        address = reverse("strategy-adopt", args=[version.strategy.reference])
        title = version.strategy.said["title"]
        yield Task(by_day(version.review_by, today), words, address, title, day=version.review_by)


def _page(change: Change) -> str:
    return reverse("change", args=[change.reference])


def _since(change: Change) -> date:
    return timezone.localdate(change.record.created_at)
