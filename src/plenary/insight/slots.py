"""What insight shows in the pages of participation and of the site."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from plenary.kit.languages import content_language
from plenary.participation.models import Consultation, Statement

from . import queries, rules
from .figures import Overview
from .models import Analysis


def consultation(request: HttpRequest, subject: Consultation) -> dict[str, Any] | None:
    """The way to the results; for the desk also the button that makes them, and how far it is."""
    analysis = queries.get_latest_analysis(request.user, subject)
    may_analyse = rules.may_analyse(request.user)
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


def home(request: HttpRequest, subject: Any) -> dict[str, Any] | None:
    findings = queries.list_latest_findings(request.user, content_language(request))
    return {"findings": findings} if findings else None
