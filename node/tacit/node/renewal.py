"""A node renews its certificate before it ends, over the connection that it has.

Every step may be the last before a crash: the new TLS key is kept before it is sent, the
coordinator gives the same certificate for the same key, and the old certificate goes on until the
new one is shown.
"""

import datetime as dt
from dataclasses import replace

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec

from tacit.linkage import statements
from tacit.linkage.errors import Code, TacitError
from tacit.node.client.session import Session
from tacit.node.keys import NodeKeys, certificate_request, keep_next_tls, take_next_tls
from tacit.node.store.base import Store
from tacit.node.store.identity import Identity, put_identity
from tacit.v1 import membership_pb2 as membership

NOT_ISSUED = (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm, x509.InvalidVersion)
"""What comes of reading bytes that are no certificate of the authority that they should be of."""

_PARTS = 3


def is_due(certificate: bytes, at: float) -> bool:
    """Tell whether a third of a certificate's time, or less, is left.

    Args:
        certificate: DER.
        at: seconds since 1970.
    """
    parsed = x509.load_der_x509_certificate(certificate)
    begin, end = parsed.not_valid_before_utc, parsed.not_valid_after_utc
    return end - dt.datetime.fromtimestamp(at, dt.UTC) <= (end - begin) / _PARTS


def has_ended(certificate: bytes, at: float) -> bool:
    """Tell whether a certificate, DER, holds no longer; `at` in seconds since 1970."""
    end = x509.load_der_x509_certificate(certificate).not_valid_after_utc
    return end <= dt.datetime.fromtimestamp(at, dt.UTC)


def renew(session: Session, store: Store, identity: Identity, keys: NodeKeys) -> None:
    """Make a new TLS key, have it certified and keep both in the place of the old.

    The session goes on under the old certificate; the next one shows the new.

    Raises:
        TacitError: UNTRUSTED, what came back is not a certificate for this key by the pinned
            authority; or what the call and the store raise.
    """
    key = keep_next_tls(store)
    request = certificate_request(key)
    signature = keys.signing.sign(statements.renewal(identity.member_id, request))
    answer = session.ask(
        session.membership.RenewCertificate,
        membership.RenewCertificateRequest(certificate_request=request, signature=signature),
    )
    _verify(answer.certificate, key, identity)
    with store.write() as connection:
        take_next_tls(connection)
        put_identity(connection, replace(identity, certificate=answer.certificate))


def _verify(der: bytes, key: ec.EllipticCurvePrivateKey, identity: Identity) -> None:
    authority = x509.load_der_x509_certificate(identity.authority)
    try:
        certificate = x509.load_der_x509_certificate(der)
        certificate.verify_directly_issued_by(authority)
    except NOT_ISSUED as error:
        detail = "the renewed certificate is not the pinned authority's"
        raise TacitError(Code.UNTRUSTED, detail, address=identity.address) from error
    if certificate.public_key() != key.public_key():
        detail = "the renewed certificate is for another key"
        raise TacitError(Code.UNTRUSTED, detail, address=identity.address)
