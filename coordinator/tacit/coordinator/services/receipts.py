"""What the coordinator confirmed to its members."""

import grpc

from tacit.coordinator.backend import Backend, Component
from tacit.coordinator.policy import call_of
from tacit.coordinator.receipts import receipt_message, receipts_of
from tacit.v1 import receipts_pb2, receipts_pb2_grpc

_MOST_RECEIPTS = 500


def component(backend: Backend) -> Component:
    """Make the receipts service."""
    service = ReceiptsService(backend)
    return Component(
        lambda server: receipts_pb2_grpc.add_ReceiptsServiceServicer_to_server(service, server)
    )


class ReceiptsService(receipts_pb2_grpc.ReceiptsServiceServicer):
    """Serves `ReceiptsService`."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def ListReceipts(  # noqa: N802
        self, request: receipts_pb2.ListReceiptsRequest, context: grpc.ServicerContext
    ) -> receipts_pb2.ListReceiptsResponse:
        """Give the caller's receipts, oldest first, as many as fit."""
        call = call_of(context)
        # Index 0 is the first enrolment and never a receipt.
        with self._backend.store.read() as connection:
            found = receipts_of(
                self._backend,
                connection,
                request.project_id,
                call.member.id,
                after=request.after,
                most=_MOST_RECEIPTS,
            )
        return receipts_pb2.ListReceiptsResponse(receipts=map(receipt_message, found))
