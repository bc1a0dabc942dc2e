"""Numbers as people type them in six languages, and as they are shown to them."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

# Signs that stand for others: minus signs, the Arabic separators, full-width forms.
_SIGNS = str.maketrans(
    {"−": "-", "－": "-", "‐": "-", "–": "-", "＋": "+", "٫": ",", "،": ",", "，": ",", "．": "."}
)
# Between groups of three, besides comma and point: spaces of all widths, the Arabic mark, both apostrophes.
_BETWEEN = re.compile(r"(?<=\d)[\s٬'’](?=\d{3}(\D|$))")
# Marks without width that keyboards put around numbers in right-to-left text.
_INVISIBLE = re.compile("[\u200e\u200f\u061c\u2066-\u2069]")
_PLAIN = re.compile(r"[+-]?\d+([.,]\d+)?")
_GROUPED = (
    re.compile(r"[+-]?\d{1,3}(,\d{2,3})*,\d{3}(\.\d+)?"),  # 1,234,567.8 and 12,34,567
    re.compile(r"[+-]?\d{1,3}(\.\d{3})+(,\d+)?"),  # 1.234.567,8
)
_AMBIGUOUS = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")


def read_number(typed: str) -> Decimal:
    """The number that a person typed, in any script's digits, with a decimal point or comma.

    Raises ``ValueError`` with a sentence for people. ``6,140`` is six thousand in one country and six in another:
    a guess could be wrong by a thousand, so it is asked back.
    """
    text = _INVISIBLE.sub("", typed).strip().translate(_SIGNS)
    text = "".join(str(unicodedata.digit(sign)) if sign.isdecimal() else sign for sign in text)
    text, spaces = _BETWEEN.subn("", text)
    if _AMBIGUOUS.fullmatch(text) and not spaces and "٫" not in typed:
        whole = re.sub("[.,]", "", text)
        raise ValueError(
            _("“%(typed)s” can be read in two ways. Write %(large)s or %(small)s.")
            % {"typed": typed.strip(), "large": whole, "small": f"{text.replace(',', '.')}0"}
        )
    if _PLAIN.fullmatch(text):
        return Decimal(text.replace(",", "."))
    if _GROUPED[0].fullmatch(text):
        return Decimal(text.replace(",", ""))
    if _GROUPED[1].fullmatch(text):
        return Decimal(text.replace(".", "").replace(",", "."))
    raise ValueError(
        _("“%(typed)s” is not a number. Write digits only, such as 1234.5.") % {"typed": typed.strip()[:40]}
    )


def show_number(value: Decimal | None) -> str:
    """A number for reading, in the interface's language, without idle zeros."""
    if value is None:
        return ""
    return number_format(_lean(value), use_l10n=True, force_grouping=True)


def nearest(value: float) -> int:
    """The nearest whole number; of two that are as near the one further from zero, as people round by hand."""
    return int(math.copysign(math.floor(abs(value) + 0.5 + 1e-9), value))


def show_percent(percent: float | None) -> str:
    """``83 %`` as the interface's language writes it; a dash where there is nothing to take a share of."""
    if percent is None:
        return "–"
    return _("%(number)s %%") % {
        "number": number_format(nearest(percent), use_l10n=True, force_grouping=True)
    }


def join_words(words: Iterable[object]) -> str:
    """Entries of a list in one line, with the comma of the interface's language between them."""
    return pgettext("between the entries of a list", ", ").join(str(word) for word in words)


def type_number(value: Decimal | None) -> str:
    """A number for a form field, so that ``read_number`` gives the same back."""
    if value is None:
        return ""
    text = format(_lean(value), "f")
    return f"{text}0" if _AMBIGUOUS.fullmatch(text) else text


def _lean(value: Decimal) -> Decimal:
    lean = value.normalize()
    return lean.quantize(Decimal(1)) if lean == lean.to_integral_value() else lean
