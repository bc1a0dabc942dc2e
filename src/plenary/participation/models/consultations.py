"""Questions put to people."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from plenary.records.models import CitableModel, Record, Source, Text


class Consultation(CitableModel):
    """A question put to people, about a clause, a version or a question; the record's title is its name."""

    class Moderation(models.TextChoices):
        BEFORE = "before", _("statements are read before they are shown")
        AFTER = "after", _("statements are shown at once and read afterwards")

    about = models.ForeignKey(
        Record, on_delete=models.PROTECT, null=True, blank=True, related_name="consultations"
    )
    question = models.ForeignKey(Text, on_delete=models.PROTECT, related_name="+")
    introduction = models.ForeignKey(Text, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField(null=True, blank=True)
    moderation = models.CharField(max_length=6, choices=Moderation.choices, default=Moderation.BEFORE)
    takes_statements = models.BooleanField(default=True)
    licence = models.CharField(
        max_length=30, default="CC-BY-4.0", help_text=_("SPDX name of the content's licence")
    )
    terms = models.CharField(
        max_length=20, default="1", help_text=_("Version of the terms that a first vote accepts")
    )
    minimum_age = models.PositiveSmallIntegerField(default=16)
    source = models.ForeignKey(
        Source, on_delete=models.PROTECT, null=True, blank=True, related_name="consultations"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_at__isnull=True) | Q(closes_at__gt=F("opens_at")),
                name="closes_after_it_opens",
            )
        ]

    def is_open(self, now: datetime) -> bool:
        """Computed from the clock, never flipped by a job."""
        return self.opens_at <= now and (self.closes_at is None or now < self.closes_at)
