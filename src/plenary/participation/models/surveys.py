"""Questions with typed answers, asked once or again and again."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from plenary.participation.wording import reason_in_words
from plenary.records.models import CitableModel, Text

from .consultations import Consultation
from .statements import Statement
from .taking_part import Participant


class Survey(CitableModel):
    """Some questions of a consultation; the record's title is its name.

    The desk alone sees it until it is published, and then whoever sees the consultation.
    """

    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="surveys")
    introduction = models.ForeignKey(Text, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)
    repeats = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="repeated_by",
        help_text=_("The same survey in the cycle before"),
    )
    series = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="cycles",
        help_text=_("The first survey of those that repeat each other; empty for the first itself"),
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(repeats__isnull=True) | ~Q(repeats=F("record")), name="survey_repeats_another"
            )
        ]

    @property
    def is_draft(self) -> bool:
        return self.published_at is None


class SurveyQuestion(models.Model):
    """One question. ``number`` is given once within its survey; ``place`` is where it stands.

    Once it has answers its words stand: it can be taken off the form (``removed_at``), and another be added.
    ``same_as`` is the question of the cycle before that asked the same, with the same options and scale.
    """

    said: dict[str, Any]  # given by texts.with_texts

    class Kind(models.TextChoices):
        CHOICE = "choice", _("one of several answers")
        SEVERAL = "several", _("several answers at once")
        SCALE = "scale", _("a number on a scale")
        RANKING = "ranking", _("answers put in order")
        TEXT = "text", _("an answer in words")

    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="questions")
    number = models.PositiveSmallIntegerField()
    place = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=7, choices=Kind.choices)
    wording = models.ForeignKey(Text, on_delete=models.PROTECT, related_name="+")
    help = models.ForeignKey(Text, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    is_required = models.BooleanField(default=False)
    lowest = models.SmallIntegerField(null=True, blank=True)
    highest = models.SmallIntegerField(null=True, blank=True)
    lowest_label = models.ForeignKey(Text, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    highest_label = models.ForeignKey(Text, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    depends_on = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="opens"
    )
    depends_values = models.JSONField(
        default=list, blank=True, help_text=_("Asked only after one of these answers to the other question")
    )
    same_as = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="asked_again"
    )
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["place", "number"]
        constraints = [
            models.UniqueConstraint(fields=["survey", "number"], name="survey_question_once"),
            models.CheckConstraint(
                condition=~Q(kind="scale") | Q(lowest__lt=F("highest")), name="scale_from_low_to_high"
            ),
        ]

    def __str__(self) -> str:
        return f"question {self.number} of {self.survey_id}"


class SurveyOption(models.Model):
    """One answer to choose; ``number`` stands in the stored answers and is kept when the question is asked again."""

    said: dict[str, Any]  # given by texts.with_texts

    question = models.ForeignKey(SurveyQuestion, on_delete=models.CASCADE, related_name="options")
    number = models.PositiveSmallIntegerField()
    words = models.ForeignKey(Text, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["question", "number"], name="survey_option_once")]

    def __str__(self) -> str:
        return f"{self.number} of {self.question_id}"


class SurveyAnswer(models.Model):
    """One answer of one participant to one question. Append-only: ``n`` counts her revisions, the highest counts.

    ``value`` is a number (choice, scale), a list of numbers (several; ranking, the first first), or nothing; ``text``
    is an answer in words, which is moderated. Neither of them: she was asked and left it out. ``was_asked`` false:
    she was not asked any more, because another answer of hers changed.
    """

    said: dict[str, Any]  # given by texts.with_texts

    class Moderation(models.TextChoices):
        NONE = "", ""
        WAITING = "waiting", pgettext_lazy("answer", "waiting")
        ACCEPTED = "accepted", pgettext_lazy("answer", "accepted")
        REJECTED = "rejected", pgettext_lazy("answer", "rejected")

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="answers")
    question = models.ForeignKey(SurveyQuestion, on_delete=models.PROTECT, related_name="answers")
    n = models.PositiveSmallIntegerField(default=0)
    value = models.JSONField(null=True, blank=True)
    text = models.ForeignKey(Text, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    was_asked = models.BooleanField(default=True)
    is_given = models.BooleanField(default=False, help_text=_("She answered, in words or otherwise"))
    moderation = models.CharField(max_length=8, choices=Moderation.choices, blank=True, default="")
    moderation_reason = models.TextField(blank=True)
    statement = models.ForeignKey(
        Statement,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="made_from",
        help_text=_("What was made of it"),
    )
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["participant", "question", "n"], name="survey_answer_once"),
            models.CheckConstraint(
                condition=~Q(moderation="rejected") | ~Q(moderation_reason=""),
                name="answer_rejected_with_a_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["question", "n"], name="answer_of_question"),
            models.Index(fields=["moderation", "question"], name="answer_moderation"),
        ]

    def __str__(self) -> str:
        return f"{self.value} to {self.question_id}"

    @property
    def reason_in_words(self) -> str:
        return reason_in_words(self.moderation_reason)
