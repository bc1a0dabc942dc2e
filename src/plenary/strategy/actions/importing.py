"""A parsed file becomes a strategy."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from plenary.kit.errors import Refused
from plenary.records.actions import (
    create_record,
    create_records,
    create_source,
    put_text,
    put_texts,
    put_translations,
    take_numbers,
    take_snapshot,
)
from plenary.records.models import Snapshot, Source, Visibility

from .. import queries
from ..models import Clause, ClauseState, Occurrence, Strategy, Version
from .versions import create_version, local_counter

if TYPE_CHECKING:
    from plenary.people.models import User

    from ..parsing import ParsedClause, ParsedStrategy

    Translations = Mapping[str, Mapping[str, Any]]


class AlreadyImported(Refused):
    """The same bytes are a strategy already."""

    def __init__(self, strategy: Strategy) -> None:
        super().__init__(
            _("This file was imported already: it is %(strategy)s.") % {"strategy": strategy.reference},
            code="already-imported",
        )
        self.strategy = strategy


@transaction.atomic
def keep_upload(*, content: bytes, now: datetime) -> Snapshot:
    """Keep an uploaded file while its preview is looked at; the same bytes are kept once."""
    known = Snapshot.objects.filter(
        sha256=hashlib.sha256(content).hexdigest(), media_type="text/plain"
    ).first()
    return known or take_snapshot(content=content, now=now, media_type="text/plain")


@transaction.atomic
def import_strategy(
    *,
    parsed: ParsedStrategy,
    sha256: str,
    file_name: str,
    by: User | None,
    now: datetime,
    adopted_on: date,
    review_by: date | None = None,
    translations: Translations | None = None,
) -> Version:
    """A parsed file becomes a strategy with its Version 1.

    ``translations``: language → ``title`` and ``clauses``, these by reference (``C3``) → ``title``, ``text``.
    """
    source = create_source(
        title=file_name, language=parsed.language, kind=Source.Kind.FILE, by=by, now=now, sha256=sha256
    )
    # Only now: the number that was just taken makes a second import of the file wait for the end of the first.
    known = queries.find_imported(sha256)
    if known is not None:
        raise AlreadyImported(known)
    said = translations or {}
    title = put_text(parsed.title or file_name, parsed.language, _titles(said))
    record = create_record(
        kind="strategy",
        title=title,
        by=by,
        now=now,
        verb="imported",
        changes={"file": [None, file_name], "source": [None, source.reference]},
    )
    strategy = Strategy.objects.create(record=record, language=parsed.language, source=source)
    version = create_version(strategy, 1, by=by, now=now, adopted_on=adopted_on, review_by=review_by)
    _import_clauses(version, parsed, by=by, now=now, translations=said)
    return version


def _titles(translations: Translations) -> dict[str, str]:
    return {language: words["title"] for language, words in translations.items() if words.get("title")}


def _import_clauses(
    version: Version, parsed: ParsedStrategy, *, by: User | None, now: datetime, translations: Translations
) -> None:
    strategy = version.strategy
    rows = list(_with_parents(parsed.clauses))
    bodies = [words for clause, _parent in rows for words in (clause.title, clause.text)]
    written = iter(put_texts([words for words in bodies if words], parsed.language))
    texts = [next(written) if words else None for words in bodies]
    pairs = dict(
        zip([clause.ref for clause, _parent in rows], zip(texts[::2], texts[1::2], strict=True), strict=True)
    )
    put_translations(
        [
            (text, language, words["clauses"][ref][name])
            for language, words in translations.items()
            for ref, pair in pairs.items()
            for name, text in zip(("title", "text"), pair, strict=True)
            if text is not None and words.get("clauses", {}).get(ref, {}).get(name)
        ]
    )
    records = create_records(
        kind="clause",
        titles=[title or text for title, text in pairs.values()],
        by=by,
        now=now,
        visibility=[Visibility.PUBLIC] * len(rows),
        references=[f"{strategy.reference}.{ref}" for ref in pairs],
    )
    clauses = Clause.objects.bulk_create(
        [
            Clause(record=record, strategy=strategy, kind=clause.kind, local=clause.ref)
            for record, (clause, _parent) in zip(records, rows, strict=True)
        ],
        batch_size=500,
    )
    by_ref = {clause.local: clause for clause in clauses}
    _reserve_locals(strategy, by_ref)
    ClauseState.objects.bulk_create(
        [
            ClauseState(
                version=version,
                clause=by_ref[clause.ref],
                parent=by_ref[parent] if parent else None,
                order=order,
                number=clause.number[:20],
                title=pairs[clause.ref][0],
                text=pairs[clause.ref][1],
            )
            for order, (clause, parent) in enumerate(rows)
        ],
        batch_size=500,
    )
    Occurrence.objects.bulk_create(
        [
            Occurrence(
                paragraph=by_ref[found.within], clause=by_ref[found.of], variant_title=found.variant_title
            )
            for found in parsed.occurrences
        ],
        batch_size=500,
    )


def _with_parents(clauses: Sequence[ParsedClause], parent: str = "") -> Iterable[tuple[ParsedClause, str]]:
    for clause in clauses:
        yield clause, parent
        yield from _with_parents(clause.children, clause.ref)


def _reserve_locals(strategy: Strategy, references: Iterable[str]) -> None:
    """Later clauses of a kind continue after the highest number that the import has given."""
    highest: dict[str, int] = {}
    for local in references:
        highest[local[0]] = max(highest.get(local[0], 0), int(local[1:]))
    for letter, count in highest.items():
        take_numbers(local_counter(strategy, letter), count)
