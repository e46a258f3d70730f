"""Whether an Ed25519 signature holds (RFC 8032)."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def verifies(public_key: bytes, signature: bytes, statement: bytes) -> bool:
    """Say whether `public_key` (32 bytes) made `signature` over `statement`."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, statement)
    except (InvalidSignature, ValueError):
        return False
    return True
