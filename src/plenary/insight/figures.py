"""Figures of a finding as people read them: shares with their denominator and interval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from plenary.kit.numbers import nearest, show_percent

LETTERS = "ABCDE"
MARKS = "●▲■◆✚▼✖★"
FEWEST = (
    8  # people below whom the engine looks for no groups, and no map is drawn: it would show single people
)


def number(value: float) -> str:
    """A whole number with its thousands apart, as the language at hand writes it."""
    return number_format(nearest(value), use_l10n=True, force_grouping=True)


def percent(share: float | None) -> str:
    """``83 %``, with a space that does not break; a dash where nobody voted."""
    return show_percent(None if share is None else 100 * share)


def points(difference: float, decimals: int = 0) -> str:
    """A difference of two percentages with its sign, which stays before it in texts of either direction."""
    rounded = nearest(10**decimals * 100 * difference) / 10**decimals
    sign = "+" if rounded > 0 else "−" if rounded < 0 else "±"
    size = number(abs(rounded)) if decimals == 0 else number_format(abs(rounded), decimal_pos=decimals)
    return f"\u2066{sign}{size}\u2069"


def count_votes(count: int) -> str:
    return ngettext("%(number)s vote", "%(number)s votes", count) % {"number": number(count)}


def count_people(count: int) -> str:
    return ngettext("%(number)s person", "%(number)s people", count) % {"number": number(count)}


class InBar:
    """Places of a rate and its interval in a bar of width 100 %, as SVG wants them, whatever the language."""

    rate: float | None
    low: float
    high: float

    @property
    def width(self) -> str:
        return f"{100 * (self.rate or 0):.1f}%"

    @property
    def low_at(self) -> str:
        return f"{100 * self.low:.1f}%"

    @property
    def high_at(self) -> str:
        return f"{100 * self.high:.1f}%"


@dataclass(frozen=True)
class Share(InBar):
    """How many of those who voted took a side: all of them, or one group."""

    agree: int
    disagree: int
    passed: int
    rate: float | None
    low: float
    high: float
    side: str = "agree"
    group: int | None = None

    @classmethod
    def read(cls, data: Mapping[str, Any], side: str) -> Share:
        """From the figures that the engine gave."""
        return cls(
            agree=data["agree"], disagree=data["disagree"], passed=data["pass"], rate=data["rate"], low=data["low"],
            high=data["high"], side=side, group=data.get("group"),
        )  # fmt: skip

    @property
    def votes(self) -> int:
        return self.agree + self.disagree + self.passed

    @property
    def taken(self) -> int:
        """How many took the side."""
        return self.disagree if self.side == "disagree" else self.agree

    @property
    def letter(self) -> str:
        return LETTERS[self.group] if self.group is not None else ""

    @property
    def mark(self) -> str:
        return MARKS[self.group] if self.group is not None else ""

    @property
    def colour(self) -> str:
        """The class that colours a bar: the group's, or the side's for everyone."""
        return self.side if self.group is None else f"g{self.group}"

    @property
    def percent(self) -> str:
        return percent(self.rate)

    @property
    def percent_agree(self) -> str:
        return percent(self.agree / self.votes if self.votes else None)

    @property
    def percent_disagree(self) -> str:
        return percent(self.disagree / self.votes if self.votes else None)

    @property
    def percent_passed(self) -> str:
        return percent(self.passed / self.votes if self.votes else None)

    @property
    def interval(self) -> str:
        if not self.votes:
            return "–"
        return _("%(low)s–%(high)s %%") % {"low": number(100 * self.low), "high": number(100 * self.high)}

    @property
    def count(self) -> str:
        return number(self.votes)

    @property
    def taken_count(self) -> str:
        return number(self.taken)


def everyone(figures: Mapping[str, Any]) -> Share | None:
    """The figure over all who voted; a position has none, it speaks of several statements."""
    return Share.read(figures["everyone"], side_of(figures)) if "everyone" in figures else None


def per_group(figures: Mapping[str, Any], side: str = "") -> list[Share]:
    """One figure for each group; nothing where there are no distinct groups."""
    shares = [Share.read(entry, side or side_of(figures)) for entry in figures.get("per_group", [])]
    return shares if len(shares) > 1 else []


def side_of(figures: Mapping[str, Any]) -> str:
    side: str = figures.get("side", "agree")
    return side


def others_rate(shares: list[Share], group: int) -> float | None:
    """The share that took the side among all who are in another group."""
    rest = [share for share in shares if share.group != group]
    votes = sum(share.votes for share in rest)
    return sum(share.taken for share in rest) / votes if votes else None


def add_up(shares: list[Share]) -> Share:
    """All groups together, without an interval: those in no group are not in it."""
    agree, disagree = sum(share.agree for share in shares), sum(share.disagree for share in shares)
    passed = sum(share.passed for share in shares)
    total, side = agree + disagree + passed, shares[0].side if shares else "agree"
    taken = disagree if side == "disagree" else agree
    return Share(agree, disagree, passed, taken / total if total else None, 0.0, 0.0, side)


@dataclass(frozen=True)
class Group:
    """A group of people who vote alike, as pages name it."""

    index: int
    size: int
    share: float
    confidence: float

    @property
    def letter(self) -> str:
        return LETTERS[self.index]

    @property
    def mark(self) -> str:
        return MARKS[self.index]

    @property
    def colour(self) -> str:
        return f"g{self.index}"

    @property
    def people(self) -> str:
        return count_people(self.size)

    @property
    def percent(self) -> str:
        return percent(self.share)

    @property
    def sureness(self) -> str:
        return percent(self.confidence)

    @property
    def name(self) -> str:
        return _("Group %(letter)s, %(people)s") % {"letter": self.letter, "people": self.people}


@dataclass(frozen=True)
class Overview:
    """An analysis as a whole: who voted, how much, and which groups there are."""

    k: int
    votes: int
    participants: int
    placed: int
    statements: int
    groups: list[Group]

    @classmethod
    def read(cls, summary: Mapping[str, Any]) -> Overview:
        """From what the analysis stored; without votes everything is 0."""
        groups = [
            Group(entry["index"], entry["size"], entry["share"], entry["confidence"])
            for entry in summary.get("groups", [])
        ]
        counts = {
            name: summary.get(name, 0) for name in ("k", "votes", "participants", "placed", "statements")
        }
        return cls(**counts, groups=groups if counts["k"] > 1 else [])

    @property
    def has_groups(self) -> bool:
        return self.k > 1

    @property
    def too_few(self) -> bool:
        """So few voted that nothing can be said about groups at all."""
        return self.participants < FEWEST

    @property
    def people(self) -> str:
        return count_people(self.participants)

    @property
    def answers(self) -> str:
        return count_votes(self.votes)

    @property
    def on_statements(self) -> str:
        return ngettext("%(number)s statement", "%(number)s statements", self.statements) % {
            "number": number(self.statements)
        }

    @property
    def unplaced(self) -> str:
        return count_people(self.participants - self.placed)

    @property
    def has_unplaced(self) -> bool:
        return self.participants > self.placed

    @property
    def votes_each(self) -> str:
        return number(self.votes / self.participants) if self.participants else "0"
