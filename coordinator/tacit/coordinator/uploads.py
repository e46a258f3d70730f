"""Taking in a member's encodings: begin, chunks, end."""

import secrets
from collections.abc import Iterator, Sequence
from hashlib import sha256

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from tacit.coordinator.backend import Backend
from tacit.coordinator.epochs import same_epoch
from tacit.coordinator.policy import Call
from tacit.coordinator.record_rules import RecordRules, record_from, record_message
from tacit.coordinator.signatures import verify
from tacit.coordinator.store.composing import base_state, make_whole, whole_commitments
from tacit.coordinator.store.decisions import forget_withdrawn
from tacit.coordinator.store.uploads import (
    Finish,
    Upload,
    add_records,
    add_upload,
    drop_upload,
    find_upload,
    finish_upload,
    live_uploads,
    read_records,
)
from tacit.linkage import merkle, statements
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.protocol import CHUNK_RECORDS
from tacit.v1 import encodings_pb2

_DIGEST_BYTES = 32


def start_upload(backend: Backend, call: Call, request: encodings_pb2.StartUploadRequest) -> Upload:
    """Begin an upload, or give the one with this digest that was begun or finished before.

    An unfinished upload of other content is given up.

    Raises:
        TacitError: MALFORMED; EPOCH_ENDED, the records are encoded with another epoch's key;
            NOT_FOUND, the upload that this one would change counts no longer.
    """
    if len(request.digest) != _DIGEST_BYTES:
        raise _malformed(f"'digest' must have {_DIGEST_BYTES} bytes.")
    if max(request.record_count, request.travelling) > backend.limits.upload_records:
        most = backend.limits.upload_records
        raise _malformed(f"'record_count' must not exceed {most}.")
    if request.epoch > call.project.epoch:
        raise _malformed("'epoch' is not the agreement's.")
    if request.epoch < call.project.epoch:
        raise TacitError(Code.EPOCH_ENDED, epoch=request.epoch)
    with backend.store.write() as connection:
        same_epoch(connection, call, backend.now())
        live = live_uploads(connection, call.project.id, call.member.id)
        for earlier in live:
            if earlier.digest == request.digest:
                return _same(earlier, request)
        base = _base(live, call, request)
        for earlier in live:
            if not earlier.finished:
                drop_upload(connection, earlier.id)
        upload = Upload(
            f"u{secrets.token_hex(8)}",
            call.project.id,
            call.member.id,
            call.project.agreement_hash,
            request.epoch,
            request.digest,
            request.record_count,
            backend.now(),
            base_id=base,
            travelling=None if base is None else request.travelling,
        )
        add_upload(connection, upload)
    return upload


def _same(earlier: Upload, request: encodings_pb2.StartUploadRequest) -> Upload:
    announced = (request.record_count, request.base_upload_id or None)
    if (earlier.record_count, earlier.base_id) != announced:
        raise _malformed("'record_count' is not what was announced before.")
    return earlier


def _base(
    live: Sequence[Upload], call: Call, request: encodings_pb2.StartUploadRequest
) -> str | None:
    if not request.base_upload_id:
        return None
    now = (call.project.agreement_hash, request.epoch)
    for upload in live:
        same = upload.finished and (upload.agreement_hash, upload.epoch) == now
        if same and upload.id == request.base_upload_id:
            return upload.id
    raise TacitError(Code.NOT_FOUND, what="base upload")


def take_chunk(
    backend: Backend,
    rules: RecordRules,
    upload_id: str,
    chunk: encodings_pb2.UploadRecordsRequest,
) -> Upload:
    """Check a chunk and commit it.

    Returns:
        The upload with the chunk on disk.

    Raises:
        TacitError: OFFSET_MISMATCH, MALFORMED (naming the record's position and field).
    """
    if not 0 < len(chunk.records) <= CHUNK_RECORDS:
        raise _malformed(f"a chunk must hold 1 to {CHUNK_RECORDS} records.")
    with backend.store.read() as connection:
        changes = _found(connection, upload_id).base_id is not None
    for position, message in enumerate(chunk.records, chunk.offset):
        (rules.check_change if changes else rules.check)(position, message)
    rows = [record_from(message) for message in chunk.records]
    try:
        with backend.store.write() as connection:
            upload = _unfinished(connection, upload_id, chunk.offset)
            if chunk.offset + len(rows) > upload.expected:
                raise _malformed("there are more records than were announced.")
            add_records(connection, upload, chunk.offset, rows)
            return _found(connection, upload_id)
    except IntegrityError as error:
        raise _malformed("two records have the same token.") from error


