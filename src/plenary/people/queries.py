"""Reads of accounts' API tokens."""

from __future__ import annotations

from datetime import datetime

from .models import Token, User
from .tokens import hash_of


def get_token(secret: str, now: datetime) -> Token | None:
    """The token with this secret, while it is valid and its person's account is open."""
    found = Token.objects.filter(hash=hash_of(secret), expires_at__gt=now, user__is_active=True)
    return found.select_related("user").first()


def list_tokens_of(user: User) -> list[Token]:
    """The newest first, expired ones too."""
    return list(user.tokens.order_by("-id"))


def get_token_of(user: User, number: int) -> Token | None:
    return user.tokens.filter(pk=number).first()


def list_roles_of(user: User) -> list[tuple[str, str]]:
    """What the person holds: role and reference of the organization."""
    held = user.memberships.order_by("organization__record__number", "role")
    return list(held.values_list("role", "organization__record__reference"))
