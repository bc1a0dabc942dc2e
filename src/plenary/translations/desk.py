"""What waits to be translated, for whoever may."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from plenary.kit.desk import Task, Urgency
from plenary.kit.languages import content_language
from plenary.kit.numbers import join_words
from plenary.kit.templatetags.kit import autonym

from . import queries, rules


def desk(request: HttpRequest, now: datetime) -> Iterator[Task]:
    """Texts of what is open to people that are missing or stale in some language, a line for each whole."""
    user = request.user
    if not user.is_authenticated or not rules.may_translate(user):
        return
    work = queries.load_work(user, now)
    for whole in work.wholes(content_language(request)):
        if not whole.urgent:
            continue
        waiting = {
            language: len(work.find(language, whole.texts, (queries.State.STALE, queries.State.MISSING)))
            for language in work.languages()
        }
        left = {language: count for language, count in waiting.items() if count}
        if not left:
            continue
        most = max(left, key=lambda language: left[language])
        count = sum(left.values())
        words = ngettext(
            "%(count)s translation is missing or stale in {about}",
            "%(count)s translations are missing or stale in {about}",
            count,
        ) % {"count": number_format(count, force_grouping=True)}
        into = mark_safe(join_words(autonym(language) for language in left))
        address = reverse("translate", args=[most], query={"of": whole.key})
        yield Task(Urgency.WAITING, words, address, about=whole.name, note=into, count=count)
    yield Task(Urgency.BEGIN, _("Translate what people read"), reverse("translations"))
