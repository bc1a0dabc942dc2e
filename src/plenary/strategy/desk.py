"""What waits in the text, and for whom."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from plenary.kit.desk import Task, Urgency, by_day
from plenary.kit.languages import content_language
from plenary.kit.numbers import join_words
from plenary.kit.templatetags.kit import autonym

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
    if rules.may_translate(user):
        yield from _to_translate(user)
    yield Task(Urgency.BEGIN, _("Propose a change of the text"), reverse("change-propose"))
    if rules.may_import(user):
        yield Task(Urgency.BEGIN, _("Import a strategy"), reverse("strategy-import"))


def _own(user: User, work: queries.Work) -> Iterator[Task]:
    """Own proposals that want an answer: a conflict, evidence against them, or none for them yet."""
    for change, evidence in work.own:
        conflict = work.conflicts.get(change.pk)
        if conflict and conflict.is_outdated:
            words = _(
                "Your proposal on {about} no longer fits the text: propose it again on the present text"
            )
            note = str(conflict)
        elif conflict:
            words, note = _("Your proposal on {about} conflicts with an accepted change"), str(conflict)
        elif evidence.contradicting:
            words = _("There is evidence against your proposal on {about}: answer it")
            note = ""
        elif missing := queries.missing_evidence(change, evidence):
            words, note = _("Your proposal on {about} cannot be accepted yet"), missing[0]
        else:
            continue
        note = " · ".join(filter(None, (change.reference, note)))
        yield Task(Urgency.WAITING, words, _page(change), change.said["heading"], note, _since(change))


def _to_decide(work: queries.Work, today: date) -> Iterator[Task]:
    for change in work.to_review:
        words = _("Review the proposal on {about}")
        yield _decision(words, change)
    for change in work.to_decide:
        words = _("Accept or reject the proposal on {about}")
        yield _decision(words, change)
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


def _decision(words: str, change: Change) -> Task:
    """With its reference: several proposals can concern one clause."""
    heading = change.said["heading"]
    return Task(Urgency.WAITING, words, _page(change), heading, change.reference, _since(change))


def _to_translate(user: User) -> Iterator[Task]:
    for found in queries.list_untranslated(user):
        words = ngettext(
            "%(count)s clause of Version %(number)s lacks a translation into {about}",
            "%(count)s clauses of Version %(number)s lack a translation into {about}",
            found.count,
        ) % {"count": found.count, "number": found.version.number}
        of = {"of": found.version.strategy.reference}
        address = reverse("translate", args=[found.languages[0]], query=of)
        into = mark_safe(join_words(autonym(language) for language in found.languages))
        where = found.version.reference
        yield Task(Urgency.WAITING, words, address, into, where, found.version.adopted_on, found.count)


def _page(change: Change) -> str:
    return reverse("change", args=[change.reference])


def _since(change: Change) -> date:
    return timezone.localdate(change.record.created_at)
