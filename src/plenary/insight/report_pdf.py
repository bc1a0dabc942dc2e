"""The report on paper: the same sentences, set as tagged PDF (PDF/UA-1). Equal reports are equal bytes."""

from __future__ import annotations

import hashlib
import json
from importlib import resources
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from plenary.kit import pdf
from plenary.records.texts import Said

from .figures import Share
from .models import Analysis
from .report_making import Line, Made, Part


def report_pdf(
    analysis: Analysis, made: Made, *, language: str, question: Said, picture: str, address: str
) -> bytes:
    """Set once for every state of the report, its notes and its words, and kept until the next."""
    data = _data(analysis, made, language, question, picture, address)
    template = (resources.files(__package__) / "paper" / "report.typ").read_text("utf-8")
    stamp = hashlib.sha256((template + json.dumps(data, sort_keys=True)).encode()).hexdigest()[:20]
    folder = Path(settings.PLENARY_HOME) / "exports"
    short = data["lang"]
    path = folder / f"{analysis.reference}-report-{short}-{stamp}.pdf"
    if not path.is_file():
        content = pdf.render(template, data, languages=_languages(data, made))
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for old in folder.glob(f"{analysis.reference}-report-{short}-*.pdf"):
            old.unlink(missing_ok=True)
        partial = path.with_suffix(".partial")
        partial.write_bytes(content)
        partial.replace(path)
    return path.read_bytes()


def _languages(data: dict[str, Any], made: Made) -> list[str]:
    words = [wording.language for wording in made.report.wordings.values()]
    notes = [part.note.said["text"].language for part in made.parts if part.note]
    return list(dict.fromkeys([data["lang"], data["question"]["lang"], *words, *notes]))


def _short(tag: str) -> str:
    return tag.lower().split("-")[0]


def _said(text: Said) -> dict[str, str]:
    return {"body": text.body, "lang": _short(text.language), "dir": text.direction}


def _data(
    analysis: Analysis, made: Made, language: str, question: Said, picture: str, address: str
) -> dict[str, Any]:
    moment = analysis.finished_at
    assert moment is not None
    day = localtime(moment)
    organization = analysis.consultation.record.organization
    return {
        "lang": _short(language),
        "dir": "rtl" if translation.get_language_bidi() else "ltr",
        "title": f"{_('Report')}: {question.body}",
        "question": _said(question),
        "date": [day.year, day.month, day.day],
        "sections": [_section(part) for part in made.parts],
        "picture": picture,
        "table": _table(made),
        "base": address.partition("/consultations/")[0],
        "address": address,
        "words": {
            "report": _("Report"),
            "made": _("Analysis %(reference)s, made on %(day)s")
            % {"reference": analysis.reference, "day": date_format(day, "DATE_FORMAT")},
            "contents": _("Contents"),
            "map": _("The map of opinions"),
            "map_said": _(
                "Every mark stands for people; people who vote alike stand close together. Larger marks stand for more "
                "people. The directions have no names of their own."
            ),
            "map_alt": _("Map of opinions"),
            "table": _("Figures of the statements named here"),
            "page": _("Page"),
            "note": _("Note of the desk"),
            "hash": _("SHA-256 of the result"),
        },
        "sha256": analysis.result.sha256 if analysis.result else "",
        "organization": organization.reference if organization else "",
    }


def _section(part: Part) -> dict[str, Any]:
    return {
        "name": part.name,
        "title": part.title,
        "blocks": [
            {"is_list": is_list, "lines": [_line(line) for line in lines]} for is_list, lines in part.blocks
        ],
        "note": _note(part.note),
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "runs": [
            {"text": run.text, "lang": _short(run.language), "dir": run.direction, "href": run.href}
            for run in line.runs
        ],
        "finding": line.finding,
        "href": line.finding_url,
        "shares": [_share(share) for share in line.shares],
    }


def _share(share: Share) -> dict[str, Any]:
    return {
        "letter": share.letter,
        "percent": share.percent,
        "rate": share.rate or 0,
        "low": share.low,
        "high": share.high,
    }


def _note(note: Any) -> dict[str, Any] | None:
    if note is None:
        return None
    by = note.said["organization"].body
    return {
        "text": _said(note.said["text"]),
        "by": ", ".join(filter(None, [by, date_format(localtime(note.at), "DATE_FORMAT")])),
        "earlier": _("Written about the earlier analysis %(reference)s.")
        % {"reference": note.analysis.reference}
        if note.is_of_earlier
        else "",
    }


def _table(made: Made) -> dict[str, Any]:
    head = [_("Statement"), _("Votes"), _("Agree"), _("Disagree"), _("Pass or unsure")]
    head += [_("%(letter)s: agree") % {"letter": letter} for letter in made.letters]
    rows = []
    for row in made.rows:
        total = row.everyone
        rows.append(
            [
                row.reference,
                total.count,
                total.percent_agree,
                total.percent_disagree,
                total.percent_passed,
                *(share.percent for share in row.shares),
                *([""] * (len(made.letters) - len(row.shares))),
            ]
        )
    return {"head": head, "rows": rows}
