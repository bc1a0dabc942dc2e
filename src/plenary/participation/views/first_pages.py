"""The page of a question for those who come for the first time, rendered once for many of them.

Where a consultation is in the news, nearly everybody who opens it is new: no cookie, no account. The pages of two
newcomers, in the same language and by the same address, differ by their card and their token alone. So a page is kept
in pieces around them: what is around the card as long as the board (until any event is written, and with its numbers
for some seconds), the card until an event touches it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from plenary.kit.languages import content_language
from plenary.participation import queries, voters
from plenary.participation.models import Consultation
from plenary.records.models import Visibility

MOST_KEPT = 5_000  # of a board, at about 4 kB
CARD = re.compile(r'(.*)(<section class="card" id="card".*?</section>)(.*)', re.DOTALL)
LONGEST = 40  # of what stands behind the question mark: a language, and nothing to fill the memory with
is_on = True  # off in tests, which write what no event tells


def answer(
    request: HttpRequest, reference: str, show: Callable[[voters.Asker], HttpResponse]
) -> HttpResponse | None:
    """The page for a newcomer, or None for anybody else; ``show`` renders it where none is kept."""
    if not is_on or not _is_new(request):
        return None
    consultation_id = queries.find_consultation_id(reference)
    if consultation_id is None:
        return None
    board = queries.get_board(consultation_id)
    found = board.consultation
    if found.access != Consultation.Access.OPEN or found.record.visibility != Visibility.PUBLIC:
        return None
    asker = voters.newcomer(found)
    language = queries.reading_language(found, content_language(request))
    now = timezone.now()
    is_open = found.is_open(now)
    pk = queries.choose_next(board, asker.voter, language, barred=(), later=()) if is_open else 0
    address = request.build_absolute_uri()
    around = (bool(pk), found.phase_at(now), translation.get_language(), language, address)
    of_card = (pk, len(board.authors), around)
    page, card = board.pages.get(around), board.cards.get(of_card)
    if page is not None and card is not None:
        return HttpResponse("".join([asker.token.join(part) for part in (page[0], card, page[1])]))
    response = show(asker)
    parts = _in_parts(response, asker.token)
    is_hers = parts is not None and board.references.get(pk, "") in "".join(
        parts[1]
    )  # the board may have changed
    if parts is not None and is_hers and max(len(board.pages), len(board.cards)) < MOST_KEPT:
        before, board.cards[of_card], after = parts
        board.pages[around] = before, after
    return response


def _in_parts(response: HttpResponse, token: str) -> list[list[str]] | None:
    """What stands before, in and after the card, each in pieces around the token; None where it is not to be kept."""
    found = CARD.fullmatch(response.content.decode())
    if found is None or response.status_code != 200 or response.cookies or "<section" in found[2][1:]:
        return None
    if token.partition(":")[0] in "".join(found.groups()).replace(token, ""):
        return None  # in another form; two people must never share a token
    return [part.split(token) for part in found.groups()]


def _is_new(request: Any) -> bool:
    return (
        request.method == "GET"
        and not request.htmx
        and request.COOKIES.keys() <= {settings.LANGUAGE_COOKIE_NAME}
        and request.GET.keys() <= {"lang"}
        and len(request.META["QUERY_STRING"]) <= LONGEST
        and not request.user.is_authenticated
    )
