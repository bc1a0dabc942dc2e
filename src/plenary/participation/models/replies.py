"""What those who asked say to what they heard."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from plenary.records.models import Record, Text

from .consultations import Consultation


class Reply(models.Model):
    """The answer to a consultation, published; an edit is a new one, and the last one counts."""

    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="replies")
    text = models.ForeignKey(Text, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    leads_to = models.ManyToManyField(
        Record, blank=True, related_name="+", help_text=_("Changes, commitments and decisions that it names")
    )

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"answer {self.pk} to {self.consultation_id}"
