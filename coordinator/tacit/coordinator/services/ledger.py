"""Heads of the ledger and proofs that it only grows."""

import grpc

from tacit.coordinator.backend import Backend, Component
from tacit.coordinator.services.convert import head_message
from tacit.v1 import ledger_pb2, ledger_pb2_grpc


def component(backend: Backend) -> Component:
    """Make the ledger service."""
    service = LedgerService(backend)
    return Component(
        lambda server: ledger_pb2_grpc.add_LedgerServiceServicer_to_server(service, server)
    )


class LedgerService(ledger_pb2_grpc.LedgerServiceServicer):
    """Serves `LedgerService`."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def GetTreeHead(  # noqa: N802
        self,
        request: ledger_pb2.GetTreeHeadRequest,  # noqa: ARG002
        context: grpc.ServicerContext,  # noqa: ARG002
    ) -> ledger_pb2.GetTreeHeadResponse:
        """Give the signed head over everything that is committed."""
        head = self._backend.ledger.head(self._backend.now())
        return ledger_pb2.GetTreeHeadResponse(head=head_message(head))

    def GetConsistencyProof(  # noqa: N802
        self,
        request: ledger_pb2.GetConsistencyProofRequest,
        context: grpc.ServicerContext,  # noqa: ARG002
    ) -> ledger_pb2.GetConsistencyProofResponse:
        """Prove that one tree is a prefix of another."""
        path = self._backend.ledger.consistency(request.first_size, request.second_size)
        return ledger_pb2.GetConsistencyProofResponse(path=path)
