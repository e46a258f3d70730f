"""How a node becomes a member: one invitation, one certificate."""

import secrets
from hashlib import sha256

import grpc
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import Connection

from tacit.coordinator.authority import read_request
from tacit.coordinator.backend import Backend, Component
from tacit.coordinator.log import log
from tacit.coordinator.newcomers import standing_of_newcomer
from tacit.coordinator.services.convert import member_message
from tacit.coordinator.services.version import check_version
from tacit.coordinator.signatures import verify
from tacit.coordinator.store.members import (
    MEMBER,
    REVOKED,
    Certificate,
    Invitation,
    Member,
    add_member,
    certificate_of,
    find_invitation,
    member_by_id,
    member_by_name,
    use_invitation,
)
from tacit.coordinator.store.standing import replace_certificate, set_aside_name
from tacit.linkage import statements
from tacit.linkage.errors import Code, TacitError
from tacit.v1 import membership_pb2, membership_pb2_grpc

_SECRET_BYTES = 32
_KEY_BYTES = 32
_LONGEST_REQUEST = 4096


def component(backend: Backend) -> Component:
    """Make the enrolment service."""
    service = EnrolmentService(backend)
    return Component(
        lambda server: membership_pb2_grpc.add_EnrolmentServiceServicer_to_server(service, server)
    )


class EnrolmentService(membership_pb2_grpc.EnrolmentServiceServicer):
    """Serves `EnrolmentService`, on the port where nobody has a certificate yet."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def Enrol(  # noqa: N802
        self,
        request: membership_pb2.EnrolRequest,
        context: grpc.ServicerContext,  # noqa: ARG002
    ) -> membership_pb2.EnrolResponse:
        """Enrol the node that holds an invitation; the same keys again get the same answer."""
        check_version(request.protocol_version)
        _check(request)
        same = _request_hash(request)
        with self._backend.store.write() as connection:
            invitation = find_invitation(connection, sha256(request.invitation).digest())
            if invitation is None:
                raise TacitError(Code.INVITATION_INVALID, "unknown")
            if invitation.used_at is not None:
                member, der = _again(connection, invitation, same)
            else:
                member, der = self._enrol(connection, invitation, request, same)
        log().info("enrolled", member=member.id)
        return membership_pb2.EnrolResponse(
            member=member_message(member),
            certificate=der,
            authority=self._backend.authority.der,
            ledger_key=self._backend.ledger.public_key,
        )

    def _enrol(
        self,
        connection: Connection,
        invitation: Invitation,
        request: membership_pb2.EnrolRequest,
        same: bytes,
    ) -> tuple[Member, bytes]:
        now = self._backend.now()
        if now >= invitation.expires_at:
            raise TacitError(Code.INVITATION_INVALID, "expired")
        known = member_by_name(connection, invitation.name)
        if known is not None and known.standing != REVOKED:
            member, certificate = self._certify(connection, known, request, now)
        else:
            if known is not None:
                set_aside_name(connection, known.id, f"{known.name} ({known.id})")
            member, certificate = self._add(connection, invitation.name, request, now)
        use_invitation(connection, invitation.secret_hash, same, member.id, now)
        return member, certificate.der

    def _certify(
        self, connection: Connection, member: Member, request: membership_pb2.EnrolRequest, now: int
    ) -> tuple[Member, Certificate]:
        """Give a member with the keys it always had a certificate in the place of a lost one."""
        keys = (request.signing_key, request.sealing_key)
        if member.standing != MEMBER or keys != (member.signing_key, member.sealing_key):
            raise TacitError(Code.INVITATION_INVALID, "its organisation has enrolled by another")
        authority = self._backend.authority
        certificate = authority.issue_client(request.certificate_request, member.id, now)
        replace_certificate(connection, member.id, certificate)
        fingerprint = certificate.fingerprint.hex()
        self._backend.ledger.append(
            connection, "renewal", now, member=member.id, certificate=fingerprint
        )
        return member, certificate

    def _add(
        self, connection: Connection, name: str, request: membership_pb2.EnrolRequest, now: int
    ) -> tuple[Member, Certificate]:
        needed = self._backend.confirmations
        member = Member(
            f"m{secrets.token_hex(8)}",
            name,
            request.signing_key,
            request.sealing_key,
            standing_of_newcomer(connection, needed),
            needed,
        )
        authority = self._backend.authority
        certificate = authority.issue_client(request.certificate_request, member.id, now)
        index = self._backend.ledger.append(
            connection,
            "enrolment",
            now,
            member=member.id,
            name=member.name,
            signing_key=member.signing_key.hex(),
            sealing_key=member.sealing_key.hex(),
            certificate=certificate.fingerprint.hex(),
            standing=member.standing,
        )
        add_member(connection, member, certificate, now, index)
        return member, certificate


def _check(request: membership_pb2.EnrolRequest) -> None:
    lengths = (
        ("invitation", request.invitation, _SECRET_BYTES),
        ("signing_key", request.signing_key, _KEY_BYTES),
        ("sealing_key", request.sealing_key, _KEY_BYTES),
    )
    for name, value, length in lengths:
        if len(value) != length:
            raise TacitError(Code.MALFORMED, problem=f"'{name}' must have {length} bytes.")
    if len(request.certificate_request) > _LONGEST_REQUEST:
        raise TacitError(Code.MALFORMED, problem="'certificate_request' is too long.")
    statement = statements.enrolment(
        request.invitation, request.certificate_request, request.signing_key, request.sealing_key
    )
    verify(request.signing_key, request.signature, statement)


def _request_hash(request: membership_pb2.EnrolRequest) -> bytes:
    """Hash the three public keys: a request's own signature differs each time it is made."""
    tls_key = read_request(request.certificate_request).public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )
    return sha256(tls_key + request.signing_key + request.sealing_key).digest()


def _again(connection: Connection, invitation: Invitation, same: bytes) -> tuple[Member, bytes]:
    if invitation.request_hash != same or invitation.member_id is None:
        raise TacitError(Code.INVITATION_INVALID, "used")
    member = member_by_id(connection, invitation.member_id)
    if member is None or member.standing == REVOKED:
        raise TacitError(Code.INVITATION_INVALID, "its member is gone")
    return member, certificate_of(connection, member.id)
