"""A result with and without flagged participants, as pages show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .figures import count_people, number, percent, points
from .models import Comparison, Finding

if TYPE_CHECKING:
    from plenary.participation.models import Statement

SIDES = {"agree": gettext_lazy("agree"), "disagree": gettext_lazy("disagree")}


@dataclass(frozen=True)
class Move:
    """How the share that agrees with a statement moves."""

    reference: str
    statement: Statement | None
    with_them: str
    without_them: str
    difference: str
    interval: str
    flagged_votes: str


@dataclass(frozen=True)
class Named:
    """A finding that comes or goes, by its kind, statement and side or group."""

    kind: Any
    reference: str
    statement: Statement | None
    end: Any


@dataclass(frozen=True)
class Shown:
    people: str
    flags: list[int]
    is_stale: bool
    """Verdicts have changed since it was made."""
    rows: list[tuple[Any, str, str]]
    moves: list[Move]
    appearing: list[Named]
    disappearing: list[Named]
    kept: str
    agreement: str
    made_at: Any

    @property
    def changes_nothing(self) -> bool:
        return (
            not self.appearing
            and not self.disappearing
            and all(one == other for _l, one, other in self.rows[2:])
        )


def references(comparison: Comparison) -> set[str]:
    """Every statement that it speaks of."""
    figures = comparison.figures
    named = [name.split()[1] for side in ("appearing", "disappearing") for name in figures[side]]
    return {*named, *(change["statement"] for change in figures["changes"])}


def show(comparison: Comparison, statements: Mapping[str, Statement], confirmed: list[int]) -> Shown:
    figures = comparison.figures
    one, other = figures["with"], figures["without"]
    rows: list[tuple[Any, str, str]] = [
        (_("People"), number(one["participants"]), number(other["participants"])),
        (_("Votes"), number(one["votes"]), number(other["votes"])),
        (_("Groups"), groups_in_words(one["k"]), groups_in_words(other["k"])),
    ]
    rows += [
        (label, number(one["findings"].get(kind, 0)), number(other["findings"].get(kind, 0)))
        for kind, label in Finding.Kind.choices
        if one["findings"].get(kind, 0) or other["findings"].get(kind, 0)
    ]
    return Shown(
        people=count_people(figures["people"]),
        flags=comparison.flags,
        is_stale=comparison.flags != sorted(confirmed),
        rows=rows,
        moves=[_move(change, statements) for change in figures["changes"]],
        appearing=[named(name, statements) for name in figures["appearing"]],
        disappearing=[named(name, statements) for name in figures["disappearing"]],
        kept=number(figures["kept"]),
        agreement="" if figures["agreement"] is None else f"{figures['agreement']:.2f}",
        made_at=comparison.made_at,
    )


def groups_in_words(k: int) -> str:
    return number(k) if k > 1 else _("no distinct groups")


def _move(change: Mapping[str, Any], statements: Mapping[str, Statement]) -> Move:
    return Move(
        change["statement"],
        statements.get(change["statement"]),
        percent(change["with_"]),
        percent(change["without"]),
        points(change["difference"]),
        _("%(low)s to %(high)s") % {"low": points(change["low"]), "high": points(change["high"])},
        number(change["flagged_votes"]),
    )


def named(name: str, statements: Mapping[str, Statement]) -> Named:
    """From the engine's «consensus STM-3 agree», «position STM-4 A disagree»."""
    kind, reference, *end = name.split()
    words = " ".join(str(SIDES.get(part, part)) for part in end)
    return Named(Finding.Kind(kind).label, reference, statements.get(reference), words)
