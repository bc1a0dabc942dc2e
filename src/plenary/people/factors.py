"""The secrets of second factors, readable to nobody who has only the database."""

from __future__ import annotations

import base64
import hashlib
import logging

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.utils.translation import gettext_lazy as _

logger = logging.getLogger(__name__)

UNREADABLE = _(
    "Your app and your recovery codes cannot be checked: this site has lost the key that protects them. A passkey "
    "still works. If you have none, ask the people who run this site to reset your second step."
)


class ImproperlyEncrypted(Exception):
    """A second factor was made under another key: ``keys/factors`` was lost or ``PLENARY_FACTOR_KEY`` was changed."""


def encrypt(text: str) -> str:
    return _cipher().encrypt(text.encode()).decode()


def decrypt(encrypted_text: str) -> str:
    try:
        return _cipher().decrypt(encrypted_text.encode()).decode()
    except InvalidToken:
        logger.error("a second factor was made under another key than keys/factors or PLENARY_FACTOR_KEY")
        raise ImproperlyEncrypted from None


def _cipher() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(settings.PLENARY_FACTOR_KEY.encode()).digest()))
