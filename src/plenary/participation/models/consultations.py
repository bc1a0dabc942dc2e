"""Questions put to people."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from plenary.participation.attributes import default_asked
from plenary.participation.phases import ALLOWED, PAUSED, Act, Phase, Span, spans
from plenary.records.models import CitableModel, Organization, Record, Source, Text


class Consultation(CitableModel):
    """A question put to people, about a clause, a version or a question; the record's title is its name."""

    class Moderation(models.TextChoices):
        BEFORE = "before", _("statements are read before they are shown")
        AFTER = "after", _("statements are shown at once and read afterwards")

    class Access(models.TextChoices):
        OPEN = "open", _("everybody")
        LINK = "link", _("whoever has the link")
        INVITED = "invited", _("who is invited by a code or an e-mail")
        MEMBERS = "members", _("members of organizations")

    class TakingPart(models.TextChoices):
        ANYBODY = "anybody", _("with an account or without")
        ACCOUNT = "account", _("signed in only")

    about = models.ForeignKey(
        Record, on_delete=models.PROTECT, null=True, blank=True, related_name="consultations"
    )
    question = models.ForeignKey(Text, on_delete=models.PROTECT, related_name="+")
    introduction = models.ForeignKey(Text, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField(null=True, blank=True)
    moderation = models.CharField(max_length=6, choices=Moderation.choices, default=Moderation.BEFORE)
    takes_statements = models.BooleanField(default=True)
    licence = models.CharField(
        max_length=30, default="CC-BY-4.0", help_text=_("SPDX name of the content's licence")
    )
    terms = models.CharField(
        max_length=20, default="1", help_text=_("Version of the terms that a first vote accepts")
    )
    minimum_age = models.PositiveSmallIntegerField(default=16)
    source = models.ForeignKey(
        Source, on_delete=models.PROTECT, null=True, blank=True, related_name="consultations"
    )

    is_draft = models.BooleanField(default=False, help_text=_("Seen by staff alone until it is published"))
    paused_at = models.DateTimeField(null=True, blank=True)
    final_closes_at = models.DateTimeField(
        null=True, blank=True, help_text=_("End of the final round, which begins when voting closes")
    )
    answer_at = models.DateTimeField(
        null=True, blank=True, help_text=_("By when the results are analysed and answered")
    )
    ends_at = models.DateTimeField(null=True, blank=True, help_text=_("When the answer is settled"))
    access = models.CharField(max_length=8, choices=Access.choices, default=Access.OPEN)
    link_key = models.CharField(max_length=43, blank=True, help_text=_("What the link to it carries"))
    members = models.ManyToManyField(Organization, blank=True, related_name="+")
    voting_by = models.CharField(max_length=8, choices=TakingPart.choices, default=TakingPart.ANYBODY)
    writing_by = models.CharField(max_length=8, choices=TakingPart.choices, default=TakingPart.ANYBODY)
    languages = models.JSONField(
        default=list, blank=True, help_text=_("In which it is offered, as BCP 47 tags; empty for all")
    )
    margins = models.JSONField(
        default=dict, blank=True, help_text=_("The audience wanted: attribute → value → share of the whole")
    )
    attributes_asked = models.JSONField(
        default=default_asked, blank=True, help_text=_("What people are asked about themselves, by name")
    )
    repeats = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="repeated_by"
    )
    embed_origins = models.JSONField(
        default=list, blank=True, help_text=_("Sites that may show its card in a frame of theirs")
    )
    told = models.CharField(
        max_length=9, blank=True, help_text=_("The last turn of which those who follow it were told")
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_at__isnull=True) | Q(closes_at__gt=F("opens_at")),
                name="closes_after_it_opens",
            )
        ]

    def spans(self) -> list[Span]:
        """The phases that it goes through, with their days."""
        return spans(self.opens_at, self.closes_at, self.final_closes_at, self.answer_at, self.ends_at)

    def phase_at(self, now: datetime) -> Phase:
        """Computed from the clock, never flipped by a job. A date that is not set brings no phase of its own."""
        return next(span.phase for span in reversed(self.spans()) if span.stands_to(now) != "ahead")

    def allows(self, act: Act, now: datetime) -> bool:
        """Whether the phase lets an act happen; who may do it is for the rules to say."""
        if self.paused_at is not None and act in PAUSED:
            return False
        if self.is_draft and act not in (Act.TRANSLATE, Act.INVITE, Act.MODERATE):
            return False
        return act in ALLOWED[self.phase_at(now)]

    @property
    def is_public(self) -> bool:
        """Whether everybody may know of it."""
        return self.access == self.Access.OPEN and not self.is_draft

    def is_open(self, now: datetime) -> bool:
        """Whether votes on statements are taken now."""
        return self.allows(Act.VOTE, now)
