"""Pictures and posters for outreach packs: made here, of words, lines and a code; nothing is taken from elsewhere."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from importlib import resources
from typing import Any

from django.utils import translation
from django.utils.translation import gettext

from plenary.kit import pdf, qr
from plenary.records.texts import direction_of


@dataclass(frozen=True)
class Facts:
    """What a picture or a poster says."""

    question: str
    language: str
    """Of the question's words."""
    link: str
    closes_on: str
    reads: str
    """The language of the words around the question."""
    is_for_all: bool = True
    """Anybody may vote, without an account."""


def poster(facts: Facts, paper: str) -> bytes:
    """A tagged PDF on one sheet, ``a4`` or ``a3``. Raises ``Refused`` where a font is missing."""
    data = _data(facts) | {"paper": paper}
    return pdf.render(_template("poster.typ"), data, languages=[facts.language, facts.reads])


def picture(facts: Facts, size: tuple[int, int]) -> bytes:
    """A PNG of that many pixels. Raises ``Refused`` where a font is missing."""
    data = _data(facts) | {"width": size[0], "height": size[1]}
    return pdf.picture(_template("picture.typ"), data, languages=[facts.language, facts.reads])


def _template(name: str) -> str:
    return (resources.files("plenary.participation") / "paper" / name).read_text("utf-8")


def _data(facts: Facts) -> dict[str, Any]:
    with translation.override(facts.reads):
        words = {
            "ask": gettext("Say what you think"),
            "how": gettext("Point your phone’s camera here, or type the address:"),
            "free": gettext("No account is needed. A few taps are enough.") if facts.is_for_all else "",
            "until": gettext("Open until %(date)s.") % {"date": facts.closes_on} if facts.closes_on else "",
            "code": gettext("A code that leads to %(address)s") % {"address": facts.link},
        }
    return asdict(facts) | {
        "words": words,
        "dir": direction_of(facts.language),
        "reads_dir": direction_of(facts.reads),
        "address": facts.link.partition("://")[2],
        "qr": qr.svg(facts.link),
    }
