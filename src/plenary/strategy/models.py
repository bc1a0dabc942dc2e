"""The text: clauses that outlive their versions, and changes that rest on evidence. See docs/architecture.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from plenary.records.models import CitableModel, Source, Text

if TYPE_CHECKING:
    from plenary.records.models import EvidenceLink
    from plenary.records.texts import Said

    from .comparing import ChangedWords


class Strategy(CitableModel):
    """A strategy; its record's title is the document's, its reference ``STR-1``."""

    said: dict[str, Said]

    language = models.CharField(max_length=35, help_text=_("BCP 47 tag of the original"))
    source = models.ForeignKey(Source, on_delete=models.PROTECT, null=True, blank=True, related_name="+")


class Clause(CitableModel):
    """A clause for good: ``STR-1.C3``, whatever the text prints beside it in this version or that."""

    class Kind(models.TextChoices):
        GOAL = "goal", _("goal")
        PRINCIPLE = "principle", _("principle")
        COMMITMENT = "commitment", _("commitment")
        SECTION = "section", _("section")
        PARAGRAPH = "paragraph", _("paragraph")

    # The letters of the local reference. They are permanent: renaming one would rename published clauses.
    LETTERS = {
        Kind.GOAL: "G",
        Kind.PRINCIPLE: "P",
        Kind.COMMITMENT: "C",
        Kind.SECTION: "S",
        Kind.PARAGRAPH: "T",
    }

    said: dict[str, Said]

    strategy = models.ForeignKey(Strategy, on_delete=models.PROTECT, related_name="clauses")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    local = models.CharField(max_length=12, help_text="The reference within the strategy: C3")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["strategy", "local"], name="clause_local_once")]


class Occurrence(models.Model):
    """A paragraph that repeats a clause elsewhere in the source, in other or the same words."""

    paragraph = models.OneToOneField(Clause, on_delete=models.PROTECT, related_name="occurrence")
    clause = models.ForeignKey(Clause, on_delete=models.PROTECT, related_name="occurrences")
    variant_title = models.TextField(blank=True, help_text="The title as it stands there, where it differs")

    def __str__(self) -> str:
        return f"{self.paragraph_id} repeats {self.clause_id}"


class Version(CitableModel):
    """One version of the whole text, ``STR-1@2``. At most one per strategy is being prepared at a time."""

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("version", "draft")
        CONSULTATION = "consultation", pgettext_lazy("version", "in consultation")
        ADOPTED = "adopted", pgettext_lazy("version", "adopted")

    strategy = models.ForeignKey(Strategy, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.DRAFT)
    adopted_on = models.DateField(null=True, blank=True)
    review_by = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["strategy", "number"], name="version_number_once"),
            models.CheckConstraint(
                condition=Q(state="adopted", adopted_on__isnull=False)
                | (~Q(state="adopted") & Q(adopted_on__isnull=True)),
                name="version_adopted_on_a_day",
            ),
        ]


class ClauseState(models.Model):
    """A clause as it stands in one version: the full snapshot, so that any version reads without history."""

    # Given by queries.list_states: texts as read, depth from 1, and what there is to say about the clause here.
    said: dict[str, Said]
    depth: int
    children: list[ClauseState]
    changed_by: list[Change]
    occurrence: Occurrence | None
    repeated_in: list[Clause]

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="states")
    clause = models.ForeignKey(Clause, on_delete=models.PROTECT, related_name="states")
    parent = models.ForeignKey(Clause, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    order = models.PositiveIntegerField(help_text="Place in reading order over the whole version, from 0")
    number = models.CharField(max_length=20, blank=True, help_text="As printed: 1.2")
    title = models.ForeignKey(Text, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    text = models.ForeignKey(Text, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(fields=["version", "clause"], name="clause_once_per_version"),
            models.UniqueConstraint(fields=["version", "order"], name="order_once_per_version"),
        ]

    def __str__(self) -> str:
        return f"{self.clause_id}@{self.version_id}"

    @property
    def reference(self) -> str:
        """``STR-1.C3@2``; wants the clause's record and the version at hand."""
        return f"{self.clause.reference}@{self.version.number}"


class Change(CitableModel):
    """A proposed change of one clause, with what it would say and why; decided on evidence."""

    class Operation(models.TextChoices):
        EDIT = "edit", pgettext_lazy("change", "edit")
        ADD = "add", pgettext_lazy("change", "add")
        MOVE = "move", pgettext_lazy("change", "move")
        REMOVE = "remove", pgettext_lazy("change", "remove")

    class State(models.TextChoices):
        PROPOSED = "proposed", pgettext_lazy("change", "proposed")
        REVIEWED = "reviewed", pgettext_lazy("change", "reviewed")
        ACCEPTED = "accepted", pgettext_lazy("change", "accepted")
        REJECTED = "rejected", pgettext_lazy("change", "rejected")
        WITHDRAWN = "withdrawn", pgettext_lazy("change", "withdrawn")

    # Given by queries: texts as read, and the clause as it stood in the version that the proposal was made against.
    said: dict[str, Said]
    before: ClauseState | None
    because_of: list[EvidenceLink]
    wording: ChangedWords

    strategy = models.ForeignKey(Strategy, on_delete=models.PROTECT, related_name="changes")
    operation = models.CharField(max_length=6, choices=Operation.choices)
    clause = models.ForeignKey(
        Clause,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="changes",
        help_text="The clause concerned; of an addition, the clause it made, once incorporated",
    )
    based_on = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(
        max_length=10, choices=Clause.Kind.choices, blank=True, help_text="Of an addition"
    )
    after_clause = models.ForeignKey(
        Clause,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Where an added or moved clause comes to stand: after this one; nothing is the text's beginning",
    )
    inside = models.BooleanField(default=False, help_text="As the first part of that clause, not after it")
    title = models.ForeignKey(Text, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    text = models.ForeignKey(Text, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    rationale = models.ForeignKey(Text, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=9, choices=State.choices, default=State.PROPOSED)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    counter_search = models.ForeignKey(
        Text,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="What was searched for evidence against, where none was found",
    )
    reason = models.ForeignKey(Text, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    incorporated_in = models.ForeignKey(
        Version, on_delete=models.PROTECT, null=True, blank=True, related_name="changes"
    )

    class Meta:
        indexes = [models.Index(fields=["strategy", "state"], name="change_of_strategy")]
        constraints = [
            models.CheckConstraint(
                condition=Q(operation="add") | Q(clause__isnull=False), name="change_names_its_clause"
            ),
            models.CheckConstraint(
                condition=~Q(state="rejected") | Q(reason__isnull=False), name="rejection_has_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(incorporated_in__isnull=True) | Q(state="accepted"),
                name="only_accepted_incorporated",
            ),
            models.CheckConstraint(
                condition=Q(after_clause__isnull=True)
                | Q(clause__isnull=True)
                | ~Q(after_clause=F("clause")),
                name="change_not_after_itself",
            ),
        ]
