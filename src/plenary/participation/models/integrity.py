"""Signs that people act as one, each for a person to judge. A flag deletes nothing and says of nobody who she is."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from plenary.records.models import Record

from .consultations import Consultation
from .statements import Statement
from .taking_part import Participant


class Flag(models.Model):
    """A group of participants who vote as one by one signal, proposed by the engine, judged by the desk.

    Who is in it stays here: pages, events, the API and exports tell how many, never who.
    """

    class Signal(models.TextChoices):
        COPIES = "copies", _("Nearly identical ballots")
        ONE_SIDE = "one-side", _("Everything answered with the same side")
        PUSH = "push", _("Short ballots that push one statement")
        FAST = "fast", _("Answers faster than anybody reads")
        FLOOD = "flood", _("Many statements by one author in a short time")

    class State(models.TextChoices):
        PROPOSED = "proposed", pgettext_lazy("flag", "waits for a judgement")
        CONFIRMED = "confirmed", pgettext_lazy("flag", "confirmed")
        DISMISSED = "dismissed", pgettext_lazy("flag", "dismissed")

    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="flags")
    number = models.PositiveIntegerField(help_text="Within the consultation, from 1")
    signal = models.CharField(max_length=10, choices=Signal.choices)
    state = models.CharField(max_length=9, choices=State.choices, default=State.PROPOSED)
    size = models.PositiveIntegerField(help_text="Participants in it")
    figures = models.JSONField(
        default=dict, help_text="What was counted, and how much of it chance makes likely"
    )
    participants = models.ManyToManyField(Participant, related_name="flags")
    statements = models.ManyToManyField(
        Statement, related_name="flags", help_text="On which they stand out, or which they wrote"
    )
    found_at = models.DateTimeField()
    found_by = models.ForeignKey(
        Record, on_delete=models.PROTECT, null=True, related_name="+", help_text="The analysis that found it"
    )
    reason = models.TextField(blank=True)
    judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    judged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["consultation", "number"], name="flag_number_once"),
            models.CheckConstraint(
                condition=Q(state="proposed") | ~Q(reason=""), name="judged_with_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"flag {self.number} of {self.consultation_id}"
