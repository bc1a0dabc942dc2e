"""The token by which somebody without an account takes part, minted into the form of a card.

It is 32 random bytes, signed for one consultation, so that a token of ours is told from an invented one without a
look into the database. Minting writes nothing; only the SHA-256 of the random part is ever stored.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.core import signing

if TYPE_CHECKING:
    from plenary.people.models import User

SIZE = 32
CODE_SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # 32 of them: without 0 and O, 1 and I


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


def mint_pass(consultation_id: int, key: str) -> str:
    """What a browser keeps after it came by a link or an invitation: it opens the page and tells nobody apart."""
    return _pass_signer(consultation_id).sign(_fingerprint(key))


def opens(signed: str, consultation_id: int, key: str) -> bool:
    """Whether a pass was given for this consultation and its present key."""
    try:
        return hmac.compare_digest(_pass_signer(consultation_id).unsign(signed), _fingerprint(key))
    except signing.BadSignature:
        return False


def hash_of_code(code: str) -> str:
    """What is kept of an invitation's code, whatever case, spaces and hyphens it was typed with."""
    return hashlib.sha256("".join(filter(str.isalnum, code)).upper().encode()).hexdigest()


def make_code() -> str:
    """80 random bits in letters and digits that nobody takes for each other: ``K7QF-2M9X-…``."""
    signs = "".join(secrets.choice(CODE_SIGNS) for _ in range(16))
    return "-".join(signs[start : start + 4] for start in range(0, 16, 4))


def _fingerprint(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def _pass_signer(consultation_id: int) -> signing.Signer:
    return signing.Signer(
        key=settings.PLENARY_TOKEN_KEY,
        salt=f"plenary.participation.way-in.{consultation_id}",
        fallback_keys=[],
    )


def _signer(consultation_id: int) -> signing.Signer:
    # No fallback keys: those of the settings belong to SECRET_KEY, and this key is apart from it.
    return signing.Signer(
        key=settings.PLENARY_TOKEN_KEY,
        salt=f"plenary.participation.token.{consultation_id}",
        fallback_keys=[],
    )


def _encode(random: bytes) -> str:
    return base64.urlsafe_b64encode(random).decode("ascii").rstrip("=")
