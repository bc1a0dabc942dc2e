"""What those who take part say about themselves. In a table of its own, apart from accounts and from votes."""

from __future__ import annotations

from django.db import models

from .taking_part import Participant


class ParticipantAttributes(models.Model):
    """What one participant said about herself in one consultation, if she wanted to; empty fields were not said.

    Nothing of it is published but counts of at least five people. A change is a new row (``participation.actions``
    says why), so ``id`` is the order in which answers came in their present form. No time is kept, only the day.
    """

    participant = models.OneToOneField(Participant, on_delete=models.CASCADE, related_name="attributes")
    sector = models.CharField(max_length=35, blank=True)
    region = models.CharField(max_length=35, blank=True)
    age = models.CharField(max_length=35, blank=True)
    gender = models.CharField(max_length=35, blank=True)
    language = models.CharField(max_length=35, blank=True)
    affected = models.CharField(max_length=35, blank=True)
    has_declined = models.BooleanField(default=False, help_text="She was asked and said nothing")
    given_on = models.DateField()

    class Meta:
        verbose_name_plural = "participant attributes"

    def __str__(self) -> str:
        return f"attributes of {self.participant_id}"
