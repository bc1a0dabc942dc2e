"""Two results beside each other, and one result read in two ways."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from plenary.kit import access
from plenary.kit.languages import content_language

from . import queries, side_by_side
from .lens_views import by_language, languages_of, weighed_of
from .models import Analysis
from .shell import Result, open_result
from .side_by_side import Choice, Readers

FLAGGED, WEIGHTS, LANGUAGES = "flagged", "weights", "languages"


@access.everyone
@require_safe
def compare(request: HttpRequest, reference: str) -> HttpResponse:
    """The latest result beside another one, or read in another way; what to compare is in the address."""
    found = open_result(request, reference)
    ways = _ways(found)
    readers = Readers(request.user, found.consultation.pk, found.reader)
    choices = side_by_side.list_choices(found.analysis, readers, found.language, list(ways.values()))
    given = request.GET.get("with", "").strip()
    is_untold = given in (FLAGGED, WEIGHTS, LANGUAGES) and given not in ways
    given = "" if is_untold else given
    chosen = given or next(iter(choices.values), "")
    other = None
    if chosen and chosen not in ways:
        other = _done(request, found, chosen.upper())
    context = found.context(_("Compare"), "results-compare")
    context |= {
        "choices": choices.groups,
        "chosen": chosen,
        "is_untold": is_untold,
        "cycles": side_by_side.list_cycles_of(found.consultation, request.user, found.language),
        "is_same": other is not None and other.pk == found.analysis.pk,
    }
    if other is not None and not context["is_same"]:
        # The consultation that came first stands first.
        pair = sorted((other, found.analysis), key=_since)
        context |= _shown(request, pair[0], pair[1], readers, found.language)
    elif chosen in ways:
        context |= _way(found, chosen)
    return render(request, "insight/compare.html", context)


@access.everyone
@require_safe
def compare_two(request: HttpRequest) -> HttpResponse:
    """Any two results, by the references of their analyses."""
    language = content_language(request)
    given = {name: request.GET.get(name, "").strip().upper() for name in ("a", "b")}
    found = {
        name: queries.get_analysis_for(request.user, reference, language) if reference else None
        for name, reference in given.items()
    }
    missing = [
        given[name] for name, each in found.items() if given[name] and (each is None or each.result is None)
    ]
    context: dict[str, Any] = {
        "given": given,
        "missing": missing,
        "is_same": given["a"] == given["b"] != "",
        "trail": [(_("Results"), reverse("results")), (_("Compare"), "")],
    }
    one, other = found["a"], found["b"]
    if one is not None and other is not None and not missing and not context["is_same"]:
        context |= _shown(request, one, other, Readers(request.user), language)
    return render(request, "insight/compare_two.html", context, status=404 if missing else 200)


def _shown(
    request: HttpRequest, one: Analysis, other: Analysis, readers: Readers, language: str
) -> dict[str, Any]:
    pair = side_by_side.compare(one, other, readers)
    return {"shown": side_by_side.show(pair, readers, language, request.GET.get("page", "1"))}


def _done(request: HttpRequest, found: Result, reference: str) -> Analysis:
    """Another analysis of the same consultation, or one of those that the person may see anyway."""
    other = queries.list_done_of(found.consultation, found.reader).filter(record__reference=reference).first()
    other = other or queries.get_analysis_for(request.user, reference, found.language)
    if other is None or other.result is None:
        raise Http404
    return other


def _since(analysis: Analysis) -> tuple[Any, int]:
    return analysis.consultation.opens_at, analysis.record.number


def _ways(found: Result) -> Mapping[str, Choice]:
    """In which ways this one result can be read: only those that were made."""
    parts = queries.list_parts(found.analysis)
    ways = []
    if queries.get_comparison(found.analysis) is not None:
        ways.append(Choice(FLAGGED, _("With and without flagged participants")))
    if "weights" in parts:
        ways.append(Choice(WEIGHTS, _("Raw and weighted to the audience wanted")))
    if "lens" in parts and by_language(queries.get_part(found.analysis, "lens")):
        ways.append(Choice(LANGUAGES, _("By the language in which people read")))
    return {way.value: way for way in ways}


def _way(found: Result, way: str) -> dict[str, Any]:
    if way == FLAGGED:
        return {"comparison": queries.show_comparison(found.analysis, found.reader, found.language)}
    if way == WEIGHTS:
        return {"weighed": weighed_of(found)}
    return {"languages": languages_of(found)}
