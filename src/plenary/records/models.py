"""What every module stands on: identity, texts, links, events, snapshots. See docs/architecture.md."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from plenary.kit import manifest

if TYPE_CHECKING:
    from .texts import Said


class Visibility(models.TextChoices):
    PUBLIC = "public", pgettext_lazy("visibility", "public")
    STAFF = "staff", pgettext_lazy("visibility", "signed-in staff")
    ORGANIZATION = "organization", pgettext_lazy("visibility", "its organization and the desk")


class Text(models.Model):
    """A piece of wording in its original language. Immutable: an edit is a new Text, so translations stay true."""

    source_language = models.CharField(max_length=35)  # BCP 47
    body = models.TextField()
    hash = models.CharField(max_length=64, db_index=True)

    def __str__(self) -> str:
        return self.body[:80]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("a Text is immutable; write a new one")
        self.hash = hash_of(self.body)
        super().save(*args, **kwargs)


def hash_of(body: str) -> str:
    """SHA-256 of a text's UTF-8 bytes, in hexadecimal: what a translation says that it was made from."""
    return hashlib.sha256(body.encode()).hexdigest()


class Provenance(models.TextChoices):
    HUMAN = "human", _("translated by a person")
    MACHINE = "machine", _("translated by a machine, not reviewed")
    REVIEWED = "reviewed", _("translated by a machine, reviewed by a person")
    IMPORTED = "imported", _("imported with its source")
    GENERATED = "generated", _("generated from figures")


class Translation(models.Model):
    """A text in another language, with the hash of the wording that it was made from; stale is another hash."""

    text = models.ForeignKey(Text, on_delete=models.CASCADE, related_name="translations")
    language = models.CharField(max_length=35)
    body = models.TextField()
    provenance = models.CharField(max_length=10, choices=Provenance.choices, default=Provenance.HUMAN)
    source_hash = models.CharField(max_length=64)
    translator = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["text", "language"], name="translation_once")]

    def __str__(self) -> str:
        return f"[{self.language}] {self.body[:80]}"


class FormerTranslation(models.Model):
    """A translation as it stood before another took its place. It goes with its text, as an event would not."""

    text = models.ForeignKey(Text, on_delete=models.CASCADE, related_name="former_translations")
    language = models.CharField(max_length=35)
    body = models.TextField()
    provenance = models.CharField(max_length=10, choices=Provenance.choices)
    source_hash = models.CharField(max_length=64)
    translator = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField(null=True, blank=True, help_text="When it was made")

    class Meta:
        indexes = [models.Index(fields=["text", "language"], name="former_translation_of_text")]

    def __str__(self) -> str:
        return f"[{self.language}] {self.body[:80]}"


class Record(models.Model):
    """The one identity of everything that can be cited. Number and reference are given once and never change."""

    kind = models.CharField(max_length=20)
    number = models.PositiveIntegerField()
    reference = models.CharField(max_length=40, unique=True)
    visibility = models.CharField(max_length=12, choices=Visibility.choices, default=Visibility.PUBLIC)
    organization = models.ForeignKey(
        "records.Organization", on_delete=models.PROTECT, null=True, blank=True, related_name="owned_records"
    )
    title = models.ForeignKey(Text, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "number"], name="record_number_once")]
        indexes = [models.Index(fields=["kind", "visibility"], name="record_kind_visibility")]

    def __str__(self) -> str:
        return self.reference

    @property
    def kind_label(self) -> Any:
        return manifest.kinds()[self.kind].label

    def get_absolute_url(self) -> str:
        """The permalink. It redirects people to the page and answers programs with JSON."""
        return f"/r/{self.reference}"

    @property
    def page_url(self) -> str:
        """The page that shows the record, or its permalink where its kind declares none."""
        page = manifest.kinds()[self.kind].page
        return manifest.resolve(page)(self) if page else self.get_absolute_url()


class Counter(models.Model):
    """The last number given per kind of record, and the last local number per strategy and kind of clause."""

    name = models.CharField(max_length=60, primary_key=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name}: {self.last}"


