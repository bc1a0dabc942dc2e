"""PO, the format of gettext: what translators' editors and platforms read."""

from __future__ import annotations

import io
import re

from django.utils.translation import gettext as _

from .units import FileError, ReadFile, ReadUnit, Unit

_CHARSET = re.compile(rb"charset=([A-Za-z0-9_-]+)")


def write(units: list[Unit], *, name: str, language: str, source_language: str, notes: list[str]) -> bytes:
    """One file, which may hold texts of several languages; what is stale or made by a machine is fuzzy."""
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import write_po

    catalog = Catalog(header_comment="\n".join(f"# {line}" for line in (name, *notes)), fuzzy=False)
    for unit in units:
        comments = [unit.context, f"source-language: {unit.source_language}", f"seen: {unit.seen}"]
        if (
            unit.earlier_source
        ):  # as a remark, since Babel breaks the lines of what was there before («#|») wrongly
            comments.append(f"translated from: {unit.earlier_source}")
        catalog.add(
            unit.source,
            unit.target,
            context=unit.id,
            flags=["fuzzy"] if unit.target and unit.state in ("stale", "machine") else [],
            auto_comments=comments,
            locations=[(unit.name, 0)],
        )
    body = io.BytesIO()
    write_po(body, catalog, width=0, omit_header=True, ignore_obsolete=True)
    head = [
        *(f"# {line}".rstrip() for line in (name, *notes)),
        'msgid ""',
        'msgstr ""',
        '"MIME-Version: 1.0\\n"',
        '"Content-Type: text/plain; charset=UTF-8\\n"',
        '"Content-Transfer-Encoding: 8bit\\n"',
        f'"Language: {language.replace("-", "_")}\\n"',
        *([f'"X-Source-Language: {source_language}\\n"'] if source_language else []),
        "",
        "",
    ]
    return "\n".join(head).encode() + body.getvalue()


def read(content: bytes) -> ReadFile:
    """What a PO file says."""
    from babel.messages.pofile import PoFileError, read_po

    text = _decoded(content)
    if "msgid" not in text:
        raise FileError(_("This is neither XLIFF nor PO."))
    _check_quotes(text)
    header = dict(re.findall(r'^"([A-Za-z-]+): ?(.*?)\\n"\s*$', text, re.MULTILINE))
    try:
        catalog = read_po(io.StringIO(_without_header(text)), abort_invalid=True, ignore_obsolete=True)
    except PoFileError as error:
        line = error.lineno + 1 if getattr(error, "lineno", None) is not None else None
        raise FileError(_("The PO file cannot be read: %(reason)s.") % {"reason": error}, line) from error
    except (ValueError, LookupError, IndexError, TypeError) as error:
        raise FileError(_("The PO file cannot be read: %(reason)s.") % {"reason": error}) from error
    found = ReadFile(header.get("Language", "").replace("_", "-"), header.get("X-Source-Language", ""))
    for message in catalog:
        if not message.id:
            continue
        first = message.id if isinstance(message.id, str) else message.id[0]
        target = message.string if isinstance(message.string, str) else (message.string or ("",))[0]
        seen = next((line[5:].strip() for line in message.auto_comments if line.startswith("seen:")), "")
        found.units.append(
            ReadUnit(
                id=message.context or "",
                source=first,
                target=target or "",
                line=message.lineno,
                is_confirmed=not message.fuzzy,
                is_fuzzy=message.fuzzy,
                seen=seen,
                holds_markup=False,
            )
        )
    return found


def _check_quotes(text: str) -> None:
    """Babel reads a string without an end as an empty one; then words would be missing without a word."""
    for number, line in enumerate(text.split("\n"), start=1):
        words = line.strip()
        if words.startswith(("msgctxt", "msgid", "msgstr", '"')) and not re.fullmatch(
            r'(msgctxt|msgid(_plural)?|msgstr(\[\d\])?)? ?"([^"\\]|\\.)*"', words
        ):
            raise FileError(_("The PO file cannot be read: a string has no beginning or no end."), number)


def _decoded(content: bytes) -> str:
    declared = _CHARSET.search(content[:4000])
    charset = declared.group(1).decode() if declared else "utf-8"
    try:
        text = content.decode("utf-8-sig" if charset.lower() in ("utf-8", "utf8", "charset") else charset)
    except LookupError as error:
        message = _("The file says that its characters are “%(name)s”, which nobody knows.")
        raise FileError(message % {"name": charset}) from error
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        message = _("The characters are not “%(name)s”. Save the file as UTF-8.")
        raise FileError(message % {"name": charset}, line) from error
    return text.replace("\r\n", "\n")


def _without_header(text: str) -> str:
    """The header as comments, so that Babel does not interpret what tools write there; lines keep their numbers."""
    lines = text.split("\n")
    start = next((place for place, line in enumerate(lines) if line.startswith("msgid")), len(lines))
    # The header is the first entry, with no words of its own; a wrapped text begins alike, but goes on differently.
    if [line.split(" ")[0] for line in lines[start : start + 2]] != ["msgid", "msgstr"] or lines[start][
        6:
    ] != '""':
        return text
    for place in range(start, len(lines)):
        if not lines[place].strip():
            break
        lines[place] = f"# {lines[place]}"
    return "\n".join(lines)
