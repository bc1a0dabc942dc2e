"""What people say about a clause."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from plenary.participation.wording import reason_in_words
from plenary.records.models import CitableModel
from plenary.strategy.models import Clause, Strategy, Version


class Commenter(models.Model):
    """Somebody who comments on the clauses of one strategy: an account, or the hash of a random token. Nothing else
    is known of her, and nothing links her to those who take part in consultations.
    """

    strategy = models.ForeignKey(Strategy, on_delete=models.PROTECT, related_name="commenters")
    token_hash = models.BinaryField(max_length=32, null=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="commenting"
    )
    since = models.DateField()
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["strategy", "token_hash"], name="commenter_once"),
            models.UniqueConstraint(
                fields=["strategy", "user"], condition=Q(user__isnull=False), name="commenter_signed_in_once"
            ),
        ]

    def __str__(self) -> str:
        return f"a commenter of {self.strategy_id}"


class Comment(CitableModel):
    """Words about a clause, read before they are shown; the record's title is what was said. See also ``Useful``."""

    class Stance(models.TextChoices):
        NONE = "", _("neither for nor against")
        FOR = "for", _("for it")
        AGAINST = "against", _("against it")

    class Moderation(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("comment", "waiting")
        ACCEPTED = "accepted", pgettext_lazy("comment", "accepted")
        REJECTED = "rejected", pgettext_lazy("comment", "rejected")

    clause = models.ForeignKey(Clause, on_delete=models.PROTECT, related_name="comments")
    version = models.ForeignKey(
        Version,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("In which the clause was read"),
    )
    author = models.ForeignKey(
        Commenter, on_delete=models.SET_NULL, null=True, blank=True, related_name="comments"
    )
    answers = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replies"
    )
    quoted = models.TextField(blank=True, help_text=_("Words of the clause that it is about"))
    stance = models.CharField(max_length=7, choices=Stance.choices, blank=True, default=Stance.NONE)
    moderation = models.CharField(max_length=8, choices=Moderation.choices, default=Moderation.WAITING)
    moderation_reason = models.TextField(blank=True)
    shown_at = models.DateTimeField(
        null=True, blank=True, help_text=_("Since when others can find it useful")
    )

    class Meta:
        indexes = [models.Index(fields=["clause", "moderation"], name="comment_moderation")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(moderation="rejected") | ~Q(moderation_reason=""),
                name="comment_rejected_with_a_reason",
            )
        ]

    @property
    def reason_in_words(self) -> str:
        return reason_in_words(self.moderation_reason)


class Useful(models.Model):
    """One commenter found one comment useful."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="marks")
    commenter = models.ForeignKey(Commenter, on_delete=models.CASCADE, related_name="marks")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["comment", "commenter"], name="useful_once")]

    def __str__(self) -> str:
        return f"{self.comment_id} was useful"