class CitableModel(models.Model):
    """A model whose rows are records: one primary key for both."""

    said: dict[str, Said]  # given by texts.with_texts: the row's texts as its reader reads them

    record = models.OneToOneField(
        Record, on_delete=models.PROTECT, primary_key=True, related_name="%(class)s"
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.record.reference

    @property
    def reference(self) -> str:
        return self.record.reference


class Organization(CitableModel):
    # A record has an organization of its own, so this reverse name must differ from the pattern.
    record = models.OneToOneField(
        Record, on_delete=models.PROTECT, primary_key=True, related_name="as_organization"
    )

    class Kind(models.TextChoices):
        ENTITY = "entity", pgettext_lazy("organization", "entity")
        COUNTRY_TEAM = "country_team", pgettext_lazy("organization", "country team")
        GOVERNMENT = "government", pgettext_lazy("organization", "government")
        COMPANY = "company", pgettext_lazy("organization", "company")
        ACADEMIA = "academia", pgettext_lazy("organization", "academia")
        CIVIL_SOCIETY = "civil_society", pgettext_lazy("organization", "civil society")
        MECHANISM = "mechanism", pgettext_lazy("organization", "mechanism")
        LAB = "lab", pgettext_lazy("organization", "lab")

    kind = models.CharField(max_length=15, choices=Kind.choices)
    area = models.CharField(max_length=3, blank=True, help_text=_("UN M49 code of the country or area"))
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged"
    )


class Source(CitableModel):
    """Something outside that records rest on: an imported file, a document, a letter, a search that found nothing."""

    class Kind(models.TextChoices):
        FILE = "file", pgettext_lazy("source", "imported file")
        DOCUMENT = "document", pgettext_lazy("source", "document")
        STUDY = "study", pgettext_lazy("source", "study")
        LETTER = "letter", pgettext_lazy("source", "letter")
        SEARCH = "search", pgettext_lazy("source", "search")

    kind = models.CharField(max_length=10, choices=Kind.choices)
    dated = models.DateField(null=True, blank=True)
    sha256 = models.CharField(max_length=64, blank=True, db_index=True)
    language = models.CharField(max_length=35, blank=True)
    url = models.URLField(max_length=500, blank=True)


class Stance(models.TextChoices):
    SUPPORTS = "supports", _("supports")
    CONTRADICTS = "contradicts", _("contradicts")
    CONTEXT = "context", _("gives context to")


class EvidenceLink(models.Model):
    """``source`` supports, contradicts or gives context to ``target``; read forwards by the trail."""

    source = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="evidence_for")
    target = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="evidence")
    stance = models.CharField(max_length=11, choices=Stance.choices)
    quote = models.TextField(blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "target", "stance"], name="evidence_once"),
            models.CheckConstraint(
                condition=~models.Q(source=models.F("target")), name="evidence_not_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.stance} {self.target_id}"


class Event(models.Model):
    """One write: the history, the audit log, the feed and the outbox in one. Never changed, never deleted."""

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="events")
    verb = models.CharField(max_length=40)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField()
    changes = models.JSONField(
        default=dict, help_text="Field → [before, after]; personal fields by name only."
    )

    class Meta:
        indexes = [models.Index(fields=["record", "id"], name="event_of_record")]

    def __str__(self) -> str:
        return f"{self.verb} {self.record_id}"


class ConsumerCursor(models.Model):
    """How far a consumer has read the events."""

    name = models.CharField(max_length=60, primary_key=True)
    position = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} at {self.position}"


class Follow(models.Model):
    record = models.ForeignKey(Record, on_delete=models.CASCADE, related_name="follows")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="follows")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["record", "user"], name="follow_once")]

    def __str__(self) -> str:
        return f"{self.user_id} follows {self.record_id}"


class Notice(models.Model):
    """An event that a follower has yet to see, or has seen."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="notices")
    because = models.ForeignKey(
        Record,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text="What she follows or wrote, where that is not what the event is about",
    )
    read_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)
    mail_attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "event"], name="notice_once")]
        indexes = [
            models.Index(fields=["user"], condition=models.Q(mailed_at__isnull=True), name="notice_to_mail")
        ]

    def __str__(self) -> str:
        return f"notice of {self.event_id} to {self.user_id}"


class Snapshot(models.Model):
    """Frozen bytes with their hash: analyses, rounds, packs, published reports."""

    media_type = models.CharField(max_length=60, default="application/json")
    sha256 = models.CharField(max_length=64, db_index=True)
    made_at = models.DateTimeField()
    content = models.BinaryField()  # last: SQLite reads what stands behind it by way of all its bytes

    def __str__(self) -> str:
        return f"{self.media_type} {self.sha256[:12]}"
