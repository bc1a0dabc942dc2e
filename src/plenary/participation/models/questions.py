"""The register of questions that need a collective answer."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from plenary.records.models import CitableModel, Record, Text
from plenary.strategy.models import Clause


class CollectiveQuestion(CitableModel):
    """A question that no institution can answer for the others; the record's title is the question itself.

    What speaks for and against is evidence linked to its record; the consultations about it name it themselves.
    """

    class Concern(models.TextChoices):
        VALUES = "values", pgettext_lazy("question", "values")
        BENEFITS_AND_RISKS = "benefits_risks", pgettext_lazy("question", "benefits and risks")
        INEQUALITY = "inequality", pgettext_lazy("question", "inequality")

    concern = models.CharField(max_length=14, choices=Concern.choices)
    background = models.ForeignKey(
        Text,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Why it needs a collective answer"),
    )
    raised_in = models.ForeignKey(
        Record, on_delete=models.PROTECT, null=True, blank=True, related_name="questions_raised"
    )
    clauses = models.ManyToManyField(
        Clause, blank=True, related_name="questions", help_text=_("In which the text answers it")
    )
    answer = models.ForeignKey(Text, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(answer__isnull=True, answered_at__isnull=True)
                | Q(answer__isnull=False, answered_at__isnull=False),
                name="question_answered_on_a_day",
            )
        ]
