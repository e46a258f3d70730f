"""Heads of the ledger and proofs that it only grows."""

import grpc

from tacit.coordinator.backend import Backend, Component
from tacit.coordinator.cosigning import cosign
from tacit.coordinator.policy import call_of
from tacit.coordinator.services.convert import cosigned_message, head_message
from tacit.coordinator.store.cosignatures import cosignatures_of, list_heads, newest_cosigned
from tacit.coordinator.store.ledger import list_entries
from tacit.v1 import ledger_pb2, ledger_pb2_grpc

_MOST_ENTRIES = 500
_MOST_ENTRY_BYTES = 1024 * 1024
_MOST_HEADS = 200


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

    def ListEntries(  # noqa: N802
        self,
        request: ledger_pb2.ListEntriesRequest,
        context: grpc.ServicerContext,  # noqa: ARG002
    ) -> ledger_pb2.ListEntriesResponse:
        """Give entries as they were entered."""
        with self._backend.store.read() as connection:
            found = list_entries(connection, request.start, request.end, _MOST_ENTRIES)
        answer, size = ledger_pb2.ListEntriesResponse(), 0
        for entry in found:
            size += len(entry)
            if answer.entries and size > _MOST_ENTRY_BYTES:
                break
            answer.entries.append(entry)
        return answer

    def ListTreeHeads(  # noqa: N802
        self,
        request: ledger_pb2.ListTreeHeadsRequest,
        context: grpc.ServicerContext,  # noqa: ARG002
    ) -> ledger_pb2.ListTreeHeadsResponse:
        """Give the heads that were signed, with who cosigned them."""
        with self._backend.store.read() as connection:
            heads = list_heads(connection, request.from_size, _MOST_HEADS)
            signed = cosignatures_of(connection, [head.size for head in heads])
        messages = [cosigned_message(head, signed.get(head.size, ())) for head in heads]
        return ledger_pb2.ListTreeHeadsResponse(heads=messages)

    def CosignTreeHead(  # noqa: N802
        self, request: ledger_pb2.CosignTreeHeadRequest, context: grpc.ServicerContext
    ) -> ledger_pb2.CosignTreeHeadResponse:
        """Keep the caller's signature over a head."""
        cosign(self._backend, call_of(context), request)
        return ledger_pb2.CosignTreeHeadResponse()

    def ListCosignedHeads(  # noqa: N802
        self,
        request: ledger_pb2.ListCosignedHeadsRequest,  # noqa: ARG002
        context: grpc.ServicerContext,  # noqa: ARG002
    ) -> ledger_pb2.ListCosignedHeadsResponse:
        """Give what each member signed last."""
        with self._backend.store.read() as connection:
            found = newest_cosigned(connection)
        messages = [cosigned_message(head, signed) for head, signed in found]
        return ledger_pb2.ListCosignedHeadsResponse(heads=messages)
