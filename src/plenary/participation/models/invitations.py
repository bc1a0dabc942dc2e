"""Ways into a consultation that is not for everybody."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .consultations import Consultation


class Invitation(models.Model):
    """A code that lets one person in, once, by e-mail or on paper.

    Nothing joins it to whom it let in: it keeps the hash of a code and that it was used, not when and not by whom.
    The address is erased as soon as the code was used or revoked, and when the consultation takes no more votes.
    """

    class State(models.TextChoices):
        QUEUED = "queued", pgettext_lazy("invitation", "to be sent")
        SENT = "sent", pgettext_lazy("invitation", "sent")
        FAILED = "failed", pgettext_lazy("invitation", "not delivered to the mail server")
        PRINTED = "printed", pgettext_lazy("invitation", "printed")
        USED = "used", pgettext_lazy("invitation", "used")
        REVOKED = "revoked", pgettext_lazy("invitation", "revoked")

    consultation = models.ForeignKey(Consultation, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(blank=True)
    language = models.CharField(max_length=35, help_text=_("In which the mail speaks"))
    label = models.CharField(max_length=80, blank=True, help_text=_("Which printed list it belongs to"))
    code_hash = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=8, choices=State.choices)
    invited_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["consultation", "email"], condition=~Q(email=""), name="invited_once"
            ),
            models.UniqueConstraint(
                fields=["code_hash"], condition=~Q(code_hash=""), name="invitation_code_once"
            ),
        ]
        indexes = [models.Index(fields=["consultation", "state"], name="invitation_state")]

    def __str__(self) -> str:
        return f"invitation {self.pk} to {self.consultation_id}"
