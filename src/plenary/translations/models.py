"""What the translation desk keeps of its own; texts and translations are records'."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import pgettext_lazy

from plenary.records.models import Record


class MachineRun(models.Model):
    """One request to the translating machine: what is missing of one whole in one language."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("translation run", "waiting")
        RUNNING = "running", pgettext_lazy("translation run", "running")
        DONE = "done", pgettext_lazy("translation run", "done")
        FAILED = "failed", pgettext_lazy("translation run", "failed")

    whole = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")
    language = models.CharField(max_length=35)
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True, help_text="For people; in the language of the installation")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["whole", "language"], name="machine_run_of_whole")]

    def __str__(self) -> str:
        return f"{self.whole_id} into {self.language}: {self.state}"

    @property
    def is_under_way(self) -> bool:
        return self.state in (self.State.WAITING, self.State.RUNNING)
