"""Bring an upload to the coordinator, from wherever the last attempt ended.

What is sent lies in the store, byte for byte, from before the first record leaves until the upload
is entered in the ledger. So whatever is cut off, node, network or coordinator, the next attempt
goes on at the record at which the coordinator's disk stands.
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from tacit.linkage import statements
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.protocol import CHUNK_RECORDS
from tacit.node.client.retry import is_transient, pause
from tacit.node.client.session import LONG, Session
from tacit.node.context import BoundProject, Member
from tacit.node.store.base import Store
from tacit.node.store.sent import forget_sent
from tacit.node.store.uploads import (
    StoredUpload,
    finish_upload,
    iter_upload_records,
    put_upload,
)
from tacit.node.store.withdrawals import drop_uploads
from tacit.node.times import now_ms
from tacit.v1 import encodings_pb2 as encodings

STREAM_RECORDS = 20 * CHUNK_RECORDS
"""Most records in one stream: what is lost of a deadline or of a count when it breaks."""

_ASK_AGAIN = {Code.OFFSET_MISMATCH, Code.NOT_FOUND}

Progress = Callable[[int, int], None]
"""Is told how many records are at the coordinator, of how many."""


@dataclass(frozen=True, slots=True)
class Way:
    """What stays the same while an upload is on its way: from whom, to whom, and who is told."""

    session: Session
    store: Store
    member: Member
    project: BoundProject
    progress: Progress


def send_upload(way: Way, upload: StoredUpload) -> StoredUpload:
    """Send what is missing of a stored upload, sign it and see it entered in the ledger.

    Returns:
        The upload as finished.

    Raises:
        TacitError: UNAVAILABLE once patience ends; the upload stays in the store and goes on
            later. DIGEST_MISMATCH where the coordinator holds something else, NOT_FOUND where it
            does not hold what the upload builds on: see `must_be_whole`.
    """
    state = _start(way, upload)
    upload = replace(upload, upload_id=state.upload_id, committed=state.committed)
    with way.store.write() as connection:
        put_upload(connection, upload)
    if not state.finished:
        upload = _send_all(way, upload)
        state = _finish(way, upload)
    with way.store.write() as connection:
        finish_upload(connection, upload.digest, now_ms(), state.ledger_index)
    way.progress(upload.expected, upload.expected)
    return replace(
        upload,
        committed=upload.record_count,
        finished_at=now_ms(),
        ledger_index=state.ledger_index,
    )


def must_be_whole(upload: StoredUpload, error: TacitError) -> bool:
    """Say whether an upload failed because the coordinator's base is not the one it builds on."""
    return bool(upload.base_upload_id) and error.code in {Code.NOT_FOUND, Code.DIGEST_MISMATCH}


def forget_base(store: Store, upload: StoredUpload) -> None:
    """Give an upload of changes up, so that the next one is sent whole."""
    with store.write() as connection:
        drop_uploads(connection, [upload.digest])
        forget_sent(connection, upload.project_id)


def _start(way: Way, upload: StoredUpload) -> encodings.Upload:
    request = encodings.StartUploadRequest(
        project_id=way.project.id,
        agreement_hash=way.project.agreement_hash,
        epoch=upload.epoch,
        record_count=upload.record_count,
        digest=upload.digest,
        base_upload_id=upload.base_upload_id,
        travelling=upload.travelling or 0,
    )
    return way.session.ask(way.session.encodings.StartUpload, request).upload


def _send_all(way: Way, upload: StoredUpload) -> StoredUpload:
    waits = way.session.policy.waits()
    while upload.committed < upload.expected:
        way.progress(upload.committed, upload.expected)
        before = upload.committed
        failure: TacitError | None = None
        try:
            upload = replace(upload, committed=_send_some(way, upload))
        except TacitError as error:
            if not is_transient(error) and error.code not in _ASK_AGAIN:
                raise
            failure = error
            # Starting it again finds out where it stands, and begins anew one that is gone.
            state = _start(way, upload)
            upload = replace(upload, upload_id=state.upload_id, committed=state.committed)
        if upload.committed > before:
            # Progress earns new patience.
            waits = way.session.policy.waits()
        elif failure is not None:
            wait = next(waits, None)
            if wait is None:
                raise failure
            pause(way.session.policy, wait, failure)
    return upload


def _send_some(way: Way, upload: StoredUpload) -> int:
    # Read in full before the call: gRPC draws from the iterator in a thread of its own, and may
    # let go of it half-way, with a database connection inside.
    requests = list(_requests(way, upload))

    def announced() -> Iterator[encodings.UploadRecordsRequest]:
        for request in requests:
            yield request
            way.progress(request.offset + len(request.records), upload.expected)

    answer = way.session.once(way.session.encodings.UploadRecords, announced(), LONG)
    return answer.upload.committed


def _requests(way: Way, upload: StoredUpload) -> Iterator[encodings.UploadRecordsRequest]:
    offset = upload.committed
    stop = min(offset + STREAM_RECORDS, upload.expected)
    with way.store.read() as connection:
        records = iter_upload_records(connection, upload.digest, offset)
        for start in range(offset, stop, CHUNK_RECORDS):
            chunk = itertools.islice(records, min(CHUNK_RECORDS, stop - start))
            yield encodings.UploadRecordsRequest(
                project_id=way.project.id,
                agreement_hash=way.project.agreement_hash,
                upload_id=upload.upload_id,
                offset=start,
                records=[encodings.EncodedRecord.FromString(item.payload) for item in chunk],
            )


def _finish(way: Way, upload: StoredUpload) -> encodings.Upload:
    statement = statements.upload(way.project.agreement_hash, upload.record_count, upload.root)
    request = encodings.FinishUploadRequest(
        project_id=way.project.id,
        agreement_hash=way.project.agreement_hash,
        upload_id=upload.upload_id,
        root=upload.root,
        signature=way.member.keys.signing.sign(statement),
    )
    return way.session.ask(way.session.encodings.FinishUpload, request, LONG).upload
