"""Saying a clause in another language."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from plenary.kit.errors import Refused
from plenary.kit.languages import is_language_tag
from plenary.records.actions import put_translation, write_event
from plenary.records.models import Provenance

from .. import queries, rules
from ..models import ClauseState, Strategy

if TYPE_CHECKING:
    from plenary.people.models import User


@transaction.atomic
def translate_clause(
    *, state: ClauseState, language: str, by: User | None, now: datetime, title: str = "", text: str = ""
) -> None:
    """The words of a clause, as they stand in one version, in a language in which they were missing."""
    if by is not None and not rules.may_translate(by):
        raise Refused(_("The desk enters translations."))
    if not is_language_tag(language):
        raise Refused(_("This is not a language tag. Use one such as en, zh or pt-BR."))
    Strategy.objects.select_for_update().get(pk=state.clause.strategy_id)
    missing = queries.list_missing_words(state, language)
    if not missing:
        raise Refused(_("Somebody has translated this clause meanwhile."))
    given = {"title": title.strip(), "text": text.strip()}
    for name, original in missing.items():
        if not given[name]:
            raise Refused(_("Translate the title and the text: a clause is read in one language."))
        put_translation(text=original, language=language, body=given[name], provenance=Provenance.HUMAN)
    write_event(
        record=state.clause.record,
        verb="translated",
        by=by,
        now=now,
        changes={"language": [None, language], "version": [None, state.version.reference]},
    )
