"""Further sections of a result, for programs: the map, the short list, themes, results over time."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from pydantic import Field

from plenary.kit import access
from plenary.kit.api import DateTime, Output, Reference, Router
from plenary.kit.languages import content_language

from . import queries
from .mapping import MAP
from .over_time import series_as_data
from .shell import open_result

router = Router(tags=["Results"])


class OpinionMap(Output):
    k: int = Field(description="Groups; 0 and 1 mean that there are no distinct ones")
    width: int = Field(description="Of the whole map, in user units")
    height: int
    unit: float = Field(description="User units for 1 on the axes of the result")
    middle: list[float] = Field(description="The place on the axes that is the middle of the map")
    cell: float = Field(description="Width of the cells in user units; 0 where everybody stands alone")
    cells: dict[str, list[int]] = Field(
        description="Columns `group` (−1 for none), `unsure` (1 where the group is uncertain), `x`, `y` (mean place in "
        "tenths of user units) and `people`"
    )
    cores: list[list[list[float]]] = Field(
        description="By group the area of its three quarters nearest to the middle"
    )
    middles: list[list[float]] = Field(description="By group the median place")


@router.get("/analyses/{reference}/map", response=OpinionMap, operation_id="get_map_of_analysis")
@access.everyone
def opinion_map(request: HttpRequest, reference: Reference) -> Any:
    """The map of opinions

    Of an analysis in which enough people were placed.
    """
    return part_of(request, reference, MAP)


@router.get("/analyses/{reference}/themes", response=dict[str, Any], operation_id="get_themes_of_analysis")
@access.everyone
def themes(request: HttpRequest, reference: Reference) -> Any:
    """Themes of what people wrote

    Of statements, answers in words and comments: how many texts each theme has, its typical ones, and how the groups
    vote on its statements. That there are no clear themes is said too.
    """
    return part_of(request, reference, "themes")


@router.get(
    "/analyses/{reference}/short-list", response=dict[str, Any], operation_id="get_short_list_of_analysis"
)
@access.everyone
def short_list(request: HttpRequest, reference: Reference) -> Any:
    """A few statements that represent everybody in proportion

    With whom the list represents, group by group, and whom not.
    """
    return part_of(request, reference, "slate")


class Moment(Output):
    analysis: str
    at: DateTime
    people: int
    votes: int
    groups: int = Field(description="0 and 1 mean that there are no distinct ones")


class ShareThen(Output):
    agree: int
    disagree: int
    passed: int = Field(alias="pass")
    low: float = Field(description="Of the share that agrees, 95 %")
    high: float


class StatementOverTime(Output):
    statement: str
    found_as: list[str | None] = Field(
        description="`consensus` or `division`, for each moment; null for neither"
    )
    shares: list[ShareThen | None] = Field(description="Null where it was not voted on yet")


class OverTime(Output):
    results: int = Field(
        description="How many there are; of many the first, the last and some between are told"
    )
    moments: list[Moment]
    statements: list[StatementOverTime] = Field(
        description="Those that some result found to be shared or to part people; what came or went first"
    )


@router.get(
    "/consultations/{reference}/results/time",
    response=OverTime,
    by_alias=True,
    operation_id="get_results_over_time",
)
@access.everyone
def over_time(request: HttpRequest, reference: Reference) -> Any:
    """The results of a consultation, one after the other"""
    return series_as_data(open_result(request, reference))


def part_of(request: HttpRequest, reference: str, name: str) -> dict[str, Any]:
    """A section of an analysis that the reader may see; else there is none."""
    found = queries.get_analysis_for(request.user, reference, content_language(request))
    part = queries.get_part(found, name) if found else None
    if part is None:
        raise Http404
    return part
