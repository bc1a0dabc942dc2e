"""What came on paper, from a meeting or in a letter, and what other platforms counted. See docs/handbook/paper.md.

A ballot on paper becomes a participant without a token, and her votes are votes like all others. Raised hands are a
tally: nobody knows whose hands they were, so they stand beside the votes and are never mixed with them.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from plenary.records.models import Source, Text

from .consultations import Consultation
from .statements import Statement
from .taking_part import Participant


class Submission(models.Model):
    """One meeting, letter, call or delegation whose input somebody entered. Nobody's name is kept."""

    class Kind(models.TextChoices):
        MEETING = "meeting", _("meeting")
        LETTER = "letter", _("letter")
        PHONE = "phone", _("telephone")
        DELEGATION = "delegation", _("delegation")

    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="submissions")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    held_on = models.DateField(help_text=_("Day of the meeting, or of the letter"))
    place = models.CharField(max_length=120, blank=True)
    organization = models.CharField(max_length=120, blank=True)
    language = models.CharField(max_length=35)
    people = models.PositiveIntegerField(null=True, blank=True, help_text=_("How many were there"))
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    entered_at = models.DateTimeField()
    scan_sha256 = models.CharField(max_length=64, blank=True, help_text=_("Names the scanned source"))
    scan_type = models.CharField(max_length=40, blank=True)
    scan_size = models.PositiveIntegerField(default=0)
    batch_sha256 = models.CharField(max_length=64, blank=True, help_text=_("Of the file it was read from"))
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_because = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | ~Q(withdrawn_because=""),
                name="submission_withdrawn_with_a_reason",
            ),
            # The same file twice counts once, unless what it brought was withdrawn.
            models.UniqueConstraint(
                fields=["consultation", "batch_sha256"],
                condition=~Q(batch_sha256="") & Q(withdrawn_at__isnull=True),
                name="submission_of_a_file_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.held_on}"


class PaperBallot(models.Model):
    """One sheet and the participant who was made for it. Withdrawn, its votes stay stored and count nowhere."""

    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="+")
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="ballots")
    participant = models.OneToOneField(Participant, on_delete=models.PROTECT, related_name="paper_ballot")
    code = models.CharField(max_length=11)
    entered_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["consultation", "code"],
                condition=Q(withdrawn_at__isnull=True),
                name="paper_ballot_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["participant"], condition=Q(withdrawn_at__isnull=False), name="withdrawn_ballot"
            )
        ]

    def __str__(self) -> str:
        return self.code


class MeetingTally(models.Model):
    """Hands raised for a statement at a meeting."""

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="tallies")
    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="tallies")
    agree = models.PositiveIntegerField()
    disagree = models.PositiveIntegerField()
    passed = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["submission", "statement"], name="meeting_tally_once")]

    def __str__(self) -> str:
        return f"{self.agree} / {self.disagree} / {self.passed}"


class EnteredStatement(models.Model):
    """A statement that was said or written there; the same statement may have been said at several places."""

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="statements")
    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="entered_from")
    is_first = models.BooleanField(default=True, help_text=_("It was added here, not only said again"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["submission", "statement"], name="statement_entered_once")
        ]

    def __str__(self) -> str:
        return f"{self.statement_id} from {self.submission_id}"


class StatementContext(models.Model):
    """What the platform that a statement was imported from tells about it: its long text and its support.

    The figures were counted by other rules, so they are shown as context and are no votes.
    """

    statement = models.OneToOneField(
        Statement, on_delete=models.PROTECT, primary_key=True, related_name="context"
    )
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+")
    body = models.ForeignKey(Text, on_delete=models.PROTECT, null=True, related_name="+")
    url = models.URLField(max_length=500, blank=True)
    state = models.CharField(max_length=60, blank=True)
    supports = models.PositiveIntegerField(null=True)
    endorsements = models.PositiveIntegerField(null=True)
    comments = models.PositiveIntegerField(null=True)

    def __str__(self) -> str:
        return f"context of {self.statement_id}"
