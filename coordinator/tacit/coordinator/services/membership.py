"""Who belongs to the coalition, and the handshake."""

import grpc
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_der_x509_certificate
from sqlalchemy import Connection

from tacit.coordinator.authority import read_request
from tacit.coordinator.backend import Backend, Component
from tacit.coordinator.newcomers import confirmed_of, promote
from tacit.coordinator.policy import call_of
from tacit.coordinator.revocations import end_membership
from tacit.coordinator.services.convert import member_message
from tacit.coordinator.services.version import check_version, software_version
from tacit.coordinator.signatures import verify
from tacit.coordinator.store.members import REVOKED, Member, list_members, member_by_id
from tacit.coordinator.store.standing import (
    Confirmation,
    add_confirmation,
    list_confirmations,
    next_certificate,
    put_next_certificate,
)
from tacit.linkage import statements
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.protocol import CAPABILITIES, OLDEST_PROTOCOL_VERSION, PROTOCOL_VERSION
from tacit.v1 import membership_pb2, membership_pb2_grpc

LONGEST_REQUEST = 4096
"""Most bytes of a certificate request."""


def component(backend: Backend) -> Component:
    """Make the membership service."""
    service = MembershipService(backend)
    return Component(
        lambda server: membership_pb2_grpc.add_MembershipServiceServicer_to_server(service, server)
    )


class MembershipService(membership_pb2_grpc.MembershipServiceServicer):
    """Serves `MembershipService`."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def Handshake(  # noqa: N802
        self, request: membership_pb2.HandshakeRequest, context: grpc.ServicerContext
    ) -> membership_pb2.HandshakeResponse:
        """Say hello, or that node and coordinator have no protocol in common."""
        check_version(request.protocol_version)
        return membership_pb2.HandshakeResponse(
            protocol_version=PROTOCOL_VERSION,
            oldest_protocol_version=OLDEST_PROTOCOL_VERSION,
            software_version=software_version(),
            capabilities=CAPABILITIES,
            you=member_message(call_of(context).member),
            ledger_key=self._backend.ledger.public_key,
            server_time=self._backend.now() // 1000,
            request_time=self._backend.request_clock(),
        )

    def ListMembers(  # noqa: N802
        self,
        request: membership_pb2.ListMembersRequest,  # noqa: ARG002
        context: grpc.ServicerContext,  # noqa: ARG002
    ) -> membership_pb2.ListMembersResponse:
        """Give everybody who is, will be or was a member, and who confirmed whom."""
        with self._backend.store.read() as connection:
            messages = [_confirmed(connection, member) for member in list_members(connection)]
        return membership_pb2.ListMembersResponse(members=messages)

    def RenewCertificate(  # noqa: N802
        self, request: membership_pb2.RenewCertificateRequest, context: grpc.ServicerContext
    ) -> membership_pb2.RenewCertificateResponse:
        """Certify another TLS key of the caller's; the same key again gets the same answer."""
        member = call_of(context).member
        if len(request.certificate_request) > LONGEST_REQUEST:
            raise TacitError(Code.MALFORMED, problem="'certificate_request' is too long.")
        statement = statements.renewal(member.id, request.certificate_request)
        verify(member.signing_key, request.signature, statement)
        key = read_request(request.certificate_request).public_bytes(
            Encoding.DER, PublicFormat.SubjectPublicKeyInfo
        )
        with self._backend.store.write() as connection:
            der = next_certificate(connection, member.id)
            if der is None or _key_in(der) != key:
                der = self._renew(connection, member, request.certificate_request)
        return membership_pb2.RenewCertificateResponse(certificate=der)

    def ConfirmMember(  # noqa: N802
        self, request: membership_pb2.ConfirmMemberRequest, context: grpc.ServicerContext
    ) -> membership_pb2.ConfirmMemberResponse:
        """Enter the caller's word for a newcomer; the last one that is needed makes it a member."""
        caller = call_of(context).member
        with self._backend.store.write() as connection:
            newcomer = member_by_id(connection, request.member_id)
            if newcomer is None or newcomer.standing == REVOKED:
                raise TacitError(Code.NOT_FOUND, what="member")
            if newcomer.id == caller.id:
                raise TacitError(Code.FORBIDDEN, "nobody confirms itself")
            self._confirm(connection, newcomer, caller, request.signature)
            promote(connection, newcomer)
            now = member_by_id(connection, newcomer.id) or newcomer
            message = _confirmed(connection, now)
        return membership_pb2.ConfirmMemberResponse(member=message)

    def Leave(  # noqa: N802
        self, request: membership_pb2.LeaveRequest, context: grpc.ServicerContext
    ) -> membership_pb2.LeaveResponse:
        """End the caller's own membership."""
        member = call_of(context).member
        statement = statements.leaving(self._backend.authority.der, member.id)
        verify(member.signing_key, request.signature, statement)
        with self._backend.store.write() as connection:
            end_membership(connection, member, self._backend.now(), member.id, request.signature)
        return membership_pb2.LeaveResponse()

    def _renew(self, connection: Connection, member: Member, request: bytes) -> bytes:
        now = self._backend.now()
        certificate = self._backend.authority.issue_client(request, member.id, now)
        put_next_certificate(connection, member.id, certificate)
        self._backend.ledger.append(
            connection,
            "renewal",
            now,
            member=member.id,
            certificate=certificate.fingerprint.hex(),
        )
        return certificate.der

    def _confirm(
        self, connection: Connection, newcomer: Member, caller: Member, signature: bytes
    ) -> None:
        given = list_confirmations(connection, newcomer.id)
        if any(found.confirmer_id == caller.id for found in given):
            return
        identity = statements.member_identity(
            self._backend.authority.der,
            newcomer.id,
            newcomer.name,
            newcomer.signing_key,
            newcomer.sealing_key,
        )
        verify(caller.signing_key, signature, statements.confirmation(identity))
        now = self._backend.now()
        index = self._backend.ledger.append(
            connection,
            "confirmation",
            now,
            member=newcomer.id,
            by=caller.id,
            signature=signature.hex(),
        )
        add_confirmation(connection, Confirmation(newcomer.id, caller.id, signature, now), index)


def _confirmed(connection: Connection, member: Member) -> membership_pb2.Member:
    message = member_message(member)
    message.confirmations_needed = confirmed_of(connection, member)[1]
    for found in list_confirmations(connection, member.id):
        message.confirmations.add(member_id=found.confirmer_id, signature=found.signature)
    return message


def _key_in(der: bytes) -> bytes:
    return (
        load_der_x509_certificate(der)
        .public_key()
        .public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    )
