"""A device that makes and uses passkeys, in software: what a browser does between our page and the device."""

from __future__ import annotations

import hashlib
import json
import re
import secrets

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

ORIGIN, SITE = "http://testserver", "testserver"
PRESENT_AND_VERIFIED = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV


def options_on(page: str) -> dict:
    """What the page asks the browser for."""
    found = re.search(r'<script id="passkey-options" type="application/json">(.*?)</script>', page)
    (options,) = json.loads(found.group(1)).values()
    return options


class Device:
    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(32)
        self.count = 0
        self.owner = b""

    def make(self, options: dict) -> str:
        """A new passkey, as the form sends it."""
        asked = options["publicKey"]
        self.owner = websafe_decode(asked["user"]["id"])
        public = ES256.from_cryptography_key(self.key.public_key())
        data = AuthenticatorData.create(
            hashlib.sha256(SITE.encode()).digest(),
            PRESENT_AND_VERIFIED | AuthenticatorData.FLAG.AT,
            self.count,
            AttestedCredentialData.create(Aaguid(bytes(16)), self.id, public),
        )
        return self._written(
            clientDataJSON=self._client("webauthn.create", asked["challenge"]),
            attestationObject=AttestationObject.create("none", data, {}),
        )

    def use(self, options: dict) -> str:
        """Proof that the device is here, as the form sends it."""
        self.count += 1
        client = self._client("webauthn.get", options["publicKey"]["challenge"])
        data = AuthenticatorData.create(
            hashlib.sha256(SITE.encode()).digest(), PRESENT_AND_VERIFIED, self.count
        )
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._written(
            clientDataJSON=client, authenticatorData=data, signature=signature, userHandle=self.owner
        )

    def _client(self, kind: str, challenge: str) -> bytes:
        return CollectedClientData.create(kind, challenge, ORIGIN)

    def _written(self, **parts: bytes) -> str:
        return json.dumps(
            {
                "id": websafe_encode(self.id),
                "rawId": websafe_encode(self.id),
                "type": "public-key",
                "authenticatorAttachment": "platform",
                "clientExtensionResults": {"credProps": {"rk": True}},
                "response": {name: websafe_encode(part) for name, part in parts.items()},
            }
        )
