"""What a friend would say before a statement is sent: hints, never refusals. Pure."""

from __future__ import annotations

import re

from django.utils.translation import gettext_lazy as _

HINTS = {
    "question": _(
        "It reads like a question. People can agree or disagree with a sentence, not with a question."
    ),
    "several": _("It seems to hold more than one idea. Send each by itself, so that people can answer each."),
    "joined": _("It seems to join two ideas. Who agrees with one and not the other could not say so."),
    "exposing": _(
        "It seems to hold a name, an address, a telephone number or a link. Everybody could read it: leave out what "
        "points at a person."
    ),
}

_QUESTION = re.compile(r"[?？؟¿;](?=\s*$)|[?？؟¿]")
_SENTENCE = re.compile(r"[.!?。！？؟…]+(?:\s+|$)|[。！？]+|[;；؛]\s*")
_JOINED = re.compile(
    r"\b(?:and|et|y|и|sowie|und|e)\b|(?:并且|而且|以及|並且)|\bو(?:أيضا|كذلك|كما)|\bكما أن\b", re.IGNORECASE
)
_EXPOSING = re.compile(
    r"[\w.+-]+@[\w-]+\.\w"  # mail
    r"|(?:^|\s)@\w{2,}"  # accounts
    r"|https?://|\bwww\.|\b[\w-]+\.(?:com|org|net|info|io|int)\b"  # links
    r"|(?:\+|\b0)[\d\s()/.-]{7,}\d"  # telephones
    r"|\b(?:Mr|Mrs|Ms|Dr|Prof|Mme|Mlle|Sra?|Herr|Frau)\b\.?\s+\w+"
    r"|\b(?:السيد|السيدة|الدكتور|الدكتورة)\s+\w+"
    r"|г-(?:н|жа)\s+\w+"
    r"|[\u4e00-\u9fff]{1,3}(?:先生|女士|小姐)"
)
_LONG = 90  # a short sentence with an «and» in it is one idea more often than not


def hints_for(body: str) -> list[str]:
    """The keys of the hints that fit, at most one about the number of ideas."""
    found = []
    if _QUESTION.search(body):
        found.append("question")
    sentences = [part for part in _SENTENCE.split(body) if len(part.strip()) > 3]
    if len(sentences) > 1:
        found.append("several")
    elif len(body) > _LONG and _JOINED.search(body):
        found.append("joined")
    if _EXPOSING.search(body):
        found.append("exposing")
    return found
