"""Which language a reader gets: the interface's six, and any language for content."""

from __future__ import annotations

import re

from django.conf import settings
from django.conf.locale import LANG_INFO
from django.http import HttpRequest
from django.utils.translation import get_language

_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def content_language(request: HttpRequest) -> str:
    """The BCP 47 tag in which texts are wanted: ``?lang=`` where it is one, else the interface's language."""
    asked = request.GET.get("lang", "")
    if _TAG.fullmatch(asked):
        return asked
    return get_language() or "en"


def is_language_tag(tag: str) -> bool:
    """Whether it has the form of a BCP 47 tag."""
    return bool(_TAG.fullmatch(tag))


def language_name(tag: str) -> str:
    """A language's name in itself, spelt as the switch of languages does: 中文; the tag where it is not known."""
    own = {"zh": "中文", **dict(settings.LANGUAGES)}
    parts = tag.lower().split("-")
    for length in range(len(parts), 0, -1):
        key = "-".join(parts[:length])
        name = own.get(key) or LANG_INFO.get(key, {}).get("name_local")
        if name:
            return str(name)
    return tag


def language_choices(other: str = "") -> list[tuple[str, str]]:
    """For forms: the interface's languages in their own names, and the one in which the page is read."""
    known = list(settings.LANGUAGES)
    return known if not other or other in dict(known) else [*known, (other, language_name(other))]
