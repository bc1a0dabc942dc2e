"""What waits in consultations, and for whom."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from plenary.kit.desk import Task, Urgency
from plenary.kit.languages import content_language
from plenary.people.rules import is_staff

from . import queries, rules

# How long before its last day a consultation shows up as coming to its end.
AHEAD = timedelta(days=30)


def desk(request: HttpRequest, now: datetime) -> Iterator[Task]:
    """Statements to read, and questions that end soon; for who holds no role, the questions left to answer."""
    user, language = request.user, content_language(request)
    if not user.is_authenticated:
        return
    if rules.may_moderate(user):
        for item in queries.list_waiting_work(language):
            count: int = item.waiting  # type: ignore[attr-defined]
            words = ngettext(
                "%(count)s statement waits to be read in {about}",
                "%(count)s statements wait to be read in {about}",
                count,
            )
            yield Task(
                Urgency.WAITING,
                words % {"count": number_format(count, force_grouping=True)},
                reverse("moderation", args=[item.reference]),
                about=item.said["title"],
                day=timezone.localdate(item.oldest),  # type: ignore[attr-defined]
                count=count,
            )
        yield from _texts_to_read(language)
        for item in queries.list_ending_soon(user, language, now, now + AHEAD):
            assert item.closes_at is not None
            yield Task(
                Urgency.AHEAD,
                _("{about} closes: the last votes and statements are taken"),
                reverse("manage-consultation", args=[item.reference]),
                about=item.said["title"],
                day=timezone.localdate(item.closes_at),
            )
        for item in queries.list_drafts(user, language):
            yield Task(
                Urgency.WAITING,
                _("A draft waits to be published: {about}"),
                reverse("manage-consultation", args=[item.reference]),
                about=item.said["title"],
                day=timezone.localdate(item.record.created_at),
            )
        for item in queries.list_to_answer(user, language, now):
            assert item.closes_at is not None
            due = timezone.localdate(item.answer_at or item.closes_at)
            yield Task(
                Urgency.OVERDUE if item.answer_at and item.answer_at <= now else Urgency.DUE,
                _("{about} waits for its answer"),
                reverse("answer-consultation", args=[item.reference]),
                about=item.said["title"],
                day=due,
            )
    elif not is_staff(user):
        for item in queries.list_unanswered(user, language, now):
            yield Task(
                Urgency.WAITING,
                _("Say what you think: {about}"),
                reverse("consultation", args=[item.reference]),
                about=item.said["question"],
                note=item.closes_at and _("open until %(day)s") % {"day": _day(item.closes_at)},
            )
    if rules.may_open_consultation(user):
        yield Task(Urgency.BEGIN, _("Ask people a question"), reverse("new-consultation"))


def _day(moment: datetime) -> str:
    return date_format(timezone.localdate(moment), "DATE_FORMAT")


def _texts_to_read(language: str) -> Iterator[Task]:
    """Answers in words and comments that nobody has read yet."""
    for survey in queries.list_waiting_texts(language):
        count: int = survey.waiting  # type: ignore[attr-defined]
        words = ngettext(
            "%(count)s answer in words waits to be read in {about}",
            "%(count)s answers in words wait to be read in {about}",
            count,
        )
        yield Task(
            Urgency.WAITING,
            words % {"count": number_format(count, force_grouping=True)},
            reverse("survey-texts", args=[survey.reference]),
            about=survey.said["title"],
            day=timezone.localdate(survey.oldest),  # type: ignore[attr-defined]
            count=count,
        )
    count, oldest = queries.count_waiting_comments()
    if count and oldest is not None:
        words = ngettext(
            "%(count)s comment on a clause waits to be read",
            "%(count)s comments on clauses wait to be read",
            count,
        )
        yield Task(
            Urgency.WAITING,
            words % {"count": number_format(count, force_grouping=True)},
            reverse("comment-moderation"),
            day=timezone.localdate(oldest),
            count=count,
        )
