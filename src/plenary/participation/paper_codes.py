"""The code that a paper ballot bears instead of a name: it keeps one sheet from being counted twice.

Seven random letters and digits, and two that are computed from them for one consultation: a slip of the pen, and a
ballot of another consultation, are told without a list of what was printed. Letters that look like others are left
out. Nothing is stored when a code is printed.
"""

from __future__ import annotations

import hmac
import secrets

from django.conf import settings

ALPHABET = "23456789ABCDEFGHJKMNPQRTUVWXYZ"  # no 0 O, 1 I L, S
RANDOM, CHECKS = 7, 2


def mint(consultation_id: int) -> str:
    """A new code, as it is printed: K7Q-M2X-WDP."""
    random = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM))
    return _printed(random + _checks(random, consultation_id))


def mint_many(consultation_id: int, count: int) -> list[str]:
    """Codes of which no two are the same."""
    codes: dict[str, None] = {}
    while len(codes) < count:
        codes[mint(consultation_id)] = None
    return list(codes)


def read(typed: str, consultation_id: int) -> str | None:
    """A code as it is printed, from however it was typed; None where it is none of this consultation."""
    plain = "".join(mark for mark in typed.upper() if mark.isalnum())
    random = plain[:RANDOM]
    if len(plain) != RANDOM + CHECKS or not set(plain) <= set(ALPHABET):
        return None
    return _printed(plain) if hmac.compare_digest(plain[RANDOM:], _checks(random, consultation_id)) else None


def _printed(plain: str) -> str:
    return "-".join(plain[start : start + 3] for start in range(0, len(plain), 3))


def _checks(random: str, consultation_id: int) -> str:
    digest = hmac.digest(
        settings.PLENARY_TOKEN_KEY.encode(),
        b"plenary ballot %d %s" % (consultation_id, random.encode()),
        "sha256",
    )
    number = int.from_bytes(digest[:8], "big")
    return "".join(ALPHABET[number // len(ALPHABET) ** place % len(ALPHABET)] for place in range(CHECKS))
