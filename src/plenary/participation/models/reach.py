"""What was done about those who are missing."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from plenary.records.models import Organization

from .consultations import Consultation


class GapStep(models.Model):
    """A step towards people who are missing: who was asked to bring them, and how large the gap was then."""

    class By(models.TextChoices):
        ORGANIZATION = "organization", _("asked an organization to pass it on")
        INVITATION = "invitation", _("invited people by e-mail or code")
        OTHER = "other", _("another way")

    consultation = models.ForeignKey(Consultation, on_delete=models.CASCADE, related_name="gap_steps")
    attribute = models.CharField(max_length=20)
    value = models.CharField(max_length=35)
    by_way_of = models.CharField(max_length=12, choices=By.choices)
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    note = models.TextField(blank=True, help_text=_("Public; names no person"))
    share_then = models.FloatField(null=True, help_text="Of those who said it; empty where it was hidden")
    wanted_then = models.FloatField()
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    taken_at = models.DateTimeField()

    class Meta:
        ordering = ["-taken_at", "-id"]

    def __str__(self) -> str:
        return f"{self.by_way_of} for {self.attribute} {self.value}"
