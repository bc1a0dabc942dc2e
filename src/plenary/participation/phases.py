"""The phases of a consultation, and what is open in which: data, read by rules, pages and the API. No clock in here."""

from __future__ import annotations

from collections.abc import Mapping

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
