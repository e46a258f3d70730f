"""Deciding whether a call may go on: the certificate first, then the policy's row."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, TypeAlias

import grpc
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import Connection

from tacit.coordinator.newcomers import confirmed_of
from tacit.coordinator.policy import RULES, Call, Caller
from tacit.coordinator.project_admission import admit_to_project
from tacit.coordinator.request_signatures import Received, RequestSignatures
from tacit.coordinator.store.engine import Store
from tacit.coordinator.store.members import REVOKED, WAITING, Member, member_by_fingerprint
from tacit.coordinator.store.standing import is_next, take_next
from tacit.linkage.errors import Code, TacitError

Metadata: TypeAlias = Iterable[tuple[str, str | bytes]]


@dataclass(frozen=True, slots=True)
class Shown:
    """The certificate that a caller showed: SHA-256 of its DER, and its end in milliseconds."""

    fingerprint: bytes
    ends_at: int


@dataclass(frozen=True, slots=True)
class Gate:
    """What calls are held against.

    Attributes:
        store: where members and projects are looked up, each time anew.
        signatures: of requests.
        now: the clock, milliseconds.
    """

    store: Store
    signatures: RequestSignatures
    now: Callable[[], int]


def admit(
    gate: Gate, method: str, received: Received, shown: Shown | None, metadata: Metadata
) -> Call:
    """Hold a call against its rule.

    Args:
        gate: what it is held against.
        method: full name of the RPC.
        received: the request, or the first one of a stream.
        shown: the caller's certificate, if it showed one.
        metadata: of the request.

    Raises:
        TacitError: whatever the caller lacks. What is not the caller's does not exist for it.
    """
    rule = RULES.get(method)
    if rule is None:
        raise TacitError(Code.FORBIDDEN, f"{method} has no rule")
    if rule.caller is Caller.ANYONE:
        return Call(method)
    if shown is None:
        raise TacitError(Code.UNAUTHENTICATED, "no client certificate")
    with gate.store.read() as connection:
        member = recognise(connection, shown, gate.now())
        if rule.signed:
            gate.signatures.check(method, member, received, metadata)
        renewed = is_next(connection, shown.fingerprint)
        project = None
        if rule.caller is not Caller.MEMBER:
            project = admit_to_project(connection, rule, member, received.parsed(), gate.now())
    if renewed:
        # Only now is it sure that the node has the new certificate, so only now the old one dies.
        with gate.store.write() as connection:
            take_next(connection, shown.fingerprint)
    return Call(method, member, project, shown.fingerprint, shown.ends_at)


def recognise(connection: Connection, shown: Shown, at: int) -> Member:
    """Give the member who showed a certificate, if it may call at all.

    Raises:
        TacitError: CERTIFICATE_EXPIRED, UNAUTHENTICATED, REVOKED or UNCONFIRMED.
    """
    # TLS looks at a certificate's end when a connection begins, and a connection may last.
    if at >= shown.ends_at:
        raise TacitError(Code.CERTIFICATE_EXPIRED)
    member = member_by_fingerprint(connection, shown.fingerprint)
    if member is None:
        raise TacitError(Code.UNAUTHENTICATED, "certificate of no member")
    if member.standing == REVOKED:
        raise TacitError(Code.REVOKED)
    if member.standing == WAITING:
        confirmed, needed = confirmed_of(connection, member)
        raise TacitError(Code.UNCONFIRMED, confirmed=confirmed, needed=needed)
    return member


def certificate_shown(context: grpc.ServicerContext) -> Shown | None:
    """Give the certificate with which a caller's connection began, if there was one."""
    # A list of bytes, whatever the stubs say.
    shown: Any = context.auth_context().get("x509_pem_cert")
    if not shown:
        return None
    certificate = x509.load_pem_x509_certificate(shown[0])
    fingerprint = sha256(certificate.public_bytes(Encoding.DER)).digest()
    return Shown(fingerprint, int(certificate.not_valid_after_utc.timestamp() * 1000))
