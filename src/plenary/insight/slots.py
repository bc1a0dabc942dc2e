"""What insight shows in the pages of participation and of the site."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from plenary.kit.languages import content_language
from plenary.participation.models import CollectiveQuestion, Consultation, Statement

from . import queries, rules
from .figures import Overview
from .models import Analysis

FINDINGS = 20  # on the page of a question


def consultation(request: HttpRequest, subject: Consultation) -> dict[str, Any] | None:
    """The way to the results; for the desk also the button that makes them, and how far it is."""
    analysis = queries.get_latest_analysis(request.user, subject)
    may_analyse = rules.may_analyse(request.user) and queries.may_be_analysed(subject)
    attempt = queries.get_newest_attempt(subject) if may_analyse else None
    if analysis is None and not may_analyse:
        return None
    return {
        "analysis": analysis,
        "overview": Overview.read(analysis.summary) if analysis else None,
        "may_analyse": may_analyse,
        "attempt": attempt if attempt and attempt.state != Analysis.State.DONE else None,
    }


def statement(request: HttpRequest, subject: Statement) -> dict[str, Any] | None:
    findings = queries.list_findings_on(request.user, subject, content_language(request))
    return {"findings": findings[:10]} if findings else None


def question(request: HttpRequest, subject: CollectiveQuestion) -> dict[str, Any] | None:
    """The findings of the newest results of every consultation about a question of the register."""
    findings = queries.list_findings_about(request.user, subject.record, content_language(request))
    return {"findings": findings[:FINDINGS]} if findings else None


def home(request: HttpRequest, subject: Any) -> dict[str, Any] | None:
    findings = queries.list_latest_findings(request.user, content_language(request))
    return {"findings": findings} if findings else None
