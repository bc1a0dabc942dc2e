"""What a desk can do in a consultation: a line here is a line on its page «manage».

A module above this one that has a page of its own for a consultation names it here too; where it is not installed,
its address does not exist and the line is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from plenary.kit import manifest

from .models import Consultation
from .phases import Act

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True)
class Work:
    """One kind of work, with the page where it is done."""

    label: str | _StrPromise
    url_name: str
    """Of an address that takes the consultation's reference."""
    note: str | _StrPromise = ""
    """What is done there, in a sentence."""
    act: Act | None = None
    """What the phase must allow; None where it is possible in every one."""
    waits: str = ""
    """Dotted path of ``count(consultation) -> int``: how much waits there. One query."""


WORKS = (
    Work(
        _("Words, dates and who takes part"),
        "edit-consultation",
        _("Everything that is set for this consultation."),
    ),
    Work(_("Preview"), "preview-consultation", _("As somebody new sees it, taking no vote.")),
    Work(
        _("Invitations"),
        "invitations",
        _("By e-mail or with printed codes, where it is not for everybody."),
        act=Act.INVITE,
        waits="plenary.participation.queries.count_failed",
    ),
    Work(
        _("Statements to read"),
        "moderation",
        _("Accept or reject what people wrote, with a reason."),
        act=Act.MODERATE,
        waits="plenary.participation.queries.count_waiting",
    ),
    Work(
        _("Languages and translations"),
        "consultation-languages",
        _("In which languages it is read, and what is left to translate."),
        act=Act.TRANSLATE,
    ),
    Work(
        _("On paper and from meetings"),
        "paper",
        _("Print ballots and sheets, and enter what comes back."),
    ),
    Work(
        _("The ballot of the final round"),
        "edit-ballot",
        _("Which statements are put before everybody when voting on single ones ends."),
        waits="plenary.participation.queries.count_missing_ballot",
    ),
    Work(
        _("The audience wanted"),
        "audience",
        _("Whom you want to hear, and what people are asked about themselves."),
    ),
    Work(_("Who takes part"), "reach", _("Who was heard, and who is missing.")),
    Work(_("Who is missing"), "gaps", _("The largest gaps, whom to ask, and what was done."), act=Act.INVITE),
    Work(
        _("The card on other sites"),
        "embed-line",
        _("The line to paste into another site’s page, and which sites may show it."),
    ),
    Work(
        _("Signs of coordination"),
        "integrity",
        _("People who vote as one: confirm or dismiss, with a reason."),
        waits="plenary.participation.queries.count_waiting_flags",
    ),
    Work(
        _("Reaching out"),
        "outreach",
        _("Words, pictures, posters and links for where people are, and how many came by each."),
    ),
    Work(
        _("Erase a person"),
        "erase-participant",
        _("Somebody who took part asks for everything of hers to be destroyed."),
    ),
    Work(
        _("Surveys"),
        "consultation-surveys",
        _(
            "Questions with answers to choose, scales, rankings and words; the pulse of trust; the next cycle."
        ),
        waits="plenary.participation.queries.count_waiting_texts",
    ),
    Work(_("Results"), "consultation-results", _("What the votes say, and new analyses."), act=Act.ANALYSE),
    Work(
        _("The answer"),
        "answer-consultation",
        _("What you say to what you heard, and what it leads to."),
        act=Act.REPLY,
    ),
    Work(
        _("Next cycle"),
        "duplicate-consultation",
        _("The same words and statements asked again, as a new draft."),
    ),
)


@dataclass(frozen=True)
class Shown:
    work: Work
    url: str
    is_allowed: bool
    """Whether the phase lets it happen now; the page can be looked at all the same."""
    count: int


def list_works(consultation: Consultation, now: datetime) -> list[Shown]:
    """What can be done in a consultation, in the order declared. One query for each line that counts."""
    found = []
    for work in WORKS:
        try:
            url = reverse(work.url_name, args=[consultation.reference])
        except NoReverseMatch:
            continue
        allowed = work.act is None or consultation.allows(work.act, now)
        count = manifest.resolve(work.waits)(consultation) if work.waits else 0
        found.append(Shown(work, url, allowed, count))
    return found
