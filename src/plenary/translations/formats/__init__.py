"""Texts on their way to professional translators and back: XLIFF 2.1 and PO. Nothing here knows the database."""

from .units import FileError, ReadFile, ReadUnit, Unit

__all__ = ["FORMATS", "FileError", "ReadFile", "ReadUnit", "Unit", "read", "write"]

FORMATS = {"xlf": "application/xliff+xml", "po": "text/x-gettext-translation"}


def write(
    kind: str, units: list[Unit], *, name: str, language: str, source_language: str, notes: list[str]
) -> bytes:
    """A file of one of ``FORMATS``, whose bytes depend on nothing but what is given."""
    from . import po, xliff

    writer = {"xlf": xliff.write, "po": po.write}[kind]
    return writer(units, name=name, language=language, source_language=source_language, notes=notes)


def read(content: bytes) -> ReadFile:
    """What a file says; raises ``FileError`` where it cannot be read at all."""
    from . import po, xliff

    start = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    utf16 = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    return (xliff if start == b"<" or utf16 else po).read(content)
