"""The page of a question for those who come for the first time, rendered once for many of them.

Where a consultation is in the news, nearly everybody who opens it is new: no cookie, no account. The pages of two
newcomers with the same card, in the same language and by the same address, differ by their token alone. So a page is
kept in pieces around its token, as long as the board from which its card comes: until any event is written, and with
its numbers for some seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from plenary.kit.languages import content_language
from plenary.participation import queries, voters
from plenary.participation.models import Consultation
from plenary.records.models import Visibility

MOST_KEPT = 500  # pages of a board, at about 10 kB
LONGEST = (
    40  # of what stands behind the question mark: room for a language, and nothing to fill the memory with
)
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
    key = (
        queries.choose_next(board, asker.voter, language, barred=(), later=()),
        found.phase_at(timezone.now()),
        translation.get_language(),
        language,
        request.build_absolute_uri(),
    )
    pieces = board.pages.get(key)
    if pieces is None:
        response = show(asker)
        pieces = response.content.decode().split(asker.token)
        random = asker.token.partition(":")[0]
        is_told = any(
            random in piece for piece in pieces
        )  # in another form: two people must never share a token
        if (
            response.status_code == 200
            and not response.cookies
            and not is_told
            and len(board.pages) < MOST_KEPT
        ):
            board.pages[key] = pieces
        return response
    return HttpResponse(asker.token.join(pieces))


def _is_new(request: Any) -> bool:
    return (
        request.method == "GET"
        and not request.htmx
        and request.COOKIES.keys() <= {settings.LANGUAGE_COOKIE_NAME}
        and request.GET.keys() <= {"lang"}
        and len(request.META["QUERY_STRING"]) <= LONGEST
        and not request.user.is_authenticated
    )
