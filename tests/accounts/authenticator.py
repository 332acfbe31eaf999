"""A passkey of the tests' own: an authenticator in software, which also does what none that is honest would."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

ORIGIN, ID = "https://scans.example.ac.uk", "scans.example.ac.uk"
UP, UV, BE, BS, AT = 0x01, 0x04, 0x08, 0x10, 0x40


def plain(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Authenticator:
    """A device with one passkey. What is passed to `make` and `use` is done otherwise than asked."""

    origin: str = ORIGIN
    party: str = ID
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    handle: str = ""
    count: int = 0
    is_synced: bool = False

    def make(self, options: str, *, origin: str = "", party: str = "", flags: int = UP | UV, resident=True) -> str:
        """What `navigator.credentials.create` answers to these options."""
        asked = json.loads(options)
        self.handle = asked["user"]["id"]
        numbers = self.key.public_key().public_numbers()
        cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)})
        attested = bytes(16) + len(self.id).to_bytes(2) + self.id + cose
        data = self._data(party, flags | AT) + attested
        answer = {"fmt": "none", "attStmt": {}, "authData": data}
        return self._answer(
            {
                "clientDataJSON": plain(self._client("webauthn.create", asked["challenge"], origin)),
                "attestationObject": plain(cbor2.dumps(answer)),
                "transports": ["internal", "hybrid", "carrier-pigeon"],
            },
            {"credProps": {"rk": resident}},
        )

    def use(
        self,
        options: str,
        *,
        origin: str = "",
        party: str = "",
        flags: int = UP | UV,
        kind: str = "webauthn.get",
        key: ec.EllipticCurvePrivateKey | None = None,
        handle: str = "",
    ) -> str:
        """What `navigator.credentials.get` answers to these options."""
        self.count += 1 if self.count else 0
        client = self._client(kind, json.loads(options)["challenge"], origin)
        data = self._data(party, flags)
        signature = (key or self.key).sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {
                "clientDataJSON": plain(client),
                "authenticatorData": plain(data),
                "signature": plain(signature),
                "userHandle": handle or self.handle,
            },
            {},
        )

    def _client(self, kind: str, challenge: str, origin: str) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": origin or self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _data(self, party: str, flags: int) -> bytes:
        synced = BE | BS if self.is_synced else 0
        return (
            hashlib.sha256((party or self.party).encode()).digest() + bytes([flags | synced]) + self.count.to_bytes(4)
        )

    def _answer(self, response: dict, results: dict) -> str:
        said = {"id": plain(self.id), "rawId": plain(self.id), "type": "public-key", "response": response}
        return json.dumps(said | {"clientExtensionResults": results, "authenticatorAttachment": "platform"})
