"""Reach as people read it: sentences, charts, and the words that are passed on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from plenary.kit.charts import Chart, gap_chart
from plenary.kit.numbers import show_percent

from .attributes import NAMES, attributes_for
from .reach import FEWEST, Cell, Gap, Reach, Table


def number(count: int) -> str:
    return number_format(count, force_grouping=True)


def share(part: float | None) -> str:
    return show_percent(None if part is None else 100 * part)


def points(difference: float) -> str:
    """A difference of two percentages, with its sign."""
    rounded = round(100 * difference)
    sign = "+" if rounded > 0 else "−" if rounded < 0 else "±"
    return f"{sign}{number(abs(rounded))}"


@dataclass(frozen=True)
class Shown:
    """A table on the page: what it says, and its chart with all its figures."""

    table: Table
    words: str
    remarks: list[str]
    chart: Chart | None


def show(table: Table) -> Shown:
    return Shown(table, denominators(table), remarks(table), chart(table) if table.said else None)


def denominators(table: Table) -> str:
    """How many said it, of how many."""
    if table.is_hidden:
        return _(
            "Fewer than %(fewest)s of %(people)s people said it. Their number is not told, to protect them."
        ) % {"fewest": number(FEWEST), "people": number(table.people)}
    if table.name in ("read_in", "origin"):  # nobody was asked: it is known
        return _("Known of %(said)s of %(people)s people.") % {
            "said": number(table.said),
            "people": number(table.people),
        }
    if table.is_empty:
        return _("Nobody said it, of %(people)s people.") % {"people": number(table.people)}
    return ngettext(
        "%(said)s of %(people)s people said it (%(share)s). %(silent)s did not.",
        "%(said)s of %(people)s people said it (%(share)s). %(silent)s did not.",
        table.said,
    ) % {
        "said": number(table.said),
        "people": number(table.people),
        "share": share(table.said_share),
        "silent": number(table.not_said),
    }


def remarks(table: Table) -> list[str]:
    """Who is missing and who is there in larger numbers than wanted, in whole sentences; the rest is open."""
    found = [missing(cell) for cell in table.gaps]
    if table.has_wanted and table.cells and not found:
        found.append(_("Nobody is missing beyond what chance explains."))
    return found


def missing(cell: Cell) -> str:
    if cell.share is None:
        return _("%(who)s: at most %(most)s of those who said it, %(wanted)s wanted.") % {
            "who": cell.label,
            "most": share(cell.at_most / cell.said),
            "wanted": share(cell.wanted),
        }
    return _("%(who)s: %(share)s of those who said it, %(wanted)s wanted.") % {
        "who": cell.label,
        "share": share(cell.share),
        "wanted": share(cell.wanted),
    }


def chart(table: Table) -> Chart:
    wants = table.has_wanted
    columns = [str(table.label), _("People"), _("Of those who said it"), _("Interval of 95 %"), _("Of all")]
    if wants:
        columns += [_("Wanted"), _("Difference in points")]
    rows = []
    for cell in table.cells:
        low, high = cell.interval
        row: list[Any] = [
            cell.label,
            _("hidden") if cell.count is None else number(cell.count),
            _("at most %(share)s") % {"share": share(cell.at_most / cell.said)}
            if cell.share is None
            else share(cell.share),
            _("%(low)s to %(high)s") % {"low": share(low), "high": share(high)},
            share(cell.share_of_all),
        ]
        if wants:
            row += [share(cell.wanted), difference(cell)]
        rows.append(row)
    bars = [
        (
            cell.label,
            None if cell.share is None else 100 * cell.share,
            None if cell.wanted is None else 100 * cell.wanted,
        )
        for cell in table.cells
    ]
    explained = _("The line across a bar is the share wanted.") if wants else ""
    title = _("%(attribute)s: share of those who said it") % {"attribute": table.label}
    if table.name in ("read_in", "origin"):
        title = _("%(attribute)s: share of all") % {"attribute": table.label}
    return gap_chart(bars, title=title, columns=columns, rows=rows, description=explained)


def difference(cell: Cell) -> str:
    found = cell.gap_interval
    if found is None:
        return "–"
    interval = _("%(low)s to %(high)s") % {"low": points(found[0]), "high": points(found[1])}
    if cell.gap is None:
        return interval
    return _("%(points)s (%(interval)s)") % {"points": points(cell.gap), "interval": interval}


def summary(reach: Reach) -> str:
    """The page in two sentences."""
    people = ngettext("%(number)s person takes part.", "%(number)s people take part.", reach.people) % {
        "number": number(reach.people)
    }
    if not reach.answered:
        return people + " " + _("Nobody has said anything about themselves so far.")
    if reach.answered < FEWEST:
        return people + " " + _("So few have said something about themselves that nothing is shown of it.")
    said = ngettext(
        "%(number)s of them has said something about themselves.",
        "%(number)s of them have said something about themselves.",
        reach.answered,
    ) % {"number": number(reach.answered)}
    return f"{people} {said}"


def name_of(attribute: str, value: str, languages: list[str]) -> str:
    """«Age: 15 to 24», for a gap that was stored."""
    for each in attributes_for(NAMES, languages):
        if each.name == attribute:
            return _("%(attribute)s: %(value)s") % {"attribute": each.label, "value": each.label_of(value)}
    return f"{attribute}: {value}"


def name_of_gap(gap: Gap) -> str:
    return _("%(attribute)s: %(value)s") % {"attribute": gap.table.label, "value": gap.cell.label}


def words_to_pass_on(gap: Gap, question: str, address: str) -> str:
    """What an organization can send to people it knows; plain text in the language at hand."""
    return _(
        "We ask: “%(question)s”\n\nToo few of those we heard so far are like the people you know "
        "(%(who)s). It takes a few minutes and needs no account. Please pass it on: %(address)s"
    ) % {"question": question, "who": name_of_gap(gap), "address": address}
