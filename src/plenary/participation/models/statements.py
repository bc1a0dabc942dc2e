"""What was said."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from plenary.participation.wording import reason_in_words
from plenary.records.models import CitableModel

from .consultations import Consultation


class Statement(CitableModel):
    """One idea to agree or disagree with; the record's title is its wording."""

    class Origin(models.TextChoices):
        PARTICIPANT = "participant", _("written by a participant")
        SEED = "seed", _("written by those who ask")
        MEETING = "meeting", _("said at a meeting")
        LETTER = "letter", _("written in a letter")
        PHONE = "phone", _("said on the telephone")
        DELEGATION = "delegation", _("brought by a delegation")
        IMPORT = "import", _("imported")

    class Moderation(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("statement", "waiting")
        ACCEPTED = "accepted", pgettext_lazy("statement", "accepted")
        REJECTED = "rejected", pgettext_lazy("statement", "rejected")
        MERGED = "merged", pgettext_lazy("statement", "merged into another")
        ERASED = "erased", pgettext_lazy("statement", "withdrawn by its author")

    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="statements")
    author = models.ForeignKey(
        "participation.Participant",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="statements",
    )
    origin = models.CharField(max_length=11, choices=Origin.choices)
    moderation = models.CharField(max_length=8, choices=Moderation.choices, default=Moderation.WAITING)
    moderation_reason = models.TextField(blank=True)
    is_meta = models.BooleanField(
        default=False,
        help_text="About the people who vote, not about the matter: counted, and no view that is shared",
    )
    imported_as = models.CharField(max_length=40, blank=True, help_text="Its id in the imported export")
    duplicate_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="duplicates"
    )
    merged_from = models.CharField(
        max_length=8, blank=True, choices=Moderation.choices, help_text="What it was before it was merged"
    )
    counts_for = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="family",
        help_text="In a family of merged statements, the one for which the votes on all of them count; itself included",
    )
    asks_again_since = models.DateTimeField(
        null=True, blank=True, help_text="When its meaning was changed: earlier votes wait to be given again"
    )

    class Meta:
        indexes = [models.Index(fields=["consultation", "moderation"], name="statement_moderation")]
        constraints = [
            models.UniqueConstraint(
                fields=["consultation", "imported_as"],
                condition=~Q(imported_as=""),
                name="imported_statement_once",
            ),
            models.CheckConstraint(
                condition=~Q(moderation="rejected") | ~Q(moderation_reason=""), name="rejected_with_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(moderation="merged", duplicate_of__isnull=False)
                | ~Q(moderation="merged") & Q(duplicate_of__isnull=True),
                name="merged_into_something",
            ),
        ]

    @property
    def reason_in_words(self) -> str:
        return reason_in_words(self.moderation_reason)
