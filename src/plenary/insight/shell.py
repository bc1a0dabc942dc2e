"""What every page of a consultation's results has: the consultation, its latest analysis, and the way between them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from plenary.kit.languages import content_language
from plenary.participation.models import Consultation
from plenary.participation.queries import get_consultation_for, keys_of
from plenary.records.models import Snapshot

from . import queries
from .figures import Overview
from .models import Analysis


@dataclass(frozen=True)
class PageOfResults:
    """A page beside the overview. ``is_there`` looks at the parts that the analysis has."""

    name: str
    """Of its address."""
    label: Any
    is_there: Callable[[Analysis, dict[str, Snapshot]], bool] = lambda analysis, parts: True


# In the order in which somebody reads them.
PAGES: tuple[PageOfResults, ...] = (
    PageOfResults("consultation-results", pgettext_lazy("results", "Overview")),
    PageOfResults("results-report", pgettext_lazy("results", "Report")),
    PageOfResults("results-people", pgettext_lazy("results", "Who said so")),
    PageOfResults(
        "results-map",
        pgettext_lazy("results", "Map"),
        lambda analysis, parts: analysis.picture_id is not None,
    ),
    PageOfResults(
        "results-list", pgettext_lazy("results", "A short list"), lambda analysis, parts: "slate" in parts
    ),
    PageOfResults("results-statements", pgettext_lazy("results", "All statements")),
    PageOfResults(
        "results-themes", pgettext_lazy("results", "Themes"), lambda analysis, parts: "themes" in parts
    ),
    PageOfResults("results-time", pgettext_lazy("results", "Over time")),
    PageOfResults("results-compare", pgettext_lazy("results", "Compare")),
    PageOfResults("results-data", pgettext_lazy("results", "Open data")),
)


@dataclass(frozen=True)
class Result:
    """The latest result of a consultation, opened for a reader."""

    consultation: Consultation
    analysis: Analysis
    reader: Any
    """For whom it is read: whoever was let in by a key reads all that is published of it."""
    language: str

    @property
    def overview(self) -> Overview:
        return Overview.read(self.analysis.summary)

    def part(self, name: str) -> dict[str, Any]:
        """A section of the result; there is no page of one that was not made."""
        found = queries.get_part(self.analysis, name)
        if found is None:
            raise Http404
        return found

    def context(self, title: Any, current: str) -> dict[str, Any]:
        """What the templates of all pages of results need. ``current`` is the name of the page's address."""
        reference = self.consultation.reference
        return {
            "consultation": self.consultation,
            "analysis": self.analysis,
            "overview": self.overview,
            "pages": pages_of(self.consultation, self.analysis, current),
            "trail": [
                (_("Results"), reverse("results")),
                (
                    str(self.consultation.said["title"]),
                    reverse("consultation-results", args=[reference]),
                ),
                (title, ""),
            ],
        }


def open_result(request: HttpRequest, reference: str) -> Result:
    """The latest result of a consultation that the reader may see, else there is no such page."""
    consultation = find_consultation(request, reference)
    reader = reader_of(request, consultation)
    analysis = queries.get_latest_analysis(reader, consultation)
    if analysis is None:
        raise Http404
    return Result(consultation, analysis, reader, content_language(request))


def find_consultation(request: HttpRequest, reference: str) -> Consultation:
    found = get_consultation_for(request.user, reference, content_language(request), keys_of(request))
    if found is None:
        raise Http404
    return found


def reader_of(request: HttpRequest, consultation: Consultation) -> Any:
    """For whom its results are read: whoever was let in by a key reads all that is published of it."""
    return request.user if getattr(consultation, "by_role", True) else None


def pages_of(consultation: Consultation, analysis: Analysis, current: str) -> list[dict[str, Any]]:
    """The pages of a result with their addresses, for ``insight/_pages.html``. One query."""
    parts = queries.list_parts(analysis)
    return [
        {
            "label": page.label,
            "url": reverse(page.name, args=[consultation.reference]),
            "is_current": page.name == current,
        }
        for page in PAGES
        if page.is_there(analysis, parts)
    ]
