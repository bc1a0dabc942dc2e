"""Results for readers, the machinery of analyses for the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers, patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from plenary.kit import access
from plenary.kit.filters import Choice, Filters, Search
from plenary.kit.languages import content_language
from plenary.participation.queries import count_maybe_about_people, count_waiting_flags, with_numbers
from plenary.people.models import User

from . import actions, queries, rules
from . import short_list as short_lists
from .drawing import draw_map, draw_seen, own_place, pins_of
from .figures import Overview
from .lens_views import breakdowns_of, teaser_of
from .models import Analysis
from .shell import find_consultation, open_result, pages_of, reader_of

if TYPE_CHECKING:
    from opinion.picture import Atlas

    from .mapping import OwnPlace

SHOWN = 5  # findings of a kind on the results page; the analysis lists them all

# The orders of the table of statements; see queries.ORDERS.
ORDERS = (
    ("agree", gettext_lazy("most agreement first")),
    ("disagree", gettext_lazy("most disagreement first")),
    ("pass", gettext_lazy("most passed first")),
    ("votes", gettext_lazy("most votes first")),
)


@access.everyone
@require_safe
def results_index(request: HttpRequest) -> HttpResponse:
    found = queries.list_results_for(request.user, content_language(request))
    rows = [(analysis, Overview.read(analysis.summary)) for analysis in found]
    return render(request, "insight/results_index.html", {"rows": rows})


@access.everyone
@require_safe
def results(request: HttpRequest, reference: str) -> HttpResponse:
    consultation = find_consultation(request, reference)
    reader = reader_of(request, consultation)
    analysis = queries.get_latest_analysis(reader, consultation)
    may_analyse = rules.may_analyse(request.user) and queries.may_be_analysed(consultation)
    attempt = queries.get_newest_attempt(consultation) if may_analyse else None
    context: dict[str, Any] = {
        "consultation": consultation,
        "analysis": analysis,
        "attempt": attempt if attempt and attempt.state != Analysis.State.DONE else None,
        "may_analyse": may_analyse,
        "maybe_about_people": count_maybe_about_people(consultation) if may_analyse else 0,
        "is_open": consultation.is_open(timezone.now()),
        "trail": [(_("Results"), reverse("results")), (str(consultation.said["title"]), "")],
    }
    if analysis is None:
        with_numbers([consultation])
        return render(request, "insight/no_results.html", context)
    atlas = queries.get_atlas(analysis)
    own = own_place(request, consultation, analysis, atlas)
    context |= _shown(request, analysis, reader, atlas, own) | {
        "pages": pages_of(consultation, analysis, "consultation-results"),
        "own": own,
        "waiting_flags": count_waiting_flags(consultation),
    }
    comparison = queries.show_comparison(analysis, reader, content_language(request))
    without = request.GET.get("without", "") if comparison else ""
    context |= {"comparison": comparison, "without": "flagged" if without == "flagged" else ""}
    response = render(request, "insight/results.html", context)
    if own is not None:
        add_never_cache_headers(response)
    return response


def _shown(
    request: HttpRequest, analysis: Analysis, reader: Any, atlas: Atlas | None, own: OwnPlace | None
) -> dict[str, Any]:
    overview = Overview.read(analysis.summary)
    findings, counts = queries.list_strongest_findings(analysis, reader, content_language(request), SHOWN)
    holds = teaser_of(analysis)
    return {
        "overview": overview,
        "findings": findings,
        "more": {kind: max(count - SHOWN, 0) for kind, count in counts.items()},
        "holds": holds,
        "has_lens": holds is not None,
        "map": draw_seen(atlas, overview, pins=pins_of(own))
        if atlas is not None
        else draw_map(analysis, overview),
        "settings": analysis.parameters.get("settings", {}),
    }


@access.everyone
@require_safe
def statements(request: HttpRequest, reference: str) -> HttpResponse:
    """Every statement with its figures: the table behind the results page."""
    found = open_result(request, reference)
    filters = Filters(
        request.GET,
        Search(_("Words of the statement")),
        Choice("order", _("Order"), [("", _("by number")), *ORDERS]),
    )
    rows, page = queries.list_rows(
        found.analysis,
        found.reader,
        found.language,
        request.GET.get("page", "1"),
        words=filters["q"],
        order=filters["order"],
    )
    context = found.context(_("All statements"), "results-statements")
    context |= {"filters": filters, "rows": rows, "page": page}
    return render(request, "insight/statements.html", context)


@access.everyone
@require_safe
def short_list(request: HttpRequest, reference: str) -> HttpResponse:
    """A few statements that represent everybody in proportion, and whom they leave out."""
    found = open_result(request, reference)
    part = found.part("slate")
    rows = queries.map_rows(found.analysis, found.reader, found.language, short_lists.references(part))
    context = found.context(_("A short list"), "results-list") | {"list": short_lists.read(part, rows)}
    return render(request, "insight/short_list.html", context)


@access.ruled("insight.rules.may_analyse")
@require_POST
def start(request: HttpRequest, reference: str) -> HttpResponse:
    consultation = find_consultation(request, reference)
    assert isinstance(request.user, User)
    analysis = actions.start_analysis(consultation=consultation, by=request.user, now=timezone.now())
    return redirect("analysis", reference=analysis.reference)


@access.everyone
@require_safe
def analysis(request: HttpRequest, reference: str) -> HttpResponse:
    """One analysis: its method and all its findings, or how far it is."""
    found = _analysis(request, reference)
    context: dict[str, Any] = {
        "analysis": found,
        "may_analyse": rules.may_analyse(request.user),
        "trail": [
            (_("Results"), reverse("results")),
            (
                str(found.said["consultation"]),
                reverse("consultation-results", args=[found.consultation.reference]),
            ),
            (found.reference, ""),
        ],
    }
    if getattr(request, "htmx", False):
        return render(request, "insight/_state.html", context)
    if found.state == Analysis.State.DONE:
        context["overview"] = Overview.read(found.summary)
        context["findings"] = queries.list_findings_of(found, request.user, content_language(request))
    return render(request, "insight/analysis.html", context)


@access.everyone
@require_safe
def result_json(request: HttpRequest, reference: str) -> HttpResponse:
    """The exact bytes whose hash is published."""
    found = _analysis(request, reference)
    if found.result is None:
        raise Http404
    return HttpResponse(queries.get_content(found.result), content_type=found.result.media_type)


@access.everyone
@require_safe
def map_svg(request: HttpRequest, reference: str) -> HttpResponse:
    """The map of opinions in the reader's language, as a file of its own."""
    found = _analysis(request, reference)
    picture = draw_map(found, Overview.read(found.summary))
    if not picture:
        raise Http404
    response = HttpResponse(picture, content_type="image/svg+xml; charset=utf-8")
    patch_vary_headers(response, ["Accept-Language", "Cookie"])
    return response


@access.everyone
@require_safe
def finding(request: HttpRequest, reference: str) -> HttpResponse:
    found = queries.get_finding_for(request.user, reference, content_language(request))
    if found is None:
        raise Http404
    latest = queries.get_latest_analysis(request.user, found.analysis.consultation)
    consultation = found.analysis.consultation.reference
    may_cite = rules.may_cite(request.user)
    language = content_language(request)
    context = {
        "finding": found,
        "counters": queries.list_counters(request.user, found, language) if may_cite else [],
        "citing": queries.list_citing_changes(request.user, found, language),
        "breakdowns": breakdowns_of(found, found.analysis),
        "newer": latest if latest and latest.pk != found.analysis_id else None,
        "may_cite": may_cite,
        "trail": [
            (_("Results"), reverse("results")),
            (
                str(found.said["consultation"]),
                reverse("consultation-results", args=[consultation]),
            ),
            (found.reference, ""),
        ],
    }
    return render(request, "insight/finding.html", context)


def _analysis(request: HttpRequest, reference: str) -> Analysis:
    found = queries.get_analysis_for(request.user, reference, content_language(request))
    if found is None:
        raise Http404
    return found
