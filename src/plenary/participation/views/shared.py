"""What several views of the module ask for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _

from plenary.participation import limits, queries, ways_in
from plenary.participation.models import Consultation
from plenary.participation.phases import Phase

REFERENCE = re.compile(r"STM-[0-9]{1,9}")
OUTREACH = re.compile(r"[2-9a-z]{6}")
PAGE = 50

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    from plenary.participation.voters import Asker

    class Request(HttpRequest):
        htmx: HtmxDetails


def get_consultation(request: HttpRequest, reference: str, language: str = "") -> Consultation:
    """The consultation of an address, for whoever sees it by her roles or brings a key that opens it."""
    found = queries.get_consultation_for(request.user, reference, language, queries.keys_of(request))
    if found is None:
        raise ways_in.nothing_there(request)
    return found


def phase(found: Consultation, now: Any) -> Phase:
    return found.phase_at(now)


def with_phase(found: list[Consultation], now: Any) -> list[Consultation]:
    for item in found:
        item.phase = item.phase_at(now)  # type: ignore[attr-defined]
    return found


def address(request: HttpRequest, found: Consultation, **more: str) -> str:
    """The page's address, in the language in which it is read."""
    kept = {name: request.GET.get(name, "") for name in ("lang", "key")} | more
    return reverse(
        "consultation", args=[found.reference], query={name: value for name, value in kept.items() if value}
    )


def came_by(request: HttpRequest) -> str:
    """The code of the outreach pack by whose link she came, where it has the form of one."""
    code = request.GET.get("via", "")
    return code if OUTREACH.fullmatch(code) else ""


def asked_again(sent: QueryDict) -> str:
    """The statement that she asks to see again, where it has the form of a reference."""
    asked = sent.get("again", "")
    return asked if REFERENCE.fullmatch(asked) else ""


def then_next(sent: QueryDict) -> str:
    """The statement that she was at when she asked to see another one again, where it has the form of a reference."""
    at = sent.get("then") or (sent.get("statement", "") if "again" in sent else "")
    return at if REFERENCE.fullmatch(at) else ""


def see(
    request: HttpRequest,
    found: Consultation,
    *,
    again: str = "",
    seen: str = "",
    then: str = "",
    anchor: str = "card",
) -> HttpResponse:
    """See other (303): a reload of the next page sends nothing again."""
    response = HttpResponseRedirect(f"{address(request, found, again=again, seen=seen, then=then)}#{anchor}")
    response.status_code = 303
    return response


MOST_SEEN = 200  # of what she went past between two votes; an address has an end


def seen_so_far(sent: QueryDict, now: str = "") -> list[str]:
    """The statements that she went past since her last vote, as the card or its address carries them; ``now`` last."""
    names = [name for name in sent.get("seen", "").split() if name != now]
    return list(dict.fromkeys(name for name in [*names, now] if REFERENCE.fullmatch(name)))[-MOST_SEEN:]


def too_many(request: HttpRequest, asker: Asker) -> tuple[str, int] | None:
    """Where too much was written in a short time: what to say, and after how many seconds the next is taken.

    Statements, comments and answers to surveys count together.
    """
    now = timezone.now()
    refused = limits.count_sending(request, asker.voter, now)
    if refused is None:
        return None
    when = {"time": time_format(timezone.localtime(refused.until), "TIME_FORMAT")}
    if refused.is_hers:
        words = _(
            "You sent very much in a short time, so this was not saved. It is still here: "
            "send it again after %(time)s."
        )
    else:
        words = _(
            "Very much came from your connection in a short time, so this was not saved. "
            "It is still here: send it again after %(time)s."
        )
    return words % when, refused.seconds(now)


def say_when(response: HttpResponse, seconds: int) -> HttpResponse:
    """Tell programs, too, when to come again."""
    response.headers["Retry-After"] = str(seconds)
    return response
