"""The report of a stored analysis for a reader: its documents, the words of its statements, its notes."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _

from plenary.kit.manifest import Piece
from plenary.records.models import Provenance, Snapshot
from plenary.records.queries import visible_to
from plenary.records.texts import EMPTY, Said, with_texts

from . import queries
from .figures import Share, everyone, per_group
from .models import Analysis, ReportNote
from .report_sentences import (
    Mismatch,
    Report,
    Run,
    Sentence,
    Wording,
    check_report,
    references_in,
)
from .reporting import compose
from .stored import read_head
from .wording import LONGEST_QUOTATION

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from plenary.people.models import User

    Viewer = User | AnonymousUser | None

logger = logging.getLogger(__name__)

PARTS = ("slate", "lens")


@dataclass(frozen=True)
class Line:
    """A sentence as a page shows it: in pieces, with the finding that says it."""

    runs: list[Run]
    finding: str
    finding_url: str
    certainty: str
    shares: list[Share]
    sentence: Sentence

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True)
class Part:
    name: str
    title: str
    lines: list[Line]
    lists: bool
    note: Any
    """The desk's, with ``said``; None where there is none."""

    @property
    def about(self) -> list[Line]:
        """The lines about findings or statements, which are entries of a list."""
        return [line for line in self.lines if self._is_entry(line)]

    @property
    def blocks(self) -> list[tuple[bool, list[Line]]]:
        """Runs of sentences, and runs of entries of a list (True)."""
        found: list[tuple[bool, list[Line]]] = []
        for line in self.lines:
            entry = self._is_entry(line)
            if not found or found[-1][0] != entry:
                found.append((entry, []))
            found[-1][1].append(line)
        return found

    def _is_entry(self, line: Line) -> bool:
        return self.lists and "statement" in line.sentence.slots


@dataclass(frozen=True)
class Made:
    """A report that was checked, in the language that is active."""

    report: Report
    parts: list[Part]
    figures: int
    """How many were read again."""
    rows: list[queries.Row]
    letters: list[str]


def make_report(analysis: Analysis, user: Viewer, language: str, *, anew: bool = False) -> Made:
    """Compose, check and word it in the active language. Raises ``Mismatch`` and says so in the log.

    ``anew`` reads the frozen bytes once more for the check, for what is kept and passed on.
    """
    try:
        documents = load_documents(analysis)
    except Mismatch:
        logger.exception("the report of %s was not published", analysis.reference)
        raise
    sections = compose(documents)
    wordings = _wordings(analysis, user, language, references_in(sections, documents))
    report = Report(sections, documents, wordings)
    try:
        figures = check_report(report, load_documents(analysis, anew=True) if anew else None)
    except Mismatch:
        logger.exception("the report of %s was not published", analysis.reference)
        raise
    names = [reference for reference, _sentence in queries.list_references_and_sentences(analysis)]
    notes = {note.section: note for note in list_notes(analysis, language)}
    parts = [
        Part(
            section.name,
            _(section.title),
            [_line(each, report, names) for each in section.sentences],
            section.lists,
            notes.get(section.name),
        )
        for section in sections
    ]
    found = queries.map_rows(analysis, user, language, report.references)
    rows = [found[reference] for reference in report.references if reference in found]
    groups = documents["result"]["k"]
    return Made(report, parts, figures, rows, ["ABCDEFGH"[at] for at in range(groups)] if groups > 1 else [])


def load_documents(analysis: Analysis, *, anew: bool = False) -> dict[str, Any]:
    """What the report rests on. The bytes of the result are the published ones, or there is no report."""
    assert analysis.result is not None, "only of an analysis that is done"
    result = _result.__wrapped__ if anew else _result
    documents: dict[str, Any] = {"result": result(analysis.result_id or 0, analysis.result.sha256)}
    for name in PARTS:
        part = queries.get_part(analysis, name)
        if part is not None:
            documents[name] = part
    comparison = queries.get_comparison(analysis)
    if comparison is not None:
        documents["comparison"] = comparison.figures
    consultation = analysis.consultation
    closes, made = consultation.closes_at, analysis.finished_at
    documents["record"] = {
        "opens_at": consultation.opens_at.isoformat(),
        "closes_at": closes.isoformat() if closes else None,
        "is_open": closes is None or (made is not None and closes > made),
        "asks_who": bool(consultation.attributes_asked),
    }
    return documents


