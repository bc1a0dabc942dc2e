"""From bytes to lines of text, with an error that says what the file is instead."""

from __future__ import annotations

import re

from .model import Notes, StrategyFormatError

MAX_BYTES = 5_000_000

_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF", "a PDF document", "copy its text into a plain text or Markdown file"),
    (b"\x89PNG", "a PNG image", "type or scan its text into a plain text file"),
    (b"\xff\xd8\xff", "a JPEG image", "type or scan its text into a plain text file"),
    (b"GIF8", "a GIF image", "type or scan its text into a plain text file"),
    (b"\xd0\xcf\x11\xe0", "an old Word or Office document", "save it as plain text in UTF-8"),
    (b"{\\rtf", "an RTF document", "save it as plain text in UTF-8"),
    (b"\x1f\x8b", "a gzip archive", "unpack it first"),
    (b"7z\xbc\xaf", "a 7z archive", "unpack it first"),
)
# What a file in an older encoding most likely is, by the language that was named.
_LEGACY = {"zh": "GB18030", "ja": "Shift_JIS", "ko": "EUC-KR", "ru": "Windows-1251", "ar": "Windows-1256"}
_CONTROLS = re.compile("[\x01-\x08\x0e-\x1f\x7f\u200b\u2060\ufeff\u00ad]")
_SPACES = re.compile("[\u00a0\u2000-\u200a\u202f\u205f\x0b\x0c\x1c-\x1f\x85\u2028\u2029]")


def decode(data: bytes | str, *, language: str, max_bytes: int) -> str:
    """The text of the file, or a `StrategyFormatError` that says what the file is instead."""
    size = len(data) if isinstance(data, bytes) else len(data.encode("utf-8", "surrogatepass"))
    if size > max_bytes:
        raise StrategyFormatError(
            f"The file has {size:,} bytes; the limit is {max_bytes:,}. Split it, or raise the limit.",
            code="too_large",
        )
    if isinstance(data, bytes):
        _refuse_binary(data)
        text = _decode_utf8(data, language)
    else:
        text = data
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    _refuse_bad_characters(text)
    if not text.strip():
        raise StrategyFormatError("The file is empty: it holds no text at all.", code="empty")
    if re.match(r"\s*<(?:!doctype html|html)\b", text, re.IGNORECASE):
        raise StrategyFormatError(
            "This is an HTML page. Save the text as Markdown or plain text and import that.",
            1,
            1,
            code="html",
        )
    return text


def tidy(text: str, notes: Notes) -> list[str]:
    """The lines with invisible characters removed (reported) and every kind of space made plain."""
    lines = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.isascii() or not line.isprintable():
            removed = sorted({f"U+{ord(char):04X}" for char in _CONTROLS.findall(line)})
            if removed:
                notes.add(
                    "invisible_character", f"Removed invisible characters {', '.join(removed)}.", number
                )
            line = _SPACES.sub(" ", _CONTROLS.sub("", line))
        lines.append(line)
    return lines


def _refuse_binary(data: bytes) -> None:
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        raise StrategyFormatError(_describe_zip(data), code="not_text")
    for magic, what, advice in _MAGIC:
        if data.startswith(magic):
            raise StrategyFormatError(
                f"This is {what}, not a text: {advice}, then import that.", code="not_text"
            )


def _describe_zip(data: bytes) -> str:
    what = "a ZIP archive"
    if b"word/" in data:
        what = "a Word document (DOCX)"
    elif b"opendocument.text" in data[:200]:
        what = "an OpenDocument text (ODT)"
    elif b"xl/" in data:
        what = "a spreadsheet (XLSX)"
    advice = "unpack it first" if what == "a ZIP archive" else "save it as plain text in UTF-8"
    return f"This is {what}, not a text: {advice}, then import that."


def _decode_utf8(data: bytes, language: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or _looks_utf16(data):
        raise StrategyFormatError(
            "The file is in UTF-16, not UTF-8. Convert it: iconv -f UTF-16 -t UTF-8 FILE > NEW",
            code="not_utf8",
        )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        start = data.rfind(b"\n", 0, error.start) + 1
        column = len(data[start : error.start].decode("utf-8", "replace")) + 1
        where = f"The file is not UTF-8: byte {error.start} (0x{data[error.start]:02X}) does not fit. "
        raise StrategyFormatError(
            where + _guess(data, error, language), line, column, code="not_utf8"
        ) from None


def _looks_utf16(data: bytes) -> bool:
    """Without a byte order mark, text in UTF-16 shows as a NUL in (nearly) every second byte."""
    sample = data[:4000]
    half = len(sample) // 2
    return half > 1 and max(sample[::2].count(0), sample[1::2].count(0)) > 0.4 * half


def _guess(data: bytes, error: UnicodeDecodeError, language: str) -> str:
    if "unexpected end" in error.reason:
        return "It ends in the middle of a character: it was probably cut short. Get it again."
    sample = data[:200_000]
    high = sum(byte > 127 for byte in sample)
    readable = sample.decode("utf-8", "ignore")
    if high and sum(len(char.encode()) for char in readable if ord(char) > 127) > 0.8 * high:
        return "Nearly all of it is UTF-8, so a few bytes were damaged. Correct the place named, or get it again."
    guess = _LEGACY.get(language.split("-")[0].lower(), "Windows-1252 (Latin-1)")
    if guess == "Windows-1252 (Latin-1)" and _fits_gb18030(sample):
        guess = "GB18030"
    return f"It may be {guess}. Convert it: iconv -f {guess.split()[0]} -t UTF-8 FILE > NEW"


def _fits_gb18030(sample: bytes) -> bool:
    """Chinese text in GB18030 decodes cleanly and consists mostly of common ideographs."""
    decoded = sample.decode("gb18030", "replace")
    foreign = [char for char in decoded if ord(char) > 127]
    common = sum("\u4e00" <= char <= "\u9fff" or char in "，。、：；" for char in foreign)
    return len(foreign) >= 8 and common > 0.9 * len(foreign) and _high_pairs(sample)


def _high_pairs(sample: bytes) -> bool:
    """Whether high bytes come mostly in pairs, as in two-byte encodings and not in Latin-1."""
    runs = re.findall(rb"[\x80-\xff]+", sample)
    return sum(len(run) >= 4 for run in runs) > 0.5 * len(runs)


def _refuse_bad_characters(text: str) -> None:
    at = text.find("\0")
    if at >= 0:
        raise StrategyFormatError(
            "There is a NUL byte, which no text contains: the file is binary or damaged.",
            *_place(text, at),
            code="not_text",
        )
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise StrategyFormatError(
            "There is half a surrogate pair.", *_place(text, error.start), code="not_utf8"
        ) from None


def _place(text: str, at: int) -> tuple[int, int]:
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
