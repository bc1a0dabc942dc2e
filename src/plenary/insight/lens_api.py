"""Who said so, for programs: counts after suppression, and raw beside weighted."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from pydantic import Field

from plenary.kit import access
from plenary.kit.api import Output, Reference, Router

from .sections_api import part_of

router = Router(tags=["Results"])


class SeenByAttributes(Output):
    state: str = Field(
        description="`told`, or why not: `nobody voted`, `few` people, `nobody said`, `waiting` for more"
    )
    people: int
    said: int | None = Field(description="Who said anything about themselves; null for one to four")
    on: str | None = Field(None, description="The day on which it was told")
    input_sha256: str | None = Field(
        None, description="Of the votes that it rests on; an earlier analysis's where that still stands"
    )
    final: bool | None = Field(None, description="Whether voting had ended when it was told")
    threshold: int | None = Field(
        None, description="Smaller counts are hidden, and others so that none can be computed"
    )
    tests: int | None = Field(None, description="Over which the q values are adjusted (Benjamini–Hochberg)")
    false_discovery_rate: float | None = None
    skipped: list[str] = Field([], description="Attributes of which nobody said anything")
    too_few: list[str] = Field([], description="Attributes of which fewer than five said anything")
    attributes: list[dict[str, Any]] = Field(
        [],
        description="Each with its categories, the groups' composition, and for the strongest findings the votes of "
        "each category with interval, verdict and test against all others; null is hidden",
    )


class RawAndWeighted(Output):
    state: str = Field(description="`told`, or `failed`")
    failed: str | None = Field(
        None,
        description="`none` of the margins can be used, not `together`, each would tell what is `hidden`, or `later`",
    )
    left_out: dict[str, Any] = Field(description="Attributes that cannot be weighted by, and why")
    by: list[str]
    people: int | None = None
    effective_size: float | None = Field(None, description="Kish")
    design_effect: float | None = None
    smallest: float | None = Field(None, description="Weight, in means")
    largest: float | None = None
    bound: float | None = None
    trimmed: int | None = Field(
        None, description="People whose weight was cut to the bound; null for one to four"
    )
    largest_miss: float | None = None
    margins: list[dict[str, Any]] = []
    statements: list[dict[str, Any]] = Field(
        [], description="Share of the finding's side, raw and weighted, with 95 % intervals; null is hidden"
    )


@router.get("/analyses/{reference}/lens", response=SeenByAttributes, operation_id="get_lens_of_analysis")
@access.everyone
def lens(request: HttpRequest, reference: Reference) -> Any:
    """Who said so

    The strongest findings by what people said about themselves, small counts hidden.
    """
    return part_of(request, reference, "lens")


@router.get("/analyses/{reference}/weights", response=RawAndWeighted, operation_id="get_weights_of_analysis")
@access.everyone
def weights(request: HttpRequest, reference: Reference) -> Any:
    """Raw and weighted

    Weighted to the audience wanted. Weighting can make a figure worse where taking part depends on the opinion itself.
    """
    return part_of(request, reference, "weights")
