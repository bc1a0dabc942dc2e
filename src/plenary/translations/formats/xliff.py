"""XLIFF 2.1 (OASIS, 13 February 2018): what translation tools exchange."""

from __future__ import annotations

import io
import re
from typing import Any
from xml.sax import SAXException, SAXParseException
from xml.sax.handler import ContentHandler, feature_namespaces
from xml.sax.saxutils import escape, quoteattr

from django.utils.translation import gettext as _

from .units import FileError, ReadFile, ReadUnit, Unit

NAMESPACE = "urn:oasis:names:tc:xliff:document:2.0"
# Of ours: how a segment's state came about, which the four states of XLIFF do not say.
_STATES = {
    "missing": ("initial", ""),
    "stale": ("initial", "plenary:stale"),
    "machine": ("translated", "plenary:machine"),
    "done": ("final", ""),
}
# Characters that XML 1.0 cannot hold at all.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(units: list[Unit], *, name: str, language: str, source_language: str, notes: list[str]) -> bytes:
    """One file of one source language, with the state, the context and the hash of every text."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<xliff xmlns="{NAMESPACE}" version="2.1" srcLang={_attribute(source_language)}'
        f" trgLang={_attribute(language)}>",
        f"  <file id={_attribute(name)} original={_attribute(name)}>",
    ]
    if notes:
        lines += ["    <notes>", *(f"      <note>{_text(note)}</note>" for note in notes), "    </notes>"]
    for unit in units:
        lines += _unit(unit, source_language, language)
    lines += ["  </file>", "</xliff>", ""]
    return "\n".join(lines).encode()


def _unit(unit: Unit, source_language: str, language: str) -> list[str]:
    state, sub = _STATES[unit.state]
    given = [("context", unit.context), ("source-hash", unit.source_hash), ("seen", unit.seen)]
    if unit.earlier_source:
        given.append(("earlier-source", unit.earlier_source))
    about = [f"        <note category={_attribute(kind)}>{_text(words)}</note>" for kind, words in given]
    sub_state = f' subState="{sub}"' if sub else ""
    target = (
        [
            f'        <target xml:lang={_attribute(language)} xml:space="preserve">{_text(unit.target)}</target>'
        ]
        if unit.target
        else []
    )
    return [
        f"    <unit id={_attribute(unit.id)} name={_attribute(unit.name)}>",
        "      <notes>",
        *about,
        "      </notes>",
        f'      <segment state="{state}"{sub_state}>',
        f'        <source xml:lang={_attribute(source_language)} xml:space="preserve">{_text(unit.source)}</source>',
        *target,
        "      </segment>",
        "    </unit>",
    ]


def _text(words: str) -> str:
    return escape(_NOT_XML.sub("\ufffd", words), {"\r": "&#13;"})


def _attribute(words: str) -> str:
    return quoteattr(_NOT_XML.sub("\ufffd", words))


def read(content: bytes) -> ReadFile:
    """What an XLIFF 2 file says. Definitions of entities and other documents are refused, not resolved."""
    from defusedxml.common import DefusedXmlException
    from defusedxml.sax import make_parser

    reader = _Reader()
    parser = make_parser()
    parser.forbid_dtd = True
    parser.setFeature(feature_namespaces, True)
    parser.setContentHandler(reader)
    try:
        parser.parse(io.BytesIO(content))
    except DefusedXmlException as error:
        raise FileError(
            _(
                "The file defines entities or a document type, which translation files never need. It was not read."
            )
        ) from error
    except SAXParseException as error:
        words = {"reason": error.getMessage(), "column": (error.getColumnNumber() or 0) + 1}
        raise FileError(
            _("The XML breaks off or is not well-formed: %(reason)s (column %(column)s).") % words,
            error.getLineNumber(),
        ) from error
    except (SAXException, UnicodeError, LookupError, ValueError) as error:
        raise FileError(_("The XML cannot be read: %(reason)s.") % {"reason": error}) from error
    if reader.file is None:
        raise FileError(_("This is XML, but not XLIFF."))
    return reader.file


class _Reader(ContentHandler):
    """Keeps what counts of a file: its languages, and of each unit the words, the state and our own notes."""

    def __init__(self) -> None:
        self.file: ReadFile | None = None
        self._locator: Any = None
        self._unit: dict[str, Any] | None = None
        self._words: list[str] | None = None
        self._into = ""
        self._inside_note = False

    def setDocumentLocator(self, locator: Any) -> None:
        self._locator = locator

    def startElementNS(self, name: tuple[str | None, str], qname: str | None, attrs: Any) -> None:
        space, tag = name
        given = {key[1]: value for key, value in attrs.items()}
        if self.file is None:
            self._begin(space, tag, given)
        elif space != NAMESPACE:
            return
        elif tag == "unit":
            self._unit = {
                "id": given.get("id", ""), "line": self._locator.getLineNumber(), "source": [], "target": [],
                "confirmed": [], "seen": "", "markup": False,
            }  # fmt: skip
        elif self._unit is not None:
            self._inside_unit(tag, given)

    def _begin(self, space: str | None, tag: str, given: dict[str, str]) -> None:
        if tag != "xliff":
            raise FileError(_("This is XML, but not XLIFF."), self._locator.getLineNumber())
        version = given.get("version", "")
        if space != NAMESPACE or not version.startswith("2."):
            message = _("This is XLIFF %(version)s. Save it as XLIFF 2.1 (or 2.0), or export it again as PO.")
            raise FileError(message % {"version": version or "?"}, self._locator.getLineNumber())
        self.file = ReadFile(given.get("trgLang", ""), given.get("srcLang", ""))

    def _inside_unit(self, tag: str, given: dict[str, str]) -> None:
        assert self._unit is not None
        if tag == "segment":
            # Without a state, XLIFF means «initial»; but a tool that knows no states leaves it out of what it has done.
            state = given.get("state", "")
            self._unit["confirmed"].append(
                state in ("reviewed", "final")
                or (state in ("", "translated") and given.get("subState") != "plenary:machine")
            )
        elif tag == "note":
            self._words, self._into = [], given.get("category", "")
            self._inside_note = True
        elif tag in ("source", "target"):
            self._words, self._into = [], tag
        elif self._words is not None and not self._inside_note and tag in ("ph", "pc", "sc", "ec", "cp"):
            self._unit["markup"] = True

    def characters(self, content: str) -> None:
        if self._words is not None:
            self._words.append(content)

    def endElementNS(self, name: tuple[str | None, str], qname: str | None) -> None:
        space, tag = name
        if space != NAMESPACE or self._unit is None or self.file is None:
            return
        if tag == "note" and self._inside_note:
            if self._into == "seen":
                self._unit["seen"] = "".join(self._words or []).strip()
            self._words, self._inside_note = None, False
        elif tag in ("source", "target") and self._words is not None:
            self._unit[tag].append("".join(self._words))
            self._words = None
        elif tag == "unit":
            found, self._unit = self._unit, None
            self.file.units.append(
                ReadUnit(
                    id=found["id"],
                    source="".join(found["source"]),
                    target="".join(found["target"]),
                    line=found["line"],
                    is_confirmed=bool(found["confirmed"]) and all(found["confirmed"]),
                    seen=found["seen"],
                    holds_markup=found["markup"],
                )
            )
