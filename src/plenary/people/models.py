"""Accounts and the roles that they hold in organizations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from plenary.records.models import Organization


class Role(models.TextChoices):
    CONTRIBUTOR = "contributor", pgettext_lazy("role", "contributor")
    APPROVER = "approver", pgettext_lazy("role", "approver")
    DESK = "desk", pgettext_lazy("role", "desk")
    COMMITTEE = "committee", pgettext_lazy("role", "committee member")
    ADVISER = "adviser", pgettext_lazy("role", "adviser")
    ADMINISTRATOR = "administrator", pgettext_lazy("role", "administrator")


@dataclass(frozen=True)
class VisibilityScope:
    """What a signed-in person sees beyond the public: see ``records.queries.visible_to``."""

    sees_all: bool
    is_staff: bool
    organizations: frozenset[int]


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser, PermissionsMixin):
    """An account. Its e-mail address is personal: it never appears in events, logs or exports."""

    email = models.EmailField(_("e-mail address"), unique=True, help_text=_("Kept in lower case."))
    name = models.CharField(_("name"), max_length=150, blank=True)
    is_staff = models.BooleanField(default=False, help_text=_("May open the operators' admin site."))
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(default=timezone.now)

    class Mailing(models.TextChoices):
        IMMEDIATELY = "immediately", _("as it happens")
        DAILY = "daily", _("once a day")
        NEVER = "never", _("never: I look at the desk")

    mailing = models.CharField(max_length=11, choices=Mailing.choices, default=Mailing.DAILY)
    mail_tried_at = models.DateTimeField(null=True, blank=True)
    language = models.CharField(
        max_length=35, blank=True, help_text=_("In which mails speak; empty until she signs in or says so")
    )

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.name or gettext("Account %(number)s") % {"number": self.pk}

    def clean(self) -> None:
        super().clean()
        self.email = self.email.lower()

    @cached_property
    def roles(self) -> frozenset[tuple[str, int]]:
        """The pairs (role, organization id) that this person holds. One query, once per request."""
        return frozenset(self.memberships.values_list("role", "organization_id"))

    def has_role(self, *roles: str, organization: Organization | None = None) -> bool:
        """Whether the person holds one of the roles, in the organization where one is given."""
        return any(
            role in roles and (organization is None or organization.pk == held_in)
            for role, held_in in self.roles
        )

    def visibility_scope(self) -> VisibilityScope:
        return VisibilityScope(
            sees_all=self.is_superuser or self.has_role(Role.DESK, Role.ADMINISTRATOR),
            is_staff=bool(self.roles),
            organizations=frozenset(held_in for _, held_in in self.roles),
        )


class Membership(models.Model):
    """A role that a person holds in an organization."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=15, choices=Role.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "organization", "role"], name="membership_once")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} {self.organization_id}"


class Invitation(models.Model):
    """A role that waits for whoever holds an e-mail address. The address is erased when it has served."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="invitations")
    role = models.CharField(max_length=15, choices=Role.choices)
    email = models.EmailField(blank=True)
    language = models.CharField(max_length=35)  # in which the mail speaks: its reader's, as far as is known
    invited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    """When it was accepted or withdrawn; it is open until then, or until it expires."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "role", "email"],
                condition=models.Q(closed_at__isnull=True),
                name="invitation_open_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.organization_id}"

    def is_open(self, now: datetime) -> bool:
        return self.closed_at is None and now < self.expires_at


class Scope(models.TextChoices):
    READ = "read", _("read what I may read")
    WRITE = "write", _("write what I may write")


class Token(models.Model):
    """A secret with which a program acts for a person through the API. Only its hash is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=60)
    hash = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the secret, in hexadecimal")
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return f"token {self.pk} of {self.user_id}"

    @property
    def last_day(self) -> date:
        """On which it works; the end is the midnight after."""
        return timezone.localdate(self.expires_at - timedelta(seconds=1))

    @property
    def scope_labels(self) -> list[Any]:
        return [Scope(scope).label for scope in self.scopes]
