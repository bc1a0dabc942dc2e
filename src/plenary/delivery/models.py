"""Keeping promises: commitments with owners, indicators, rounds of reports, and the committee's own review."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from plenary.records.models import CitableModel, Organization, Snapshot, Text
from plenary.strategy.models import Clause, Strategy

if TYPE_CHECKING:
    from .queries import Figure, Point


class Completion(models.TextChoices):
    """How far a commitment is, by whoever rates it: the owner of itself, the committee of the owner."""

    NO_EVIDENCE = "no_evidence", pgettext_lazy("completion", "no evidence")
    NOT_STARTED = "not_started", pgettext_lazy("completion", "not started")
    LIMITED = "limited", pgettext_lazy("completion", "limited")
    SUBSTANTIAL = "substantial", pgettext_lazy("completion", "substantial")
    COMPLETE = "complete", pgettext_lazy("completion", "complete")


class Standing(models.TextChoices):
    """Where an organization stands with a report that it owes. Computed from the day, never stored."""

    NOT_OPEN = "not_open", pgettext_lazy("reporting", "not open yet")
    DUE = "due", pgettext_lazy("reporting", "due")
    OVERDUE = "overdue", pgettext_lazy("reporting", "overdue")
    SILENT = "silent", pgettext_lazy("reporting", "silent")
    SUBMITTED = "submitted", pgettext_lazy("reporting", "submitted")
    ACCEPTED = "accepted", pgettext_lazy("reporting", "reported")


class Commitment(CitableModel):
    """A promise of the text taken on by somebody, for a period. Hangs on the clause, not on its wording."""

    clause = models.ForeignKey(Clause, on_delete=models.PROTECT, related_name="commitments")
    owner = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="commitments")
    co_owners = models.ManyToManyField(Organization, blank=True, related_name="shared_commitments")
    starts_on = models.DateField()
    ends_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="commitment_ends_after_start"
            )
        ]

    @property
    def is_running(self) -> bool:
        return self.closed_on is None

    @property
    def responsible(self) -> list[Organization]:
        """Who reports on it: the owner first, then the co-owners. Prefetch ``co_owners`` in lists."""
        return [self.owner, *(each for each in self.co_owners.all() if each.pk != self.owner_id)]

    @property
    def cited_records(self) -> set[int]:
        """Ids of what a meeting looks at when it looks at this commitment: itself, its reports and reviews."""
        reports = self.reports.values_list("record_id", flat=True)
        return {self.pk, *reports.union(self.reviews.values_list("record_id", flat=True))}


class Indicator(CitableModel):
    # Given by queries: the figures per round.
    points: list[Point]

    class Direction(models.TextChoices):
        INCREASE = "increase", _("should rise")
        DECREASE = "decrease", _("should fall")

    class Rollup(models.TextChoices):
        SUM = "sum", pgettext_lazy("figures", "sum")
        MEAN = "mean", pgettext_lazy("figures", "mean")
        LATEST = "latest", pgettext_lazy("figures", "latest")
        NONE = "none", pgettext_lazy("figures", "not added up")

    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="indicators")
    unit = models.ForeignKey(Text, on_delete=models.PROTECT, related_name="+")
    direction = models.CharField(max_length=8, choices=Direction.choices)
    baseline = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    target = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    rollup = models.CharField(max_length=6, choices=Rollup.choices, default=Rollup.SUM)

    @property
    def latest(self) -> Point | None:
        """The newest round with a figure; the table beside it says where later rounds had none."""
        return next((point for point in reversed(self.points) if point.value is not None), None)


class Round(CitableModel):
    """A reporting round of a strategy; ``frozen`` is what it published when it closed, empty while it takes reports."""

    strategy = models.ForeignKey(Strategy, on_delete=models.PROTECT, related_name="rounds")
    opens_on = models.DateField()
    closes_on = models.DateField()
    frozen = models.ForeignKey(Snapshot, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # A reopened round is frozen again beside what it published before, never in its place.
    snapshots = models.ManyToManyField(Snapshot, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(closes_on__gte=F("opens_on")), name="round_closes_after")
        ]

    def takes_reports(self, today: date) -> bool:
        """From its first day until it is frozen: late is better than silent."""
        return self.frozen_id is None and self.opens_on <= today

    @cached_property
    def published(self) -> frozenset[str]:
        """References of the commitments in what was frozen."""
        assert self.frozen is not None
        content = json.loads(bytes(self.frozen.content))
        return frozenset(entry["reference"] for entry in content["commitments"])

    def concerns(self, commitment: Commitment) -> bool:
        """Whether a commitment of the strategy is to be reported in this round; an ended one is, until it is closed.

        A frozen round concerns what it published, whatever is promised or closed afterwards with an earlier day.
        """
        if self.frozen_id is not None:
            return commitment.reference in self.published
        made_on = timezone.localdate(commitment.record.created_at)  # nobody owes what was not yet promised
        begun = max(commitment.starts_on, made_on) <= self.closes_on
        return begun and (commitment.closed_on is None or commitment.closed_on >= self.opens_on)

    def standing(self, report: Report | None, today: date) -> Standing:
        """Overdue is late with something begun, silent is late without a word; a frozen round waits for nobody."""
        if report is not None and report.state in (Report.State.SUBMITTED, Report.State.ACCEPTED):
            return Standing(report.state)
        if self.frozen_id is not None:
            return Standing.SILENT
        if today < self.opens_on:
            return Standing.NOT_OPEN
        if today <= self.closes_on:
            return Standing.DUE
        return Standing.SILENT if report is None else Standing.OVERDUE


class Report(CitableModel):
    """What one organization says about one commitment in one round, with its rating of itself."""

    # Given by queries: one figure per indicator.
    figures: list[Figure]

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("report", "draft")
        SUBMITTED = "submitted", pgettext_lazy("report", "submitted")
        RETURNED = "returned", pgettext_lazy("report", "returned")
        ACCEPTED = "accepted", pgettext_lazy("report", "accepted")

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="reports")
    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="reports")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="reports")
    state = models.CharField(max_length=9, choices=State.choices, default=State.DRAFT)
    self_rating = models.CharField(max_length=12, choices=Completion.choices, blank=True)
    narrative = models.ForeignKey(Text, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    submitted_at = models.DateTimeField(null=True, blank=True)
    return_reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["round", "commitment", "organization"], name="report_once_a_round"
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | ~Q(self_rating=""), name="submitted_report_rates_itself"
            ),
        ]

    @property
    def is_writable(self) -> bool:
        """By its organization: until it is handed in, and again once it is returned."""
        return self.state in (self.State.DRAFT, self.State.RETURNED)


class Datapoint(models.Model):
    """A number, or the reason why there is none; never words in place of a number."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="datapoints")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="datapoints")
    value = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    missing_reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "indicator"], name="datapoint_once"),
            models.CheckConstraint(
                condition=Q(value__isnull=False, missing_reason="")
                | (Q(value__isnull=True) & ~Q(missing_reason="")),
                name="value_or_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id}: {self.value if self.value is not None else self.missing_reason}"


class Review(CitableModel):
    """A body's own judgement of a commitment in a round, beside what its owners say of themselves."""

    class Result(models.TextChoices):
        WORSENED = "worsened", pgettext_lazy("result", "worsened")
        UNCHANGED = "unchanged", pgettext_lazy("result", "unchanged")
        MARGINAL = "marginal", pgettext_lazy("result", "marginal")
        MAJOR = "major", pgettext_lazy("result", "major")
        OUTSTANDING = "outstanding", pgettext_lazy("result", "outstanding")

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="reviews")
    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="reviews")
    body = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="reviews")
    completion = models.CharField(max_length=12, choices=Completion.choices)
    result = models.CharField(max_length=11, choices=Result.choices)
    findings = models.ForeignKey(Text, on_delete=models.PROTECT, related_name="+")
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "commitment", "body"], name="review_once_a_round")
        ]
