"""Those who take part, and their votes, which are only ever added. See docs/formats/vote-1.md."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .consultations import Consultation
from .statements import Statement


class Participant(models.Model):
    """Somebody who takes part in one consultation: no name, no address, no number given at request time.

    ``token_hash`` is SHA-256 of the random token that the first card carried; who is signed in has none, her account
    is her key. The two are never joined: votes cast without an account stay without one. ``secret`` keys the salts of
    her ledger commitments (docs/formats/vote-1.md) and is destroyed on erasure.
    """

    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="participants")
    token_hash = models.BinaryField(max_length=32, null=True)
    secret = models.BinaryField(max_length=32, null=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="participations",
        help_text="Only where she signed in to take part",
    )
    terms = models.CharField(max_length=20)
    imported_as = models.CharField(max_length=40, blank=True, help_text="Her id in the imported export")
    since = models.DateField()
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consultation", "token_hash"], name="participant_once"),
            models.UniqueConstraint(
                fields=["consultation", "imported_as"],
                condition=~Q(imported_as=""),
                name="imported_participant_once",
            ),
            models.UniqueConstraint(
                fields=["consultation", "user"],
                condition=Q(user__isnull=False),
                name="signed_in_participant_once",
            ),
        ]
        # Whose votes count nowhere: asked with every count, and nearly nobody.
        indexes = [
            models.Index(fields=["id"], condition=Q(erased_at__isnull=False), name="erased_participant")
        ]

    def __str__(self) -> str:
        return f"a participant of {self.consultation_id}"


class Vote(models.Model):
    """One answer of one participant to one statement. Append-only: ``n`` counts her revisions, the highest counts.

    ``n`` has no gaps: the INSERT asks for n − 1. So a vote is the latest where there is no n + 1 of it.

    No database foreign keys on this one table (share locks on popular statements); the INSERT checks existence.
    """

    class Value(models.IntegerChoices):
        AGREE = 1, _("Agree")
        DISAGREE = -1, _("Disagree")
        PASS = 0, _("Pass or unsure")

    id = models.BigAutoField(primary_key=True)
    participant = models.ForeignKey(
        Participant, on_delete=models.DO_NOTHING, db_constraint=False, related_name="votes"
    )
    statement = models.ForeignKey(
        Statement, on_delete=models.DO_NOTHING, db_constraint=False, related_name="votes"
    )
    n = models.PositiveSmallIntegerField(default=0)
    value = models.SmallIntegerField(choices=Value.choices)
    language = models.CharField(max_length=35, blank=True, help_text="In which the card was read")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["participant", "statement", "n"], name="vote_revision_once"),
            models.CheckConstraint(condition=Q(value__in=[-1, 0, 1]), name="vote_in_range"),
        ]
        # First answers (n = 0) of a statement are counted from the index alone.
        indexes = [models.Index(fields=["statement", "n"], name="vote_of_statement")]

    def __str__(self) -> str:
        return f"{self.value} on {self.statement_id}"


class Seen(models.Model):
    """A statement that was put before somebody and that she went past. Seen is not voted: unseen is not disapproval.

    Written with her next act, never by a page that is looked at; a later vote leaves it. Like votes, without foreign
    keys in the database.
    """

    id = models.BigAutoField(primary_key=True)
    participant = models.ForeignKey(
        Participant, on_delete=models.DO_NOTHING, db_constraint=False, related_name="seen"
    )
    statement = models.ForeignKey(
        Statement, on_delete=models.DO_NOTHING, db_constraint=False, related_name="seen"
    )
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["participant", "statement"], name="seen_once")]

    def __str__(self) -> str:
        return f"{self.statement_id} was shown"
