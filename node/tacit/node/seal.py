"""The linkage key on its way between members: sealed by one node, opened by one other.

HPKE in base mode (RFC 9180) with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and AES-256-GCM. Base
mode says nothing about the sender, so the sender's Ed25519 signature over the ciphertext
(`statements.sealed_key`) travels with it and is checked first, against the key that the agreement
names. The coordinator relays the ciphertext and can neither open nor replace it.
"""

import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from tacit.linkage import statements
from tacit.linkage.canonical import canonical
from tacit.linkage.errors import Code, TacitError

LINKAGE_KEY_BYTES = 32
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a sealed key is bound to: opening it under any other of these fails.

    Attributes:
        project: the coordinator's name for the project.
        agreement_hash: SHA-256 of the agreement, 32 bytes.
        epoch: counts the project's linkage keys.
        sender: member_id of who made the key.
        recipient: member_id of who may open it.
    """

    project: str
    agreement_hash: bytes
    epoch: int
    sender: str
    recipient: str

    def info(self) -> bytes:
        """Give the HPKE `info`: both sides must state the same to derive the same key."""
        return canonical(
            {
                "label": "tacit linkage key v1",
                "project": self.project,
                "agreement": self.agreement_hash.hex(),
                "epoch": self.epoch,
                "sender": self.sender,
                "recipient": self.recipient,
            }
        )

    def statement(self, ciphertext: bytes) -> bytes:
        """Give the bytes that the sender signs."""
        return statements.sealed_key(self.agreement_hash, self.epoch, self.recipient, ciphertext)


def new_linkage_key() -> bytes:
    """Draw a linkage key: 32 bytes from the operating system."""
    return secrets.token_bytes(LINKAGE_KEY_BYTES)


def seal_key(
    linkage_key: bytes, envelope: Envelope, sealing_key: bytes, signer: Ed25519PrivateKey
) -> tuple[bytes, bytes]:
    """Seal the linkage key to one recipient and sign the result.

    Args:
        linkage_key: 32 bytes.
        envelope: what the ciphertext is bound to.
        sealing_key: the recipient's X25519 public key, 32 bytes, from the signed agreement.
        signer: the sender's signing key.

    Returns:
        Ciphertext (32 bytes of encapsulated key, then 48 of AES-256-GCM) and signature.
    """
    if len(linkage_key) != LINKAGE_KEY_BYTES:
        raise ValueError("a linkage key has 32 bytes")
    recipient = X25519PublicKey.from_public_bytes(sealing_key)
    ciphertext = _SUITE.encrypt(linkage_key, recipient, envelope.info())
    return ciphertext, signer.sign(envelope.statement(ciphertext))


def open_key(
    ciphertext: bytes,
    signature: bytes,
    envelope: Envelope,
    signing_key: bytes,
    sealing_key: X25519PrivateKey,
) -> bytes:
    """Check who sealed a linkage key and open it.

    Args:
        ciphertext: what `seal_key` returned.
        signature: the sender's, over `envelope.statement(ciphertext)`.
        envelope: what this node expects the key to be bound to.
        signing_key: the sender's Ed25519 public key, 32 bytes, from the signed agreement.
        sealing_key: this node's own X25519 key.

    Raises:
        TacitError: SIGNATURE_INVALID where the signature, the recipient or the envelope is wrong.
    """
    try:
        verifier = Ed25519PublicKey.from_public_bytes(signing_key)
        verifier.verify(signature, envelope.statement(ciphertext))
        key = _SUITE.decrypt(ciphertext, sealing_key, envelope.info())
    except (InvalidSignature, InvalidTag, ValueError) as error:
        detail = f"sealed key from {envelope.sender}: {type(error).__name__}"
        raise TacitError(Code.SIGNATURE_INVALID, detail) from error
    if len(key) != LINKAGE_KEY_BYTES:
        raise TacitError(Code.SIGNATURE_INVALID, "the sealed key has the wrong length")
    return key
