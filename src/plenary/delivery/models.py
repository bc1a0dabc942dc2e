"""Keeping promises: commitments with owners, indicators, rounds of reports, and the committee's own review."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from plenary.records.models import CitableModel, Organization, Snapshot, Text
from plenary.strategy.models import Clause, Strategy


class Completion(models.TextChoices):
    """How far a commitment is, by whoever rates it: the owner of itself, the committee of the owner."""

    NO_EVIDENCE = "no_evidence", _("no evidence")
    NOT_STARTED = "not_started", _("not started")
    LIMITED = "limited", _("limited")
    SUBSTANTIAL = "substantial", _("substantial")
    COMPLETE = "complete", _("complete")


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
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="commitment_ends_after_start")
        ]


class Indicator(CitableModel):
    class Direction(models.TextChoices):
        INCREASE = "increase", _("should rise")
        DECREASE = "decrease", _("should fall")

    class Rollup(models.TextChoices):
        SUM = "sum", _("sum")
        MEAN = "mean", _("mean")
        LATEST = "latest", _("latest")
        NONE = "none", _("not added up")

    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="indicators")
    unit = models.ForeignKey(Text, on_delete=models.PROTECT, related_name="+")
    direction = models.CharField(max_length=8, choices=Direction.choices)
    baseline = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    target = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    rollup = models.CharField(max_length=6, choices=Rollup.choices, default=Rollup.SUM)


class Round(CitableModel):
    """A reporting round of a strategy; ``frozen`` is what was published when it closed."""

    strategy = models.ForeignKey(Strategy, on_delete=models.PROTECT, related_name="rounds")
    opens_on = models.DateField()
    closes_on = models.DateField()
    frozen = models.ForeignKey(Snapshot, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(closes_on__gte=F("opens_on")), name="round_closes_after")]


class Report(CitableModel):
    """What one organization says about one commitment in one round, with its rating of itself."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        SUBMITTED = "submitted", _("submitted")
        RETURNED = "returned", _("returned")
        ACCEPTED = "accepted", _("accepted")

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
            models.UniqueConstraint(fields=["round", "commitment", "organization"], name="report_once_a_round"),
            models.CheckConstraint(
                condition=Q(state="draft") | ~Q(self_rating=""), name="submitted_report_rates_itself"
            ),
        ]


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
                condition=(Q(value__isnull=False) & Q(missing_reason="")) | (Q(value__isnull=True) & ~Q(missing_reason="")),
                name="value_or_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id}: {self.value if self.value is not None else self.missing_reason}"


class Review(CitableModel):
    """A body's own judgement of a commitment in a round, beside what its owners say of themselves."""

    class Result(models.TextChoices):
        WORSENED = "worsened", _("worsened")
        UNCHANGED = "unchanged", _("unchanged")
        MARGINAL = "marginal", _("marginal")
        MAJOR = "major", _("major")
        OUTSTANDING = "outstanding", _("outstanding")

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
