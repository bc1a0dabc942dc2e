"""The types that the API's schema is written in."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

T = TypeVar("T")

# What is told. The queries write days and moments as strings (RFC 3339), so the types only say which form they have.
Date = Annotated[str, WithJsonSchema({"type": "string", "format": "date"})]
DateTime = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]

REFERENCE = r"^[A-Za-z]{1,6}-[0-9]{1,9}([.@][A-Za-z0-9]{1,12})?$"
Reference = Annotated[str, Field(pattern=REFERENCE, examples=["STM-12", "STR-1.C3", "STR-1@2"])]

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def _read_moment(value: Any) -> datetime:
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise ValueError("write a moment as in 2026-03-01T09:30:00Z")
    value = re.sub(r"(\.\d{6})\d+", r"\1", value.upper())  # finer than what is kept
    value = re.sub(r"(T\d\d:\d\d):60", r"\1:59", value)  # a leap second, which Python does not know
    found = datetime.fromisoformat(value)
    try:
        return found.astimezone(UTC)
    except OverflowError:  # the first or last day that there is, in another zone
        return found.replace(tzinfo=UTC)


def _read_day(value: Any) -> date:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError("write a day as in 2026-03-01")
    return date.fromisoformat(value)


# What is asked. Pydantic's own types take numbers for moments, too.
Moment = Annotated[
    datetime, BeforeValidator(_read_moment), WithJsonSchema({"type": "string", "format": "date-time"})
]
Day = Annotated[date, BeforeValidator(_read_day), WithJsonSchema({"type": "string", "format": "date"})]

# No text holds U+0000, and half a character (a lone surrogate) cannot be written as UTF-8.
_TEXT = r"^[^\x00\uD800-\uDFFF]*$"


def _read_text(value: Any) -> Any:
    if isinstance(value, str) and re.search("[\x00\ud800-\udfff]", value):
        raise ValueError("a text holds no U+0000 and no half characters")
    return value


def text(most: int, **more: Any) -> Any:
    """The type of words that people write, at most so many characters."""
    schema = {"type": "string", "maxLength": most, "pattern": "^[^\\u0000]*$", **more}
    return Annotated[str, BeforeValidator(_read_text), Field(max_length=most), WithJsonSchema(schema)]


Line = text(300)
Words = text(20_000)


class Output(BaseModel):
    """What is told; a field that the data has and the schema has not would be a mistake, which tests look for."""

    model_config = ConfigDict(populate_by_name=True)


class Input(BaseModel):
    """What is sent. A field that nobody knows is an error, not a silence."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Original(Output):
    body: str
    language: str


class Said(Output):
    """Words in the language asked for, where there is a translation; else as they were written."""

    body: str
    language: str = Field(description="BCP 47 tag of what is shown; `und` where it is not known")
    translation: str | None = Field(
        description="How the translation was made: `human`, `machine`, `reviewed`, `imported` or `generated`"
    )
    is_stale: bool = Field(description="The original was changed after it was translated")
    original: Original | None = Field(description="What a translation was made from")


class RecordRow(Output):
    """What every list says of a record."""

    reference: str = Field(description="The public reference, given once and for good", examples=["STM-12"])
    kind: str
    number: int
    visibility: str = Field(description="`public`, `staff` or `organization`")
    title: str | None = Field(description="In the language asked for where there is a translation")
    language: str | None = Field(description="Of the title")
    organization: str | None = Field(description="Reference of the organization to which it belongs")
    created_at: DateTime
    updated_at: DateTime = Field(description="When the last event of the record was written")
    erased_at: DateTime | None
    url: str = Field(description="The permalink, on this site")


class RecordFields(RecordRow):
    """What is known of every record."""

    page: str = Field(description="The page for people, on this site")


class Paged(Output, Generic[T]):
    items: list[T]
    total: int = Field(description="How many there are on all pages")
    next: str | None = Field(description="Address of the next page; null on the last one")


class ProblemPlace(Output):
    detail: str
    pointer: str | None = Field(
        None, description="JSON pointer into the body that was sent: `#/figures/IND-1/value`"
    )
    parameter: str | None = Field(None, description="Name of the parameter in the address")


class Problem(Output):
    """What went wrong (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str | None = Field(None, description="For people, in the language asked for")
    code: str | None = Field(None, description="For programs: which rule refused")
    request_id: str | None = Field(None, description="How the server's log names the request")
    errors: list[ProblemPlace] = Field(default_factory=list, description="Every value that could not be read")
