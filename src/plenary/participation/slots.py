"""What this module shows on the pages of others."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from plenary.kit.languages import content_language
from plenary.records.models import CitableModel
from plenary.strategy.models import Clause

from . import queries, rules
from .models import Consultation
from .phases import Act


def home(request: HttpRequest, subject: Any) -> dict[str, Any] | None:
    """What is open now: the question that closes first with the page's main action, and up to three others."""
    found = queries.list_open_consultations(request.user, content_language(request), timezone.now())
    return {"first": found[0], "others": found[1:4], "count": len(found)} if found else None


def clause(request: HttpRequest, subject: CitableModel) -> dict[str, Any] | None:
    """The consultations about a clause, and for the desk a way to ask about it."""
    now = timezone.now()
    found = queries.list_consultations_about(request.user, subject.record, content_language(request))
    may_open = rules.may_open_consultation(request.user)
    if not found and not may_open:
        return None
    phases = [(item, item.is_open(now)) for item in found]
    return {"consultations": phases, "may_open": may_open, "about": subject.record}


def clause_questions(request: HttpRequest, subject: CitableModel) -> dict[str, Any] | None:
    """The questions of the register that a clause answers or raised."""
    found = queries.list_questions_about(request.user, subject.record, content_language(request))
    may_register = rules.may_register_questions(request.user)
    if not found and not may_register:
        return None
    return {"questions": found, "may_register": may_register, "about": subject.record}


def clause_comments(request: HttpRequest, subject: Clause) -> dict[str, Any] | None:
    """How many comments there are on a clause, the most useful three, and the way to add one."""
    found = queries.get_comment_counts(subject, content_language(request))
    return {"found": found, "clause": subject}


def surveys(request: HttpRequest, subject: Consultation) -> dict[str, Any] | None:
    """The surveys of a consultation, below its card."""
    found = queries.list_surveys_of(request.user, subject, content_language(request))
    if not found:
        return None
    takes = subject.allows(Act.ANSWER_SURVEY, timezone.now())
    return {"surveys": found, "takes_answers": takes, "consultation": subject}
