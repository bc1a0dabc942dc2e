"""One translation, written by a person."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from plenary.kit.errors import Refused
from plenary.kit.languages import is_language_tag
from plenary.records.actions import lock_texts, put_translation, write_event
from plenary.records.models import Provenance, Record, Text, Translation
from plenary.translations import queries, rules
from plenary.translations.words import cleaned, problem_of

if TYPE_CHECKING:
    from plenary.people.models import User


class Meanwhile(Refused):
    """Somebody else wrote the translation after this one was begun; both wordings are kept."""

    def __init__(self, message: str, present: Translation | None) -> None:
        super().__init__(message, code="conflict")
        self.present = present


@transaction.atomic
def translate(
    *,
    text: Text,
    record: Record,
    part: str,
    language: str,
    body: str,
    by: User | None,
    now: datetime,
    seen: str | None = None,
) -> Translation:
    """Say a text in another language, or say that what is there is right.

    The same words again confirm them: a machine's become reviewed, stale ones are taken as true of the present
    wording. ``seen`` is the fingerprint of what the translator had before her.
    """
    if by is not None and not rules.may_translate_kind(by, record.kind):
        raise PermissionDenied
    if not is_language_tag(language):
        raise Refused(_("This is not a language tag. Use one such as en, zh or pt-BR."))
    if queries.is_served(text.source_language, language):
        raise Refused(_("This text was written in that language."))
    body = cleaned(body)
    if problem := problem_of(body, text.body):
        raise Refused(problem)
    # One at a time writes the translations of a text, so that nobody's words are lost between reading and writing.
    text = lock_texts([text.pk])[text.pk]
    present = queries.get_translation(text.pk, language)
    if seen is not None and seen != queries.fingerprint(present):
        if present is not None and present.body == body and present.source_hash == text.hash:
            return present  # the same words twice: a double click, or two who agree
        raise Meanwhile(
            _(
                "Somebody has translated this meanwhile. Both wordings stand here. Save again to replace theirs."
            ),
            present,
        )
    return _write(text, record, part, language, body, present, by, now)


def _write(
    text: Text,
    record: Record,
    part: str,
    language: str,
    body: str,
    present: Translation | None,
    by: User | None,
    now: datetime,
) -> Translation:
    provenance = provenance_after(present, body)
    made = put_translation(
        text=text,
        language=present.language if present else language,
        body=body,
        provenance=provenance,
        by=by,
        now=now,
    )
    write_event(
        record=record,
        verb="translated",
        by=by,
        now=now,
        changes=changes_of(part, language, present, provenance),
    )
    return made


def provenance_after(present: Translation | None, body: str) -> Provenance:
    """What a person's saving makes of a translation: confirming or correcting a machine's words reviews them."""
    if present is None:
        return Provenance.HUMAN
    if present.provenance == Provenance.MACHINE:
        return Provenance.REVIEWED
    if present.body == body:
        return Provenance(present.provenance)
    return Provenance.REVIEWED if present.provenance == Provenance.REVIEWED else Provenance.HUMAN


def changes_of(
    part: str, language: str, present: Translation | None, provenance: str
) -> dict[str, list[str | None]]:
    """What an event says of a translation: never the words, which go when their author asks."""
    return {
        "language": [None, language],
        "part": [None, part],
        "provenance": [present.provenance if present else None, provenance],
    }
