"""The final round: a short list of statements that everybody answers on one page."""

from __future__ import annotations

from django.db import models

from .consultations import Consultation
from .statements import Statement
from .taking_part import Participant


class BallotEntry(models.Model):
    """A statement of the short list. What people answer to it are ordinary votes on the statement."""

    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="ballot")
    statement = models.OneToOneField(Statement, on_delete=models.PROTECT, related_name="ballot_entry")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["consultation", "position"], name="ballot_position_once")
        ]

    def __str__(self) -> str:
        return f"{self.statement_id} in place {self.position}"


class BallotSent(models.Model):
    """Somebody sent the ballot: she had all of the short list before her, whatever of it she answered."""

    participant = models.OneToOneField(Participant, on_delete=models.CASCADE, related_name="ballot_sent")
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"a ballot of {self.participant_id}"
