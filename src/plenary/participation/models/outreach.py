"""Reaching people where they are, and counting what comes of it without knowing who."""

from __future__ import annotations

from django.db import models

from plenary.participation.platforms import Platform

from .consultations import Consultation


class OutreachPack(models.Model):
    """Words, a picture or a poster, and a link of its own, for one kind of place in one language."""

    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="packs")
    platform = models.CharField(max_length=10, choices=Platform.choices)
    language = models.CharField(max_length=35)
    place = models.CharField(max_length=120, blank=True, help_text="Where it is put up: a group, a library")
    words = models.TextField()
    code = models.CharField(max_length=12, unique=True, help_text="What the link carries; it names the pack")
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.code


class OutreachCount(models.Model):
    """What came by a pack's link on one day: numbers only. Nothing leads from here to a participant or back."""

    pack = models.ForeignKey(OutreachPack, on_delete=models.CASCADE, related_name="counts")
    day = models.DateField()
    seen = models.PositiveIntegerField(default=0, help_text="Browsers that opened the page by the link")
    joined = models.PositiveIntegerField(default=0, help_text="First votes given on such a page")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pack", "day"], name="outreach_count_once")]

    def __str__(self) -> str:
        return f"{self.pack_id} {self.day}"
