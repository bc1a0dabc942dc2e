"""The secrets of API tokens: 256 random bits behind a prefix by which scanners of leaked secrets know them."""

from __future__ import annotations

import hashlib
import secrets

PREFIX = "plenary_"
MOST_DAYS = 366
MOST_TOKENS = 20  # of one person


def make_secret() -> str:
    return PREFIX + secrets.token_urlsafe(32)


def hash_of(secret: str) -> str:
    """No salt and no slow hash: nobody guesses 256 random bits."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
