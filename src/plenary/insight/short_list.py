"""The short list of a result as its page shows it: which few statements represent everybody, and how well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.formats import number_format

from .figures import LETTERS, MARKS, Share, count_people, number, percent

if TYPE_CHECKING:
    from plenary.participation.models import Statement

    from .queries import Row


@dataclass(frozen=True)
class Chosen:
    """A statement of the list, in its place."""

    reference: str
    statement: Statement | None
    everyone: Share
    shares: list[Share]
    is_completion: bool
    """Added to fill the list, after everybody's part in it was used up as far as it went."""


@dataclass(frozen=True)
class Cover:
    """How many agree with at least one statement of the list: all, a group, or those in none."""

    group: int | None
    people: str
    covered: str
    share: str
    unknown: int
    mean: str

    @property
    def letter(self) -> str:
        return LETTERS[self.group] if self.group is not None and self.group >= 0 else ""

    @property
    def mark(self) -> str:
        return MARKS[self.group] if self.group is not None and self.group >= 0 else ""

    @property
    def colour(self) -> str:
        return f"g{self.group}" if self.letter else ""


@dataclass(frozen=True)
class ShortList:
    """Everything that the page says."""

    statements: list[Chosen]
    eligible: int
    about_people: int
    """Statements that cannot be on it: they say who somebody is."""
    everybody: Cover
    groups: list[Cover]
    agreeing_with_nothing: int
    is_fair: bool
    """Whether no group of people who agree is left without the part that its size entitles it to."""
    undecided: int
    """Rounds in which equal statements were put in order by their reference, and one stayed outside."""
    shared_with_other_rule: int
    """How many of them another rule chooses too."""

    @property
    def nothing(self) -> str:
        return count_people(self.agreeing_with_nothing)


def references(part: Mapping[str, Any]) -> list[str]:
    return [one["id"] for one in part["statements"]]


def read(part: Mapping[str, Any], rows: Mapping[str, Row]) -> ShortList:
    """From the stored section and the rows of its statements."""
    return ShortList(
        statements=[
            Chosen(
                one["id"],
                rows[one["id"]].statement,
                rows[one["id"]].everyone,
                rows[one["id"]].shares,
                one["phase"] == "completion",
            )
            for one in part["statements"]
        ],
        eligible=part["eligible"],
        about_people=part["moderated_out"],
        everybody=_cover(part["coverage"]),
        groups=[_cover(one) for one in part["groups"] if one["people"]]
        if sum(one["group"] >= 0 for one in part["groups"]) > 1
        else [],
        agreeing_with_nothing=part["agreeing_with_nothing"],
        is_fair=part["ejr_plus"]["satisfied"],
        undecided=sum(tie["decided"] for tie in part["ties"]),
        shared_with_other_rule=len(part["statements"]) - len(part["second_opinion"]["only_in_slate"]),
    )


def _cover(data: Mapping[str, Any]) -> Cover:
    return Cover(
        data["group"],
        count_people(data["people"]),
        number(data["covered"]),
        percent(data["share"]),
        data["unknown"],
        "–" if data["mean_agreed"] is None else number_format(data["mean_agreed"], 1, use_l10n=True),
    )
