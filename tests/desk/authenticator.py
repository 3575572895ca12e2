"""A passkey in software, that can be made to lie: what a browser would give, signed with P-256."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2 import cbor
from fido2.cose import ES256

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

PRESENT, VERIFIED, ATTESTED = 1, 4, 64


def figures(secret: bytes, at: datetime) -> str:
    """What an authenticator on a telephone shows (RFC 6238)."""
    mac = hmac.digest(secret, (int(at.timestamp()) // 30).to_bytes(8, "big"), "sha1")
    start = mac[-1] & 15
    return f"{(int.from_bytes(mac[start : start + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06d}"


def b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


class Authenticator:
    """One passkey. `origin`: the page it believes to be on; `flags` None: whoever holds it was seen and verified."""

    def __init__(self, origin: str = "http://localhost:8001", relying: str = "localhost") -> None:
        self.origin, self.relying = origin, relying
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(32)
        self.counter = 0
        self.flags: int | None = None

    def _data(self, flags: int, more: bytes = b"") -> bytes:
        self.counter += 1
        given = flags if self.flags is None else self.flags | (flags & ATTESTED)
        digest = hashlib.sha256(self.relying.encode()).digest()
        return digest + bytes([given]) + self.counter.to_bytes(4, "big") + more

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def made(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """What a browser gives when a passkey was made."""
        public = cbor.encode(ES256.from_cryptography_key(self.key.public_key()))  # type: ignore[no-untyped-call]
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + public
        data = self._data(PRESENT | VERIFIED | ATTESTED, attested)
        statement = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", options["challenge"])
        return self._told({"clientDataJSON": b64(client), "attestationObject": b64(statement)})

    def signed(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """What a browser gives when a passkey signed somebody in."""
        client = self._client("webauthn.get", options["challenge"])
        data = self._data(PRESENT | VERIFIED)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._told({"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(signature)})

    def _told(self, response: dict[str, str]) -> dict[str, Any]:
        given = {"id": b64(self.id), "rawId": b64(self.id), "type": "public-key", "response": response}
        return {**given, "clientExtensionResults": {}}
