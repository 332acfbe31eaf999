"""The key of history: made of SECRET_KEY, so it is not in the database and whoever writes there cannot sign.

`create_app` sets it once at start. Entries and the digests in them name the key that they were made with, so history
still verifies after SECRET_KEY was changed, as long as the old one is listed in SECRET_KEY_FALLBACKS.
"""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass

_LABEL = b"sonofolio history"


@dataclass(frozen=True)
class Key:
    """One key, and the short name by which entries say that they were made with it."""

    id: str
    secret: bytes

    def sign(self, text: str) -> str:
        """HMAC-SHA256 of a text, in hex."""
        return hmac.digest(self.secret, text.encode("utf-8", "surrogatepass"), "sha256").hex()

    def derived(self, purpose: str) -> bytes:
        """32 bytes for another purpose, from which those of history cannot be told."""
        return hmac.digest(self.secret, f"for {purpose}".encode(), "sha256")


_known: dict[str, Key] = {}  # the current one first


def use(secret_key: str, fallbacks: Iterable[str] = ()) -> None:
    """Sign with the key made of `secret_key` from now on, and verify with those of `fallbacks` too."""
    found = [_made_of(secret) for secret in (secret_key, *fallbacks)]
    _known.clear()
    _known.update((key.id, key) for key in found)


def current() -> Key:
    """The key to sign with. Raises RuntimeError when none was set."""
    for key in _known.values():
        return key
    raise RuntimeError("history has no key: call workflows.history.keys.use(SECRET_KEY) at start")


def everything() -> list[Key]:
    """Every key that is set, the current one first."""
    return list(_known.values())


def of(key_id: str) -> Key | None:
    """The key of this name; None when it is not among those that are set."""
    return _known.get(key_id)


def _made_of(secret_key: str) -> Key:
    secret = hmac.digest(secret_key.encode(), _LABEL, "sha256")
    return Key(hmac.digest(secret, b"name", "sha256").hex()[:8], secret)
