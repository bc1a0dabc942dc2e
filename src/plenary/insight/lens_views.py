"""Who said so: results by what people said about themselves, and raw beside weighted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from plenary.kit import access
from plenary.records.texts import with_texts

from . import lens_words as words
from . import queries
from .figures import count_people, number, percent
from .lens import SHOWN_KINDS
from .models import Analysis, Finding
from .shell import Result, open_result
from .weighing_words import Weighed, weighed

if TYPE_CHECKING:
    from plenary.participation.models import Statement


@access.everyone
@require_safe
def people(request: HttpRequest, reference: str) -> HttpResponse:
    found = open_result(request, reference)
    part = queries.get_part(found.analysis, "lens")
    labels = words.Labels(found.consultation)
    context = found.context(_("Who said so"), "results-people") | {
        "part": part,
        "lede": words.lede(part) if part else "",
        "nothing": words.why_nothing(part),
        "not_told": words.not_told(part, labels) if part else [],
    }
    if part and part["state"] == "told":
        context |= _told(request, found, part, labels)
    return render(request, "insight/people.html", context)


def _told(
    request: HttpRequest, found: Result, part: Mapping[str, Any], labels: words.Labels
) -> dict[str, Any]:
    names = labels.names_in_order([one["name"] for one in part["attributes"]])
    by = request.GET.get("by", "")
    now = by if by in names else next(iter(names), "")
    weights = queries.get_part(found.analysis, "weights")
    statements = _statements_of(found, [row for one in part["attributes"] for row in one["findings"]])
    same_votes = part["input_sha256"] == found.analysis.input_sha256
    tab = words.tab_of(
        part,
        now,
        labels,
        same_votes=same_votes,
        statements=statements,
        findings=queries.map_findings(found.analysis, found.reader, SHOWN_KINDS),
    )
    return {
        "tabs": [(name, labels.attribute(name)) for name in names],
        "by": now,
        "tab": tab,
        "told_on": "" if same_votes else words.day_of(part["on"]),
        "told_of": count_people(part["people"]),
        "rate": percent(part["false_discovery_rate"]),
        "tests": number(part["tests"]),
        "weighed": weighed(weights, labels) if weights else None,
    }


def weighed_of(found: Result) -> Weighed:
    """The findings raw and weighted, as they are compared within one result."""
    part = found.part("weights")
    return weighed(part, words.Labels(found.consultation), _statements_of(found, part.get("statements", ())))


def by_language(part: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Of a lens, the language in which people read; None where nothing is told by it."""
    told = (part or {}).get("attributes", ())
    return next(
        (one for one in told if one["name"] == words.READ_IN and one["shown"] and one["findings"]), None
    )


def languages_of(found: Result) -> list[words.Seen]:
    """The findings by the language in which people read, those first in which a language differs."""
    part = found.part("lens")
    one = by_language(part)
    if one is None:
        return []
    labels, statements = words.Labels(found.consultation), _statements_of(found, one["findings"])
    findings = queries.map_findings(found.analysis, found.reader, SHOWN_KINDS)
    seen = [
        words.see(
            part,
            one,
            row,
            labels,
            statements.get(row["statement"]),
            findings.get((row["kind"], row["statement"])),
        )
        for row in one["findings"]
    ]
    return sorted(seen, key=lambda each: not any(cell.differs for cell in each.cells))


def _statements_of(found: Result, rows: Iterable[Mapping[str, Any]]) -> dict[str, Statement]:
    statements = queries.map_visible_statements(
        found.analysis, found.reader, {row["statement"] for row in rows}
    )
    with_texts(list(statements.values()), found.language, title="record.title_id")
    return statements


def breakdowns_of(finding: Finding, analysis: Analysis) -> list[words.Seen]:
    """Every attribute's table of the statements of a finding that are looked at by who cast the votes."""
    part = queries.get_part(analysis, "lens")
    if part is None or part["state"] != "told":
        return []
    labels = words.Labels(analysis.consultation)
    points: list[Any] = finding.points  # type: ignore[attr-defined]  # as queries dress it
    statements = {point.statement.reference: point.statement for point in points if point.statement}
    return [
        words.see(part, one, row, labels, statements[row["statement"]], None)
        for name in labels.names_in_order([one["name"] for one in part["attributes"]])
        for one in part["attributes"]
        if one["name"] == name
        for row in one["findings"]
        if row["statement"] in statements
    ]


def teaser_of(analysis: Analysis) -> list[str] | None:
    """Whether what people share holds among everybody, by each attribute, for the overview; None if it is not told."""
    part = queries.get_part(analysis, "lens")
    if part is None or part["state"] != "told":
        return None
    labels = words.Labels(analysis.consultation)
    by_name = {one["name"]: one for one in part["attributes"]}
    return words.teaser([by_name[name] for name in labels.names_in_order(list(by_name))], labels)
