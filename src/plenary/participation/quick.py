"""A vote by its shortest way: what a card sends through the page's script is answered before the rest is asked.

It knows success alone. Whatever else there may be to say (a closed phase, a second answer, a form that cannot be read,
somebody signed in, the last card) goes the way of every request to ``views.voting``, which finds nothing written, or
takes the vote for the retry of one that stands. The card is the one of the same template: rendered once for each
statement and language with marks where tokens and numbers go, and kept while no event has touched it
(``queries.routing``). A test holds the answers of both ways against each other, byte by byte.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import ResolverMatch, resolve
from django.utils import timezone, translation
from django.utils.html import escape

from plenary.kit.errors import Refused
from plenary.kit.languages import content_language, is_language_tag
from plenary.kit.templatetags.kit import grouped
from plenary.records.models import Visibility

from . import actions, queries, rules, voters
from .attributes import ASKED_AFTER
from .models import Consultation, Participant, Vote
from .tokens import Voter
from .views.shared import REFERENCE, seen_so_far
from .views.voting import card_context

logger = logging.getLogger("plenary.participation")

ADDRESS = re.compile(r"/consultations/(CON-[0-9]{1,9})")
HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "max-age=0, no-cache, no-store, must-revalidate, private",
}
MOST_KEPT = 5_000  # rendered cards of a consultation in one process, at about 4 kB
VALUES = {str(value): value for value in Vote.Value.values}
# Stand in a rendered card where words and numbers go that are hers; no consultation has so many statements. The number
# of votes done is below nothing where the card does not ask about herself yet.
LEFT, DONE, DONE_BUT_FEW = 900_000_000_001, 700_000_000_003, -700_000_000_003
TOKEN, LAST, ANSWER = "quickly-the-token", "STM-900000000004", "quickly-the-answer"


class QuickVoteMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method == "POST" and "HTTP_HX_REQUEST" in request.META:
            match = ADDRESS.fullmatch(request.path_info)
            if match and settings.SESSION_COOKIE_NAME not in request.COOKIES:
                # Django asks a kept connection for a sign of life before its first query. Here the query itself is one:
                # where it fails, the long way asks, and opens another connection.
                database: Any = connection
                database.health_check_done = True
                answer = _answer(request, match[1])
                database.health_check_done = answer is not None
                if answer is not None:
                    return answer
        return self.get_response(request)


def _answer(request: HttpRequest, reference: str) -> HttpResponse | None:
    sent = request.POST
    value, n, statement = VALUES.get(sent.get("value", "")), sent.get("n", ""), sent.get("statement", "")
    if value is None or not n.isascii() or not n.isdigit() or len(n) > 4:
        return None
    if not sent.keys().isdisjoint(("again", "skip", "then")):
        return None  # no plain answer to the card at hand
    if request.META.get("QUERY_STRING") and not request.GET.keys() <= {"lang"}:
        return None  # a way in, or where she came from: more than her vote is to be looked at
    if not REFERENCE.fullmatch(statement):
        return None
    try:
        consultation_id = queries.find_consultation_id(reference)
        if consultation_id is None:
            return None
        asker = voters.of_sender(request, consultation_id)
        if asker is None:
            return None
        board = queries.get_board(consultation_id, 0)
        found = board.consultation
        if not _is_for_everybody(found):
            return None
        now = timezone.now()
        read_in = sent.get("language", "")
        taken = actions.take_vote_quickly(
            board=board,
            voter=asker.voter,
            statement=statement,
            n=int(n),
            value=value,
            language=read_in if is_language_tag(read_in) else "",
            now=now,
            seen=seen_so_far(sent),
        )
        if taken is None:
            queries.get_board(consultation_id)  # something may have happened; the next vote will know
            return None
        card = _next_card(request, board, asker, taken, board.ids[statement], value, now)
    except (Refused, PermissionDenied):
        return None
    except Error as error:  # the database; the long way finds out whether it is still there
        logger.warning("a vote goes the long way: %s", type(error).__name__)
        return None
    if card is None:
        return None
    content = card.encode()
    response = HttpResponse(content, headers=HEADERS | {"Content-Length": str(len(content))})
    request.resolver_match = _match()  # for the log
    voters.remember(response, asker, found)
    return response


def _is_for_everybody(found: Consultation) -> bool:
    return (
        found.access == Consultation.Access.OPEN
        and found.voting_by == Consultation.TakingPart.ANYBODY
        and found.record.visibility == Visibility.PUBLIC
    )


def _next_card(
    request: HttpRequest,
    board: queries.Board,
    asker: voters.Asker,
    taken: actions.Taken,
    last: int,
    value: int,
    now: datetime,
) -> str | None:
    language = translation.get_language_from_request(request)
    translation.activate(language)
    wanted = queries.reading_language(board.consultation, content_language(request))
    if taken.votes & (board.merged.keys() | board.changed.keys()):
        return None  # which answer counts and which is asked for again takes more than their numbers
    votes = taken.votes & board.authors.keys()
    barred = votes | board.written.get(taken.participant_id, frozenset())
    left, done = len(board.authors) - len(barred), len(votes)
    pk = queries.choose_next(board, asker.voter, wanted, barred=barred, later=taken.passed)
    if not pk or left < 1 or last not in board.authors:
        return None
    is_asked = done >= ASKED_AFTER and rules.may_give_attributes(board.consultation, now)
    about = (is_asked, taken.has_declined if is_asked else None)  # what stands below the card depends on it
    given = (language, wanted, request.META["QUERY_STRING"])
    keys = ((pk, *given, left > 1), (0, *given, about))
    moulds: Any = [board.cards.get(key) for key in keys]
    if None in moulds:
        participant = Participant(pk=taken.participant_id)
        card = _render(request, board, pk, participant, is_last=left == 1, is_asked=is_asked)
        if card is None:
            return None
        for key, mould in zip(keys, card, strict=True):
            if len(board.cards) < MOST_KEPT:
                board.cards.setdefault(key, mould)
        moulds = list(card)
    values = {
        "\0token": asker.token,
        "\0last": board.references[last],
        "\0answer": _label(language, value),
        "\0left": _grouped(language, left),
        "\0total": _grouped(language, left + done),
        "\0plain total": str(left + done),
        "\0plain done": str(done),
    }
    return "".join([values.get(piece, piece) for mould in moulds for piece in mould])


def _render(
    request: HttpRequest,
    board: queries.Board,
    pk: int,
    participant: Participant,
    *,
    is_last: bool,
    is_asked: bool,
) -> tuple[list[str], list[str]] | None:
    """The card's template with marks in it, in pieces: its form, which is the statement's, and what stands below it,
    which is the same for all. None where the statement is gone. Three queries.
    """
    wanted = queries.reading_language(board.consultation, content_language(request))
    found = queries.get_statement_in_words(pk, wanted)
    if found is None:
        return None
    left, done = 1 if is_last else LEFT, DONE if is_asked else DONE_BUT_FEW
    last: Any = SimpleNamespace(reference=LAST, answer=SimpleNamespace(label=ANSWER))
    card = queries.Card(
        participant=participant,
        statement=found,
        answer=None,
        last=last,
        voted=[],
        own=[],
        done=done,
        left=left,
    )
    request.user = AnonymousUser()  # what the card's slots ask; nobody is signed in here
    asker = voters.Asker(Voter(token_hash=b""), TOKEN, is_remembered=True)
    context = card_context(request, board.consultation, asker, card, wanted, timezone.now(), counted=True)
    page = render_to_string("participation/_card.html", context | {"is_fragment": True}, request=request)
    marks = {
        TOKEN: "\0token",
        LAST: "\0last",
        ANSWER: "\0answer",
        grouped(card.total): "\0total",
        str(card.total): "\0plain total",
        str(done): "\0plain done",
    } | ({} if is_last else {grouped(left): "\0left"})
    pattern = "|".join(re.escape(mark) for mark in sorted(marks, key=len, reverse=True))
    form, end, below = page.partition("</form>")

    def in_pieces(part: str) -> list[str]:
        return [marks.get(piece, piece) for piece in re.split(f"({pattern})", part)]

    return in_pieces(form + end), in_pieces(below)


@lru_cache(maxsize=20_000)
def _grouped(language: str, number: int) -> str:
    return grouped(number)


@lru_cache(maxsize=200)
def _label(language: str, value: int) -> str:
    return escape(str(Vote.Value(value).label))


@lru_cache(maxsize=1)
def _match() -> ResolverMatch:
    """What the log calls the address."""
    return resolve("/consultations/CON-1")
