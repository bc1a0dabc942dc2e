"""What this module shows in the pages of others."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from plenary.records.texts import Said

from . import rules


def correct(request: HttpRequest, subject: Said) -> dict[str, Any] | None:
    """The way from a translation to its page, for whoever may translate."""
    if not subject.is_translation or subject.text_id is None or not rules.may_translate(request.user):
        return None
    return {"text": subject}
