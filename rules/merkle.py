"""One hash over many: the Merkle tree hash of RFC 9162 (section 2.1.1), with SHA-256.

Whoever holds the leaves can work it out again, and whoever changes, adds, drops or re-orders one gets another.
"""

import hashlib
from collections.abc import Sequence


def root(leaves: Sequence[bytes]) -> str:
    """The tree hash of these leaves in this order, in hex; of none, the hash of nothing."""
    if not leaves:
        return hashlib.sha256(b"").hexdigest()
    level = [hashlib.sha256(b"\x00" + leaf).digest() for leaf in leaves]
    # Pairing from the left and carrying an odd last one up gives the same tree as the RFC's split at a power of two.
    while len(level) > 1:
        paired = [hashlib.sha256(b"\x01" + a + b).digest() for a, b in zip(level[::2], level[1::2], strict=False)]
        level = paired + ([level[-1]] if len(level) % 2 else [])
    return level[0].hex()
