"""What was decided about statements beyond accepting and rejecting them: other wordings, and appeals."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from plenary.records.models import Text

from .statements import Statement


class Rewording(models.Model):
    """A statement was given other words. The earlier ones are kept, and shown unless they expose somebody."""

    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="rewordings")
    before = models.ForeignKey(Text, on_delete=models.PROTECT, related_name="+")
    after = models.ForeignKey(Text, on_delete=models.PROTECT, related_name="+")
    changes_meaning = models.BooleanField(
        help_text=_("Votes given before do not count until they are given again")
    )
    hides_before = models.BooleanField(default=False, help_text=_("The earlier words are for staff alone"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"other words for {self.statement_id}"


class Appeal(models.Model):
    """Its author asks for a rejected statement to be read again, by somebody else. Once for each statement."""

    class Outcome(models.TextChoices):
        WAITING = "waiting", _("waits for a second reading")
        UPHELD = "upheld", _("the appeal was right: the statement was accepted")
        DISMISSED = "dismissed", _("the rejection stands")

    statement = models.OneToOneField(Statement, on_delete=models.PROTECT, related_name="appeal")
    text = models.TextField(help_text=_("What the author says; for staff alone"))
    at = models.DateTimeField()
    outcome = models.CharField(max_length=9, choices=Outcome.choices, default=Outcome.WAITING)
    reason = models.TextField(blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(outcome="waiting") | ~models.Q(reason=""), name="appeal_with_a_reason"
            )
        ]

    def __str__(self) -> str:
        return f"appeal about {self.statement_id}"
