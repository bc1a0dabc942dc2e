"""What translators find of the text."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from plenary.kit.manifest import Piece
from plenary.records.queries import visible_to

from ..models import Change, ClauseState, Strategy, Version

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from plenary.people.models import User

    Viewer = User | AnonymousUser | None


def texts(user: Viewer, now: datetime) -> Iterator[Piece]:
    """The latest version of every strategy in reading order, and what was proposed and decided. Four queries.

    A clause that got new words names the text of the version before.
    """
    strategies = Strategy.objects.filter(visible_to(user, "record"))
    for whole, title in strategies.order_by("record__number").values_list("record_id", "record__title_id"):
        if title:
            yield Piece(title, whole, whole)
    yield from _clauses(user)
    yield from _changes(user)


def _clauses(user: Viewer) -> Iterator[Piece]:
    versions: dict[int, list[int]] = {}
    adopted = Version.objects.filter(visible_to(user, "strategy__record"), state=Version.State.ADOPTED)
    for pk, strategy in adopted.order_by("number").values_list("record_id", "strategy_id"):
        versions.setdefault(strategy, []).append(pk)
    last_two = [pk for known in versions.values() for pk in known[-2:]]
    latest = {known[-1]: strategy for strategy, known in versions.items()}
    rows = ClauseState.objects.filter(version__in=last_two).order_by("version_id", "order")
    now, before = [], {}
    for version, clause, title, text in rows.values_list("version_id", "clause_id", "title_id", "text_id"):
        if version in latest:
            now.append((latest[version], clause, title, text))
        else:
            before[clause] = {"title": title, "text": text}
    for strategy, clause, title, text in now:
        for part, pk in (("title", title), ("text", text)):
            earlier = before.get(clause, {}).get(part)
            if pk:
                yield Piece(pk, clause, strategy, part, earlier=earlier if earlier != pk else None)


def _changes(user: Viewer) -> Iterator[Piece]:
    changes = Change.objects.filter(visible_to(user, "record")).exclude(state=Change.State.WITHDRAWN)
    open_ones = (Change.State.PROPOSED, Change.State.REVIEWED)
    rows = changes.order_by("-record__number").values_list(
        "record_id", "strategy_id", "state", "title_id", "text_id", "rationale_id", "reason_id"
    )
    for record, strategy, state, *found in rows:
        for part, pk in zip(("title", "text", "rationale", "reason"), found, strict=True):
            if pk:
                yield Piece(pk, record, strategy, part, weight=0 if state in open_ones else -1)
