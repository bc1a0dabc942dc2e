"""The phases of a consultation, and what is open in which: data, read by rules, pages and the API. No clock in here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Phase(models.TextChoices):
    """In their order. ``final`` is there only where the consultation ends with one ballot for everybody."""

    ANNOUNCED = "announced", pgettext_lazy("phase", "announced")
    OPEN = "open", pgettext_lazy("phase", "open")
    FINAL = "final", pgettext_lazy("phase", "final round")
    ANALYSIS = "analysis", pgettext_lazy("phase", "being analysed")
    ANSWER = "answer", pgettext_lazy("phase", "answered")
    CLOSED = "closed", pgettext_lazy("phase", "closed")


class Act(models.TextChoices):
    """What somebody may do in a consultation, as far as its phase is concerned."""

    VOTE = "vote", _("vote on statements")
    WRITE = "write", _("write statements")
    ANSWER_SURVEY = "survey", _("answer the survey")
    VOTE_FINALLY = "ballot", _("fill in the final ballot")
    GIVE_ATTRIBUTES = "attributes", _("say something about oneself")
    APPEAL = "appeal", _("appeal against a moderation")
    MODERATE = "moderate", _("read and decide statements")
    TRANSLATE = "translate", _("translate statements")
    ENTER = "enter", _("enter what came on paper or from a meeting")
    INVITE = "invite", _("invite people")
    ANALYSE = "analyse", _("analyse the votes")
    REPLY = "reply", _("answer what was heard")


_DESK = frozenset({Act.MODERATE, Act.TRANSLATE, Act.ANALYSE})

ALLOWED: Mapping[Phase, frozenset[Act]] = {
    Phase.ANNOUNCED: frozenset({Act.TRANSLATE, Act.INVITE, Act.MODERATE}),
    Phase.OPEN: _DESK
    | {Act.VOTE, Act.WRITE, Act.ANSWER_SURVEY, Act.GIVE_ATTRIBUTES, Act.APPEAL, Act.ENTER, Act.INVITE},
    Phase.FINAL: _DESK | {Act.VOTE_FINALLY, Act.GIVE_ATTRIBUTES, Act.APPEAL, Act.ENTER, Act.INVITE},
    # Letters and minutes arrive after the last day; what they say still counts until the results stand.
    Phase.ANALYSIS: _DESK | {Act.ENTER, Act.APPEAL, Act.REPLY},
    Phase.ANSWER: frozenset({Act.TRANSLATE, Act.ANALYSE, Act.REPLY}),
    Phase.CLOSED: frozenset({Act.TRANSLATE, Act.ANALYSE, Act.REPLY}),
}

# What stops while a consultation is paused: the acts of those who take part. The desk goes on.
PAUSED: frozenset[Act] = frozenset(
    {Act.VOTE, Act.WRITE, Act.ANSWER_SURVEY, Act.VOTE_FINALLY, Act.GIVE_ATTRIBUTES}
)


@dataclass(frozen=True)
class Span:
    """One phase of a consultation from its day to the next one's; None where that day is not set."""

    phase: Phase
    starts_at: datetime | None
    ends_at: datetime | None

    def stands_to(self, now: datetime) -> str:
        """``past``, ``now`` or ``ahead``."""
        if self.starts_at is not None and now < self.starts_at:
            return "ahead"
        return "past" if self.ends_at is not None and self.ends_at <= now else "now"


def spans(
    opens_at: datetime,
    closes_at: datetime | None,
    final_closes_at: datetime | None,
    answer_at: datetime | None,
    ends_at: datetime | None,
) -> list[Span]:
    """The phases that a consultation goes through, in order. A date that is not set brings no phase of its own."""
    dates: list[tuple[Phase, datetime | None]] = [(Phase.ANNOUNCED, None), (Phase.OPEN, opens_at)]
    if closes_at is not None:
        last = closes_at
        if final_closes_at is not None and final_closes_at > last:
            dates.append((Phase.FINAL, last))
            last = final_closes_at
        if answer_at is not None:
            if answer_at > last:
                dates.append((Phase.ANALYSIS, last))
                last = answer_at
            if ends_at is None or ends_at > last:
                dates.append((Phase.ANSWER, last))
            if ends_at is not None:
                dates.append((Phase.CLOSED, max(last, ends_at)))
        else:
            dates.append((Phase.CLOSED, last))
    ends = [start for _, start in dates[1:]] + [None]
    return [Span(phase, start, end) for (phase, start), end in zip(dates, ends, strict=True)]


def first_disorder(*dates: datetime | None) -> tuple[int, str] | None:
    """Which of the five dates (as ``spans`` takes them) comes too soon, by its place, and what to say; None if none."""
    opens, closes, final, answer, ends = dates
    said = {
        1: _("Voting must close after it opens."),
        2: _("The final round begins when voting closes, so it must end after that."),
        3: _("The answer comes after voting and the final round."),
        4: _("The answer is settled after the day of the answer, and after voting."),
    }
    lacks = {
        2: _("A final round needs a day on which voting closes."),
        3: _("A day for the answer needs a day on which voting closes."),
        4: _("A last day needs a day on which voting closes."),
    }
    last = opens
    for place, date in ((1, closes), (2, final), (3, answer), (4, ends)):
        if date is None:
            continue
        if place > 1 and closes is None:
            return place, str(lacks[place])
        if last is not None and date <= last and not (place == 4 and date == last):
            return place, str(said[place])
        last = date
    return None
