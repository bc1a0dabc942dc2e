"""Analyses that are under way, failed, or were never made."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from plenary.kit.desk import Task, Urgency
from plenary.kit.languages import content_language
from plenary.participation.queries import list_waiting_flags
from plenary.participation.rules import may_judge_flags

from . import queries, rules
from .models import Analysis


def desk(request: HttpRequest, now: datetime) -> Iterator[Task]:
    user, language = request.user, content_language(request)
    if may_judge_flags(user):
        yield from _flags(language)
    if not rules.may_analyse(user):
        return
    for analysis in queries.list_work(language):
        failed = analysis.state == Analysis.State.FAILED
        yield Task(
            Urgency.WAITING if failed else Urgency.AHEAD,
            _("The analysis of {about} failed: see why, and repeat it")
            if failed
            else _("Results of {about} are being made"),
            analysis.record.page_url,
            about=analysis.said["title"],
            note=analysis.get_state_display(),
            day=timezone.localdate(analysis.record.created_at),
        )
    for consultation in queries.list_unanalysed(user, language, now):
        assert consultation.closes_at is not None
        yield Task(
            Urgency.WAITING,
            _("{about} closed and has no results yet: analyse it"),
            consultation.record.page_url,
            about=consultation.said["title"],
            day=timezone.localdate(consultation.closes_at),
        )


def _flags(language: str) -> Iterator[Task]:
    for consultation in list_waiting_flags(language):
        count: int = consultation.waiting  # type: ignore[attr-defined]
        words = ngettext(
            "%(count)s sign of coordination in {about} waits for your judgement",
            "%(count)s signs of coordination in {about} wait for your judgement",
            count,
        )
        yield Task(
            Urgency.WAITING,
            words % {"count": number_format(count, force_grouping=True)},
            reverse("integrity", args=[consultation.reference]),
            about=consultation.said["title"],
            count=count,
        )
