"""Checking members' signatures."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tacit.linkage.errors import Code, TacitError


def verify(public_key: bytes, signature: bytes, statement: bytes) -> None:
    """Check an Ed25519 signature (RFC 8032); `public_key` has 32 bytes.

    Raises:
        TacitError: SIGNATURE_INVALID.
    """
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, statement)
    except (InvalidSignature, ValueError) as error:
        raise TacitError(Code.SIGNATURE_INVALID) from error
