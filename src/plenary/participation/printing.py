"""What is put on paper: the words, in the language of the paper, and the template that sets them."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources
from typing import Any

from django.utils import translation
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from plenary.kit import pdf, qr

from .models import Consultation, Statement

MOST_STATEMENTS = 200
MOST_COPIES = 200
MOST_ROWS = 3_000  # statements × copies: about eight seconds of typesetting and half a gigabyte


def ballots(
    consultation: Consultation,
    statements: Sequence[Statement],
    *,
    language: str,
    address: str,
    codes: Sequence[str],
    paper: str,
    large: bool,
) -> bytes:
    """A ballot for each code, as PDF. The consultation and the statements have their words in ``language``."""
    data = _data(consultation, statements, language, address, paper, large) | {"codes": list(codes)}
    return _render("ballot.typ", data)


def sheet(
    consultation: Consultation,
    statements: Sequence[Statement],
    *,
    language: str,
    address: str,
    paper: str,
    large: bool,
) -> bytes:
    """The statements for reading aloud, with columns for counting hands, as PDF."""
    return _render("sheet.typ", _data(consultation, statements, language, address, paper, large))


def _render(name: str, data: dict[str, Any]) -> bytes:
    folder = resources.files(__package__) / "paper"
    template = (folder / "common.typ").read_text("utf-8") + (folder / name).read_text("utf-8")
    texts = [data["question"], data["name"], *(each["text"] for each in data["statements"])]
    languages = dict.fromkeys([data["lang"], *(text["lang"] for text in texts)])
    return pdf.render(template, data, languages=list(languages))


def _data(
    consultation: Consultation,
    statements: Sequence[Statement],
    language: str,
    address: str,
    paper: str,
    large: bool,
) -> dict[str, Any]:
    with translation.override(language):
        return {
            "lang": _short(language),
            "dir": "rtl" if translation.get_language_bidi() else "ltr",
            "paper": paper,
            "large": large,
            "title": _("Ballot: %(title)s") % {"title": consultation.said["title"].body},
            "name": _said(consultation.said["title"]),
            "question": _said(consultation.said["question"]),
            "statements": [{"code": each.reference, "text": _said(each.said["text"])} for each in statements],
            "qr": qr.svg(address),
            "url": address,
            "own": consultation.takes_statements,
            "words": _words(consultation),
        }


def _words(consultation: Consultation) -> dict[str, str]:
    """Everything that we say on the paper, in the language in force."""
    closes = consultation.closes_at
    return {
        "no": pgettext("head of a narrow column", "No"),
        "statement": _("Statement"),
        "agree": _("Agree"),
        "disagree": _("Disagree"),
        "pass": _("Pass or unsure"),
        "page": _("Page"),
        "code": _("Ballot"),
        "qr_alt": _("A code that leads a telephone's camera to this question on the web"),
        "how": _("Read each statement and mark one box. You may leave out any of them."),
        "own": _("Is something missing?"),
        "own_how": _(
            "Write one idea of your own, in a sentence that others can agree or disagree with. Please leave out names."
        ),
        "privacy": _(
            "Do not write your name. The code on this ballot stands for no person; it only keeps the ballot from being "
            "counted twice. What is published does not tell who voted. What you write is published under %(licence)s."
        )
        % {"licence": consultation.licence},
        "age": _("You are at least %(age)s years old.") % {"age": consultation.minimum_age}
        if consultation.minimum_age
        else "",
        "until": _("Hand it in by %(day)s.") % {"day": date_format(localtime(closes), "DATE_FORMAT")}
        if closes
        else "",
        "online": _("You can also answer on the web:"),
        "sheet_how": _(
            "Read each statement aloud, with its number. Count the hands for each answer and write the numbers down."
        ),
        "day": _("Day"),
        "place": _("Place"),
        "organization": _("Organization"),
        "people": _("Number of people"),
        "said_there": _("What else was said"),
        "said_how": _("One idea in each line, in a sentence that others can agree or disagree with."),
        "sheet_privacy": _(
            "Write down no names. Hands are shown beside the votes and are not mixed with them, because nobody knows "
            "whose hands they were; for votes, hand out ballots."
        ),
    }


def _said(text: Any) -> dict[str, str]:
    return {"body": text.body, "lang": _short(text.language), "dir": text.direction}


def _short(tag: str) -> str:
    return tag.lower().split("-")[0]
