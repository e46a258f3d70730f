"""This node's private keys: made once, kept in the encrypted store, never written elsewhere."""

from dataclasses import dataclass, field
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)
from cryptography.x509.oid import NameOID
from sqlalchemy import Connection, delete, insert, select, update

from tacit.linkage.errors import Code, TacitError
from tacit.node.store.base import Store
from tacit.node.store.tables import keys as table
from tacit.node.times import now_ms

_NEXT_TLS = "tls next"


@dataclass(frozen=True, slots=True)
class NodeKeys:
    """What this node signs, opens and identifies itself with.

    Attributes:
        signing: Ed25519 (RFC 8032).
        sealing: X25519 (RFC 7748).
        tls: P-256, of the client certificate.
    """

    signing: Ed25519PrivateKey = field(repr=False)
    sealing: X25519PrivateKey = field(repr=False)
    tls: ec.EllipticCurvePrivateKey = field(repr=False)

    @property
    def signing_public(self) -> bytes:
        """Ed25519 public key, 32 bytes."""
        return self.signing.public_key().public_bytes_raw()

    @property
    def sealing_public(self) -> bytes:
        """X25519 public key, 32 bytes."""
        return self.sealing.public_key().public_bytes_raw()

    def fingerprints(self) -> dict[str, str]:
        """Name each public key by its SHA-256, to read aloud and compare."""
        tls = self.tls.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return {
            "signing": fingerprint(self.signing_public),
            "sealing": fingerprint(self.sealing_public),
            "tls": fingerprint(tls),
        }

    def tls_pem(self) -> bytes:
        """The TLS key as gRPC wants it, PEM without encryption; for memory only."""
        return self.tls.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def fingerprint(public: bytes) -> str:
    """Give the SHA-256 of a public key in groups of four hexadecimal digits."""
    digits = sha256(public).hexdigest()
    return " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))


def ensure_keys(store: Store) -> NodeKeys:
    """Give this node's keys, making them on the first call.

    Raises:
        TacitError: STORE_FAILED.
    """
    with store.write() as connection:
        known = load_keys(connection)
        if known is not None:
            return known
        made = NodeKeys(
            Ed25519PrivateKey.generate(),
            X25519PrivateKey.generate(),
            ec.generate_private_key(ec.SECP256R1()),
        )
        rows = [
            {"name": name, "private": _der(key), "created_at": now_ms()}
            for name, key in (
                ("signing", made.signing),
                ("sealing", made.sealing),
                ("tls", made.tls),
            )
        ]
        connection.execute(insert(table), rows)
    return made


def load_keys(connection: Connection) -> NodeKeys | None:
    """Give this node's keys, or None where none were made.

    Raises:
        TacitError: STORE_FAILED; one of them is missing or of another kind.
    """
    rows = connection.execute(select(table.c.name, table.c.private)).all()
    if not rows:
        return None
    found = {row.name: load_der_private_key(row.private, None) for row in rows}
    signing, sealing, tls = (found.get(name) for name in ("signing", "sealing", "tls"))
    if (
        isinstance(signing, Ed25519PrivateKey)
        and isinstance(sealing, X25519PrivateKey)
        and isinstance(tls, ec.EllipticCurvePrivateKey)
    ):
        return NodeKeys(signing, sealing, tls)
    raise TacitError(Code.STORE_FAILED, problem="this node's keys are not what they should be")


def keep_next_tls(store: Store) -> ec.EllipticCurvePrivateKey:
    """Give the TLS key of the next certificate, making it on the first call.

    Raises:
        TacitError: STORE_FAILED.
    """
    with store.write() as connection:
        query = select(table.c.private).where(table.c.name == _NEXT_TLS)
        kept = connection.execute(query).scalar_one_or_none()
        if kept is not None:
            key = load_der_private_key(kept, None)
            if isinstance(key, ec.EllipticCurvePrivateKey):
                return key
            problem = "this node's keys are not what they should be"
            raise TacitError(Code.STORE_FAILED, problem=problem)
        made = ec.generate_private_key(ec.SECP256R1())
        row = {"name": _NEXT_TLS, "private": _der(made), "created_at": now_ms()}
        connection.execute(insert(table), row)
    return made


def take_next_tls(connection: Connection) -> None:
    """Put the next TLS key in the place of the old one, which is gone for good."""
    connection.execute(delete(table).where(table.c.name == "tls"))
    connection.execute(update(table).where(table.c.name == _NEXT_TLS).values(name="tls"))


def certificate_request(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Ask for a certificate for a TLS key: PKCS #10, DER (RFC 2986)."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tacit node")])
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    return builder.sign(key, SHA256()).public_bytes(Encoding.DER)


def _der(key: Ed25519PrivateKey | X25519PrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
