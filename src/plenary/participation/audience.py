"""The audience wanted, as people write it down: ``age: 15-24 = 30 %`` a line, or a table pasted from a spreadsheet.

It is kept as ``Consultation.margins``: attribute → value → share, shares from 0 to 1, each attribute's adding up to 1
within half a percent. Values that are not named are not wanted: 0.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from plenary.kit.errors import BadInput, Problem
from plenary.kit.numbers import join_words, read_number, type_number

from .attributes import NAMES, Attribute, attributes_for

Margins = dict[str, dict[str, float]]

TOLERANCE = Decimal("0.5")
"""By how much the percentages of an attribute may miss 100: they are mostly rounded."""
HEADER = ("attribute", "value", "share")
_LINE = re.compile(r"(?P<attribute>[^:：=]*)[:：](?P<value>[^=＝]*)[=＝](?P<share>.*)")


def margins_from_text(text: str, languages: Sequence[str] = ()) -> Margins:
    """The audience wanted from lines such as ``age: 15-24 = 30 %``, or from rows of attribute, value and percentage.

    Keys and labels both name an attribute or a value. Empty text is no audience. Raises ``BadInput`` with every bad
    line, so that nothing is kept of a table that is wrong somewhere.
    """
    attributes = attributes_for(NAMES, languages)
    problems: list[Problem] = []
    wanted: dict[str, dict[str, Decimal]] = {}
    for line, cells in _rows(text):
        try:
            name, key, percent = _read(cells, attributes)
            if key in wanted.get(name, {}):
                raise ValueError(_("“%(value)s” stands here for the second time.") % {"value": cells[1]})
            wanted.setdefault(name, {})[key] = percent
        except ValueError as error:
            problems.append(Problem(str(error), line=line))
    if not problems:
        problems = [problem for name, own in wanted.items() if (problem := _sum_problem(name, own))]
    if problems:
        raise BadInput(problems)
    return {
        name: {key: float(percent / sum(own.values())) for key, percent in own.items()}
        for name, own in wanted.items()
    }


def margins_to_text(margins: Mapping[str, Mapping[str, float]]) -> str:
    """The lines that ``margins_from_text`` reads back, for a form."""
    return "\n".join(
        f"{name}: {key} = {type_number(Decimal(str(round(100 * share, 2))))} %"
        for name, own in margins.items()
        for key, share in own.items()
    )


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Number and cells of each line: three, however they were separated."""
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        match = _LINE.fullmatch(line.strip())
        if match is not None:
            cells = [part.strip() for part in match.groups()]
        else:
            separator = next((mark for mark in "\t;," if mark in line), ",")
            cells = [cell.strip() for cell in next(csv.reader([line], delimiter=separator))]
        if number == 1 and tuple(cell.casefold() for cell in cells) == HEADER:
            continue
        yield number, cells


def _read(cells: Sequence[str], attributes: Sequence[Attribute]) -> tuple[str, str, Decimal]:
    if len(cells) != 3:
        raise ValueError(
            _("This is not an attribute, a value and a share. Write it like “%(example)s”.")
            % {"example": "age: 15-24 = 30 %"}
        )
    attribute = next(
        (each for each in attributes if _same(cells[0], each.name) or _same(cells[0], str(each.label))), None
    )
    if attribute is None:
        raise ValueError(
            _("“%(name)s” is no attribute that is asked for. There are: %(known)s.")
            % {"name": cells[0], "known": join_words(NAMES)}
        )
    value = next(
        (each for each in attribute.values if _same(cells[1], each.key) or _same(cells[1], str(each.label))),
        None,
    )
    if value is None:
        raise ValueError(
            _("“%(value)s” is no value of %(name)s. There are: %(known)s.")
            % {"value": cells[1], "name": attribute.name, "known": join_words(attribute.keys)}
        )
    return attribute.name, value.key, _percent(cells[2])


def _same(typed: str, known: str) -> bool:
    return typed.strip().replace("–", "-").casefold() == known.casefold()


def _percent(typed: str) -> Decimal:
    bare = typed.replace("%", "").replace("٪", "").strip()
    if not bare:
        raise ValueError(_("The share is missing. Write it in percent, such as 30."))
    percent = read_number(bare)
    if percent < 0:
        raise ValueError(_("A share cannot be less than 0 %%: “%(typed)s”.") % {"typed": typed.strip()})
    if percent > 100:
        raise ValueError(_("A share cannot be more than 100 %%: “%(typed)s”.") % {"typed": typed.strip()})
    return percent


def _sum_problem(name: str, own: Mapping[str, Decimal]) -> Problem | None:
    total = sum(own.values(), Decimal(0))
    if abs(total - 100) <= TOLERANCE:
        return None
    return Problem(
        _("The shares of %(name)s add up to %(total)s %%. They must make 100 %%.")
        % {"name": name, "total": type_number(total)}
    )
