"""Outreach packs, and the numbers of what came by them."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from plenary.kit.errors import Refused
from plenary.participation import queries
from plenary.participation.models import Consultation, OutreachCount, OutreachPack
from plenary.participation.platforms import CARRIES
from plenary.participation.tokens import Voter
from plenary.records.actions import write_event

if TYPE_CHECKING:
    from plenary.people.models import User

# Without letters and digits that are mistaken for each other: a code is read from posters and said on the radio.
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
CODE_LENGTH = 6


def is_outreach_code(code: str) -> bool:
    """Whether it has the form of a code of ours and no pack bears it yet."""
    return (
        len(code) == CODE_LENGTH
        and set(code) <= set(ALPHABET)
        and not OutreachPack.objects.filter(code=code).exists()
    )


def new_code() -> str:
    """A code for a pack's link; 31⁶ of them, and a second try where one is taken."""
    while True:
        code = "".join(secrets.choice(ALPHABET) for _place in range(CODE_LENGTH))
        if not OutreachPack.objects.filter(code=code).exists():
            return code


@transaction.atomic
def make_pack(
    *,
    consultation: Consultation,
    platform: str,
    language: str,
    words: str,
    by: User | None,
    now: datetime,
    place: str = "",
    code: str = "",
) -> OutreachPack:
    """Keep what is to be put up at a kind of place, with the code of its link."""
    words = words.strip()
    if not words:
        raise Refused(_("Write the words first."))
    over = len(words) - CARRIES[platform].limit
    if over > 0:
        said = ngettext(
            "The words are %(count)s character too long for this place.",
            "The words are %(count)s characters too long for this place.",
            over,
        )
        raise Refused(said % {"count": over})
    pack = OutreachPack.objects.create(
        consultation=consultation,
        platform=platform,
        language=language,
        place=place.strip(),
        words=words,
        code=code or new_code(),
        made_at=now,
    )
    changes = {"platform": [None, platform], "language": [None, language], "code": [None, pack.code]}
    write_event(record=consultation.record, verb="outreach prepared", by=by, now=now, changes=changes)
    return pack


def count_outreach(*, code: str, what: str, now: datetime) -> None:
    """One more that was ``seen`` or ``joined`` by a pack's link today. An unknown code counts nothing.

    No event: it is a number, and whose visit it was is not to be told from it.
    """
    pack = OutreachPack.objects.filter(code=code).first()
    if pack is None:
        return
    counted, _made = OutreachCount.objects.get_or_create(pack=pack, day=now.date())
    OutreachCount.objects.filter(pk=counted.pk).update(**{what: F(what) + 1})


def count_first_vote(*, consultation: Consultation, voter: Voter, code: str, now: datetime) -> None:
    """Count the vote that was just written for a pack of this consultation, where it is her first."""
    participant = queries.get_participant(consultation, voter)
    if participant is None or participant.votes.count() != 1:
        return
    if queries.get_pack(consultation, code) is not None:
        count_outreach(code=code, what="joined", now=now)
