from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from plenary.kit.errors import Refused
from plenary.participation.models import Consultation
from plenary.records.actions import create_record, put_text
from plenary.records.models import Record, Source, Text, Visibility

from .lifecycle import turn_of
from .statements import add_seed_statements

if TYPE_CHECKING:
    from plenary.people.models import User


@transaction.atomic
def open_consultation(
    *,
    title: str,
    question: str,
    language: str,
    about: Record | None,
    opens_at: datetime,
    closes_at: datetime | None,
    by: User | None,
    now: datetime,
    introduction: str = "",
    moderation: str = Consultation.Moderation.BEFORE,
    translations: Mapping[str, Mapping[str, str]] | None = None,
    takes_statements: bool = True,
    minimum_age: int = 16,
    licence: str = "CC-BY-4.0",
    terms: str = "1",
    source: Source | None = None,
    seeds: Sequence[str] = (),
    is_draft: bool = False,
) -> Consultation:
    """Put a question to people. ``translations`` is language → {"title", "question", "introduction"}.

    A past ``opens_at`` is open at once, a past ``closes_at`` is closed: phases are read from the clock. A draft is for
    the desk alone until it is published.
    """
    if not title.strip() or not question.strip():
        raise Refused(_("A consultation needs a title and a question."))
    if closes_at is not None and closes_at <= opens_at:
        raise Refused(_("A consultation closes after it opens."))

    def words(body: str, name: str) -> Text:
        others = {tag: said[name] for tag, said in (translations or {}).items() if said.get(name)}
        return put_text(body.strip(), language, others)

    title_text = words(title, "title")
    period = [opens_at.isoformat(), closes_at.isoformat() if closes_at else None]
    record = create_record(
        kind="consultation",
        title=title_text,
        by=by,
        now=now,
        visibility=Visibility.ORGANIZATION if is_draft else Visibility.PUBLIC,
        verb="drafted" if is_draft else "announced" if now < opens_at else "opened",
        changes={"period": [None, period], "about": [None, about.reference if about else None]},
    )
    consultation = Consultation.objects.create(
        record=record,
        about=about,
        question=title_text if question == title else words(question, "question"),
        introduction=words(introduction, "introduction") if introduction.strip() else None,
        opens_at=opens_at,
        closes_at=closes_at,
        moderation=moderation,
        takes_statements=takes_statements,
        licence=licence,
        terms=terms,
        minimum_age=minimum_age,
        source=source,
        is_draft=is_draft,
    )
    if not is_draft:
        consultation.told = turn_of(consultation, now)
        consultation.save(update_fields=["told"])
    add_seed_statements(consultation=consultation, statements=seeds, language=language, by=by, now=now)
    return consultation
