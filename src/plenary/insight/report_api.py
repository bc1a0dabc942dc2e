"""The report of an analysis for programs: sentences, their figures, and where each was read."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest
from django.utils import translation
from ninja import Query
from pydantic import BaseModel, Field

from plenary.kit import access
from plenary.kit.api import DateTime, Output, Reference, Router
from plenary.kit.languages import content_language

from . import queries
from .models import Analysis
from .report_making import as_data, make_report

router = Router(tags=["Results"])


class ReportFilter(BaseModel):
    language: str = Field(
        "", max_length=35, description="One of the six languages of the interface; else the reader's"
    )


class ReportSlot(Output):
    name: str = Field(description="In the pattern; a name with a point is of a part of the sentence")
    text: str = Field(description="As it stands in the sentence")
    value: Any = Field(description="The figure before it is written out")
    is_: str = Field(alias="is", description="`number`, `share`, `interval`, `letter`, `reference` …")
    of: list[str] = Field(
        description="Places whose values are added up, such as `result.statements[id=STM-3].agree`; `result` is the "
        "result of the analysis, `slate` and `comparison` are frozen beside it, `record` is the consultation"
    )
    among: list[str] = Field(description="For a share: places of the whole")
    less: list[str] = Field(description="Places whose values are taken away")


class ReportSentence(Output):
    text: str
    pattern: str = Field(description="The message that translators translate")
    finding: str | None
    certainty: str | None = Field(
        description="`clear`, `probable`, `open`; null where the sentence only counts"
    )
    slots: list[ReportSlot]


class ReportNote(Output):
    text: str
    language: str
    organization: str | None
    written_at: DateTime
    about: str = Field(description="The analysis about which it was written")


class ReportSection(Output):
    name: str
    title: str
    sentences: list[ReportSentence]
    note: ReportNote | None = Field(description="Of the desk, in its own words")


class AnalysisReport(Output):
    analysis: str
    consultation: str
    language: str
    result_sha256: str
    checked: int = Field(description="How many figures were read again in the result")
    sections: list[ReportSection]


@router.get("/analyses/{reference}/report", response=AnalysisReport, operation_id="get_report", by_alias=True)
@access.everyone
def report(request: HttpRequest, reference: Reference, filter: Query[ReportFilter]) -> Any:
    """The report of an analysis

    Every sentence with its figures and the places in the result from which they were read.
    """
    wanted = filter.language.lower()
    known = {code.split("-")[0]: code for code, _name in settings.LANGUAGES}
    language = known.get(wanted.split("-")[0]) or translation.get_language() or "en"
    short = language.split("-")[0]
    found = queries.get_analysis_for(request.user, reference, short if wanted else content_language(request))
    if found is None or found.state != Analysis.State.DONE or found.result is None:
        raise Http404
    with translation.override(language):
        made = make_report(found, request.user, language)
        return {
            "analysis": found.reference,
            "consultation": found.consultation.reference,
            "language": short,
            "result_sha256": found.result.sha256,
            "checked": made.figures,
            "sections": as_data(made),
        }
