from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from tacit.linkage.errors import Code, TacitError
from tacit.node.seal import Envelope, new_linkage_key, open_key, seal_key

ENVELOPE = Envelope("project-1", bytes(range(32)), 1, "member-a", "member-b")


def _hmac(key: bytes, message: bytes) -> bytes:
    mac = HMAC(key, SHA256())
    mac.update(message)
    return mac.finalize()


def _extract(suite: bytes, salt: bytes, label: bytes, material: bytes) -> bytes:
    return _hmac(salt or bytes(32), b"HPKE-v1" + suite + label + material)


def _expand(suite: bytes, key: bytes, label: bytes, info: bytes, length: int) -> bytes:
    labelled = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
    return HKDFExpand(SHA256(), length, labelled).derive(key)


def rfc9180_open(
    sealed: bytes, recipient: X25519PrivateKey, info: bytes, aad: bytes, aead: int
) -> bytes:
    """Base mode with DHKEM(X25519, HKDF-SHA256) and HKDF-SHA256, written after RFC 9180."""
    encapsulated, ciphertext = sealed[:32], sealed[32:]
    kem = b"KEM" + (0x20).to_bytes(2, "big")
    shared = recipient.exchange(X25519PublicKey.from_public_bytes(encapsulated))
    context = encapsulated + recipient.public_key().public_bytes_raw()
    secret = _expand(kem, _extract(kem, b"", b"eae_prk", shared), b"shared_secret", context, 32)
    suite = b"HPKE" + b"".join(number.to_bytes(2, "big") for number in (0x20, 1, aead))
    schedule = (
        b"\x00"
        + _extract(suite, b"", b"psk_id_hash", b"")
        + _extract(suite, b"", b"info_hash", info)
    )
    prk = _extract(suite, secret, b"secret", b"")
    key = _expand(suite, prk, b"key", schedule, {1: 16, 2: 32}[aead])
    return AESGCM(key).decrypt(_expand(suite, prk, b"base_nonce", schedule, 12), ciphertext, aad)


def test_the_independent_implementation_opens_the_vector_of_the_rfc() -> None:
    # RFC 9180, appendix A.1.1, first encryption.
    recipient = X25519PrivateKey.from_private_bytes(
        bytes.fromhex("4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8")
    )
    sealed = bytes.fromhex(
        "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431"
        "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a9"
        "6d8770ac83d07bea87e13c512a"
    )
    opened = rfc9180_open(sealed, recipient, b"Ode on a Grecian Urn", b"Count-0", 1)
    assert opened == b"Beauty is truth, truth beauty"


def test_what_is_sealed_is_base_mode_of_rfc_9180() -> None:
    recipient, key = X25519PrivateKey.generate(), new_linkage_key()
    ciphertext, _ = seal_key(
        key, ENVELOPE, recipient.public_key().public_bytes_raw(), Ed25519PrivateKey.generate()
    )
    assert len(ciphertext) == 32 + 32 + 16
    assert rfc9180_open(ciphertext, recipient, ENVELOPE.info(), b"", 2) == key


class Sealed:
    def __init__(self) -> None:
        self.signer, self.recipient = Ed25519PrivateKey.generate(), X25519PrivateKey.generate()
        self.key = new_linkage_key()
        self.ciphertext, self.signature = seal_key(
            self.key, ENVELOPE, self.recipient.public_key().public_bytes_raw(), self.signer
        )

    def open(
        self, envelope: Envelope = ENVELOPE, recipient: X25519PrivateKey | None = None
    ) -> bytes:
        return open_key(
            self.ciphertext,
            self.signature,
            envelope,
            self.signer.public_key().public_bytes_raw(),
            recipient or self.recipient,
        )


@pytest.fixture
def sealed() -> Sealed:
    return Sealed()


def test_the_recipient_opens_what_was_sealed_to_it(sealed: Sealed) -> None:
    assert sealed.open() == sealed.key


def test_no_other_member_opens_it(sealed: Sealed) -> None:
    with pytest.raises(TacitError) as caught:
        sealed.open(recipient=X25519PrivateKey.generate())
    assert caught.value.code is Code.SIGNATURE_INVALID


@pytest.mark.parametrize(
    "envelope",
    [
        replace(ENVELOPE, project="project-2"),
        replace(ENVELOPE, agreement_hash=bytes(32)),
        replace(ENVELOPE, epoch=2),
        replace(ENVELOPE, sender="member-c"),
        replace(ENVELOPE, recipient="member-c"),
    ],
)
def test_a_key_sealed_for_something_else_is_refused(sealed: Sealed, envelope: Envelope) -> None:
    # The sender signs again, so that only HPKE's info stands between the key and its reuse.
    sealed.signature = sealed.signer.sign(envelope.statement(sealed.ciphertext))
    with pytest.raises(TacitError) as caught:
        sealed.open(envelope)
    assert caught.value.code is Code.SIGNATURE_INVALID


@pytest.mark.parametrize("position", [0, 31, 32, 79])
def test_a_changed_ciphertext_is_refused(sealed: Sealed, position: int) -> None:
    changed = bytearray(sealed.ciphertext)
    changed[position] ^= 1
    sealed.ciphertext = bytes(changed)
    with pytest.raises(TacitError):
        sealed.open()
    # Even one that the sender would have signed.
    sealed.signature = sealed.signer.sign(ENVELOPE.statement(sealed.ciphertext))
    with pytest.raises(TacitError):
        sealed.open()


def test_a_key_sealed_by_somebody_else_is_refused(sealed: Sealed) -> None:
    # A coordinator can seal to anybody: public keys are public. It cannot sign for a member.
    impostor = Ed25519PrivateKey.generate()
    sealed.ciphertext, sealed.signature = seal_key(
        bytes(32), ENVELOPE, sealed.recipient.public_key().public_bytes_raw(), impostor
    )
    with pytest.raises(TacitError) as caught:
        sealed.open()
    assert caught.value.code is Code.SIGNATURE_INVALID


def test_keys_of_another_length_are_neither_sealed_nor_opened(sealed: Sealed) -> None:
    public = sealed.recipient.public_key().public_bytes_raw()
    with pytest.raises(ValueError, match="32 bytes"):
        seal_key(bytes(16), ENVELOPE, public, sealed.signer)
