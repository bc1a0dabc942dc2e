"""Which statement comes next: boards of counts, ranked by the engine, kept in each process for seconds.

A board is what all who vote in a consultation share: its accepted statements, what was answered to each, and rankings
of them. It is read anew when an event was written since (a statement came, left, or was translated) or when it is old.
No vote writes an event, so its counts are seconds old, and nothing but the order of cards rests on them. A request
takes one of the rankings and goes down it to the first statement that the person may be shown: no arithmetic.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Count, Exists, OuterRef

from plenary.participation.models import Consultation, Seen, Statement, Vote
from plenary.records.models import Event
from plenary.records.texts import readable_in

if TYPE_CHECKING:
    from plenary.participation.tokens import Voter

RANKINGS = 32  # drawn for each board and language, so that not all who ask at one moment are shown the same
KEPT = 600.0  # seconds that rendered cards serve; what an event touches is rendered anew at once
MANY = 500  # events since the last look from which on everything is looked at anew
FRESH = 5.0  # seconds that counts serve
SHARE = 50  # and so many times what reading them took: a large consultation is counted less often


@dataclass(eq=False, slots=True)
class Board:
    """What all who vote in a consultation share. ``rankings`` fill up as they are asked for."""

    consultation_id: int
    event: int
    """The last event of the site when the statements were read."""
    fresh_until: float
    authors: Mapping[int, int | None]
    """Accepted statements by id, with the participant who wrote each, in the order of their numbers."""
    references: Mapping[int, str]
    ids: Mapping[str, int]
    titles: Mapping[int, int]
    languages: Mapping[int, str]
    counts: Mapping[int, tuple[int, int, int]]
    """Disagree, pass, agree among first answers, by statement."""
    shown: Mapping[int, int]
    """People who saw a statement and never answered it."""
    written: Mapping[int, frozenset[int]]
    """Accepted statements by the participant who wrote them."""
    merged: Mapping[int, int]
    """Statements that were merged, and the one for which votes on each count."""
    changed: Mapping[int, datetime]
    """When the meaning of a statement was changed, where it was."""
    consultation: Consultation
    """Its row when the statements were read, with its record."""
    cards: dict[Any, Any]
    """What is kept of rendered cards; a key begins with the statement."""
    cards_until: float
    rankings: dict[tuple[str, int], list[int]] = field(default_factory=dict)
    readable: dict[str, set[int]] = field(default_factory=dict)
    pages: dict[Any, Any] = field(default_factory=dict)
    """Whole pages that newcomers were shown, as ``views.first_pages`` keeps them: no longer than this board."""

    def ranking(self, language: str, draw: int) -> list[int]:
        """All statements, what teaches most first; what cannot be read in the language comes last."""
        key = (language, draw % RANKINGS)
        found = self.rankings.get(key)
        if found is None:
            found = self.rankings[key] = self._rank(*key)
        return found

    def _rank(self, language: str, draw: int) -> list[int]:
        import numpy as np

        from opinion.routing import next_statements

        ids = list(self.authors)
        if not ids:
            return []
        counts = np.array([self.counts.get(pk, (0, 0, 0)) for pk in ids])
        shown = counts.sum(axis=1) + np.array([self.shown.get(pk, 0) for pk in ids])
        tags = [self.languages[pk] for pk in ids]
        codes = {tag: code for code, tag in enumerate(sorted(set(tags)))}
        order = next_statements(
            counts,
            np.zeros(len(ids), dtype=bool),
            np.random.default_rng((self.consultation_id, draw)),
            shown=shown,
            languages=np.array([codes[tag] for tag in tags]),
            count=len(ids),
        ).order
        ranked = [ids[place] for place in order.tolist()]
        readable = self.readable.get(language)
        if readable is None:
            readable = self.readable[language] = readable_in([self.titles[pk] for pk in ids], language)
        return sorted(ranked, key=lambda pk: self.titles[pk] not in readable)  # stable


def get_board(consultation_id: int, event: int | None = None) -> Board:
    """The board of a consultation, as of the last event of the site; with ``event`` as of that one, or later."""
    if event is None:
        event = last_event()
    board = _boards.get(consultation_id)
    now = time.monotonic()
    if board is not None and board.event >= event and now < board.fresh_until:
        return board
    if board is not None and board.event >= event and not _reading.acquire(blocking=False):
        return board  # another thread counts; until it is done the old counts serve
    if board is None or board.event < event:
        _reading.acquire()
    try:
        board = _boards[consultation_id] = _read(consultation_id, board)
        return board
    finally:
        _reading.release()


def find_consultation_id(reference: str) -> int | None:
    """References are given once, so a process asks for each once."""
    found = _ids.get(reference)
    if found is None:
        found = Consultation.objects.filter(record__reference=reference).values_list("pk", flat=True).first()
        if found is not None:
            _ids[reference] = found
    return found


def forget_boards() -> None:
    """For tests, which use the same ids again."""
    _boards.clear()
    _ids.clear()


def last_event() -> int:
    with connection.cursor() as cursor:  # with every card: what the ORM adds would be most of its cost
        cursor.execute("SELECT max(id) FROM records_event")
        return cursor.fetchone()[0] or 0


def choose_next(
    board: Board, voter: Voter, language: str, *, barred: Collection[int], later: Collection[int]
) -> int:
    """The statement to show, or 0: never one that is barred, and what is for later only when nothing else is left.

    The same on every request until she votes, as long as the board is the same.
    """
    draw = hashlib.sha256(voter.seed + b"%d" % len(barred)).digest()[0]
    for pk in board.ranking(language, draw):
        if pk not in barred and pk not in later:
            return pk
    return next((pk for pk in later if pk in board.authors and pk not in barred), 0)


_boards: dict[int, Board] = {}
_ids: dict[str, int] = {}
_reading = threading.Lock()


def _read(consultation_id: int, old: Board | None) -> Board:
    start = time.monotonic()
    event = last_event()  # first, so that what comes while the rest is read is noticed
    rows = (
        Statement.objects.filter(
            consultation=consultation_id,
            moderation__in=(Statement.Moderation.ACCEPTED, Statement.Moderation.MERGED),
        )
        .order_by("record__number")
        .values_list(
            "record_id",
            "record__reference",
            "author_id",
            "record__title_id",
            "record__title__source_language",
            "duplicate_of_id",
            "counts_for_id",
            "asks_again_since",
        )
    )
    authors: dict[int, int | None] = {}
    references: dict[int, str] = {}
    titles: dict[int, int] = {}
    languages: dict[int, str] = {}
    written: dict[int, set[int]] = {}
    merged: dict[int, int] = {}
    changed: dict[int, datetime] = {}
    for pk, reference, author, title, language, duplicate_of, counts_for, asks_again_since in rows:
        if asks_again_since is not None:
            changed[pk] = asks_again_since
        if duplicate_of is not None:
            merged[pk] = counts_for
            continue
        authors[pk], references[pk], titles[pk], languages[pk] = author, reference, title, language
        if author is not None:
            written.setdefault(author, set()).add(pk)
    if old is not None and start < old.fresh_until:
        counts, shown, fresh_until = old.counts, old.shown, old.fresh_until
    else:
        counts, shown = _count(consultation_id)
        took = time.monotonic() - start
        fresh_until = start + max(FRESH, SHARE * took)
    cards, cards_until = _still_good(consultation_id, old, start)
    return Board(
        consultation=Consultation.objects.select_related("record").get(pk=consultation_id),
        cards=cards,
        cards_until=cards_until,
        consultation_id=consultation_id,
        event=event,
        fresh_until=fresh_until,
        authors=authors,
        references=references,
        ids={reference: pk for pk, reference in references.items()},
        titles=titles,
        languages=languages,
        counts=counts,
        shown=shown,
        written={author: frozenset(own) for author, own in written.items()},
        merged=merged,
        changed=changed,
    )


def _still_good(consultation_id: int, old: Board | None, now: float) -> tuple[dict[Any, Any], float]:
    """The rendered cards of which no event since has changed a word, and until when they serve."""
    if old is None or now >= old.cards_until:
        return {}, now + KEPT
    touched = set(Event.objects.filter(id__gt=old.event).values_list("record_id", flat=True)[:MANY])
    if consultation_id in touched or len(touched) == MANY:
        return {}, now + KEPT
    return {key: card for key, card in old.cards.items() if key[0] not in touched}, old.cards_until


def _count(consultation_id: int) -> tuple[dict[int, tuple[int, int, int]], dict[int, int]]:
    counts: dict[int, list[int]] = {}
    first = Vote.objects.filter(statement__consultation=consultation_id, n=0)
    for pk, value, number in first.values_list("statement", "value").annotate(Count("id")):
        counts.setdefault(pk, [0, 0, 0])[value + 1] = number
    return {pk: (row[0], row[1], row[2]) for pk, row in counts.items()}, count_unanswered(consultation_id)


def count_unanswered(consultation_id: int) -> dict[int, int]:
    """People who were shown a statement and have not answered it, by statement. One aggregate."""
    answered = Vote.objects.filter(participant=OuterRef("participant"), statement=OuterRef("statement"))
    rows = Seen.objects.filter(~Exists(answered), statement__consultation=consultation_id)
    return dict(rows.values_list("statement").annotate(Count("id")))
