"""Uploads on their way, with the very bytes that are sent, so that they can go on."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select, update

from tacit.node.store.rows import every, one, put, put_all
from tacit.node.store.sent import keep_sent
from tacit.node.store.tables import upload_records, uploads


@dataclass(frozen=True, slots=True)
class StoredUpload:
    """An upload.

    Attributes:
        digest: what StartUpload announces, 32 bytes.
        upload_id: given by the coordinator; empty before it was asked.
        committed: records known to be on the coordinator's disk.
        root: Merkle root over the claim commitments, 32 bytes.
        content: hash of what was encoded, to see that nothing changed since.
        finished_at: None while it is on its way.
        ledger_index: its entry in the ledger, once finished.
        base_upload_id: of the upload that this one changes; empty where it is sent whole.
        travelling: records that travel; None where all do.
    """

    digest: bytes
    project_id: str
    upload_id: str
    epoch: int
    record_count: int
    committed: int
    root: bytes
    started_at: int
    content: bytes
    finished_at: int | None = None
    ledger_index: int | None = None
    base_upload_id: str = ""
    travelling: int | None = None

    @property
    def expected(self) -> int:
        """How many records travel."""
        return self.record_count if self.travelling is None else self.travelling


@dataclass(frozen=True, slots=True)
class StoredUploadRecord:
    """One record of an unfinished upload, serialised.

    Attributes:
        hash: of all that the record is made from; empty where the record leaves the upload.
    """

    digest: bytes
    position: int
    token: bytes
    payload: bytes
    hash: bytes | None = None


def put_upload(connection: Connection, upload: StoredUpload) -> None:
    """Keep an upload's state."""
    put(connection, uploads, upload)


def latest_upload(connection: Connection, project_id: str) -> StoredUpload | None:
    """Give the project's latest upload, finished or not."""
    query = (
        select(uploads)
        .where(uploads.c.project_id == project_id)
        .order_by(uploads.c.started_at.desc(), uploads.c.digest)
        .limit(1)
    )
    return one(connection, query, StoredUpload)


def list_uploads(connection: Connection, project_id: str) -> Sequence[StoredUpload]:
    """Give all uploads of a project, oldest first."""
    query = select(uploads).where(uploads.c.project_id == project_id).order_by(uploads.c.started_at)
    return every(connection, query, StoredUpload)


def put_upload_records(connection: Connection, items: Iterable[StoredUploadRecord]) -> None:
    """Keep the bytes of an upload until it is finished."""
    put_all(connection, upload_records, items)


def iter_upload_records(
    connection: Connection, digest: bytes, start: int = 0
) -> Iterator[StoredUploadRecord]:
    """Give an upload's records from position `start` on, in order."""
    query = (
        select(upload_records)
        .where(upload_records.c.digest == digest, upload_records.c.position >= start)
        .order_by(upload_records.c.position)
    )
    for row in connection.execute(query):
        yield StoredUploadRecord(row.digest, row.position, row.token, row.payload, row.hash)


def finish_upload(connection: Connection, digest: bytes, now: int, ledger_index: int) -> None:
    """Note that an upload is entered in the ledger, and let its bytes go."""
    connection.execute(
        update(uploads)
        .where(uploads.c.digest == digest)
        .values(finished_at=now, ledger_index=ledger_index, committed=uploads.c.record_count)
    )
    keep_sent(connection, digest)
    drop_upload_records(connection, digest)


def drop_old_upload_records(connection: Connection, project_id: str, epoch: int) -> None:
    """Let the bytes of uploads of earlier epochs go: they will never be finished."""
    old = select(uploads.c.digest).where(
        uploads.c.project_id == project_id, uploads.c.epoch < epoch
    )
    connection.execute(delete(upload_records).where(upload_records.c.digest.in_(old)))


def drop_upload_records(connection: Connection, digest: bytes) -> None:
    """Let an upload's bytes go."""
    connection.execute(delete(upload_records).where(upload_records.c.digest == digest))
