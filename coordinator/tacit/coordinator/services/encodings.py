"""Keyed encodings on their way in."""

from collections.abc import Iterator

import grpc

from tacit.coordinator.backend import Backend, Component
from tacit.coordinator.documents import schema_of
from tacit.coordinator.policy import call_of
from tacit.coordinator.receipts import receipt_message
from tacit.coordinator.record_rules import rules_of
from tacit.coordinator.store.uploads import Upload, find_upload
from tacit.coordinator.uploads import end_upload, start_upload, take_chunk
from tacit.coordinator.withdrawing import withdraw
from tacit.linkage.errors import Code, TacitError
from tacit.v1 import encodings_pb2, encodings_pb2_grpc


def component(backend: Backend) -> Component:
    """Make the encodings service."""
    service = EncodingsService(backend)
    return Component(
        lambda server: encodings_pb2_grpc.add_EncodingsServiceServicer_to_server(service, server)
    )


class EncodingsService(encodings_pb2_grpc.EncodingsServiceServicer):
    """Serves `EncodingsService`."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def StartUpload(  # noqa: N802
        self, request: encodings_pb2.StartUploadRequest, context: grpc.ServicerContext
    ) -> encodings_pb2.StartUploadResponse:
        """Begin an upload, or say where an earlier one stands."""
        upload = start_upload(self._backend, call_of(context), request)
        return encodings_pb2.StartUploadResponse(upload=_message(upload))

    def UploadRecords(  # noqa: N802
        self,
        request_iterator: Iterator[encodings_pb2.UploadRecordsRequest],
        context: grpc.ServicerContext,
    ) -> encodings_pb2.UploadRecordsResponse:
        """Take chunks, each on disk before the next is read."""
        call = call_of(context)
        rules = rules_of(call.agreement, schema_of(call.agreement.schema))
        first = next(request_iterator)
        upload = take_chunk(self._backend, rules, first.upload_id, first)
        for chunk in request_iterator:
            upload = take_chunk(self._backend, rules, first.upload_id, chunk)
        return encodings_pb2.UploadRecordsResponse(upload=_message(upload))

    def GetUpload(  # noqa: N802
        self,
        request: encodings_pb2.GetUploadRequest,
        context: grpc.ServicerContext,  # noqa: ARG002
    ) -> encodings_pb2.GetUploadResponse:
        """Say where an upload stands."""
        with self._backend.store.read() as connection:
            upload = find_upload(connection, request.upload_id)
        if upload is None:
            raise TacitError(Code.NOT_FOUND, what="upload")
        return encodings_pb2.GetUploadResponse(upload=_message(upload))

    def FinishUpload(  # noqa: N802
        self, request: encodings_pb2.FinishUploadRequest, context: grpc.ServicerContext
    ) -> encodings_pb2.FinishUploadResponse:
        """Let a complete upload count."""
        upload = end_upload(self._backend, call_of(context), request)
        return encodings_pb2.FinishUploadResponse(upload=_message(upload))

    def WithdrawRecords(  # noqa: N802
        self, request: encodings_pb2.WithdrawRecordsRequest, context: grpc.ServicerContext
    ) -> encodings_pb2.WithdrawRecordsResponse:
        """Erase records of the caller's, with a receipt."""
        receipt = withdraw(self._backend, call_of(context), request)
        return encodings_pb2.WithdrawRecordsResponse(receipt=receipt_message(receipt))


def _message(upload: Upload) -> encodings_pb2.Upload:
    return encodings_pb2.Upload(
        upload_id=upload.id,
        record_count=upload.record_count,
        committed=upload.committed,
        finished=upload.finished,
        ledger_index=upload.ledger_index or 0,
    )
