"""Which language a reader gets: the interface's six, and any language for content."""

from __future__ import annotations

import re

from django.http import HttpRequest
from django.utils.translation import get_language

_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def content_language(request: HttpRequest) -> str:
    """The BCP 47 tag in which texts are wanted: ``?lang=`` where it is one, else the interface's language."""
    asked = request.GET.get("lang", "")
    if _TAG.fullmatch(asked):
        return asked
    return get_language() or "en"