@lru_cache(maxsize=8)
def _result(snapshot_id: int, sha256: str) -> Mapping[str, Any]:
    """The result without the rows of people, of whom the report says only how many they are."""
    content = queries.get_content(Snapshot.objects.get(pk=snapshot_id))
    if hashlib.sha256(content).hexdigest() != sha256:
        raise Mismatch(f"the stored result is not the one that was published as {sha256}")
    data = read_head(content)
    data.pop("axes", None)
    return data


def _wordings(analysis: Analysis, user: Viewer, language: str, references: list[str]) -> dict[str, Wording]:
    statements = queries.map_visible_statements(analysis, user, references)
    shown = {name: each for name, each in statements.items() if each.record.erased_at is None}
    with_texts(list(shown.values()), language, title="record.title_id")
    return {
        reference: _wording(statement.said["title"], statement.record.page_url)
        for reference, statement in shown.items()
    }


def _wording(said: Said, href: str) -> Wording:
    body = " ".join(said.body.split())
    if len(body) > LONGEST_QUOTATION:
        body = body[: LONGEST_QUOTATION - 1].rstrip() + "…"
    doubtful = said.is_translation and said.provenance == Provenance.MACHINE
    return Wording(
        body,
        said.language,
        said.direction,
        href,
        str(Provenance.MACHINE.label) if doubtful else "",
    )


def _line(sentence: Sentence, report: Report, names: list[str]) -> Line:
    finding = (
        names[sentence.finding] if sentence.finding is not None and sentence.finding < len(names) else ""
    )
    shares: list[Share] = []
    if sentence.finding is not None and ("figures" in sentence.slots or "first" in sentence.slots):
        figures = report.documents["result"]["findings"][sentence.finding]["figures"]
        total = everyone(figures)
        shares = per_group(figures) or ([total] if total else [])
    return Line(
        sentence.runs(report.documents, report.wordings),
        finding,
        reverse("finding", args=[finding]) if finding else "",
        sentence.certainty,
        shares,
        sentence,
    )


def as_data(made: Made) -> list[dict[str, Any]]:
    """The sections for programs: every sentence with its slots, their values and the places where they were read."""
    documents = made.report.documents
    return [
        {
            "name": part.name,
            "title": part.title,
            "sentences": [
                {
                    "text": line.text,
                    "pattern": line.sentence.pattern,
                    "finding": line.finding or None,
                    "certainty": line.sentence.certainty or None,
                    "slots": [
                        {
                            "name": name,
                            "text": slot.text(documents),
                            "value": slot.value(documents),
                            "is": slot.how,
                            "of": list(slot.of),
                            "among": list(slot.among),
                            "less": list(slot.less),
                        }
                        for name, slot in line.sentence.every_slot()
                    ],
                }
                for line in part.lines
            ],
            "note": _note_data(part.note),
        }
        for part in made.parts
    ]


def _note_data(note: Any) -> dict[str, Any] | None:
    if note is None:
        return None
    said = note.said["text"]
    return {
        "text": said.body,
        "language": said.language,
        "organization": note.said["organization"].body or None,
        "written_at": note.at.isoformat(),
        "about": note.analysis.reference,
    }


# Notes of the desk


def list_notes(analysis: Analysis, language: str) -> list[ReportNote]:
    """The notes in the report of an analysis: none that was written after a later one."""
    found = list(
        ReportNote.objects.filter(
            consultation=analysis.consultation_id, analysis__record__number__lte=analysis.record.number
        ).select_related("analysis__record", "consultation__record__organization__record", "text")
    )
    paths = {"text": "text_id"}
    with_texts(found, language, **paths)
    owned = [note for note in found if note.consultation.record.organization is not None]
    with_texts(owned, language, organization="consultation.record.organization.record.title_id")
    for note in found:
        note.said.setdefault("organization", EMPTY)  # type: ignore[attr-defined]
        note.is_of_earlier = note.analysis_id != analysis.pk  # type: ignore[attr-defined]
    return found


def texts(user: Viewer, now: datetime) -> Iterator[Piece]:
    """What translators find of results: the desk's notes."""
    rows = ReportNote.objects.filter(visible_to(user, "consultation__record")).order_by("pk")
    for text, consultation in rows.values_list("text_id", "consultation_id"):
        yield Piece(text, consultation, consultation, "note")
