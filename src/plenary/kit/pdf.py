"""Tagged PDF (PDF/UA-1) and pictures from a typst template and data; what people wrote is data, never mark-up.

The typesetting runs in a process of its own: it is ended when it takes too long, and its memory is gone afterwards.
That process is this file, run with ``python -m plenary.kit.pdf``; it reads its order from standard input.

A template reads its data with ``#let data = json(bytes(sys.inputs.data))`` and must set the document's title, without
which no PDF/UA-1 is written. Text is set in the fonts of ``FONTS``; ``fonts_for`` gives them for a language.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from .errors import Refused

# Families by what they are needed for, with the Debian package that brings them. Noto covers every script we meet.
BASE = "Noto Sans"
FONTS = {"": (BASE, "fonts-noto-core"), "ar": ("Noto Sans Arabic", "fonts-noto-core")} | dict.fromkeys(
    ("zh", "ja", "ko"), ("Noto Sans CJK SC", "fonts-noto-cjk")
)
SECONDS = 60
_MISSING_CHARACTER = re.compile(r'the text `"(.*?)"` could not be displayed', re.DOTALL)
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")
_REFUSED, _NO_FONT, _NO_CHARACTER = 3, 4, 5


def fonts_for(*languages: str) -> list[str]:
    """The families in which texts in these languages are set, the general one first."""
    wanted = [BASE, *(FONTS[short][0] for tag in languages if (short := _short(tag)) in FONTS)]
    return list(dict.fromkeys(wanted))


def render(
    template: str, data: Mapping[str, Any], *, languages: Sequence[str], seconds: int = SECONDS
) -> bytes:
    """The PDF that a template makes of the data.

    ``languages`` are those in which the data is written. Raises ``Refused`` where a font is missing (nothing is ever
    printed as boxes) and where it takes longer than ``seconds``; both say what to do.
    """
    return _compile(template, data, languages, "pdf", seconds)


def picture(
    template: str, data: Mapping[str, Any], *, languages: Sequence[str], seconds: int = SECONDS
) -> bytes:
    """The PNG that a template makes of the data: its one page, a pixel a point. Refused as ``render`` is."""
    return _compile(template, data, languages, "png", seconds)


def _compile(
    template: str, data: Mapping[str, Any], languages: Sequence[str], kind: str, seconds: int
) -> bytes:
    # Control characters print nothing, and some may stand in no tagged PDF.
    order = {"template": template, "data": json.dumps(_printable(data)), "fonts": fonts_for(*languages)} | {
        "kind": kind
    }
    try:
        ran = subprocess.run(
            [sys.executable, "-m", "plenary.kit.pdf"],
            input=json.dumps(order).encode(),
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Refused(
            _(
                "This took longer than %(seconds)s seconds and was stopped. Print fewer copies or statements at once."
            )
            % {"seconds": seconds},
            code="too-slow",
        ) from error
    if ran.returncode == _NO_FONT:
        raise Refused(_no_font(ran.stdout.decode()), code="no-font")
    if ran.returncode == _NO_CHARACTER:
        raise Refused(_no_character(ran.stdout.decode()), code="no-font")
    if ran.returncode:
        raise RuntimeError(f"typst refused the template: {ran.stderr.decode(errors='replace')[-2000:]}")
    return ran.stdout


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return "".join(
            mark
            for mark in value
            if mark == "\n" or (mark != "\ufeff" and unicodedata.category(mark) not in ("Cc", "Cs", "Co"))
        )
    if isinstance(value, Mapping):
        return {name: _printable(each) for name, each in value.items()}
    return [_printable(each) for each in value] if isinstance(value, list | tuple) else value


def _no_font(family: str) -> str:
    package = next(package for known, package in FONTS.values() if known == family)
    return _(
        "The font %(font)s is missing on this server, so nothing was printed. Its operator installs the package "
        "%(package)s (in Debian) and tries again."
    ) % {"font": family, "package": package}


def _no_character(found: str) -> str:
    codes = " ".join(f"U+{ord(mark):04X}" for mark in found[:5])
    return _(
        "No font on this server has the character “%(text)s” (%(codes)s), so nothing was printed. Its operator "
        "installs the packages fonts-noto-core, fonts-noto-extra, fonts-noto-cjk and fonts-noto-color-emoji (in "
        "Debian); or leave out the statement that holds it."
    ) % {"text": found, "codes": codes}


def _short(tag: str) -> str:
    return tag.lower().split("-")[0]


def _work() -> int:
    """One order from standard input; the PDF, or what was missing, to standard output."""
    import typst

    order = json.load(sys.stdin)
    fonts = typst.Fonts()
    here = set(fonts.families())
    for family in order["fonts"]:
        if family not in here:
            sys.stdout.write(family)
            return _NO_FONT
    try:
        made = typst.compile(
            order["template"].encode(),
            format=order["kind"],
            ppi=72,
            font_paths=fonts,
            sys_inputs={"data": order["data"], "fonts": json.dumps(order["fonts"])},
            pdf_standards=["ua-1"] if order["kind"] == "pdf" else [],
        )
    except typst.TypstError as error:
        missing = _MISSING_CHARACTER.search(str(error))
        if missing:
            sys.stdout.write(_ESCAPED.sub(lambda code: chr(int(code[1], 16)), missing[1]))
            return _NO_CHARACTER
        sys.stderr.write(f"{error.message}\n{error.diagnostic}")
        return _REFUSED
    assert isinstance(made, bytes)
    sys.stdout.buffer.write(made)
    return 0


if __name__ == "__main__":
    sys.exit(_work())
