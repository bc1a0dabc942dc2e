"""Reads of outreach packs and of what came by them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Sum

from plenary.participation.models import Consultation, OutreachPack
from plenary.participation.platforms import Platform

# Fewer than this of anything is not told in public: a handful could be known to each other.
SMALL = 5


@dataclass(frozen=True)
class Reach:
    """How many browsers opened the page by a link, and how many gave a first vote there."""

    seen: int = 0
    joined: int = 0

    @property
    def percent(self) -> int | None:
        """Of those who opened it; None where that says nothing: nobody was seen, or scripts were off."""
        return round(100 * self.joined / self.seen) if self.seen >= max(self.joined, 1) else None


@dataclass(frozen=True)
class Row:
    """One kind of place in one language."""

    platform: str
    language: str
    packs: int
    reach: Reach

    @property
    def label(self) -> Any:
        return Platform(self.platform).label

    @property
    def is_small(self) -> bool:
        return 0 < self.reach.joined < SMALL or 0 < self.reach.seen < SMALL


def list_packs(consultation: Consultation) -> list[OutreachPack]:
    """The packs, newest first, each with its ``reach``. One query."""
    found: list[OutreachPack] = list(
        OutreachPack.objects.filter(consultation=consultation)
        .annotate(all_seen=Sum("counts__seen"), all_joined=Sum("counts__joined"))
        .order_by("-id")
    )
    for pack in found:
        target: Any = pack
        target.reach = Reach(target.all_seen or 0, target.all_joined or 0)
    return found


def sum_by_channel(packs: Sequence[OutreachPack]) -> list[Row]:
    """What came by each kind of place in each language, the most first."""
    sums: dict[tuple[str, str], list[int]] = {}
    for pack in packs:
        reach: Reach = pack.reach  # type: ignore[attr-defined]  # list_packs gave it
        entry = sums.setdefault((pack.platform, pack.language), [0, 0, 0])
        for place, number in enumerate((1, reach.seen, reach.joined)):
            entry[place] += number
    rows = [
        Row(platform, language, count, Reach(seen, joined))
        for (platform, language), (count, seen, joined) in sums.items()
    ]
    return sorted(rows, key=lambda row: (-row.reach.joined, -row.reach.seen, row.platform, row.language))


def total_reach(rows: Sequence[Row]) -> Reach:
    return Reach(sum(row.reach.seen for row in rows), sum(row.reach.joined for row in rows))


def get_pack(consultation: Consultation, code: str) -> OutreachPack | None:
    return OutreachPack.objects.filter(consultation=consultation, code=code).first()


def find_pack(code: str) -> OutreachPack | None:
    """The pack behind a link, with its consultation."""
    return OutreachPack.objects.filter(code=code).select_related("consultation__record").first()


def public_rows(packs: Sequence[OutreachPack]) -> tuple[list[Row], int]:
    """What everybody may see of the sums by channel, and how many rows are left out."""
    rows = sum_by_channel(packs)
    shown = [row for row in rows if not row.is_small]
    return shown, len(rows) - len(shown)


def row_as_data(row: Row) -> dict[str, Any]:
    return {
        "platform": row.platform,
        "language": row.language,
        "packs": row.packs,
        "seen": row.reach.seen,
        "joined": row.reach.joined,
    }
