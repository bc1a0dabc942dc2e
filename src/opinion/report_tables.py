"""Sections of a result as lists and tables of the HTML report."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from .lens_section import AttributeLens, Contrast, Lens, label_of
from .phrases import percent
from .picture import text
from .result import Result
from .weights import WeightedStatement, Weights

__all__ = ["lines_as_html", "section_tables"]

NUMBERED = re.compile(r"\d+\. ")
THEME = re.compile(r"Theme \d+, ")
MOST = 20  # rows of a table

Say = Callable[[str], str]


def lines_as_html(lines: list[str]) -> str:
    """Sentences as paragraphs; numbered ones and themes as a list, with the indented lines that belong to each."""
    out: list[str] = []
    items: list[str] = []
    kind = "ol"
    for line in [*lines, ""]:
        number = NUMBERED.match(line)
        if number or THEME.match(line):
            items.append(text(line[number.end() :] if number else line))
            kind = "ol" if number else "ul"
            continue
        if items and line.startswith("  "):
            items[-1] += f"<br>{text(line.strip())}"
            continue
        if items:
            out.append(f"<{kind}>{''.join(f'<li>{item}</li>' for item in items)}</{kind}>")
            items = []
        if line:
            out.append(f"<p>{text(line)}</p>")
    return "".join(out)


def section_tables(section: Any, result: Result, say: Say) -> str:
    """The tables of a section, empty for one that has none.

    Parameters
    ----------
    section : object
        As it stands in `Result.sections`.
    result : Result
    say : callable
        The HTML of a statement by its id.

    Returns
    -------
    str
    """
    if isinstance(section, Lens):
        return "".join(_attribute(one, say) for one in section.attributes if one.shown and one.findings)
    if isinstance(section, Weights):
        return _weights(section, result, say)
    return ""


def _attribute(one: AttributeLens, say: Say) -> str:
    """Statement by attribute group, for the statements and sides of which findings speak."""
    rows: dict[tuple[str, str], tuple[Contrast, ...]] = {}
    for finding in one.findings:
        rows.setdefault((finding.statement, finding.side), finding.categories)
    counts = {statement.id: statement.categories for statement in one.statements}
    head = "".join(
        f"<th>{text(label_of(category))}<br>{category.people:,}</th>" for category in one.categories
    )
    body = []
    for (statement, side), contrasts in list(rows.items())[:MOST]:
        cells = "".join(
            f"<td>{_cell(contrast, counts[statement][contrast.category].voters)}</td>"
            for contrast in contrasts
        )
        body.append(f"<tr><td>{say(statement)}<br><span class='note'>{text(side)}</span></td>{cells}</tr>")
    more = f"<p class='note'>There are {len(rows) - MOST:,} more rows.</p>" if len(rows) > MOST else ""
    return (
        f"<h3>By {text(one.name)}</h3><div class='wide'><table class='rates'><thead><tr><th>Statement and side</th>"
        f"{head}</tr></thead><tbody>{''.join(body)}</tbody></table></div>{more}"
        "<p class='note'>Share of the group’s voters who take the side, their number, 95 % interval. ≠ differs from "
        "all others after adjustment; of two groups the mark stands at the first.</p>"
    )


def _cell(contrast: Contrast, voters: int | None) -> str:
    if contrast.rate is None or contrast.low is None or contrast.high is None:
        return "<span class='note'>hidden</span>" if voters != 0 else "<span class='note'>nobody</span>"
    mark = " ≠" if contrast.differs else ""
    return (
        f"<strong>{percent(contrast.rate)}{mark}</strong><br><span class='note'>of {voters:,}<br>"
        f"[{100 * contrast.low:.0f}–{100 * contrast.high:.0f}]</span>"
    )


def _weights(section: Weights, result: Result, say: Say) -> str:
    """Raw and weighted rates of agree, of the statements of findings."""
    named = {statement for finding in result.findings for statement in finding.statements}
    rows = [one for one in section.statements if one.id in named and one.voters]
    if not rows:
        return ""
    rows.sort(key=lambda one: (one.weighted is None, -_shift(one)))
    body = "".join(_weighted_row(one, say) for one in rows[:MOST])
    more = f"<p class='note'>There are {len(rows) - MOST:,} more rows.</p>" if len(rows) > MOST else ""
    return (
        "<div class='wide'><table class='rates'><thead><tr><th>Statement</th><th class='n'>Agree, raw</th>"
        "<th class='n'>Voters</th><th class='n'>Agree, weighted</th><th class='n'>Effective</th></tr></thead>"
        f"<tbody>{body}</tbody></table></div>{more}<p class='note'>Statements of findings, those that weighting moves "
        "most first. The intervals of weighted rates rest on the effective number of voters.</p>"
    )


def _shift(one: WeightedStatement) -> float:
    return 0.0 if one.weighted is None else abs(one.weighted["agree"].rate - one.raw["agree"].rate)


def _weighted_row(one: WeightedStatement, say: Say) -> str:
    raw, own = one.raw["agree"], None if one.weighted is None else one.weighted["agree"]
    if own is None or one.effective_voters is None:
        weighted, effective = "<span class='note'>withheld</span>", "–"
    else:
        weighted = f"{percent(own.rate)}<br>[{100 * own.low:.0f}–{100 * own.high:.0f}]"
        effective = f"{one.effective_voters:,.0f}"
    plain = f"{percent(raw.rate)}<br>[{100 * raw.low:.0f}–{100 * raw.high:.0f}]"
    return (
        f"<tr><td>{say(one.id)}</td><td class='n'>{plain}</td>"
        f"<td class='n'>{one.voters:,}</td><td class='n'>{weighted}</td><td class='n'>{effective}</td></tr>"
    )
