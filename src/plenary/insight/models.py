"""Understanding: stored analyses, and findings that can be cited."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from plenary.participation.models import Consultation, Statement
from plenary.records.models import CitableModel, Snapshot, Text


class Analysis(CitableModel):
    """One run of the engine over a consultation's votes, reproducible from its input's hash, parameters and seed."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("analysis", "waiting")
        RUNNING = "running", pgettext_lazy("analysis", "running")
        DONE = "done", pgettext_lazy("analysis", "done")
        FAILED = "failed", pgettext_lazy("analysis", "failed")

    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="analyses")
    last_vote = models.BigIntegerField(help_text="Votes up to this id are the input")
    input_sha256 = models.CharField(max_length=64, blank=True)
    parameters = models.JSONField(default=dict)
    seed = models.PositiveIntegerField(default=0)
    engine_version = models.CharField(max_length=20, blank=True)
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    progress = models.FloatField(default=0, help_text="0 to 1")
    started_at = models.DateTimeField(null=True, blank=True)
    alive_at = models.DateTimeField(
        null=True, blank=True, help_text="When its worker last said how far it is"
    )
    error = models.TextField(blank=True)
    summary = models.JSONField(
        default=dict, help_text="What pages show without reading the result: counts, groups"
    )
    result = models.ForeignKey(Snapshot, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    picture = models.ForeignKey(
        Snapshot,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The map of opinions for both directions of writing, with tokens where words go",
    )
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="done") | Q(result__isnull=False), name="done_analysis_has_a_result"
            )
        ]


class AnalysisPart(models.Model):
    """A further section of an analysis's result, frozen beside it: who said so, a short list, themes, …

    The result itself rests on published votes alone, so anybody can make it again; a part may rest on more.
    """

    analysis = models.ForeignKey(Analysis, on_delete=models.CASCADE, related_name="parts")
    name = models.CharField(max_length=20)
    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["analysis", "name"], name="analysis_part_once")]

    def __str__(self) -> str:
        return f"{self.name} of {self.analysis_id}"


class ReportNote(models.Model):
    """What the desk adds to a section of the report, in its own words and marked as such.

    It stays from analysis to analysis; the report says which one it was written about.
    """

    consultation = models.ForeignKey(Consultation, on_delete=models.CASCADE, related_name="report_notes")
    section = models.CharField(max_length=12)
    analysis = models.ForeignKey(Analysis, on_delete=models.PROTECT, related_name="+")
    text = models.ForeignKey(Text, on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["consultation", "section"], name="report_note_once")]

    def __str__(self) -> str:
        return f"note on {self.section} of {self.consultation_id}"


class Finding(CitableModel):
    """One claim of an analysis with its figures; the record's title says it in words."""

    class Kind(models.TextChoices):
        CONSENSUS = "consensus", _("what people share")
        DIVISION = "division", _("where they part")
        BRIDGE = "bridge", _("what bridges the groups")
        POSITION = "position", _("what a group stands for")
        UNCERTAIN = "uncertain", _("what is uncertain")

    analysis = models.ForeignKey(Analysis, on_delete=models.PROTECT, related_name="findings")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    order = models.PositiveIntegerField()
    groups = models.JSONField(default=list, help_text="The groups concerned, by number from 0")
    figures = models.JSONField(default=dict, help_text="Counts, rates and intervals, as the engine gave them")
    statements = models.ManyToManyField(Statement, related_name="findings")

    class Meta:
        ordering = ["order"]
        constraints = [models.UniqueConstraint(fields=["analysis", "order"], name="finding_order_once")]


class Comparison(models.Model):
    """An analysis made again without those whom the desk's confirmed flags name: what moves. Nothing was deleted."""

    analysis = models.OneToOneField(Analysis, on_delete=models.CASCADE, related_name="comparison")
    figures = models.JSONField(help_text="Both sides, as the engine gave them; the flagged are counted only")
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"comparison of {self.analysis_id}"

    @property
    def flags(self) -> list[int]:
        """Numbers of the flags that it leaves out."""
        numbers: list[int] = self.figures["flags"]
        return numbers
