"""Where somebody without an account wants to be told what comes of what she said. Apart from who took part."""

from __future__ import annotations

from django.db import models

from plenary.records.models import Event, Record

from .taking_part import Participant


class ParticipantContact(models.Model):
    """An e-mail address for news of one consultation; used only once its owner has confirmed it.

    In no export, event or log. Erased when she says so, with herself, or some time after the consultation has ended.
    """

    participant = models.OneToOneField(Participant, on_delete=models.CASCADE, related_name="contact")
    email = models.EmailField()
    language = models.CharField(max_length=35)
    asked_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"contact {self.pk}"


class ContactNews(models.Model):
    """An event that a contact is to be told of, or was. Once each."""

    contact = models.ForeignKey(ParticipantContact, on_delete=models.CASCADE, related_name="news")
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="+")
    because = models.ForeignKey(Record, on_delete=models.CASCADE, related_name="+")
    mailed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    tried_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["contact", "event"], name="contact_news_once")]
        indexes = [
            models.Index(fields=["contact"], condition=models.Q(mailed_at__isnull=True), name="news_to_mail")
        ]

    def __str__(self) -> str:
        return f"news of {self.event_id} to {self.contact_id}"
