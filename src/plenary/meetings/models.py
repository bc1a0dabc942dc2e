"""Meetings, what they looked at, and what they decided."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from plenary.records.models import CitableModel, Organization, Record, Text

if TYPE_CHECKING:
    from plenary.records.texts import Said


class Meeting(CitableModel):
    class Kind(models.TextChoices):
        COMMITTEE = "committee", pgettext_lazy("meeting", "committee")
        INNOVATION = "innovation", pgettext_lazy("meeting", "innovation meeting")
        EXCHANGE = "exchange", pgettext_lazy("meeting", "exchange")
        FORUM = "forum", pgettext_lazy("meeting", "forum")
        SPEECH = "speech", pgettext_lazy("meeting", "speech")

    kind = models.CharField(max_length=10, choices=Kind.choices)
    held_on = models.DateField()

    def is_ahead(self, today: date) -> bool:
        return self.held_on > today


class AgendaItem(models.Model):
    """A record that a meeting looks at."""

    # Given by queries and views: its title as read, the record where the reader may see it, what was decided on it.
    said: dict[str, Said]
    shown: Record | None
    decided: list[Decision]
    form: Any

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="items")
    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="agenda_items")
    order = models.PositiveIntegerField()

    class Meta:
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "record"], name="agenda_item_once"),
        ]

    def __str__(self) -> str:
        return f"{self.meeting_id}: {self.record_id}"


class Decision(CitableModel):
    """What was decided on an agenda item; the record's title says it. Has an owner and a day, and is followed up."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("decision", "open")
        DONE = "done", pgettext_lazy("decision", "done")
        DROPPED = "dropped", pgettext_lazy("decision", "dropped")

    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="decisions")
    owner = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="decisions")
    due = models.DateField(null=True, blank=True)
    trigger = models.TextField(blank=True, help_text="What it waits for, where it has no day")
    state = models.CharField(max_length=7, choices=State.choices, default=State.OPEN)
    outcome = models.ForeignKey(Text, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(due__isnull=False) | ~Q(trigger=""), name="decision_has_a_day_or_a_trigger"
            )
        ]

    def is_overdue(self, today: date) -> bool:
        return self.state == self.State.OPEN and self.due is not None and self.due < today
