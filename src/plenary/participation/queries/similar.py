"""Statements that say nearly the same, from an index that each process keeps of the consultations it is asked about."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from plenary.participation.models import Consultation, Participant, Statement
from plenary.participation.similar import NEAR, Index
from plenary.records.models import Text, Translation
from plenary.records.texts import with_texts

from .routing import get_board

if TYPE_CHECKING:
    from .routing import Board

MOST = 8  # indexes kept in a process; one of 3,000 statements takes about ten megabytes


class _Known:
    """The wordings of a consultation's statements in one language, read on as statements and translations come."""

    def __init__(self) -> None:
        self.index: Index[tuple[int, int]] = Index()
        self.texts: set[int] = set()
        self.last_translation = 0
        self.event = -1
        self.lock = threading.Lock()
        self.pairs: dict[tuple[tuple[int, int], tuple[int, int]], float] = {}
        self.paired = 0
        self.pairing = threading.Lock()

    def read_on(self, board: Board, language: str) -> None:
        if self.event == board.event:
            return
        owner = {text: pk for pk, text in board.titles.items()}
        new = [text for text in owner if text not in self.texts]
        rows: list[tuple[tuple[int, int], str]] = []
        originals = Text.objects.filter(pk__in=new).values_list("pk", "source_language", "body")
        for text, tag, body in originals:
            if _base(tag) in (language, "und"):
                rows.append(((owner[text], text), body))
        translated = Translation.objects.filter(
            text__in=owner, language__startswith=language, id__gt=self.last_translation
        ).order_by("id")
        for number, text, tag, body in translated.values_list("id", "text_id", "language", "body"):
            self.last_translation = number
            if _base(tag) == language:
                rows.append(((owner[text], text), body))
        self.texts.update(new)
        if len(rows) > len(self.index) // 4:
            self.index = Index([*self.index.items(), *rows])
        else:
            for key, body in rows:
                self.index.add(key, body)
        self.event = board.event

    def pair_up(self) -> list[tuple[tuple[int, int], tuple[int, int], float]]:
        """All pairs that are near each other, the likest first. What was compared once is not compared again."""
        with self.pairing:
            index = self.index
            items = index.items()
            for key, body in items[self.paired :]:
                for other, likeness in index.search(body, at_least=NEAR, limit=6):
                    if other[0] != key[0]:
                        self.pairs[min(key, other), max(key, other)] = likeness
            self.paired = len(items)
            return sorted(
                ((*pair, likeness) for pair, likeness in self.pairs.items()), key=lambda each: -each[2]
            )


_known: OrderedDict[tuple[int, str], _Known] = OrderedDict()
_lock = threading.Lock()


def _base(tag: str) -> str:
    return tag.split("-")[0].lower()


def _index_of(board: Board, language: str) -> _Known:
    key = (board.consultation_id, _base(language))
    with _lock:
        known = _known.setdefault(key, _Known())
        _known.move_to_end(key)
        while len(_known) > MOST:
            _known.popitem(last=False)
    with known.lock:
        known.read_on(board, key[1])
    return known


def forget_similar() -> None:
    """For tests, which use the same ids again."""
    _known.clear()


def search_alike(
    consultation: Consultation, body: str, language: str, *, at_least: float = NEAR, limit: int = 5
) -> list[tuple[int, float]]:
    """Ids of accepted statements that are like a text in its language, the likest first."""
    board = get_board(consultation.pk)
    found: dict[int, float] = {}
    hits = _index_of(board, language).index.search(body, at_least=at_least, limit=limit * 3)
    for (pk, text), likeness in hits:
        if board.titles.get(pk) == text:
            found.setdefault(pk, likeness)
    return list(found.items())[:limit]


def list_similar(
    consultation: Consultation,
    body: str,
    language: str,
    reading: str,
    *,
    participant: Participant | None = None,
    limit: int = 3,
) -> list[Statement]:
    """Accepted statements that say nearly the same in that language, the likest first, with their words.

    Not her own. What waits from others is not given away.
    """
    own = get_board(consultation.pk).written.get(participant.pk, frozenset()) if participant else frozenset()
    found = [pk for pk, _ in search_alike(consultation, body, language, limit=limit * 2) if pk not in own]
    statements = {
        item.pk: item
        for item in Statement.objects.filter(pk__in=found[:limit]).select_related(
            "record", "consultation__record"
        )
    }
    listed = [statements[pk] for pk in found if pk in statements]
    with_texts(listed, reading, text="record.title_id")
    return listed


def list_pairs(consultation: Consultation, language: str, limit: int = 50) -> list[tuple[int, int, float]]:
    """Pairs of accepted statements that say nearly the same in a language, the likest first: older id, newer id."""
    board = get_board(consultation.pk)
    pairs: dict[tuple[int, int], float] = {}
    for (older, its), (newer, other), likeness in _index_of(board, language).pair_up():
        if board.titles.get(older) == its and board.titles.get(newer) == other:
            pairs.setdefault((older, newer), likeness)
            if len(pairs) == limit:
                break
    return [(*pair, likeness) for pair, likeness in pairs.items()]
