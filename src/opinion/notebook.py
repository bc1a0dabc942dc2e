"""A result as a notebook shows it: what was found, the map, the findings."""

from __future__ import annotations

from typing import Any

from .picture import MARKS, text
from .report import describe_section, english_map, summary_in_sentences
from .result import GROUP_LETTERS, Finding, Result

__all__ = ["as_html"]

ROWS = 5  # of each kind
# A notebook may be dark while its pages are not asked about it: the picture brings its paper along.
CARD = "background:#fff;color:#1b1f24;padding:12px 16px;max-width:46rem"


def as_html(result: Result) -> str:
    """Summary, opinion map and the strongest findings of each kind as an HTML fragment.

    Parameters
    ----------
    result : Result

    Returns
    -------
    str
        Without scripts; every text is escaped. Statements stand by their ids, for a result holds no texts.
    """
    sentences = "".join(f"<p>{text(sentence)}</p>" for sentence in summary_in_sentences(result))
    picture = (
        english_map(result, prefix=f"map-{result.input_sha256[:8]}-{result.mode}") if result.votes else ""
    )
    told = "".join(
        f"<p>{text(line)}</p>" for section in result.sections.values() for line in describe_section(section)
    )
    return f'<div class="opinion-result" style="{CARD}">{sentences}{picture}{_findings(result)}{told}</div>'


def _findings(result: Result) -> str:
    kinds = dict.fromkeys(finding.kind for finding in result.findings)
    rows = [_row(finding) for kind in kinds for finding in result.findings_of(kind)[:ROWS]]
    if not rows:
        return "<p>No findings that are certain yet.</p>"
    head = "".join(f"<th scope='col'>{name}</th>" for name in ("Finding", "Statement", "Figures"))
    more = [f"{total - ROWS} more of {kind}" for kind, total in result.totals.items() if total > ROWS]
    rest = f"<p>There are {text(', '.join(more))}.</p>" if more else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>{rest}"


def _row(finding: Finding) -> str:
    about = ", ".join(finding.statements[:6]) + (" …" if len(finding.statements) > 6 else "")
    return f"<tr><th scope='row'>{text(finding.kind)}</th><td>{text(about)}</td><td>{text(_figures(finding))}</td></tr>"


def _figures(finding: Finding) -> str:
    """Rates with intervals, of everyone or of the groups that the finding is about."""
    figures = finding.figures
    if finding.kind == "position":
        g = finding.groups[0]
        return f"marks group {MARKS[g]} {GROUP_LETTERS[g]}"
    if finding.kind == "division":
        rates: Any = figures["per_group"]
        return " against ".join(f"{GROUP_LETTERS[g]} {_rate(rates[g])} agree" for g in finding.groups)
    side = figures.get("side", "agree")
    return f"{_rate(figures['everyone'])} {side}" if "everyone" in figures else ""


def _rate(figures: Any) -> str:
    if figures["rate"] is None:
        return "–"
    return f"{100 * figures['rate']:.0f} % [{100 * figures['low']:.0f}–{100 * figures['high']:.0f}]"
