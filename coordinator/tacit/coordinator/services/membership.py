"""Who belongs to the coalition, and the handshake."""

import grpc

from tacit.coordinator.backend import Backend, Component
from tacit.coordinator.policy import call_of
from tacit.coordinator.services.convert import member_message
from tacit.coordinator.services.version import check_version, software_version
from tacit.coordinator.store.members import list_members
from tacit.linkage.protocol import CAPABILITIES, OLDEST_PROTOCOL_VERSION, PROTOCOL_VERSION
from tacit.v1 import membership_pb2, membership_pb2_grpc


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
        )

    def ListMembers(  # noqa: N802
        self,
        request: membership_pb2.ListMembersRequest,  # noqa: ARG002
        context: grpc.ServicerContext,  # noqa: ARG002
    ) -> membership_pb2.ListMembersResponse:
        """Give every member."""
        with self._backend.store.read() as connection:
            members = list_members(connection)
        return membership_pb2.ListMembersResponse(
            members=[member_message(member) for member in members]
        )
