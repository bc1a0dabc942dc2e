"""Where people are reached: kinds of place as data, and the words that fit each. No database, no clock in here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import models
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from datetime import date

    from django.utils.functional import _StrPromise

Size = tuple[int, int]


class Platform(models.TextChoices):
    """By what a place can carry, not by whose it is: firms come and go."""

    SHORT_POST = "short", _("short post")
    PICTURE_POST = "picture", _("post with a picture")
    MESSAGE = "message", _("message in a chat group")
    TEXT_MESSAGE = "sms", _("text message to a phone")
    NEWSLETTER = "newsletter", _("newsletter or website")
    POSTER = "poster", _("poster")
    SPOKEN = "spoken", _("radio, loudspeaker or classroom")


@dataclass(frozen=True)
class Carries:
    """What a kind of place can carry."""

    limit: int
    """Characters, the link among them."""
    picture: Size | None = None
    """Width and height in pixels."""
    is_printed: bool = False
    note: str | _StrPromise = ""


CARRIES: dict[str, Carries] = {
    Platform.SHORT_POST: Carries(280, (1200, 630), note=_("At most 280 characters, with a wide picture.")),
    Platform.PICTURE_POST: Carries(2_000, (1080, 1350), note=_("A tall picture, and words below it.")),
    Platform.MESSAGE: Carries(700, (1080, 1080), note=_("A square picture, and words that can be sent on.")),
    Platform.TEXT_MESSAGE: Carries(160, note=_("At most 160 characters, no picture.")),
    Platform.NEWSLETTER: Carries(2_000, (1200, 630), note=_("A paragraph with a picture.")),
    Platform.POSTER: Carries(600, is_printed=True, note=_("A sheet in A4 or A3 with a code to scan.")),
    Platform.SPOKEN: Carries(700, note=_("Words to be read aloud: the address is short enough to be said.")),
}


def propose_words(
    *,
    platform: str,
    language: str,
    question: str,
    link: str,
    closes_on: str = "",
    minimum_age: int = 0,
    needs_account: bool = False,
) -> str:
    """The longest of several wordings that fits the place, in the language's words around the question's.

    ``closes_on`` is the day as it is written in that language. A question too long for a text message is cut with an
    ellipsis, the link never.
    """
    limit = CARRIES[platform].limit
    with translation.override(language):
        ask = gettext("Say what you think: %(link)s") % {"link": link}
        free = "" if needs_account else gettext("No account is needed.")
        until = gettext("Open until %(date)s.") % {"date": closes_on} if closes_on else ""
        age = gettext("From the age of %(age)s.") % {"age": minimum_age} if minimum_age else ""
        why = gettext(
            "A few taps are enough, and you can add what is missing. The results and the answer to them are published."
        )
    full = [question, why, free, until, age, ask]
    # What is left out first stands first here.
    for left_out in ([], [why], [why, age], [why, age, until], [why, age, until, free]):
        words = _joined([part for part in full if part and part not in left_out])
        if len(words) <= limit:
            return words
    room = limit - len(ask) - 1
    return _joined([f"{question[: max(room - 1, 0)].rstrip()}…", ask])


def _joined(parts: Sequence[str]) -> str:
    return " ".join(parts)


def written(day: date, language: str) -> str:
    """A day in a language's own words."""
    from django.utils.formats import date_format

    with translation.override(language):
        return date_format(day, "DATE_FORMAT")
