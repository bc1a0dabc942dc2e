"""The token by which somebody without an account takes part, minted into the form of a card.

It is 32 random bytes, signed for one consultation, so that a token of ours is told from an invented one without a
look into the database. Minting writes nothing; only the SHA-256 of the random part is ever stored.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.core import signing

if TYPE_CHECKING:
    from plenary.people.models import User

SIZE = 32


@dataclass(frozen=True)
class Voter:
    """Who takes part: a signed-in person, or whoever holds a token. Exactly one of the two is given."""

    user: User | None = None
    token_hash: bytes | None = None

    def __post_init__(self) -> None:
        if (self.user is None) == (self.token_hash is None):
            raise ValueError("a voter is either an account or a token")

    @property
    def seed(self) -> bytes:
        """What makes her order of cards her own, and the same on every request."""
        return self.token_hash if self.token_hash is not None else b"user %d" % self.user.pk  # type: ignore[union-attr]


def mint(consultation_id: int) -> str:
    """A new signed token for one consultation."""
    return _signer(consultation_id).sign(_encode(secrets.token_bytes(SIZE)))


def read(token: str, consultation_id: int) -> bytes | None:
    """The hash of a token that we signed for this consultation, or None."""
    try:
        random = base64.urlsafe_b64decode(_signer(consultation_id).unsign(token) + "=")
    except (signing.BadSignature, ValueError):
        return None
    return hashlib.sha256(random).digest() if len(random) == SIZE else None


def _signer(consultation_id: int) -> signing.Signer:
    # No fallback keys: those of the settings belong to SECRET_KEY, and this key is apart from it.
    return signing.Signer(
        key=settings.PLENARY_TOKEN_KEY,
        salt=f"plenary.participation.token.{consultation_id}",
        fallback_keys=[],
    )


def _encode(random: bytes) -> str:
    return base64.urlsafe_b64encode(random).decode("ascii").rstrip("=")
