"""A file from a translator against what there is: every text looked at before one is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from plenary.kit.languages import language_name
from plenary.records.models import Provenance, Record, Text, Translation, hash_of
from plenary.translations.formats import FileError, ReadFile, ReadUnit, Unit
from plenary.translations.words import cleaned, problem_of

from .work import State, Work, fingerprint, is_served, tags_of


class Verdict(models.TextChoices):
    """What would become of a text of the file."""

    NEW = "new", pgettext_lazy("imported translation", "new")
    CHANGED = "changed", pgettext_lazy("imported translation", "takes the place of another")
    CONFIRMED = "confirmed", pgettext_lazy("imported translation", "confirms what is there")
    SAME = "same", pgettext_lazy("imported translation", "is there already")
    EMPTY = "empty", pgettext_lazy("imported translation", "not translated yet")
    WRONG = "wrong", pgettext_lazy("imported translation", "cannot be taken")


TAKEN = (Verdict.NEW, Verdict.CHANGED, Verdict.CONFIRMED)


@dataclass
class Row:
    unit: ReadUnit
    verdict: Verdict
    problem: str = ""
    text: Text | None = None
    present: Translation | None = None
    reference: str = ""
    carried: str = ""
    """What went out with it of earlier words, where nothing else was there."""

    @property
    def body(self) -> str:
        return cleaned(self.unit.target)

    @property
    def is_taken(self) -> bool:
        return self.verdict in TAKEN


@dataclass
class Check:
    """All that a file holds, and what is to be said of each text."""

    rows: list[Row]
    absent: int
    """How many texts of the same wholes the file leaves out that wait to be translated."""

    @property
    def counts(self) -> list[tuple[Any, int]]:
        found = Counter(row.verdict for row in self.rows)
        return [(verdict.label, found[verdict]) for verdict in Verdict if found[verdict]]

    @property
    def taken(self) -> list[Row]:
        return [row for row in self.rows if row.is_taken]

    @property
    def wrong(self) -> list[Row]:
        return [row for row in self.rows if row.verdict == Verdict.WRONG]


UNKNOWN = gettext_lazy(
    "There is no text with this id among those that you translate. Ids such as t12 are part of the export; keep them."
)


def check_language(file: ReadFile, language: str) -> None:
    """Raise ``FileError`` where a file is for another language than the one that it is brought in for."""
    given = file.language
    if not given:
        raise FileError(
            _("The file does not say into which language it translates (trgLang in XLIFF, Language in PO).")
        )
    if not is_served(given.replace("_", "-").lower(), language.lower()):
        words = {"given": language_name(given), "wanted": language_name(language)}
        raise FileError(
            _("The file translates into %(given)s, but this is the page for %(wanted)s. Nothing was read.")
            % words
        )


def check_units(work: Work, file: ReadFile, language: str) -> Check:
    """Every text of a file with its verdict, in the order of the file. Four queries."""
    numbers = {unit.id: _number(unit.id) for unit in file.units}
    ids = [pk for pk in numbers.values() if pk is not None]
    texts = Text.objects.in_bulk(ids)
    present: dict[int, Translation] = {}
    earlier = {pk: work.pieces[pk].earlier for pk in ids if pk in work.pieces}
    wanted = [*ids, *(pk for pk in earlier.values() if pk)]
    known = Translation.objects.filter(text__in=wanted, language__in=tags_of(language))
    for translation in known.order_by("language"):
        present[translation.text_id] = translation
    records = Record.objects.in_bulk({work.pieces[pk].record for pk in ids if pk in work.pieces})
    seen_ids: Counter[str] = Counter(unit.id for unit in file.units)
    rows = []
    for unit in file.units:
        pk = numbers[unit.id]
        row = Row(unit, Verdict.WRONG, text=texts.get(pk or 0), present=present.get(pk or 0))
        before = present.get(earlier.get(pk or 0) or 0)
        row.carried = before.body if before else ""
        if pk is not None and pk in work.pieces:
            row.reference = records[work.pieces[pk].record].reference
        if seen_ids[unit.id] > 1 and unit.id:
            row.problem = _("This id stands in the file %(count)s times.") % {"count": seen_ids[unit.id]}
        else:
            _judge(row, work, pk, language)
        rows.append(row)
    return Check(rows, _absent(work, ids, language))


def _judge(row: Row, work: Work, pk: int | None, language: str) -> None:
    unit, text, present = row.unit, row.text, row.present
    row.problem = _problem(row, work, pk, language)
    if row.problem or text is None:
        return
    if not row.body:
        row.verdict = Verdict.EMPTY
        return
    same = present is not None and present.body == row.body
    is_done = (
        same
        and present is not None
        and present.source_hash == text.hash
        and present.provenance != Provenance.MACHINE
    )
    if is_done or (same and not unit.is_confirmed):
        row.verdict = Verdict.SAME
    elif unit.is_fuzzy or (not unit.is_confirmed and row.body == row.carried):
        row.verdict = Verdict.EMPTY  # its translator has not finished, or not begun
    elif not same and (problem := problem_of(row.body, text.body)):
        row.problem = problem
    elif unit.seen and unit.seen != fingerprint(present):
        row.problem = _("Somebody has translated this since the export. Look at both on its page.")
    else:
        row.verdict = Verdict.NEW if present is None else Verdict.CONFIRMED if same else Verdict.CHANGED


def _problem(row: Row, work: Work, pk: int | None, language: str) -> str:
    """What is wrong whatever the words say."""
    unit = row.unit
    if not unit.id:
        return _("The id is missing. Ids such as t12 are part of the export; keep them.")
    if pk is None or row.text is None:
        return str(UNKNOWN)
    if pk not in work.pieces:
        if row.text.hash == hash_of(unit.source) or not unit.source:
            return _(
                "These words were replaced or withdrawn since the export. Export again for the present ones."
            )
        return str(UNKNOWN)
    if cleaned(unit.source) != cleaned(row.text.body):
        return _(
            "The original in the file is not ours: it was changed in the file, or the id is that of another text."
        )
    if is_served(row.text.source_language, language):
        return _("This text was written in the language of the translation.")
    if unit.holds_markup:
        return _("The translation holds inline elements (such as ph or pc), and our texts are plain.")
    return ""


def _absent(work: Work, ids: list[int], language: str) -> int:
    """Texts that wait and belong with those of the file, but are not in it."""
    wholes = {work.key_of(pk) for pk in ids if pk in work.pieces}
    there = set(ids)
    return sum(
        1
        for pk in work.pieces
        if pk not in there
        and work.key_of(pk) in wholes
        and work.state_of(pk, language) in (State.MISSING, State.STALE)
    )


def _number(unit_id: str) -> int | None:
    digits = unit_id.removeprefix("t")
    known = unit_id.startswith("t") and digits.isascii() and digits.isdigit() and len(digits) < 19
    return int(digits) if known else None


def list_units(work: Work, ids: Sequence[int], language: str) -> list[Unit]:
    """Texts as they are given to translators, in their order."""
    from .items import list_items

    return [
        Unit(
            id=f"t{item.text.pk}",
            source=item.text.body,
            source_language=item.text.source_language,
            target=item.proposal,
            state=item.state,
            name=f"{item.record.reference}.{item.piece.part}",
            context=f"{item.record.kind_label} {item.record.reference} · {item.label}",
            source_hash=item.text.hash,
            seen=item.seen,
            earlier_source="".join(part.text for part in item.changes if part.operation != "insert"),
        )
        for item in list_items(work, ids, language)
    ]
