"""Version 1 of what is published about votes: docs/formats/vote-1.md, which says why and holds test vectors.

Frozen: a change of one byte here is a new version beside this one. The standard library is all it needs.
"""

from __future__ import annotations

import hashlib
import hmac
import random
from collections.abc import Iterable
from datetime import date

ROW_HEADER = "participant,statement,n,value,day"
OPENING_HEADER = "statement,n,value,day,salt"

_SALT = b"plenary vote/1 salt"
_COMMITMENT = b"plenary vote/1 commitment"
_LEAF = b"plenary vote/1 leaf"


def vote_row(*, participant: int, statement: str, n: int, value: int, day: date) -> str:
    """A published vote: one line without its line break."""
    _check(n, value)
    return f"{participant},{statement},{n},{value},{day.isoformat()}"


def opening_row(*, statement: str, n: int, value: int, day: date, salt: bytes) -> str:
    """What opens a commitment, without the pseudonym: one line without its line break."""
    _check(n, value)
    return f"{statement},{n},{value},{day.isoformat()},{salt.hex()}"


def salt_of(*, secret: bytes, statement: str, n: int) -> bytes:
    """The salt of one vote, from the secret of the participant who cast it."""
    if len(secret) != 32:
        raise ValueError("a participant's secret has 32 bytes")
    return hmac.digest(secret, pack(_SALT, statement.encode(), b"%d" % n), "sha256")


def commitment_of(*, salt: bytes, consultation: str, statement: str, n: int, value: int, day: date) -> bytes:
    """What binds us to a vote without telling it."""
    _check(n, value)
    fields = (consultation.encode(), statement.encode(), b"%d" % n, b"%d" % value, day.isoformat().encode())
    return hashlib.sha256(pack(_COMMITMENT, salt, *fields)).digest()


def leaf_of(*, consultation: str, commitment: bytes) -> bytes:
    """The bytes of a leaf of the public log."""
    return pack(_LEAF, consultation.encode(), commitment)


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of a leaf in a Merkle tree as in RFC 6962, section 2.1."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def pseudonyms(participants: Iterable[int], source: random.Random | None = None) -> dict[int, int]:
    """Dense numbers from 1 in random order, fresh for one export: they tell nothing about who came first."""
    ids = list(participants)
    (source or random.SystemRandom()).shuffle(ids)
    return {participant: number for number, participant in enumerate(ids, start=1)}


def pack(*fields: bytes) -> bytes:
    """Each field after its length in two bytes, so that no two lists of fields make the same bytes."""
    return b"".join(len(field).to_bytes(2, "big") + field for field in fields)


def _check(n: int, value: int) -> None:
    if value not in (-1, 0, 1) or not 0 <= n < 32768:
        raise ValueError(f"not a vote: n {n}, value {value}")
