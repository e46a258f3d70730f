"""The coalition's certificate authority: P-256, one level, pinned by every node."""

import datetime as dt
from dataclasses import dataclass
from hashlib import sha256

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tacit.coordinator.store.members import Certificate
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.protocol import SERVER_NAME

_AUTHORITY_DAYS = 20 * 365
_SERVER_DAYS = 5 * 365
_UNREADABLE = (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm, x509.InvalidVersion)
_MILLISECONDS = dt.timedelta(milliseconds=1)
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
# A node whose clock is slow must still take today's certificate.
_SKEW = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ServerIdentity:
    """What a TLS server shows and proves: certificate chain and private key, PEM."""

    chain: bytes
    key: bytes


@dataclass(frozen=True, slots=True)
class Authority:
    """Issues certificates for one coalition.

    Attributes:
        certificate: its own, which nodes pin.
        key: P-256.
        days: how long a member's certificate holds.
    """

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    days: int = 90

    @property
    def der(self) -> bytes:
        """The authority's own certificate, DER: what nodes pin."""
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def pem(self) -> bytes:
        """The same, PEM."""
        return self.certificate.public_bytes(Encoding.PEM)

    def issue_client(self, request: bytes, member_id: str, at: int | None = None) -> Certificate:
        """Certify a node's TLS key; of its request (PKCS #10, DER) only the key is taken over.

        Args:
            request: PKCS #10, DER.
            member_id: whose key it is.
            at: milliseconds, from when on the certificate holds; now, if left out.

        Raises:
            TacitError: MALFORMED, the request is not a P-256 key that signs for itself.
        """
        public_key = read_request(request)
        begin = dt.datetime.now(dt.UTC) if at is None else _EPOCH + at * _MILLISECONDS
        holds = (begin - _SKEW, begin + dt.timedelta(days=self.days))
        der = self._issue(
            _builder(member_id, self.certificate.subject, public_key, holds),
            ExtendedKeyUsageOID.CLIENT_AUTH,
            None,
        ).public_bytes(Encoding.DER)
        return Certificate(sha256(der).digest(), der)

    def issue_server(self) -> ServerIdentity:
        """Make a server identity that lives as long as the process: no key of it is kept."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.SubjectAlternativeName([x509.DNSName(SERVER_NAME)])
        subject = self.certificate.subject
        builder = _builder(SERVER_NAME, subject, key.public_key(), _holds(_SERVER_DAYS))
        certificate = self._issue(builder, ExtendedKeyUsageOID.SERVER_AUTH, name)
        return ServerIdentity(
            certificate.public_bytes(Encoding.PEM) + self.pem,
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        )

    def _issue(
        self,
        builder: x509.CertificateBuilder,
        usage: x509.ObjectIdentifier,
        alternative: x509.SubjectAlternativeName | None,
    ) -> x509.Certificate:
        issuer_key = self.key.public_key()
        builder = (
            builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False
            )
        )
        if alternative is not None:
            builder = builder.add_extension(alternative, critical=False)
        return builder.sign(self.key, SHA256())


def create_authority(coalition: str) -> Authority:
    """Make a new authority with a new key."""
    key = ec.generate_private_key(ec.SECP256R1())
    fingerprint = sha256(coalition.encode()).hexdigest()[:8]
    common_name = f"Tacit coalition {fingerprint}"
    subject = _name(common_name)
    certificate = (
        _builder(common_name, subject, key.public_key(), _holds(_AUTHORITY_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .sign(key, SHA256())
    )
    return Authority(certificate, key)


def read_request(request: bytes) -> ec.EllipticCurvePublicKey:
    """Give the key of a certificate request (PKCS #10, DER; RFC 2986).

    Raises:
        TacitError: MALFORMED, the request is not a P-256 key that signs for itself.
    """
    try:
        parsed = x509.load_der_x509_csr(request)
        public_key = parsed.public_key()
        valid = parsed.is_signature_valid
    except _UNREADABLE as error:
        raise _malformed("the certificate request cannot be read.") from error
    if not isinstance(public_key, ec.EllipticCurvePublicKey) or not isinstance(
        public_key.curve, ec.SECP256R1
    ):
        raise _malformed("the certificate request must be for a P-256 key.")
    if not valid:
        raise _malformed("the certificate request is not signed by its own key.")
    return public_key


def _holds(days: int) -> tuple[dt.datetime, dt.datetime]:
    now = dt.datetime.now(dt.UTC)
    return now - _SKEW, now + dt.timedelta(days=days)


def _builder(
    common_name: str,
    issuer: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    holds: tuple[dt.datetime, dt.datetime],
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_name(common_name))
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(holds[0])
        .not_valid_after(holds[1])
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _malformed(problem: str) -> TacitError:
    return TacitError(Code.MALFORMED, problem=problem)
