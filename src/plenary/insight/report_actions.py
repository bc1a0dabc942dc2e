"""Notes of the desk in the report of a result."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from plenary.kit.errors import Refused
from plenary.participation.models import Consultation
from plenary.records.actions import carry_translations, put_text, write_event

from .models import Analysis, ReportNote
from .reporting import SECTIONS

if TYPE_CHECKING:
    from plenary.people.models import User


@transaction.atomic
def write_note(
    *,
    analysis: Analysis,
    section: str,
    body: str,
    language: str,
    by: User,
    now: datetime,
    seen: int = 0,
    translations: Mapping[str, str] | None = None,
) -> ReportNote | None:
    """Put a note into a section, in the place of an earlier one; no words take it away.

    ``seen`` is the id of the text that its writer had before her: what somebody else wrote meanwhile is not lost.
    """
    if section not in SECTIONS:
        raise Refused(_("The report has no such section."))
    consultation = Consultation.objects.select_for_update().get(pk=analysis.consultation_id)
    before = (
        ReportNote.objects.select_related("text").filter(consultation=consultation, section=section).first()
    )
    if (before.text_id if before else 0) != seen:
        raise Refused(
            _("Somebody else has changed this note meanwhile. Read it below, then write yours again.")
        )
    body = body.strip()
    if (before.text.body if before else "") == body:
        return before
    verb = "note written" if body else "note removed"
    changes = {section: [before.text.body if before else None, body or None]}
    note: ReportNote | None = None
    if body:
        text = put_text(body, language, translations)
        if before is not None:
            carry_translations(before=before.text, after=text)
        note, _new = ReportNote.objects.update_or_create(
            consultation=consultation,
            section=section,
            defaults={"analysis": analysis, "text": text, "author": by, "at": now},
        )
    elif before is not None:
        before.delete()
    write_event(record=consultation.record, verb=verb, by=by, now=now, changes=changes)
    return note