def end_upload(backend: Backend, call: Call, request: encodings_pb2.FinishUploadRequest) -> Upload:
    """Check what arrived against what was announced and signed, and let it count.

    Replacing the member's earlier upload and the ledger entry are one transaction.

    Raises:
        TacitError: OFFSET_MISMATCH, records are missing; DIGEST_MISMATCH, they are not the ones
            announced (then they are dropped) or not under the root; SIGNATURE_INVALID.
    """
    with backend.store.read() as connection:
        upload = _found(connection, request.upload_id)
        if _is_done(upload, request):
            return upload
        _unfinished(connection, upload.id, upload.expected)
        base = base_state(connection, upload)
        digest, root = _digest(connection, upload), _root(connection, upload)
    if digest != upload.digest:
        with backend.store.write() as connection:
            drop_upload(connection, upload.id)
        raise TacitError(Code.DIGEST_MISMATCH, "digest")
    if root != (request.root, upload.record_count):
        raise TacitError(Code.DIGEST_MISMATCH, "root")
    statement = statements.upload(call.project.agreement_hash, upload.record_count, request.root)
    verify(call.member.signing_key, request.signature, statement)
    with backend.store.write() as connection:
        same_epoch(connection, call, backend.now())
        latest = _found(connection, upload.id)
        if _is_done(latest, request):
            # A node whose line broke asks again while its first request is still being worked on.
            return latest
        _unfinished(connection, upload.id, upload.expected)
        if base_state(connection, upload) != base:
            raise TacitError(Code.DIGEST_MISMATCH, "base")
        if upload.base_id is not None:
            make_whole(connection, upload)
        _commit(backend, connection, upload, request)
        return _found(connection, upload.id)


def _is_done(upload: Upload, request: encodings_pb2.FinishUploadRequest) -> bool:
    """Say whether just this was asked before, and done."""
    asked = request.root, request.signature
    return upload.finished and (upload.root, upload.signature) == asked


def _commit(
    backend: Backend,
    connection: Connection,
    upload: Upload,
    request: encodings_pb2.FinishUploadRequest,
) -> None:
    now = backend.now()
    index = backend.ledger.append(
        connection,
        "upload",
        now,
        project=upload.project_id,
        member=upload.member_id,
        agreement=upload.agreement_hash.hex(),
        upload=upload.id,
        epoch=upload.epoch,
        records=upload.record_count,
        root=request.root.hex(),
        signature=request.signature.hex(),
    )
    finish_upload(connection, upload, Finish(request.root, request.signature, now, index))
    forget_withdrawn(connection, upload.project_id, upload.member_id)


def _digest(connection: Connection, upload: Upload) -> bytes:
    """Compute the digest of what came, as the protocol defines it."""
    digest = sha256()
    for record in read_records(connection, upload):
        serial = record_message(record).SerializeToString(deterministic=True)
        digest.update(len(serial).to_bytes(4, "big") + serial)
    return digest.digest()


def _root(connection: Connection, upload: Upload) -> tuple[bytes, int]:
    """Compute the root over the whole upload; gives the number of its records too."""
    commitments: Iterator[bytes]
    if upload.base_id is None:
        commitments = (record.claim_commitment for record in read_records(connection, upload))
    else:
        commitments = whole_commitments(connection, upload)
    leaves = [merkle.leaf_hash(commitment) for commitment in commitments]
    return merkle.root(leaves), len(leaves)


def _unfinished(connection: Connection, upload_id: str, offset: int) -> Upload:
    upload = _found(connection, upload_id)
    if upload.superseded and not upload.finished:
        # Its epoch ended while it was under way.
        raise TacitError(Code.EPOCH_ENDED, epoch=upload.epoch)
    if upload.finished or upload.committed != offset:
        raise TacitError(Code.OFFSET_MISMATCH, committed=upload.committed)
    return upload


def _found(connection: Connection, upload_id: str) -> Upload:
    upload = find_upload(connection, upload_id)
    if upload is None:
        raise TacitError(Code.NOT_FOUND, what="upload")
    return upload


def _malformed(problem: str) -> TacitError:
    return TacitError(Code.MALFORMED, problem=problem)
